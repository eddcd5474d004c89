// Owns cutting string literals, f-strings and t-strings (PEP 701, PEP 750) into tokens.
// May import token-buffer.ts, tokens.ts, units.ts. Start at lexString and lexFString.
import { TokenBuffer } from './token-buffer.ts';
import {
  CARRIAGE,
  DOUBLED,
  ERROR,
  ESCAPED,
  FSTRING_END,
  FSTRING_MIDDLE,
  FSTRING_START,
  LBRACE,
  RAW,
  RBRACE,
  STRING,
  TRIPLE,
} from './tokens.ts';
import { DIGIT, LETTER, UNIT_CLASS } from './units.ts';

/** CPython refuses more nested f-strings. */
const MAX_FSTRINGS = 100;

interface OpenFString {
  readonly quote: number;
  readonly flags: number;
  /** bracket depth of each replacement field that is open, outermost first */
  readonly fields: number[];
}

export abstract class StringLexer extends TokenBuffer {
  protected fstrings: OpenFString[] = [];

  protected isTripleAt(i: number, quote: number): boolean {
    return this.code[i] === quote && this.code[i + 1] === quote && this.code[i + 2] === quote;
  }

  /** A literal without fields: prefix from `start`, quote at `open`. */
  protected lexString(start: number, open: number, prefixed: number): number {
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

  protected breakInString(i: number): number {
    const next = this.afterBreak(i);
    this.line++;
    this.noteSecondLine(next);
    return next;
  }

  /** Skips a backslash and what it escapes. */
  protected skipEscape(i: number): number {
    if (this.isBreak(i + 1)) return this.breakInString(i + 1);
    return i + 1 >= this.length ? i + 1 : i + 2;
  }

  protected pushFrom(kind: number, start: number, end: number, line: number, flags: number): void {
    this.push(kind, start, end, flags);
    this.lines[this.count - 1] = line;
  }

  protected lexUnterminated(start: number, end: number): number {
    this.report('unterminated string literal');
    this.push(ERROR, start, end, 0);
    return end;
  }

  /** The rest of the text is no string: only the rest of the opening line is lost. */
  protected lexUnterminatedTriple(start: number, open: number, line: number): number {
    this.line = line;
    this.report('unterminated triple-quoted string literal');
    const end = this.endOfLine(open);
    this.push(ERROR, start, end, 0);
    this.breakdown = 'string';
    this.resumeAt = end >= this.length ? end : this.afterBreak(end);
    this.resumeLine = line + 1;
    return this.endLine(end, this.length);
  }

  protected isAtField(): boolean {
    const { fstrings } = this;
    if (fstrings.length === 0) return false;
    const { fields } = fstrings[fstrings.length - 1]!;
    return fields.length > 0 && fields[fields.length - 1] === this.depth;
  }

  protected lexFString(start: number, open: number, prefixed: number): number {
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

  protected closeField(i: number): number {
    const { fields } = this.fstrings[this.fstrings.length - 1]!;
    this.push(RBRACE, i, i + 1, 0);
    this.depth--;
    fields.pop();
    // what encloses a field that is still open is that field's format specification
    return this.lexMiddle(i + 1, fields.length > 0);
  }

  /** Literal text of the innermost f-string (or of a format specification) up to a field or the end. */
  protected lexMiddle(start: number, isSpec: boolean): number {
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

  protected skipMiddleEscape(i: number, isRaw: boolean): number {
    const next = this.code[i + 1];
    if (next === 123 || next === 125) return i + 1; // the brace keeps its meaning
    if (!isRaw && next === 78 && this.code[i + 2] === 123) {
      let at = i + 3;
      while (
        UNIT_CLASS[this.code[at]!] === LETTER ||
        this.code[at] === 32 ||
        this.code[at] === 45 ||
        UNIT_CLASS[this.code[at]!] === DIGIT
      )
        at++;
      return this.code[at] === 125 ? at + 1 : i + 2;
    }
    return this.skipEscape(i);
  }

  protected openField(start: number, i: number, line: number, flags: number): number {
    if (i > start) this.pushFrom(FSTRING_MIDDLE, start, i, line, flags);
    this.push(LBRACE, i, i + 1, 0);
    this.depth++;
    this.fstrings[this.fstrings.length - 1]!.fields.push(this.depth);
    return i + 1;
  }

  protected endFString(start: number, i: number, line: number, flags: number): number {
    if (i > start) this.pushFrom(FSTRING_MIDDLE, start, i, line, flags);
    const width = (flags & TRIPLE) === 0 ? 1 : 3;
    this.push(FSTRING_END, i, i + width, 0);
    const open = this.fstrings.pop()!;
    // an unfinished field (an error for the parser) must not leave its bracket open
    this.depth = Math.max(0, this.depth - open.fields.length);
    return i + width;
  }

  protected leaveFString(start: number, i: number): number {
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
