import type { ByteSource } from '../byte-source.ts';
import type { AnomalyLog } from './anomalies.ts';
import { bytesEqual, u16, u32, u64 } from './bytes.ts';
import { extraFields, type ZipEntry } from './zip-directory.ts';

const HEADER_BYTES = 30;
/** encrypted, sizes follow the data, name is UTF-8 */
const FLAGS_THAT_MATTER = 0x0001 | 0x0008 | 0x0800;
const HAS_DESCRIPTOR = 0x0008;

/** Where the compressed bytes of an entry lie. */
export interface ZipPlace {
  readonly entry: ZipEntry;
  readonly dataStart: number;
}

/**
 * Compares each local header with its directory entry and checks that the members tile the file from its first byte to the
 * directory. Readers that stream (uv) go by local headers, readers that seek (zipfile) by the directory: both must see one archive.
 *
 * @param end position of the central directory
 * @returns the places in the order of the directory, without entries that have no local header: nobody can read those
 */
export function placeEntries(
  source: ByteSource,
  entries: readonly ZipEntry[],
  end: number,
  log: AnomalyLog,
): readonly ZipPlace[] {
  const places = new Map<ZipEntry, ZipPlace>();
  const byPosition = [...entries].sort((a, b) => a.headerStart - b.headerStart);
  let expected = 0;
  byPosition.forEach((entry, index) => {
    if (entry.headerStart !== expected) {
      log.add(entry.headerStart < expected ? 'zip-overlap' : 'zip-gap', entry.name);
    }
    const place = readLocalHeader(source, entry, log);
    if (place === undefined) {
      expected = Math.max(expected, entry.headerStart);
      return;
    }
    places.set(entry, place);
    const dataEnd = place.dataStart + entry.compressedBytes;
    const next = Math.min(byPosition[index + 1]?.headerStart ?? end, end);
    expected = dataEnd + (hasDescriptor(entry) ? readDescriptor(source, entry, dataEnd, next, log) : 0);
  });
  if (expected !== end) {
    log.add(expected > end ? 'zip-overlap' : 'zip-gap', '');
  }
  return entries.map((entry) => places.get(entry)).filter((place) => place !== undefined);
}

function hasDescriptor(entry: ZipEntry): boolean {
  return (entry.flags & HAS_DESCRIPTOR) !== 0;
}

function readLocalHeader(source: ByteSource, entry: ZipEntry, log: AnomalyLog): ZipPlace | undefined {
  const start = entry.headerStart;
  const header = start < 0 ? new Uint8Array(0) : source.readAt(start, HEADER_BYTES);
  if (header.length < HEADER_BYTES || u32(header, 0) !== 0x04034b50) {
    log.add('zip-no-local-header', entry.name);
    return undefined;
  }
  const nameLength = u16(header, 26);
  const rest = source.readAt(start + HEADER_BYTES, nameLength + u16(header, 28));
  if (!bytesEqual(rest.subarray(0, nameLength), entry.nameBytes)) {
    log.add('zip-name-differs', entry.name);
  }
  if ((u16(header, 6) & FLAGS_THAT_MATTER) !== (entry.flags & FLAGS_THAT_MATTER)) {
    log.add('zip-flags-differ', entry.name);
  }
  if (u16(header, 8) !== entry.method) {
    log.add('zip-method-differs', entry.name);
  }
  inspectLocalSizes(header, rest.subarray(nameLength), entry, log);
  return { entry, dataStart: start + HEADER_BYTES + rest.length };
}

/** Sizes and CRC of the local header, ZIP64 resolved; all may be zero where a descriptor follows the data. */
function inspectLocalSizes(header: Uint8Array, extra: Uint8Array, entry: ZipEntry, log: AnomalyLog): void {
  let sizeBytes = u32(header, 22);
  let compressedBytes = u32(header, 18);
  let large = 0;
  for (const [id, content] of extraFields(extra, entry.name, log)) {
    if (id === 0x0001) {
      large += 1;
      let at = 0;
      if (sizeBytes === 0xffffffff && content.length >= 8) {
        sizeBytes = u64(content, 0);
        at = 8;
      }
      if (compressedBytes === 0xffffffff && content.length >= at + 8) {
        compressedBytes = u64(content, at);
      }
    } else if (id === 0x7075 && !bytesEqual(content.subarray(5), entry.nameBytes)) {
      log.add('zip-second-name', entry.name);
    }
  }
  if (large > 1) {
    log.add('zip64-extra', entry.name);
  }
  const crc = u32(header, 14);
  const isLater = hasDescriptor(entry);
  const differs =
    (sizeBytes !== entry.sizeBytes && !(isLater && sizeBytes === 0)) ||
    (compressedBytes !== entry.compressedBytes && !(isLater && compressedBytes === 0)) ||
    (crc !== entry.crc && !(isLater && crc === 0));
  if (differs) {
    log.add('zip-sizes-differ', entry.name);
  }
}

/** @returns length of the data descriptor, found by the room up to the next member; 0 with an anomaly when it does not fit */
function readDescriptor(source: ByteSource, entry: ZipEntry, at: number, next: number, log: AnomalyLog): number {
  if (entry.method === 0 && entry.sizeBytes > 0) {
    log.add('zip-stored-descriptor', entry.name);
  }
  const room = next - at;
  const bytes = room >= 12 && room <= 24 ? source.readAt(at, room) : new Uint8Array(0);
  const signed = bytes.length >= 16 && u32(bytes, 0) === 0x08074b50 && bytes.length !== 20;
  const from = signed ? 4 : 0;
  const wide = bytes.length - from === 20;
  const sizes = wide
    ? { compressed: u64(bytes, from + 4), plain: u64(bytes, from + 12) }
    : { compressed: u32(bytes, from + 4), plain: u32(bytes, from + 8) };
  const fits =
    (bytes.length - from === 12 || wide) &&
    u32(bytes, from) === entry.crc &&
    sizes.compressed === entry.compressedBytes &&
    sizes.plain === entry.sizeBytes;
  if (!fits) {
    log.add('zip-descriptor-differs', entry.name);
    return 0;
  }
  return room;
}
