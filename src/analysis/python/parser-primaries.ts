// Owns atoms and what is hung on them: attributes, calls, subscripts.
// May import parser-brackets.ts, operators.ts, tokens.ts, ast.ts, lists.ts. Start at parsePrimary.
import type { Call, Expr, Keyword, Name } from './ast.ts';
import { trimmed } from './lists.ts';
import { PREC_BITOR, STARTS_EXPRESSION } from './operators.ts';
import { BracketParser } from './parser-brackets.ts';
import {
  ASYNC,
  AWAIT,
  BACKTICK,
  COLON,
  COMMA,
  DOT,
  DSTAR,
  ELLIPSIS,
  EQUAL,
  FALSE,
  FOR,
  FSTRING_START,
  LBRACE,
  LPAR,
  LSQB,
  NAME,
  NONE,
  NUMBER,
  RPAR,
  RSQB,
  STAR,
  STRING,
  TRUE,
} from './tokens.ts';

const NO_EXPRESSIONS: readonly Expr[] = [];
const NO_KEYWORDS: readonly Keyword[] = [];

export abstract class PrimaryParser extends BracketParser {
  parsePrimary(): Expr {
    const start = this.tokens.starts[this.at]!;
    const line = this.tokens.lines[this.at]!;
    let node = this.parseAtom();
    for (;;) {
      if (this.kind === DOT) {
        this.advance();
        const attr = this.expectName();
        node = { kind: 'Attribute', start, end: this.lastEnd, line, value: node, attr, ctx: 'Load' };
      } else if (this.kind === LPAR) {
        node = this.parseCall(node, start, line);
        if (this.saved !== undefined) this.save(node);
      } else if (this.kind === LSQB) {
        this.enter();
        this.advance();
        const slice = this.parseSlices();
        this.expect(RSQB);
        this.depth--;
        node = { kind: 'Subscript', start, end: this.lastEnd, line, value: node, slice, ctx: 'Load' };
      } else return node;
    }
  }

  /** Keeps a complete part of a broken line, in place of the smaller parts inside it. */
  private save(node: Expr): void {
    const saved = this.saved!;
    while (saved.length > 0 && saved[saved.length - 1]!.start >= node.start) saved.pop();
    saved.push(node);
  }

  private parseAtom(): Expr {
    const { kind } = this;
    switch (kind) {
      case NAME:
      case ASYNC:
      case AWAIT:
        return this.parseName();
      case STRING:
      case FSTRING_START: {
        const node = this.parseStrings();
        if (this.saved !== undefined) this.save(node);
        return node;
      }
      case NUMBER:
        return this.parseNumber();
      case LPAR:
        return this.parseParenthesised();
      case LSQB:
        return this.parseList();
      case LBRACE:
        return this.parseBraces();
      case BACKTICK:
        return this.parseBackticks();
      default:
        return this.parseKeywordAtom(kind);
    }
  }

  private parseKeywordAtom(kind: number): Expr {
    const { start, line } = this;
    if (kind !== TRUE && kind !== FALSE && kind !== NONE && kind !== ELLIPSIS) this.fail();
    this.advance();
    const end = this.lastEnd;
    if (kind === NONE) return { kind: 'Constant', start, end, line, type: 'none', value: null };
    if (kind === ELLIPSIS) return { kind: 'Constant', start, end, line, type: 'ellipsis', value: undefined };
    return { kind: 'Constant', start, end, line, type: 'bool', value: kind === TRUE };
  }

  protected parseName(): Name {
    const { tokens, at } = this;
    const start = tokens.starts[at]!;
    const line = tokens.lines[at]!;
    const id = tokens.table.names[tokens.aux[at]!]!;
    this.advance();
    return { kind: 'Name', start, end: this.lastEnd, line, id, ctx: 'Load' };
  }

  private parseBackticks(): Expr {
    const { start, line } = this;
    this.isPython2 = true;
    this.enter();
    this.advance();
    const value = this.parseExpressionList();
    this.expect(BACKTICK);
    this.depth--;
    return this.callOf('repr', [value], start, line);
  }

  /** A call that Python 2 syntax stands for. */
  protected callOf(id: string, args: Expr[], start: number, line: number, keywords: Keyword[] = []): Call {
    const func: Name = { kind: 'Name', start, end: start, line, id, ctx: 'Load' };
    return { kind: 'Call', start, end: this.lastEnd, line, func, args, keywords };
  }

  private parseCall(func: Expr, start: number, line: number): Call {
    const open = this.start;
    const openLine = this.line;
    this.enter();
    this.advance();
    if (this.kind === RPAR) {
      this.advance();
      this.depth--;
      return { kind: 'Call', start, end: this.lastEnd, line, func, args: NO_EXPRESSIONS, keywords: NO_KEYWORDS };
    }
    const args: Expr[] = [];
    const keywords: Keyword[] = [];
    this.parseArguments(args, keywords);
    if (this.kind === FOR || this.kind === ASYNC) {
      const generators = this.parseGenerators();
      const elt = args.pop();
      if (elt === undefined) this.fail();
      this.expect(RPAR);
      args.push({ kind: 'GeneratorExp', start: open, end: this.lastEnd, line: openLine, elt, generators });
    } else this.expect(RPAR);
    this.depth--;
    const end = this.lastEnd;
    return { kind: 'Call', start, end, line, func, args: trimmed(args), keywords: trimmed(keywords) };
  }

  /** Arguments up to the closing parenthesis, or up to the `for` of a generator. */
  protected parseArguments(args: Expr[], keywords: Keyword[]): void {
    while (this.kind !== RPAR) {
      if (this.kind === STAR) args.push(this.parseStarred(0));
      else if (this.kind === DSTAR) keywords.push(this.parseKeyword(undefined));
      else if (this.nextKind === EQUAL && this.isName()) keywords.push(this.parseKeyword(this.name));
      else args.push(this.parseNamedExpression());
      if (this.kind !== COMMA) return;
      this.advance();
    }
  }

  private parseKeyword(arg: string | undefined): Keyword {
    const { start, line } = this;
    this.advance();
    if (arg !== undefined) this.advance();
    const value = this.parseExpression();
    return { kind: 'keyword', start, end: this.lastEnd, line, arg, value };
  }

  private parseSlices(): Expr {
    const { start, line } = this;
    const first = this.parseSlice();
    if (this.kind !== COMMA && first.kind !== 'Starred') return first;
    const elts = [first]; // `a[*b]` is a[(*b,)]
    while (this.kind === COMMA) {
      this.advance();
      if (this.kind === RSQB) break;
      elts.push(this.parseSlice());
    }
    return { kind: 'Tuple', start, end: this.lastEnd, line, elts: trimmed(elts), ctx: 'Load' };
  }

  private parseSlice(): Expr {
    if (this.kind === STAR) return this.parseStarred(PREC_BITOR);
    const { start, line } = this;
    const lower = this.kind === COLON ? undefined : this.parseNamedExpression();
    if (this.kind !== COLON && lower !== undefined) return lower;
    this.expect(COLON);
    const upper = this.parseBound();
    let step: Expr | undefined;
    if (this.kind === COLON) {
      this.advance();
      step = this.parseBound();
    }
    return { kind: 'Slice', start, end: this.lastEnd, line, lower, upper, step };
  }

  private parseBound(): Expr | undefined {
    return STARTS_EXPRESSION[this.kind] === 1 ? this.parseExpression() : undefined;
  }
}
