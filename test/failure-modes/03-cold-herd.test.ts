import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sha256 } from '../../src/pypi/model.ts';
import { type IntakeBench, openIntakeBench, PATIENT_MS } from '../support/intake-bench.ts';

const BYTES = Buffer.alloc(3_000_000, 'herd');
const SHA256 = createHash('sha256').update(BYTES).digest('hex') as Sha256;
let bench: IntakeBench;

beforeEach(async () => {
  bench = await openIntakeBench();
  bench.fake.addFile('six', { filename: 'six-1.0.tar.gz', bytes: BYTES });
});

afterEach(async () => {
  await bench.close();
});

test('3: fifty clients, five of whom leave, are one GET and one scan, and the rest get the same bytes', async () => {
  const row = await bench.row('six', 'six-1.0.tar.gz');
  const path = row.path;

  const joins = Array.from({ length: 50 }, async (_, client) => {
    const found = (await bench.index.findFile(path)) ?? row;
    return bench.intake.join(found, client % 10 === 0 ? 0 : PATIENT_MS);
  });
  const outcomes = await Promise.all(joins);
  const readers = await Promise.all(Array.from({ length: 45 }, async () => buffer(await bench.blobs.open(SHA256))));

  expect(outcomes.filter((outcome) => outcome.kind === 'done')).toHaveLength(45);
  expect(readers.every((bytes) => bytes.equals(BYTES))).toBe(true);
  expect(bench.fake.count('six-1.0.tar.gz')).toBe(1);
  expect(bench.scanner.scans).toHaveLength(1);
});

test('3: fifty clients ask for a cold project: one page request', async () => {
  await Promise.all(Array.from({ length: 50 }, () => bench.facts('six')));

  expect(bench.fake.count('/simple/six/')).toBe(1);
});
