import type { Readable } from 'node:stream';
import type { Sha256 } from '../pypi/model.ts';

export interface ByteRange {
  /** first byte, 0-based */
  readonly start: number;
  /** last byte, inclusive */
  readonly end: number;
}

/** A file being fetched: written while hashed, invisible until adopted. */
export interface Stage {
  /** local path that a scan child may open for reading */
  readonly path: string;
  write(chunk: Uint8Array): Promise<void>;
  /** fsync, rename to the digest's place, fsync the folder. Throws STORE_DOWN; the stage is gone either way. */
  adopt(sha256: Sha256): Promise<void>;
  /** Removes the bytes. Never throws. */
  discard(): Promise<void>;
}

/** Bytes by digest. A blob exists only after its stage was adopted. */
export interface BlobStore {
  /** @param label for people reading the staging folder; not an identity */
  stage(label: string): Promise<Stage>;
  /** size in bytes; undefined when absent */
  findSize(sha256: Sha256): Promise<number | undefined>;
  /** Streams the blob or a part of it. Throws NOT_FOUND when absent (evicted): the caller fetches again. */
  open(sha256: Sha256, range?: ByteRange): Promise<Readable>;
  /** path of the blob for a scan child; undefined when absent */
  findPath(sha256: Sha256): Promise<string | undefined>;
  remove(sha256: Sha256): Promise<void>;
  /** every blob with size and last use (UTC ms) */
  list(): AsyncIterable<{ readonly sha256: Sha256; readonly sizeBytes: number; readonly lastUsedAt: number }>;
  /** bytes used by blobs and stages */
  usedBytes(): Promise<number>;
}
