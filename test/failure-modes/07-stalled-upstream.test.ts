import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sha256 } from '../../src/pypi/model.ts';
import { createUpstream } from '../../src/upstream/upstream.ts';
import { type IntakeBench, openIntakeBench, PATIENT_MS } from '../support/intake-bench.ts';
import { makeUpstreamConfig } from '../support/upstream-config.ts';

const SDIST = 'six-1.0.tar.gz';
const BYTES = Buffer.alloc(6_000_000, 'stall');
const SHA256 = createHash('sha256').update(BYTES).digest('hex') as Sha256;
let bench: IntakeBench;

beforeEach(async () => {
  bench = await openIntakeBench();
  bench.fake.addFile('six', { filename: SDIST, bytes: BYTES });
});

afterEach(async () => {
  await bench.close();
});

test('7: five megabytes, then silence: everybody who waits hears of it, and the next request works', async () => {
  bench.fake.setFault(SDIST, { kind: 'stall', afterBytes: 5_000_000 });
  const row = await bench.row('six', SDIST);

  const waits = await Promise.allSettled([1, 2, 3].map(() => bench.intake.join(row, PATIENT_MS)));
  const codes = waits.map((wait) => (wait.status === 'rejected' ? (wait.reason as { code: string }).code : 'done'));
  bench.fake.setFault(SDIST, undefined);
  bench.clock.advance(2_000);
  await bench.intake.join(row, PATIENT_MS);

  expect(codes).toEqual(['UPSTREAM_SLOW', 'UPSTREAM_SLOW', 'UPSTREAM_SLOW']);
  expect(await bench.staged()).toEqual([]);
  expect(await bench.blobs.findSize(SHA256)).toBe(BYTES.length);
});

test('7: the stall is noticed while the reader is the slow side, once it wants more than there is', async () => {
  bench.fake.setFault(SDIST, { kind: 'stall', afterBytes: 5_000_000 });
  const timeouts = { connectMs: 1000, headersMs: 1000, progressMs: 100 };
  const upstream = createUpstream(makeUpstreamConfig(bench.fake, { timeouts }));
  const answer = await upstream.fetchFile(bench.fake.urlOf('six', SDIST), new AbortController().signal);
  let received = 0;

  const reading = (async () => {
    for await (const chunk of answer.body) {
      received += (chunk as Buffer).length;
      // slower than the deadline at first: this is not the upstream's fault
      if (received < 1_000_000) await sleep(150);
    }
  })();

  await expect(reading).rejects.toMatchObject({ code: 'UPSTREAM_SLOW' });
  expect(received).toBe(5_000_000);
  await upstream.close();
});
