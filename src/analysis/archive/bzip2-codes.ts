// The bits of a bzip2 block and its Huffman codes. Pure; bzip2.ts uses them.

const MAX_CODE_BITS = 20;
/** codes up to this length are looked up at once */
const FAST_BITS = 10;

/** The input is not bzip2, is cut off, or its checksum is wrong. */
export class Bzip2Error extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Bzip2Error';
  }
}

/** Reads bits, highest first. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position: number;
  #held = 0;
  #heldBits = 0;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes;
    this.#position = position;
  }

  /** @param count 1 to 24 */
  bits(count: number): number {
    while (this.#heldBits < count) {
      const byte = this.#bytes[this.#position];
      if (byte === undefined) {
        throw new Bzip2Error('the bzip2 data is cut off');
      }
      this.#position += 1;
      this.#held = ((this.#held << 8) | byte) & 0x7fffffff;
      this.#heldBits += 8;
    }
    this.skip(count);
    return (this.#held >>> this.#heldBits) & ((1 << count) - 1);
  }

  bit(): number {
    return this.bits(1);
  }

  /** The next bits without taking them, zeros behind the end of the input. @param count 1 to 16 */
  peek(count: number): number {
    while (this.#heldBits < count) {
      this.#held = ((this.#held << 8) | (this.#bytes[this.#position] ?? 0)) & 0x7fffffff;
      this.#position += 1;
      this.#heldBits += 8;
    }
    return (this.#held >>> (this.#heldBits - count)) & ((1 << count) - 1);
  }

  /** Takes bits that were looked at. Throws when they are behind the end. */
  skip(count: number): void {
    this.#heldBits -= count;
    if (this.bytePosition() > this.#bytes.length) {
      throw new Bzip2Error('the bzip2 data is cut off');
    }
  }

  word(): number {
    return this.bits(16) * 65_536 + this.bits(16);
  }

  /** Position of the first byte of which no bit was read. */
  bytePosition(): number {
    return this.#position - Math.floor(this.#heldBits / 8);
  }
}

/** One Huffman table in canonical form: symbols ordered by code length, with the first code of each length. */
export interface CodeTable {
  /** by the next FAST_BITS bits: symbol * 32 + length; 0: the code is longer */
  readonly fast: Uint32Array;
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
  readonly minBits: number;
  readonly maxBits: number;
}

function makeTable(lengths: Uint8Array): CodeTable {
  let minBits = MAX_CODE_BITS;
  let maxBits = 1;
  for (const length of lengths) {
    minBits = Math.min(minBits, length);
    maxBits = Math.max(maxBits, length);
  }
  const symbols = new Uint16Array(lengths.length);
  const counts = new Int32Array(MAX_CODE_BITS + 2);
  let filled = 0;
  for (let bits = minBits; bits <= maxBits; bits += 1) {
    lengths.forEach((length, symbol) => {
      if (length === bits) {
        symbols[filled] = symbol;
        filled += 1;
        counts[bits] = (counts[bits] ?? 0) + 1;
      }
    });
  }
  const limit = new Int32Array(MAX_CODE_BITS + 2).fill(-1);
  const base = new Int32Array(MAX_CODE_BITS + 2);
  let code = 0;
  let first = 0;
  for (let bits = minBits; bits <= maxBits; bits += 1) {
    const count = counts[bits] ?? 0;
    base[bits] = first - code;
    limit[bits] = code + count - 1;
    first += count;
    code = (code + count) << 1;
  }
  return { fast: makeFastTable(symbols, base, limit, minBits), limit, base, symbols, minBits, maxBits };
}

function makeFastTable(symbols: Uint16Array, base: Int32Array, limit: Int32Array, minBits: number): Uint32Array {
  const fast = new Uint32Array(1 << FAST_BITS);
  let next = 0;
  for (let bits = minBits; bits <= FAST_BITS; bits += 1) {
    const last = limit[bits] ?? -1;
    for (let code = next; code <= last; code += 1) {
      const symbol = symbols[code + (base[bits] ?? 0)] ?? 0;
      fast.fill(symbol * 32 + bits, code << (FAST_BITS - bits), (code + 1) << (FAST_BITS - bits));
    }
    next = (last + 1) << 1;
  }
  return fast;
}

/** The symbol of the next code. */
export function readSymbol(reader: BitReader, table: CodeTable): number {
  const entry = table.fast[reader.peek(FAST_BITS)] ?? 0;
  if (entry !== 0) {
    reader.skip(entry & 31);
    return entry >>> 5;
  }
  let bits = table.minBits;
  let code = reader.bits(bits);
  while (bits <= table.maxBits) {
    if (code <= (table.limit[bits] ?? -1)) {
      const symbol = table.symbols[code + (table.base[bits] ?? 0)];
      if (symbol !== undefined) {
        return symbol;
      }
      break;
    }
    bits += 1;
    code = (code << 1) | reader.bit();
  }
  throw new Bzip2Error('the bzip2 data holds a code that does not exist');
}

/** The bytes that a block uses, in their order. */
export function readUsedBytes(reader: BitReader): Uint8Array {
  const ranges = reader.bits(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range += 1) {
    if ((ranges & (0x8000 >> range)) === 0) {
      continue;
    }
    const map = reader.bits(16);
    for (let index = 0; index < 16; index += 1) {
      if ((map & (0x8000 >> index)) !== 0) {
        used.push(range * 16 + index);
      }
    }
  }
  if (used.length === 0) {
    throw new Bzip2Error('a bzip2 block uses no bytes');
  }
  return Uint8Array.from(used);
}

/** Moves the element at `index` to the front and returns it. */
export function moveToFront(list: Uint8Array, index: number): number {
  const value = list[index] ?? 0;
  list.copyWithin(1, 0, index);
  list[0] = value;
  return value;
}

/** Which code table each group of symbols uses. */
export function readSelectors(reader: BitReader, tableCount: number): Uint8Array {
  const count = reader.bits(15);
  if (count === 0) {
    throw new Bzip2Error('a bzip2 block has no code tables selected');
  }
  const order = Uint8Array.from({ length: tableCount }, (_unused, index) => index);
  const selectors = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) {
    let rank = 0;
    while (reader.bit() === 1) {
      rank += 1;
      if (rank >= tableCount) {
        throw new Bzip2Error('a bzip2 block selects a code table that does not exist');
      }
    }
    selectors[index] = moveToFront(order, rank);
  }
  return selectors;
}

/** The code tables of a block. */
export function readTables(reader: BitReader, tableCount: number, symbolCount: number): CodeTable[] {
  return Array.from({ length: tableCount }, () => {
    const lengths = new Uint8Array(symbolCount);
    let length = reader.bits(5);
    for (let symbol = 0; symbol < symbolCount; symbol += 1) {
      while (reader.bit() === 1) {
        length += reader.bit() === 0 ? 1 : -1;
      }
      if (length < 1 || length > MAX_CODE_BITS) {
        throw new Bzip2Error('a bzip2 code has an impossible length');
      }
      lengths[symbol] = length;
    }
    return makeTable(lengths);
  });
}
