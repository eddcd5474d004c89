// Owns the grammar of expressions: operators by precedence, conditionals, lambdas, commas and stars.
// May import parser-primaries.ts, operators.ts, targets.ts, tokens.ts, ast.ts, lists.ts. Start at parseExpression.
import type { Arg, Arguments, CompareOperator, Expr, ExprContext, Lambda, UnaryOperator } from './ast.ts';
import { trimmed } from './lists.ts';
import {
  COMPARISONS,
  OPERATORS,
  PREC_AND,
  PREC_BITOR,
  PREC_COMPARE,
  PREC_NOT,
  PREC_OR,
  PRECEDENCE,
  STARTS_EXPRESSION,
} from './operators.ts';
import { PrimaryParser } from './parser-primaries.ts';
import { setContext } from './targets.ts';
import {
  AWAIT,
  COLON,
  COLONEQUAL,
  COMMA,
  DSTAR,
  ELSE,
  FROM,
  IF,
  IN,
  IS,
  LAMBDA,
  MINUS,
  NOT,
  OR,
  PLUS,
  STAR,
  TILDE,
  YIELD,
} from './tokens.ts';

export abstract class ExpressionParser extends PrimaryParser {
  /** Parameters up to (not including) the token that ends them. */
  protected abstract parseParameters(end: number, isAnnotated: boolean): Arguments;

  /** `a`, `a, b`, `*a, b`: what may stand alone in a statement. */
  override parseExpressionList(): Expr {
    const { start, line } = this;
    const first = this.parseStarOrExpression();
    return this.kind === COMMA ? this.parseTupleRest(first, start, line) : first;
  }

  protected parseStarOrExpression(): Expr {
    return this.kind === STAR ? this.parseStarred(PREC_BITOR) : this.parseExpression();
  }

  protected override parseStarOrNamed(): Expr {
    return this.kind === STAR ? this.parseStarred(PREC_BITOR) : this.parseNamedExpression();
  }

  protected override parseStarred(precedence: number): Expr {
    const { start, line } = this;
    this.advance();
    const value = precedence === 0 ? this.parseExpression() : this.parseBinary(precedence);
    return { kind: 'Starred', start, end: this.lastEnd, line, value, ctx: 'Load' };
  }

  /** The elements behind the first, from its comma on. */
  protected override parseTupleRest(first: Expr, start: number, line: number): Expr {
    const elts = [first];
    while (this.kind === COMMA) {
      this.advance();
      if (STARTS_EXPRESSION[this.kind] === 0) break;
      elts.push(this.parseStarOrNamed());
    }
    return { kind: 'Tuple', start, end: this.lastEnd, line, elts: trimmed(elts), ctx: 'Load' };
  }

  /** Targets of `for`, `del`: operands without comparisons, for `in` ends them. */
  protected override parseTargets(ctx: ExprContext): Expr {
    const { start, line } = this;
    const first = this.parseTarget();
    let target = first;
    if (this.kind === COMMA) {
      const elts = [first];
      while (this.kind === COMMA) {
        this.advance();
        if (STARTS_EXPRESSION[this.kind] === 0) break;
        elts.push(this.parseTarget());
      }
      target = { kind: 'Tuple', start, end: this.lastEnd, line, elts: trimmed(elts), ctx };
    }
    setContext(target, ctx);
    return target;
  }

  protected parseTarget(): Expr {
    return this.kind === STAR ? this.parseStarred(PREC_BITOR) : this.parseBinary(PREC_BITOR);
  }

  /** `yield`, `yield x`, `yield from x`, or an expression list. */
  override parseYieldOrList(): Expr {
    if (this.kind !== YIELD) return this.parseExpressionList();
    const { start, line } = this;
    this.advance();
    if (this.kind === FROM) {
      this.advance();
      const value = this.parseExpression();
      return { kind: 'YieldFrom', start, end: this.lastEnd, line, value };
    }
    const value = STARTS_EXPRESSION[this.kind] === 1 ? this.parseExpressionList() : undefined;
    return { kind: 'Yield', start, end: this.lastEnd, line, value };
  }

  protected override parseFieldExpression(): Expr {
    return this.parseYieldOrList();
  }

  override parseNamedExpression(): Expr {
    const { start, line } = this;
    const target = this.parseExpression();
    if (this.kind !== COLONEQUAL) return target;
    if (target.kind !== 'Name') this.fail();
    this.advance();
    const value = this.parseExpression();
    setContext(target, 'Store');
    return { kind: 'NamedExpr', start, end: this.lastEnd, line, target, value };
  }

  /** One expression: conditional, lambda, or operators; no comma, no `:=`. */
  override parseExpression(): Expr {
    if (this.kind === LAMBDA) return this.parseLambda();
    const { start, line } = this;
    const body = this.parseBinary(PREC_OR);
    if (this.kind !== IF) return body;
    this.enter();
    this.advance();
    const test = this.parseBinary(PREC_OR);
    this.expect(ELSE);
    const orelse = this.parseExpression();
    this.depth--;
    return { kind: 'IfExp', start, end: this.lastEnd, line, test, body, orelse };
  }

