// Owns quoted-printable, uuencoding, rot13 of bytes and PowerShell's encoded commands.
// May import decoded.ts, base64.ts, ../codecs.ts. Start at decodeQuotedPrintable.
import { rot13 } from '../codecs.ts';
import { decodeBase64 } from './base64.ts';
import { bufferOf, cut, type Decoder } from './decoded.ts';

function hexValue(unit: number | undefined): number {
  if (unit === undefined) return -1;
  if (unit >= 48 && unit <= 57) return unit - 48;
  const letter = unit | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** `quopri.decodestring`, `binascii.a2b_qp`: `=41` is A, `=` at a line's end joins it to the next; the rest stands. */
export const decodeQuotedPrintable: Decoder = (input, maxBytes) => {
  const output = new Uint8Array(input.length);
  let filled = 0;
  for (let i = 0; i < input.length; i++) {
    const unit = input[i]!;
    if (unit !== 61) {
      output[filled++] = unit;
      continue;
    }
    const high = hexValue(input[i + 1]);
    const low = hexValue(input[i + 2]);
    if (high >= 0 && low >= 0) {
      output[filled++] = high * 16 + low;
      i += 2;
    } else if (input[i + 1] === 10) i++;
    else if (input[i + 1] === 13 && input[i + 2] === 10) i += 2;
    else output[filled++] = unit;
  }
  return cut(output.subarray(0, filled), maxBytes);
};

/** One uuencoded line: a length, then groups of four characters. */
function addUuLine(input: Uint8Array, start: number, end: number, output: number[]): boolean {
  const length = (input[start]! - 32) & 63;
  const stop = output.length + length;
  for (let i = start + 1; output.length < stop; i += 4) {
    let word = 0;
    for (let digit = 0; digit < 4; digit++) {
      // blanks at the end of a line are often lost
      const unit = i + digit < end ? input[i + digit]! : 32;
      if (unit < 32 || unit > 96) return false;
      word = (word << 6) | ((unit - 32) & 63);
    }
    for (const shift of [16, 8, 0]) if (output.length < stop) output.push((word >> shift) & 255);
  }
  return true;
}

/** `uu.decode`, `binascii.a2b_uu`, the `uu` codec; `begin` and `end` lines are optional. */
export const decodeUu: Decoder = (input, maxBytes) => {
  const output: number[] = [];
  for (let start = 0; start < input.length && output.length <= maxBytes; ) {
    const found = input.indexOf(10, start);
    const next = found < 0 ? input.length : found;
    const end = input[next - 1] === 13 ? next - 1 : next;
    const isHeader = bufferOf(input).toString('latin1', start, start + 6) === 'begin ';
    if (end - start === 3 && bufferOf(input).toString('latin1', start, end) === 'end') break;
    if (end > start && !isHeader && !addUuLine(input, start, end, output)) return undefined;
    start = next + 1;
  }
  return cut(Uint8Array.from(output), maxBytes);
};

/** Letters of ASCII text turned by half the alphabet, as the `rot13` codec does. */
export const decodeRot13: Decoder = (input, maxBytes) =>
  cut(Buffer.from(rot13(bufferOf(input).toString('latin1')), 'latin1'), maxBytes);

/**
 * The script of PowerShell's `-EncodedCommand`: base64 of UTF-16LE (some loaders write plain bytes: these are read too).
 *
 * @returns undefined when it is no base64, or gives no text
 */
export function decodePowerShellCommand(argument: string, maxBytes: number): string | undefined {
  const stripped = argument.replaceAll(/[^A-Za-z0-9+/=]/g, '');
  const decoded = decodeBase64(Buffer.from(stripped, 'latin1'), maxBytes);
  if (decoded === undefined || decoded.bytes.length < 2) return undefined;
  const bytes = bufferOf(decoded.bytes);
  let zeros = 0;
  for (let i = 1; i < bytes.length; i += 2) if (bytes[i] === 0) zeros++;
  if (zeros * 4 >= bytes.length) return bytes.subarray(0, bytes.length & ~1).toString('utf16le');
  const text = bytes.toString('utf8');
  return /[\0-\x08\x0e-\x1f\ufffd]/.test(text) ? undefined : text;
}
