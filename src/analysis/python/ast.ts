// Owns the shape of Python syntax: one discriminated union, names and fields exactly those of CPython's `ast` module.
// Imports nothing. Start at Expr and Stmt; parser.ts builds these nodes, walk.ts visits them.
// Differences from CPython, all on purpose, are listed at BaseNode, Constant and ParseResult.

/**
 * What every node carries.
 *
 * `start` and `end` are UTF-16 offsets into the decoded text (`text.slice(start, end)` is the node's source, without
 * the parentheses around it, as in CPython). `line` is the 1-based physical line of `start`.
 * Operators and contexts are plain strings, not nodes. Absent optional fields are `undefined`.
 *
 * Depth: expressions nest at most {@link MAX_NESTING} deep, except the *left spines* of `BinOp.left`, `Attribute.value`,
 * `Call.func` and `Subscript.value`, which are as long as the source makes them (`a + b + …` ten thousand times):
 * loop along them, or use walk.ts, never recurse.
 */
export interface BaseNode {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/** Deepest nesting of brackets, lambdas, conditionals, unary operators and blocks together that the parser will follow. */
export const MAX_NESTING = 300;

export type ExprContext = 'Load' | 'Store' | 'Del';

export type Operator =
  | 'Add'
  | 'Sub'
  | 'Mult'
  | 'MatMult'
  | 'Div'
  | 'Mod'
  | 'Pow'
  | 'LShift'
  | 'RShift'
  | 'BitOr'
  | 'BitXor'
  | 'BitAnd'
  | 'FloorDiv';

export type UnaryOperator = 'Invert' | 'Not' | 'UAdd' | 'USub';

export type CompareOperator = 'Eq' | 'NotEq' | 'Lt' | 'LtE' | 'Gt' | 'GtE' | 'Is' | 'IsNot' | 'In' | 'NotIn';

// ── module ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Module extends BaseNode {
  readonly kind: 'Module';
  readonly body: readonly Stmt[];
}

// ── statements ──────────────────────────────────────────────────────────────────────────────────────────────────────

interface FunctionFields extends BaseNode {
  readonly name: string;
  readonly args: Arguments;
  readonly body: readonly Stmt[];
  readonly decorator_list: readonly Expr[];
  readonly returns: Expr | undefined;
  readonly type_params: readonly TypeParam[];
}

/** `start` is the `def`, not the first decorator (as in CPython ≥ 3.8). */
export interface FunctionDef extends FunctionFields {
  readonly kind: 'FunctionDef';
}

export interface AsyncFunctionDef extends FunctionFields {
  readonly kind: 'AsyncFunctionDef';
}

export interface ClassDef extends BaseNode {
  readonly kind: 'ClassDef';
  readonly name: string;
  readonly bases: readonly Expr[];
  readonly keywords: readonly Keyword[];
  readonly body: readonly Stmt[];
  readonly decorator_list: readonly Expr[];
  readonly type_params: readonly TypeParam[];
}

export interface Return extends BaseNode {
  readonly kind: 'Return';
  readonly value: Expr | undefined;
}

export interface Delete extends BaseNode {
  readonly kind: 'Delete';
  readonly targets: readonly Expr[];
}

/** `a = b = value` has two targets. */
export interface Assign extends BaseNode {
  readonly kind: 'Assign';
  readonly targets: readonly Expr[];
  readonly value: Expr;
}

/** `type Name[T] = value` (3.12). */
export interface TypeAlias extends BaseNode {
  readonly kind: 'TypeAlias';
  readonly name: Expr;
  readonly type_params: readonly TypeParam[];
  readonly value: Expr;
}

export interface AugAssign extends BaseNode {
  readonly kind: 'AugAssign';
  readonly target: Expr;
  readonly op: Operator;
  readonly value: Expr;
}

export interface AnnAssign extends BaseNode {
  readonly kind: 'AnnAssign';
  readonly target: Expr;
  readonly annotation: Expr;
  readonly value: Expr | undefined;
  /** 1 when the target is a bare name without parentheses */
  readonly simple: 0 | 1;
}

interface ForFields extends BaseNode {
  readonly target: Expr;
  readonly iter: Expr;
  readonly body: readonly Stmt[];
  readonly orelse: readonly Stmt[];
}

export interface For extends ForFields {
  readonly kind: 'For';
}

