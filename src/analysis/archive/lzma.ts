// Decompresses LZMA in plain code: the coder inside xz, `.lzma` and zip method 14. Pure; start at LzmaDecoder.
// @see the LZMA specification in the LZMA SDK; names of the probability tables are the specification's

/** The input is not LZMA, is cut off, or yields more than was asked for. */
export class LzmaError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LzmaError';
  }
}

/** Output that grows up to a limit; it is its own dictionary. */
export class LzmaOutput {
  readonly #maxBytes: number;
  #bytes: Uint8Array<ArrayBuffer>;
  size = 0;
  /** matches reach back to here at most */
  dictionaryStart = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = new Uint8Array(Math.min(maxBytes, 1 << 16));
  }

  #grow(): void {
    if (this.size >= this.#maxBytes) {
      throw new LzmaError(`it decompresses to more than ${String(this.#maxBytes)} bytes`);
    }
    const larger = new Uint8Array(Math.min(this.#maxBytes, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  push(byte: number): void {
    if (this.size === this.#bytes.length) {
      this.#grow();
    }
    this.#bytes[this.size] = byte;
    this.size += 1;
  }

  append(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.push(byte);
    }
  }

  /** The byte `distance` back; 1 is the last one. 0 before the first. */
  back(distance: number): number {
    return this.#bytes[this.size - distance] ?? 0;
  }

  reaches(distance: number): boolean {
    return distance <= this.size - this.dictionaryStart;
  }

  /** Everything so far; shares memory. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.size);
  }
}

const STATES = 12;
const POSITION_STATES = 16;
const LENGTH_TABLE = 2 + POSITION_STATES * 8 * 2 + 256;
const IS_MATCH = 0;
const IS_REP = IS_MATCH + STATES * POSITION_STATES;
const IS_REP_G0 = IS_REP + STATES;
const IS_REP_G1 = IS_REP_G0 + STATES;
const IS_REP_G2 = IS_REP_G1 + STATES;
const IS_REP0_LONG = IS_REP_G2 + STATES;
const POS_SLOT = IS_REP0_LONG + STATES * POSITION_STATES;
const POS_SPECIAL = POS_SLOT + 4 * 64;
const ALIGN = POS_SPECIAL + 128;
const MATCH_LENGTH = ALIGN + 16;
const REP_LENGTH = MATCH_LENGTH + LENGTH_TABLE;
const LITERAL = REP_LENGTH + LENGTH_TABLE;
const HALF = 1_024;
const END_MARK = 0xffffffff;

/** One LZMA stream or, for LZMA2, a row of chunks that share state. */
export class LzmaDecoder {
  readonly #output: LzmaOutput;
  readonly #dictionaryBytes: number;
  #literalContextBits = 0;
  #literalPositionMask = 0;
  #positionMask = 0;
  #probabilities: Uint16Array<ArrayBuffer> = new Uint16Array(0);
  #state = 0;
  #reps: [number, number, number, number] = [0, 0, 0, 0];
  #input: Uint8Array = new Uint8Array(0);
  #position = 0;
  #range = 0;
  #code = 0;

  constructor(output: LzmaOutput, dictionaryBytes: number) {
    this.#output = output;
    this.#dictionaryBytes = Math.max(dictionaryBytes, 4_096);
  }

  /** @param properties `(pb * 5 + lp) * 9 + lc` */
  setProperties(properties: number): void {
    if (properties >= 9 * 5 * 5) {
      throw new LzmaError('the LZMA properties are not valid');
    }
    const rest = Math.floor(properties / 9);
    this.#literalContextBits = properties % 9;
    const literalPositionBits = rest % 5;
    this.#literalPositionMask = (1 << literalPositionBits) - 1;
    this.#positionMask = (1 << Math.floor(rest / 5)) - 1;
    this.#probabilities = new Uint16Array(LITERAL + (0x300 << (this.#literalContextBits + literalPositionBits)));
    this.resetState();
  }

  resetState(): void {
    this.#probabilities.fill(HALF);
    this.#state = 0;
    this.#reps = [0, 0, 0, 0];
  }

  /**
   * Decodes one range-coded run of bytes.
   * @param size bytes to yield; undefined: up to the end mark
   * @returns how many bytes of the input were used
   */
  decode(input: Uint8Array, size: number | undefined): number {
    this.#start(input);
    const output = this.#output;
    const end = size === undefined ? Number.POSITIVE_INFINITY : output.size + size;
    while (output.size < end) {
      if (!this.#decodeSymbol(end)) {
        if (size !== undefined && output.size !== end) {
          throw new LzmaError('the LZMA data ends before its size');
        }
        return this.#position;
      }
    }
    return this.#position;
  }

  /** The coder's own end condition after a run: nothing of the input is left unexplained. */
  get isFinished(): boolean {
    return this.#code === 0;
  }

