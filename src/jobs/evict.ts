// Owns how stored bytes are kept within the disk budget. May import ports. Start at evictBlobs.
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Sha256 } from '../pypi/model.ts';

/** What was used within the last minutes stays: a client may be about to ask for it. */
const KEEP_USED_MS = 10 * 60_000;
/** Go a little below the budget, so that not every new file starts another walk. */
const TARGET_SHARE = 0.9;

export interface Eviction {
  readonly removedBlobs: number;
  readonly removedBytes: number;
  /** bytes still over the budget: everything left is in use */
  readonly excessBytes: number;
}

export interface EvictDeps {
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly log: Log;
  /** blobs that a job needs now */
  readonly isInUse: (sha256: Sha256) => boolean;
}

/**
 * Removes the least recently used blobs until the store is below nine tenths of its budget. Only bytes go: reports, core
 * metadata and verdicts live in the decision store, and the bytes are fetched and checked again when somebody asks.
 *
 * @param budgetBytes 0: no limit
 */
export async function evictBlobs(budgetBytes: number, deps: EvictDeps): Promise<Eviction> {
  const usedBytes = await deps.blobs.usedBytes();
  if (budgetBytes === 0 || usedBytes <= budgetBytes) return { removedBlobs: 0, removedBytes: 0, excessBytes: 0 };
  const candidates: { readonly sha256: Sha256; readonly sizeBytes: number; readonly lastUsedAt: number }[] = [];
  const usedSince = deps.clock.now() - KEEP_USED_MS;
  for await (const blob of deps.blobs.list()) {
    if (blob.lastUsedAt < usedSince) candidates.push(blob);
  }
  candidates.sort((a, b) => a.lastUsedAt - b.lastUsedAt);
  let toFree = usedBytes - budgetBytes * TARGET_SHARE;
  let removedBlobs = 0;
  let removedBytes = 0;
  for (const blob of candidates) {
    if (toFree <= 0) break;
    if (deps.isInUse(blob.sha256)) continue;
    await deps.blobs.remove(blob.sha256);
    toFree -= blob.sizeBytes;
    removedBlobs += 1;
    removedBytes += blob.sizeBytes;
  }
  const excessBytes = Math.max(0, usedBytes - removedBytes - budgetBytes);
  deps.log.info(
    { removedBlobs, removedBytes, budgetBytes, usedBytes: usedBytes - removedBytes },
    'evicted stored files',
  );
  if (excessBytes > 0)
    deps.log.warn({ excessBytes, budgetBytes }, 'stored files exceed the disk budget and are in use');
  return { removedBlobs, removedBytes, excessBytes };
}
