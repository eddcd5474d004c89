import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sha256 } from '../../src/pypi/model.ts';
import { type IntakeBench, openIntakeBench, PATIENT_MS } from '../support/intake-bench.ts';

const SDIST = 'six-1.0.tar.gz';
const BYTES = Buffer.alloc(4_000_000, 'slow');
const SHA256 = createHash('sha256').update(BYTES).digest('hex') as Sha256;
let bench: IntakeBench;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

beforeEach(async () => {
  process.on('unhandledRejection', onUnhandled);
  bench = await openIntakeBench();
  bench.fake.addFile('six', { filename: SDIST, bytes: BYTES });
});

afterEach(async () => {
  await bench.close();
  await sleep(0);
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

test('6: the first client leaves: those who joined get the file, from the same transfer', async () => {
  bench.fake.setFault(SDIST, { kind: 'slow', bytesPerSecond: 20_000_000 });
  const row = await bench.row('six', SDIST);

  const left = await bench.intake.join(row, 10);
  const others = await Promise.all([1, 2, 3].map(() => bench.intake.join(row, PATIENT_MS)));

  expect(left.kind).toBe('waiting');
  expect(others.map((outcome) => outcome.kind)).toEqual(['done', 'done', 'done']);
  expect(bench.fake.count(SDIST)).toBe(1);
});

test('6: everybody leaves: the file is there when somebody comes back', async () => {
  const row = await bench.row('six', SDIST);
  await bench.intake.join(row, 0);

  await expect.poll(() => bench.intake.findPhase(row)).toBeUndefined();

  expect(await bench.blobs.findSize(SHA256)).toBe(BYTES.length);
  expect(bench.scanner.scans).toHaveLength(1);
});

test('6: everybody leaves a job that fails: nobody is harmed', async () => {
  bench.fake.setFault(SDIST, { kind: 'reset' });
  const row = await bench.row('six', SDIST);
  await bench.intake.join(row, 0);

  await expect.poll(() => bench.intake.findPhase(row)).toBeUndefined();

  await expect(bench.intake.join(row, 0)).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
});

test('6: a reader that takes its time holds up no other reader', async () => {
  await bench.intake.join(await bench.row('six', SDIST), PATIENT_MS);
  const dawdler = await bench.blobs.open(SHA256);
  const first = (await dawdler[Symbol.asyncIterator]().next()) as IteratorResult<Buffer>;

  const others = await Promise.all(Array.from({ length: 20 }, async () => buffer(await bench.blobs.open(SHA256))));

  expect(first.done).toBe(false);
  expect(others.every((bytes) => bytes.equals(BYTES))).toBe(true);
  dawdler.destroy();
});
