// Owns the values of Python literals: what the text of a string, bytes or number token means.
// May import tokens.ts and character-names.ts. Start at readString, readBytes, readNumber.
import { findCharacter } from './character-names.ts';
import { BYTES, CARRIAGE, DOUBLED, ESCAPED, PREFIX_SHIFT, RAW, TRIPLE } from './tokens.ts';

/** V8 reads long decimals in more than linear time; CPython refuses more than 4,300 digits since 3.11. */
const MAX_DECIMAL_DIGITS = 100_000;
/** Hexadecimal, octal and binary digits are read in linear time; V8's limit is 2^30 bits. */
const MAX_BINARY_DIGITS = 64_000_000;

const BACKSLASH = 92;

const SIMPLE_ESCAPES = new Int16Array(128).fill(-1);
for (const [letter, unit] of [
  ['\\', 92],
  ["'", 39],
  ['"', 34],
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
] as const) {
  SIMPLE_ESCAPES[letter.charCodeAt(0)] = unit;
}

/** The literal's text and where its body lies. */
interface Body {
  readonly code: Uint16Array;
  readonly from: number;
  readonly to: number;
  readonly flags: number;
}

function hexValue(unit: number): number {
  if (unit >= 48 && unit <= 57) return unit - 48;
  const letter = unit | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** The value of `digits` hex digits at `i`, or -1. */
function readHex(body: Body, i: number, digits: number): number {
  if (i + digits > body.to) return -1;
  let value = 0;
  for (let at = i; at < i + digits; at++) {
    const digit = hexValue(body.code[at]!);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Receives units; reused, for most literals are short. */
class Sink {
  units = new Uint16Array(1024);
  count = 0;
  /** all units together: below 256 the text is Latin-1 */
  seen = 0;

  begin(room: number): void {
    // each escape gives at most as many units as it takes
    if (room > this.units.length) this.units = new Uint16Array(room);
    this.count = 0;
    this.seen = 0;
  }

  add(unit: number): void {
    this.units[this.count++] = unit;
    this.seen |= unit;
  }

  addCodePoint(value: number): void {
    if (value < 0x10000) this.add(value);
    else if (value <= 0x10ffff) {
      this.add(0xd7c0 + (value >> 10));
      this.add(0xdc00 + (value & 0x3ff));
    } else this.add(0xfffd);
  }

  takeText(): string {
    const units = this.units.subarray(0, this.count);
    if (this.count <= 32) return String.fromCharCode.apply(null, units as unknown as number[]);
    const text =
      this.seen < 256
        ? Buffer.from(units).toString('latin1')
        : Buffer.from(units.buffer, 0, this.count * 2).toString('utf16le');
    // a giant literal's room is not kept
    if (this.units.length > 65536) this.units = new Uint16Array(1024);
    return text;
  }

  takeBytes(): Uint8Array {
    return Uint8Array.from(this.units.subarray(0, this.count));
  }
}

const sink = new Sink();

/** Reads the escape whose backslash stands before `i`; gives the offset behind it. Bad ones stay as written. */
function readEscape(body: Body, i: number): number {
  const { code, to, flags } = body;
  const unit = code[i]!;
  if (i >= to) {
    sink.add(BACKSLASH);
    return i;
  }
  const simple = unit < 128 ? SIMPLE_ESCAPES[unit]! : -1;
  if (simple >= 0) {
    sink.add(simple);
    return i + 1;
  }
  if (unit === 10) return i + 1;
  if (unit === 13) return code[i + 1] === 10 ? i + 2 : i + 1;
  if (unit >= 48 && unit <= 55) return readOctal(body, i);
  if (unit === 120) return readHexEscape(body, i, 2);
  if ((flags & BYTES) === 0) {
    if (unit === 117) return readHexEscape(body, i, 4);
    if (unit === 85) return readHexEscape(body, i, 8);
    if (unit === 78 && code[i + 1] === 123) return readNamed(body, i);
  }
  sink.add(BACKSLASH);
  return i;
}

function readOctal(body: Body, i: number): number {
  let value = 0;
  let at = i;
  while (at < i + 3 && at < body.to && body.code[at]! >= 48 && body.code[at]! <= 55) {
    value = value * 8 + body.code[at++]! - 48;
  }
  sink.add((body.flags & BYTES) === 0 ? value : value & 255);
  return at;
}

function readHexEscape(body: Body, i: number, digits: number): number {
  const value = readHex(body, i + 1, digits);
  if (value < 0) {
    sink.add(BACKSLASH);
    return i;
  }
  sink.addCodePoint(value);
  return i + 1 + digits;
}

function readNamed(body: Body, i: number): number {
  let end = i + 2;
  while (end < body.to && end < i + 100 && body.code[end] !== 125) end++;
  if (body.code[end] !== 125) {
    sink.add(BACKSLASH);
    return i;
  }
  const name = String.fromCharCode.apply(null, body.code.subarray(i + 2, end) as unknown as number[]);
  sink.addCodePoint(findCharacter(name) ?? 0xfffd);
  return end + 1;
}

function decode(body: Body): void {
  const { code, to, flags } = body;
  const isRaw = (flags & RAW) !== 0;
  const isDoubled = (flags & DOUBLED) !== 0;
  sink.begin(to - body.from);
  let i = body.from;
  while (i < to) {
    const unit = code[i++]!;
    if (unit === BACKSLASH && !isRaw) i = readEscape(body, i);
    else if (unit === 13) {
      sink.add(10);
      if (code[i] === 10 && i < to) i++;
    } else {
      sink.add(unit);
      if (isDoubled && (unit === 123 || unit === 125) && code[i] === unit && i < to) i++;
    }
  }
}

function isVerbatim(flags: number): boolean {
  return (flags & (CARRIAGE | DOUBLED)) === 0 && ((flags & ESCAPED) === 0 || (flags & RAW) !== 0);
}

/** The text of [from, to) of an f-string (or of a string's body): escapes read, doubled braces halved, CR LF as LF. */
export function readText(text: string, code: Uint16Array, from: number, to: number, flags: number): string {
  if (isVerbatim(flags)) return text.slice(from, to);
  decode({ code, from, to, flags });
  return sink.takeText();
}

function bodyStart(start: number, flags: number): number {
  return start + (flags >> PREFIX_SHIFT) + ((flags & TRIPLE) === 0 ? 1 : 3);
}

function bodyEnd(end: number, flags: number): number {
  return (flags & TRIPLE) === 0 ? end - 1 : end - 3;
}

/**
 * The value of a str literal token; `flags` as the tokenizer gave them. `\N{…}` knows the names of ASCII characters,
 * others become U+FFFD. Never throws: escapes that CPython refuses stay as written.
 */
export function readString(text: string, code: Uint16Array, start: number, end: number, flags: number): string {
  return readText(text, code, bodyStart(start, flags), bodyEnd(end, flags), flags);
}

/** The value of a bytes literal token. Characters beyond U+00FF (a syntax error in Python) are cut to their low byte. */
export function readBytes(code: Uint16Array, start: number, end: number, flags: number): Uint8Array {
  const from = bodyStart(start, flags);
  const to = bodyEnd(end, flags);
  if (isVerbatim(flags)) return Uint8Array.from(code.subarray(from, to));
  decode({ code, from, to, flags });
  return sink.takeBytes();
}

export interface NumberValue {
  readonly type: 'int' | 'float' | 'complex';
  readonly value: number | bigint;
  /** `0777`, `10L` */
  readonly isPython2: boolean;
}

function intOf(digits: string): number | bigint {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

/** The value of a number literal; undefined when it is none, or an integer too long to read. */
export function readNumber(literal: string): NumberValue | undefined {
  let digits = literal.includes('_') ? literal.replaceAll('_', '') : literal;
  const isLong = digits.endsWith('l') || digits.endsWith('L');
  if (isLong) digits = digits.slice(0, -1);
  const radix = digits.charCodeAt(0) === 48 ? digits.charCodeAt(1) | 32 : 0;
  if (radix === 120 || radix === 111 || radix === 98) {
    // searching for what does not belong cannot backtrack, however long the literal
    const foreign = radix === 120 ? /[^\da-f]/i : radix === 111 ? /[^0-7]/ : /[^01]/;
    if (digits.length < 3 || digits.length > MAX_BINARY_DIGITS || foreign.test(digits.slice(2))) return undefined;
    return { type: 'int', value: intOf(digits), isPython2: isLong };
  }
  const last = digits.charCodeAt(digits.length - 1) | 32;
  if (last === 106) return { type: 'complex', value: Number(digits.slice(0, -1)), isPython2: false };
  if (/[.e]/i.test(digits)) return { type: 'float', value: Number(digits), isPython2: false };
  if (digits.length > MAX_DECIMAL_DIGITS) return undefined;
  if (/\D/.test(digits)) return undefined;
  if (digits.charCodeAt(0) === 48 && /[1-9]/.test(digits)) {
    if (/[89]/.test(digits)) return undefined;
    return { type: 'int', value: intOf(`0o${digits}`), isPython2: true };
  }
  return { type: 'int', value: intOf(digits), isPython2: isLong };
}
