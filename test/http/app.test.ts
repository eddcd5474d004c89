import { createServer } from 'node:http';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { createServer as createCordonServer } from '../../src/http/server.ts';
import { MALWARE, UNSCANNED } from '../fakes/fake-judge.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { askRaw, makeHttpWorld } from '../support/http-world.ts';

describe('uploads and other writes', () => {
  test.each([
    ['POST', '/legacy/'],
    ['POST', '/'],
    ['POST', '/simple/'],
    ['POST', '/pypi'],
    ['PUT', '/packages/x'],
    ['DELETE', '/simple/six/'],
    ['PATCH', '/nothing'],
  ])('%s %s is 405 with a plain sentence', async (method, path) => {
    const answer = await askRaw(makeHttpWorld().app, path, { method, body: 'x' });

    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET, HEAD');
    expect(answer.reason).toMatch(/^Cordon: no uploads here/);
    expect(answer.body.toString()).toContain('publish to the index itself');
  });
});

test.each(['/simple/%zz/', '/packages/aa/%ff/six-1.0.tar.gz', '/b/%ff'])(
  '%s is a wrong call, and no failure that calls for anybody',
  async (path) => {
    const errors: string[] = [];
    const log = { ...silentLog, error: (_fields: object, message: string) => void errors.push(message) };

    const answer = await askRaw(makeHttpWorld({}, { log }).app, path);

    expect(answer.status).toBe(400);
    expect(errors).toEqual([]);
  },
);

describe('the address itself', () => {
  test('whoever opens it reads how to point an installer at it', async () => {
    const answer = await askRaw(makeHttpWorld({ publicUrl: 'https://pypi.example/cordon' }).app, '/');

    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.body.toString()).toContain('pip install --index-url https://pypi.example/cordon/simple/ PROJECT');
  });

  test('a Host header that is no host is not repeated', async () => {
    const answer = await askRaw(makeHttpWorld().app, '/', { headers: { host: 'a$(reboot)' } });

    expect(answer.body.toString()).toContain('http://localhost/simple/');
    expect(answer.body.toString()).not.toContain('reboot');
  });
});

describe('behind a reverse proxy', () => {
  test.each(['/cordon/simple/six/', '/simple/six/'])('with a prefix, %s is answered', async (path) => {
    const world = makeHttpWorld({ pathPrefix: '/cordon' });
    await world.announce({ 'six-1.0.tar.gz': {} });

    expect((await askRaw(world.app, path)).status).toBe(200);
  });

  test('redirects keep the prefix of the public URL', async () => {
    const world = makeHttpWorld({ publicUrl: 'https://pypi.example/cordon' });

    expect((await askRaw(world.app, '/simple/Six/')).headers.location).toBe('/cordon/simple/six/');
  });

  test.each(['ht tp', 'javascript', 'x'.repeat(3000)])(
    'a forwarded protocol that is none is plain HTTP (%#)',
    async (proto) => {
      const world = makeHttpWorld({ trustedProxies: ['127.0.0.1'] });

      const answer = await askRaw(world.app, '/simple/Six/', {
        headers: { 'X-Forwarded-Proto': proto, Host: 'a.example' },
      });

      expect(answer.status).toBe(301);
      expect(answer.headers.location).toBe('/simple/six/');
    },
  );

  test('forwarded headers are believed from configured proxies alone', async () => {
    const headers = {
      'X-Forwarded-Host': 'pypi.example',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Prefix': '/mirror',
      'X-Forwarded-For': '192.0.2.9',
      Host: 'inner.example',
    };
    const trusting = makeHttpWorld({ trustedProxies: ['127.0.0.1'] });
    const strict = makeHttpWorld();
    for (const world of [trusting, strict]) await world.announce({ 'six-1.0.tar.gz': { verdict: MALWARE } });
    const path = `/${(await trusting.deps.index.findFile([...(await trusting.deps.index.findProject('six' as never))!.files][0]!.path))!.path}`;

    const believed = await askRaw(trusting.app, path, { headers });
    const ignored = await askRaw(strict.app, path, { headers });

    expect(believed.reason).toContain('See https://pypi.example/mirror/b/');
    expect(trusting.accesses).toMatchObject([{ client: '192.0.2.9' }]);
    expect(ignored.reason).toContain('See http://inner.example/b/');
    expect(strict.accesses).toMatchObject([{ client: '127.0.0.1' }]);
  });

  test('a Host that is none of this world does no harm', async () => {
    const world = makeHttpWorld();
    const files = await world.announce({ 'six-1.0.tar.gz': { verdict: MALWARE } });

    for (const host of ['a:b:c', 'x" onload="', 'evil<script>']) {
      const answer = await askRaw(world.app, `/${files['six-1.0.tar.gz']!.path}`, { headers: { Host: host } });
      expect(answer.reason).toContain('See http://localhost/b/');
    }
  });
});

