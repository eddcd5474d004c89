// Owns the LZMA algorithm: range decoder, probability model, matches. Pure; lzma.ts reads the containers around it.
// The names are those of the LZMA specification (Igor Pavlov, public domain).

const TOP = 0x1000000;
const HALF = 1024;
const STATES = 12;
const LITERAL_STATES = 7;
const POSITION_BITS_MAX = 4;
const LITERAL_SIZE = 0x300;
const END_POSITION_MODEL = 14;
const FULL_DISTANCES = 128;
const ALIGN_BITS = 4;
const MIN_MATCH = 2;

/** Output that grows up to a limit; matches look back into it. */
export class LzmaOutput {
  bytes: Uint8Array;
  size = 0;
  /** where the current dictionary begins; matches do not reach further back */
  dictionaryStart = 0;
  readonly limit: number;

  constructor(limit: number, expected: number) {
    this.limit = limit;
    this.bytes = new Uint8Array(Math.min(limit, Math.max(expected, 4096)));
  }

  /** Makes room for `count` more bytes; false when the limit is met. */
  reserve(count: number): boolean {
    const needed = this.size + count;
    if (needed <= this.bytes.length) return true;
    if (needed > this.limit) return false;
    const larger = new Uint8Array(Math.min(this.limit, Math.max(needed, this.bytes.length * 2)));
    larger.set(this.bytes.subarray(0, this.size));
    this.bytes = larger;
    return true;
  }

  taken(): Uint8Array {
    return this.bytes.subarray(0, this.size);
  }
}

function probabilities(count: number): Uint16Array {
  return new Uint16Array(count).fill(HALF);
}

/** Probabilities of a match's length: two choices, then a tree of 3, 3 or 8 bits. */
class LengthModel {
  readonly choice = probabilities(2);
  readonly low = probabilities(8 << POSITION_BITS_MAX);
  readonly mid = probabilities(8 << POSITION_BITS_MAX);
  readonly high = probabilities(256);

  reset(): void {
    for (const part of [this.choice, this.low, this.mid, this.high]) part.fill(HALF);
  }
}

/**
 * How a run of the decoder ended: `size`: the wanted size is there; `end-mark`: the stream said so; `input`: the input
 * is used up; `limit`: the output's limit is met; `corrupt`: a match reaches behind the beginning.
 */
export type LzmaEnd = 'size' | 'end-mark' | 'input' | 'limit' | 'corrupt';

export class LzmaDecoder {
  private readonly output: LzmaOutput;
  private readonly input: Uint8Array;
  /** next byte of the input */
  position = 0;
  private inputEnd = 0;
  // 32-bit integers whose bits are unsigned: they stay small integers in the engine
  private range = 0;
  private code = 0;
  private literalContext = 0;
  private literalMask = 0;
  private positionMask = 0;
  private state = 0;
  private rep0 = 0;
  private rep1 = 0;
  private rep2 = 0;
  private rep3 = 0;
  private literals: Uint16Array = new Uint16Array(0);
  private readonly isMatch = probabilities(STATES << POSITION_BITS_MAX);
  private readonly isRep = probabilities(STATES);
  private readonly isRepG0 = probabilities(STATES);
  private readonly isRepG1 = probabilities(STATES);
  private readonly isRepG2 = probabilities(STATES);
  private readonly isRep0Long = probabilities(STATES << POSITION_BITS_MAX);
  private readonly slots = probabilities(4 * 64);
  private readonly special = probabilities(1 + FULL_DISTANCES - END_POSITION_MODEL);
  private readonly align = probabilities(1 << ALIGN_BITS);
  private readonly matchLength = new LengthModel();
  private readonly repLength = new LengthModel();

  constructor(input: Uint8Array, output: LzmaOutput) {
    this.input = input;
    this.output = output;
  }

  /** Takes the properties byte (lc, lp, pb); false when it is impossible. */
  setProperties(byte: number): boolean {
    if (byte >= 9 * 5 * 5) return false;
    const lc = byte % 9;
    const lp = Math.floor(byte / 9) % 5;
    const pb = Math.floor(byte / 45);
    this.literalContext = lc;
    this.literalMask = (1 << lp) - 1;
    this.positionMask = (1 << pb) - 1;
    this.literals = probabilities(LITERAL_SIZE << (lc + lp));
    return true;
  }

  resetState(): void {
    this.state = this.rep0 = this.rep1 = this.rep2 = this.rep3 = 0;
    this.literals.fill(HALF);
    for (const model of [this.isMatch, this.isRep, this.isRepG0, this.isRepG1, this.isRepG2, this.isRep0Long]) {
      model.fill(HALF);
    }
    for (const model of [this.slots, this.special, this.align]) model.fill(HALF);
    this.matchLength.reset();
    this.repLength.reset();
  }

  /** Begins a range-coded run at `position`; false when its five first bytes are not there or the first is not 0. */
  begin(position: number, end: number): boolean {
    const { input } = this;
    if (position + 5 > end || input[position] !== 0) return false;
    this.range = -1;
    this.code =
      (input[position + 1]! << 24) | (input[position + 2]! << 16) | (input[position + 3]! << 8) | input[position + 4]!;
    this.position = position + 5;
    this.inputEnd = end;
    return true;
  }

  private bit(model: Uint16Array, index: number): number {
    const probability = model[index]!;
    const bound = Math.imul(this.range >>> 11, probability);
    let bit = 0;
    if (this.code >>> 0 < bound >>> 0) {
      this.range = bound;
      model[index] = probability + ((2048 - probability) >> 5);
    } else {
      this.range = (this.range - bound) | 0;
      this.code = (this.code - bound) | 0;
      model[index] = probability - (probability >> 5);
      bit = 1;
    }
    if (this.range >>> 0 < TOP) {
      this.range <<= 8;
      this.code = (this.code << 8) | this.input[this.position++]!;
    }
    return bit;
  }

