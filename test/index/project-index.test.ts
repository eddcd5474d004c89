import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CordonError } from '../../src/errors.ts';
import type { StoredFile } from '../../src/ports/decision-store.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { silentMetrics } from '../fakes/silent-metrics.ts';
import { DAY_MS, HOUR_MS, type IndexBench, MINUTE_MS, name, openIndexBench } from '../support/index-bench.ts';

const wheel = (filename: string, text = filename, uploadTime = '2026-01-01T00:00:00Z') => ({
  filename,
  bytes: Buffer.from(text),
  uploadTime,
});

let bench: IndexBench;

beforeEach(async () => {
  bench = await openIndexBench();
  bench.fake.addFile('six', wheel('six-1.0-py3-none-any.whl'));
});

afterEach(async () => {
  await bench.close();
});

test('a store that takes nothing more is an error for a person, and no fault of the upstream', async () => {
  const logged: string[] = [];
  const failures: string[] = [];
  const full = () => Promise.reject(new CordonError('STORE_DOWN', 'No space left.'));
  const index = bench.restart({
    store: { ...bench.store, pages: { ...bench.store.pages, savePage: full } },
    log: { ...silentLog, error: (_fields, message) => void logged.push(message) },
    metrics: { ...silentMetrics, countUpstreamError: (upstream) => void failures.push(upstream) },
  });

  await expect(index.findProject(name('six'))).rejects.toMatchObject({ code: 'STORE_DOWN' });

  expect(logged).toEqual(['a project page could not be kept']);
  expect(failures).toEqual([]);
});

describe('freshness', () => {
  test('a page is asked for once while it is fresh, then revalidated with its ETag', async () => {
    await bench.facts('six');
    await bench.facts('six');
    bench.clock.advance(MINUTE_MS);
    await bench.facts('six');

    expect(bench.fake.count('/simple/six/')).toBe(2);
    expect(bench.fake.requests[1]?.headers['if-none-match']).toBeDefined();
  });

  test('a restart forgets nothing: the stored page is fresh, or revalidated', async () => {
    const before = await bench.facts('six');

    const after = await bench.facts('six', bench.restart());
    bench.clock.advance(MINUTE_MS);
    await bench.facts('six', bench.restart());

    expect(after).toEqual(before);
    expect(bench.fake.count('/simple/six/')).toBe(2);
    expect(bench.fake.requests[1]?.headers['if-none-match']).toBeDefined();
  });

  test('a project that is not there is not asked for again for a while, and can appear', async () => {
    expect(await bench.index.findProject(name('new'))).toBeUndefined();
    expect(await bench.index.findProject(name('new'))).toBeUndefined();
    bench.fake.addFile('new', wheel('new-1.0-py3-none-any.whl'));
    bench.clock.advance(MINUTE_MS);

    expect((await bench.facts('new')).files).toHaveLength(1);
    expect(bench.fake.count('/simple/new/')).toBe(2);
  });

  test('many ask at the same time, one request leaves', async () => {
    await Promise.all(Array.from({ length: 50 }, () => bench.facts('six')));

    expect(bench.fake.count('/simple/six/')).toBe(1);
  });

  test('a slow upstream does not keep a client from the stale page; the fresh one follows behind', async () => {
    await bench.close();
    bench = await openIndexBench({ bounds: { patienceMs: 30 } });
    bench.fake.addFile('six', wheel('six-1.0-py3-none-any.whl'));
    await bench.facts('six');
    bench.fake.addFile('six', wheel('six-2.0-py3-none-any.whl'));
    bench.fake.setFault('/simple/six/', { kind: 'delay', ms: 200 }, 1);
    bench.clock.advance(MINUTE_MS);

    const stale = await bench.facts('six');
    await expect.poll(async () => (await bench.facts('six')).files.length).toBe(2);

    expect([stale.isStale, stale.files.length]).toEqual([true, 1]);
    expect(bench.fake.count('/simple/six/')).toBe(2);
  });
});

describe('a clock that was set back', () => {
  test('does not make a page that was read before it fresh for as long', async () => {
    await bench.facts('six');
    bench.fake.changeProject('six', { status: 'quarantined' });
    bench.clock.advance(-30 * DAY_MS);

    const running = await bench.facts('six');
    const restarted = await bench.facts('six', bench.restart());

    expect(running.project.upstreamQuarantinedAt).toBeDefined();
    expect(restarted.project.upstreamQuarantinedAt).toBeDefined();
  });

  test('does not make a failure last as long', async () => {
    bench.fake.setFault('/simple/six/', { kind: 'status', status: 500 }, 1);
    await expect(bench.facts('six')).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
    bench.clock.advance(-30 * DAY_MS);

    expect((await bench.facts('six')).files).toHaveLength(1);
  });
});