export interface AsyncFor extends ForFields {
  readonly kind: 'AsyncFor';
}

export interface While extends BaseNode {
  readonly kind: 'While';
  readonly test: Expr;
  readonly body: readonly Stmt[];
  readonly orelse: readonly Stmt[];
}

/** `elif` is a nested If in `orelse`, as in CPython; long chains make long `orelse` spines: loop along them. */
export interface If extends BaseNode {
  readonly kind: 'If';
  readonly test: Expr;
  readonly body: readonly Stmt[];
  readonly orelse: readonly Stmt[];
}

export interface With extends BaseNode {
  readonly kind: 'With';
  readonly items: readonly WithItem[];
  readonly body: readonly Stmt[];
}

export interface AsyncWith extends BaseNode {
  readonly kind: 'AsyncWith';
  readonly items: readonly WithItem[];
  readonly body: readonly Stmt[];
}

export interface Match extends BaseNode {
  readonly kind: 'Match';
  readonly subject: Expr;
  readonly cases: readonly MatchCase[];
}

/** Python 2's `raise E, "x", tb` arrives as `raise E("x", tb)`. */
export interface Raise extends BaseNode {
  readonly kind: 'Raise';
  readonly exc: Expr | undefined;
  readonly cause: Expr | undefined;
}

interface TryFields extends BaseNode {
  readonly body: readonly Stmt[];
  readonly handlers: readonly ExceptHandler[];
  readonly orelse: readonly Stmt[];
  readonly finalbody: readonly Stmt[];
}

export interface Try extends TryFields {
  readonly kind: 'Try';
}

/** `try` with `except*` (3.11). */
export interface TryStar extends TryFields {
  readonly kind: 'TryStar';
}

export interface Assert extends BaseNode {
  readonly kind: 'Assert';
  readonly test: Expr;
  readonly msg: Expr | undefined;
}

export interface Import extends BaseNode {
  readonly kind: 'Import';
  readonly names: readonly Alias[];
}

export interface ImportFrom extends BaseNode {
  readonly kind: 'ImportFrom';
  /** dotted name; undefined for `from . import x` */
  readonly module: string | undefined;
  /** `*` is one alias named `*` */
  readonly names: readonly Alias[];
  /** number of leading dots */
  readonly level: number;
}

export interface Global extends BaseNode {
  readonly kind: 'Global';
  readonly names: readonly string[];
}

export interface Nonlocal extends BaseNode {
  readonly kind: 'Nonlocal';
  readonly names: readonly string[];
}

/**
 * An expression that stands alone. Python 2's statements arrive here as the calls they mean:
 * `print x, y` → `print(x, y)`, `print >>f, x` → `print(x, file=f)`, `exec code in g, l` → `exec(code, g, l)`.
 */
export interface ExprStmt extends BaseNode {
  readonly kind: 'Expr';
  readonly value: Expr;
}

export interface Pass extends BaseNode {
  readonly kind: 'Pass';
}

export interface Break extends BaseNode {
  readonly kind: 'Break';
}

export interface Continue extends BaseNode {
  readonly kind: 'Continue';
}

// ── expressions ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Two or more operands of one operator; `a and b and c` is one node with three values. */
export interface BoolOp extends BaseNode {
  readonly kind: 'BoolOp';
  readonly op: 'And' | 'Or';
  readonly values: readonly Expr[];
}

export interface NamedExpr extends BaseNode {
  readonly kind: 'NamedExpr';
  readonly target: Name;
  readonly value: Expr;
}

export interface BinOp extends BaseNode {
  readonly kind: 'BinOp';
  readonly left: Expr;
  readonly op: Operator;
  readonly right: Expr;
}

export interface UnaryOp extends BaseNode {
  readonly kind: 'UnaryOp';
  readonly op: UnaryOperator;
  readonly operand: Expr;
}

export interface Lambda extends BaseNode {
  readonly kind: 'Lambda';
  readonly args: Arguments;
  readonly body: Expr;
}

export interface IfExp extends BaseNode {
  readonly kind: 'IfExp';
  readonly test: Expr;
  readonly body: Expr;
  readonly orelse: Expr;
}

/** `{**a, 'k': 1}`: the key of an unpacked mapping is undefined. */
export interface Dict extends BaseNode {
  readonly kind: 'Dict';
  readonly keys: readonly (Expr | undefined)[];
  readonly values: readonly Expr[];
}

