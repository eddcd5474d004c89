// Owns the patterns of `match` (PEP 634). May import parser-parameters.ts, tokens.ts, ast.ts. Start at parsePatterns.
import type { Expr, Pattern } from './ast.ts';
import { PREC_SUM } from './operators.ts';
import { ParameterParser } from './parser-parameters.ts';
import {
  AS,
  COLON,
  COMMA,
  DOT,
  DSTAR,
  EQUAL,
  FALSE,
  FSTRING_START,
  ID_UNDERSCORE,
  LBRACE,
  LPAR,
  LSQB,
  MINUS,
  NAME,
  NONE,
  NUMBER,
  PIPE,
  PLUS,
  RBRACE,
  RPAR,
  RSQB,
  STAR,
  STRING,
  TRUE,
} from './tokens.ts';

export abstract class PatternParser extends ParameterParser {
  /** What stands behind `case`: one pattern, or a sequence without brackets. */
  protected parsePatterns(): Pattern {
    const { start, line } = this;
    const first = this.parseStarOrPattern();
    if (this.kind !== COMMA) return first;
    const patterns = [first];
    while (this.kind === COMMA) {
      this.advance();
      if (!this.startsPattern()) break;
      patterns.push(this.parseStarOrPattern());
    }
    return { kind: 'MatchSequence', start, end: this.lastEnd, line, patterns };
  }

  private startsPattern(): boolean {
    switch (this.kind) {
      case NAME:
      case NUMBER:
      case STRING:
      case FSTRING_START:
      case MINUS:
      case PLUS:
      case STAR:
      case LPAR:
      case LSQB:
      case LBRACE:
      case NONE:
      case TRUE:
      case FALSE:
        return true;
      default:
        return false;
    }
  }

  private parseStarOrPattern(): Pattern {
    if (this.kind !== STAR) return this.parsePattern();
    const { start, line } = this;
    this.advance();
    const name = this.parseCapture();
    return { kind: 'MatchStar', start, end: this.lastEnd, line, name };
  }

  /** A name to bind; undefined for `_`. */
  private parseCapture(): string | undefined {
    const isWildcard = this.kind === NAME && this.nameId === ID_UNDERSCORE;
    const name = this.expectName();
    return isWildcard ? undefined : name;
  }

  private parsePattern(): Pattern {
    const { start, line } = this;
    const pattern = this.parseAlternatives();
    if (this.kind !== AS) return pattern;
    this.advance();
    const name = this.expectName();
    return { kind: 'MatchAs', start, end: this.lastEnd, line, pattern, name };
  }

  private parseAlternatives(): Pattern {
    const { start, line } = this;
    const first = this.parseClosed();
    if (this.kind !== PIPE) return first;
    const patterns = [first];
    while (this.kind === PIPE) {
      this.advance();
      patterns.push(this.parseClosed());
    }
    return { kind: 'MatchOr', start, end: this.lastEnd, line, patterns };
  }

  private parseClosed(): Pattern {
    const { start, line, kind } = this;
    switch (kind) {
      case NONE:
      case TRUE:
      case FALSE:
        this.advance();
        return { kind: 'MatchSingleton', start, end: this.lastEnd, line, value: kind === NONE ? null : kind === TRUE };
      case NUMBER:
      case PLUS:
      case MINUS: {
        const value = this.parseBinary(PREC_SUM);
        return { kind: 'MatchValue', start, end: this.lastEnd, line, value };
      }
      case STRING:
      case FSTRING_START: {
        const value = this.parseStrings();
        return { kind: 'MatchValue', start, end: this.lastEnd, line, value };
      }
      case LPAR:
        return this.parseGroup(RPAR);
      case LSQB:
        return this.parseGroup(RSQB);
      case LBRACE:
        return this.parseMapping();
      default:
        return this.parseNamed();
    }
  }

  /** `(p)` is p itself; `(p,)`, `()` and `[p]` are sequences. */
  private parseGroup(close: number): Pattern {
    const { start, line } = this;
    this.enter();
    this.advance();
    const patterns: Pattern[] = [];
    let hasComma = false;
    while (this.kind !== close) {
      patterns.push(this.parseStarOrPattern());
      if (this.kind !== COMMA) break;
      hasComma = true;
      this.advance();
    }
    this.expect(close);
    this.depth--;
    if (close === RPAR && !hasComma && patterns.length === 1 && patterns[0]!.kind !== 'MatchStar') return patterns[0]!;
    return { kind: 'MatchSequence', start, end: this.lastEnd, line, patterns };
  }

  private parseMapping(): Pattern {
    const { start, line } = this;
    this.enter();
    this.advance();
    const keys: Expr[] = [];
    const patterns: Pattern[] = [];
    let rest: string | undefined;
    while (this.kind !== RBRACE) {
      if (this.kind === DSTAR) {
        this.advance();
        rest = this.expectName();
      } else {
        keys.push(this.parseBinary(PREC_SUM));
        this.expect(COLON);
        patterns.push(this.parsePattern());
      }
      if (this.kind !== COMMA) break;
      this.advance();
    }
    this.expect(RBRACE);
    this.depth--;
    return { kind: 'MatchMapping', start, end: this.lastEnd, line, keys, patterns, rest };
  }

  /** A capture, `_`, a dotted value or a class pattern. */
  private parseNamed(): Pattern {
    const { start, line } = this;
    if (!this.isName()) this.fail();
    if (this.nextKind !== DOT && this.nextKind !== LPAR) {
      const name = this.parseCapture();
      return { kind: 'MatchAs', start, end: this.lastEnd, line, pattern: undefined, name };
    }
    let value: Expr = this.parseName();
    while (this.kind === DOT) {
      this.advance();
      const attr = this.expectName();
      value = { kind: 'Attribute', start, end: this.lastEnd, line, value, attr, ctx: 'Load' };
    }
    if (this.kind === LPAR) return this.parseClass(value, start, line);
    return { kind: 'MatchValue', start, end: this.lastEnd, line, value };
  }

  private parseClass(cls: Expr, start: number, line: number): Pattern {
    this.enter();
    this.advance();
    const patterns: Pattern[] = [];
    const kwd_attrs: string[] = [];
    const kwd_patterns: Pattern[] = [];
    while (this.kind !== RPAR) {
      if (this.nextKind === EQUAL && this.isName()) {
        kwd_attrs.push(this.expectName());
        this.advance();
        kwd_patterns.push(this.parsePattern());
      } else patterns.push(this.parsePattern());
      if (this.kind !== COMMA) break;
      this.advance();
    }
    this.expect(RPAR);
    this.depth--;
    return { kind: 'MatchClass', start, end: this.lastEnd, line, cls, patterns, kwd_attrs, kwd_patterns };
  }
}
