// Owns: writing bzip2 for tests: valid streams, poorly compressed (every symbol gets a code of the same length).
// May import: nothing. No I/O. Start here: makeBzip2.

/** Bytes of a block before its run-length coding may grow it: well below the 900,000 that level 9 announces. */
const BLOCK_BYTES = 600_000;
const GROUP_SIZE = 50;
/** Magic numbers of a block and of the end of the stream, 24 bits each half: BCD of pi and of its root. */
const BLOCK_MAGIC = [0x314159, 0x265359] as const;
const END_MAGIC = [0x177245, 0x385090] as const;

/** Compresses to a single bzip2 stream at level 9. */
export function makeBzip2(bytes: Uint8Array): Uint8Array {
  const out = new BitWriter();
  for (const byte of Buffer.from('BZh9', 'latin1')) out.write(byte, 8);
  let combined = 0;
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const content = bytes.subarray(at, at + BLOCK_BYTES);
    const crc = checksum(content);
    combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
    writeBlock(out, runLengths(content), crc);
  }
  for (const half of END_MAGIC) out.write(half, 24);
  out.write32(combined);
  return out.finish();
}

function writeBlock(out: BitWriter, block: Uint8Array, crc: number): void {
  const { last, origin } = burrowsWheeler(block);
  const used = [...new Set(last)].sort((a, b) => a - b);
  const symbols = moveToFront(last, used);
  const alphabet = used.length + 2;
  const width = Math.max(1, Math.ceil(Math.log2(alphabet)));

  for (const half of BLOCK_MAGIC) out.write(half, 24);
  out.write32(crc);
  out.write(0, 1);
  out.write(origin, 24);
  writeUsed(out, new Set(used));
  out.write(2, 3);
  const selectors = Math.ceil(symbols.length / GROUP_SIZE);
  out.write(selectors, 15);
  for (let index = 0; index < selectors; index += 1) out.write(0, 1);
  for (let table = 0; table < 2; table += 1) {
    out.write(width, 5);
    for (let symbol = 0; symbol < alphabet; symbol += 1) out.write(0, 1);
  }
  for (const symbol of symbols) out.write(symbol, width);
}

function writeUsed(out: BitWriter, used: ReadonlySet<number>): void {
  const rows = Array.from({ length: 16 }, (_, row) =>
    Array.from({ length: 16 }, (_unused, column) => (used.has(row * 16 + column) ? 1 : 0)),
  );
  for (const row of rows) out.write(row.includes(1) ? 1 : 0, 1);
  for (const row of rows) if (row.includes(1)) for (const bit of row) out.write(bit, 1);
}

/** Four equal bytes are followed by how many more there are, at most 251. */
function runLengths(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    let length = 1;
    while (length < 255 && bytes[at + length] === byte) length += 1;
    for (let count = 0; count < Math.min(4, length); count += 1) out.push(byte);
    if (length >= 4) out.push(length - 4);
    at += length;
  }
  return Uint8Array.from(out);
}

/** Last column of the sorted rotations, and the row that is the block itself; sorted by doubling prefix ranks. */
function burrowsWheeler(block: Uint8Array): { readonly last: Uint8Array; readonly origin: number } {
  const size = block.length;
  const rows = Array.from({ length: size }, (_, index) => index);
  let ranks = Int32Array.from(block);
  for (let step = 1, groups = 0; groups < size && step <= size * 2; step *= 2) {
    const second = (row: number): number => ranks[(row + (step >> 1)) % size] ?? 0;
    const isFirst = step === 1;
    rows.sort((a, b) => {
      const byRank = (ranks[a] ?? 0) - (ranks[b] ?? 0);
      return byRank !== 0 || isFirst ? byRank : second(a) - second(b);
    });
    const next = new Int32Array(size);
    groups = 1;
    for (let index = 1; index < size; index += 1) {
      const [row = 0, before = 0] = [rows[index], rows[index - 1]];
      const differs = ranks[row] !== ranks[before] || (!isFirst && second(row) !== second(before));
      if (differs) groups += 1;
      next[row] = groups - 1;
    }
    ranks = next;
  }
  return { last: Uint8Array.from(rows, (row) => block[(row + size - 1) % size] ?? 0), origin: rows.indexOf(0) };
}

/** Move-to-front indexes; runs of the front symbol as bijective base-2 digits, then the end-of-block symbol. */
function moveToFront(bytes: Uint8Array, used: readonly number[]): number[] {
  const order = [...used];
  const out: number[] = [];
  let run = 0;
  const flush = (): void => {
    for (let left = run; left > 0; left = (left - 1) >> 1) out.push((left - 1) & 1);
    run = 0;
  };
  for (const byte of bytes) {
    const index = order.indexOf(byte);
    if (index === 0) {
      run += 1;
      continue;
    }
    flush();
    order.splice(index, 1);
    order.unshift(byte);
    out.push(index + 1);
  }
  flush();
  out.push(used.length + 1);
  return out;
}

/** CRC-32 with the bits of each byte in network order, as bzip2 wants it. */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return ~crc >>> 0;
}

class BitWriter {
  readonly #bytes: number[] = [];
  #held = 0;
  #count = 0;

  /** Appends the low `width` bits of a value, the highest first; at most 24. */
  write(value: number, width: number): void {
    for (let bit = width - 1; bit >= 0; bit -= 1) {
      this.#held = (this.#held << 1) | ((value >>> bit) & 1);
      this.#count += 1;
      if (this.#count === 8) {
        this.#bytes.push(this.#held);
        this.#held = 0;
        this.#count = 0;
      }
    }
  }

  write32(value: number): void {
    this.write(value >>> 16, 16);
    this.write(value & 0xffff, 16);
  }

  finish(): Uint8Array {
    if (this.#count > 0) this.write(0, 8 - this.#count);
    return Uint8Array.from(this.#bytes);
  }
}
