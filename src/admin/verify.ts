// Owns the check of what is stored against itself: each blob against its name, the event log against its chain.
import { createHash } from 'node:crypto';
import type { AdminDeps } from './admin-deps.ts';

export interface Verification {
  readonly blobs: number;
  readonly bytes: number;
  /** digests whose bytes are others; they are not served from now on: the caller removes them */
  readonly broken: readonly string[];
  /** first event that does not continue the chain; undefined: whole */
  readonly brokenEvent: number | undefined;
}

/**
 * Hashes every stored file again and walks the event chain. A broken blob is removed (it would be fetched again) when `repair`.
 */
export async function verifyStores(repair: boolean, actor: string, deps: AdminDeps): Promise<Verification> {
  const broken: string[] = [];
  let blobs = 0;
  let bytes = 0;
  for await (const { sha256, sizeBytes } of deps.blobs.list()) {
    blobs += 1;
    bytes += sizeBytes;
    const hash = createHash('sha256');
    for await (const chunk of (await deps.blobs.open(sha256)) as AsyncIterable<Buffer>) hash.update(chunk);
    if (hash.digest('hex') === sha256) continue;
    broken.push(sha256);
    if (!repair) continue;
    await deps.blobs.remove(sha256);
    await deps.store.events.append([
      { kind: 'blob-broken', actor, sha256, reason: 'its bytes no longer have its digest' },
    ]);
  }
  return { blobs, bytes, broken, brokenEvent: await deps.store.events.verifyChain() };
}
