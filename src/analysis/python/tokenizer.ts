// Owns cutting Python text into tokens, one logical line at a time, so that the parser can restart anywhere.
// May import ast.ts, tokens.ts and names.ts. Start at Tokenizer.nextLine.
import type { RespelledName, WideGap } from './ast.ts';
import { NameTable } from './names.ts';
import {
  AMP,
  ARROW,
  AT,
  AUGMENTED,
  BACKTICK,
  BYTES,
  CARET,
  CARRIAGE,
  COLON,
  COLONEQUAL,
  COMMA,
  DEDENT,
  DOT,
  DOUBLED,
  DSLASH,
  DSTAR,
  ELLIPSIS,
  END,
  EQ,
  EQUAL,
  ERROR,
  ESCAPED,
  EXCLAM,
  FIRST_KEYWORD,
  FSTRING_END,
  FSTRING_MIDDLE,
  FSTRING_START,
  GE,
  GT,
  INDENT,
  KEYWORDS,
  LBRACE,
  LE,
  LPAR,
  LSHIFT,
  LSQB,
  LT,
  MINUS,
  NAME,
  NE,
  NEWLINE,
  NUMBER,
  PERCENT,
  PIPE,
  PLUS,
  PREFIX_SHIFT,
  RAW,
  RBRACE,
  RPAR,
  RSHIFT,
  RSQB,
  SEMI,
  SLASH,
  STAR,
  STARTS_STATEMENT,
  STRING,
  TEMPLATE,
  TILDE,
  TRIPLE,
} from './tokens.ts';

/** CPython refuses more ("too many levels of indentation"). */
const MAX_INDENTS = 100;
/** CPython refuses more nested f-strings. */
const MAX_FSTRINGS = 100;
/** Blanks between two tokens of one line that nobody types. */
const WIDE_GAP = 100;
const MAX_MARKS = 20;
const MAX_PROBLEMS = 50;

// Classes of ASCII units, and 0 for what Python has no use for.
const SPACE = 1;
const BREAK = 2;
const LETTER = 3;
const DIGIT = 4;
const QUOTE = 5;
const PUNCTUATION = 6;
const OPERATOR = 7;
const HASH = 8;
const BACKSLASH = 9;
const POINT = 10;
const BEYOND_ASCII = 11;

const CLASS = new Uint8Array(65536).fill(BEYOND_ASCII, 128);
const SINGLE = new Uint8Array(128);
for (let unit = 48; unit < 58; unit++) CLASS[unit] = DIGIT;
for (let unit = 65; unit < 91; unit++) CLASS[unit] = CLASS[unit + 32] = LETTER;
CLASS[95] = LETTER;
for (const unit of [9, 12, 32]) CLASS[unit] = SPACE;
for (const unit of [10, 13]) CLASS[unit] = BREAK;
for (const unit of [34, 39]) CLASS[unit] = QUOTE;
CLASS[35] = HASH;
CLASS[92] = BACKSLASH;
CLASS[46] = POINT;
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
  CLASS[character.charCodeAt(0)] = PUNCTUATION;
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
  CLASS[character.charCodeAt(0)] = OPERATOR;
  SINGLE[character.charCodeAt(0)] = kind;
}

const IDENTIFIER = /^[\p{XID_Start}_]\p{XID_Continue}*$/u;

interface OpenFString {
  readonly quote: number;
  readonly flags: number;
  /** bracket depth of each replacement field that is open, outermost first */
  readonly fields: number[];
}

/** Why a logical line ended where it should not have. */
export type LineBreakdown = 'none' | 'bracket' | 'string';

/** One unit per UTF-16 unit and a NUL behind the last: an array reads faster than a string. */
function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length + 4);
  Buffer.from(units.buffer).write(text, 'utf16le');
  return units;
}

/**
 * Tokens of one logical line at a time, in parallel arrays (`kinds[i]`, `starts[i]`, `ends[i]`, `lines[i]`, `aux[i]`,
 * i < count). `aux` is the name's number for names and keywords, the flags of tokens.ts for strings, the value of small
 * decimal integers (else -1) for numbers. The line begins with INDENT or DEDENTs and ends with NEWLINE, the last with END.
 */
