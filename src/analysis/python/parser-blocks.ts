// Owns statements with a block: if, for, while, try, with, match, def, class, decorators.
// May import parser-statements.ts, tokens.ts, ast.ts. Start at parseCompound.
import type { ExceptHandler, Expr, Keyword, MatchCase, Stmt, WithItem } from './ast.ts';
import { setContext, startsExpression } from './parser-expressions.ts';
import { StatementParser } from './parser-statements.ts';
import {
  ARROW,
  AS,
  ASYNC,
  AT,
  CLASS,
  COLON,
  COMMA,
  DEDENT,
  DEF,
  ELIF,
  ELSE,
  END,
  EXCEPT,
  FINALLY,
  FOR,
  ID_CASE,
  ID_MATCH,
  IF,
  IN,
  INDENT,
  LBRACE,
  LPAR,
  LSQB,
  NAME,
  NEWLINE,
  RBRACE,
  RPAR,
  RSQB,
  STAR,
  TRY,
  WHILE,
  WITH,
} from './tokens.ts';

const NO_STATEMENTS: readonly Stmt[] = [];

interface Branch {
  readonly start: number;
  readonly line: number;
  readonly test: Expr;
  readonly body: readonly Stmt[];
}

export abstract class BlockParser extends StatementParser {
  /** One line's statement with its blocks, or several simple ones; never fails. */
  protected abstract parseLine(body: Stmt[]): void;
  /** Simple statements up to the end of the line. */
  protected abstract parseSimpleLine(body: Stmt[]): void;

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

  // ── blocks ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A colon and what belongs to it: the rest of the line, or the indented lines. */
  private parseBlock(): Stmt[] {
    this.expect(COLON);
    const body: Stmt[] = [];
    this.enter();
    if (this.kind === NEWLINE) {
      this.nextLine();
      if (this.kind === INDENT) this.parseIndented(body);
      else this.report('expected an indented block');
    } else this.parseSimpleLine(body);
    this.depth--;
    return body;
  }

  protected parseIndented(body: Stmt[]): void {
    this.skip();
    while (this.kind !== DEDENT && this.kind !== END) this.parseLine(body);
    if (this.kind === DEDENT) this.skip();
  }

  /** The block behind `else` or `finally` where it stands; a broken one is left to be read as a line of its own. */
  private parseTail(kind: number): readonly Stmt[] {
    if (this.kind !== kind) return NO_STATEMENTS;
    const body = this.attempt(() => {
      this.advance();
      return this.parseBlock();
    });
    return body ?? NO_STATEMENTS;
  }

  private parseIf(): Stmt {
    const branches = [this.parseBranch()];
    while (this.kind === ELIF) {
      const branch = this.attempt(() => this.parseBranch());
      if (branch === undefined) break;
      branches.push(branch);
    }
    let orelse = this.parseTail(ELSE);
    const end = this.lastEnd;
    // from the last `elif` outwards, for there may be thousands
    for (let i = branches.length - 1; i > 0; i--) orelse = [ifOf(branches[i]!, orelse, end)];
    return ifOf(branches[0]!, orelse, end);
  }

  private parseBranch(): Branch {
    const { start, line } = this;
    this.advance();
    const test = this.parseNamedExpression();
    const body = this.parseBlock();
    return { start, line, test, body };
  }

  private parseWhile(): Stmt {
    const { start, line } = this;
    this.advance();
    const test = this.parseNamedExpression();
    const body = this.parseBlock();
    const orelse = this.parseTail(ELSE);
    return { kind: 'While', start, end: this.lastEnd, line, test, body, orelse };
  }

  private parseFor(isAsync: boolean): Stmt {
    const { start, line } = this;
    if (isAsync) this.advance();
    this.advance();
    const target = this.parseTargets('Store');
    this.expect(IN);
    const iter = this.parseExpressionList();
    const body = this.parseBlock();
    const orelse = this.parseTail(ELSE);
    return { kind: isAsync ? 'AsyncFor' : 'For', start, end: this.lastEnd, line, target, iter, body, orelse };
  }

