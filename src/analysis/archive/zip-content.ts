import { crc32, inflateRawSync } from 'node:zlib';
import type { ByteSource } from '../byte-source.ts';
import type { AnomalyLog } from './anomalies.ts';
import { ContentSink, type Digested, digestBytes } from './content.ts';
import { chunksOf, inflateChunks } from './inflate.ts';
import type { ZipPlace } from './zip-layout.ts';

/** Members up to this size are decompressed in one call, larger ones as a stream. */
const AT_ONCE_BYTES = 8 * 2 ** 20;
const EMPTY = new Uint8Array(0);
/** the least that zlib takes */
const MIN_CHUNK_BYTES = 64;

/** Other readers of one member's bytes: whole content in, whole content out. Throws when the data is broken or larger. */
export type Decompress = (compressed: Uint8Array, maxBytes: number) => Uint8Array;

/** Compression methods beyond stored and deflate that can be read here; the rest makes a member unscannable. */
export type ExtraMethods = ReadonlyMap<number, Decompress>;

export const METHOD_STORED = 0;
export const METHOD_DEFLATE = 8;
/** larger members in other methods are beyond budget: their decompressors hold everything in memory */
const EXTRA_METHOD_BYTES = 64 * 2 ** 20;

interface Plain {
  readonly bytes: Uint8Array;
  /** compressed bytes that the stream really took */
  readonly consumed: number;
}

/**
 * Decompresses one member once and checks it: exact size, the stream ends exactly with its data, CRC. What does not agree
 * is an anomaly, and the member then has the content as far as it is sound.
 *
 * @param keep hold the content
 */
export async function digestContent(
  source: ByteSource,
  place: ZipPlace,
  keep: boolean,
  methods: ExtraMethods,
  log: AnomalyLog,
): Promise<Digested> {
  const { entry } = place;
  const extra = methods.get(entry.method);
  const isKnown = entry.method === METHOD_STORED || entry.method === METHOD_DEFLATE || extra !== undefined;
  if ((entry.flags & 0x2061) !== 0) {
    log.add('zip-encrypted', entry.name);
    return digestBytes(EMPTY, keep);
  }
  if (!isKnown) {
    log.add('zip-method', entry.name, String(entry.method));
    return digestBytes(EMPTY, keep);
  }
  if (entry.method === METHOD_STORED && entry.compressedBytes !== entry.sizeBytes) {
    log.add('zip-sizes-differ', entry.name);
  }
  const isSmall = entry.sizeBytes <= AT_ONCE_BYTES && entry.compressedBytes <= AT_ONCE_BYTES;
  if (extra !== undefined || isSmall) {
    return digestAtOnce(source, place, keep, extra, log);
  }
  return digestStream(source, place, keep, log);
}

/** The whole content of a member that digestContent found sound. Throws what the decompressor throws. */
export function readContent(source: ByteSource, place: ZipPlace, methods: ExtraMethods): Uint8Array {
  const { entry } = place;
  const compressed = source.readAt(place.dataStart, entry.compressedBytes);
  return decompress(compressed, entry.method, entry.sizeBytes, methods.get(entry.method)).bytes;
}

function decompress(compressed: Uint8Array, method: number, sizeBytes: number, extra: Decompress | undefined): Plain {
  if (method === METHOD_STORED) {
    return { bytes: compressed.slice(), consumed: compressed.length };
  }
  if (extra !== undefined) {
    return { bytes: extra(compressed, sizeBytes), consumed: compressed.length };
  }
  // `info` also hands back the engine, whose counter tells where the stream ended; the typings leave it out
  const result = inflateRawSync(compressed, {
    maxOutputLength: Math.max(sizeBytes, 1),
    // one buffer of the announced size: nothing is put together, and the engine needs no window
    chunkSize: Math.max(MIN_CHUNK_BYTES, Math.min(sizeBytes, AT_ONCE_BYTES) + 1),
    info: true,
  }) as unknown as {
    readonly buffer: Uint8Array;
    readonly engine: { readonly bytesWritten: number };
  };
  return { bytes: result.buffer, consumed: result.engine.bytesWritten };
}

function digestAtOnce(
  source: ByteSource,
  place: ZipPlace,
  keep: boolean,
  extra: Decompress | undefined,
  log: AnomalyLog,
): Digested {
  const { entry } = place;
  if (extra !== undefined && entry.sizeBytes > EXTRA_METHOD_BYTES) {
    log.add('member-too-large', entry.name);
    return digestBytes(EMPTY, keep);
  }
  const compressed = source.readAt(place.dataStart, entry.compressedBytes);
  let plain: Plain;
  try {
    plain = decompress(compressed, entry.method, entry.sizeBytes, extra);
  } catch {
    // zipfile stops at the announced size and would not see what is broken after it
    log.add('zip-data-broken', entry.name);
    return digestBytes(EMPTY, keep);
  }
  inspectContent(place, plain.bytes.length, plain.consumed, crc32(plain.bytes), log);
  return digestBytes(plain.bytes, keep);
}

async function digestStream(source: ByteSource, place: ZipPlace, keep: boolean, log: AnomalyLog): Promise<Digested> {
  const { entry, dataStart } = place;
  const sink = new ContentSink(entry.sizeBytes, keep);
  let crc = 0;
  const write = (chunk: Uint8Array): void => {
    crc = crc32(chunk, crc);
    sink.write(chunk);
  };
  if (entry.method === METHOD_STORED) {
    for (const chunk of chunksOf(source, dataStart, dataStart + entry.compressedBytes)) {
      write(chunk);
    }
    inspectContent(place, sink.sizeBytes, entry.compressedBytes, crc, log);
    return sink.end();
  }
  try {
    const chunks = inflateChunks(source, dataStart, dataStart + entry.compressedBytes);
    let step = await chunks.next();
    for (; step.done !== true && sink.sizeBytes <= entry.sizeBytes; step = await chunks.next()) {
      write(step.value);
    }
    await chunks.return(0);
    inspectContent(place, sink.sizeBytes, step.done === true ? step.value : 0, crc, log);
  } catch {
    log.add('zip-data-broken', entry.name);
  }
  return sink.end();
}

function inspectContent(place: ZipPlace, sizeBytes: number, consumed: number, crc: number, log: AnomalyLog): void {
  const { entry } = place;
  if (sizeBytes !== entry.sizeBytes) {
    log.add('zip-size-lie', entry.name);
  } else if (consumed !== entry.compressedBytes) {
    log.add('zip-hidden-bytes', entry.name);
  } else if (crc !== entry.crc) {
    log.add('zip-crc', entry.name);
  }
}
