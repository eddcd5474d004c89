// Decompresses .xz, .lzma and LZMA members of zips in plain code, in memory, up to a limit.
// Pure; start at unlzma (lenient: gives what it could read) and unlzmaStrict, unlzmaZip (throw LzmaError).
// Checksums are not verified: who reads less than Python does here would be wrong, who reads more is harmless.
import { LzmaDecoder, type LzmaEnd, LzmaOutput } from './lzma-decoder.ts';

/** The input is no LZMA, is damaged, cut off, or holds more than it may. */
export class LzmaError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LzmaError';
  }
}

export interface LzmaResult {
  readonly bytes: Uint8Array;
  /** false: the limit was met, or the data is damaged or cut off; `bytes` is what came before */
  readonly isComplete: boolean;
  /** why it is not complete */
  readonly problem?: string;
  /** bytes of the input that were read */
  readonly consumedBytes: number;
}

const XZ_MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const CHECK_SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
const FILTER_LZMA2 = 0x21;
const FILTER_DELTA = 0x03;

export function isXz(bytes: Uint8Array): boolean {
  return XZ_MAGIC.every((byte, i) => bytes[i] === byte);
}

/** `.lzma`: properties, a dictionary size that encoders write, a size that is unknown or sane. */
export function isLzmaAlone(bytes: Uint8Array): boolean {
  if (bytes.length < 18 || bytes[0]! >= 225) return false;
  const dictionary = readUint32(bytes, 1);
  const isPlain = dictionary === 0xffffffff || (dictionary >= 4096 && (dictionary & (dictionary - 1)) === 0);
  const isHalf = dictionary >= 4096 && dictionary % 3 === 0 && ((dictionary / 3) & (dictionary / 3 - 1)) === 0;
  const high = readUint32(bytes, 9);
  const isSizeKnown = high < 256;
  const isSizeUnknown = high === 0xffffffff && readUint32(bytes, 5) === 0xffffffff;
  return (isPlain || isHalf) && (isSizeKnown || isSizeUnknown) && bytes[13] === 0;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

const PROBLEMS: Readonly<Record<Exclude<LzmaEnd, 'size' | 'end-mark'>, string>> = {
  input: 'the LZMA data is cut off',
  limit: 'the LZMA data holds more than it may',
  corrupt: 'the LZMA data is damaged',
};

function problemOf(end: LzmaEnd): string | undefined {
  return end === 'size' || end === 'end-mark' ? undefined : PROBLEMS[end];
}

/** Reads the parts of an .xz file. Throws LzmaError; what was read until then is in the output. */
class XzReader {
  private readonly input: Uint8Array;
  private readonly output: LzmaOutput;
  at = 0;

  constructor(input: Uint8Array, output: LzmaOutput) {
    this.input = input;
    this.output = output;
  }

  readStreams(): void {
    do {
      this.readStream();
      // streams may follow one another, with zeros between
      while (this.at + 4 <= this.input.length && readUint32(this.input, this.at) === 0) this.at += 4;
    } while (isXz(this.input.subarray(this.at, this.at + 6)));
  }

  private byte(): number {
    const byte = this.input[this.at++];
    if (byte === undefined) throw new LzmaError(PROBLEMS.input);
    return byte;
  }

  /** A number of up to nine bytes, seven bits each. */
  private number(): number {
    let value = 0;
    for (let i = 0; i < 9; i++) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) return value;
    }
    throw new LzmaError(PROBLEMS.corrupt);
  }

  private pad(start: number): void {
    while ((this.at - start) % 4 !== 0) this.byte();
  }

  private readStream(): void {
    if (!isXz(this.input.subarray(this.at, this.at + 6))) throw new LzmaError('it is not xz');
    const checkSize = CHECK_SIZES[(this.input[this.at + 7] ?? 0) & 15] ?? 0;
    this.at += 12;
    for (;;) {
      const start = this.at;
      const headerSize = (this.byte() + 1) * 4;
      if (headerSize === 4) {
        this.readIndex(start);
        return;
      }
      this.readBlock(start, headerSize, checkSize);
    }
  }

  private readIndex(start: number): void {
    const records = this.number();
    if (records > this.input.length) throw new LzmaError(PROBLEMS.corrupt);
    for (let i = 0; i < records * 2; i++) this.number();
    this.pad(start);
    this.at += 4 + 12; // the index's CRC, then the stream's footer
    if (this.at > this.input.length) throw new LzmaError(PROBLEMS.input);
  }

  private readBlock(start: number, headerSize: number, checkSize: number): void {
    const flags = this.byte();
    if ((flags & 0x40) !== 0) this.number();
    if ((flags & 0x80) !== 0) this.number();
    const deltas: number[] = [];
    for (let i = 0; i <= (flags & 3); i++) {
      const id = this.number();
      const size = this.number();
      if (id === FILTER_DELTA && size === 1) deltas.push(this.byte() + 1);
      else if (id === FILTER_LZMA2 && size === 1) this.at += 1;
      else throw new LzmaError(`the xz filter ${id} is not supported`);
    }
    this.at = start + headerSize;
    const dataStart = this.at;
    const from = this.output.size;
    this.readLzma2();
    for (const distance of deltas) undoDelta(this.output.bytes, from, this.output.size, distance);
    this.pad(dataStart);
    this.at += checkSize;
  }

  private readLzma2(): void {
    const { input, output } = this;
    const decoder = new LzmaDecoder(input, output);
    let hasProperties = false;
    output.dictionaryStart = output.size;
    for (let control = this.byte(); control !== 0; control = this.byte()) {
      if (control < 0x80) {
        if (control > 2) throw new LzmaError(PROBLEMS.corrupt);
        if (control === 1) output.dictionaryStart = output.size;
        this.copy((this.byte() << 8) + this.byte() + 1);
        continue;
      }
      const unpacked = ((control & 31) << 16) + (this.byte() << 8) + this.byte() + 1;
      const packed = (this.byte() << 8) + this.byte() + 1;
      const reset = (control >> 5) & 3;
      if (reset === 3) output.dictionaryStart = output.size;
      if (reset >= 2) hasProperties = decoder.setProperties(this.byte());
      if (!hasProperties) throw new LzmaError(PROBLEMS.corrupt);
      if (reset >= 1) decoder.resetState();
      if (this.at + packed > input.length) this.decode(decoder, unpacked, input.length);
      else this.decode(decoder, unpacked, this.at + packed);
    }
  }

  private decode(decoder: LzmaDecoder, unpacked: number, end: number): void {
    if (!decoder.begin(this.at, end)) throw new LzmaError(PROBLEMS.corrupt);
    const how = decoder.run(this.output.size + unpacked);
    if (how !== 'size') throw new LzmaError(problemOf(how) ?? PROBLEMS.corrupt);
    this.at = end;
  }

  private copy(size: number): void {
    const chunk = this.input.subarray(this.at, this.at + size);
    if (!this.output.reserve(chunk.length)) throw new LzmaError(PROBLEMS.limit);
    this.output.bytes.set(chunk, this.output.size);
    this.output.size += chunk.length;
    this.at += size;
    if (chunk.length < size) throw new LzmaError(PROBLEMS.input);
  }
}

