// Owns numbers, strings, f-strings and t-strings as nodes, adjacent literals joined as CPython does.
// May import parser-cursor.ts, literals.ts, tokens.ts, ast.ts, lists.ts. Start at parseStrings.
import type { Constant, Expr, FormattedValue, Interpolation, JoinedStr } from './ast.ts';
import { trimmed } from './lists.ts';
import { readBytes, readNumber, readString, readText } from './literals.ts';
import { Cursor } from './parser-cursor.ts';
import {
  BYTES,
  COLON,
  EQUAL,
  EXCLAM,
  FSTRING_END,
  FSTRING_MIDDLE,
  FSTRING_START,
  LBRACE,
  RBRACE,
  STRING,
  TEMPLATE,
} from './tokens.ts';

const NO_CONVERSION = -1;
const REPR = 114;

type Field = FormattedValue | Interpolation;

/** Collects the values of an f-string: text pieces that touch become one constant, empty ones none. */
class Pieces {
  readonly values: Expr[] = [];
  private texts: string[] = [];
  private start = 0;
  private end = 0;
  private line = 0;

  addText(text: string, start: number, end: number, line: number): void {
    if (this.texts.length === 0) {
      this.start = start;
      this.line = line;
    }
    this.texts.push(text);
    this.end = end;
  }

  addField(field: Field): void {
    this.flush();
    this.values.push(field);
  }

  flush(): void {
    const value = this.joined();
    const { start, end, line } = this;
    if (value !== '') this.values.push({ kind: 'Constant', start, end, line, type: 'str', value });
    this.texts = [];
  }

  /** The text since the last field. */
  joined(): string {
    return this.texts.length === 1 ? this.texts[0]! : this.texts.join('');
  }
}

export abstract class LiteralParser extends Cursor {
  /** What may stand in a field of an f-string: `yield`, or expressions with commas. */
  protected abstract parseFieldExpression(): Expr;

  protected parseNumber(): Constant {
    const { start, line } = this;
    const small = this.tokens.aux[this.at]!;
    this.advance();
    const end = this.lastEnd;
    if (small >= 0) return { kind: 'Constant', start, end, line, type: 'int', value: small };
    const number = readNumber(this.text.slice(start, end));
    if (number === undefined) {
      this.report('invalid or overlong number', line);
      return { kind: 'Constant', start, end, line, type: 'int', value: 0 };
    }
    if (number.isPython2) this.isPython2 = true;
    const { type, value } = number;
    if (type === 'int') return { kind: 'Constant', start, end, line, type, value };
    return { kind: 'Constant', start, end, line, type, value: Number(value) };
  }

  /** One literal, or several side by side. */
  protected parseStrings(): Expr {
    const { tokens } = this;
    const next = this.nextKind;
    if (this.kind === STRING && next !== STRING && next !== FSTRING_START) {
      const { start, line, at } = this;
      const flags = tokens.aux[at]!;
      this.advance();
      const end = this.lastEnd;
      if ((flags & BYTES) !== 0) {
        return { kind: 'Constant', start, end, line, type: 'bytes', value: readBytes(tokens.code, start, end, flags) };
      }
      const value = readString(this.text, tokens.code, start, end, flags);
      return { kind: 'Constant', start, end, line, type: 'str', value };
    }
    return this.parseAdjacent();
  }

  private parseAdjacent(): Expr {
    const { tokens, start, line } = this;
    const pieces = new Pieces();
    const chunks: Uint8Array[] = [];
    let isFormatted = false;
    let isTemplate = false;
    let count = 0;
    while (this.kind === STRING || this.kind === FSTRING_START) {
      const flags = tokens.aux[this.at]!;
      count++;
      if (this.kind === FSTRING_START) {
        isFormatted = true;
        if ((flags & TEMPLATE) !== 0) isTemplate = true;
        this.parseFormatted(pieces, (flags & TEMPLATE) !== 0);
        continue;
      }
      const from = this.start;
      const at = this.line;
      this.advance();
      if ((flags & BYTES) !== 0) chunks.push(readBytes(tokens.code, from, this.lastEnd, flags));
      else pieces.addText(readString(this.text, tokens.code, from, this.lastEnd, flags), from, this.lastEnd, at);
    }
    const end = this.lastEnd;
    if (chunks.length > 0) {
      if (chunks.length < count) this.fail('cannot mix bytes and nonbytes literals');
      return { kind: 'Constant', start, end, line, type: 'bytes', value: new Uint8Array(Buffer.concat(chunks)) };
    }
    if (!isFormatted) return { kind: 'Constant', start, end, line, type: 'str', value: pieces.joined() };
    pieces.flush();
    return { kind: isTemplate ? 'TemplateStr' : 'JoinedStr', start, end, line, values: trimmed(pieces.values) };
  }

  private parseFormatted(pieces: Pieces, isTemplate: boolean): void {
    this.enter();
    this.advance();
    while (this.kind !== FSTRING_END) this.parsePiece(pieces, isTemplate);
    this.advance();
    this.depth--;
  }

  private parsePiece(pieces: Pieces, isTemplate: boolean): void {
    if (this.kind === LBRACE) {
      this.parseField(pieces, isTemplate);
      return;
    }
    if (this.kind !== FSTRING_MIDDLE) this.fail();
    const { tokens, start, line } = this;
    const end = tokens.ends[this.at]!;
    pieces.addText(readText(this.text, tokens.code, start, end, tokens.aux[this.at]!), start, end, line);
    this.advance();
  }

  private parseField(pieces: Pieces, isTemplate: boolean): void {
    const { start, line } = this;
    this.enter();
    this.advance();
    const value = this.parseFieldExpression();
    const source = this.lastEnd;
    let isSelfDocumenting = false;
    if (this.kind === EQUAL) {
      this.advance();
      isSelfDocumenting = true;
      // `{x = }` shows its own text, blanks included
      pieces.addText(this.text.slice(start + 1, this.start), start + 1, this.start, line);
    }
    let conversion = this.parseConversion();
    const format_spec = this.kind === COLON ? this.parseFormatSpec() : undefined;
    if (isSelfDocumenting && conversion === NO_CONVERSION && format_spec === undefined) conversion = REPR;
    this.expect(RBRACE);
    this.depth--;
    const end = this.lastEnd;
    if (isTemplate) {
      const str = this.text.slice(start + 1, source);
      pieces.addField({ kind: 'Interpolation', start, end, line, value, str, conversion, format_spec });
    } else {
      pieces.addField({ kind: 'FormattedValue', start, end, line, value, conversion, format_spec });
    }
  }

  private parseConversion(): number {
    if (this.kind !== EXCLAM) return NO_CONVERSION;
    this.advance();
    return this.expectName().charCodeAt(0);
  }

  private parseFormatSpec(): JoinedStr {
    this.advance();
    const { start, line } = this;
    const pieces = new Pieces();
    while (this.kind !== RBRACE) this.parsePiece(pieces, false);
    pieces.flush();
    return { kind: 'JoinedStr', start, end: this.start, line, values: trimmed(pieces.values) };
  }
}
