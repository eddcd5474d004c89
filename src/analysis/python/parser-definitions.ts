// Owns functions, classes, decorators and match, and tells compound statements from simple ones.
// May import parser-blocks.ts, operators.ts, tokens.ts, ast.ts, lists.ts. Start at parseCompound.
import type { Expr, Keyword, MatchCase, Stmt } from './ast.ts';
import { trimmed } from './lists.ts';
import { startsExpression } from './operators.ts';
import { BlockParser } from './parser-blocks.ts';
import {
  ARROW,
  ASYNC,
  AT,
  CLASS,
  COLON,
  COMMA,
  DEDENT,
  DEF,
  END,
  FOR,
  ID_CASE,
  ID_MATCH,
  IF,
  INDENT,
  LPAR,
  NAME,
  NEWLINE,
  RPAR,
  TRY,
  WHILE,
  WITH,
} from './tokens.ts';

export abstract class DefinitionParser extends BlockParser {
  /** Parses the statement at the cursor when it is a compound one; false when it is not. */
  protected parseCompound(body: Stmt[]): boolean {
    switch (this.kind) {
      case DEF:
        body.push(this.parseFunction([], false));
        return true;
      case CLASS:
        body.push(this.parseClassStatement([]));
        return true;
      case IF:
        body.push(this.parseIf());
        return true;
      case FOR:
        body.push(this.parseFor(false));
        return true;
      case WHILE:
        body.push(this.parseWhile());
        return true;
      case TRY:
        body.push(this.parseTry());
        return true;
      case WITH:
        body.push(this.parseWith(false));
        return true;
      case AT:
        this.parseDecorated(body);
        return true;
      case ASYNC:
        return this.parseAsync(body);
      case NAME:
        if (this.nameId !== ID_MATCH || !this.isMatch()) return false;
        this.parseMatch(body);
        return true;
      default:
        return false;
    }
  }

  // ── match ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** `match` is a name unless its line ends in a colon, as no other line that begins with a name does. */
  private isMatch(): boolean {
    const { kinds, count } = this.tokens;
    return startsExpression(this.nextKind) && kinds[count - 2] === COLON && count - 2 > this.at + 1;
  }

  private parseMatch(body: Stmt[]): void {
    const { start, line } = this;
    this.advance();
    const from = this.start;
    const first = this.parseStarOrNamed();
    const subject = this.kind === COMMA ? this.parseTupleRest(first, from, line) : first;
    this.expect(COLON);
    if (this.kind !== NEWLINE) this.fail();
    this.enter();
    this.nextLine();
    const cases: MatchCase[] = [];
    const strays: Stmt[] = [];
    if (this.kind === INDENT) this.parseCases(cases, strays);
    else this.report('expected an indented block');
    this.depth--;
    body.push({ kind: 'Match', start, end: this.lastEnd, line, subject, cases }, ...strays.slice(0, 10_000));
  }

  private parseCases(cases: MatchCase[], strays: Stmt[]): void {
    this.skip();
    while (this.kind !== DEDENT && this.kind !== END) {
      const isCase = this.kind === NAME && this.nameId === ID_CASE;
      const matchCase = isCase ? this.attempt(() => this.parseCase()) : undefined;
      if (matchCase === undefined) this.parseLine(strays);
      else cases.push(matchCase);
    }
    if (this.kind === DEDENT) this.skip();
  }

  private parseCase(): MatchCase {
    const { start, line } = this;
    this.advance();
    const pattern = this.parsePatterns();
    let guard: Expr | undefined;
    if (this.kind === IF) {
      this.advance();
      guard = this.parseNamedExpression();
    }
    const body = this.parseBlock();
    return { kind: 'match_case', start, end: this.lastEnd, line, pattern, guard, body };
  }

  // ── definitions ─────────────────────────────────────────────────────────────────────────────────────────────────

  private parseAsync(body: Stmt[]): boolean {
    switch (this.nextKind) {
      case DEF:
        body.push(this.parseFunction([], true));
        return true;
      case FOR:
        body.push(this.parseFor(true));
        return true;
      case WITH:
        body.push(this.parseWith(true));
        return true;
      default:
        return false;
    }
  }

  private parseDecorated(body: Stmt[]): void {
    const decorators: Expr[] = [];
    while (this.kind === AT) {
      this.advance();
      decorators.push(this.parseNamedExpression());
      if (this.kind !== NEWLINE) this.fail();
      this.nextLine();
    }
    if (this.kind === DEF) body.push(this.parseFunction(trimmed(decorators), false));
    else if (this.kind === ASYNC && this.nextKind === DEF) body.push(this.parseFunction(trimmed(decorators), true));
    else if (this.kind === CLASS) body.push(this.parseClassStatement(trimmed(decorators)));
    else {
      this.report('a decorator must stand before a function or a class');
      for (const value of decorators)
        body.push({ kind: 'Expr', start: value.start, end: value.end, line: value.line, value });
    }
  }

  private parseFunction(decorator_list: readonly Expr[], isAsync: boolean): Stmt {
    const { start, line } = this;
    if (isAsync) this.advance();
    this.advance();
    const name = this.expectName();
    const type_params = this.parseTypeParameters();
    this.expect(LPAR);
    const args = this.parseParameters(RPAR, true);
    const { unpacked } = this;
    this.expect(RPAR);
    let returns: Expr | undefined;
    if (this.kind === ARROW) {
      this.advance();
      returns = this.parseExpressionList();
    }
    const block = this.parseBlock();
    const body = unpacked.length === 0 ? block : [...unpacked, ...block];
    const kind = isAsync ? 'AsyncFunctionDef' : 'FunctionDef';
    return { kind, start, end: this.lastEnd, line, name, args, body, decorator_list, returns, type_params };
  }

  private parseClassStatement(decorator_list: readonly Expr[]): Stmt {
    const { start, line } = this;
    this.advance();
    const name = this.expectName();
    const type_params = this.parseTypeParameters();
    const bases: Expr[] = [];
    const keywords: Keyword[] = [];
    if (this.kind === LPAR) {
      this.enter();
      this.advance();
      this.parseArguments(bases, keywords);
      this.expect(RPAR);
      this.depth--;
    }
    const body = this.parseBlock();
    return {
      kind: 'ClassDef',
      start,
      end: this.lastEnd,
      line,
      name,
      bases: trimmed(bases),
      keywords: trimmed(keywords),
      body,
      decorator_list,
      type_params,
    };
  }
}
