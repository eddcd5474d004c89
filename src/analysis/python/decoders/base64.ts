// Owns base64 as Python reads it. May import decoded.ts. Start at decodeBase64.
import { cut, type Decoded, type Decoder } from './decoded.ts';

const SKIP = 255;
const PAD = 254;

function tableOf(alphabet: string): Uint8Array {
  const table = new Uint8Array(256).fill(SKIP);
  for (let value = 0; value < 64; value++) table[alphabet.charCodeAt(value)] = value;
  table[61] = PAD;
  return table;
}

const COMMON = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const STANDARD = tableOf(`${COMMON}+/`);
const URL_SAFE = tableOf(`${COMMON}-_`);
// urlsafe_b64decode turns - and _ into + and /, which it reads as well
URL_SAFE[43] = 62;
URL_SAFE[47] = 63;

function decode(input: Uint8Array, table: Uint8Array, maxBytes: number): Decoded | undefined {
  const output = new Uint8Array(Math.min(Math.ceil((input.length * 3) / 4), maxBytes + 3));
  let filled = 0;
  let held = 0;
  let digits = 0;
  let pads = 0;
  for (let i = 0; i < input.length && filled < output.length; i++) {
    const value = table[input[i]!]!;
    if (value === SKIP) continue; // b64decode drops what is not of the alphabet
    if (value === PAD) {
      if (digits >= 2 && digits + ++pads >= 4) break; // what follows the padding is not read
      continue;
    }
    pads = 0;
    held = (held << 6) | value;
    if (++digits === 1) continue;
    output[filled++] = (held >> (8 - digits * 2)) & 255;
    if (digits === 4) digits = 0;
  }
  // one digit alone is no byte: Python raises
  if (digits === 1) return undefined;
  return cut(output.subarray(0, filled), maxBytes);
}

/**
 * `base64.b64decode`, `standard_b64decode`, `binascii.a2b_base64`: characters outside the alphabet are dropped and what
 * follows the padding is not read. Missing padding is forgiven (payloads add it before they decode).
 */
export const decodeBase64: Decoder = (input, maxBytes) => decode(input, STANDARD, maxBytes);

/** `base64.urlsafe_b64decode`: `-` and `_` for `+` and `/`; reads both. */
export const decodeBase64Url: Decoder = (input, maxBytes) => decode(input, URL_SAFE, maxBytes);

/** Base64 with an alphabet of one's own, 64 ASCII characters. undefined when the alphabet is none. */
export function decodeBase64With(alphabet: string, input: Uint8Array, maxBytes: number): Decoded | undefined {
  if (alphabet.length !== 64 || new Set(alphabet).size !== 64) return undefined;
  return decode(input, tableOf(alphabet), maxBytes);
}
