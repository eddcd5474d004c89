// One 512-byte tar header, read as CPython's tarfile reads it, with everything that others read differently named.
import type { AnomalyLog } from './anomalies.ts';

export const BLOCK_BYTES = 512;

export interface TarHeader {
  /** with the ustar prefix in front; as text, see decodeTarText */
  readonly name: string;
  readonly linkName: string;
  readonly sizeBytes: number;
  readonly mode: number;
  /** the type flag as one character; `\0` for files of the oldest format */
  readonly type: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8, else one character per byte in a private-use block, so that different bytes stay different text. */
export function decodeTarText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCodePoint(byte < 0x80 ? byte : 0xf0000 + byte)).join('');
  }
}

function field(block: Uint8Array, start: number, length: number): Uint8Array {
  const bytes = block.subarray(start, start + length);
  const nul = bytes.indexOf(0);
  return nul < 0 ? bytes : bytes.subarray(0, nul);
}

/** Bytes after the NUL of a text field: ignored by tarfile, taken for part of the name by nobody, written by nobody. */
function hasHiddenBytes(block: Uint8Array, start: number, length: number): boolean {
  const bytes = block.subarray(start, start + length);
  const nul = bytes.indexOf(0);
  return nul >= 0 && bytes.subarray(nul).some((byte) => byte !== 0);
}

const OCTAL = /^ *[0-7]* *$/u;

/**
 * A number field: octal text, or base 256 when the first byte is 0x80 (0xff: negative).
 * @returns undefined where readers differ (tarfile accepts what Python's int() does: `+7`, `0o7`, `1_0`)
 */
function readNumber(block: Uint8Array, start: number, length: number): number | undefined {
  const first = block[start] ?? 0;
  if (first === 0x80 || first === 0xff) {
    let value = 0;
    for (const byte of block.subarray(start + 1, start + length)) {
      value = value * 256 + byte;
    }
    return first === 0x80 ? value : value - 256 ** (length - 1);
  }
  const text = Buffer.from(field(block, start, length)).toString('latin1');
  return OCTAL.test(text) ? Number.parseInt(`0${text.trim()}`, 8) : undefined;
}

export function isZeroBlock(block: Uint8Array): boolean {
  for (let at = 0; at < block.length; at++) {
    if (block[at] !== 0) {
      return false;
    }
  }
  return true;
}

/** The sum of the header's bytes with the checksum field taken as spaces, unsigned or (some old writers) signed. */
function hasChecksum(block: Uint8Array): boolean {
  const announced = readNumber(block, 148, 8);
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < block.length; at++) {
    const value = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
    unsigned += value;
    signed += value > 127 ? value - 256 : value;
  }
  return announced === unsigned || announced === signed;
}

/** Numbers that tarfile must be able to read, or it takes the header for the end of the archive. */
const NUMBER_FIELDS: readonly (readonly [name: string, start: number, length: number])[] = [
  ['mode', 100, 8],
  ['owner', 108, 8],
  ['group', 116, 8],
  ['size', 124, 12],
  ['time', 136, 12],
  ['major device', 329, 8],
  ['minor device', 337, 8],
];

/**
 * Parses a header block that is not all zero.
 * @returns undefined when it is none (checksum or numbers): tarfile stops reading there without a word, others fail
 */
export function parseTarHeader(block: Uint8Array, log: AnomalyLog): TarHeader | undefined {
  if (!hasChecksum(block)) {
    return undefined;
  }
  const bareName = decodeTarText(field(block, 0, 100));
  for (const [what, start, length] of NUMBER_FIELDS) {
    if (readNumber(block, start, length) === undefined) {
      log.add('tar-number', bareName, what);
      return undefined;
    }
  }
  const sizeBytes = readNumber(block, 124, 12) ?? 0;
  if (sizeBytes < 0 || !Number.isSafeInteger(sizeBytes)) {
    log.add('tar-number', bareName);
    return undefined;
  }
  if (hasHiddenBytes(block, 0, 100) || hasHiddenBytes(block, 157, 100)) {
    log.add('tar-hidden-bytes', bareName);
  }
  const type = String.fromCharCode(block[156] ?? 0);
  return {
    name: withPrefix(block, bareName, type, log),
    linkName: decodeTarText(field(block, 157, 100)),
    sizeBytes,
    mode: (readNumber(block, 100, 8) ?? 0) & 0o7777,
    type,
  };
}

/** tarfile takes the prefix whatever the magic says, except for GNU's own types; GNU tar keeps times there. */
function withPrefix(block: Uint8Array, name: string, type: string, log: AnomalyLog): string {
  const prefix = decodeTarText(field(block, 345, 155));
  if (prefix === '' || 'LKS'.includes(type)) {
    return name;
  }
  if (Buffer.from(block.subarray(257, 263)).toString('latin1') !== 'ustar\0') {
    log.add('tar-prefix', name);
  }
  return `${prefix}/${name}`;
}
