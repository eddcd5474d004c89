// Owns the parser's place in the tokens, its errors and its depth; the layers above build the nodes.
// May import tokenizer.ts, tokens.ts, ast.ts. Layers: cursor ← literals ← expressions ← patterns ← statements ← parser.ts.
import { type Expr, MAX_NESTING, type ParseError, type ParseLimits } from './ast.ts';
import { Tokenizer } from './tokenizer.ts';
import { ASYNC, AWAIT, NAME } from './tokens.ts';

/** Thrown and caught inside the parser alone: this logical line cannot be read. One object, so that throwing is cheap. */
export class SyntaxFailure extends Error {}
const DEEP_FAILURE = 100;
const FAILURE = new SyntaxFailure('invalid syntax');

/** The current token and the way to the next. */
export abstract class Cursor {
  readonly tokens: Tokenizer;
  readonly text: string;
  readonly errors: ParseError[] = [];
  /** index of the current token in its logical line */
  at = 0;
  /** kind of the current token */
  kind = 0;
  /** end of the last token that was consumed */
  lastEnd = 0;
  exhausted = false;
  /** how often something could not be read; the parser gives up on text that is mostly not Python */
  failures = 0;
  isPython2 = false;
  /** open brackets, operators, lambdas and blocks around the current token */
  depth = 0;
  /** while a broken line is searched for what can be saved: the outermost calls and strings that were complete */
  saved: Expr[] | undefined = undefined;
  protected readonly limits: ParseLimits;

  constructor(text: string, limits: ParseLimits) {
    this.text = text;
    this.limits = limits;
    this.tokens = new Tokenizer(text, limits.maxTokens);
  }

  get start(): number {
    return this.tokens.starts[this.at]!;
  }

  get line(): number {
    return this.tokens.lines[this.at]!;
  }

  /** Kind of the token behind the current one. */
  get nextKind(): number {
    return this.tokens.kinds[this.at + 1]!;
  }

  /** The spelling of the current name or keyword. */
  get name(): string {
    return this.tokens.table.names[this.tokens.aux[this.at]!]!;
  }

  /** Number of the current name in the name table; meaningless when it is no name. */
  get nameId(): number {
    return this.tokens.aux[this.at]!;
  }

  advance(): void {
    const { tokens } = this;
    this.lastEnd = tokens.ends[this.at]!;
    this.kind = tokens.kinds[++this.at]!;
  }

  /** Passes a token that is not part of any node: line ends and indentation. */
  skip(): void {
    this.kind = this.tokens.kinds[++this.at]!;
  }

  goTo(index: number): void {
    this.at = index;
    this.kind = this.tokens.kinds[index]!;
  }

  /** Loads the next logical line. */
  nextLine(): void {
    this.tokens.nextLine();
    this.goTo(0);
  }

  expect(kind: number): void {
    if (this.kind !== kind) this.fail();
    this.advance();
  }

  /** `async` and `await` were names before Python 3.7. */
  isName(): boolean {
    return this.kind === NAME || this.kind === ASYNC || this.kind === AWAIT;
  }

  expectName(): string {
    if (!this.isName()) this.fail();
    const { name } = this;
    this.advance();
    return name;
  }

  enter(): void {
    if (++this.depth > MAX_NESTING) {
      this.exhausted = true;
      this.failures += DEEP_FAILURE; // leaving so many frames takes its time
      this.fail('too deeply nested');
    }
  }

  report(message: string, line: number = this.line): void {
    if (this.errors.length < this.limits.maxErrors) this.errors.push({ line, message });
  }

  fail(message = 'invalid syntax'): never {
    // what is being saved from a broken line was reported when the line broke
    if (this.saved === undefined) this.report(message);
    throw FAILURE;
  }

  /** Runs `parse`; when it fails, all is as before and the answer is undefined. Must stay inside one logical line. */
  attempt<T>(parse: () => T): T | undefined {
    const { at, depth, lastEnd } = this;
    const reported = this.errors.length;
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error;
      this.errors.length = reported;
      this.goTo(at);
      this.depth = depth;
      this.lastEnd = lastEnd;
      return undefined;
    }
  }
}
