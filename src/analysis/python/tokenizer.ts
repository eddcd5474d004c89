// Owns cutting Python text into tokens, one logical line at a time, so that the parser can restart anywhere.
// May import word-lexer.ts, tokens.ts, units.ts. Start at Tokenizer.nextLine.
import {
  ARROW,
  AUGMENTED,
  COLON,
  COLONEQUAL,
  DEDENT,
  DOT,
  DSLASH,
  DSTAR,
  ELLIPSIS,
  END,
  EQ,
  EQUAL,
  ERROR,
  EXCLAM,
  GE,
  GT,
  INDENT,
  LE,
  LSHIFT,
  LT,
  MINUS,
  NE,
  RBRACE,
  RSHIFT,
  SLASH,
  STAR,
} from './tokens.ts';
import {
  BACKSLASH,
  BEYOND_ASCII,
  DIGIT,
  HASH,
  LETTER,
  LINE_BREAK,
  OPERATOR,
  POINT,
  PUNCTUATION,
  QUOTE,
  SINGLE,
  SPACE,
  UNIT_CLASS,
} from './units.ts';
import { WordLexer } from './word-lexer.ts';

/** CPython refuses more ("too many levels of indentation"). */
const MAX_INDENTS = 100;
/** Blanks between two tokens of one line that nobody types. */
const WIDE_GAP = 100;
const MAX_MARKS = 20;

/** Cuts Python text into logical lines of tokens. */
export class Tokenizer extends WordLexer {
  private indents: number[] = [0];

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

  /** Everything up to the end of the logical line. */
  private lexLine(): void {
    const { code } = this;
    let i = this.pos;
    while (i >= 0 && !this.stopped) {
      const unit = code[i]!;
      switch (UNIT_CLASS[unit]!) {
        case SPACE:
          i++;
          if (UNIT_CLASS[code[i]!] === SPACE) i = this.skipSpaces(i);
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
        case LINE_BREAK:
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

  private skipSpaces(i: number): number {
    const { code } = this;
    let at = i;
    while (UNIT_CLASS[code[at]!] === SPACE) at++;
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
}
