// Owns statements with a block: if, for, while, try, with.
// May import parser-statements.ts, operators.ts, targets.ts, tokens.ts, ast.ts, lists.ts. Start at parseBlock.
import type { ExceptHandler, Expr, Stmt, WithItem } from './ast.ts';
import { trimmed } from './lists.ts';
import { StatementParser } from './parser-statements.ts';
import { setContext } from './targets.ts';
import {
  AS,
  COLON,
  COMMA,
  DEDENT,
  ELIF,
  ELSE,
  END,
  EXCEPT,
  FINALLY,
  IN,
  INDENT,
  LBRACE,
  LPAR,
  LSQB,
  NEWLINE,
  RBRACE,
  RPAR,
  RSQB,
  STAR,
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

  /** A colon and what belongs to it: the rest of the line, or the indented lines. */
  protected parseBlock(): readonly Stmt[] {
    this.expect(COLON);
    const body: Stmt[] = [];
    this.enter();
    if (this.kind === NEWLINE) {
      this.nextLine();
      if (this.kind === INDENT) this.parseIndented(body);
      else this.report('expected an indented block');
    } else this.parseSimpleLine(body);
    this.depth--;
    return trimmed(body);
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

  protected parseIf(): Stmt {
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

  protected parseWhile(): Stmt {
    const { start, line } = this;
    this.advance();
    const test = this.parseNamedExpression();
    const body = this.parseBlock();
    const orelse = this.parseTail(ELSE);
    return { kind: 'While', start, end: this.lastEnd, line, test, body, orelse };
  }

  protected parseFor(isAsync: boolean): Stmt {
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

  protected parseTry(): Stmt {
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
    const end = this.lastEnd;
    const kind = isStar ? 'TryStar' : 'Try';
    return { kind, start, end, line, body, handlers: trimmed(handlers), orelse, finalbody };
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

  protected parseWith(isAsync: boolean): Stmt {
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

  private parseBracketedItems(): readonly WithItem[] {
    this.enter();
    this.advance();
    const items = this.parseItems(RPAR);
    this.expect(RPAR);
    if (this.kind !== COLON) this.fail();
    this.depth--;
    return items;
  }

  private parseItems(end: number): readonly WithItem[] {
    const items: WithItem[] = [];
    do {
      if (items.length > 0) this.advance();
      if (items.length > 0 && this.kind === end) break;
      items.push(this.parseItem());
    } while (this.kind === COMMA);
    return trimmed(items);
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
