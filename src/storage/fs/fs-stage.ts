import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CordonError } from '../../errors.ts';
import type { Stage } from '../../ports/blob-store.ts';
import type { Sha256 } from '../../pypi/model.ts';
import { isMissing, toStoreDown } from './store-failure.ts';

/** Small pieces are gathered and written together: measured a third faster than one system call each. */
const GATHER_BYTES = 1024 * 1024;

export interface StageSeams {
  readonly folder: string;
  readonly label: string;
  readonly pathOf: (sha256: Sha256) => string;
  /** told of bytes that staging grew (or, negative, shrank) by */
  readonly count: (bytes: number) => void;
  /** told of each adoption; addedBytes: what the store grew by */
  readonly adopted: (sha256: Sha256, addedBytes: number) => void;
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the folder of a blob; each level that is new is made durable in its parent. */
async function makeFolder(path: string): Promise<void> {
  const firstMade = await mkdir(path, { recursive: true });
  if (firstMade === undefined) return;
  for (let folder = path; folder.length >= firstMade.length; folder = dirname(folder))
    await syncFolder(dirname(folder));
}

async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[], position: number): Promise<void> {
  let rest = pieces;
  let at = position;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest, at);
    at += bytesWritten;
    // a short write is rare (a signal, a nearly full disk): go on behind it
    let skip = bytesWritten;
    const left: Uint8Array[] = [];
    for (const piece of rest) {
      if (skip >= piece.length) skip -= piece.length;
      else {
        left.push(piece.subarray(skip));
        skip = 0;
      }
    }
    rest = left;
  }
}

/** Makes the folder, too, where somebody took it away: whoever deletes the stored files means to have them fetched again. */
async function openNew(path: string): Promise<FileHandle> {
  const attempt = (): Promise<FileHandle> => open(path, 'wx', 0o600);
  try {
    return await attempt().catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      await mkdir(dirname(path), { recursive: true });
      return attempt();
    });
  } catch (error) {
    throw toStoreDown(error);
  }
}

/** Opens a new stage: a file of its own that nothing else reads before it is adopted. */
export async function openStage(seams: StageSeams): Promise<Stage> {
  const label = seams.label.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 80);
  const path = join(seams.folder, `${label}-${randomBytes(8).toString('hex')}`);
  let handle: FileHandle | undefined = await openNew(path);
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  let writtenBytes = 0;

  const openHandle = (): FileHandle => {
    if (handle === undefined) throw new CordonError('STORE_DOWN', 'A stage was used after its end.');
    return handle;
  };

  async function flush(): Promise<void> {
    const pieces = gathered;
    gathered = [];
    gatheredBytes = 0;
    if (pieces.length === 0) return;
    await writeAll(openHandle(), pieces, writtenBytes);
    const flushed = pieces.reduce((sum, piece) => sum + piece.length, 0);
    writtenBytes += flushed;
    seams.count(flushed);
  }

  /** Closes the file and takes its bytes off the account of staging. Never throws. */
  async function release(): Promise<void> {
    const open = handle;
    handle = undefined;
    if (open === undefined) return;
    seams.count(-writtenBytes);
    await open.close().catch(() => undefined);
  }

  async function discard(): Promise<void> {
    await release();
    await rm(path, { force: true }).catch(() => undefined);
  }

  return {
    path,
    async write(chunk) {
      openHandle();
      gathered.push(chunk);
      gatheredBytes += chunk.length;
      if (gatheredBytes < GATHER_BYTES) return;
      try {
        await flush();
      } catch (error) {
        throw toStoreDown(error);
      }
    },
    async adopt(sha256) {
      const target = seams.pathOf(sha256);
      try {
        await flush();
        await openHandle().sync();
        await release();
        await makeFolder(dirname(target));
        const replaced = await stat(target).catch(() => undefined);
        await rename(path, target);
        seams.adopted(sha256, writtenBytes - (replaced?.size ?? 0));
        await syncFolder(dirname(target));
      } catch (error) {
        await discard();
        throw toStoreDown(error);
      }
    },
    discard,
  };
}