  private directBits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      this.range = (this.range >>> 1) | 0;
      const isBelow = this.code >>> 0 < this.range >>> 0;
      if (!isBelow) this.code = (this.code - this.range) | 0;
      value = (value << 1) | (isBelow ? 0 : 1);
      if (this.range >>> 0 < TOP) {
        this.range <<= 8;
        this.code = (this.code << 8) | this.input[this.position++]!;
      }
    }
    return value;
  }

  private tree(model: Uint16Array, offset: number, bits: number): number {
    let node = 1;
    for (let i = 0; i < bits; i++) node = (node << 1) | this.bit(model, offset + node);
    return node - (1 << bits);
  }

  private reverseTree(model: Uint16Array, offset: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.bit(model, offset + node);
      node = (node << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  private length(model: LengthModel, positionState: number): number {
    if (this.bit(model.choice, 0) === 0) return this.tree(model.low, positionState << 3, 3);
    if (this.bit(model.choice, 1) === 0) return 8 + this.tree(model.mid, positionState << 3, 3);
    return 16 + this.tree(model.high, 0, 8);
  }

  private literal(): void {
    const { output } = this;
    const at = output.size - output.dictionaryStart;
    const previous = at > 0 ? output.bytes[output.size - 1]! : 0;
    const context = ((at & this.literalMask) << this.literalContext) + (previous >> (8 - this.literalContext));
    const offset = LITERAL_SIZE * context;
    let symbol = 1;
    if (this.state >= LITERAL_STATES) {
      let match = output.bytes[output.size - this.rep0 - 1]!;
      do {
        const matchBit = (match >> 7) & 1;
        match <<= 1;
        const bit = this.bit(this.literals, offset + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.bit(this.literals, offset + symbol);
    output.bytes[output.size++] = symbol & 255;
    this.state = this.state < 4 ? 0 : this.state < 10 ? this.state - 3 : this.state - 6;
  }

  private distance(length: number): number {
    const lengthState = Math.min(length, 3);
    const slot = this.tree(this.slots, lengthState << 6, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) << bits;
    if (slot < END_POSITION_MODEL) return base + this.reverseTree(this.special, base - slot, bits);
    // the low four bits are modelled; the sum may be 0xffffffff, the end mark
    return (
      ((base + (this.directBits(bits - ALIGN_BITS) << ALIGN_BITS)) | 0) + this.reverseTree(this.align, 0, ALIGN_BITS)
    );
  }

  /** A match of an earlier distance. Gives its length, or 0 when it was a single byte that is written already. */
  private repeated(positionState: number): number {
    const { state } = this;
    if (this.bit(this.isRepG0, state) === 0) {
      if (this.bit(this.isRep0Long, (state << POSITION_BITS_MAX) + positionState) === 0) {
        const { output } = this;
        this.state = state < LITERAL_STATES ? 9 : 11;
        output.bytes[output.size] = output.bytes[output.size - this.rep0 - 1]!;
        output.size++;
        return 0;
      }
    } else {
      let distance = this.rep1;
      if (this.bit(this.isRepG1, state) === 1) {
        distance = this.rep2;
        if (this.bit(this.isRepG2, state) === 1) {
          distance = this.rep3;
          this.rep3 = this.rep2;
        }
        this.rep2 = this.rep1;
      }
      this.rep1 = this.rep0;
      this.rep0 = distance;
    }
    const length = this.length(this.repLength, positionState);
    this.state = state < LITERAL_STATES ? 8 : 11;
    return length + MIN_MATCH;
  }

  private fresh(positionState: number): number {
    this.rep3 = this.rep2;
    this.rep2 = this.rep1;
    this.rep1 = this.rep0;
    const length = this.length(this.matchLength, positionState);
    this.state = this.state < LITERAL_STATES ? 7 : 10;
    this.rep0 = this.distance(length);
    return length + MIN_MATCH;
  }

  /** Decodes until the output has `wanted` bytes, or something else ends the run. */
  run(wanted: number): LzmaEnd {
    const { output } = this;
    while (output.size < wanted) {
      if (this.position > this.inputEnd) return 'input';
      if (!output.reserve(1)) return 'limit';
      const positionState = (output.size - output.dictionaryStart) & this.positionMask;
      if (this.bit(this.isMatch, (this.state << POSITION_BITS_MAX) + positionState) === 0) {
        this.literal();
        continue;
      }
      const available = output.size - output.dictionaryStart;
      const isRepeated = this.bit(this.isRep, this.state) === 1;
      if (isRepeated && available === 0) return 'corrupt';
      const length = isRepeated ? this.repeated(positionState) : this.fresh(positionState);
      if (length === 0) continue;
      if (this.rep0 === -1) return this.position > this.inputEnd ? 'input' : 'end-mark';
      if (this.rep0 < 0 || this.rep0 >= available) return this.position > this.inputEnd ? 'input' : 'corrupt';
      const end = this.copy(Math.min(length, wanted - output.size));
      if (end !== undefined) return end;
    }
    return 'size';
  }

  private copy(length: number): LzmaEnd | undefined {
    const { output } = this;
    if (!output.reserve(length)) return 'limit';
    const { bytes } = output;
    let to = output.size;
    let from = to - this.rep0 - 1;
    for (let i = 0; i < length; i++) bytes[to++] = bytes[from++]!;
    output.size = to;
    return undefined;
  }
}
