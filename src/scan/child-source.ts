import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../analysis/byte-source.ts';

/** A file opened for reading, whose bytes are read on demand. */
export interface FileSource extends ByteSource {
  close(): void;
}

/** Opens a file. Throws the operating system's error when it is not there or is no regular file. */
export function openFileSource(path: string): FileSource {
  const descriptor = openSync(path, 'r');
  const { size } = fstatSync(descriptor);
  return {
    sizeBytes: size,
    readAt(position, length) {
      const wanted = Math.max(0, Math.min(length, size - position));
      // small pieces are often kept: their own allocation, so that they do not hold a shared one
      const buffer = Buffer.allocUnsafeSlow(wanted);
      let filled = 0;
      while (filled < wanted) {
        const read = readSync(descriptor, buffer, filled, wanted - filled, position + filled);
        if (read === 0) {
          break;
        }
        filled += read;
      }
      return buffer.subarray(0, filled);
    },
    close() {
      closeSync(descriptor);
    },
  };
}
