import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { evictBlobs } from '../../src/jobs/evict.ts';
import { type FsBlobStore, openFsBlobStore } from '../../src/storage/fs/fs-blob-store.ts';
import { put } from '../contract/blob-store.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { silentLog } from '../fakes/silent-log.ts';

const HOUR_MS = 3_600_000;
let root: string;
let blobs: FsBlobStore;
const clock = fakeClock();

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cordon-evict-'));
  blobs = await openFsBlobStore({ root, clock });
});

afterEach(async () => {
  await blobs.close();
  await rm(root, { recursive: true, force: true });
});

test('the least recently used blobs go until nine tenths of the budget are left', async () => {
  const oldest = await put(blobs, Buffer.alloc(1000, 1));
  clock.advance(HOUR_MS);
  const middle = await put(blobs, Buffer.alloc(1000, 2));
  clock.advance(HOUR_MS);
  const newest = await put(blobs, Buffer.alloc(1000, 3));
  clock.advance(HOUR_MS);
  await buffer(await blobs.open(oldest));
  clock.advance(HOUR_MS);

  const eviction = await evictBlobs(2500, { blobs, clock, log: silentLog, isInUse: () => false });

  expect(eviction).toEqual({ removedBlobs: 1, removedBytes: 1000, excessBytes: 0 });
  expect(await blobs.findSize(middle)).toBeUndefined();
  expect(await blobs.findSize(oldest)).toBe(1000);
  expect(await blobs.findSize(newest)).toBe(1000);
});

test('nothing goes below the budget, nor without one', async () => {
  await put(blobs, Buffer.alloc(1000, 1));
  clock.advance(HOUR_MS);

  const below = await evictBlobs(1000, { blobs, clock, log: silentLog, isInUse: () => false });
  const without = await evictBlobs(0, { blobs, clock, log: silentLog, isInUse: () => false });

  expect([below.removedBlobs, without.removedBlobs]).toEqual([0, 0]);
});

test('a blob that a job needs, or that was used a moment ago, stays, and the excess is told', async () => {
  const needed = await put(blobs, Buffer.alloc(1000, 1));
  clock.advance(HOUR_MS);
  const fresh = await put(blobs, Buffer.alloc(1000, 2));

  const eviction = await evictBlobs(500, { blobs, clock, log: silentLog, isInUse: (sha256) => sha256 === needed });

  expect(eviction).toEqual({ removedBlobs: 0, removedBytes: 0, excessBytes: 1500 });
  expect(await blobs.findSize(fresh)).toBe(1000);
});
