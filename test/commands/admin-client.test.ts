import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { adminByUrl } from '../../src/commands/admin-client.ts';

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
