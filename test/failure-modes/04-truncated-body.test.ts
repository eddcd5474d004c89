import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sha256 } from '../../src/pypi/model.ts';
import { type IntakeBench, openIntakeBench, PATIENT_MS } from '../support/intake-bench.ts';

const SDIST = 'six-1.0.tar.gz';
const BYTES = Buffer.alloc(400_000, 'whole');
const SHA256 = createHash('sha256').update(BYTES).digest('hex') as Sha256;
let bench: IntakeBench;

beforeEach(async () => {
  bench = await openIntakeBench();
  bench.fake.addFile('six', { filename: SDIST, bytes: BYTES });
});

afterEach(async () => {
  await bench.close();
});

test.each([
  ['the socket dropped half-way', true],
  ['sent short, without a length', false],
])('4: %s: nothing is kept, nothing is scanned, and the failure is the upstream’s', async (_what, withLength) => {
  bench.fake.setFault(SDIST, { kind: 'truncate', afterBytes: 200_000, withLength });
  const row = await bench.row('six', SDIST);

  await expect(bench.intake.join(row, PATIENT_MS)).rejects.toMatchObject({ code: 'UPSTREAM_DOWN', status: 502 });

  expect(await bench.blobs.usedBytes()).toBe(0);
  expect(await bench.staged()).toEqual([]);
  expect(bench.scanner.scans).toEqual([]);
  // a connection that breaks off says nothing about the file
  expect((await bench.reread(row)).mismatch).toBeUndefined();
});

test.each([true, false])('4: the next request fetches it whole (with a length: %s)', async (withLength) => {
  bench.fake.setFault(SDIST, { kind: 'truncate', afterBytes: 200_000, withLength });
  const row = await bench.row('six', SDIST);
  await expect(bench.intake.join(row, PATIENT_MS)).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  bench.fake.setFault(SDIST, undefined);
  bench.clock.advance(2_000);

  await bench.intake.join(row, PATIENT_MS);

  expect((await buffer(await bench.blobs.open(SHA256))).equals(BYTES)).toBe(true);
  expect(await bench.staged()).toEqual([]);
});

test('4: a single cut is repaired within the job', async () => {
  bench.fake.setFault(SDIST, { kind: 'truncate', afterBytes: 200_000, withLength: true }, 1);

  await bench.intake.join(await bench.row('six', SDIST), PATIENT_MS);

  expect(await bench.blobs.findSize(SHA256)).toBe(BYTES.length);
  expect(bench.fake.count(SDIST)).toBe(2);
});

test('4: a file without any announced size or digest is not kept when its length was promised and not kept', async () => {
  bench.fake.addFile('bare', { filename: 'bare-1.0.tar.gz', bytes: BYTES, hashes: {}, sizeBytes: null });
  bench.fake.setFault('bare-1.0.tar.gz', { kind: 'truncate', afterBytes: 200_000, withLength: true });

  await expect(bench.intake.join(await bench.row('bare', 'bare-1.0.tar.gz'), PATIENT_MS)).rejects.toMatchObject({
    code: 'UPSTREAM_DOWN',
  });
  expect(await bench.blobs.usedBytes()).toBe(0);
});

test('4: a Content-Length that lies ends the same way', async () => {
  for (const by of [1000, -1000]) {
    bench.fake.setFault(SDIST, { kind: 'wrong-length', by });
    bench.clock.advance(3_600_000);

    await expect(bench.intake.join(await bench.row('six', SDIST), PATIENT_MS)).rejects.toMatchObject({ status: 502 });
    expect(await bench.blobs.usedBytes()).toBe(0);
  }
});