export interface SetExpr extends BaseNode {
  readonly kind: 'Set';
  readonly elts: readonly Expr[];
}

export interface ListComp extends BaseNode {
  readonly kind: 'ListComp';
  readonly elt: Expr;
  readonly generators: readonly Comprehension[];
}

export interface SetComp extends BaseNode {
  readonly kind: 'SetComp';
  readonly elt: Expr;
  readonly generators: readonly Comprehension[];
}

/** `{**m for m in ms}` (3.15) has the mapping as its value and a Starred of it as its key. */
export interface DictComp extends BaseNode {
  readonly kind: 'DictComp';
  readonly key: Expr;
  readonly value: Expr;
  readonly generators: readonly Comprehension[];
}

export interface GeneratorExp extends BaseNode {
  readonly kind: 'GeneratorExp';
  readonly elt: Expr;
  readonly generators: readonly Comprehension[];
}

export interface Await extends BaseNode {
  readonly kind: 'Await';
  readonly value: Expr;
}

export interface Yield extends BaseNode {
  readonly kind: 'Yield';
  readonly value: Expr | undefined;
}

export interface YieldFrom extends BaseNode {
  readonly kind: 'YieldFrom';
  readonly value: Expr;
}

/** `a < b <= c`: ops and comparators have the same length. Python 2's `<>` is `NotEq`. */
export interface Compare extends BaseNode {
  readonly kind: 'Compare';
  readonly left: Expr;
  readonly ops: readonly CompareOperator[];
  readonly comparators: readonly Expr[];
}

/** Python 2's backticks arrive as `repr(x)`. */
export interface Call extends BaseNode {
  readonly kind: 'Call';
  readonly func: Expr;
  /** `*args` is a Starred */
  readonly args: readonly Expr[];
  /** `**kwargs` is a Keyword without `arg` */
  readonly keywords: readonly Keyword[];
}

/** A `{…}` of an f-string. */
export interface FormattedValue extends BaseNode {
  readonly kind: 'FormattedValue';
  readonly value: Expr;
  /** -1 none, 115 `!s`, 114 `!r`, 97 `!a` */
  readonly conversion: number;
  readonly format_spec: JoinedStr | undefined;
}

/** A `{…}` of a t-string (3.14). `str` is the expression as written. */
export interface Interpolation extends BaseNode {
  readonly kind: 'Interpolation';
  readonly value: Expr;
  readonly str: string;
  readonly conversion: number;
  readonly format_spec: JoinedStr | undefined;
}

/** An f-string: str constants and FormattedValues in order; adjacent literals are one constant, as in CPython. */
export interface JoinedStr extends BaseNode {
  readonly kind: 'JoinedStr';
  readonly values: readonly Expr[];
}

/** A t-string (3.14): str constants and Interpolations in order. */
export interface TemplateStr extends BaseNode {
  readonly kind: 'TemplateStr';
  readonly values: readonly Expr[];
}

interface ConstantFields extends BaseNode {
  readonly kind: 'Constant';
}

/**
 * A str. `value` is a JS string: one character beyond U+FFFF counts two, lone surrogates (`'\ud800'`) are kept.
 * Adjacent literals are already joined. Python 2's plain (byte) strings are str too.
 */
export interface StrConstant extends ConstantFields {
  readonly type: 'str';
  readonly value: string;
}

export interface BytesConstant extends ConstantFields {
  readonly type: 'bytes';
  readonly value: Uint8Array;
}

/** An int: a number when it is a safe integer, else a bigint. */
export interface IntConstant extends ConstantFields {
  readonly type: 'int';
  readonly value: number | bigint;
}

export interface FloatConstant extends ConstantFields {
  readonly type: 'float';
  readonly value: number;
}

/** An imaginary literal, `2j`: `value` is the imaginary part. */
export interface ComplexConstant extends ConstantFields {
  readonly type: 'complex';
  readonly value: number;
}

export interface BoolConstant extends ConstantFields {
  readonly type: 'bool';
  readonly value: boolean;
}

export interface NoneConstant extends ConstantFields {
  readonly type: 'none';
  readonly value: null;
}

export interface EllipsisConstant extends ConstantFields {
  readonly type: 'ellipsis';
  readonly value: undefined;
}

