// Owns what stands in parentheses, brackets and braces: tuples, lists, sets, dicts, comprehensions.
// May import parser-literals.ts, operators.ts, tokens.ts, ast.ts, lists.ts.
// Start at parseParenthesised, parseList, parseBraces.
import type { BaseNode, Comprehension, Expr, ExprContext, Lambda } from './ast.ts';
import { trimmed } from './lists.ts';
import { PREC_BITOR, PREC_OR, STARTS_EXPRESSION } from './operators.ts';
import { LiteralParser } from './parser-literals.ts';
import { ASYNC, COLON, COMMA, DSTAR, FOR, IF, IN, LAMBDA, RBRACE, RPAR, RSQB, YIELD } from './tokens.ts';

const NO_EXPRESSIONS: readonly Expr[] = [];

function positionOf({ start, end, line }: Expr): BaseNode {
  return { start, end, line };
}

export abstract class BracketParser extends LiteralParser {
  // What brackets hold, from the layer above.
  abstract parseExpression(): Expr;
  abstract parseNamedExpression(): Expr;
  abstract parseBinary(min: number): Expr;
  abstract parseYieldOrList(): Expr;
  abstract parseExpressionList(): Expr;
  protected abstract parseLambda(): Lambda;
  protected abstract parseStarOrNamed(): Expr;
  protected abstract parseStarred(precedence: number): Expr;
  protected abstract parseTupleRest(first: Expr, start: number, line: number): Expr;
  protected abstract parseTargets(ctx: ExprContext): Expr;

  protected isComprehension(): boolean {
    return this.kind === FOR || (this.kind === ASYNC && this.nextKind === FOR);
  }

  protected parseParenthesised(): Expr {
    const { start, line } = this;
    this.enter();
    this.advance();
    if (this.kind === RPAR) {
      this.advance();
      this.depth--;
      return { kind: 'Tuple', start, end: this.lastEnd, line, elts: NO_EXPRESSIONS, ctx: 'Load' };
    }
    let node = this.kind === YIELD ? this.parseYieldOrList() : this.parseStarOrNamed();
    if (this.kind === COMMA) {
      const { elts } = this.parseTupleRest(node, start, line) as { elts: readonly Expr[] };
      this.expect(RPAR);
      node = { kind: 'Tuple', start, end: this.lastEnd, line, elts, ctx: 'Load' };
    } else if (this.isComprehension()) {
      const generators = this.parseGenerators();
      this.expect(RPAR);
      node = { kind: 'GeneratorExp', start, end: this.lastEnd, line, elt: node, generators };
    } else this.expect(RPAR);
    this.depth--;
    return node;
  }

  protected parseList(): Expr {
    const { start, line } = this;
    this.enter();
    this.advance();
    const elts: Expr[] = [];
    while (this.kind !== RSQB) {
      elts.push(this.parseStarOrNamed());
      if (elts.length === 1 && this.isComprehension()) {
        const generators = this.parseGenerators();
        this.expect(RSQB);
        this.depth--;
        return { kind: 'ListComp', start, end: this.lastEnd, line, elt: elts[0]!, generators };
      }
      if (this.kind !== COMMA) break;
      this.advance();
    }
    this.expect(RSQB);
    this.depth--;
    return { kind: 'List', start, end: this.lastEnd, line, elts: trimmed(elts), ctx: 'Load' };
  }

  protected parseBraces(): Expr {
    const { start, line } = this;
    this.enter();
    this.advance();
    if (this.kind === RBRACE || this.kind === DSTAR) return this.parseDict(start, line, undefined);
    const first = this.parseStarOrNamed();
    if (this.kind === COLON) return this.parseDict(start, line, first);
    if (this.isComprehension()) {
      const generators = this.parseGenerators();
      this.expect(RBRACE);
      this.depth--;
      return { kind: 'SetComp', start, end: this.lastEnd, line, elt: first, generators };
    }
    const elts = [first];
    while (this.kind === COMMA) {
      this.advance();
      if (STARTS_EXPRESSION[this.kind] === 0) break;
      elts.push(this.parseStarOrNamed());
    }
    this.expect(RBRACE);
    this.depth--;
    return { kind: 'Set', start, end: this.lastEnd, line, elts: trimmed(elts) };
  }

  /** The pairs of a dict; `first` is a key that was read already, its colon comes next. */
  private parseDict(start: number, line: number, first: Expr | undefined): Expr {
    const keys: (Expr | undefined)[] = [];
    const values: Expr[] = [];
    let key = first;
    while (this.kind !== RBRACE) {
      if (key === undefined && this.kind === DSTAR) {
        this.advance();
        const value = this.parseBinary(PREC_BITOR);
        if (keys.length === 0 && this.isComprehension()) {
          const star: Expr = { ...positionOf(value), kind: 'Starred', value, ctx: 'Load' };
          return this.parseDictComp(start, line, star, value);
        }
        keys.push(undefined);
        values.push(value);
      } else {
        key ??= this.parseExpression();
        this.expect(COLON);
        const value = this.parseExpression();
        if (keys.length === 0 && this.isComprehension()) return this.parseDictComp(start, line, key, value);
        keys.push(key);
        values.push(value);
        key = undefined;
      }
      if (this.kind !== COMMA) break;
      this.advance();
    }
    this.expect(RBRACE);
    this.depth--;
    return { kind: 'Dict', start, end: this.lastEnd, line, keys: trimmed(keys), values: trimmed(values) };
  }

  private parseDictComp(start: number, line: number, key: Expr, value: Expr): Expr {
    const generators = this.parseGenerators();
    this.expect(RBRACE);
    this.depth--;
    return { kind: 'DictComp', start, end: this.lastEnd, line, key, value, generators };
  }

  protected parseGenerators(): readonly Comprehension[] {
    const generators: Comprehension[] = [];
    while (this.isComprehension()) {
      const { start, line } = this;
      const is_async = this.kind === ASYNC ? 1 : 0;
      if (is_async === 1) this.advance();
      this.advance();
      const target = this.parseTargets('Store');
      this.expect(IN);
      const iter = this.parseIterable();
      const ifs: Expr[] = [];
      while (this.kind === IF) {
        this.advance();
        ifs.push(this.kind === LAMBDA ? this.parseLambda() : this.parseBinary(PREC_OR));
      }
      const end = this.lastEnd;
      generators.push({ kind: 'comprehension', start, end, line, target, iter, ifs: trimmed(ifs), is_async });
    }
    return trimmed(generators);
  }

  private parseIterable(): Expr {
    const { start, line } = this;
    const iter = this.kind === LAMBDA ? this.parseLambda() : this.parseBinary(PREC_OR);
    if (this.kind !== COMMA || STARTS_EXPRESSION[this.nextKind] === 0) return iter;
    this.isPython2 = true; // `[x for x in 1, 2]`
    return this.parseTupleRest(iter, start, line);
  }
}
