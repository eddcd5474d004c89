import { Readable } from 'node:stream';
import { CordonError } from '../../src/errors.ts';
import type { BlobStore } from '../../src/ports/blob-store.ts';
import type { Sha256 } from '../../src/pypi/model.ts';

const SLICE_BYTES = 64 * 1024;

/** A blob store over a map; nothing is staged. */
export interface FakeBlobStore extends BlobStore {
  put(sha256: Sha256, bytes: Uint8Array): void;
  /** digests in the order in which they were opened */
  readonly opened: string[];
}

/** In pieces, as a file system gives them. */
function* slicesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.byteLength; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}

export function fakeBlobStore(): FakeBlobStore {
  const blobs = new Map<Sha256, Uint8Array>();
  const opened: string[] = [];
  return {
    put: (sha256, bytes) => void blobs.set(sha256, bytes),
    opened,
    stage: () => Promise.reject(new Error('nothing is staged here')),
    findSize: (sha256) => Promise.resolve(blobs.get(sha256)?.byteLength),
    async open(sha256, range) {
      const bytes = blobs.get(sha256);
      if (bytes === undefined) throw new CordonError('NOT_FOUND', 'evicted');
      opened.push(sha256);
      const part = range === undefined ? bytes : bytes.subarray(range.start, range.end + 1);
      return Readable.from(slicesOf(Buffer.from(part)));
    },
    findPath: () => Promise.resolve(undefined),
    remove: (sha256) => Promise.resolve(void blobs.delete(sha256)),
    async *list() {
      for (const [sha256, bytes] of blobs) yield { sha256, sizeBytes: bytes.byteLength, lastUsedAt: 0 };
    },
    usedBytes: () => Promise.resolve([...blobs.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0)),
  };
}
