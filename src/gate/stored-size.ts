import type { Readable } from 'node:stream';
import { isCordonError } from '../errors.ts';
import type { ByteRange } from '../ports/blob-store.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { Sha256 } from '../pypi/model.ts';
import type { GateDeps } from './deps.ts';

/** A blob that was there is taken to be there for this long: a look at the disk costs a quarter of a small file's request. */
const TRUSTED_MS = 10_000;

type SizeDeps = Pick<GateDeps, 'blobs' | 'sizes' | 'clock'>;

/**
 * Size in bytes of the stored blob of a file; undefined when it is absent, or has another size than was announced: it was
 * damaged where it lies, and is fetched again. It may be gone when it is opened: openStored says so.
 */
export async function findStoredSize(
  { sha256, file }: Pick<StoredFile, 'sha256' | 'file'>,
  deps: SizeDeps,
): Promise<number | undefined> {
  if (sha256 === undefined) return undefined;
  const known = deps.sizes.get(sha256);
  if (known !== undefined) return known;
  const size = await deps.blobs.findSize(sha256);
  if (size === undefined || size !== (file.sizeBytes ?? size)) return undefined;
  deps.sizes.set(sha256, size, 100, deps.clock.now() + TRUSTED_MS);
  return size;
}

/** Opens a stored blob. Throws NOT_FOUND when it was evicted, and does not take it to be there any more. */
export async function openStored(sha256: Sha256, range: ByteRange | undefined, deps: SizeDeps): Promise<Readable> {
  try {
    return await deps.blobs.open(sha256, range);
  } catch (error) {
    if (isCordonError(error, 'NOT_FOUND')) deps.sizes.set(sha256, 0, 0, deps.clock.now());
    throw error;
  }
}
