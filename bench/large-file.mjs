// node bench/large-file.mjs [--gb 2.5] [--mb-per-second 25] [--pip PYTHON]… [--uv UV] [--keep]
// Real installers with their default settings fetch one very large wheel through an empty Cordon whose upstream is slow.
// Prints for each: exit code, time, what Cordon fetched, and the peak memory of server and scan children. Needs dist/.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { peakMemory, startCordon } from './support/contestants.mjs';
import { describeLargeWheel } from './support/large-wheel.mjs';

const { values: options } = parseArgs({
  options: {
    gb: { type: 'string', default: '2.5' },
    'mb-per-second': { type: 'string', default: '25' },
    pip: { type: 'string', multiple: true, default: [] },
    uv: { type: 'string' },
  },
});
const bytesPerSecond = Number(options['mb-per-second']) * 1e6;

/** Writes a wheel at the given rate, never more than a tenth of a second ahead of it. */
async function drip(wheel, response) {
  const startedAt = performance.now();
  let sent = 0;
  for (const chunk of wheel.read()) {
    if (response.destroyed) return;
    sent += chunk.length;
    if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    const aheadMs = (sent / bytesPerSecond) * 1000 - (performance.now() - startedAt);
    if (aheadMs > 100) await sleep(aheadMs);
  }
  response.end();
}

async function startSlowIndex(project, wheel) {
  const counts = { page: 0, file: 0, metadata: 0 };
  const page = JSON.stringify({
    meta: { 'api-version': '1.1' },
    name: project,
    versions: ['1.0'],
    files: [
      {
        filename: wheel.filename,
        url: `/packages/${wheel.filename}`,
        hashes: { sha256: wheel.sha256 },
        size: wheel.sizeBytes,
        'upload-time': '2024-01-01T00:00:00Z',
      },
    ],
  });
  const server = createServer((request, response) => {
    const path = request.url.split('?')[0];
    if (path === `/simple/${project}/`) {
      counts.page += 1;
      response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' }).end(page);
    } else if (path === `/packages/${wheel.filename}`) {
      counts.file += 1;
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': wheel.sizeBytes });
      drip(wheel, response).catch(() => response.destroy());
    } else {
      counts.metadata += path.endsWith('.metadata') ? 1 : 0;
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, counts, close: () => server.close() };
}

function run(command, args, env) {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text, seconds: (performance.now() - startedAt) / 1000 }));
  });
}

function folderBytes(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}

async function install(name, project, wheel, argsOf) {
  const upstream = await startSlowIndex(project, wheel);
  const cordon = await startCordon({ url: upstream.url });
  const folder = mkdtempSync(join(tmpdir(), 'cordon-large-'));
  let memory = { server: 0, children: [0] };
  const watch = setInterval(() => {
    const now = peakMemory(cordon.pid);
    memory = {
      server: Math.max(memory.server, now.server),
      children: [Math.max(...memory.children, ...now.children, 0)],
    };
  }, 250);
  try {
    const venv = join(folder, 'venv');
    execFileSync('python3', ['-m', 'venv', '--without-pip', venv]);
    const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8', PIP_CONFIG_FILE: '/dev/null' };
    const [command, args] = argsOf(venv, `${cordon.url}/simple/`);
    const ran = await run(command, [...args, project], env);
    const installedBytes = folderBytes(join(venv, 'lib'));
    console.log(
      JSON.stringify({
        client: name,
        exitCode: ran.code,
        seconds: Math.round(ran.seconds),
        installedMB: Math.round(installedBytes / 1e6),
        isWhole: installedBytes >= wheel.sizeBytes - 10_000,
        upstream: upstream.counts,
        peakMiB: { server: memory.server, scanChild: memory.children[0] },
        ...(ran.code === 0 ? {} : { text: ran.text.slice(-2000), log: cordon.log() }),
        retries: (ran.text.match(/Retrying/g) ?? []).length,
      }),
    );
    return ran.code === 0;
  } finally {
    clearInterval(watch);
    rmSync(folder, { recursive: true, force: true });
    await cordon.close();
    upstream.close();
  }
}

const project = 'large-demo';
console.error(`describing a wheel of ${options.gb} GB …`);
const wheel = describeLargeWheel(project, Number(options.gb) * 1e9);
const clients = options.pip.map((python) => [
  execFileSync(python, ['-m', 'pip', '--version']).toString().split(' ').slice(0, 2).join(' '),
  (venv, index) => [
    python,
    ['-m', 'pip', '--python', join(venv, 'bin/python'), 'install', '--disable-pip-version-check', '--index-url', index],
  ],
]);
if (options.uv !== undefined)
  clients.push([
    execFileSync(options.uv, ['--version']).toString().trim(),
    (venv, index) => [
      options.uv,
      ['pip', 'install', '--no-config', '--python', join(venv, 'bin/python'), '--default-index', index],
    ],
  ]);
if (clients.length === 0) {
  console.error('name at least one installer: --pip PYTHON (whose pip is used) or --uv PATH');
  process.exit(2);
}
let isGood = true;
for (const [name, argsOf] of clients) isGood = (await install(name, project, wheel, argsOf)) && isGood;
process.exit(isGood ? 0 : 1);