export class Tokenizer {
  readonly text: string;
  readonly code: Uint16Array;
  readonly table: NameTable;
  kinds = new Int32Array(512);
  starts = new Int32Array(512);
  ends = new Int32Array(512);
  lines = new Int32Array(512);
  aux = new Int32Array(512);
  count = 0;
  /** tokens made so far, all lines together */
  total = 0;
  /** what went wrong with the current logical line, and where its second physical line begins */
  breakdown: LineBreakdown = 'none';
  resumeAt = 0;
  resumeLine = 0;
  /** a limit was met: something of the text is not in the tokens, or CPython would refuse it */
  exhausted = false;
  /** the token limit was met: END follows */
  private stopped = false;
  isPython2 = false;
  readonly problems: { line: number; message: string }[] = [];
  readonly gaps: WideGap[] = [];
  readonly respelled: RespelledName[] = [];
  private readonly length: number;
  private readonly maxTokens: number;
  private pos = 0;
  private line = 1;
  private depth = 0;
  private indents: number[] = [0];
  private fstrings: OpenFString[] = [];
  /** offset of the first token of the current physical line, inside brackets; -1 once it was made */
  private fresh = -1;

  constructor(text: string, maxTokens: number) {
    this.text = text;
    this.length = text.length;
    this.code = unitsOf(text);
    this.table = new NameTable(text, this.code);
    this.maxTokens = maxTokens;
    if (this.code[0] === 0xfeff) this.pos = 1;
  }

  /** Where the next logical line begins. */
  get position(): number {
    return this.pos;
  }

  /** Goes back (or on) to the physical line that begins at `offset`; open brackets and strings are forgotten. */
  restart(offset: number, line: number): void {
    this.pos = offset;
    this.line = line;
  }

  /** Replaces the tokens by those of the next logical line. */
  nextLine(): void {
    this.count = 0;
    this.depth = 0;
    this.breakdown = 'none';
    this.resumeAt = -1;
    this.fresh = -1;
    if (this.fstrings.length > 0) this.fstrings = [];
    const column = this.skipBlankLines();
    if (this.pos >= this.length || this.stopped) {
      for (let i = this.indents.length; i > 1; i--) this.push(DEDENT, this.pos, this.pos, 0);
      this.indents = [0];
      this.push(END, this.pos, this.pos, 0);
      return;
    }
    this.indentTo(column);
    this.lexLine();
  }

  /** Moves to the first token of the next line that has one; gives its column. */
  private skipBlankLines(): number {
    const { code, length } = this;
    let i = this.pos;
    let column = 0;
    for (;;) {
      const unit = code[i]!;
      if (unit === 32) column++;
      else if (unit === 9) column = (column >> 3) * 8 + 8;
      else if (unit === 12) column = 0;
      else if (unit === 10 || (unit === 13 && code[i + 1] !== 10)) {
        column = 0;
        this.line++;
      } else if (unit === 35) {
        i = this.endOfLine(i) - 1;
      } else if (unit === 92 && this.isBreak(i + 1)) {
        // a continued blank line keeps the column of its first piece
        i = this.afterBreak(i + 1) - 1;
        this.line++;
      } else if (unit !== 13 || i >= length) break;
      i++;
    }
    this.pos = i;
    return column;
  }

  private isBreak(i: number): boolean {
    const unit = this.code[i];
    return unit === 10 || unit === 13;
  }

  private afterBreak(i: number): number {
    return this.code[i] === 13 && this.code[i + 1] === 10 ? i + 2 : i + 1;
  }

  private endOfLine(i: number): number {
    const { code, length } = this;
    let at = i;
    for (;;) {
      const unit = code[at]!;
      if (unit === 10 || unit === 13 || (unit === 0 && at >= length)) return at;
      at++;
    }
  }

  private indentTo(column: number): void {
    const { indents } = this;
    let top = indents[indents.length - 1]!;
    if (column === top) return;
    if (column > top) {
      if (indents.length >= MAX_INDENTS) {
        this.exhausted = true;
        this.report('too many levels of indentation');
        return;
      }
      indents.push(column);
      this.push(INDENT, this.pos, this.pos, 0);
      return;
    }
    while (column < top) {
      indents.pop();
      this.push(DEDENT, this.pos, this.pos, 0);
      top = indents[indents.length - 1]!;
    }
    if (column !== top) this.report('unindent does not match any outer indentation level');
  }

