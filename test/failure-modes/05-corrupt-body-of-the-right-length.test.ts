import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sha256 } from '../../src/pypi/model.ts';
import { HOUR_MS } from '../support/index-bench.ts';
import { type IntakeBench, openIntakeBench, PATIENT_MS } from '../support/intake-bench.ts';

const SDIST = 'six-1.0.tar.gz';
const BYTES = Buffer.alloc(400_000, 'true');
const SHA256 = createHash('sha256').update(BYTES).digest('hex') as Sha256;
let bench: IntakeBench;

beforeEach(async () => {
  bench = await openIntakeBench();
  bench.fake.addFile('six', { filename: SDIST, bytes: BYTES });
});

afterEach(async () => {
  await bench.close();
});

test('5: a wrong byte is tried once more, then it is a 502, an event, a notice and a mark; never stored, never scanned', async () => {
  bench.fake.setFault(SDIST, { kind: 'corrupt' });
  const row = await bench.row('six', SDIST);

  await expect(bench.intake.join(row, PATIENT_MS)).rejects.toMatchObject({ code: 'UPSTREAM_MISMATCH', status: 502 });

  expect(bench.fake.count(SDIST)).toBe(2);
  expect(await bench.blobs.usedBytes()).toBe(0);
  expect(await bench.staged()).toEqual([]);
  expect(bench.scanner.scans).toEqual([]);
  expect((await bench.reread(row)).mismatch).toMatchObject({ kind: 'digest', at: bench.clock.now() });
  expect((await bench.facts('six')).files[0]?.mismatch?.kind).toBe('digest');
  expect(await bench.eventKinds()).toContain('digest-mismatch');
  expect(bench.notifier.notices.map((notice) => notice.kind)).toEqual(['digest-mismatch']);
});

test('5: one bad transfer is repaired by the next and leaves no mark', async () => {
  bench.fake.setFault(SDIST, { kind: 'corrupt' }, 1);
  const row = await bench.row('six', SDIST);

  await bench.intake.join(row, PATIENT_MS);

  expect((await buffer(await bench.blobs.open(SHA256))).equals(BYTES)).toBe(true);
  expect((await bench.reread(row)).mismatch).toBeUndefined();
});

test('5: a mismatch is not asked for again at every request, and after an hour it may heal', async () => {
  bench.fake.setFault(SDIST, { kind: 'corrupt' });
  const row = await bench.row('six', SDIST);
  for (let request = 0; request < 5; request += 1) {
    await expect(bench.intake.join(row, PATIENT_MS)).rejects.toMatchObject({ code: 'UPSTREAM_MISMATCH' });
  }
  const asked = bench.fake.count(SDIST);
  bench.fake.setFault(SDIST, undefined);
  bench.clock.advance(HOUR_MS);

  const healed = await bench.index.findFile(row.path);
  await bench.intake.join(healed ?? row, PATIENT_MS);

  expect(asked).toBe(2);
  expect(healed?.mismatch).toBeUndefined();
  expect(await bench.blobs.findSize(SHA256)).toBe(BYTES.length);
});

test('5: other bytes of their own length are no better, however their server insists', async () => {
  bench.fake.setFault(SDIST, { kind: 'replace', bytes: Buffer.from('evil') });

  await expect(bench.intake.join(await bench.row('six', SDIST), PATIENT_MS)).rejects.toMatchObject({
    code: 'UPSTREAM_MISMATCH',
  });
  expect(await bench.blobs.usedBytes()).toBe(0);
});

test('5: bytes that are held are never replaced by what came later', async () => {
  const row = await bench.row('six', SDIST);
  await bench.intake.join(row, PATIENT_MS);
  bench.fake.setFault(SDIST, { kind: 'corrupt' });
  bench.scanner.ruleset = 'rules-2';

  await bench.intake.join(row, PATIENT_MS);

  expect((await buffer(await bench.blobs.open(SHA256))).equals(BYTES)).toBe(true);
});
