import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CordonError } from '../../src/errors.ts';
import type { Sha256 } from '../../src/pypi/model.ts';
import { HOUR_MS, MINUTE_MS } from '../support/index-bench.ts';
import { type IntakeBench, openIntakeBench, PATIENT_MS, ROOMY } from '../support/intake-bench.ts';
import { makeAccess, sha256Of } from '../support/stored-facts.ts';

const SDIST = 'six-1.0.tar.gz';
const WHEEL = 'six-1.0-py3-none-any.whl';
const BYTES = Buffer.alloc(300_000, 'six');
const SHA256 = createHash('sha256').update(BYTES).digest('hex') as Sha256;

let bench: IntakeBench;

beforeEach(async () => {
  bench = await openIntakeBench();
  bench.fake.addFile('six', { filename: SDIST, bytes: BYTES });
});

afterEach(async () => {
  await bench.close();
});

describe('a file that is asked for', () => {
  test('is fetched, checked, kept, scanned and recorded once; then there is nothing left to do', async () => {
    const row = await bench.row('six', SDIST);

    const outcome = await bench.intake.join(row, PATIENT_MS);
    await bench.intake.join(row, PATIENT_MS);

    expect(outcome.kind).toBe('done');
    expect((await buffer(await bench.blobs.open(SHA256))).equals(BYTES)).toBe(true);
    expect(await bench.store.reports.findReport(SHA256, SDIST)).toMatchObject({ filename: SDIST, sha256: SHA256 });
    expect(bench.fake.count(SDIST)).toBe(1);
    expect(bench.scanner.scans).toHaveLength(1);
    expect(await bench.eventKinds()).toContain('file-scanned');
    expect(await bench.staged()).toEqual([]);
  });

  test('is scanned from the adopted bytes, as requested, under its own name', async () => {
    bench.scanner.hold();
    const row = await bench.row('six', SDIST);
    const joined = bench.intake.join(row, PATIENT_MS);
    await expect.poll(() => bench.scanner.scans.length).toBe(1);
    const [request] = bench.scanner.scans;

    expect(request).toMatchObject({ filename: SDIST, sha256: SHA256, sizeBytes: BYTES.length, priority: 'requested' });
    expect((await readFile(request?.path ?? '')).equals(BYTES)).toBe(true);
    expect(bench.intake.findPhase(row)).toEqual({ kind: 'scan-queued' });
    expect(bench.intake.isInUse(SHA256)).toBe(true);
    bench.scanner.release();
    await joined;
    expect(bench.intake.findPhase(row)).toBeUndefined();
    expect(bench.intake.isInUse(SHA256)).toBe(false);
  });

  test('still under way when the wait is up: the phase says how far', async () => {
    bench.fake.setFault(SDIST, { kind: 'stall', afterBytes: 100_000 });
    const row = await bench.row('six', SDIST);

    const first = await bench.intake.join(row, 0);
    await expect.poll(() => bench.intake.findPhase(row)?.kind).toBe('fetching');
    const second = await bench.intake.join(row, 50);

    expect(first).toEqual({ kind: 'waiting', phase: { kind: 'queued' } });
    expect(second).toMatchObject({ kind: 'waiting', phase: { kind: 'fetching', totalBytes: BYTES.length } });
    expect(bench.fake.count(SDIST)).toBe(1);
  });

  test('whose bytes were evicted is fetched again and not scanned again', async () => {
    const row = await bench.row('six', SDIST);
    await bench.intake.join(row, PATIENT_MS);
    await bench.blobs.remove(SHA256);

    await bench.intake.join(row, PATIENT_MS);

    expect(await bench.blobs.findSize(SHA256)).toBe(BYTES.length);
    expect(bench.scanner.scans).toHaveLength(1);
  });

  test('that is known under other rules is scanned again from the bytes that are held', async () => {
    const row = await bench.row('six', SDIST);
    await bench.intake.join(row, PATIENT_MS);
    bench.scanner.ruleset = 'rules-2';

    await bench.intake.join(row, PATIENT_MS);

    expect(bench.fake.count(SDIST)).toBe(1);
    expect((await bench.store.reports.findReport(SHA256, SDIST))?.ruleset).toBe('rules-2');
  });

  test('larger than what is fetched is refused before a byte, and so is one that does not say', async () => {
    await bench.close();
    bench = await openIntakeBench({ limits: { maxFileBytes: 100_000 } });
    bench.fake.addFile('six', { filename: SDIST, bytes: BYTES });
    bench.fake.addFile('six', { filename: 'six-2.0.tar.gz', bytes: Buffer.alloc(200_000), sizeBytes: null });

    await expect(bench.intake.join(await bench.row('six', SDIST), PATIENT_MS)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(bench.intake.join(await bench.row('six', 'six-2.0.tar.gz'), PATIENT_MS)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(bench.fake.count(SDIST)).toBe(0);
    expect(await bench.staged()).toEqual([]);
  });

  test('two files of the same bytes are one transfer, and one scan each', async () => {
    bench.fake.addFile('six', { filename: 'six-1.0.zip', bytes: BYTES, path: 'packages/aa/bb/cc/six-1.0.zip' });
    const rows = [await bench.row('six', SDIST), await bench.row('six', 'six-1.0.zip')];

    await Promise.all(rows.map((row) => bench.intake.join(row, PATIENT_MS)));

    expect(bench.fake.count(SDIST) + bench.fake.count('six-1.0.zip')).toBe(1);
    expect(bench.scanner.scans.map((scan) => scan.filename).sort()).toEqual([SDIST, 'six-1.0.zip']);
  });

  test('a scan that could not be made is a failure for a moment, then tried again', async () => {
    const row = await bench.row('six', SDIST);
    bench.scanner.failNext(new CordonError('OVERLOADED', 'the child died'));

    await expect(bench.intake.join(row, PATIENT_MS)).rejects.toMatchObject({ code: 'OVERLOADED' });
    await expect(bench.intake.join(row, PATIENT_MS)).rejects.toMatchObject({ code: 'OVERLOADED' });
    bench.clock.advance(2_000);
    await bench.intake.join(row, PATIENT_MS);

    expect(bench.scanner.scans).toHaveLength(2);
    expect(bench.fake.count(SDIST)).toBe(1);
  });

  test('that its index took away is served from what is held, and never fetched anew', async () => {
    const row = await bench.row('six', SDIST);
    bench.fake.addFile('six', { filename: 'six-2.0.tar.gz', bytes: Buffer.from('two') });
    bench.fake.removeFile('six', SDIST);
    bench.clock.advance(MINUTE_MS);
    await bench.facts('six');

    await expect(bench.intake.join(await bench.reread(row), PATIENT_MS)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(bench.fake.count(SDIST)).toBe(0);
  });

  test('that is listed but not there is NOT_FOUND', async () => {
    bench.fake.setFault(SDIST, { kind: 'status', status: 404 });

    await expect(bench.intake.join(await bench.row('six', SDIST), PATIENT_MS)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('of a name that its upstream may not be asked for any more is not fetched', async () => {
    const row = await bench.row('six', SDIST);
    const index = bench.restart({ privateNames: ['six'] });

    await expect(bench.another({ index }).join(row, PATIENT_MS)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(bench.fake.count(SDIST)).toBe(0);
  });
});

describe('an index that announces no sha256', () => {
  test('has the digest of the first bytes pinned, recorded and shown', async () => {
    bench.fake.addFile('bare', { filename: 'bare-1.0.tar.gz', bytes: BYTES, hashes: {}, sizeBytes: null });
    const row = await bench.row('bare', 'bare-1.0.tar.gz');

    await bench.intake.join(row, PATIENT_MS);

    expect((await bench.reread(row)).sha256).toBe(SHA256);
    expect((await bench.facts('bare')).files[0]?.sha256).toBe(SHA256);
    expect(await bench.eventKinds()).toContain('digest-pinned');
  });

  test('later bytes that differ are not taken: an event, a notice, and the file is marked', async () => {
    const file = {
      filename: 'bare-1.0.tar.gz',
      bytes: BYTES,
      hashes: {},
      sizeBytes: null,
      path: 'packages/bare.tar.gz',
    };
    bench.fake.addFile('bare', file);
    const row = await bench.row('bare', 'bare-1.0.tar.gz');
    await bench.intake.join(row, PATIENT_MS);
    await bench.blobs.remove(SHA256);
    bench.fake.addFile('bare', { ...file, bytes: Buffer.from('something else') });

    await expect(bench.intake.join(row, PATIENT_MS)).rejects.toMatchObject({ code: 'UPSTREAM_MISMATCH' });

    const marked = await bench.reread(row);
    expect(marked.sha256).toBe(SHA256);
    expect(marked.changed).toMatch(/^the bytes behind it changed/);
    expect(bench.notifier.notices.map((notice) => notice.kind)).toEqual(['release-mutated']);
  });

  test('md5 alone proves the transfer', async () => {
    const md5 = createHash('md5').update(BYTES).digest('hex');
    bench.fake.addFile('old', { filename: 'old-1.0.tar.gz', bytes: BYTES, hashes: { md5 }, sizeBytes: null });
    bench.fake.addFile('old', {
      filename: 'old-2.0.tar.gz',
      bytes: Buffer.from('x'),
      hashes: { md5 },
      sizeBytes: null,
    });

    await bench.intake.join(await bench.row('old', 'old-1.0.tar.gz'), PATIENT_MS);

    await expect(bench.intake.join(await bench.row('old', 'old-2.0.tar.gz'), PATIENT_MS)).rejects.toMatchObject({
      code: 'UPSTREAM_MISMATCH',
    });
  });
});

describe('what a scan changes', () => {
  test('metadata that is not the wheel’s own is recorded as a mismatch', async () => {
    bench.fake.addFile('six', {
      filename: WHEEL,
      bytes: Buffer.from('wheel'),
      metadata: 'Name: six\nRequires-Dist: evil\n',
    });
    bench.scanner.reportAs(WHEEL, { coreMetadataSha256: 'ab'.repeat(32) }, Buffer.from('Name: six\n'));
    const row = await bench.row('six', WHEEL);

    await bench.intake.join(row, PATIENT_MS);

    expect((await bench.reread(row)).mismatch?.kind).toBe('metadata');
    expect(await bench.eventKinds()).toEqual(expect.arrayContaining(['metadata-mismatch', 'verdict-changed']));
  });

  test('metadata that was sent while the wheel was on its way is held against it too', async () => {
    bench.fake.addFile('six', { filename: WHEEL, bytes: Buffer.from('wheel') });
    bench.scanner.reportAs(WHEEL, { coreMetadataSha256: 'ab'.repeat(32) }, Buffer.from('Name: six\n'));
    const row = await bench.row('six', WHEEL);

    const joined = bench.intake.join(row, PATIENT_MS);
    await bench.store.files.updateFile(row.key, { metadataSha256: 'cd'.repeat(32) }, []);
    await joined;

    expect((await bench.reread(row)).mismatch?.kind).toBe('metadata');
  });

  test('a file that was served and is malware under new rules: event and notice name who got it', async () => {
    const row = await bench.row('six', SDIST);
    await bench.intake.join(row, PATIENT_MS);
    await bench.store.access.record([
      makeAccess({ filename: SDIST, sha256: SHA256, client: '10.0.0.7' }),
      makeAccess({ filename: SDIST, sha256: SHA256, client: '10.0.0.8', outcome: 'refused' }),
    ]);
    bench.scanner.ruleset = 'rules-2';
    bench.scanner.reportAs(SDIST, { score: 90 });

    await bench.intake.rescan(await bench.reread(row));

    const [event] = await bench.store.events.list({ limit: 1, kind: 'verdict-worsened' });
    expect(event).toMatchObject({
      before: { kind: 'allow', reason: 'clean' },
      after: { kind: 'refuse', reason: 'malware', fetchedByCount: 1, fetchedBy: [{ client: '10.0.0.7' }] },
    });
    expect(bench.notifier.notices.map((notice) => notice.kind)).toEqual(['verdict-worsened']);
    expect(bench.scanner.scans.at(-1)?.priority).toBe('rescan');
  });

  test('a served sibling of a file that turns out bad is told of too', async () => {
    bench.fake.addFile('six', { filename: WHEEL, bytes: Buffer.from('wheel') });
    const wheel = await bench.row('six', WHEEL);
    await bench.intake.join(wheel, PATIENT_MS);
    await bench.store.access.record([makeAccess({ filename: WHEEL, sha256: wheel.sha256 ?? '', client: '10.0.0.9' })]);
    bench.scanner.reportAs(SDIST, { score: 90 });

    await bench.intake.join(await bench.row('six', SDIST), PATIENT_MS);

    const worsened = await bench.store.events.list({ limit: 9, kind: 'verdict-worsened' });
    expect(worsened).toMatchObject([
      { filename: WHEEL, after: { reason: 'sibling-refused', fetchedBy: [{ client: '10.0.0.9' }] } },
    ]);
  });

  test('the row takes what a comparison with earlier releases says', async () => {
    const row = await bench.row('six', SDIST);
    const intake = bench.another({ compare: () => Promise.resolve({ acceptedAt: 42 }) });

    await intake.join(row, PATIENT_MS);

    expect((await bench.reread(row)).acceptedAt).toBe(42);
    expect((await bench.facts('six')).files[0]?.acceptedAt).toBe(42);
  });

  test('a wheel that was scanned before its sdist is compared when that one comes', async () => {
    bench.fake.addFile('six', { filename: WHEEL, bytes: Buffer.from('wheel') });
    const compared: (readonly [string, boolean])[] = [];
    const intake = bench.another({
      onBegin: ({ file }) => void compared.push([file.filename, false]),
      compare: ({ file, sha256 }, { ruleset }) => {
        compared.push([file.filename, true]);
        return Promise.resolve({
          comparison: { sha256: sha256 ?? SHA256, ruleset, comparedAt: 1, baselines: [], changes: [] },
        });
      },
    });
    await intake.join(await bench.row('six', WHEEL), PATIENT_MS);

    await intake.join(await bench.row('six', SDIST), PATIENT_MS);

    expect(compared).toEqual([
      [WHEEL, false],
      [WHEEL, true],
      [SDIST, false],
      [SDIST, true],
      [WHEEL, true],
    ]);
  });

  test('a comparison can read other files again, and no failure of that is its own', async () => {
    bench.fake.addFile('six', { filename: WHEEL, bytes: Buffer.from('wheel') });
    const wheel = await bench.row('six', WHEEL);
    await bench.intake.join(wheel, PATIENT_MS);
    const read: (string | undefined)[] = [];
    const intake = bench.another({
      compare: async (_row, _report, readAgain) => {
        read.push((await readAgain(await bench.reread(wheel)))?.filename);
        read.push((await readAgain({ ...wheel, sha256: sha256Of('nothing that is stored') }))?.filename);
        return undefined;
      },
    });

    await intake.join(await bench.row('six', SDIST), PATIENT_MS);

    expect(read).toEqual([WHEEL, undefined]);
  });

  test('bytes that are gone cannot be scanned again', async () => {
    await expect(bench.intake.rescan(await bench.row('six', SDIST))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('work ahead', () => {
  test('begins without being asked, and a real request joins and promotes it', async () => {
    bench.scanner.hold();
    const row = await bench.row('six', SDIST);

    bench.intake.speculate(row, '10.0.0.7');
    await expect.poll(() => bench.scanner.scans.length).toBe(1);
    const before = bench.intake.stats();
    const joined = bench.intake.join(row, PATIENT_MS);
    bench.scanner.release();

    expect((await joined).kind).toBe('done');
    expect(before).toMatchObject({ jobs: 1, speculative: 1 });
    expect(bench.scanner.scans.map((scan) => scan.priority)).toEqual(['speculative']);
    expect(bench.scanner.promoted).toContainEqual({ filename: SDIST, priority: 'requested' });
    expect(bench.fake.count(SDIST)).toBe(1);
  });

  test('stays within its budget of size, share and number', async () => {
    await bench.close();
    bench = await openIntakeBench({
      limits: { speculative: { ...ROOMY.speculative, jobs: 3, jobsPerClient: 2, maxFileBytes: 1000 } },
    });
    bench.fake.addFile('six', { filename: 'six-0.1.tar.gz', bytes: Buffer.alloc(2000) });
    for (const minor of [1, 2, 3, 4, 5]) {
      bench.fake.addFile('six', { filename: `six-1.${String(minor)}.tar.gz`, bytes: Buffer.alloc(10, minor) });
    }
    bench.scanner.hold();
    const facts = await bench.facts('six');

    for (const row of facts.files) bench.intake.speculate(row, 'one');
    const one = bench.intake.stats().speculative;
    for (const row of facts.files) bench.intake.speculate(row, 'two');

    expect([one, bench.intake.stats().speculative]).toEqual([2, 3]);
    expect(bench.fake.count('six-0.1.tar.gz')).toBe(0);
  });

  test('a file that hides its size is cut off at the limit of work ahead, and fetched whole when asked for', async () => {
    await bench.close();
    const speculative = { ...ROOMY.speculative, maxFileBytes: 10_000 };
    bench = await openIntakeBench({ limits: { speculative } });
    bench.fake.addFile('six', { filename: SDIST, bytes: BYTES, sizeBytes: null });
    const row = await bench.row('six', SDIST);

    bench.intake.speculate(row, 'one');
    await expect.poll(() => bench.intake.stats().jobs).toBe(0);
    const held = await bench.blobs.findSize(SHA256);
    await bench.intake.join(row, PATIENT_MS);

    expect(held).toBeUndefined();
    expect(await bench.blobs.findSize(SHA256)).toBe(BYTES.length);
  });

  test('is dropped as soon as a request has to wait, and that is no failure of the file', async () => {
    await bench.close();
    bench = await openIntakeBench({ limits: { fetches: 2 } });
    for (const minor of [1, 2, 3, 4]) {
      bench.fake.addFile('six', { filename: `six-1.${String(minor)}.tar.gz`, bytes: Buffer.alloc(10_000, minor) });
    }
    const [a, b, c, d] = (await bench.facts('six')).files;
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four files');
    for (const minor of [1, 3]) bench.fake.setFault(`six-1.${String(minor)}.tar.gz`, { kind: 'stall', afterBytes: 10 });

    bench.intake.speculate(a, 'one');
    // which of two comes first is open until one has its place
    await expect.poll(() => bench.intake.findPhase(a)?.kind, { timeout: PATIENT_MS }).toBe('fetching');
    bench.intake.speculate(b, 'one');
    await bench.intake.join(c, 0);
    await bench.intake.join(d, 0);
    await expect.poll(() => bench.intake.findPhase(b), { timeout: PATIENT_MS }).toBeUndefined();

    expect(bench.fake.count('six-1.2.tar.gz')).toBe(0);
    bench.fake.setFault('six-1.3.tar.gz', undefined);
    await expect.poll(() => bench.intake.join(b, PATIENT_MS).then((outcome) => outcome.kind)).toBe('done');
  });

  test('does not try what has just failed', async () => {
    const row = await bench.row('six', SDIST);
    bench.fake.setFault(SDIST, { kind: 'status', status: 500 });
    await expect(bench.intake.join(row, PATIENT_MS)).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });

    bench.intake.speculate(row, 'one');

    expect(bench.intake.stats().jobs).toBe(0);
    expect(bench.fake.count(SDIST)).toBe(1);
  });
});

describe('the end', () => {
  test('a server that stops ends its jobs, leaves no stage and takes no new ones', async () => {
    bench.fake.setFault(SDIST, { kind: 'stall', afterBytes: 10 });
    const row = await bench.row('six', SDIST);
    const joined = bench.intake.join(row, PATIENT_MS);
    await expect.poll(() => bench.intake.findPhase(row)?.kind).toBe('fetching');

    await bench.intake.close();

    await expect(joined).rejects.toMatchObject({ code: 'OVERLOADED' });
    await expect(bench.intake.join(row, 0)).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(await bench.staged()).toEqual([]);
    expect(bench.clock.now()).toBeGreaterThan(HOUR_MS);
  });
});
