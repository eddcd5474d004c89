// Owns base32, base16 and hexadecimal text. May import decoded.ts. Start at decodeBase32, decodeHex.
import { cut, type Decoded, type Decoder } from './decoded.ts';

const SPACES = new Set([9, 10, 11, 12, 13, 32]);

function valuesOf(alphabet: string, foldsCase: boolean): Int8Array {
  const values = new Int8Array(256).fill(-1);
  for (let value = 0; value < alphabet.length; value++) {
    values[alphabet.charCodeAt(value)] = value;
    if (foldsCase) values[alphabet.toLowerCase().charCodeAt(value)] = value;
  }
  return values;
}

const BASE32 = valuesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', true);
const BASE32_HEX = valuesOf('0123456789ABCDEFGHIJKLMNOPQRSTUV', true);
const HEX = valuesOf('0123456789ABCDEF', true);

/** Digits of `bits` bits each, most significant first; left-over bits are dropped. */
function decode(input: Uint8Array, values: Int8Array, bits: number, maxBytes: number): Decoded | undefined {
  const output = new Uint8Array(Math.min(Math.ceil((input.length * bits) / 8), maxBytes + 1));
  let filled = 0;
  let held = 0;
  let heldBits = 0;
  for (let i = 0; i < input.length && filled < output.length; i++) {
    const value = values[input[i]!]!;
    if (value < 0) {
      if (input[i] === 61) break; // padding
      if (SPACES.has(input[i]!)) continue;
      return undefined;
    }
    held = ((held << bits) | value) & 0xffff;
    heldBits += bits;
    if (heldBits < 8) continue;
    heldBits -= 8;
    output[filled++] = (held >> heldBits) & 255;
  }
  return cut(output.subarray(0, filled), maxBytes);
}

/** `base64.b32decode` in either case; blanks are forgiven, any other character is not. */
export const decodeBase32: Decoder = (input, maxBytes) => decode(input, BASE32, 5, maxBytes);

/** `base64.b32hexdecode`. */
export const decodeBase32Hex: Decoder = (input, maxBytes) => decode(input, BASE32_HEX, 5, maxBytes);

/** `bytes.fromhex`, `binascii.unhexlify`, `base64.b16decode`, the `hex` codec: either case, blanks between digits. */
export const decodeHex: Decoder = (input, maxBytes) => decode(input, HEX, 4, maxBytes);
