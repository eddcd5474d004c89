// Decompresses bzip2 in plain code: old sdists are `.tar.bz2`, zips may hold method 12, payloads call bz2.decompress.
// Pure; start at bunzip2Chunks.
import {
  BitReader,
  Bzip2Error,
  type CodeTable,
  moveToFront,
  readSelectors,
  readSymbol,
  readTables,
  readUsedBytes,
} from './bzip2-codes.ts';

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
const GROUP_SYMBOLS = 50;
const RUN_A = 0;
const RUN_B = 1;

/** What a bzip2 file was, told when all of it was read. */
export interface Bzip2End {
  /** streams in a row; parallel compressors write many */
  readonly streams: number;
  /** bytes of the input that belong to them */
  readonly consumedBytes: number;
}

export function isBzip2(bytes: Uint8Array): boolean {
  const level = bytes[3] ?? 0;
  return bytes[0] === 0x42 && bytes[1] === 0x5a && bytes[2] === 0x68 && level >= 0x31 && level <= 0x39;
}

/** Huffman, zero runs and move-to-front undone. @returns number of bytes put into `block` */
function readBlockBytes(reader: BitReader, block: Uint32Array): number {
  const front = readUsedBytes(reader);
  const symbolCount = front.length + 2;
  const tableCount = reader.bits(3);
  if (tableCount < 2 || tableCount > 6) {
    throw new Bzip2Error('a bzip2 block has an impossible number of code tables');
  }
  const selectors = readSelectors(reader, tableCount);
  const tables = readTables(reader, tableCount, symbolCount);
  let size = 0;
  let group = 0;
  let left = 0;
  let table: CodeTable | undefined;
  let run = 0;
  let runWeight = 1;
  for (;;) {
    if (left === 0) {
      table = tables[selectors[group] ?? 0xff];
      group += 1;
      left = GROUP_SYMBOLS;
      if (table === undefined) {
        throw new Bzip2Error('a bzip2 block is longer than its code tables say');
      }
    }
    left -= 1;
    const symbol = readSymbol(reader, table as CodeTable);
    if (symbol === RUN_A || symbol === RUN_B) {
      run += runWeight << symbol;
      runWeight <<= 1;
      if (run > block.length) {
        throw new Bzip2Error('a bzip2 run is longer than a block');
      }
      continue;
    }
    if (run > 0) {
      if (size + run > block.length) {
        throw new Bzip2Error('a bzip2 block is larger than announced');
      }
      block.fill(front[0] ?? 0, size, size + run);
      size += run;
      run = 0;
      runWeight = 1;
    }
    if (symbol === symbolCount - 1) {
      return size;
    }
    if (size >= block.length) {
      throw new Bzip2Error('a bzip2 block is larger than announced');
    }
    block[size] = moveToFront(front, symbol - 1);
    size += 1;
  }
}

/** Undoes the Burrows-Wheeler transform: afterwards `block[i] >>> 8` is the next position, the low byte the byte. */
function sortBack(block: Uint32Array, size: number): void {
  const starts = new Int32Array(256);
  for (let index = 0; index < size; index += 1) {
    const byte = (block[index] ?? 0) & 0xff;
    starts[byte] = (starts[byte] ?? 0) + 1;
  }
  let sum = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    const count = starts[byte] ?? 0;
    starts[byte] = sum;
    sum += count;
  }
  for (let index = 0; index < size; index += 1) {
    const byte = (block[index] ?? 0) & 0xff;
    const at = starts[byte] ?? 0;
    block[at] = ((block[at] ?? 0) | (index << 8)) >>> 0;
    starts[byte] = at + 1;
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_unused, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = (crc & 0x80000000) === 0 ? crc << 1 : (crc << 1) ^ 0x04c11db7;
  }
  return crc >>> 0;
});

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = ((crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  }
  return ~crc >>> 0;
}

/** Walks the transform from its origin and undoes the first run-length coding: four equal bytes, then a count. */
function unrun(block: Uint32Array, size: number, origin: number): Uint8Array {
  let output = new Uint8Array(size + (size >> 2) + 256);
  let filled = 0;
  let position = (block[origin] ?? 0) >>> 8;
  let equal = 0;
  let last = -1;
  for (let index = 0; index < size; index += 1) {
    const entry = block[position] ?? 0;
    const byte = entry & 0xff;
    position = entry >>> 8;
    if (filled + 256 > output.length) {
      const larger = new Uint8Array(output.length * 2);
      larger.set(output);
      output = larger;
    }
    if (equal === 4) {
      output.fill(last, filled, filled + byte);
      filled += byte;
      equal = 0;
      last = -1;
      continue;
    }
    equal = byte === last ? equal + 1 : 1;
    last = byte;
    output[filled] = byte;
    filled += 1;
  }
  return output.subarray(0, filled);
}

function readBlock(reader: BitReader, block: Uint32Array): { readonly bytes: Uint8Array; readonly crc: number } {
  const announced = reader.word();
  if (reader.bit() === 1) {
    throw new Bzip2Error('the bzip2 data is of a version before 0.9.5');
  }
  const origin = reader.bits(24);
  const size = readBlockBytes(reader, block);
  if (origin >= size) {
    throw new Bzip2Error('a bzip2 block starts outside itself');
  }
  sortBack(block, size);
  const bytes = unrun(block, size, origin);
  if (crcOf(bytes) !== announced) {
    throw new Bzip2Error('a bzip2 checksum is wrong');
  }
  return { bytes, crc: announced };
}

/**
 * Decompresses bzip2 block by block (at most about 45 MB each for the most extreme runs, usually 900 KB), all streams in
 * a row. The generator returns where they ended. Throws Bzip2Error.
 */
export function* bunzip2Chunks(input: Uint8Array): Generator<Uint8Array, Bzip2End, undefined> {
  let at = 0;
  let streams = 0;
  while (streams === 0 || isBzip2(input.subarray(at, at + 4))) {
    if (!isBzip2(input.subarray(at, at + 4))) {
      throw new Bzip2Error('it is not bzip2');
    }
    const block = new Uint32Array(((input[at + 3] ?? 0x30) - 0x30) * 100_000);
    const reader = new BitReader(input, at + 4);
    let combined = 0;
    for (;;) {
      const magic = reader.bits(24) * 2 ** 24 + reader.bits(24);
      if (magic === END_MAGIC) {
        break;
      }
      if (magic !== BLOCK_MAGIC) {
        throw new Bzip2Error('a bzip2 block does not begin where it should');
      }
      const { bytes, crc } = readBlock(reader, block);
      combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
      yield bytes;
    }
    if (reader.word() !== combined) {
      throw new Bzip2Error('the checksum of a bzip2 stream is wrong');
    }
    at = reader.bytePosition();
    streams += 1;
  }
  return { streams, consumedBytes: at };
}

/** Decompresses bzip2 at once. Throws Bzip2Error, also when the result is longer than `maxBytes`. */
export function bunzip2(input: Uint8Array, maxBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const part of bunzip2Chunks(input)) {
    size += part.length;
    if (size > maxBytes) {
      throw new Bzip2Error(`it decompresses to more than ${String(maxBytes)} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts, size);
}
