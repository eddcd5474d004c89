// Owns the classes of UTF-16 units that the tokenizer tells apart. Imports tokens.ts. Start at UNIT_CLASS.
import {
  AMP,
  AT,
  BACKTICK,
  CARET,
  COLON,
  COMMA,
  EQUAL,
  EXCLAM,
  GT,
  LBRACE,
  LPAR,
  LSQB,
  LT,
  MINUS,
  PERCENT,
  PIPE,
  PLUS,
  RBRACE,
  RPAR,
  RSQB,
  SEMI,
  SLASH,
  STAR,
  TILDE,
} from './tokens.ts';

// Classes of ASCII units, and 0 for what Python has no use for.
export const SPACE = 1;
/** ends a line; not the keyword */
export const LINE_BREAK = 2;
export const LETTER = 3;
export const DIGIT = 4;
export const QUOTE = 5;
export const PUNCTUATION = 6;
export const OPERATOR = 7;
export const HASH = 8;
export const BACKSLASH = 9;
export const POINT = 10;
export const BEYOND_ASCII = 11;

/** Class of each UTF-16 unit. */
export const UNIT_CLASS = new Uint8Array(65536).fill(BEYOND_ASCII, 128);
/** Token kind of the characters that are a token by themselves. */
export const SINGLE = new Uint8Array(128);
for (let unit = 48; unit < 58; unit++) UNIT_CLASS[unit] = DIGIT;
for (let unit = 65; unit < 91; unit++) UNIT_CLASS[unit] = UNIT_CLASS[unit + 32] = LETTER;
UNIT_CLASS[95] = LETTER;
for (const unit of [9, 12, 32]) UNIT_CLASS[unit] = SPACE;
for (const unit of [10, 13]) UNIT_CLASS[unit] = LINE_BREAK;
for (const unit of [34, 39]) UNIT_CLASS[unit] = QUOTE;
UNIT_CLASS[35] = HASH;
UNIT_CLASS[92] = BACKSLASH;
UNIT_CLASS[46] = POINT;
const PUNCTUATION_KINDS: readonly [string, number][] = [
  ['(', LPAR],
  [')', RPAR],
  ['[', LSQB],
  [']', RSQB],
  ['{', LBRACE],
  ['}', RBRACE],
  [',', COMMA],
  [':', COLON],
  [';', SEMI],
  ['~', TILDE],
  ['`', BACKTICK],
];
for (const [character, kind] of PUNCTUATION_KINDS) {
  UNIT_CLASS[character.charCodeAt(0)] = PUNCTUATION;
  SINGLE[character.charCodeAt(0)] = kind;
}
const OPERATOR_KINDS: readonly [string, number][] = [
  ['|', PIPE],
  ['^', CARET],
  ['&', AMP],
  ['+', PLUS],
  ['-', MINUS],
  ['*', STAR],
  ['/', SLASH],
  ['%', PERCENT],
  ['@', AT],
  ['<', LT],
  ['>', GT],
  ['=', EQUAL],
  ['!', EXCLAM],
];
for (const [character, kind] of OPERATOR_KINDS) {
  UNIT_CLASS[character.charCodeAt(0)] = OPERATOR;
  SINGLE[character.charCodeAt(0)] = kind;
}

/** One unit per UTF-16 unit and a NUL behind the last: an array reads faster than a string. */
export function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length + 4);
  Buffer.from(units.buffer).write(text, 'utf16le');
  return units;
}
