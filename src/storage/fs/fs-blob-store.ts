// Owns blobs on a local file system. May import ports, errors and node:fs. Start at openFsBlobStore.
// Layout below the root: `staging/<label>-<random>` while bytes arrive, `sha256/<2>/<2>/<64>` once they are adopted.
import type { Stats } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { CordonError } from '../../errors.ts';
import type { BlobStore, ByteRange, Stage } from '../../ports/blob-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Sha256 } from '../../pypi/model.ts';
import { parseSha256 } from '../../pypi/names.ts';
import { openStage } from './fs-stage.ts';
import { isMissing, toStoreDown } from './store-failure.ts';

/**
 * More than Node's 64 KiB, for fewer reads of big files; less than the 128 KiB from which on glibc may map each buffer
 * anew (mallopt(3), M_MMAP_THRESHOLD): with 256 KiB a server was three times slower or not, as its heap had grown.
 */
const READ_CHUNK_BYTES = 112 * 1024;
/** Uses are noted in memory and written as file times this often: one system call per blob and minute at most. */
const FLUSH_MS = 60_000;

export interface FsBlobStore extends BlobStore {
  /** Writes the noted uses and stops the timer. */
  close(): Promise<void>;
}

/** Deletes what a killed process left in staging: nobody can be writing there, one server owns the folder. */
async function removeLeftovers(staging: string): Promise<void> {
  for (const name of await readdir(staging)) await rm(join(staging, name), { force: true, recursive: true });
}

/** Of a folder that somebody took away while we run: nothing. */
async function readNames(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw toStoreDown(error);
  }
}

async function* walkBlobs(folder: string): AsyncGenerator<{ readonly sha256: Sha256; readonly path: string }> {
  for (const first of await readNames(folder)) {
    for (const second of await readdir(join(folder, first)).catch(() => [])) {
      for (const name of await readdir(join(folder, first, second)).catch(() => [])) {
        const sha256 = parseSha256(name);
        if (sha256 !== undefined) yield { sha256, path: join(folder, first, second, name) };
      }
    }
  }
}

async function statOrMissing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw toStoreDown(error);
  }
}

/**
 * Opens (and makes) the store below `root`. The caller holds the data folder alone: leftover stages are removed.
 *
 * @throws STORE_DOWN when the folder cannot be made or read
 */
export async function openFsBlobStore(deps: { readonly root: string; readonly clock: Clock }): Promise<FsBlobStore> {
  const staging = join(deps.root, 'staging');
  const blobs = join(deps.root, 'sha256');
  const pathOf = (sha256: Sha256): string => join(blobs, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  const uses = new Map<Sha256, number>();
  let blobBytes = 0;
  let stagedBytes = 0;
  try {
    await mkdir(staging, { recursive: true });
    await mkdir(blobs, { recursive: true });
    await removeLeftovers(staging);
    for await (const { path } of walkBlobs(blobs)) blobBytes += (await statOrMissing(path))?.size ?? 0;
  } catch (error) {
    throw toStoreDown(error);
  }

  async function flushUses(): Promise<void> {
    const noted = [...uses];
    uses.clear();
    for (const [sha256, at] of noted) {
      // a blob that is gone meanwhile has no use to note
      await utimes(pathOf(sha256), at / 1000, at / 1000).catch(() => undefined);
    }
  }
  const timer = setInterval(() => void flushUses(), FLUSH_MS);
  timer.unref();

  async function openBlob(sha256: Sha256): Promise<FileHandle> {
    try {
      return await open(pathOf(sha256), 'r');
    } catch (error) {
      if (isMissing(error)) {
        throw new CordonError('NOT_FOUND', 'The stored bytes of this file are gone.', { cause: error });
      }
      throw toStoreDown(error);
    }
  }

  return {
    async stage(label): Promise<Stage> {
      return openStage({
        folder: staging,
        label,
        pathOf,
        count: (bytes) => {
          stagedBytes += bytes;
        },
        adopted: (sha256, addedBytes) => {
          blobBytes += addedBytes;
          uses.set(sha256, deps.clock.now());
        },
      });
    },
    async findSize(sha256) {
      return (await statOrMissing(pathOf(sha256)))?.size;
    },
    async open(sha256, range?: ByteRange): Promise<Readable> {
      const handle = await openBlob(sha256);
      uses.set(sha256, deps.clock.now());
      return handle.createReadStream({ ...range, highWaterMark: READ_CHUNK_BYTES });
    },
    async findPath(sha256) {
      const path = pathOf(sha256);
      return (await statOrMissing(path)) === undefined ? undefined : path;
    },
    async remove(sha256) {
      const sizeBytes = (await statOrMissing(pathOf(sha256)))?.size;
      if (sizeBytes === undefined) return;
      try {
        await unlink(pathOf(sha256));
      } catch (error) {
        if (isMissing(error)) return;
        throw toStoreDown(error);
      }
      uses.delete(sha256);
      blobBytes -= sizeBytes;
    },
    async *list() {
      for await (const { sha256, path } of walkBlobs(blobs)) {
        const found = await statOrMissing(path);
        if (found === undefined) continue;
        yield { sha256, sizeBytes: found.size, lastUsedAt: uses.get(sha256) ?? found.mtimeMs };
      }
    },
    usedBytes: () => Promise.resolve(blobBytes + stagedBytes),
    async close() {
      clearInterval(timer);
      await flushUses();
    },
  };
}
