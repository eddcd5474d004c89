import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CordonError } from '../../src/errors.ts';
import { evictBlobs } from '../../src/jobs/evict.ts';
import type { BlobStore } from '../../src/ports/blob-store.ts';
import type { Sha256 } from '../../src/pypi/model.ts';
import { openFsBlobStore } from '../../src/storage/fs/fs-blob-store.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { type BuiltSource, buildSource } from '../support/built-source.ts';
import { HOUR_MS } from '../support/index-bench.ts';
import { type IntakeBench, openIntakeBench, PATIENT_MS } from '../support/intake-bench.ts';
import { makeUpstreamConfig } from '../support/upstream-config.ts';
import { type FillTask, fill } from './support/fill.ts';

const SDIST = 'six-1.0.tar.gz';
const BYTES = Buffer.alloc(2_500_000, 'state');
const SHA256 = createHash('sha256').update(BYTES).digest('hex') as Sha256;

describe('a file and its row part', () => {
  let bench: IntakeBench;

  beforeEach(async () => {
    bench = await openIntakeBench();
    bench.fake.addFile('six', { filename: SDIST, bytes: BYTES });
    await bench.intake.join(await bench.row('six', SDIST), PATIENT_MS);
  });

  afterEach(async () => {
    await bench.close();
  });

  test('20: bytes that somebody deleted are fetched again', async () => {
    await unlink((await bench.blobs.findPath(SHA256)) ?? '');

    await bench.intake.join(await bench.row('six', SDIST), PATIENT_MS);

    expect((await buffer(await bench.blobs.open(SHA256))).equals(BYTES)).toBe(true);
  });

  test('20: bytes that were cut short where they lie are replaced', async () => {
    await writeFile((await bench.blobs.findPath(SHA256)) ?? '', BYTES.subarray(0, 1000));

    await bench.intake.join(await bench.row('six', SDIST), PATIENT_MS);

    expect((await buffer(await bench.blobs.open(SHA256))).equals(BYTES)).toBe(true);
  });

  test('20: eviction under ten readers takes nothing from them, and the next request fetches again', async () => {
    const readers = await Promise.all(Array.from({ length: 10 }, () => bench.blobs.open(SHA256)));
    bench.clock.advance(HOUR_MS);

    const { removedBlobs } = await evictBlobs(1, { ...bench, log: silentLog, isInUse: bench.intake.isInUse });
    const read = await Promise.all(readers.map((reader) => buffer(reader)));
    await bench.intake.join(await bench.row('six', SDIST), PATIENT_MS);

    expect(removedBlobs).toBe(1);
    expect(read.every((bytes) => bytes.equals(BYTES))).toBe(true);
    expect(await bench.blobs.findSize(SHA256)).toBe(BYTES.length);
    expect(bench.scanner.scans).toHaveLength(1);
  });
});

describe('two servers', () => {
  test('20: a second one on the same data folder is turned away, and may start when the first has ended', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cordon-two-'));
    const open = () => openSqliteStore({ folder, clock: fakeClock(), onAccessLost: () => undefined });
    const first = open();

    expect(open).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    await first.close();
    await open().close();

    await rm(folder, { recursive: true, force: true });
  });
});

describe('a full disk', () => {
  test.each(['stage', 'write', 'adopt'] as const)(
    '20: at %s it is a clear failure, and the next request works',
    async (when) => {
      const bench = await openIntakeBench();
      bench.fake.addFile('six', { filename: SDIST, bytes: BYTES });
      let isFull = true;
      const full = new CordonError('STORE_DOWN', 'The disk of the data folder is full.');
      const failWhen = (step: typeof when): void => {
        if (isFull && step === when) throw full;
      };
      const blobs: BlobStore = {
        ...bench.blobs,
        async stage(label) {
          failWhen('stage');
          const stage = await bench.blobs.stage(label);
          return {
            ...stage,
            write: async (chunk) => {
              failWhen('write');
              await stage.write(chunk);
            },
            adopt: async (sha256) => {
              failWhen('adopt');
              await stage.adopt(sha256);
            },
          };
        },
      };
      const intake = bench.another({ blobs });
      const row = await bench.row('six', SDIST);

      await expect(intake.join(row, PATIENT_MS)).rejects.toMatchObject({ code: 'STORE_DOWN', status: 503 });
      const left = await bench.staged();
      isFull = false;
      bench.clock.advance(2_000);
      const outcome = await intake.join(row, PATIENT_MS);

      expect(left).toEqual([]);
      expect(outcome.kind).toBe('done');
      await bench.close();
    },
  );
});

