// Owns cutting names, keywords, string prefixes and numbers into tokens.
// May import string-lexer.ts, tokens.ts, units.ts. Start at lexName and lexNumber.
import { StringLexer } from './string-lexer.ts';
import {
  BYTES,
  ERROR,
  FIRST_KEYWORD,
  KEYWORDS,
  NAME,
  NUMBER,
  PREFIX_SHIFT,
  RAW,
  STARTS_STATEMENT,
  TEMPLATE,
} from './tokens.ts';
import { BEYOND_ASCII, DIGIT, LETTER, QUOTE, SPACE, UNIT_CLASS } from './units.ts';

const MAX_MARKS = 20;

const IDENTIFIER = /^[\p{XID_Start}_]\p{XID_Continue}*$/u;

export abstract class WordLexer extends StringLexer {
  protected lexName(i: number): number {
    const { code } = this;
    let at = i;
    let hash = 0;
    let unit = code[at]!;
    let type = LETTER;
    do {
      hash = (Math.imul(hash, 31) + unit) | 0;
      unit = code[++at]!;
      type = UNIT_CLASS[unit]!;
    } while (type === LETTER || type === DIGIT);
    if (type === QUOTE && at - i <= 3) {
      const flags = this.prefixFlags(i, at);
      if (flags >= 0) return flags > 0xffff ? this.lexFString(i, at, flags & 0xffff) : this.lexString(i, at, flags);
    }
    if (type === BEYOND_ASCII) return this.lexUnicodeName(i);
    const id = this.table.intern(i, at, hash);
    if (id >= KEYWORDS.length) {
      this.push(NAME, i, at, id);
      return at;
    }
    const kind = FIRST_KEYWORD + id;
    if (this.fresh === this.count && STARTS_STATEMENT[kind] === 1) return this.leaveOpenBracket(i);
    this.push(kind, i, at, id);
    return at;
  }

  /** A statement begins inside a bracket: the bracket was left open. The statement's line begins a logical line. */
  protected leaveOpenBracket(i: number): number {
    let start = i;
    while (UNIT_CLASS[this.code[start - 1]!] === SPACE) start--;
    this.report('a bracket was never closed');
    this.breakdown = 'bracket';
    return this.endLine(start, start);
  }

  /** Flags of a string prefix; beyond 0xffff for f- and t-strings; -1 when the letters are no prefix. */
  protected prefixFlags(start: number, end: number): number {
    let flags = (end - start) << PREFIX_SHIFT;
    let formatted = 0;
    let seen = 0;
    for (let i = start; i < end; i++) {
      const letter = this.code[i]! | 32;
      const bit =
        letter === 114 ? 1 : letter === 98 ? 2 : letter === 117 ? 4 : letter === 102 ? 8 : letter === 116 ? 16 : 0;
      if (bit === 0 || (seen & bit) !== 0) return -1;
      seen |= bit;
      if (bit === 1) flags |= RAW;
      else if (bit === 2) flags |= BYTES;
      else if (bit >= 8) formatted = 0x10000;
      if (bit === 16) flags |= TEMPLATE;
    }
    const meanings = seen & ~1;
    if ((meanings & (meanings - 1)) !== 0) return -1; // b, u, f and t exclude one another
    if (seen === 5) this.isPython2 = true; // ur'' went away with Python 2
    return flags | formatted;
  }

  protected lexUnicodeName(i: number): number {
    const { code } = this;
    let at = i;
    for (let type = UNIT_CLASS[code[at]!]!; type === LETTER || type === DIGIT || type === BEYOND_ASCII; )
      type = UNIT_CLASS[code[++at]!]!;
    const written = this.text.slice(i, at);
    if (!IDENTIFIER.test(written)) {
      this.report('invalid character in identifier');
      this.push(ERROR, i, at, 0);
      return at;
    }
    const read = written.normalize('NFKC');
    if (read !== written && this.respelled.length < MAX_MARKS) this.respelled.push({ line: this.line, written, read });
    this.push(NAME, i, at, this.table.append(read));
    return at;
  }

  protected lexNumber(i: number): number {
    const { code } = this;
    let at = i;
    let value = 0;
    let unit = code[at]!;
    while (unit >= 48 && unit <= 57) {
      if (value < 0x0ccccccc) value = value * 10 + unit - 48;
      else value = -1 << 30;
      unit = code[++at]!;
    }
    const isPlain = unit !== 46 && UNIT_CLASS[unit] !== LETTER;
    if (isPlain && (code[i] !== 48 || at - i === 1)) {
      this.push(NUMBER, i, at, value < 0 ? -1 : value);
      return at;
    }
    return this.lexLongNumber(i);
  }

  protected lexLongNumber(i: number): number {
    const { code } = this;
    const radixLetter = code[i] === 48 ? code[i + 1]! | 32 : 0;
    let at = i;
    if (radixLetter === 120 || radixLetter === 111 || radixLetter === 98) {
      at = this.skipDigits(i + 2, radixLetter === 120);
    } else {
      at = this.skipDigits(i, false);
      if (code[at] === 46) at = this.skipDigits(at + 1, false);
      at = this.skipExponent(at);
    }
    const suffix = code[at]! | 32;
    if (suffix === 106 || suffix === 108) {
      at++;
      if (suffix === 108) this.isPython2 = true;
    }
    this.push(NUMBER, i, at, -1);
    return at;
  }

  protected skipDigits(i: number, isHex: boolean): number {
    const { code } = this;
    let at = i;
    for (;;) {
      const unit = code[at]!;
      const isDigit = unit >= 48 && unit <= 57;
      const isLetter = isHex && (unit | 32) >= 97 && (unit | 32) <= 102;
      if (!isDigit && !isLetter && unit !== 95) return at;
      at++;
    }
  }

  protected skipExponent(i: number): number {
    const { code } = this;
    if ((code[i]! | 32) !== 101) return i;
    const sign = code[i + 1]!;
    const digits = sign === 43 || sign === 45 ? i + 2 : i + 1;
    // `1else` is a number and a keyword
    return code[digits]! >= 48 && code[digits]! <= 57 ? this.skipDigits(digits, false) : i;
  }
}
