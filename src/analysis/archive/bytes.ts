import type { ByteSource } from '../byte-source.ts';

/** Little-endian fields, as zip and gzip write them. The caller has checked that the bytes are there. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

export function u32(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;
}

/** Exact up to 2^53; Infinity beyond, which no limit lets through. */
export function u64(bytes: Uint8Array, at: number): number {
  const value = u32(bytes, at) + u32(bytes, at + 4) * 2 ** 32;
  return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY;
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Index of the last occurrence of `needle` that starts at or before `from`; -1 without one. */
export function lastIndexOf(bytes: Uint8Array, needle: Uint8Array, from = bytes.length): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(needle, from);
}

/** Bytes that are already in memory, as a source. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    readAt: (position, length) => bytes.subarray(position, Math.min(bytes.length, position + length)),
  };
}

const WINDOW_BYTES = 1 << 20;

/** Serves small neighbouring reads from one window of 1 MiB: one system call instead of a thousand. */
export function windowedSource(source: ByteSource): ByteSource {
  let window: Uint8Array = new Uint8Array(0);
  let start = 0;
  return {
    sizeBytes: source.sizeBytes,
    readAt(position, length) {
      if (length > WINDOW_BYTES / 4) {
        return source.readAt(position, length);
      }
      const end = Math.min(position + length, source.sizeBytes);
      if (position < start || end > start + window.length) {
        window = source.readAt(position, WINDOW_BYTES);
        start = position;
      }
      return window.subarray(position - start, Math.max(position, end) - start);
    },
  };
}
