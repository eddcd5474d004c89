// Owns the check of what is stored against itself: each blob against its name, the event log against its chain.
import { createHash } from 'node:crypto';
import { isCordonError } from '../errors.ts';
import type { Sha256 } from '../pypi/model.ts';
import type { AdminDeps } from './admin-deps.ts';

export interface Verification {
  readonly blobs: number;
  readonly bytes: number;
  /** digests whose bytes are others; they are not served from now on: the caller removes them */
  readonly broken: readonly string[];
  /** first event that does not continue the chain; undefined: whole */
  readonly brokenEvent: number | undefined;
}

/** undefined: the blob was evicted meanwhile */
async function digestBlob(sha256: Sha256, deps: AdminDeps): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of (await deps.blobs.open(sha256)) as AsyncIterable<Buffer>) hash.update(chunk);
  } catch (error) {
    if (isCordonError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
  return hash.digest('hex');
}

/**
 * Hashes every stored file again and walks the event chain. A broken blob is removed (it would be fetched again) when `repair`.
 */
export async function verifyStores(repair: boolean, actor: string, deps: AdminDeps): Promise<Verification> {
  try {
    return await verifyBlobs(repair, actor, deps);
  } finally {
    deps.verifyWatch.note(undefined);
  }
}

async function verifyBlobs(repair: boolean, actor: string, deps: AdminDeps): Promise<Verification> {
  const broken: string[] = [];
  const totalBytes = await deps.blobs.usedBytes();
  let blobs = 0;
  let bytes = 0;
  for await (const { sha256, sizeBytes } of deps.blobs.list()) {
    deps.verifyWatch.note({ doneBytes: bytes, totalBytes });
    const digest = await digestBlob(sha256, deps);
    if (digest === undefined) continue;
    blobs += 1;
    bytes += sizeBytes;
    if (digest === sha256) continue;
    broken.push(sha256);
    if (!repair) continue;
    await deps.blobs.remove(sha256);
    await deps.store.events.append([
      { kind: 'blob-broken', actor, sha256, reason: 'its bytes no longer have its digest' },
    ]);
  }
  return { blobs, bytes, broken, brokenEvent: await deps.store.events.verifyChain() };
}
