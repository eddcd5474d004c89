// Owns the grammar of expressions: operator precedence by table, everything bracketed by descent.
// May import parser-literals.ts, tokens.ts, ast.ts. Start at parseExpression.
import type {
  Arg,
  Arguments,
  BaseNode,
  Call,
  CompareOperator,
  Comprehension,
  Expr,
  ExprContext,
  Keyword,
  Lambda,
  Name,
  Operator,
  UnaryOperator,
} from './ast.ts';
import { LiteralParser } from './parser-literals.ts';
import {
  AMP,
  AND,
  ASYNC,
  AT,
  AWAIT,
  BACKTICK,
  CARET,
  COLON,
  COLONEQUAL,
  COMMA,
  DOT,
  DSLASH,
  DSTAR,
  ELLIPSIS,
  ELSE,
  EQ,
  EQUAL,
  FALSE,
  FOR,
  FROM,
  FSTRING_START,
  GE,
  GT,
  IF,
  IN,
  IS,
  LAMBDA,
  LBRACE,
  LE,
  LPAR,
  LSHIFT,
  LSQB,
  LT,
  MINUS,
  NAME,
  NE,
  NONE,
  NOT,
  NUMBER,
  OR,
  PERCENT,
  PIPE,
  PLUS,
  RBRACE,
  RPAR,
  RSHIFT,
  RSQB,
  SLASH,
  STAR,
  STRING,
  TILDE,
  TRUE,
  YIELD,
} from './tokens.ts';

const PREC_OR = 1;
const PREC_AND = 2;
const PREC_NOT = 3;
const PREC_COMPARE = 4;
/** from here on all operators are binary and lean left */
export const PREC_BITOR = 5;
export const PREC_SUM = 9;

const PRECEDENCE = new Uint8Array(128);
const OPERATORS: Operator[] = [];
const COMPARISONS: CompareOperator[] = [];
const BINARY: readonly [number, Operator, number][] = [
  [PIPE, 'BitOr', PREC_BITOR],
  [CARET, 'BitXor', 6],
  [AMP, 'BitAnd', 7],
  [LSHIFT, 'LShift', 8],
  [RSHIFT, 'RShift', 8],
  [PLUS, 'Add', PREC_SUM],
  [MINUS, 'Sub', PREC_SUM],
  [STAR, 'Mult', 10],
  [SLASH, 'Div', 10],
  [DSLASH, 'FloorDiv', 10],
  [PERCENT, 'Mod', 10],
  [AT, 'MatMult', 10],
];
for (const [kind, operator, precedence] of BINARY) {
  PRECEDENCE[kind] = precedence;
  OPERATORS[kind] = operator;
}
OPERATORS[DSTAR] = 'Pow';
const COMPARING: readonly [number, CompareOperator][] = [
  [LT, 'Lt'],
  [GT, 'Gt'],
  [LE, 'LtE'],
  [GE, 'GtE'],
  [EQ, 'Eq'],
  [NE, 'NotEq'],
  [IN, 'In'],
  [IS, 'Is'],
  [NOT, 'NotIn'],
];
for (const [kind, operator] of COMPARING) {
  PRECEDENCE[kind] = PREC_COMPARE;
  COMPARISONS[kind] = operator;
}
PRECEDENCE[OR] = PREC_OR;
PRECEDENCE[AND] = PREC_AND;

/** The operator of a binary operator's token kind (also of an augmented assignment's, minus AUGMENTED). */
export function operatorOf(kind: number): Operator {
  return OPERATORS[kind]!;
}

const STARTS_EXPRESSION = new Uint8Array(128);
for (const kind of [
  NAME,
  NUMBER,
  STRING,
  FSTRING_START,
  LPAR,
  LSQB,
  LBRACE,
  MINUS,
  PLUS,
  TILDE,
  STAR,
  NOT,
  LAMBDA,
  AWAIT,
  ASYNC,
  NONE,
  TRUE,
  FALSE,
  ELLIPSIS,
  BACKTICK,
]) {
  STARTS_EXPRESSION[kind] = 1;
}

/** Says whether an expression (or a starred one) may begin with a token of this kind. */
export function startsExpression(kind: number): boolean {
  return STARTS_EXPRESSION[kind] === 1;
}

const NO_EXPRESSIONS: readonly Expr[] = [];
const NO_KEYWORDS: readonly Keyword[] = [];

interface Contextual {
  ctx: ExprContext;
}

/** Turns a parsed expression into a target; what cannot be one stays as it is (CPython would refuse it). */
export function setContext(node: Expr, ctx: ExprContext): void {
  const { kind } = node;
  if (kind === 'Name' || kind === 'Attribute' || kind === 'Subscript') {
    (node as Contextual).ctx = ctx;
  } else if (kind === 'Starred') {
    (node as Contextual).ctx = ctx;
    setContext(node.value, ctx);
  } else if (kind === 'Tuple' || kind === 'List') {
    (node as Contextual).ctx = ctx;
    for (const element of node.elts) setContext(element, ctx);
  }
}