function undoDelta(bytes: Uint8Array, from: number, to: number, distance: number): void {
  for (let i = from + distance; i < to; i++) bytes[i] = bytes[i]! + bytes[i - distance]!;
}

function resultOf(output: LzmaOutput, consumed: number, problem: string | undefined): LzmaResult {
  const base = { bytes: output.taken(), consumedBytes: consumed };
  return problem === undefined ? { ...base, isComplete: true } : { ...base, isComplete: false, problem };
}

function unxz(input: Uint8Array, maxBytes: number): LzmaResult {
  const output = new LzmaOutput(maxBytes, input.length * 4);
  const reader = new XzReader(input, output);
  try {
    reader.readStreams();
    return resultOf(output, reader.at, undefined);
  } catch (error) {
    if (!(error instanceof LzmaError)) throw error;
    return resultOf(output, Math.min(reader.at, input.length), error.message);
  }
}

/**
 * Decodes a bare LZMA stream: its properties byte is known, its size perhaps.
 *
 * @param start where the range coder's first byte stands
 * @param size undefined: the stream ends with its end mark, or with the input
 */
export function unlzmaRaw(
  input: Uint8Array,
  start: number,
  properties: number,
  size: number | undefined,
  maxBytes: number,
): LzmaResult {
  const output = new LzmaOutput(maxBytes, size ?? input.length * 4);
  const decoder = new LzmaDecoder(input, output);
  if (!decoder.setProperties(properties)) return resultOf(output, start, 'the LZMA properties are impossible');
  if (!decoder.begin(start, input.length)) return resultOf(output, start, 'the LZMA data does not begin as it should');
  const end = decoder.run(size ?? Number.POSITIVE_INFINITY);
  return resultOf(output, Math.min(decoder.position, input.length), problemOf(end));
}

/** Decodes `.xz` or `.lzma`, whichever it is, as `lzma.decompress` does. undefined when it is neither. Never throws. */
export function unlzma(input: Uint8Array, maxBytes: number): LzmaResult | undefined {
  if (isXz(input)) return unxz(input, maxBytes);
  if (!isLzmaAlone(input)) return undefined;
  const high = readUint32(input, 9);
  const size = high === 0xffffffff ? undefined : high * 2 ** 32 + readUint32(input, 5);
  return unlzmaRaw(input, 13, input[0]!, size, maxBytes);
}

function strict(result: LzmaResult | undefined): Uint8Array {
  if (result === undefined) throw new LzmaError('it is neither xz nor lzma');
  if (!result.isComplete) throw new LzmaError(result.problem ?? PROBLEMS.corrupt);
  return result.bytes;
}

/** Decodes a whole `.xz` or `.lzma` file. Throws LzmaError, also when it holds more than `maxBytes`. */
export function unlzmaStrict(input: Uint8Array, maxBytes: number): Uint8Array {
  return strict(unlzma(input, maxBytes));
}

/**
 * Decodes a zip member of method 14: version, size of the properties, properties, then a bare stream that ends with a
 * mark or at the announced size. Throws LzmaError.
 *
 * @param maxBytes the announced size: output ends there
 */
export function unlzmaZip(input: Uint8Array, maxBytes: number): Uint8Array {
  const propertiesSize = (input[2] ?? 0) | ((input[3] ?? 0) << 8);
  if (propertiesSize !== 5 || input.length < 9) throw new LzmaError('the LZMA header of a member is impossible');
  const result = unlzmaRaw(input, 9, input[4]!, undefined, maxBytes);
  // without an end mark the stream runs until its announced size is there
  return result.bytes.length === maxBytes ? result.bytes : strict(result);
}
