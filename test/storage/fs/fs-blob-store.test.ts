import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isCordonError } from '../../../src/errors.ts';
import { openFsBlobStore } from '../../../src/storage/fs/fs-blob-store.ts';
import { toStoreDown } from '../../../src/storage/fs/store-failure.ts';
import { describeBlobStore, digestOf, put } from '../../contract/blob-store.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cordon-blobs-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describeBlobStore('file system', async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-blobs-'));
  const store = await openFsBlobStore({ root: folder, clock });
  return {
    store,
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});

test('stages left by a killed process are removed at the next start, blobs are kept and counted', async () => {
  const first = await openFsBlobStore({ root, clock: fakeClock() });
  const sha256 = await put(first, Buffer.from('kept'));
  await (await first.stage('half')).write(Buffer.alloc(2_000_000));
  await mkdir(join(root, 'staging', 'odd'), { recursive: true });
  await writeFile(join(root, 'staging', 'odd', 'thing'), 'x');

  const second = await openFsBlobStore({ root, clock: fakeClock() });

  expect(await readdir(join(root, 'staging'))).toEqual([]);
  expect(await second.usedBytes()).toBe(4);
  expect((await buffer(await second.open(sha256))).toString()).toBe('kept');
  await first.close();
  await second.close();
});

test('a blob stands two folders deep under its digest and only its owner can read it', async () => {
  const store = await openFsBlobStore({ root, clock: fakeClock() });
  const sha256 = await put(store, Buffer.from('bytes'));

  const found = await stat(join(root, 'sha256', sha256.slice(0, 2), sha256.slice(2, 4), sha256));

  expect(found.mode & 0o777).toBe(0o600);
  await store.close();
});

test('uses survive a restart as file times', async () => {
  const clock = fakeClock();
  const store = await openFsBlobStore({ root, clock });
  const sha256 = await put(store, Buffer.from('bytes'));
  clock.advance(86_400_000);
  await buffer(await store.open(sha256));
  await store.close();

  const again = await openFsBlobStore({ root, clock });
  const listed = [];
  for await (const blob of again.list()) listed.push(blob.lastUsedAt);

  expect(listed).toEqual([clock.now()]);
  await again.close();
});

test('a damaged blob is replaced by the next adoption', async () => {
  const store = await openFsBlobStore({ root, clock: fakeClock() });
  const bytes = Buffer.from('good bytes');
  const sha256 = await put(store, bytes);
  await chmod((await store.findPath(sha256)) ?? '', 0o600);
  await writeFile((await store.findPath(sha256)) ?? '', 'bad');

  await put(store, bytes);

  expect(await buffer(await store.open(sha256))).toEqual(bytes);
  await store.close();
});

test('a folder that is taken away while it is open is made again', async () => {
  const store = await openFsBlobStore({ root, clock: fakeClock() });
  await put(store, Buffer.from('bytes'));

  await rm(root, { recursive: true });

  for await (const blob of store.list()) expect(blob).toBeUndefined();
  const again = await put(store, Buffer.from('bytes'));
  expect(await buffer(await store.open(again))).toEqual(Buffer.from('bytes'));
  await store.close();
});

test('an adoption that cannot be made is STORE_DOWN and leaves no stage', async () => {
  const store = await openFsBlobStore({ root, clock: fakeClock() });
  const bytes = Buffer.from('bytes');
  const sha256 = digestOf(bytes);
  // a file where the folder should be, as a broken disk check might leave it
  await writeFile(join(root, 'sha256', sha256.slice(0, 2)), 'in the way');
  const stage = await store.stage('six');
  await stage.write(bytes);

  const failure: unknown = await stage.adopt(sha256).catch((error: unknown) => error);

  expect(isCordonError(failure, 'STORE_DOWN')).toBe(true);
  expect(await readdir(join(root, 'staging'))).toEqual([]);
  expect(await store.usedBytes()).toBe(0);
  await store.close();
});

test.each([
  ['ENOSPC', /disk .* is full/],
  ['EDQUOT', /quota/],
  ['EROFS', /read-only/],
  ['EACCES', /cannot be written/],
  ['EIO', /cannot be used \(EIO\)/],
])('%s is told in words', (code, text) => {
  const failure = toStoreDown(Object.assign(new Error('write'), { code }));

  expect(failure.code).toBe('STORE_DOWN');
  expect(failure.message).toMatch(text);
});
