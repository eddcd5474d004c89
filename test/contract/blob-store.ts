// What every blob store promises, whatever it is made of. Called by test/storage/<backend>/*.test.ts.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BlobStore } from '../../src/ports/blob-store.ts';
import type { Sha256 } from '../../src/pypi/model.ts';
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts';

export interface BlobStoreBench {
  readonly store: BlobStore;
  close(): Promise<void>;
}

export const digestOf = (bytes: Uint8Array): Sha256 => createHash('sha256').update(bytes).digest('hex') as Sha256;

export async function put(store: BlobStore, bytes: Uint8Array): Promise<Sha256> {
  const stage = await store.stage('a file');
  await stage.write(bytes);
  const sha256 = digestOf(bytes);
  await stage.adopt(sha256);
  return sha256;
}

export function describeBlobStore(name: string, open: (clock: FakeClock) => Promise<BlobStoreBench>): void {
  describe(`blob store contract: ${name}`, () => {
    let bench: BlobStoreBench;
    let store: BlobStore;
    const clock = fakeClock();
    const bytes = Buffer.from('the bytes of a wheel');

    beforeEach(async () => {
      bench = await open(clock);
      store = bench.store;
    });

    afterEach(async () => {
      await bench.close();
    });

    test('a blob is there once its stage was adopted, and not before', async () => {
      const stage = await store.stage('six-1.0.whl');
      await stage.write(bytes.subarray(0, 5));
      await stage.write(bytes.subarray(5));
      const before = await store.findSize(digestOf(bytes));

      await stage.adopt(digestOf(bytes));

      expect(before).toBeUndefined();
      expect(await store.findSize(digestOf(bytes))).toBe(bytes.length);
      expect(await buffer(await store.open(digestOf(bytes)))).toEqual(bytes);
      expect(await readFile((await store.findPath(digestOf(bytes))) ?? '')).toEqual(bytes);
    });

    test('many pieces of every size arrive in order', async () => {
      const pieces = [1, 70_000, 3, 1_500_000, 0, 12, 900_000].map((size, index) => Buffer.alloc(size, index + 1));
      const whole = Buffer.concat(pieces);
      const stage = await store.stage('big');
      for (const piece of pieces) await stage.write(piece);

      await stage.adopt(digestOf(whole));

      expect(digestOf(await buffer(await store.open(digestOf(whole))))).toBe(digestOf(whole));
    });

    test('a range is both ends inclusive', async () => {
      const sha256 = await put(store, bytes);

      const part = await buffer(await store.open(sha256, { start: 4, end: 8 }));

      expect(part.toString()).toBe('bytes');
    });

    test('a discarded stage leaves nothing, twice over', async () => {
      const stage = await store.stage('six');
      await stage.write(Buffer.alloc(2_000_000));

      await stage.discard();
      await stage.discard();

      expect(await store.usedBytes()).toBe(0);
    });

    test('adopting the same bytes again is the same blob, counted once', async () => {
      const sha256 = await put(store, bytes);
      await put(store, bytes);

      const listed = [];
      for await (const blob of store.list()) listed.push(blob);

      expect(listed).toEqual([{ sha256, sizeBytes: bytes.length, lastUsedAt: clock.now() }]);
      expect(await store.usedBytes()).toBe(bytes.length);
    });

    test('bytes that are still being staged count as used', async () => {
      const stage = await store.stage('big');
      await stage.write(Buffer.alloc(2_000_000));

      expect(await store.usedBytes()).toBe(2_000_000);
      await stage.discard();
    });

    test('opening an absent blob is NOT_FOUND, and its size and path are unknown', async () => {
      const absent = digestOf(Buffer.from('never stored'));

      await expect(store.open(absent)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await store.findSize(absent)).toBeUndefined();
      expect(await store.findPath(absent)).toBeUndefined();
    });

    test('a blob that is removed while ten readers have it open is read to its end', async () => {
      const big = Buffer.alloc(3_000_000, 7);
      const sha256 = await put(store, big);
      const readers = await Promise.all(Array.from({ length: 10 }, () => store.open(sha256)));

      await store.remove(sha256);
      await store.remove(sha256);
      const read = await Promise.all(readers.map((reader) => buffer(reader)));

      expect(read.every((each) => each.equals(big))).toBe(true);
      expect(await store.findSize(sha256)).toBeUndefined();
      expect(await store.usedBytes()).toBe(0);
    });

    test('a use is remembered', async () => {
      const sha256 = await put(store, bytes);
      clock.advance(3_600_000);

      await buffer(await store.open(sha256));
      const listed = [];
      for await (const blob of store.list()) listed.push(blob.lastUsedAt);

      expect(listed).toEqual([clock.now()]);
    });

    test('a failed transfer leaves no stage: what follows finds an empty store', async () => {
      await (await store.stage('a/../../b\u0000 c')).discard();

      const listed = [];
      for await (const blob of store.list()) listed.push(blob);

      expect(listed).toEqual([]);
    });
  });
}