  report(message: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ line: this.line, message });
  }

  private push(kind: number, start: number, end: number, aux: number): void {
    let { count } = this;
    if (count === this.kinds.length && !this.grow()) count--;
    this.kinds[count] = kind;
    this.starts[count] = start;
    this.ends[count] = end;
    this.lines[count] = this.line;
    this.aux[count] = aux;
    this.count = ++count;
  }

  /** Makes room for more tokens; false when the line has all that the limit leaves it. */
  private grow(): boolean {
    const size = Math.min(this.kinds.length * 2, Math.max(512, this.maxTokens - this.total));
    if (size <= this.kinds.length) {
      this.stop();
      return false;
    }
    const copy = (from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(size);
      to.set(from);
      return to;
    };
    this.kinds = copy(this.kinds);
    this.starts = copy(this.starts);
    this.ends = copy(this.ends);
    this.lines = copy(this.lines);
    this.aux = copy(this.aux);
    return true;
  }

  /** Gives up: the next line is the END. */
  stop(): void {
    this.exhausted = true;
    this.stopped = true;
  }

  /** Everything up to the end of the logical line. */
  private lexLine(): void {
    const { code } = this;
    let i = this.pos;
    while (i >= 0 && !this.stopped) {
      const unit = code[i]!;
      switch (CLASS[unit]!) {
        case SPACE:
          i++;
          if (CLASS[code[i]!] === SPACE) i = this.skipSpaces(i);
          break;
        case LETTER:
          i = this.lexName(i);
          break;
        case PUNCTUATION:
          i = this.lexPunctuation(i, unit);
          break;
        case POINT:
          i = this.lexPoint(i);
          break;
        case OPERATOR:
          i = this.lexOperator(i, unit);
          break;
        case QUOTE:
          i = this.lexString(i, i, 0);
          break;
        case DIGIT:
          i = this.lexNumber(i);
          break;
        case BREAK:
          i = this.lexBreak(i);
          break;
        case HASH:
          i = this.endOfLine(i);
          break;
        case BACKSLASH:
          i = this.lexContinuation(i);
          break;
        case BEYOND_ASCII:
          i = this.lexUnicodeName(i);
          break;
        default:
          i = this.lexUnknown(i);
      }
    }
    if (i >= 0) this.endLine(i, i);
    this.total += this.count;
    if (this.total > this.maxTokens) this.stop();
  }

  /** Ends the logical line; the next one begins at `next`. Gives what stops the loop of lexLine. */
  private endLine(at: number, next: number): number {
    this.push(NEWLINE, at, at, 0);
    this.pos = next;
    return -1;
  }

  private skipSpaces(i: number): number {
    const { code } = this;
    let at = i;
    while (CLASS[code[at]!] === SPACE) at++;
    if (at - i >= WIDE_GAP && this.gaps.length < MAX_MARKS && !this.isBreak(at) && code[at] !== 35) {
      this.gaps.push({ line: this.line, width: at - i + 1 });
    }
    return at;
  }

  private lexBreak(i: number): number {
    const next = this.afterBreak(i);
    if (this.depth === 0) {
      const end = this.endLine(i, next);
      this.line++;
      return end;
    }
    this.line++;
    this.noteSecondLine(next);
    this.fresh = this.count;
    return next;
  }

  private noteSecondLine(offset: number): void {
    if (this.resumeAt >= 0) return;
    this.resumeAt = offset;
    this.resumeLine = this.line;
  }

  private lexContinuation(i: number): number {
    if (!this.isBreak(i + 1)) {
      if (i + 1 >= this.length) return this.endOfText(i + 1);
      this.report('unexpected character after line continuation character');
      this.push(ERROR, i, i + 1, 0);
      return i + 1;
    }
    this.line++;
    const next = this.afterBreak(i + 1);
    this.noteSecondLine(next);
    return next;
  }

  private endOfText(i: number): number {
    if (this.depth > 0) {
      this.report('a bracket was never closed');
      this.breakdown = 'bracket';
    }
    return this.endLine(i, i);
  }

  private lexUnknown(i: number): number {
    if (i >= this.length) return this.endOfText(i);
    this.report(`invalid character U+${this.code[i]!.toString(16).padStart(4, '0')}`);
    this.push(ERROR, i, i + 1, 0);
    return i + 1;
  }

  // ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private lexName(i: number): number {
    const { code } = this;
    let at = i;
    let hash = 0;
    let unit = code[at]!;
    let type = LETTER;
    do {
      hash = (Math.imul(hash, 31) + unit) | 0;
      unit = code[++at]!;
      type = CLASS[unit]!;
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
  private leaveOpenBracket(i: number): number {
    let start = i;
    while (CLASS[this.code[start - 1]!] === SPACE) start--;
    this.report('a bracket was never closed');
    this.breakdown = 'bracket';
    return this.endLine(start, start);
  }

  /** Flags of a string prefix; beyond 0xffff for f- and t-strings; -1 when the letters are no prefix. */
  private prefixFlags(start: number, end: number): number {
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

  private lexUnicodeName(i: number): number {
    const { code } = this;
    let at = i;
    for (let type = CLASS[code[at]!]!; type === LETTER || type === DIGIT || type === BEYOND_ASCII; )
      type = CLASS[code[++at]!]!;
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

  // ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private lexNumber(i: number): number {
    const { code } = this;
    let at = i;
    let value = 0;
    let unit = code[at]!;
    while (unit >= 48 && unit <= 57) {
      if (value < 0x0ccccccc) value = value * 10 + unit - 48;
      else value = -1 << 30;
      unit = code[++at]!;
    }
    const isPlain = unit !== 46 && CLASS[unit] !== LETTER;
    if (isPlain && (code[i] !== 48 || at - i === 1)) {
      this.push(NUMBER, i, at, value < 0 ? -1 : value);
      return at;
    }
    return this.lexLongNumber(i);
  }

  private lexLongNumber(i: number): number {
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

  private skipDigits(i: number, isHex: boolean): number {
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

  private skipExponent(i: number): number {
    const { code } = this;
    if ((code[i]! | 32) !== 101) return i;
    const sign = code[i + 1]!;
    const digits = sign === 43 || sign === 45 ? i + 2 : i + 1;
    // `1else` is a number and a keyword
    return code[digits]! >= 48 && code[digits]! <= 57 ? this.skipDigits(digits, false) : i;
  }

  // ── operators ───────────────────────────────────────────────────────────────────────────────────────────────────

  private lexPoint(i: number): number {
    const next = this.code[i + 1]!;
    if (next >= 48 && next <= 57) return this.lexLongNumber(i);
    if (next === 46 && this.code[i + 2] === 46) {
      this.push(ELLIPSIS, i, i + 3, 0);
      return i + 3;
    }
    this.push(DOT, i, i + 1, 0);
    return i + 1;
  }

  private lexPunctuation(i: number, unit: number): number {
    const kind = SINGLE[unit]!;
    if (kind <= RBRACE) {
      // ( [ { are even, their closers odd
      if ((kind & 1) === 0) this.depth++;
      else if (this.depth > 0) {
        if (kind === RBRACE && this.isAtField()) return this.closeField(i);
        this.depth--;
      }
    } else if (kind === COLON) {
      if (this.depth > 0 && this.isAtField()) {
        this.push(COLON, i, i + 1, 0);
        return this.lexMiddle(i + 1, true);
      }
      if (this.code[i + 1] === 61) {
        this.push(COLONEQUAL, i, i + 2, 0);
        return i + 2;
      }
    }
    this.push(kind, i, i + 1, 0);
    return i + 1;
  }

  private lexOperator(i: number, unit: number): number {
    const { code } = this;
    const next = code[i + 1]!;
    const kind = SINGLE[unit]!;
    if (next === 61) return this.lexBeforeEqual(i, kind);
    if (kind === MINUS && next === 62) return this.pushOperator(ARROW, i, 2);
    if (kind === LT && next === 62) {
      this.isPython2 = true;
      return this.pushOperator(NE, i, 2);
    }
    if (next === unit) {
      const doubled = kind === STAR ? DSTAR : kind === SLASH ? DSLASH : kind === LT ? LSHIFT : kind === GT ? RSHIFT : 0;
      if (doubled !== 0) {
        return code[i + 2] === 61 ? this.pushOperator(doubled + AUGMENTED, i, 3) : this.pushOperator(doubled, i, 2);
      }
    }
    return this.pushOperator(kind, i, 1);
  }

  private lexBeforeEqual(i: number, kind: number): number {
    switch (kind) {
      case LT:
        return this.pushOperator(LE, i, 2);
      case GT:
        return this.pushOperator(GE, i, 2);
      case EQUAL:
        return this.pushOperator(EQ, i, 2);
      case EXCLAM:
        return this.pushOperator(NE, i, 2);
      default:
        return this.pushOperator(kind + AUGMENTED, i, 2);
    }
  }

  private pushOperator(kind: number, i: number, width: number): number {
    this.push(kind, i, i + width, 0);
    return i + width;
  }

  // ── strings ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private isTripleAt(i: number, quote: number): boolean {
    return this.code[i] === quote && this.code[i + 1] === quote && this.code[i + 2] === quote;
  }

  /** A literal without fields: prefix from `start`, quote at `open`. */
  private lexString(start: number, open: number, prefixed: number): number {
    const { code } = this;
    const quote = code[open]!;
    const line = this.line;
    let flags = prefixed;
    if (!this.isTripleAt(open, quote)) {
      let i = open + 1;
      for (;;) {
        const unit = code[i]!;
        if (unit === quote) break;
        if (unit === 92) {
          flags |= ESCAPED;
          i = this.skipEscape(i);
          if (code[i - 1] === 13 || code[i - 2] === 13) flags |= CARRIAGE;
        } else if (unit === 10 || unit === 13 || (unit === 0 && i >= this.length)) {
          return this.lexUnterminated(start, i);
        } else i++;
      }
      this.pushFrom(STRING, start, i + 1, line, flags);
      return i + 1;
    }
    flags |= TRIPLE;
    let i = open + 3;
    for (;;) {
      const unit = code[i]!;
      if (unit === quote && this.isTripleAt(i, quote)) break;
      if (unit === 92) {
        flags |= ESCAPED;
        i = this.skipEscape(i);
      } else if (unit === 10 || unit === 13) {
        if (unit === 13) flags |= CARRIAGE;
        i = this.breakInString(i);
      } else if (unit === 0 && i >= this.length) {
        return this.lexUnterminatedTriple(start, open, line);
      } else i++;
    }
    this.pushFrom(STRING, start, i + 3, line, flags);
    return i + 3;
  }

  private breakInString(i: number): number {
    const next = this.afterBreak(i);
    this.line++;
    this.noteSecondLine(next);
    return next;
  }

  /** Skips a backslash and what it escapes. */
  private skipEscape(i: number): number {
    if (this.isBreak(i + 1)) return this.breakInString(i + 1);
    return i + 1 >= this.length ? i + 1 : i + 2;
  }

  private pushFrom(kind: number, start: number, end: number, line: number, flags: number): void {
    this.push(kind, start, end, flags);
    this.lines[this.count - 1] = line;
  }

  private lexUnterminated(start: number, end: number): number {
    this.report('unterminated string literal');
    this.push(ERROR, start, end, 0);
    return end;
  }

  /** The rest of the text is no string: only the rest of the opening line is lost. */
  private lexUnterminatedTriple(start: number, open: number, line: number): number {
    this.line = line;
    this.report('unterminated triple-quoted string literal');
    const end = this.endOfLine(open);
    this.push(ERROR, start, end, 0);
    this.breakdown = 'string';
    this.resumeAt = end >= this.length ? end : this.afterBreak(end);
    this.resumeLine = line + 1;
    return this.endLine(end, this.length);
  }

  // ── f-strings and t-strings (PEP 701, PEP 750) ──────────────────────────────────────────────────────────────────

  private isAtField(): boolean {
    const { fstrings } = this;
    if (fstrings.length === 0) return false;
    const { fields } = fstrings[fstrings.length - 1]!;
    return fields.length > 0 && fields[fields.length - 1] === this.depth;
  }

  private lexFString(start: number, open: number, prefixed: number): number {
    const quote = this.code[open]!;
    const isTriple = this.isTripleAt(open, quote);
    const flags = isTriple ? prefixed | TRIPLE : prefixed;
    const body = isTriple ? open + 3 : open + 1;
    if (this.fstrings.length >= MAX_FSTRINGS) {
      this.exhausted = true;
      this.report('too many nested f-strings');
      return this.lexString(start, open, prefixed);
    }
    this.push(FSTRING_START, start, body, flags);
    this.fstrings.push({ quote, flags, fields: [] });
    return this.lexMiddle(body, false);
  }

  private closeField(i: number): number {
    const { fields } = this.fstrings[this.fstrings.length - 1]!;
    this.push(RBRACE, i, i + 1, 0);
    this.depth--;
    fields.pop();
    // what encloses a field that is still open is that field's format specification
    return this.lexMiddle(i + 1, fields.length > 0);
  }

  /** Literal text of the innermost f-string (or of a format specification) up to a field or the end. */
  private lexMiddle(start: number, isSpec: boolean): number {
    const { code } = this;
    const { quote, flags } = this.fstrings[this.fstrings.length - 1]!;
    const line = this.line;
    let middle = flags & (RAW | TRIPLE);
    let i = start;
    for (;;) {
      const unit = code[i]!;
      if (unit === quote && ((flags & TRIPLE) === 0 || this.isTripleAt(i, quote))) {
        return this.endFString(start, i, line, middle);
      }
      if (unit === 123) {
        if (isSpec || code[i + 1] !== 123) return this.openField(start, i, line, middle);
        middle |= DOUBLED;
        i += 2;
      } else if (unit === 125) {
        if (isSpec) {
          if (i > start) this.pushFrom(FSTRING_MIDDLE, start, i, line, middle);
          return this.closeField(i);
        }
        if (code[i + 1] !== 125) this.report("f-string: single '}' is not allowed");
        middle |= DOUBLED;
        i += code[i + 1] === 125 ? 2 : 1;
      } else if (unit === 92) {
        middle |= ESCAPED;
        i = this.skipMiddleEscape(i, (flags & RAW) !== 0);
      } else if (unit === 10 || unit === 13) {
        if ((flags & TRIPLE) === 0) return this.leaveFString(start, i);
        if (unit === 13) middle |= CARRIAGE;
        i = this.breakInString(i);
      } else if (unit === 0 && i >= this.length) {
        return this.leaveFString(start, i);
      } else i++;
    }
  }

  private skipMiddleEscape(i: number, isRaw: boolean): number {
    const next = this.code[i + 1];
    if (next === 123 || next === 125) return i + 1; // the brace keeps its meaning
    if (!isRaw && next === 78 && this.code[i + 2] === 123) {
      let at = i + 3;
      while (
        CLASS[this.code[at]!] === LETTER ||
        this.code[at] === 32 ||
        this.code[at] === 45 ||
        CLASS[this.code[at]!] === DIGIT
      )
        at++;
      return this.code[at] === 125 ? at + 1 : i + 2;
    }
    return this.skipEscape(i);
  }

  private openField(start: number, i: number, line: number, flags: number): number {
    if (i > start) this.pushFrom(FSTRING_MIDDLE, start, i, line, flags);
    this.push(LBRACE, i, i + 1, 0);
    this.depth++;
    this.fstrings[this.fstrings.length - 1]!.fields.push(this.depth);
    return i + 1;
  }

  private endFString(start: number, i: number, line: number, flags: number): number {
    if (i > start) this.pushFrom(FSTRING_MIDDLE, start, i, line, flags);
    const width = (flags & TRIPLE) === 0 ? 1 : 3;
    this.push(FSTRING_END, i, i + width, 0);
    const open = this.fstrings.pop()!;
    // an unfinished field (an error for the parser) must not leave its bracket open
    this.depth = Math.max(0, this.depth - open.fields.length);
    return i + width;
  }

  private leaveFString(start: number, i: number): number {
    this.report('unterminated f-string literal');
    this.push(ERROR, start, i, 0);
    const open = this.fstrings.pop()!;
    this.depth = Math.max(0, this.depth - open.fields.length);
    if (i < this.length) return i;
    this.breakdown = 'string';
    if (this.resumeAt < 0) this.resumeAt = this.length;
    return this.endLine(i, i);
  }
}
