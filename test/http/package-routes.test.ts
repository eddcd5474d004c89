import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { CordonError } from '../../src/errors.ts';
import type { Sha256 } from '../../src/pypi/model.ts';
import { JOB_TIMES } from '../fakes/fake-intake.ts';
import { CLEAN, MALWARE, UNSCANNED } from '../fakes/fake-judge.ts';
import { askRaw, type HttpWorld, makeHttpWorld, startReading } from '../support/http-world.ts';
import { SIX } from '../support/stored-facts.ts';

const WHEEL = 'six-1.0+local-py3-none-any.whl';
const BYTES = 'the bytes of the wheel';
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
/** more than the buffers of a connection hold */
const LONG_BYTES = 40_000_000;
const ETAG = `"sha256-${SHA256}"`;

async function withFile(spec = {}): Promise<{ readonly world: HttpWorld; readonly url: string }> {
  const world = makeHttpWorld();
  const files = await world.announce({ [WHEEL]: { bytes: BYTES, ...spec } });
  return { world, url: `/${files[WHEEL]!.path.split('/').map(encodeURIComponent).join('/')}` };
}

describe('an allowed file', () => {
  test('is streamed whole, identity, revocable, and recorded', async () => {
    const { world, url } = await withFile();

    const answer = await askRaw(world.app, url, { headers: { 'Accept-Encoding': 'gzip', 'User-Agent': 'pip/26.3\t' } });

    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toBe(BYTES);
    expect(answer.headers).toMatchObject({
      etag: ETAG,
      'content-length': '22',
      'cache-control': 'private, max-age=0, must-revalidate',
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
    });
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(await world.deps.store.access.findByProject(SIX, 5)).toMatchObject([
      { outcome: 'served', filename: WHEEL, sha256: SHA256, userAgent: 'pip/26.3', verdict: 'allow', reason: 'clean' },
    ]);
  });

  test('is found with its plus sign plain and encoded', async () => {
    const { world, url } = await withFile();

    expect((await askRaw(world.app, url.replace('%2B', '+'))).status).toBe(200);
    expect((await askRaw(world.app, url)).status).toBe(200);
  });

  test('whose stored bytes are not those of its digest any more is fetched again', async () => {
    const { world, url } = await withFile();
    const rotten = Buffer.from(BYTES.replace('bytes', 'bitez'));
    world.blobs.put(SHA256 as Sha256, rotten);
    world.intake.onJoin = () => {
      world.blobs.put(SHA256 as Sha256, Buffer.from(BYTES));
      return { kind: 'done', times: JOB_TIMES };
    };

    const answer = await askRaw(world.app, url);

    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toBe(BYTES);
    expect(world.intake.joins).toHaveLength(1);
  });

  test('that is small is read once and judged each time', async () => {
    const { world, url } = await withFile();

    for (const range of ['bytes=0-2', 'bytes=4-', 'bytes=-5']) {
      expect((await askRaw(world.app, url, { headers: { Range: range } })).status).toBe(206);
    }
    expect(world.blobs.opened).toHaveLength(1);

    world.judge.set(WHEEL, MALWARE);
    expect((await askRaw(world.app, url)).status).toBe(403);
  });

  test.each([undefined, 'bytes=600000-', 'bytes=5-9'])('that is large is streamed: Range %s', async (range) => {
    const large = `${'x'.repeat(600_000)}the end`;
    const { world, url } = await withFile({ bytes: large });

    const answer = await askRaw(world.app, url, { headers: range === undefined ? {} : { Range: range } });

    const [, first = '0', last = ''] = /(\d+)-(\d*)/.exec(range ?? '') ?? [];
    const end = last === '' ? large.length : Number(last) + 1;
    expect(answer.body.toString()).toBe(large.slice(Number(first), end));
    expect(answer.headers['content-length']).toBe(String(end - Number(first)));
  });

  test('HEAD gives the same headers, opens nothing and is no receipt', async () => {
    const { world, url } = await withFile();

    const answer = await askRaw(world.app, url, { method: 'HEAD' });

    expect(answer.headers).toMatchObject({ etag: ETAG, 'content-length': '22', 'accept-ranges': 'bytes' });
    expect(world.blobs.opened).toEqual([]);
    expect(world.accesses).toEqual([]);
  });

  test.each([
    ['bytes=0-2', 206, 'the', 'bytes 0-2/22'],
    ['bytes=17-', 206, 'wheel', 'bytes 17-21/22'],
    ['bytes=-5', 206, 'wheel', 'bytes 17-21/22'],
    ['bytes=-500', 206, BYTES, 'bytes 0-21/22'],
    ['bytes=20-500', 206, 'el', 'bytes 20-21/22'],
    ['bytes=22-', 416, undefined, 'bytes */22'],
    ['bytes=-0', 416, undefined, 'bytes */22'],
    ['bytes=0-1,3-4', 200, BYTES, undefined],
    ['bytes=5-2', 200, BYTES, undefined],
    ['lines=1-2', 200, BYTES, undefined],
  ])('Range %s gives %i', async (range, status, body, contentRange) => {
    const { world, url } = await withFile();

    const answer = await askRaw(world.app, url, { headers: { Range: range } });

    expect(answer.status).toBe(status);
    if (body !== undefined) expect(answer.body.toString()).toBe(body);
    expect(answer.headers['content-range']).toBe(contentRange);
  });

  test('If-Range resumes only the very same bytes', async () => {
    const { world, url } = await withFile();
    const ask = (ifRange: string) => askRaw(world.app, url, { headers: { Range: 'bytes=4-', 'If-Range': ifRange } });

    expect((await ask(ETAG)).status).toBe(206);
    expect((await ask('"other"')).status).toBe(200);
    expect((await ask('Mon, 23 Nov 2026 03:24:59 GMT')).status).toBe(200);
  });

  test('is 304 to its ETag, and refused to the same ETag once the verdict is another', async () => {
    const { world, url } = await withFile();
    const headers = { 'If-None-Match': ETAG };

    const before = await askRaw(world.app, url, { headers });
    world.judge.set(WHEEL, MALWARE);
    const after = await askRaw(world.app, url, { headers });

    expect(before.status).toBe(304);
    expect(after.status).toBe(403);
  });

  test('is recorded as broken off when its client goes away on the way', async () => {
    const { world, url } = await withFile({ bytes: 'x'.repeat(LONG_BYTES) });
    const reading = await startReading(world.app, url);

    reading.leave();

    await expect.poll(() => world.deps.store.access.findByProject(SIX, 5)).toMatchObject([{ outcome: 'broken-off' }]);
    const [record] = await world.deps.store.access.findByProject(SIX, 5);
    expect(record?.sentBytes).toBeGreaterThan(0);
    expect(record?.sentBytes).toBeLessThan(LONG_BYTES);
    reading.close();
  });

  test('is recorded as broken off when it is denied on the way', async () => {
    const { world, url } = await withFile({ bytes: 'x'.repeat(LONG_BYTES) });
    const reading = await startReading(world.app, url);
    expect(await world.deps.store.access.findByProject(SIX, 5)).toMatchObject([{ outcome: 'served' }]);

    world.judge.set(WHEEL, MALWARE);
    world.timers.run(1_000);

    expect(await reading.finish()).toBe('cut');
    await expect.poll(() => world.deps.store.access.findByProject(SIX, 5)).toMatchObject([{ outcome: 'broken-off' }]);
    reading.close();
  });

  test('that is small is cut as well, where its client takes it slowly', async () => {
    const { world, url } = await withFile({ bytes: 'x'.repeat(500_000) });
    const server = world.app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    // so many at once that the connection cannot take them all
    client.write(`GET ${url} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(40));
    await expect.poll(() => world.accesses).toHaveLength(40);
    await expect.poll(() => world.timers.waiting()).not.toEqual([]);

    world.judge.set(WHEEL, MALWARE);
    world.timers.run(1_000);

    const received = await new Promise<number>((resolve) => {
      let bytes = 0;
      client.on('data', (chunk) => (bytes += chunk.byteLength)).on('error', () => undefined);
      client.once('close', () => resolve(bytes)).resume();
    });
    expect(received).toBeLessThan(40 * 500_000);
    await expect
      .poll(async () => (await world.deps.store.access.findByProject(SIX, 50)).map(({ outcome }) => outcome))
      .toContain('broken-off');
    expect(world.timers.waiting()).toEqual([]);
    server.close();
  });

  test('that is evicted between the look and the opening is fetched again', async () => {
    const { world, url } = await withFile();
    const { open } = world.blobs;
    let tries = 0;
    world.blobs.open = (sha256, range) => {
      tries++;
      return tries === 1 ? Promise.reject(new CordonError('NOT_FOUND', 'evicted')) : open(sha256, range);
    };

    expect((await askRaw(world.app, url)).body.toString()).toBe(BYTES);
  });

  test('that is evicted and then refused leaves a record of the refusal', async () => {
    const { world, url } = await withFile();
    world.blobs.open = () => {
      world.judge.set(WHEEL, MALWARE);
      return Promise.reject(new CordonError('NOT_FOUND', 'evicted'));
    };

    expect((await askRaw(world.app, url)).status).toBe(403);
    expect(await world.deps.store.access.findByProject(SIX, 9)).toContainEqual(
      expect.objectContaining({ outcome: 'refused', filename: WHEEL }),
    );
  });
});

describe('a refused file', () => {
  test.each(['GET', 'HEAD'])('%s hears the reason in every channel, and no byte', async (method) => {
    const { world, url } = await withFile({ verdict: MALWARE });

    const answer = await askRaw(world.app, url, { method, headers: { Range: 'bytes=0-', Host: 'cordon.example' } });

    expect(answer.status).toBe(403);
    expect(answer.reason).toMatch(
      /^Blocked by Cordon: six 1\.0\+local: setup\.py downloads a program and runs it\. See http:\/\/cordon\.example\/b\/[0-9a-z]{14}$/,
    );
    expect(answer.headers['x-error-message']).toBe(answer.reason);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['etag']).toBeUndefined();
    expect(world.blobs.opened).toEqual([]);
    if (method === 'GET') {
      const body = JSON.parse(answer.body.toString()) as Record<string, string>;
      expect(body).toMatchObject({ title: 'Blocked by Cordon', status: 403, verdict: 'refuse', cause: 'malware' });
      expect(body['type']).toMatch(/^http:\/\/cordon\.example\/b\//);
      expect(body['detail']).toContain(body['type']);
      expect(body['instance']).toBe(url);
    }
  });

  test('is refused in its metadata too, and both are recorded', async () => {
    const { world, url } = await withFile({ verdict: MALWARE, announced: { coreMetadata: true } });

    await request(world.app).get(url).expect(403);
    await request(world.app).get(`${url}.metadata`).expect(403);

    expect(world.accesses.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['refused', 'malware'],
      ['refused', 'malware'],
    ]);
  });

  test('the public URL is the one that is shown', async () => {
    const world = makeHttpWorld({ publicUrl: 'https://pypi.example/cordon' });
    const files = await world.announce({ [WHEEL]: { verdict: MALWARE } });

    const answer = await askRaw(world.app, `/${files[WHEEL]!.path}`);

    expect(answer.reason).toContain('See https://pypi.example/cordon/b/');
  });
});

describe('a file without a verdict', () => {
  test('hops to itself by a relative reference that no cache keeps', async () => {
    const { world, url } = await withFile({ verdict: UNSCANNED });

    const first = await askRaw(world.app, url);
    const third = await askRaw(world.app, `${url}?h=2`);

    expect(first.status).toBe(307);
    expect(first.headers.location).toBe(`${encodeURIComponent(WHEEL)}?h=1`);
    expect(first.headers['cache-control']).toBe('no-store');
    expect(third.headers.location).toBe(`${encodeURIComponent(WHEEL)}?h=3`);
    expect(world.accesses).toEqual([]);
  });

  test('is told that the work goes on when no hop is left', async () => {
    const { world, url } = await withFile({ verdict: UNSCANNED });
    world.intake.phases.set(WHEEL, { kind: 'fetching', receivedBytes: 812e6, totalBytes: 2431e6 });

    const answer = await askRaw(world.app, `${url}?h=8`);

    expect(answer.status).toBe(403);
    expect(answer.reason).toContain('still fetching, 812 of 2,431 MB');
    expect(world.accesses).toMatchObject([{ outcome: 'held', verdict: 'needs-scan' }]);
  });

  test('a nonsense counter counts as the first request', async () => {
    const { world, url } = await withFile({ verdict: UNSCANNED });

    for (const h of ['-1', 'x', '1e9', '999']) {
      expect((await askRaw(world.app, `${url}?h=${h}`)).headers.location).toMatch(/\?h=1$/);
    }
  });

  test('tells afterwards what the time went into', async () => {
    const { world, url } = await withFile({ verdict: UNSCANNED });
    world.intake.onJoin = () => {
      world.clock.advance(53);
      world.judge.set(WHEEL, CLEAN);
      return { kind: 'done', times: JOB_TIMES };
    };

    const answer = await askRaw(world.app, url);

    expect(answer.headers['server-timing']).toBe('hold;dur=53, queue;dur=3, fetch;dur=20, scan;dur=30');
    expect(world.accesses).toMatchObject([{ outcome: 'served', holdMs: 53, queueMs: 3, fetchMs: 20, scanMs: 30 }]);
  });

  test('a failed job is a 502 with a request id', async () => {
    const { world, url } = await withFile({ verdict: UNSCANNED });
    world.intake.onJoin = () => Promise.reject(new CordonError('UPSTREAM_MISMATCH', 'the index sent other bytes'));

    const answer = await askRaw(world.app, url);

    expect(answer.status).toBe(502);
    expect(answer.reason).toBe('Cordon: the index sent other bytes');
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{16}$/);
  });

  test('a bug is a 500 that says nothing of itself', async () => {
    const { world, url } = await withFile({ verdict: UNSCANNED });
    world.intake.onJoin = () => Promise.reject(new Error('secret path /root/x'));

    const answer = await askRaw(world.app, url);

    expect(answer.status).toBe(500);
    expect(answer.body.toString() + answer.reason).not.toMatch(/secret|at .*\.ts/);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'INTERNAL' });
  });
});

describe('core metadata', () => {
  const METADATA = Buffer.from('Name: six\n');
  const DIGEST = createHash('sha256').update(METADATA).digest('hex');

  test('is served as identity, revalidated each time', async () => {
    const { world, url } = await withFile({ verdict: UNSCANNED, announced: { coreMetadata: { sha256: DIGEST } } });
    world.source.metadata.set((await world.deps.index.findProject(SIX))!.files[0]!.file.url, METADATA);

    const answer = await askRaw(world.app, `${url}.metadata`, { headers: { 'Accept-Encoding': 'gzip' } });
    const again = await askRaw(world.app, `${url}.metadata`, { headers: { 'If-None-Match': `"sha256-${DIGEST}"` } });

    expect(answer.body).toEqual(METADATA);
    expect(answer.headers).toMatchObject({ etag: `"sha256-${DIGEST}"`, 'cache-control': 'max-age=0, must-revalidate' });
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(again.status).toBe(304);
  });

  test('that waits for its wheel is sent to itself', async () => {
    const { world, url } = await withFile({ verdict: UNSCANNED, bytes: undefined });
    const [file] = (await world.deps.index.findProject(SIX))!.files;
    await world.deps.store.files.updateFile(file!.key, { metadataSha256: DIGEST }, []);
    world.index.announce([{ ...file!, metadataSha256: DIGEST }]);

    const answer = await askRaw(world.app, `${url}.metadata?h=2`);

    expect(answer.status).toBe(307);
    expect(answer.headers.location).toBe(`${encodeURIComponent(WHEEL)}.metadata?h=3`);
  });

  test.each(['.metadata.metadata', '.asc', '.metadata/', '/', '.provenance'])('%s is 404', async (suffix) => {
    const { world, url } = await withFile({ announced: { coreMetadata: true } });

    expect((await askRaw(world.app, url + suffix)).status).toBe(404);
  });
});

describe('paths', () => {
  test('are answered under the name of the file host of PyPI, at the root', async () => {
    const world = makeHttpWorld({ pathPrefix: '/cordon', publicUrl: 'https://pypi.example/cordon' });
    const files = await world.announce({ [WHEEL]: { bytes: BYTES, verdict: MALWARE } });

    const answer = await askRaw(world.app, `/${files[WHEEL]!.path}`, { headers: { Host: 'files.pythonhosted.org' } });

    expect(answer.status).toBe(403);
    expect(answer.reason).toContain('See http://files.pythonhosted.org/b/');
  });

  test('that people can predict are moved here, below the prefix', async () => {
    const world = makeHttpWorld({ publicUrl: 'https://pypi.example/cordon' });
    const files = await world.announce({ 'six-1.0.tar.gz': {} });

    const answer = await askRaw(world.app, '/packages/source/s/six/six-1.0.tar.gz');

    expect(answer.headers.location).toBe(`/cordon/${files['six-1.0.tar.gz']!.path}`);
  });

  test.each(['/packages/%2e%2e/six', '/packages/aa%2Fbb/six-1.0.tar.gz', '/packages/', '/packages', '/packages/a/%00'])(
    '%s is 404',
    async (path) => {
      expect((await askRaw(makeHttpWorld().app, path)).status).toBe(404);
    },
  );
});
