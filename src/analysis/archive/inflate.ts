import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import type { ByteSource } from '../byte-source.ts';

const CHUNK_BYTES = 1 << 18;

/** The bytes [start, end) of a source, 256 KiB at a time. */
export function* chunksOf(source: ByteSource, start: number, end: number): Generator<Uint8Array> {
  for (let at = start; at < end; at += CHUNK_BYTES) {
    yield source.readAt(at, Math.min(CHUNK_BYTES, end - at));
  }
}

/**
 * Inflates the deflate stream that begins at `start`, in bounded memory. Ends where the stream says it ends, even when more
 * bytes follow; the generator's return value is how many compressed bytes the stream took. Throws when it is broken or cut off.
 */
export async function* inflateChunks(
  source: ByteSource,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, number, undefined> {
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  const input = Readable.from(chunksOf(source, start, end), { objectMode: false });
  input.once('error', (error) => inflate.destroy(error));
  input.pipe(inflate);
  try {
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
      yield chunk;
    }
    return inflate.bytesWritten;
  } finally {
    input.destroy();
    inflate.destroy();
  }
}