describe('an upstream in trouble', () => {
  test('costs the first client its patience, and the others nothing, until it answers again', async () => {
    await bench.close();
    bench = await openIndexBench({ bounds: { patienceMs: 150 } });
    for (const project of ['a', 'b', 'c']) {
      bench.fake.addFile(project, wheel(`${project}-1.0.tar.gz`));
      await bench.facts(project);
    }
    bench.fake.setFault(/simple/, { kind: 'silence' });
    bench.clock.advance(MINUTE_MS);
    const waits: number[] = [];
    for (const project of ['a', 'b', 'c']) {
      const startedAt = performance.now();
      expect((await bench.facts(project)).isStale).toBe(true);
      waits.push(performance.now() - startedAt);
    }
    bench.fake.setFault(/simple/, undefined);
    bench.clock.advance(MINUTE_MS);

    const isStaleLater = async (): Promise<boolean> => {
      bench.clock.advance(6_000);
      return (await bench.facts('a')).isStale;
    };
    await expect.poll(isStaleLater, { timeout: 5_000 }).toBe(false);
    expect(waits[0]).toBeGreaterThan(140);
    expect(Math.max(waits[1] ?? 0, waits[2] ?? 0)).toBeLessThan(140);
  });
});

describe('what is remembered of files', () => {
  test('each file has a key, a version, our own path and the time it was first seen', async () => {
    bench.fake.addFile('six', wheel('six-1.0.tar.gz'));
    const first = await bench.facts('six');
    const seenAt = bench.clock.now();
    bench.clock.advance(HOUR_MS);
    bench.fake.addFile('six', wheel('six-2.0.tar.gz'));

    const second = await bench.facts('six');

    expect(first.files.map((row) => row.version)).toEqual(['1.0', '1.0']);
    expect(second.files.map((row) => row.firstSeenAt)).toEqual([seenAt, seenAt, seenAt + HOUR_MS]);
    expect(second.files[0]?.path).toMatch(
      /^packages\/[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{60}\/six-1\.0-py3-none-any\.whl$/,
    );
    expect(second.project).toMatchObject({ firstSeenAt: seenAt, firstUploadAt: Date.UTC(2026, 0, 1) });
  });

  test('a file that left the page is remembered as removed, and found by its path', async () => {
    const [before] = (await bench.facts('six')).files as [StoredFile];
    bench.fake.addFile('six', wheel('six-2.0.tar.gz'));
    bench.fake.removeFile('six', 'six-1.0-py3-none-any.whl');
    bench.clock.advance(MINUTE_MS);

    const facts = await bench.facts('six');
    const removed = await bench.index.findFile(before.path);

    expect(facts.files.map((row) => row.file.filename)).toEqual(['six-2.0.tar.gz']);
    expect(facts.removed).toEqual([{ ...before, removedAt: bench.clock.now() }]);
    expect(removed?.removedAt).toBe(bench.clock.now());
    expect(await bench.eventKinds()).toContain('files-removed');
  });

  test('a file that comes back is no longer removed', async () => {
    await bench.facts('six');
    bench.fake.removeFile('six', 'six-1.0-py3-none-any.whl');
    bench.clock.advance(MINUTE_MS);
    await bench.facts('six');
    bench.fake.addFile('six', wheel('six-1.0-py3-none-any.whl'));
    bench.clock.advance(MINUTE_MS);

    const facts = await bench.facts('six');

    expect(facts.removed).toEqual([]);
    expect(facts.files[0]?.removedAt).toBeUndefined();
    expect((await bench.index.findFile(facts.files[0]?.path ?? ''))?.removedAt).toBeUndefined();
  });

  test('a digest that changed after it was seen is noted, told and stays noted', async () => {
    await bench.facts('six');
    bench.fake.addFile('six', wheel('six-1.0-py3-none-any.whl', 'other bytes'));
    bench.clock.advance(MINUTE_MS);
    const changed = await bench.facts('six');
    bench.clock.advance(MINUTE_MS);

    const later = await bench.facts('six', bench.restart());

    expect(changed.files[0]?.changed).toMatch(/^the announced sha256 changed from/);
    expect(later.files[0]?.changed).toBe(changed.files[0]?.changed);
    expect((await bench.eventKinds()).filter((kind) => kind === 'release-mutated')).toHaveLength(1);
    expect(bench.notifier.notices.map((notice) => notice.kind)).toEqual(['release-mutated']);
  });

  test('a file that joins a release weeks later is noted; one that joins on the next day is not', async () => {
    bench.fake.addFile('six', wheel('six-2.0.tar.gz', 'two', '2026-01-10T00:00:00Z'));
    await bench.facts('six');
    bench.clock.advance(30 * DAY_MS);
    bench.fake.addFile('six', wheel('six-1.0.tar.gz', 'late', '2026-02-10T00:00:00Z'));
    bench.fake.addFile('six', wheel('six-2.0-py3-none-any.whl', 'next day', '2026-01-11T00:00:00Z'));

    const facts = await bench.facts('six');
    const changedOf = (filename: string): string | undefined =>
      facts.files.find((row) => row.file.filename === filename)?.changed;

    expect(changedOf('six-1.0.tar.gz')).toBe('added to release 1.0 40 days after its first file');
    expect(changedOf('six-2.0-py3-none-any.whl')).toBeUndefined();
  });

  test('late wheels that were there when we first looked are no mutation', async () => {
    bench.fake.addFile('old', wheel('old-1.0.tar.gz', 'a', '2019-01-01T00:00:00Z'));
    bench.fake.addFile('old', wheel('old-1.0-cp313-cp313-win_amd64.whl', 'b', '2025-01-01T00:00:00Z'));

    expect((await bench.facts('old')).files.map((row) => row.changed)).toEqual([undefined, undefined]);
  });

  test('a link that a page lists twice is one file', async () => {
    const file = wheel('two-1.0.tar.gz');
    bench.fake.addProject('two', {}, [file, file]);

    const facts = await bench.facts('two');

    expect(facts.files).toHaveLength(1);
    expect(facts.page.files).toHaveLength(1);
  });

  test('an upstream quarantine is known from the moment it is seen until the upstream lifts it', async () => {
    await bench.facts('six');
    bench.fake.changeProject('six', { status: 'quarantined', statusReason: 'malware', files: [] });
    bench.clock.advance(MINUTE_MS);
    const quarantined = await bench.facts('six');
    const seenAt = bench.clock.now();
    bench.fake.changeProject('six', { status: 'active', files: [wheel('six-1.0-py3-none-any.whl')] });
    bench.clock.advance(MINUTE_MS);

    const released = await bench.facts('six');

    expect(quarantined.project.upstreamQuarantinedAt).toBe(seenAt);
    expect(quarantined.files).toEqual([]);
    expect(released.project.upstreamQuarantinedAt).toBeUndefined();
    expect(await bench.eventKinds()).toEqual(expect.arrayContaining(['upstream-quarantined', 'upstream-released']));
  });
});

describe('rows that others change', () => {
  test('a pinned digest shows after forget, in files and in the revision', async () => {
    bench.fake.addFile('bare', { ...wheel('bare-1.0.tar.gz'), hashes: {} });
    const before = await bench.facts('bare');
    const row = before.files[0] as StoredFile;
    const sha256 = 'ab'.repeat(32) as NonNullable<StoredFile['sha256']>;

    await bench.store.files.updateFile(row.key, { sha256 }, []);
    bench.index.forget(row.upstream, row.project, row.key);
    const after = await bench.facts('bare');
    bench.fake.changeProject('bare', { serial: 5000 });
    bench.clock.advance(MINUTE_MS);
    const refreshed = await bench.facts('bare');

    expect(after.files[0]?.sha256).toBe(sha256);
    expect(after.revision).not.toBe(before.revision);
    expect(refreshed.files[0]?.sha256).toBe(sha256);
  });

  test('a pinned digest stays the digest of its filename when an index without digests moves the file', async () => {
    const before = wheel('bare-1.0.tar.gz');
    bench.fake.addFile('bare', { ...before, hashes: {} });
    const row = (await bench.facts('bare')).files[0] as StoredFile;
    const sha256 = 'ab'.repeat(32) as NonNullable<StoredFile['sha256']>;
    await bench.store.files.updateFile(row.key, { sha256 }, []);
    bench.index.forget(row.upstream, row.project, row.key);

    bench.fake.removeFile('bare', 'bare-1.0.tar.gz');
    bench.fake.addFile('bare', { ...before, bytes: Buffer.from('other bytes'), hashes: {} });
    bench.clock.advance(MINUTE_MS);
    const [moved] = (await bench.facts('bare')).files;

    expect(moved?.file.url).not.toBe(row.file.url);
    expect(moved?.sha256).toBe(sha256);
  });

  test('a mismatch of digests is forgotten after an hour, or when the index corrects its digest', async () => {
    const row = (await bench.facts('six')).files[0] as StoredFile;
    const note = (at: number) =>
      bench.store.files.updateFile(row.key, { mismatch: { kind: 'digest', detail: 'other bytes', at } }, []);
    await note(bench.clock.now());
    bench.index.forget(row.upstream, row.project, row.key);
    const noted = await bench.index.findFile(row.path);
    bench.clock.advance(HOUR_MS);
    const lifted = await bench.index.findFile(row.path);
    await note(bench.clock.now());
    bench.index.forget(row.upstream, row.project);
    bench.fake.addFile('six', { ...wheel('six-1.0-py3-none-any.whl'), hashes: { sha256: 'cd'.repeat(32) } });
    bench.clock.advance(MINUTE_MS);
    const corrected = await bench.facts('six');

    expect(noted?.mismatch?.kind).toBe('digest');
    expect(lifted?.mismatch).toBeUndefined();
    expect(corrected.files[0]?.mismatch).toBeUndefined();
    expect(corrected.files[0]?.changed).toMatch(/changed from/);
    expect((await bench.store.files.findByKey(row.key))?.mismatch).toBeUndefined();
  });
});

describe('a file by its path', () => {
  test('a known path touches no upstream', async () => {
    const row = (await bench.facts('six')).files[0] as StoredFile;
    bench.fake.clearRequests();

    expect(await bench.restart().findFile(row.path)).toEqual(row);
    expect(bench.fake.requests).toEqual([]);
  });

  test('a path from a lock file is found on the page of the project that its name tells', async () => {
    const path = new URL(bench.fake.urlOf('six', 'six-1.0-py3-none-any.whl')).pathname.slice(1);

    const row = await bench.index.findFile(path);

    expect(row?.file.filename).toBe('six-1.0-py3-none-any.whl');
    expect(bench.fake.requests.map((request) => request.path)).toEqual(['/simple/six/']);
  });

  test('a path newer than the page we hold makes it be read again, once', async () => {
    await bench.facts('six');
    bench.clock.advance(MINUTE_MS / 2);
    bench.fake.addFile('six', wheel('six-2.0.tar.gz'));
    const path = new URL(bench.fake.urlOf('six', 'six-2.0.tar.gz')).pathname.slice(1);

    const found = await bench.index.findFile(path);
    const unknown = await bench.index.findFile(`packages/aa/bb/${'c'.repeat(60)}/six-9.tar.gz`);

    expect(found?.version).toBe('2.0');
    expect(unknown).toBeUndefined();
    expect(bench.fake.count('/simple/six/')).toBe(2);
  });

  test('an sdist whose name can be cut in two places is looked for at both', async () => {
    bench.fake.addFile('tool-1', wheel('tool-1-2.0.tar.gz'));
    const path = new URL(bench.fake.urlOf('tool-1', 'tool-1-2.0.tar.gz')).pathname.slice(1);

    expect((await bench.index.findFile(path))?.project).toBe('tool-1');
  });

  test('a speaking path means the file of its key, under its own name alone', async () => {
    const row = (await bench.facts('six')).files[0] as StoredFile;

    const own = await bench.index.findFile(`packages/refused/${row.key}-malware/${row.file.filename}`);
    const other = await bench.index.findFile(`packages/refused/${row.key}-malware/other-1.0.tar.gz`);

    expect(own?.key).toBe(row.key);
    expect(other).toBeUndefined();
  });

  test.each(['', 'packages', 'packages/../../etc/passwd', 'simple/six/', 'packages/aa/bb/cc/readme'])(
    'the path %j is nobody',
    async (path) => {
      expect(await bench.index.findFile(path)).toBeUndefined();
      expect(bench.fake.requests).toEqual([]);
    },
  );

  test('an upstream that fails is told, not taken for an absent file', async () => {
    bench.fake.setFault('/simple/six/', { kind: 'status', status: 500 });

    await expect(bench.index.findFile(`packages/aa/bb/${'c'.repeat(60)}/six-1.0.tar.gz`)).rejects.toMatchObject({
      code: 'UPSTREAM_DOWN',
    });
  });
});
