import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { UpstreamId } from '../../src/pypi/model.ts';
import { MALWARE, UNSCANNED } from '../fakes/fake-judge.ts';
import { askRaw, type HttpWorld, makeHttpWorld } from '../support/http-world.ts';
import { PYPI } from '../support/stored-facts.ts';

const PATH = '/integrity/six/1.0/six-1.0.tar.gz/provenance';
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function withUpstream(handler: Handler, upstream: UpstreamId = PYPI) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    handler(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world: HttpWorld = makeHttpWorld({}, { passThrough: { upstream, origin, timeoutMs: 5_000 } });
  await world.announce({ 'six-1.0.tar.gz': {} });
  return { world, asked, origin };
}

const ok: Handler = (_request, response) => {
  response.writeHead(200, {
    'Content-Type': 'application/vnd.pypi.integrity.v1+json',
    'Set-Cookie': 'a=b',
    'X-Secret': 'inside',
    'Cache-Control': 'max-age=600',
  });
  response.end('{"version":1}');
};

describe('an attestation', () => {
  test('is passed on, with listed headers alone in both directions', async () => {
    const { world, asked } = await withUpstream(ok);

    const answer = await askRaw(world.app, PATH, {
      headers: {
        Accept: 'application/vnd.pypi.integrity.v1+json',
        Authorization: 'Basic c2VjcmV0',
        Cookie: 'session=1',
        Expect: '100-continue',
        'X-Forwarded-For': '10.0.0.1',
      },
    });

    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toBe('{"version":1}');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/vnd.pypi.integrity.v1+json',
      'cache-control': 'max-age=0, must-revalidate',
    });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.headers).not.toHaveProperty('x-secret');
    expect(asked[0]?.url).toBe(PATH);
    expect(Object.keys(asked[0]?.headers ?? {}).sort()).toEqual(['accept', 'connection', 'host', 'user-agent']);
    expect(asked[0]?.headers['user-agent']).toBe('cordon');
  });

  test('is never a page of ours: it may not run, load or be framed', async () => {
    const { world } = await withUpstream((_request, response) => {
      response.writeHead(404, { 'Content-Type': 'text/html', 'Content-Security-Policy': "script-src 'unsafe-inline'" });
      response.end('<script>1</script>');
    });

    const answer = await askRaw(world.app, PATH);

    expect(answer.status).toBe(404);
    expect(answer.headers['content-security-policy']).toBe("default-src 'none'; sandbox; frame-ancestors 'none'");
  });

  test.each([
    ['another spelling of the name', '/integrity/SIX/1.0/six-1.0.tar.gz/provenance?x=1', PATH],
    [
      'a plus sign',
      '/integrity/six/1.0+a/six-1.0+a.tar.gz/provenance',
      '/integrity/six/1.0%2Ba/six-1.0%2Ba.tar.gz/provenance',
    ],
  ])('is asked for under our own writing of %s', async (_name, path, expected) => {
    const { world, asked } = await withUpstream(ok);

    await askRaw(world.app, path);

    expect(asked.map(({ url }) => url)).toEqual([expected]);
  });

  test.each([
    ['/integrity/six/../six-1.0.tar.gz/provenance'],
    ['/integrity/six/..%2f..%2fadmin/six-1.0.tar.gz/provenance'],
    ['/integrity/six/1.0/other-1.0.tar.gz/provenance'],
    ['/integrity/six/1.0/..%2fx.tar.gz/provenance'],
    ['/integrity/-/1.0/six-1.0.tar.gz/provenance'],
    ['/integrity/unknown/1.0/unknown-1.0.tar.gz/provenance'],
    ['/integrity/six/1.0/six-1.0.tar.gz/other'],
    ['/integrity/'],
    ['/rss/other.xml'],
  ])('%s leaves nothing', async (path) => {
    const { world, asked } = await withUpstream(ok);

    expect((await askRaw(world.app, path)).status).toBe(404);
    expect(asked).toEqual([]);
  });

  test('of a refused file is refused, and never asked for', async () => {
    const { world, asked } = await withUpstream(ok);
    world.judge.set('six-1.0.tar.gz', MALWARE);

    const answer = await askRaw(world.app, PATH);

    expect(answer.status).toBe(403);
    expect(answer.body.toString()).toContain('Blocked by Cordon');
    expect(asked).toEqual([]);
  });

  test('is passed on while its file waits for its scan', async () => {
    const { world } = await withUpstream(ok);
    world.judge.set('six-1.0.tar.gz', UNSCANNED);

    expect((await askRaw(world.app, PATH)).status).toBe(200);
  });

  test('of a private name is never asked for', async () => {
    const { world, asked } = await withUpstream(ok);
    world.index.privateNames.add('six');

    expect((await askRaw(world.app, PATH)).status).toBe(404);
    expect((await askRaw(world.app, '/rss/project/six/releases.xml')).status).toBe(404);
    expect(asked).toEqual([]);
  });

  test('of a project that another index owns is never asked for', async () => {
    const { world, asked } = await withUpstream(ok, 'other' as UpstreamId);

    expect((await askRaw(world.app, PATH)).status).toBe(404);
    expect(asked).toEqual([]);
  });

  test('with a body is a bad request, and a write is 405', async () => {
    const { world, asked } = await withUpstream(ok);

    expect((await askRaw(world.app, PATH, { body: 'GET /admin', headers: { 'Content-Length': '10' } })).status).toBe(
      400,
    );
    expect((await askRaw(world.app, PATH, { method: 'POST' })).status).toBe(405);
    expect(asked).toEqual([]);
  });

  test.each([301, 302, 303, 307, 308])('a redirect (%i) becomes a failure without a Location', async (status) => {
    const { world } = await withUpstream((_request, response) => {
      response.writeHead(status, { Location: 'https://evil.invalid/' });
      response.end('moved');
    });

    const answer = await askRaw(world.app, PATH);

    expect(answer.status).toBe(502);
    expect(answer.headers.location).toBeUndefined();
    expect(answer.body.toString()).not.toContain('evil');
  });

  test('404 of the index stays 404, 500 becomes 502', async () => {
    const absent = await withUpstream((_request, response) => response.writeHead(404).end('{}'));
    const broken = await withUpstream((_request, response) => response.writeHead(500).end('trace'));

    expect((await askRaw(absent.world.app, PATH)).status).toBe(404);
    const failure = await askRaw(broken.world.app, PATH);
    expect(failure.status).toBe(502);
    expect(failure.body.toString()).not.toContain('trace');
  });

  test.each([
    ['a reason phrase with control characters', 'HTTP/1.1 200 O\x01\x1b[2JK'],
    ['a status that HTTP does not know', 'HTTP/1.1 099 Odd'],
    ['a protocol that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x'],
  ])('%s harms nobody', async (_what, head) => {
    const { world } = await withUpstream((request) => {
      request.socket.end(`${head}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`, 'latin1');
    });

    const answer = await askRaw(world.app, PATH);

    expect([200, 502, 504]).toContain(answer.status);
    expect(answer.reason).toMatch(/^[\x20-\x7e]*$/);
  });

  test('a connection that breaks becomes a failure', async () => {
    const { world } = await withUpstream((request) => request.socket.destroy());

    expect([502, 504]).toContain((await askRaw(world.app, PATH)).status);
  });
});

test.each(['/rss/packages.xml', '/rss/updates.xml', '/rss/project/six/releases.xml'])(
  '%s is passed on',
  async (path) => {
    const { world, asked } = await withUpstream((_request, response) => response.end('<rss/>'));

    const answer = await askRaw(world.app, path);

    expect(answer.body.toString()).toBe('<rss/>');
    expect(asked.map(({ url }) => url)).toEqual([path]);
  },
);

describe('the releases feed of a project', () => {
  const FEED = '/rss/project/six/releases.xml';

  test('is refused when none of its files may be used', async () => {
    const { world, asked } = await withUpstream(ok);
    await world.announce({ 'six-1.0.tar.gz': { verdict: MALWARE }, 'six-1.1.tar.gz': { verdict: MALWARE } });

    expect((await askRaw(world.app, FEED)).status).toBe(403);
    expect(asked).toEqual([]);
  });

  test('is passed on while one of them may', async () => {
    const { world } = await withUpstream(ok);
    await world.announce({ 'six-1.0.tar.gz': { verdict: MALWARE }, 'six-1.1.tar.gz': {} });

    expect((await askRaw(world.app, FEED)).status).toBe(200);
  });
});
