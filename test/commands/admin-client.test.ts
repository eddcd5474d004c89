import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AdminClient, adminByUrl, nameActor, openLocal } from '../../src/commands/admin-client.ts';
import { CordonError } from '../../src/errors.ts';

const STATUS = { method: 'GET', path: ['status'] } as const;
let server: Server | undefined;

async function serve(status: number, body: string): Promise<string> {
  server = createServer((_request, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

afterEach(async () => {
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

test('who types a command is named by the user name, and by the number where the system has no name for it', () => {
  const nameless = (): never => {
    throw new Error('uv_os_get_passwd returned ENOENT');
  };

  expect(nameActor(() => ({ username: 'ada' }), 1000)).toBe('ada');
  expect(nameActor(() => ({ username: 'жан' }), 1000)).toBe('???');
  expect(nameActor(nameless, 10001)).toBe('user 10001');
});

describe('a server given by its URL', () => {
  test.each(['nonsense', 'ftp://pypi.example.com', 'http://'])('is not %s', (url) => {
    expect(() => adminByUrl(url, 'token')).toThrow('is not the URL of a server');
  });

  test('that cannot be reached is said in a sentence', async () => {
    const asked = adminByUrl('http://127.0.0.1:1', 'token').ask(STATUS);

    await expect(asked).rejects.toMatchObject({
      code: 'UPSTREAM_DOWN',
      message: 'http://127.0.0.1:1 cannot be reached',
    });
  });

  test('that has no admin API says what is missing there', async () => {
    const url = await serve(404, '{"title":"Not found","detail":"there is nothing here"}');

    await expect(adminByUrl(url, 'token').ask(STATUS)).rejects.toThrow('that server has no admin.tokens');
  });

  test('that does not know what was named says so itself', async () => {
    const url = await serve(404, '{"code":"NOT_FOUND","detail":"there is no entry f00"}');

    await expect(adminByUrl(url, 'token').ask(STATUS)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'there is no entry f00',
    });
  });
});

describe('the data folder of this machine', () => {
  const client = (name: string): AdminClient => ({ name, ask: async () => ({}), close: async () => {} });
  const held = new CordonError('CONFLICT', 'in use by another Cordon');
  let pauses = 0;
  const pause = async (): Promise<void> => {
    pauses += 1;
  };
  beforeEach(() => {
    pauses = 0;
  });

  test('a server in the middle of its start is waited for', async () => {
    const opened = await openLocal({
      findServer: async () => (pauses < 3 ? undefined : client('the server')),
      openFolder: () => Promise.reject(held),
      pause,
    });

    expect(opened.name).toBe('the server');
  });

  test('another command is waited for, and then the folder is opened', async () => {
    const opened = await openLocal({
      findServer: async () => undefined,
      openFolder: async () => (pauses < 2 ? Promise.reject(held) : client('the folder')),
      pause,
    });

    expect(opened.name).toBe('the folder');
  });

  test.each([
    ['who holds it for long is named', held, 9],
    ['any other failure is told at once', new CordonError('STORE_DOWN', 'there is none'), 0],
  ])('%s', async (_case, failure, waits) => {
    const opening = openLocal({
      findServer: async () => undefined,
      openFolder: () => Promise.reject(failure),
      pause,
    });

    await expect(opening).rejects.toBe(failure);
    expect(pauses).toBe(waits);
  });
});
