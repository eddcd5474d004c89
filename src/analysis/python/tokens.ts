// Owns the kinds of Python tokens and the tables the tokenizer and the parser share. Imports nothing.
// Start at the constants; tokenizer.ts makes tokens, parser-cursor.ts reads them.

/** Plain numbers, not strings: the parser compares millions of them a second. */
export type TokenKind = number;

export const END: TokenKind = 0;
export const NEWLINE: TokenKind = 1;
export const INDENT: TokenKind = 2;
export const DEDENT: TokenKind = 3;
/** a character or literal that Python cannot read; the tokenizer has recorded why */
export const ERROR: TokenKind = 4;
export const NAME: TokenKind = 5;
export const NUMBER: TokenKind = 6;
export const STRING: TokenKind = 7;
export const FSTRING_START: TokenKind = 8;
export const FSTRING_MIDDLE: TokenKind = 9;
export const FSTRING_END: TokenKind = 10;

export const LPAR: TokenKind = 16;
export const RPAR: TokenKind = 17;
export const LSQB: TokenKind = 18;
export const RSQB: TokenKind = 19;
export const LBRACE: TokenKind = 20;
export const RBRACE: TokenKind = 21;
export const COMMA: TokenKind = 22;
export const COLON: TokenKind = 23;
export const SEMI: TokenKind = 24;
export const DOT: TokenKind = 25;
export const ELLIPSIS: TokenKind = 26;
export const ARROW: TokenKind = 27;
export const EQUAL: TokenKind = 28;
export const COLONEQUAL: TokenKind = 29;
export const EXCLAM: TokenKind = 30;
export const BACKTICK: TokenKind = 31;
export const TILDE: TokenKind = 32;
export const DSTAR: TokenKind = 33;

// The binary operators, in the order of BINARY_OPERATORS.
export const PIPE: TokenKind = 34;
export const CARET: TokenKind = 35;
export const AMP: TokenKind = 36;
export const LSHIFT: TokenKind = 37;
export const RSHIFT: TokenKind = 38;
export const PLUS: TokenKind = 39;
export const MINUS: TokenKind = 40;
export const STAR: TokenKind = 41;
export const SLASH: TokenKind = 42;
export const DSLASH: TokenKind = 43;
export const PERCENT: TokenKind = 44;
export const AT: TokenKind = 45;

export const LT: TokenKind = 46;
export const GT: TokenKind = 47;
export const LE: TokenKind = 48;
export const GE: TokenKind = 49;
export const EQ: TokenKind = 50;
export const NE: TokenKind = 51;

// Augmented assignment: the binary operator's kind plus AUGMENTED.
export const AUGMENTED: TokenKind = 20;
export const FIRST_AUGMENTED: TokenKind = DSTAR + AUGMENTED;
export const LAST_AUGMENTED: TokenKind = AT + AUGMENTED;

export const FALSE: TokenKind = 70;
export const NONE: TokenKind = 71;
export const TRUE: TokenKind = 72;
export const AND: TokenKind = 73;
export const AS: TokenKind = 74;
export const ASSERT: TokenKind = 75;
export const ASYNC: TokenKind = 76;
export const AWAIT: TokenKind = 77;
export const BREAK: TokenKind = 78;
export const CLASS: TokenKind = 79;
export const CONTINUE: TokenKind = 80;
export const DEF: TokenKind = 81;
export const DEL: TokenKind = 82;
export const ELIF: TokenKind = 83;
export const ELSE: TokenKind = 84;
export const EXCEPT: TokenKind = 85;
export const FINALLY: TokenKind = 86;
export const FOR: TokenKind = 87;
export const FROM: TokenKind = 88;
export const GLOBAL: TokenKind = 89;
export const IF: TokenKind = 90;
export const IMPORT: TokenKind = 91;
export const IN: TokenKind = 92;
export const IS: TokenKind = 93;
export const LAMBDA: TokenKind = 94;
export const NONLOCAL: TokenKind = 95;
export const NOT: TokenKind = 96;
export const OR: TokenKind = 97;
export const PASS: TokenKind = 98;
export const RAISE: TokenKind = 99;
export const RETURN: TokenKind = 100;
export const TRY: TokenKind = 101;
export const WHILE: TokenKind = 102;
export const WITH: TokenKind = 103;
export const YIELD: TokenKind = 104;
export const FIRST_KEYWORD: TokenKind = FALSE;

/** Reserved words in the order of their kinds, from FIRST_KEYWORD on. */
export const KEYWORDS: readonly string[] = [
  'False',
  'None',
  'True',
  'and',
  'as',
  'assert',
  'async',
  'await',
  'break',
  'class',
  'continue',
  'def',
  'del',
  'elif',
  'else',
  'except',
  'finally',
  'for',
  'from',
  'global',
  'if',
  'import',
  'in',
  'is',
  'lambda',
  'nonlocal',
  'not',
  'or',
  'pass',
  'raise',
  'return',
  'try',
  'while',
  'with',
  'yield',
];

/** Names that matter only in some places; their ids in the tokenizer's table follow the keywords in this order. */
export const SOFT_NAMES: readonly string[] = ['match', 'case', 'type', 'print', 'exec', '_'];
export const ID_MATCH: number = KEYWORDS.length;
export const ID_CASE: number = ID_MATCH + 1;
export const ID_TYPE: number = ID_MATCH + 2;
export const ID_PRINT: number = ID_MATCH + 3;
export const ID_EXEC: number = ID_MATCH + 4;
export const ID_UNDERSCORE: number = ID_MATCH + 5;

/** Flags in the `aux` of string tokens. */
export const RAW: number = 1;
export const BYTES: number = 2;
export const TRIPLE: number = 4;
/** the body holds a backslash */
export const ESCAPED: number = 8;
/** the body holds a carriage return, which Python reads as a newline */
export const CARRIAGE: number = 16;
/** FSTRING_MIDDLE only: holds `{{` or `}}` */
export const DOUBLED: number = 32;
/** a t-string */
export const TEMPLATE: number = 64;
/** the length of the prefix stands above this many bits */
export const PREFIX_SHIFT: number = 8;

const HARD = [
  ASSERT,
  BREAK,
  CLASS,
  CONTINUE,
  DEF,
  DEL,
  EXCEPT,
  FINALLY,
  GLOBAL,
  IMPORT,
  NONLOCAL,
  PASS,
  RAISE,
  RETURN,
  TRY,
  WHILE,
  WITH,
];

/** 1 for keywords that start a statement and stand in no expression: seen inside a bracket, the bracket was left open. */
export const STARTS_STATEMENT = new Uint8Array(128);
for (const kind of HARD) STARTS_STATEMENT[kind] = 1;
