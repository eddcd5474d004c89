import type { ByteSource } from '../byte-source.ts';
import type { AnomalyLog } from './anomalies.ts';
import type { ArchiveLimits } from './archive.ts';
import { bytesEqual, u16, u32, u64 } from './bytes.ts';
import { decodeCp437 } from './cp437.ts';
import { UnreadableError } from './unreadable.ts';
import type { ZipEnd } from './zip-end.ts';

/** One entry of the central directory, which is what zipfile, and so pip, goes by. */
export interface ZipEntry {
  /** decoded as zipfile does: UTF-8 when flagged, else code page 437; cut at a NUL */
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  /** position of the local header in the file */
  readonly headerStart: number;
  /** upper half of the external attributes */
  readonly unixMode: number;
}

const HEADER_BYTES = 46;
const DIRECTORY_LIMIT = 64 * 2 ** 20;
const MAX_VERSION = 63;

/** Parses the whole central directory; throws UnreadableError where zipfile would raise. */
export function readDirectory(source: ByteSource, end: ZipEnd, limits: ArchiveLimits, log: AnomalyLog): ZipEntry[] {
  if (end.directoryStart < 0 || end.directoryBytes > source.sizeBytes) {
    throw new UnreadableError('format', 'the central directory lies outside the file');
  }
  if (end.directoryBytes > DIRECTORY_LIMIT) {
    throw new UnreadableError('budget', 'the central directory is larger than 64 MiB');
  }
  const directory = source.readAt(end.directoryStart, end.directoryBytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at < directory.length) {
    if (at + HEADER_BYTES > directory.length || u32(directory, at) !== 0x02014b50) {
      throw new UnreadableError('format', `the central directory is broken at entry ${String(entries.length + 1)}`);
    }
    const length = HEADER_BYTES + u16(directory, at + 28) + u16(directory, at + 30) + u16(directory, at + 32);
    if (at + length > directory.length) {
      throw new UnreadableError('format', 'the central directory ends inside an entry');
    }
    entries.push(readEntry(directory.subarray(at, at + length), end.prefixBytes, log));
    at += length;
    if (entries.length > limits.memberCount) {
      throw new UnreadableError('budget', `more than ${String(limits.memberCount)} members`);
    }
  }
  if (entries.length !== end.entryCount) {
    log.add('zip-count-differs', '');
  }
  return entries;
}

function readEntry(record: Uint8Array, prefixBytes: number, log: AnomalyLog): ZipEntry {
  const nameEnd = HEADER_BYTES + u16(record, 28);
  const extraEnd = nameEnd + u16(record, 30);
  const nameBytes = record.slice(HEADER_BYTES, nameEnd);
  const flags = u16(record, 8);
  const name = decodeName(nameBytes, flags, log);
  const sizes = readSizes(record.subarray(nameEnd, extraEnd), name, log, [
    u32(record, 24),
    u32(record, 20),
    u32(record, 42),
  ]);
  inspectExtra(record.subarray(nameEnd, extraEnd), nameBytes, name, log);
  if (u16(record, 6) > MAX_VERSION) {
    log.add('zip-version', name);
  }
  if (u16(record, 34) !== 0) {
    log.add('zip-disks', name);
  }
  if (extraEnd < record.length) {
    log.add('zip-member-comment', name);
  }
  return {
    name,
    nameBytes,
    flags,
    method: u16(record, 10),
    crc: u32(record, 16),
    sizeBytes: sizes[0],
    compressedBytes: sizes[1],
    headerStart: sizes[2] + prefixBytes,
    unixMode: u16(record, 40),
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeName(bytes: Uint8Array, flags: number, log: AnomalyLog): string {
  let name: string;
  if ((flags & 0x800) === 0) {
    name = decodeCp437(bytes);
  } else {
    try {
      name = utf8.decode(bytes);
    } catch (cause) {
      throw new UnreadableError('format', 'a member name is flagged as UTF-8 and is not', { cause });
    }
  }
  const nul = name.indexOf('\0');
  if (nul >= 0) {
    log.add('path-nul', name.slice(0, nul));
    return name.slice(0, nul);
  }
  return name;
}

/** The fields of an extra area, as (id, bytes). Stops with an anomaly where zipfile would raise. */
export function* extraFields(extra: Uint8Array, name: string, log: AnomalyLog): Generator<[number, Uint8Array]> {
  let at = 0;
  while (at + 4 <= extra.length) {
    const length = u16(extra, at + 2);
    if (at + 4 + length > extra.length) {
      log.add('zip-extra', name);
      return;
    }
    yield [u16(extra, at), extra.subarray(at + 4, at + 4 + length)];
    at += 4 + length;
  }
  if (at < extra.length) {
    log.add('zip-extra', name);
  }
}

type Sizes = readonly [sizeBytes: number, compressedBytes: number, headerOffset: number];

/** Replaces the fields that are at their maximum by those of the ZIP64 extra field. */
function readSizes(extra: Uint8Array, name: string, log: AnomalyLog, plain: Sizes): Sizes {
  const sizes: [number, number, number] = [...plain];
  let found = 0;
  let hasMore = false;
  for (const [id, content] of extraFields(extra, name, log)) {
    if (id !== 0x0001) {
      continue;
    }
    found += 1;
    let at = 0;
    for (const index of [0, 1, 2] as const) {
      if (plain[index] === 0xffffffff && at + 8 <= content.length) {
        sizes[index] = u64(content, at);
        at += 8;
      }
    }
    hasMore = at < content.length;
  }
  if (found > 1 || hasMore || sizes.includes(0xffffffff)) {
    log.add('zip64-extra', name);
  }
  return sizes;
}

/** 0x7075 holds a second name, which Python takes from 3.12 on, and other readers always or never. */
function inspectExtra(extra: Uint8Array, nameBytes: Uint8Array, name: string, log: AnomalyLog): void {
  for (const [id, content] of extraFields(extra, name, log)) {
    if (id === 0x7075 && !bytesEqual(content.subarray(5), nameBytes)) {
      log.add('zip-second-name', name);
    }
  }
}
