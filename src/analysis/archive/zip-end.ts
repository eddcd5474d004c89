import type { ByteSource } from '../byte-source.ts';
import type { AnomalyLog } from './anomalies.ts';
import { lastIndexOf, u16, u32, u64 } from './bytes.ts';

const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const END_SIGNATURE = Uint8Array.of(0x50, 0x4b, 0x05, 0x06);
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;

/** Where the central directory lies, as CPython's zipfile works it out. All positions count from the start of the file. */
export interface ZipEnd {
  readonly entryCount: number;
  readonly directoryStart: number;
  readonly directoryBytes: number;
  /** bytes before the archive proper (data put in front); offsets in the directory lack them */
  readonly prefixBytes: number;
}

interface EndRecord {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** Says whether CPython's `zipfile.is_zipfile` would say yes; old pip unpacks such a file as zip whatever its name. */
export function looksLikeZip(source: ByteSource): boolean {
  return findEndRecord(source) !== undefined;
}

/**
 * Finds the end record from the end of the file, as CPython does: the last 22 bytes when they are one without comment, else
 * the last signature within 64 KiB. The signature may stand in compressed data by chance, so others are not counted, only
 * tested for being an end record that reaches the end of the file as well.
 */
function findEndRecord(source: ByteSource): EndRecord | undefined {
  const size = source.sizeBytes;
  if (size < END_BYTES) {
    return undefined;
  }
  const last = source.readAt(size - END_BYTES, END_BYTES);
  if (u32(last, 0) === u32(END_SIGNATURE, 0) && u16(last, 20) === 0) {
    return { position: size - END_BYTES, bytes: last };
  }
  const tailStart = Math.max(size - MAX_COMMENT_BYTES - 1 - END_BYTES, 0);
  const tail = source.readAt(tailStart, size - tailStart);
  const at = lastIndexOf(tail, END_SIGNATURE);
  if (at < 0 || at + END_BYTES > tail.length) {
    return undefined;
  }
  return { position: tailStart + at, bytes: tail.subarray(at, at + END_BYTES) };
}

/** Reads the end of a zip. undefined: CPython finds no end record, so no installer reads it. */
export function readZipEnd(source: ByteSource, log: AnomalyLog): ZipEnd | undefined {
  const record = findEndRecord(source);
  if (record === undefined) {
    return undefined;
  }
  inspectTail(source, record, log);
  const { bytes, position } = record;
  if (u16(bytes, 4) !== 0 || u16(bytes, 6) !== 0) {
    log.add('zip-disks', '');
  }
  const plain = {
    entriesHere: u16(bytes, 8),
    entryCount: u16(bytes, 10),
    directoryBytes: u32(bytes, 12),
    directoryOffset: u32(bytes, 16),
  };
  const large = readZip64(source, position, plain, log);
  const { entryCount, entriesHere, directoryBytes, directoryOffset } = large ?? plain;
  if (entryCount !== entriesHere) {
    log.add('zip-count-differs', '');
  }
  const end = large === undefined ? position : position - LOCATOR_BYTES - END64_BYTES;
  const directoryStart = end - directoryBytes;
  const prefixBytes = directoryStart - directoryOffset;
  if (prefixBytes !== 0) {
    log.add('zip-prefixed', '');
  }
  return { entryCount, directoryStart, directoryBytes, prefixBytes };
}

/** Whatever follows the record, and other records that a reader with another search order would take. */
function inspectTail(source: ByteSource, record: EndRecord, log: AnomalyLog): void {
  const size = source.sizeBytes;
  const commentBytes = u16(record.bytes, 20);
  const recordEnd = record.position + END_BYTES;
  if (recordEnd + commentBytes !== size) {
    log.add('zip-trailing-data', '');
  } else if (commentBytes > 0) {
    log.add('zip-comment', '');
  }
  const tailStart = Math.max(size - MAX_COMMENT_BYTES - END_BYTES, 0);
  const tail = source.readAt(tailStart, size - tailStart);
  let at = lastIndexOf(tail, END_SIGNATURE);
  for (; at >= 0; at = at === 0 ? -1 : lastIndexOf(tail, END_SIGNATURE, at - 1)) {
    const isOther = tailStart + at !== record.position && at + END_BYTES <= tail.length;
    if (isOther && tailStart + at + END_BYTES + u16(tail, at + 20) === size) {
      log.add('zip-two-ends', '');
    }
  }
}

type Counts = {
  readonly entriesHere: number;
  readonly entryCount: number;
  readonly directoryBytes: number;
  readonly directoryOffset: number;
};

/**
 * CPython takes the ZIP64 record whenever its locator stands right before the end record, other readers only where the end
 * record's own field is at its maximum: so both must say the same.
 */
function readZip64(source: ByteSource, position: number, plain: Counts, log: AnomalyLog): Counts | undefined {
  const isAsked =
    plain.entryCount === 0xffff || plain.directoryBytes === 0xffffffff || plain.directoryOffset === 0xffffffff;
  const start = position - LOCATOR_BYTES - END64_BYTES;
  const block = start < 0 ? new Uint8Array(0) : source.readAt(start, END64_BYTES + LOCATOR_BYTES);
  const hasLocator = block.length > 0 && u32(block, END64_BYTES) === 0x07064b50;
  if (!hasLocator) {
    if (isAsked && plain.entryCount !== 0xffff) {
      log.add('zip64-missing', '');
    }
    return undefined;
  }
  if (u32(block, 0) !== 0x06064b50 || u64(block, 4) !== END64_BYTES - 12) {
    log.add('zip64-record', '');
    return undefined;
  }
  if (u64(block, END64_BYTES + 8) !== start || u32(block, END64_BYTES + 4) !== 0 || u32(block, END64_BYTES + 16) > 1) {
    log.add('zip64-locator', '');
  }
  if (u32(block, 16) !== 0 || u32(block, 20) !== 0) {
    log.add('zip-disks', '');
  }
  const large: Counts = {
    entriesHere: u64(block, 24),
    entryCount: u64(block, 32),
    directoryBytes: u64(block, 40),
    directoryOffset: u64(block, 48),
  };
  const agrees =
    (plain.entryCount === 0xffff || plain.entryCount === large.entryCount) &&
    (plain.entriesHere === 0xffff || plain.entriesHere === large.entriesHere) &&
    (plain.directoryBytes === 0xffffffff || plain.directoryBytes === large.directoryBytes) &&
    (plain.directoryOffset === 0xffffffff || plain.directoryOffset === large.directoryOffset);
  if (!agrees) {
    log.add('zip64-differs', '');
  }
  return large;
}
