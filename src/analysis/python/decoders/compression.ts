// Owns decompression by the formats of Python's standard library, in bounded memory.
// May import decoded.ts, ../../archive/{bzip2,lzma}.ts, node:zlib (in memory, no I/O). Start at decodeZlib.
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { bunzip2Chunks } from '../../archive/bzip2.ts';
import { unlzma } from '../../archive/lzma.ts';
import { bufferOf, cut, type Decoded, type Decoder } from './decoded.ts';

interface SyncOptions {
  readonly maxOutputLength: number;
  readonly finishFlush: number;
}

function inflateWith(
  decompress: (input: Buffer, options: SyncOptions) => Buffer,
  input: Uint8Array,
  maxBytes: number,
): Decoded | undefined {
  const buffer = bufferOf(input);
  const options = { maxOutputLength: Math.max(1, maxBytes), finishFlush: constants.Z_FINISH };
  try {
    return { bytes: decompress(buffer, options), isTruncated: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      return { bytes: new Uint8Array(), isTruncated: true };
    }
  }
  try {
    // a stream that was cut off still gives what it holds, as decompressobj() does
    const bytes = decompress(buffer, { ...options, finishFlush: constants.Z_SYNC_FLUSH });
    return bytes.length === 0 ? undefined : { bytes, isTruncated: true };
  } catch {
    return undefined;
  }
}

/** `zlib.decompress`. */
export const decodeZlib: Decoder = (input, maxBytes) => inflateWith(inflateSync, input, maxBytes);

/** `zlib.decompress(data, -15)`: deflate without header. */
export const decodeDeflate: Decoder = (input, maxBytes) => inflateWith(inflateRawSync, input, maxBytes);

/** `gzip.decompress`, `zlib.decompress(data, 31)`. */
export const decodeGzip: Decoder = (input, maxBytes) => inflateWith(gunzipSync, input, maxBytes);

/** `brotli.decompress`. */
export const decodeBrotli: Decoder = (input, maxBytes) => {
  try {
    const bytes = brotliDecompressSync(bufferOf(input), { maxOutputLength: Math.max(1, maxBytes) });
    return { bytes, isTruncated: false };
  } catch (error) {
    const isLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return isLarge ? { bytes: new Uint8Array(), isTruncated: true } : undefined;
  }
};

/** `bz2.decompress`: all streams; what was read before an error counts. */
export const decodeBzip2: Decoder = (input, maxBytes) => {
  const parts: Uint8Array[] = [];
  let size = 0;
  let isTruncated = false;
  try {
    for (const part of bunzip2Chunks(input)) {
      parts.push(part);
      size += part.length;
      if (size > maxBytes) break;
    }
  } catch {
    if (size === 0) return undefined;
    isTruncated = true;
  }
  const all = cut(Buffer.concat(parts, size), maxBytes);
  return { bytes: all.bytes, isTruncated: all.isTruncated || isTruncated };
};

/** `lzma.decompress`: .xz and .lzma. */
export const decodeLzma: Decoder = (input, maxBytes) => {
  const result = unlzma(input, maxBytes);
  if (result === undefined || (result.bytes.length === 0 && !result.isComplete)) return undefined;
  return { bytes: result.bytes, isTruncated: !result.isComplete };
};
