import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fetchArchive, type GetOutside } from '../../src/feeds/fetch-archive.ts';
import { createOsvFeed, OSV_FEED, type OsvFeed } from '../../src/feeds/osv-feed.ts';
import type { DecisionStore } from '../../src/ports/decision-store.ts';
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { createTransport, type Transport } from '../../src/upstream/transport.ts';
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { makeZip } from '../support/make-zip.ts';

const member = (id: string, change: object = {}) => ({
  name: `${id}.json`,
  content: JSON.stringify({
    id,
    modified: '2026-01-01T00:00:00Z',
    affected: [{ package: { ecosystem: 'PyPI', name: 'six' }, versions: ['1.0'] }],
    ...change,
  }),
});

/** As main wires it: nothing but the origin of the address is asked. */
function getOf(address: string): GetOutside {
  const config = {
    id: 'the feed',
    fileOrigins: [],
    allowPrivateAddresses: true,
    timeouts: { connectMs: 1_000, headersMs: 5_000, progressMs: 5_000 },
  };
  const transport = createTransport(config, new URL(address).origin, undefined, undefined);
  transports.push(transport);
  return (url, options) => transport.get(url, options);
}
const transports: Transport[] = [];

describe('the feed of known malicious packages', () => {
  let server: Server;
  let archive: Uint8Array;
  let status: number;
  let asked: (string | undefined)[];
  let clock: FakeClock;
  let store: DecisionStore;
  let failures: string[];
  let warnings: number;
  let feed: OsvFeed;

  const open = (url: string): OsvFeed =>
    createOsvFeed({
      url,
      store,
      clock,
      fetchArchive: (address, options) => fetchArchive(address, options, getOf(address)),
      log: { ...silentLog, warn: () => (warnings += 1) },
      metrics: { countUpstreamError: (upstream, code) => failures.push(`${upstream} ${code}`) },
      apply: async (name, records, state, who) =>
        store.feeds.replaceFeed(name, records, state, { kind: 'feed-synced', ...who }),
    });
  const urlOf = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/all.zip`;
  const ids = async (): Promise<readonly string[]> =>
    ((await store.feeds.loadFeed(OSV_FEED))?.records ?? []).map(({ id }) => id);

  beforeEach(async () => {
    archive = makeZip([
      member('MAL-2026-1'),
      member('PYSEC-2026-1'),
      member('MAL-2026-2', { withdrawn: '2026-02-01' }),
    ]);
    status = 200;
    asked = [];
    failures = [];
    warnings = 0;
    clock = fakeClock();
    store = openMemoryStore({ clock });
    server = createServer((request, response) => {
      asked.push(request.headers['if-none-match']);
      if (status === 200 && request.headers['if-none-match'] === '"one"') response.writeHead(304).end();
      else response.writeHead(status, { etag: '"one"' }).end(archive);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    feed = open(urlOf());
  });
  afterEach(async () => {
    for (const transport of transports.splice(0)) await transport.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('is read once, and then only asked whether it is newer', async () => {
    await feed.sync();
    clock.advance(900_000);
    await feed.sync();

    expect(asked).toEqual([undefined, '"one"']);
    expect(await ids()).toEqual(['MAL-2026-1']);
    expect(await feed.state()).toEqual({ records: 1, syncedAt: clock.now() });
    expect(await store.events.list({ limit: 9 })).toHaveLength(1);
  });

  test('remembers over a restart what it holds', async () => {
    await feed.sync();

    await open(urlOf()).sync();

    expect(asked).toEqual([undefined, '"one"']);
  });

  test('that cannot be reached keeps the last state, warns once and is counted', async () => {
    await feed.sync();
    status = 503;

    await expect(feed.sync()).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
    await expect(feed.sync()).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });

    expect(await ids()).toEqual(['MAL-2026-1']);
    expect(await feed.state()).toMatchObject({ problem: expect.stringContaining('503') as string });
    expect([warnings, failures]).toEqual([1, ['feed:osv UPSTREAM_DOWN', 'feed:osv UPSTREAM_DOWN']]);

    status = 200;
    await feed.sync();
    expect((await feed.state()).problem).toBeUndefined();
  });

  test('that nobody listens for is down', async () => {
    await expect(open('http://127.0.0.1:1/all.zip').sync()).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  });

  test.each<[string, Uint8Array]>([
    ['a page instead of an archive', Buffer.from('<html>')],
    ['an archive without records', makeZip([member('PYSEC-2026-1')])],
    ['mostly unreadable records', makeZip([member('MAL-2026-1'), { name: 'MAL-2.json', content: '{' }])],
  ])('is not replaced by %s', async (_case, bytes) => {
    await feed.sync();
    archive = bytes;
    await store.feeds.replaceFeed(
      OSV_FEED,
      (await store.feeds.loadFeed(OSV_FEED))?.records ?? [],
      { syncedAt: 1 },
      {
        kind: 'etag-forgotten',
        actor: 'test',
      },
    );

    await expect(feed.sync()).rejects.toMatchObject({ code: 'BAD_REQUEST' });

    expect(await ids()).toEqual(['MAL-2026-1']);
  });

  test('can be imported from a copy on disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cordon-feed-'));
    const path = join(folder, 'all.zip');
    await writeFile(path, archive);

    expect(await feed.importArchive(path, 'cli:ada')).toBe(1);
    expect(await store.events.list({ limit: 9 })).toMatchObject([{ kind: 'feed-synced', actor: 'cli:ada' }]);
    expect(await ids()).toEqual(['MAL-2026-1']);
    expect(asked).toEqual([]);
    await expect(feed.importArchive(join(folder, 'none.zip'), 'cli:ada')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await rm(folder, { recursive: true });
  });

  test('that was cleared has no records, and the event says who did it and why', async () => {
    await feed.sync();

    await feed.clear({ actor: 'cli:ada', reason: 'a wrong archive' });

    expect(await ids()).toEqual([]);
    expect((await feed.state()).records).toBe(0);
    expect((await store.events.list({ limit: 9 })).at(-1)).toMatchObject({
      actor: 'cli:ada',
      reason: 'a wrong archive',
    });
  });

  test('that sends us to another place is not followed there', async () => {
    server.removeAllListeners('request');
    server.on('request', (_request, response: ServerResponse) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
    );

    await expect(feed.sync()).rejects.toMatchObject({
      code: 'UPSTREAM_DOWN',
      message: expect.stringContaining('set feeds.osv.url to where it leads') as string,
    });
  });

  test('a fetch stops at its limits', async () => {
    const url = urlOf();

    await expect(
      fetchArchive(url, { etag: undefined, maxBytes: 10, timeoutMs: 9_000 }, getOf(url)),
    ).rejects.toMatchObject({
      code: 'UPSTREAM_DOWN',
    });
    expect(await fetchArchive(url, { etag: undefined, maxBytes: 9_999, timeoutMs: 9_000 }, getOf(url))).toMatchObject({
      kind: 'archive',
      etag: '"one"',
    });
  });
});
