import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { createPoster, type Poster } from '../../src/upstream/post-json.ts';

const servers: Server[] = [];
let poster: Poster | undefined;

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  await poster?.close();
  poster = undefined;
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('a webhook is asked by POST, and anything but 2xx is a failure', async () => {
  const bodies: string[] = [];
  let status = 204;
  const port = await listen(
    createServer((request, response) => {
      void text(request).then((body) => {
        bodies.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers['content-type'] ?? ''} ${body}`);
        response.writeHead(status, { location: '/elsewhere' }).end();
      });
    }),
  );
  const url = `http://127.0.0.1:${String(port)}/hook?key=1`;
  poster = createPoster({});

  await poster.post(url, '{}');
  status = 302;
  await expect(poster.post(url, '{}')).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  status = 500;
  await expect(poster.post(url, '{}')).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });

  expect(bodies).toEqual(Array(3).fill('POST /hook?key=1 application/json {}'));
});

test('a webhook behind the company proxy is reached through it', async () => {
  const bodies: string[] = [];
  const port = await listen(
    createServer((request, response) => {
      void text(request).then((body) => {
        bodies.push(body);
        response.writeHead(200).end();
      });
    }),
  );
  const tunnels: string[] = [];
  const proxy = createServer((_request, response) => response.writeHead(405).end());
  proxy.on('connect', (request, client) => {
    tunnels.push(request.url ?? '');
    const tunnel = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnel.pipe(client).pipe(tunnel);
    });
    for (const socket of [tunnel, client]) socket.on('error', () => undefined);
  });
  poster = createPoster({ proxyUrl: `http://127.0.0.1:${String(await listen(proxy))}` });

  await poster.post('http://chat.example.invalid/hook', '{"a":1}');

  expect(tunnels).toEqual(['chat.example.invalid:80']);
  expect(bodies).toEqual(['{"a":1}']);
});

test('a webhook that nobody listens for is down, without its address in the message', async () => {
  poster = createPoster({});

  const failure: unknown = await poster.post('http://127.0.0.1:1/SECRET', '{}').catch((error: unknown) => error);

  expect(failure).toMatchObject({ code: 'UPSTREAM_DOWN' });
  expect((failure as Error).message).not.toContain('SECRET');
});