describe('limits', () => {
  test('beyond the requests of one client the answer is 503 with whole seconds', async () => {
    const world = makeHttpWorld({ maxRequestsPerClient: 2 });
    const files = await world.announce({ 'six-1.0.tar.gz': { verdict: UNSCANNED } });
    const server = createServer(world.app).listen(0, '127.0.0.1');
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let waiting = 0;
    world.intake.onJoin = async () => {
      waiting++;
      await released;
      return { kind: 'waiting', phase: { kind: 'scanning' } };
    };
    const ask = () => request(server).get(`/${files['six-1.0.tar.gz']!.path}`).redirects(0);

    const parked = [ask().then(({ status }) => status), ask().then(({ status }) => status)];
    while (waiting < 2) await new Promise(setImmediate);
    const third = await ask();
    release();

    expect(third.status).toBe(503);
    expect(third.headers['retry-after']).toBe('5');
    expect(await Promise.all(parked)).toEqual([307, 307]);
    expect((await ask()).status).toBe(307);
    server.close();
  });
});

describe('further routes', () => {
  const mounts = [
    {
      path: '/-/people',
      isForPeople: true,
      handler: (_request: unknown, response: { end(text: string): void }) => response.end('hello'),
    },
    {
      path: '/healthz',
      isForPeople: false,
      handler: (_request: unknown, response: { end(text: string): void }) => response.end('ok'),
    },
  ] as never;

  test.each([
    ['localhost:8080', 200],
    ['127.0.0.1', 200],
    ['Allowed.Example:80', 200],
    ['pypi.example', 200],
    ['rebound.evil', 421],
  ])('for people answer under known names: %s gives %i', async (host, status) => {
    const world = makeHttpWorld({ allowedHosts: ['allowed.example'], publicUrl: 'https://pypi.example' }, { mounts });

    expect((await askRaw(world.app, '/-/people', { headers: { Host: host } })).status).toBe(status);
    expect((await askRaw(world.app, '/healthz', { headers: { Host: host } })).status).toBe(200);
  });

  test.each([
    [{ Origin: 'http://localhost' }, 200],
    [{}, 200],
    [{ Origin: 'https://evil.example' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
  ])('take writes from our own pages alone: %o gives %i', async (headers, status) => {
    const world = makeHttpWorld({}, { mounts });

    const answer = await askRaw(world.app, '/-/people', { method: 'POST', headers: { Host: 'localhost', ...headers } });

    expect(answer.status).toBe(status);
  });
});

test('a trusted proxy that is no address stops the start with its name', () => {
  expect(() => makeHttpWorld({ trustedProxies: ['the-proxy'] })).toThrow(/trustedProxies.*the-proxy/);
});

test('no header tells which framework serves', async () => {
  const answer = await askRaw(makeHttpWorld().app, '/nothing');

  expect(answer.status).toBe(404);
  expect(answer.headers['x-powered-by']).toBeUndefined();
});

test('idle connections outlive those of every client', () => {
  const world = makeHttpWorld();
  const server = createCordonServer({ ...world.deps, settings: { ...world.deps.settings, ...SERVER_SETTINGS } });

  expect(server.keepAliveTimeout).toBeGreaterThan(95_000);
  expect(server.headersTimeout).toBeGreaterThan(server.keepAliveTimeout);
});

const SERVER_SETTINGS = {
  pathPrefix: '',
  trustedProxies: [],
  allowedHosts: [],
  cacheBytes: 1_000_000,
  maxHolds: 1,
  maxHoldsPerClient: 1,
  pageWaitBudgetMs: 0,
  listFolder: 'unused',
  listFreshMs: 0,
  listUpstreams: [],
  maxRequests: 1,
  maxRequestsPerClient: 1,
};