/** A literal; `type` says which. Unlike CPython's, the Python type is a field of the node, for JS cannot tell 1 from 1.0. */
export type Constant =
  | StrConstant
  | BytesConstant
  | IntConstant
  | FloatConstant
  | ComplexConstant
  | BoolConstant
  | NoneConstant
  | EllipsisConstant;

export interface Attribute extends BaseNode {
  readonly kind: 'Attribute';
  readonly value: Expr;
  readonly attr: string;
  readonly ctx: ExprContext;
}

export interface Subscript extends BaseNode {
  readonly kind: 'Subscript';
  readonly value: Expr;
  /** a Slice, a Tuple (of Slices perhaps) or any expression */
  readonly slice: Expr;
  readonly ctx: ExprContext;
}

export interface Starred extends BaseNode {
  readonly kind: 'Starred';
  readonly value: Expr;
  readonly ctx: ExprContext;
}

/** Identifiers are NFKC-normalised, as Python does: fullwidth `ｅｖａｌ` is `eval`. */
export interface Name extends BaseNode {
  readonly kind: 'Name';
  readonly id: string;
  readonly ctx: ExprContext;
}

export interface List extends BaseNode {
  readonly kind: 'List';
  readonly elts: readonly Expr[];
  readonly ctx: ExprContext;
}

export interface Tuple extends BaseNode {
  readonly kind: 'Tuple';
  readonly elts: readonly Expr[];
  readonly ctx: ExprContext;
}

/** Only inside a Subscript. */
export interface Slice extends BaseNode {
  readonly kind: 'Slice';
  readonly lower: Expr | undefined;
  readonly upper: Expr | undefined;
  readonly step: Expr | undefined;
}

// ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Comprehension extends BaseNode {
  readonly kind: 'comprehension';
  readonly target: Expr;
  readonly iter: Expr;
  readonly ifs: readonly Expr[];
  readonly is_async: 0 | 1;
}

export interface ExceptHandler extends BaseNode {
  readonly kind: 'ExceptHandler';
  readonly type: Expr | undefined;
  /** also the `e` of Python 2's `except E, e` */
  readonly name: string | undefined;
  readonly body: readonly Stmt[];
}

export interface Arguments extends BaseNode {
  readonly kind: 'arguments';
  readonly posonlyargs: readonly Arg[];
  readonly args: readonly Arg[];
  readonly vararg: Arg | undefined;
  readonly kwonlyargs: readonly Arg[];
  /** one for each of kwonlyargs; undefined where there is none */
  readonly kw_defaults: readonly (Expr | undefined)[];
  readonly kwarg: Arg | undefined;
  /** of the last `posonlyargs` + `args` */
  readonly defaults: readonly Expr[];
}

/**
 * One parameter. Python 2's tuple parameter `def f(a, (b, c))` is named `.1` (its position) and unpacked by an Assign
 * put first in the function's body, as CPython 2 compiled it.
 */
export interface Arg extends BaseNode {
  readonly kind: 'arg';
  readonly arg: string;
  readonly annotation: Expr | undefined;
}

export interface Keyword extends BaseNode {
  readonly kind: 'keyword';
  /** undefined for `**value` */
  readonly arg: string | undefined;
  readonly value: Expr;
}

export interface Alias extends BaseNode {
  readonly kind: 'alias';
  /** dotted in `import a.b` */
  readonly name: string;
  readonly asname: string | undefined;
}

export interface WithItem extends BaseNode {
  readonly kind: 'withitem';
  readonly context_expr: Expr;
  readonly optional_vars: Expr | undefined;
}

export interface MatchCase extends BaseNode {
  readonly kind: 'match_case';
  readonly pattern: Pattern;
  readonly guard: Expr | undefined;
  readonly body: readonly Stmt[];
}

// ── patterns ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface MatchValue extends BaseNode {
  readonly kind: 'MatchValue';
  readonly value: Expr;
}

export interface MatchSingleton extends BaseNode {
  readonly kind: 'MatchSingleton';
  readonly value: boolean | null;
}

export interface MatchSequence extends BaseNode {
  readonly kind: 'MatchSequence';
  readonly patterns: readonly Pattern[];
}

export interface MatchMapping extends BaseNode {
  readonly kind: 'MatchMapping';
  readonly keys: readonly Expr[];
  readonly patterns: readonly Pattern[];
  readonly rest: string | undefined;
}