describe('kill -9', () => {
  let built: BuiltSource;
  let fake: FakePypi;
  let root: string;

  beforeAll(async () => {
    built = await buildSource(['test/failure-modes/support/fill-child.ts']);
    root = await mkdtemp(join(tmpdir(), 'cordon-kill-'));
    fake = await startFakePypi({ separateFileOrigin: true });
    // no digest announced: the fill has the step of pinning it, too
    fake.addFile('six', { filename: SDIST, bytes: BYTES, hashes: {} });
  }, 60_000);

  afterAll(async () => {
    await fake.close();
    await built.remove();
    await rm(root, { recursive: true, force: true });
  });

  const taskFor = (folder: string): FillTask => ({
    folder,
    upstream: makeUpstreamConfig(fake),
    keptOrigin: fake.fileOrigin,
    project: 'six',
    filename: SDIST,
  });

  /** Name of the step it died at, or `done`. */
  function run(folder: string, dieAt: number): Promise<string> {
    const task = JSON.stringify({ ...taskFor(folder), dieAt });
    return new Promise((resolve, reject) => {
      const child = built.pathOf('test/failure-modes/support/fill-child.ts');
      execFile(process.execPath, [child, task], (error, stdout, stderr) => {
        if (error !== null && error.signal !== 'SIGKILL') reject(new Error(stderr));
        else resolve(stdout.trim());
      });
    });
  }

  /** What a server finds that opens the folder afterwards. */
  async function inspect(
    folder: string,
  ): Promise<{ staged: string[]; blob: Buffer | undefined; hasReport: boolean; chain: unknown }> {
    const clock = fakeClock(Date.now());
    const store = openSqliteStore({ folder, clock, onAccessLost: () => undefined });
    const blobs = await openFsBlobStore({ root: join(folder, 'blobs'), clock });
    const found = {
      staged: await readdir(join(folder, 'blobs', 'staging')),
      blob: (await blobs.findSize(SHA256)) === undefined ? undefined : await buffer(await blobs.open(SHA256)),
      hasReport: (await store.reports.findReport(SHA256, SDIST)) !== undefined,
      chain: await store.events.verifyChain(),
    };
    await blobs.close();
    await store.close();
    return found;
  }

  test('20: between every two steps of a fill it leaves a state from which the next request works', async () => {
    const died: string[] = [];
    for (let dieAt = 1; ; dieAt += 1) {
      const folder = join(root, String(dieAt));
      const last = await run(folder, dieAt);
      if (last === 'done') break;
      died.push(last);
      const between = await inspect(folder);
      await fill(taskFor(folder));
      const after = await inspect(folder);

      // a blob is whole or not there, a report has its bytes, and the log of events is unbroken
      expect([last, between.staged, between.chain]).toEqual([last, [], undefined]);
      expect(between.blob === undefined || between.blob.equals(BYTES)).toBe(true);
      expect(between.hasReport && between.blob === undefined).toBe(false);
      expect([last, after.hasReport, after.blob?.equals(BYTES)]).toEqual([last, true, true]);
    }

    expect(died).toEqual(expect.arrayContaining(['before savePage', 'after open', 'before rename', 'after rename']));
    expect(died).toEqual(expect.arrayContaining(['after updateFile', 'before scan', 'after scan', 'after saveReport']));
    expect(died.length).toBeGreaterThan(20);
  }, 300_000);
});