  // ── try ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  private parseTry(): Stmt {
    const { start, line } = this;
    this.advance();
    const body = this.parseBlock();
    const handlers: ExceptHandler[] = [];
    let isStar = false;
    while (this.kind === EXCEPT) {
      if (this.nextKind === STAR) isStar = true;
      const handler = this.attempt(() => this.parseHandler());
      if (handler === undefined) break;
      handlers.push(handler);
    }
    const orelse = this.parseTail(ELSE);
    const finalbody = this.parseTail(FINALLY);
    return { kind: isStar ? 'TryStar' : 'Try', start, end: this.lastEnd, line, body, handlers, orelse, finalbody };
  }

  private parseHandler(): ExceptHandler {
    const { start, line } = this;
    this.advance();
    if (this.kind === STAR) this.advance();
    let type: Expr | undefined;
    let name: string | undefined;
    if (this.kind !== COLON) {
      const from = this.start;
      type = this.parseExpression();
      if (this.kind === AS) {
        this.advance();
        if (this.kind === LPAR)
          this.parseTarget(); // Python 2 unpacked the exception here
        else name = this.expectName();
      } else if (this.kind === COMMA) {
        const types = this.parseTupleRest(type, from, line);
        if (types.kind === 'Tuple') {
          name = nameOfPython2(types.elts);
          if (name === undefined) type = types;
          else this.isPython2 = true;
        }
      }
    }
    const body = this.parseBlock();
    return { kind: 'ExceptHandler', start, end: this.lastEnd, line, type, name, body };
  }

  // ── with ────────────────────────────────────────────────────────────────────────────────────────────────────────

  private parseWith(isAsync: boolean): Stmt {
    const { start, line } = this;
    if (isAsync) this.advance();
    this.advance();
    const bracketed =
      this.kind === LPAR && this.isBracketWhole() ? this.attempt(() => this.parseBracketedItems()) : undefined;
    const items = bracketed ?? this.parseItems(COLON);
    const body = this.parseBlock();
    return { kind: isAsync ? 'AsyncWith' : 'With', start, end: this.lastEnd, line, items, body };
  }

  /** Does a colon follow the parenthesis that closes the one at the cursor? */
  private isBracketWhole(): boolean {
    const { kinds, count } = this.tokens;
    let open = 0;
    for (let i = this.at; i < count; i++) {
      const kind = kinds[i];
      if (kind === LPAR || kind === LSQB || kind === LBRACE) open++;
      else if (kind === RPAR || kind === RSQB || kind === RBRACE) {
        open--;
        if (open === 0) return kinds[i + 1] === COLON;
      }
    }
    return false;
  }

  private parseBracketedItems(): WithItem[] {
    this.enter();
    this.advance();
    const items = this.parseItems(RPAR);
    this.expect(RPAR);
    if (this.kind !== COLON) this.fail();
    this.depth--;
    return items;
  }

  private parseItems(end: number): WithItem[] {
    const items: WithItem[] = [];
    do {
      if (items.length > 0) this.advance();
      if (items.length > 0 && this.kind === end) break;
      items.push(this.parseItem());
    } while (this.kind === COMMA);
    return items;
  }

  private parseItem(): WithItem {
    const { start, line } = this;
    const context_expr = this.parseExpression();
    let optional_vars: Expr | undefined;
    if (this.kind === AS) {
      this.advance();
      optional_vars = this.parseTarget();
      setContext(optional_vars, 'Store');
    }
    return { kind: 'withitem', start, end: this.lastEnd, line, context_expr, optional_vars };
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
    if (this.kind === DEF) body.push(this.parseFunction(decorators, false));
    else if (this.kind === ASYNC && this.nextKind === DEF) body.push(this.parseFunction(decorators, true));
    else if (this.kind === CLASS) body.push(this.parseClassStatement(decorators));
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
    const fields = { name, args, body, decorator_list, returns, type_params };
    return { kind: isAsync ? 'AsyncFunctionDef' : 'FunctionDef', start, end: this.lastEnd, line, ...fields };
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
      bases,
      keywords,
      body,
      decorator_list,
      type_params,
    };
  }
}

function ifOf(branch: Branch, orelse: readonly Stmt[], end: number): Stmt {
  const { start, line, test, body } = branch;
  return { kind: 'If', start, end, line, test, body, orelse };
}

/**
 * The `e` of `except E, e`. Since Python 3.14 the same words mean `except (E, e)`: a second name in lower case is taken
 * for Python 2's variable, another for a class.
 */
function nameOfPython2(elements: readonly Expr[]): string | undefined {
  const second = elements[1];
  if (elements.length !== 2 || second?.kind !== 'Name') return undefined;
  return second.id === second.id.toLowerCase() ? second.id : undefined;
}