export interface MatchClass extends BaseNode {
  readonly kind: 'MatchClass';
  readonly cls: Expr;
  readonly patterns: readonly Pattern[];
  readonly kwd_attrs: readonly string[];
  readonly kwd_patterns: readonly Pattern[];
}

export interface MatchStar extends BaseNode {
  readonly kind: 'MatchStar';
  readonly name: string | undefined;
}

export interface MatchAs extends BaseNode {
  readonly kind: 'MatchAs';
  readonly pattern: Pattern | undefined;
  readonly name: string | undefined;
}

export interface MatchOr extends BaseNode {
  readonly kind: 'MatchOr';
  readonly patterns: readonly Pattern[];
}

// ── type parameters (3.12, defaults 3.13) ───────────────────────────────────────────────────────────────────────────

export interface TypeVar extends BaseNode {
  readonly kind: 'TypeVar';
  readonly name: string;
  readonly bound: Expr | undefined;
  readonly default_value: Expr | undefined;
}

export interface ParamSpec extends BaseNode {
  readonly kind: 'ParamSpec';
  readonly name: string;
  readonly default_value: Expr | undefined;
}

export interface TypeVarTuple extends BaseNode {
  readonly kind: 'TypeVarTuple';
  readonly name: string;
  readonly default_value: Expr | undefined;
}

// ── unions ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export type Stmt =
  | FunctionDef
  | AsyncFunctionDef
  | ClassDef
  | Return
  | Delete
  | Assign
  | TypeAlias
  | AugAssign
  | AnnAssign
  | For
  | AsyncFor
  | While
  | If
  | With
  | AsyncWith
  | Match
  | Raise
  | Try
  | TryStar
  | Assert
  | Import
  | ImportFrom
  | Global
  | Nonlocal
  | ExprStmt
  | Pass
  | Break
  | Continue;

export type Expr =
  | BoolOp
  | NamedExpr
  | BinOp
  | UnaryOp
  | Lambda
  | IfExp
  | Dict
  | SetExpr
  | ListComp
  | SetComp
  | DictComp
  | GeneratorExp
  | Await
  | Yield
  | YieldFrom
  | Compare
  | Call
  | FormattedValue
  | Interpolation
  | JoinedStr
  | TemplateStr
  | Constant
  | Attribute
  | Subscript
  | Starred
  | Name
  | List
  | Tuple
  | Slice;

export type Pattern =
  | MatchValue
  | MatchSingleton
  | MatchSequence
  | MatchMapping
  | MatchClass
  | MatchStar
  | MatchAs
  | MatchOr;

export type TypeParam = TypeVar | ParamSpec | TypeVarTuple;

export type Part = Comprehension | ExceptHandler | Arguments | Arg | Keyword | Alias | WithItem | MatchCase;

export type Node = Module | Stmt | Expr | Part | Pattern | TypeParam;

// ── result of parsing ───────────────────────────────────────────────────────────────────────────────────────────────

export interface ParseLimits {
  /** tokens read before the parser stops; about one node each, some 100 bytes of memory */
  readonly maxTokens: number;
  /** errors kept; parsing goes on beyond */
  readonly maxErrors: number;
}

export const DEFAULT_PARSE_LIMITS: ParseLimits = { maxTokens: 2_000_000, maxErrors: 50 };

/** A run of 100 blanks or more inside a line, as used to push code out of sight. */
export interface WideGap {
  readonly line: number;
  readonly width: number;
}

/** An identifier that Python reads differently from how it is spelled (NFKC): fullwidth or mathematical letters. */
export interface RespelledName {
  readonly line: number;
  readonly written: string;
  readonly read: string;
}

export interface ParseError {
  readonly line: number;
  readonly message: string;
}

/** Never thrown for: every input gives a ParseResult. */
export interface ParseResult {
  /** what could be read; broken logical lines are left out, or kept as the expressions they still contain */
  readonly module: Module;
  /** in order of line; empty means that this parser found nothing to object to (it accepts more than one CPython does) */
  readonly errors: readonly ParseError[];
  /** true when syntax was met that only Python 2 accepts */
  readonly isPython2: boolean;
  /** true when a limit stopped the parser, so that part of the text is missing from `module`: never treat as clean */
  readonly exhausted: boolean;
  /** at most 20 */
  readonly gaps: readonly WideGap[];
  /** at most 20 */
  readonly respelled: readonly RespelledName[];
}