  #start(input: Uint8Array): void {
    if (input.length < 5 || input[0] !== 0) {
      throw new LzmaError('the LZMA data is cut off or does not begin as it should');
    }
    this.#input = input;
    this.#range = 0xffffffff;
    this.#code = 0;
    for (let index = 1; index < 5; index += 1) {
      this.#code = ((this.#code << 8) | (input[index] ?? 0)) >>> 0;
    }
    this.#position = 5;
  }

  #normalize(): void {
    if (this.#range < 0x1000000) {
      const byte = this.#input[this.#position];
      if (byte === undefined) {
        throw new LzmaError('the LZMA data is cut off');
      }
      this.#position += 1;
      this.#range = (this.#range << 8) >>> 0;
      this.#code = ((this.#code << 8) | byte) >>> 0;
    }
  }

  #bit(index: number): number {
    const probability = this.#probabilities[index] ?? HALF;
    const bound = (this.#range >>> 11) * probability;
    let bit = 0;
    if (this.#code < bound) {
      this.#range = bound;
      this.#probabilities[index] = probability + ((2_048 - probability) >> 5);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      this.#probabilities[index] = probability - (probability >> 5);
      bit = 1;
    }
    this.#normalize();
    return bit;
  }

  #directBits(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left -= 1) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) {
        this.#code -= this.#range;
      }
      this.#normalize();
      value = value * 2 + bit;
    }
    return value;
  }

  #tree(start: number, bits: number): number {
    let symbol = 1;
    for (let left = bits; left > 0; left -= 1) {
      symbol = (symbol << 1) | this.#bit(start + symbol);
    }
    return symbol - (1 << bits);
  }

  #reverseTree(start: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let index = 0; index < bits; index += 1) {
      const bit = this.#bit(start + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << index;
    }
    return value;
  }

  /** @returns false at the end mark */
  #decodeSymbol(end: number): boolean {
    const positionState = this.#output.size & this.#positionMask;
    const state = this.#state;
    if (this.#bit(IS_MATCH + state * POSITION_STATES + positionState) === 0) {
      this.#literal();
      return true;
    }
    let length: number;
    if (this.#bit(IS_REP + state) === 0) {
      const [first, second, third] = this.#reps;
      length = this.#length(MATCH_LENGTH, positionState);
      const distance = this.#distance(length);
      if (distance === END_MARK) {
        return false;
      }
      this.#reps = [distance, first, second, third];
      this.#state = state < 7 ? 7 : 10;
    } else {
      const short = this.#repeat(positionState);
      if (short) {
        return true;
      }
      length = this.#length(REP_LENGTH, positionState);
      this.#state = state < 7 ? 8 : 11;
    }
    this.#copy(length + 2, end);
    return true;
  }

  #literal(): void {
    const output = this.#output;
    const previous = output.back(1);
    const context =
      ((output.size & this.#literalPositionMask) << this.#literalContextBits) +
      (previous >> (8 - this.#literalContextBits));
    const start = LITERAL + 0x300 * context;
    let symbol = 1;
    if (this.#state >= 7) {
      let match = output.back(this.#reps[0] + 1);
      while (symbol < 0x100) {
        const matchBit = (match >> 7) & 1;
        match <<= 1;
        const bit = this.#bit(start + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) {
          break;
        }
      }
    }
    while (symbol < 0x100) {
      symbol = (symbol << 1) | this.#bit(start + symbol);
    }
    output.push(symbol & 0xff);
    const state = this.#state;
    this.#state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
  }

  /** Chooses one of the last four distances. @returns true when it was a match of one byte, which is done */
  #repeat(positionState: number): boolean {
    const state = this.#state;
    const [first, second, third, fourth] = this.#reps;
    if (this.#bit(IS_REP_G0 + state) === 0) {
      if (this.#bit(IS_REP0_LONG + state * POSITION_STATES + positionState) === 0) {
        this.#state = state < 7 ? 9 : 11;
        this.#checkDistance(first);
        this.#output.push(this.#output.back(first + 1));
        return true;
      }
    } else if (this.#bit(IS_REP_G1 + state) === 0) {
      this.#reps = [second, first, third, fourth];
    } else if (this.#bit(IS_REP_G2 + state) === 0) {
      this.#reps = [third, first, second, fourth];
    } else {
      this.#reps = [fourth, first, second, third];
    }
    return false;
  }

  #length(start: number, positionState: number): number {
    if (this.#bit(start) === 0) {
      return this.#tree(start + 2 + positionState * 8, 3);
    }
    if (this.#bit(start + 1) === 0) {
      return 8 + this.#tree(start + 2 + (POSITION_STATES + positionState) * 8, 3);
    }
    return 16 + this.#tree(start + 2 + POSITION_STATES * 16, 8);
  }

  #distance(length: number): number {
    const slot = this.#tree(POS_SLOT + Math.min(length, 3) * 64, 6);
    if (slot < 4) {
      return slot;
    }
    const bits = (slot >> 1) - 1;
    const base = ((2 | (slot & 1)) * 2 ** bits) >>> 0;
    if (slot < 14) {
      return base + this.#reverseTree(POS_SPECIAL + base - slot, bits);
    }
    return base + this.#directBits(bits - 4) * 16 + this.#reverseTree(ALIGN, 4);
  }

  #checkDistance(distance: number): void {
    if (!this.#output.reaches(distance + 1) || distance >= this.#dictionaryBytes) {
      throw new LzmaError('an LZMA match reaches back before the beginning');
    }
  }

  #copy(length: number, end: number): void {
    const output = this.#output;
    const [distance] = this.#reps;
    this.#checkDistance(distance);
    if (output.size + length > end) {
      throw new LzmaError('an LZMA match is longer than the size allows');
    }
    for (let left = length; left > 0; left -= 1) {
      output.push(output.back(distance + 1));
    }
  }
}
