import { crc32 } from 'node:zlib';
import type { ByteSource } from '../byte-source.ts';
import type { AnomalyLog } from './anomalies.ts';
import { u16, u32 } from './bytes.ts';
import { chunksOf, inflateChunks } from './inflate.ts';
import { UnreadableError } from './unreadable.ts';

const FIXED_BYTES = 10;
const TRAILER_BYTES = 8;
const HEADER_LIMIT = 1 << 17;
const MEMBER_LIMIT = 64;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Decompresses a gzip file in bounded memory, member after member, as Python's GzipFile does. More than one member with
 * content, a wrong checksum and bytes after the end are anomalies, because installers differ there. Throws UnreadableError.
 */
export async function* gunzipChunks(
  source: ByteSource,
  log: AnomalyLog,
): AsyncGenerator<Uint8Array, undefined, undefined> {
  let at = 0;
  for (let member = 0; at < source.sizeBytes; member += 1) {
    if (member > 0) {
      if (!isGzip(source.readAt(at, 2))) {
        inspectTrailing(source, at, log);
        return;
      }
      if (member === MEMBER_LIMIT) {
        throw new UnreadableError('budget', `it is more than ${String(MEMBER_LIMIT)} gzip files in a row`);
      }
      log.add('gzip-members', '');
    }
    const start = at + readHeader(source, at);
    let crc = 0;
    let size = 0;
    const chunks = inflateChunks(source, start, source.sizeBytes);
    let consumed = 0;
    try {
      for (let step = await next(chunks); ; step = await next(chunks)) {
        if (step.done === true) {
          consumed = step.value;
          break;
        }
        crc = crc32(step.value, crc);
        size += step.value.length;
        yield step.value;
      }
    } finally {
      await chunks.return(0);
    }
    at = start + consumed;
    const trailer = source.readAt(at, TRAILER_BYTES);
    if (trailer.length < TRAILER_BYTES) {
      throw new UnreadableError('format', 'the gzip data is cut off');
    }
    if (u32(trailer, 0) !== crc || u32(trailer, 4) !== size % 2 ** 32) {
      log.add('gzip-crc', '');
    }
    at += TRAILER_BYTES;
  }
}

async function next(
  chunks: AsyncGenerator<Uint8Array, number, undefined>,
): Promise<IteratorResult<Uint8Array, number>> {
  try {
    return await chunks.next();
  } catch (cause) {
    throw new UnreadableError('format', 'the gzip data is broken or cut off', { cause });
  }
}

/** @returns length of the header at `at`. Throws UnreadableError. */
function readHeader(source: ByteSource, at: number): number {
  const header = source.readAt(at, HEADER_LIMIT);
  const flags = header[3] ?? 0;
  if (header.length < FIXED_BYTES || !isGzip(header) || header[2] !== 8 || (flags & 0xe0) !== 0) {
    throw new UnreadableError('format', 'the gzip header is not valid');
  }
  let length = FIXED_BYTES;
  if ((flags & 0x04) !== 0) {
    length += 2 + u16(header, length);
  }
  for (const flag of [0x08, 0x10]) {
    if ((flags & flag) !== 0) {
      const nul = header.indexOf(0, length);
      length = nul < 0 ? HEADER_LIMIT : nul + 1;
    }
  }
  if ((flags & 0x02) !== 0) {
    length += 2;
  }
  if (length >= header.length) {
    throw new UnreadableError('format', 'the gzip header does not end');
  }
  return length;
}

/** Zero padding is skipped by all; anything else some readers skip and others refuse. */
function inspectTrailing(source: ByteSource, at: number, log: AnomalyLog): void {
  for (const chunk of chunksOf(source, at, source.sizeBytes)) {
    if (chunk.some((byte) => byte !== 0)) {
      log.add('gzip-trailing-data', '');
      return;
    }
  }
  log.add('gzip-padding', '');
}
