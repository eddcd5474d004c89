import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AdminRequest } from '../../src/admin/admin-request.ts';
import { adminBySocket } from '../../src/commands/admin-client.ts';
import { CordonError } from '../../src/errors.ts';
import {
  type ControlServer,
  controlSocketPath,
  isControlAlive,
  openControlServer,
} from '../../src/http/control-server.ts';
import { silentLog } from '../fakes/silent-log.ts';

let folder: string;
let socketPath: string;
let server: ControlServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-control-'));
  socketPath = controlSocketPath(folder);
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

async function open(answer: (request: AdminRequest) => unknown): Promise<void> {
  server = await openControlServer(socketPath, {
    answer: async (request) => ({ status: 200, value: answer(request) }),
    log: silentLog,
  });
}

test('a question reaches the resources with its path, query, body and actor', async () => {
  await open((request) => request);

  const asked = await adminBySocket(socketPath).ask({
    method: 'POST',
    path: ['entries', 'a/b c'],
    query: { reason: 'so & so' },
    body: { effect: 'deny' },
  });

  expect(asked).toMatchObject({
    method: 'POST',
    path: ['entries', 'a/b c'],
    query: { reason: 'so & so' },
    body: { effect: 'deny' },
    isLocal: true,
  });
  expect((asked as AdminRequest).actor).toMatch(/^cli:/);
});

test('only its owner can open the socket', async () => {
  await open(() => 1);

  expect(statSync(socketPath).mode & 0o777).toBe(0o600);
});

test('a failure reaches the CLI with its code; a bug without its text', async () => {
  await open((request) => {
    throw request.path[0] === 'bug' ? new Error('secret detail') : new CordonError('CONFLICT', 'no, because');
  });
  const admin = adminBySocket(socketPath);

  await expect(admin.ask({ method: 'GET', path: ['x'] })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'no, because',
  });
  await expect(admin.ask({ method: 'GET', path: ['bug'] })).rejects.toMatchObject({
    message: expect.not.stringContaining('secret') as string,
  });
});

test('the socket of a server that died is replaced', async () => {
  await open(() => 'first');
  const dead = server;
  // As after SIGKILL: the file stays, nobody listens.
  await dead?.close();
  server = undefined;
  const { createServer } = await import('node:net');
  const leftover = createServer();
  await new Promise<void>((resolve) => leftover.listen(socketPath, resolve));
  expect(await isControlAlive(socketPath)).toBe(true);
  await new Promise((resolve) => leftover.close(resolve));

  await open(() => 'second');

  expect(await adminBySocket(socketPath).ask({ method: 'GET', path: ['x'] })).toBe('second');
});

test('a file that is no socket is left alone', async () => {
  writeFileSync(socketPath, 'mine');

  await expect(open(() => 1)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  expect(await isControlAlive(socketPath)).toBe(false);
});

test('a data folder with a very long path gets a socket elsewhere', async () => {
  const deep = join(folder, 'a'.repeat(120));
  mkdirSync(deep);
  socketPath = controlSocketPath(deep);

  await open(() => 'deep');

  expect(socketPath).not.toContain(deep);
  expect(await adminBySocket(socketPath).ask({ method: 'GET', path: ['x'] })).toBe('deep');
});

test('a data folder that cannot be looked into is said in a sentence', async () => {
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('loop', join(folder, 'loop'));

  for (const name of ['file', 'loop']) {
    await expect(isControlAlive(join(folder, name, 'control.sock'))).rejects.toMatchObject({
      code: 'STORE_DOWN',
      message: expect.stringContaining(`${join(folder, name)} cannot be looked into`) as string,
    });
  }
  expect(await isControlAlive(join(folder, 'none', 'control.sock'))).toBe(false);
});

// the superuser may look everywhere
test.skipIf(process.getuid?.() === 0)('the data folder of somebody else is said to be one', async () => {
  const foreign = join(folder, 'foreign');
  mkdirSync(foreign, { mode: 0 });

  await expect(isControlAlive(join(foreign, 'control.sock'))).rejects.toThrow('as the user that runs the server');
});