function positionOf({ start, end, line }: Expr): BaseNode {
  return { start, end, line };
}

export abstract class ExpressionParser extends LiteralParser {
  /** Parameters up to (not including) the token that ends them. */
  protected abstract parseParameters(end: number, isAnnotated: boolean): Arguments;

  // ── commas and stars ────────────────────────────────────────────────────────────────────────────────────────────

  /** `a`, `a, b`, `*a, b`: what may stand alone in a statement. */
  parseExpressionList(): Expr {
    const { start, line } = this;
    const first = this.parseStarOrExpression();
    return this.kind === COMMA ? this.parseTupleRest(first, start, line) : first;
  }

  protected parseStarOrExpression(): Expr {
    return this.kind === STAR ? this.parseStarred(PREC_BITOR) : this.parseExpression();
  }

  protected parseStarOrNamed(): Expr {
    return this.kind === STAR ? this.parseStarred(PREC_BITOR) : this.parseNamedExpression();
  }

  private parseStarred(precedence: number): Expr {
    const { start, line } = this;
    this.advance();
    const value = precedence === 0 ? this.parseExpression() : this.parseBinary(precedence);
    return { kind: 'Starred', start, end: this.lastEnd, line, value, ctx: 'Load' };
  }

  /** The elements behind the first, from its comma on. */
  protected parseTupleRest(first: Expr, start: number, line: number): Expr {
    const elts = [first];
    while (this.kind === COMMA) {
      this.advance();
      if (STARTS_EXPRESSION[this.kind] === 0) break;
      elts.push(this.parseStarOrNamed());
    }
    return { kind: 'Tuple', start, end: this.lastEnd, line, elts, ctx: 'Load' };
  }

  /** Targets of `for`, `del`: operands without comparisons, for `in` ends them. */
  protected parseTargets(ctx: ExprContext): Expr {
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
      target = { kind: 'Tuple', start, end: this.lastEnd, line, elts, ctx };
    }
    setContext(target, ctx);
    return target;
  }

  protected parseTarget(): Expr {
    return this.kind === STAR ? this.parseStarred(PREC_BITOR) : this.parseBinary(PREC_BITOR);
  }

  /** `yield`, `yield x`, `yield from x`, or an expression list. */
  parseYieldOrList(): Expr {
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

  // ── operators ───────────────────────────────────────────────────────────────────────────────────────────────────

  parseNamedExpression(): Expr {
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
  parseExpression(): Expr {
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

  private parseLambda(): Lambda {
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
  parseBinary(min: number): Expr {
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
    return { kind: 'BoolOp', start, end: this.lastEnd, line, op: operator === OR ? 'Or' : 'And', values };
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
    return { kind: 'Compare', start, end: this.lastEnd, line, left, ops, comparators };
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

  // ── primaries ───────────────────────────────────────────────────────────────────────────────────────────────────

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

  // ── brackets ────────────────────────────────────────────────────────────────────────────────────────────────────

  private isComprehension(): boolean {
    return this.kind === FOR || (this.kind === ASYNC && this.nextKind === FOR);
  }

  private parseParenthesised(): Expr {
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

  private parseList(): Expr {
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
    return { kind: 'List', start, end: this.lastEnd, line, elts, ctx: 'Load' };
  }

  private parseBraces(): Expr {
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
    return { kind: 'Set', start, end: this.lastEnd, line, elts };
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
    return { kind: 'Dict', start, end: this.lastEnd, line, keys, values };
  }

  private parseDictComp(start: number, line: number, key: Expr, value: Expr): Expr {
    const generators = this.parseGenerators();
    this.expect(RBRACE);
    this.depth--;
    return { kind: 'DictComp', start, end: this.lastEnd, line, key, value, generators };
  }

  private parseGenerators(): Comprehension[] {
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
      generators.push({ kind: 'comprehension', start, end: this.lastEnd, line, target, iter, ifs, is_async });
    }
    return generators;
  }

  private parseIterable(): Expr {
    const { start, line } = this;
    const iter = this.kind === LAMBDA ? this.parseLambda() : this.parseBinary(PREC_OR);
    if (this.kind !== COMMA || STARTS_EXPRESSION[this.nextKind] === 0) return iter;
    this.isPython2 = true; // `[x for x in 1, 2]`
    return this.parseTupleRest(iter, start, line);
  }

  // ── calls and subscripts ────────────────────────────────────────────────────────────────────────────────────────

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
    return { kind: 'Call', start, end: this.lastEnd, line, func, args, keywords };
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
    return { kind: 'Tuple', start, end: this.lastEnd, line, elts, ctx: 'Load' };
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
