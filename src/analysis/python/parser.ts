// Owns reading Python text into a syntax tree: any version from 2.4 to 3.14, broken or hostile.
// May import parser-definitions.ts, tokens.ts, ast.ts. Start at parsePython.
import { DEFAULT_PARSE_LIMITS, type Expr, type ParseLimits, type ParseResult, type Stmt } from './ast.ts';
import { startsExpression } from './operators.ts';
import { SyntaxFailure } from './parser-cursor.ts';
import { DefinitionParser } from './parser-definitions.ts';
import { END, INDENT, NEWLINE, SEMI } from './tokens.ts';

/** Text read again behind brackets and strings that were never closed, as a multiple of the text's length. */
const REREAD_FACTOR = 3;
const REREAD_FLOOR = 100_000;
/** Statements and pieces that cannot be read, before the rest is not tried: no Python runs such a file. */
const MAX_FAILURES = 20_000;

class PythonParser extends DefinitionParser {
  private reread = 0;
  /** index of the first token of the statement that is being read, in the current logical line */
  private statementAt = 0;

  run(): ParseResult {
    const body: Stmt[] = [];
    this.nextLine();
    while (this.kind !== END) this.parseLine(body);
    return this.resultOf(body);
  }

  resultOf(body: readonly Stmt[]): ParseResult {
    const { tokens } = this;
    const errors = [...tokens.problems, ...this.errors].sort((a, b) => a.line - b.line);
    errors.splice(this.limits.maxErrors);
    return {
      module: { kind: 'Module', start: 0, end: this.text.length, line: 1, body },
      errors,
      isPython2: this.isPython2 || tokens.isPython2,
      exhausted: this.exhausted || tokens.exhausted,
      gaps: tokens.gaps,
      respelled: tokens.respelled,
    };
  }

  override nextLine(): void {
    super.nextLine();
    this.statementAt = 0;
  }

  protected override parseLine(body: Stmt[]): void {
    const { depth } = this;
    if (this.kind === INDENT) {
      this.report('unexpected indent');
      this.parseIndented(body);
      return;
    }
    this.statementAt = this.at;
    try {
      if (!this.parseCompound(body)) this.parseSimpleLine(body);
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error;
      this.depth = depth;
      this.recover(body);
    }
  }

  protected override parseSimpleLine(body: Stmt[]): void {
    for (;;) {
      this.statementAt = this.at;
      body.push(this.parseSimpleStatement());
      this.statementAt = this.at; // should junk follow, the statement before it stands
      if (this.kind === SEMI) this.advance();
      else if (this.kind !== NEWLINE) this.fail();
      if (this.kind === NEWLINE) break;
    }
    this.nextLine();
  }

  /** Saves what is whole in a broken line and goes on behind it, or behind its first physical line. */
  private recover(body: Stmt[]): void {
    const { tokens } = this;
    if (++this.failures > MAX_FAILURES) {
      tokens.stop();
      this.nextLine();
      return;
    }
    const isTorn = tokens.breakdown !== 'none' && tokens.resumeAt >= 0 && this.mayReread();
    this.salvage(body, isTorn ? tokens.resumeAt : this.text.length);
    if (isTorn) {
      this.reread += tokens.position - tokens.resumeAt;
      tokens.restart(tokens.resumeAt, tokens.resumeLine);
    }
    this.nextLine();
  }

  private mayReread(): boolean {
    if (this.reread <= this.text.length * REREAD_FACTOR + REREAD_FLOOR) return true;
    this.exhausted = true;
    return false;
  }

  /** Reads the statement's tokens as expressions, wherever one begins, and keeps those that end before `limit`. */
  private salvage(body: Stmt[], limit: number): void {
    const { depth } = this;
    this.goTo(this.statementAt);
    while (this.kind !== NEWLINE && this.kind !== END && this.failures <= MAX_FAILURES) {
      const before = this.at;
      if (!startsExpression(this.kind)) {
        this.skip();
        continue;
      }
      for (const value of this.readPieces()) {
        const { start, end, line } = value;
        if (end <= limit) body.push({ kind: 'Expr', start, end, line, value });
      }
      this.depth = depth;
      if (this.at === before) this.skip();
    }
  }

  /** The expression at the cursor, or what was whole of it; the cursor stops where reading stopped. */
  private readPieces(): readonly Expr[] {
    const saved: Expr[] = [];
    this.saved = saved;
    try {
      const whole = this.parseExpressionList();
      return whole.kind === 'Name' ? [] : [whole];
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error;
      this.failures++;
      return saved;
    } finally {
      this.saved = undefined;
    }
  }
}

/**
 * Reads Python source of any version, without running or importing anything.
 *
 * Never throws and takes linear time. A logical line that cannot be read is reported in `errors`; the calls and strings
 * that are whole in it are kept as expression statements, and reading goes on at the next line (or, where a bracket or a
 * triple-quoted string was never closed, at the next physical line).
 *
 * @param text decoded source (source.ts); a leading BOM, CR LF, CR, form feeds and tabs are read as Python reads them
 */
export function parsePython(text: string, limits: ParseLimits = DEFAULT_PARSE_LIMITS): ParseResult {
  const parser = new PythonParser(text, limits);
  try {
    return parser.run();
  } catch (error) {
    // the nesting limit keeps the stack small; a caller that has used it up already must still hear "exhausted"
    if (!(error instanceof RangeError)) throw error;
    parser.exhausted = true;
    parser.report('the parser ran out of stack', 0);
    return parser.resultOf([]);
  }
}
