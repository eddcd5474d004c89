// Owns the base85 encodings: Python's b85 (git), Ascii85 (Adobe) and Z85 (ZeroMQ). May import decoded.ts. Start at decodeBase85.
import { cut, type Decoded, type Decoder } from './decoded.ts';

const B85 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';
const Z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';
const A85 = Array.from({ length: 85 }, (_, value) => String.fromCharCode(33 + value)).join('');

function valuesOf(alphabet: string): Int8Array {
  const values = new Int8Array(256).fill(-1);
  for (let value = 0; value < 85; value++) values[alphabet.charCodeAt(value)] = value;
  return values;
}

const B85_VALUES = valuesOf(B85);
const Z85_VALUES = valuesOf(Z85);
const A85_VALUES = valuesOf(A85);
const LETTER_Z = 122;
const LETTER_Y = 121;

/** Collects groups of five digits as four bytes. */
class Groups {
  private readonly output: Uint8Array;
  private filled = 0;
  private held = 0;
  private digits = 0;

  constructor(maxDigits: number, maxBytes: number) {
    this.output = new Uint8Array(Math.min(maxDigits * 4, maxBytes + 4));
  }

  get isFull(): boolean {
    return this.filled + 4 > this.output.length;
  }

  get isBetween(): boolean {
    return this.digits === 0;
  }

  /** False when five digits are more than four bytes can hold. */
  add(value: number): boolean {
    this.held = this.held * 85 + value;
    if (++this.digits < 5) return true;
    const fits = this.held <= 0xffffffff;
    this.put(this.held, 4);
    return fits;
  }

  put(word: number, count: number): void {
    for (let i = 0; i < count; i++) this.output[this.filled++] = (word >>> (24 - i * 8)) & 255;
    this.held = 0;
    this.digits = 0;
  }

  end(maxBytes: number): Decoded {
    const { digits } = this;
    if (digits > 1 && !this.isFull) {
      let word = this.held;
      for (let i = digits; i < 5; i++) word = word * 85 + 84;
      this.put(Math.min(word, 0xffffffff), digits - 1);
    }
    return cut(this.output.subarray(0, this.filled), maxBytes);
  }
}

function decode(input: Uint8Array, values: Int8Array, maxBytes: number): Decoded | undefined {
  const groups = new Groups(input.length, maxBytes);
  for (let i = 0; i < input.length && !groups.isFull; i++) {
    const value = values[input[i]!]!;
    if (value < 0 || !groups.add(value)) return undefined;
  }
  return groups.end(maxBytes);
}

/** `base64.b85decode`. */
export const decodeBase85: Decoder = (input, maxBytes) => decode(input, B85_VALUES, maxBytes);

/** `base64.z85decode` (3.13) and ZeroMQ's. */
export const decodeZ85: Decoder = (input, maxBytes) => decode(input, Z85_VALUES, maxBytes);

/** `base64.a85decode`, with or without Adobe's `<~ ~>`; `z` is four zeros, `y` four blanks, blanks between are skipped. */
export const decodeAscii85: Decoder = (input, maxBytes) => {
  const isFramed = input[0] === 60 && input[1] === 126;
  const groups = new Groups(input.length, maxBytes);
  for (let i = isFramed ? 2 : 0; i < input.length && !groups.isFull; i++) {
    const unit = input[i]!;
    if (unit === 126 && input[i + 1] === 62) break;
    if (unit <= 32) continue;
    const value = A85_VALUES[unit]!;
    if (value >= 0) {
      if (!groups.add(value)) return undefined;
    } else if ((unit === LETTER_Z || unit === LETTER_Y) && groups.isBetween) {
      groups.put(unit === LETTER_Z ? 0 : 0x20202020, 4);
    } else return undefined;
  }
  return groups.end(maxBytes);
};
