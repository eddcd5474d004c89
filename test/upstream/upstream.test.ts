import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProjectName } from '../../src/pypi/model.ts';
import type { UpstreamConfig } from '../../src/upstream/config.ts';
import { createUpstream, type Upstream, type UpstreamSeams } from '../../src/upstream/upstream.ts';
import { type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { makeUpstreamConfig } from '../support/upstream-config.ts';

const SIX = 'six' as ProjectName;
const BYTES = Buffer.alloc(200_000, 'six');
const never = new AbortController().signal;
/** retries without waiting */
const hasty: UpstreamSeams = { sleep: () => Promise.resolve(), random: () => 0 };

let fake: FakePypi;
let opened: Upstream[] = [];

function open(change: Partial<UpstreamConfig> = {}, seams: UpstreamSeams = hasty): Upstream {
  const upstream = createUpstream(makeUpstreamConfig(fake, change), seams);
  opened.push(upstream);
  return upstream;
}

beforeEach(async () => {
  fake = await startFakePypi({ separateFileOrigin: true });
  fake.addFile('six', {
    filename: 'six-1.0.tar.gz',
    bytes: BYTES,
    metadata: 'Metadata-Version: 2.1\nName: six\n',
    yanked: 'broken',
    requiresPython: '>=3.8',
  });
});

afterEach(async () => {
  await Promise.all(opened.map((upstream) => upstream.close()));
  opened = [];
  await fake.close();
});

describe('a provenance document', () => {
  const path = '/integrity/six/1.0/six-1.0.tar.gz/provenance';

  test('is read as JSON, and is undefined where there is none', async () => {
    const upstream = open();

    expect(await upstream.fetchProvenance(`${fake.origin}${path}`)).toEqual({ version: 1, attestation_bundles: [] });
    expect(fake.requests[0]?.headers['accept']).toMatch(/^application\/vnd\.pypi\.integrity\.v1\+json/);
    expect(await upstream.fetchProvenance(`${fake.origin}/integrity/none`)).toBeUndefined();
  });

  test('is asked for once: what does not work is no reason to wait', async () => {
    fake.setFault(path, { kind: 'status', status: 503 });

    await expect(open().fetchProvenance(`${fake.origin}${path}`)).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
    expect(fake.count(path)).toBe(1);
  });

  test('of another origin is not asked for', async () => {
    await expect(open().fetchProvenance('https://elsewhere.example.invalid/p')).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

describe('a project page', () => {
  test('is asked for as JSON, compressed, and read with every field', async () => {
    const answer = await open().fetchPage(SIX, {});

    const file = answer.kind === 'page' ? answer.page.files[0] : undefined;
    expect(answer).toMatchObject({ kind: 'page', page: { name: 'six', apiVersion: '1.4', lastSerial: 1002 } });
    expect(file).toMatchObject({
      filename: 'six-1.0.tar.gz',
      sizeBytes: BYTES.length,
      yanked: 'broken',
      requiresPython: '>=3.8',
      uploadTime: '2020-01-01T00:00:00.000000Z',
    });
    expect(fake.requests[0]?.headers['accept']).toMatch(/^application\/vnd\.pypi\.simple\.v1\+json,/);
    expect(fake.requests[0]?.headers['accept-encoding']).toBe('gzip, br');
  });

  test('in HTML alone is read too, with links relative to <base> and the serial of the header', async () => {
    fake.changeProject('six', { formats: ['html'], baseHref: `${fake.fileOrigin}/`, serial: 77 });

    const answer = await open().fetchPage(SIX, {});

    expect(answer).toMatchObject({ kind: 'page', page: { lastSerial: 77, files: [{ filename: 'six-1.0.tar.gz' }] } });
  });

  test('is revalidated with the ETag that came with it', async () => {
    const upstream = open();
    const first = await upstream.fetchPage(SIX, {});
    const etag = first.kind === 'page' ? (first.etag ?? '') : '';

    const second = await upstream.fetchPage(SIX, { etag });

    expect(second).toEqual({ kind: 'not-modified' });
  });

  test('that is not there is absent; that was refused is a failure', async () => {
    fake.setFault('/simple/secret/', { kind: 'status', status: 403 });

    expect(await open().fetchPage('nothing' as ProjectName, {})).toEqual({ kind: 'absent' });
    await expect(open().fetchPage('secret' as ProjectName, {})).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  });

  test('larger than the cap is a failure, also when it is a few bytes that unpack to many', async () => {
    fake.setFault('/simple/six/', { kind: 'huge', bytes: 9 * 1024 * 1024 });
    fake.changeProject('six', { extra: { padding: 'x'.repeat(100_000) } });

    await expect(open().fetchPage(SIX, {})).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
    fake.setFault('/simple/six/', undefined);
    await expect(open({ maxPageBytes: 50_000 }).fetchPage(SIX, {})).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  });

  test.each([
    ['the log-in page of a network', '<html><a href="/login">Log in</a></html>', 'text/html'],
    ['broken JSON', '{"files": [', 'application/vnd.pypi.simple.v1+json'],
    ['the page of another project', '{"meta":{"api-version":"1.0"},"name":"evil","files":[]}', 'application/json'],
    ['a picture', 'GIF89a', 'image/gif'],
  ])('that is %s is a failure, never an empty project', async (_what, body, contentType) => {
    fake.setFault('/simple/six/', { kind: 'replace', bytes: Buffer.from(body), contentType });

    await expect(open().fetchPage(SIX, {})).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  });
});

describe('retries', () => {
  test('a page that failed twice on the way arrives with the third try', async () => {
    fake.setFault('/simple/six/', { kind: 'status', status: 503 }, 2);

    const answer = await open({ retries: 3 }).fetchPage(SIX, {});

    expect(answer.kind).toBe('page');
    expect(fake.count('/simple/six/')).toBe(3);
  });

  test('a broken connection, a cut page and a 429 are tried again', async () => {
    const upstream = open({ retries: 1 });
    for (const fault of [
      { kind: 'reset' },
      { kind: 'truncate', afterBytes: 100, withLength: true },
      { kind: 'status', status: 429 },
    ] as const) {
      fake.setFault('/simple/six/', fault, 1);

      expect((await upstream.fetchPage(SIX, {})).kind).toBe('page');
    }
  });

  test('pauses grow and take Retry-After as their least', async () => {
    const pauses: number[] = [];
    const sleeping = (ms: number): Promise<void> => Promise.resolve(void pauses.push(ms));
    fake.setFault('/simple/six/', { kind: 'status', status: 500 });
    await expect(open({ retries: 3 }, { sleep: sleeping, random: () => 0 }).fetchPage(SIX, {})).rejects.toThrow();
    fake.setFault('/simple/six/', { kind: 'status', status: 429, headers: { 'Retry-After': '3' } });
    await expect(open({ retries: 1 }, { sleep: sleeping, random: () => 0 }).fetchPage(SIX, {})).rejects.toThrow();

    expect(pauses).toEqual([125, 250, 500, 3000]);
  });

  test('a Retry-After beyond the budget ends the tries at once', async () => {
    fake.setFault('/simple/six/', { kind: 'status', status: 503, headers: { 'Retry-After': '3600' } });

    await expect(open({ retries: 5 }).fetchPage(SIX, {})).rejects.toMatchObject({ code: 'UPSTREAM_DOWN', status: 502 });
    expect(fake.count('/simple/six/')).toBe(1);
  });

  test('what was refused is not tried again', async () => {
    fake.setFault('/simple/six/', { kind: 'status', status: 401 });

    await expect(open({ retries: 3 }).fetchPage(SIX, {})).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
    expect(fake.count('/simple/six/')).toBe(1);
  });
});

describe('deadlines', () => {
  test('an upstream that never begins to answer is UPSTREAM_SLOW', async () => {
    fake.setFault('/simple/six/', { kind: 'silence' });
    const timeouts = { connectMs: 1000, headersMs: 100, progressMs: 1000 };

    await expect(open({ timeouts, retries: 3 }).fetchPage(SIX, {})).rejects.toMatchObject({ code: 'UPSTREAM_SLOW' });
    expect(fake.count('/simple/six/')).toBe(1);
  });

  test('a file that falls silent half-way is UPSTREAM_SLOW for its reader', async () => {
    fake.setFault('six-1.0.tar.gz', { kind: 'stall', afterBytes: 1000 });

    const answer = await open().fetchFile(fake.urlOf('six', 'six-1.0.tar.gz'), never);

    await expect(buffer(answer.body)).rejects.toMatchObject({ code: 'UPSTREAM_SLOW' });
  });

  test('a reader that is slower than the deadline is not taken for a stalled upstream', async () => {
    const big = Buffer.alloc(4_000_000, 1);
    fake.addFile('big', { filename: 'big-1.0.tar.gz', bytes: big });
    const timeouts = { connectMs: 1000, headersMs: 1000, progressMs: 50 };

    const answer = await open({ timeouts }).fetchFile(fake.urlOf('big', 'big-1.0.tar.gz'), never);
    let received = 0;
    for await (const chunk of answer.body) {
      received += (chunk as Buffer).length;
      if (received < 1_000_000) await sleep(120);
    }

    expect(received).toBe(big.length);
  });

  test('an upstream that is slow but moves is left alone', async () => {
    fake.addFile('drip', { filename: 'drip-1.0.tar.gz', bytes: Buffer.alloc(2000) });
    fake.setFault('drip-1.0.tar.gz', { kind: 'slow', bytesPerSecond: 2000 });

    const answer = await open().fetchFile(fake.urlOf('drip', 'drip-1.0.tar.gz'), never);

    expect((await buffer(answer.body)).length).toBe(2000);
  });

  test('a reader that gives up ends the transfer with its own reason', async () => {
    const gaveUp = new AbortController();
    fake.setFault('six-1.0.tar.gz', { kind: 'stall', afterBytes: 1000 });
    const answer = await open().fetchFile(fake.urlOf('six', 'six-1.0.tar.gz'), gaveUp.signal);
    const reason = new Error('nobody waits any more');

    gaveUp.abort(reason);

    await expect(buffer(answer.body)).rejects.toBe(reason);
  });
});

describe('a file', () => {
  test('is fetched as it is, with its size', async () => {
    const answer = await open().fetchFile(fake.urlOf('six', 'six-1.0.tar.gz'), never);

    expect(answer).toMatchObject({ status: 200, sizeBytes: BYTES.length });
    expect((await buffer(answer.body)).equals(BYTES)).toBe(true);
    expect(fake.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  test('that is cut off is an error of its body', async () => {
    fake.setFault('six-1.0.tar.gz', { kind: 'truncate', afterBytes: 50_000, withLength: true });

    const answer = await open().fetchFile(fake.urlOf('six', 'six-1.0.tar.gz'), never);

    await expect(buffer(answer.body)).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  });

  test('that is gone says 404, and one that fails throws', async () => {
    const gone = await open().fetchFile(`${fake.fileOrigin}/packages/aa/bb/cc/six-9.tar.gz`, never);
    fake.setFault('six-1.0.tar.gz', { kind: 'status', status: 500 });

    expect(gone.status).toBe(404);
    await buffer(gone.body);
    await expect(open().fetchFile(fake.urlOf('six', 'six-1.0.tar.gz'), never)).rejects.toMatchObject({
      code: 'UPSTREAM_DOWN',
    });
  });

  test('has its core metadata beside it, before any query', async () => {
    const url = fake.urlOf('six', 'six-1.0.tar.gz');

    const metadata = await open().fetchMetadata(`${url}?token=1`);

    expect(Buffer.from(metadata ?? []).toString()).toContain('Name: six');
    expect(fake.requests[0]?.path).toMatch(/six-1\.0\.tar\.gz\.metadata\?token=1$/);
    expect(await open().fetchMetadata(`${fake.fileOrigin}/packages/nothing-1.0.tar.gz`)).toBeUndefined();
  });
});

describe('other documents', () => {
  test('the JSON API of a project and of a release, and their absence', async () => {
    const upstream = open();

    expect(await upstream.fetchProjectJson(SIX, undefined)).toMatchObject({
      url: `${fake.origin}/pypi/six/json`,
      document: { info: { name: 'six' } },
    });
    expect(await upstream.fetchProjectJson(SIX, '1.0')).toMatchObject({ document: { info: { version: '1.0' } } });
    expect(await upstream.fetchProjectJson(SIX, '9.9')).toBeUndefined();
    const config: Partial<UpstreamConfig> = { ...makeUpstreamConfig(fake) };
    delete (config as { jsonApi?: string }).jsonApi;
    const plain = createUpstream(config as UpstreamConfig);
    opened.push(plain);
    expect(await plain.fetchProjectJson(SIX, undefined)).toBeUndefined();
  });

  test('the root list is a stream, decoded', async () => {
    const list = await open().fetchProjectList(never);

    expect(list.contentType).toContain('json');
    expect((await buffer(list.body)).toString()).toContain('"name":"six"');
  });
});

describe('a document that trickles without an end', () => {
  const hurried = { documentMs: 200, listMs: 200 };

  test.each([
    ['a page', '/simple/six/', (upstream: Upstream) => upstream.fetchPage(SIX, {})],
    ['core metadata', /metadata$/, (upstream: Upstream) => upstream.fetchMetadata(fake.urlOf('six', 'six-1.0.tar.gz'))],
    ['a JSON document', '/pypi/six/json', (upstream: Upstream) => upstream.fetchProjectJson(SIX, undefined)],
    [
      'the list of projects',
      '/simple/',
      async (upstream: Upstream) => buffer((await upstream.fetchProjectList(never)).body),
    ],
  ])('%s is given up', async (_case, route, ask) => {
    fake.setFault(route, { kind: 'slow', bytesPerSecond: 20 });

    await expect(ask(open(hurried))).rejects.toMatchObject({ code: 'UPSTREAM_SLOW' });
  });

  test('one that came in time is not cut off later', async () => {
    const list = await open(hurried).fetchProjectList(never);
    await sleep(250);

    expect((await buffer(list.body)).toString()).toContain('"name":"six"');
  });
});

describe('credentials', () => {
  beforeEach(async () => {
    await fake.close();
    fake = await startFakePypi({
      separateFileOrigin: true,
      credentials: { username: 'build bot', password: 'p@ss' },
    });
    fake.addFile('six', { filename: 'six-1.0.tar.gz', bytes: BYTES });
  });

  test('go to the origin of the index and to no other', async () => {
    const upstream = open({ credentials: { username: 'build bot', password: 'p@ss' } });

    const page = await upstream.fetchPage(SIX, {});
    const file = await upstream.fetchFile(fake.urlOf('six', 'six-1.0.tar.gz'), never);
    await buffer(file.body);

    expect(page.kind).toBe('page');
    expect(fake.requests.map((each) => [each.server, each.headers.authorization !== undefined])).toEqual([
      ['index', true],
      ['files', false],
    ]);
  });

  test('in the URL work the same, and no error shows them', async () => {
    const url = fake.url.replace('http://', 'http://build%20bot:p%40ss@');
    const upstream = open({ url });
    const failing = open({ url });
    fake.setFault('/simple/broken/', { kind: 'status', status: 500 });

    const page = await upstream.fetchPage(SIX, {});
    const failure: unknown = await failing.fetchPage('broken' as ProjectName, {}).catch((error: unknown) => error);

    expect(page.kind).toBe('page');
    expect(failure).toMatchObject({ code: 'UPSTREAM_DOWN' });
    expect((failure as Error).stack).not.toMatch(/p@ss|p%40ss|build/);
  });

  test('whose variable is not set are named, and the index is not asked without them', async () => {
    const upstream = open({ credentials: { username: 'build bot', unsetVariable: 'OWN_SECRET' } });

    await expect(upstream.fetchPage(SIX, {})).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('the environment variable OWN_SECRET is not set') as string,
    });
    expect(fake.requests).toEqual([]);
  });

  test('a wrong one is told as such', async () => {
    await expect(open({ credentials: { token: 'old' } }).fetchPage(SIX, {})).rejects.toThrow(/Check its credentials/);
  });
});
