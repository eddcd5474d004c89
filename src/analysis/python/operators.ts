// Owns what the parser knows of token kinds: precedence, operator names, what may begin an expression.
// Imports ast.ts (types) and tokens.ts. Start at PRECEDENCE.
import type { CompareOperator, Operator } from './ast.ts';
import {
  AMP,
  AND,
  ASYNC,
  AT,
  AWAIT,
  BACKTICK,
  CARET,
  DSLASH,
  DSTAR,
  ELLIPSIS,
  EQ,
  FALSE,
  FSTRING_START,
  GE,
  GT,
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
  RSHIFT,
  SLASH,
  STAR,
  STRING,
  TILDE,
  TRUE,
} from './tokens.ts';

export const PREC_OR = 1;
export const PREC_AND = 2;
export const PREC_NOT = 3;
export const PREC_COMPARE = 4;
/** from here on all operators are binary and lean left */
export const PREC_BITOR = 5;
export const PREC_SUM = 9;

export const PRECEDENCE = new Uint8Array(128);
export const OPERATORS: Operator[] = [];
export const COMPARISONS: CompareOperator[] = [];
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

export const STARTS_EXPRESSION = new Uint8Array(128);
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