  protected override parseLambda(): Lambda {
    const { start, line } = this;
    this.enter();
    this.advance();
    const args = this.parseParameters(COLON, false);
    this.expect(COLON);
    const body = this.parseExpression();
    this.depth--;
    return { kind: 'Lambda', start, end: this.lastEnd, line, args, body };
  }

  /** Operands joined by operators that bind at least as tightly as `min` (never 0). */
  override parseBinary(min: number): Expr {
    const start = this.tokens.starts[this.at]!;
    const line = this.tokens.lines[this.at]!;
    let left = this.kind === NOT && min <= PREC_NOT ? this.parseNot() : this.parseUnary();
    for (;;) {
      const { kind } = this;
      const precedence = PRECEDENCE[kind]!;
      if (precedence < min) return left;
      if (precedence >= PREC_BITOR) {
        this.advance();
        const right = this.parseBinary(precedence + 1);
        left = { kind: 'BinOp', start, end: this.lastEnd, line, left, op: OPERATORS[kind]!, right };
      } else if (precedence === PREC_COMPARE) {
        if (kind === NOT && this.nextKind !== IN) return left;
        left = this.parseComparison(left, start, line);
      } else {
        left = this.parseLogical(left, start, line);
      }
    }
  }

  private parseNot(): Expr {
    const { start, line } = this;
    this.enter();
    this.advance();
    const operand = this.parseBinary(PREC_NOT);
    this.depth--;
    return { kind: 'UnaryOp', start, end: this.lastEnd, line, op: 'Not', operand };
  }

  private parseLogical(first: Expr, start: number, line: number): Expr {
    const operator = this.kind;
    const values = [first];
    while (this.kind === operator) {
      this.advance();
      values.push(this.parseBinary(operator === OR ? PREC_AND : PREC_NOT));
    }
    const op = operator === OR ? 'Or' : 'And';
    return { kind: 'BoolOp', start, end: this.lastEnd, line, op, values: trimmed(values) };
  }

  private parseComparison(left: Expr, start: number, line: number): Expr {
    const ops: CompareOperator[] = [];
    const comparators: Expr[] = [];
    while (PRECEDENCE[this.kind] === PREC_COMPARE) {
      const { kind } = this;
      if (kind === NOT && this.nextKind !== IN) break;
      this.advance();
      if (kind === NOT) this.advance();
      if (kind === IS && this.kind === NOT) {
        this.advance();
        ops.push('IsNot');
      } else ops.push(COMPARISONS[kind]!);
      comparators.push(this.parseBinary(PREC_BITOR));
    }
    const end = this.lastEnd;
    return { kind: 'Compare', start, end, line, left, ops: trimmed(ops), comparators: trimmed(comparators) };
  }

  private parseUnary(): Expr {
    const { kind } = this;
    if (kind === MINUS || kind === PLUS || kind === TILDE) return this.parseSigned(kind);
    const start = this.tokens.starts[this.at]!;
    const line = this.tokens.lines[this.at]!;
    const base = kind === AWAIT && STARTS_EXPRESSION[this.nextKind] === 1 ? this.parseAwait() : this.parsePrimary();
    if (this.kind !== DSTAR) return base;
    this.enter();
    this.advance();
    const right = this.parseUnary();
    this.depth--;
    return { kind: 'BinOp', start, end: this.lastEnd, line, left: base, op: 'Pow', right };
  }

  private parseSigned(kind: number): Expr {
    const { start, line } = this;
    this.enter();
    this.advance();
    const operand = this.parseUnary();
    this.depth--;
    const op: UnaryOperator = kind === MINUS ? 'USub' : kind === PLUS ? 'UAdd' : 'Invert';
    return { kind: 'UnaryOp', start, end: this.lastEnd, line, op, operand };
  }

  private parseAwait(): Expr {
    const { start, line } = this;
    // before Python 3.7 a name: `await -x`, `await (x)` are then read as Python reads them now
    if (this.nextKind === MINUS || this.nextKind === PLUS || this.nextKind === STAR || this.nextKind === NOT) {
      return this.parsePrimary();
    }
    this.enter();
    this.advance();
    const value = this.parsePrimary();
    this.depth--;
    return { kind: 'Await', start, end: this.lastEnd, line, value };
  }

  protected parseAnnotatedName(isAnnotated: boolean): Arg {
    const { start, line } = this;
    const arg = this.expectName();
    let annotation: Expr | undefined;
    if (isAnnotated && this.kind === COLON) {
      this.advance();
      annotation = this.parseStarOrExpression();
    }
    return { kind: 'arg', start, end: this.lastEnd, line, arg, annotation };
  }
}
