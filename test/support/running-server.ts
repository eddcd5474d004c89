// A real Cordon for the end-to-end tests: the built command, its own data folder, a fake index upstream.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FakePypi } from '../fakes/fake-pypi.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface RunningServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** `<url>/simple/` */
  readonly index: string;
  readonly dataFolder: string;
  /** everything it printed so far */
  log(): string;
  /** Runs `cordon …` against this server, as an administrator on this machine would. */
  cli(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly text: string }>;
  /** Stops it as an administrator would, and starts it again on the same data folder and port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function untilReady(url: string, child: ChildProcess, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`cordon serve ended with ${child.exitCode}:\n${log()}`);
    try {
      const answer = await fetch(`${url}/readyz`);
      if (answer.ok) return;
    } catch {
      // not listening yet
    }
    await sleep(100);
  }
  throw new Error(`cordon serve did not become ready:\n${log()}`);
}

/**
 * @param settings keys of config/default.yaml that differ, merged over an upstream of `pypi` and a feed that is off
 * @param run scanChild: a module that the scan children run instead of the built one
 */
export async function startServer(
  pypi: FakePypi,
  settings: Readonly<Record<string, unknown>> = {},
  run: { readonly scanChild?: string } = {},
): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-e2e-'));
  const port = await freePort();
  const config = join(folder, 'cordon.yaml');
  const dataFolder = join(folder, 'data');
  // JSON is YAML.
  await writeFile(
    config,
    JSON.stringify({
      listen: { host: '127.0.0.1', port },
      dataFolder,
      upstreams: [{ id: 'pypi', url: pypi.url, fileOrigins: [pypi.fileOrigin], allowPrivateAddresses: true }],
      feeds: { osv: { enabled: false } },
      log: { level: 'debug', format: 'json' },
      ...settings,
    }),
  );
  const cliPath = join(root, 'dist', 'cli.js');
  const serve =
    run.scanChild === undefined
      ? [cliPath, 'serve', '--config', config]
      : [join(root, 'test', 'support', 'serve-with-child.mjs'), config, run.scanChild];
  let text = '';
  const url = `http://127.0.0.1:${port}`;
  const launch = async (): Promise<ChildProcess> => {
    const started = spawn(process.execPath, serve, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    try {
      await untilReady(url, started, () => text);
    } catch (error) {
      started.kill('SIGKILL');
      throw error;
    }
    return started;
  };
  let child = await launch();
  const stop = async (): Promise<void> => {
    const stopping = child;
    const exited = new Promise((resolve) => stopping.once('exit', resolve));
    stopping.kill('SIGTERM');
    await Promise.race([exited, sleep(8000).then(() => stopping.kill('SIGKILL'))]);
  };
  return {
    url,
    index: `${url}/simple/`,
    dataFolder,
    log: () => text,
    cli: (...args) =>
      new Promise((resolve) => {
        execFile(
          process.execPath,
          [cliPath, ...args, '--config', config],
          { cwd: folder, env: { ...process.env, NO_COLOR: '1' } },
          (error, stdout, stderr) =>
            resolve({
              exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : -1,
              text: stdout + stderr,
            }),
        );
      }),
    restart: async () => {
      await stop();
      child = await launch();
    },
    close: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
