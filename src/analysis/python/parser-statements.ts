// Owns statements of one logical line: assignments, and Python 2's print, exec and raise.
// May import parser-imports.ts, operators.ts, targets.ts, tokens.ts, ast.ts, lists.ts. Start at parseSimpleStatement.
import type { Call, Expr, Keyword, Stmt } from './ast.ts';
import { trimmed } from './lists.ts';
import { operatorOf, PREC_BITOR, startsExpression } from './operators.ts';
import { ImportParser } from './parser-imports.ts';
import { setContext } from './targets.ts';
import {
  ASSERT,
  AUGMENTED,
  BREAK,
  COLON,
  COMMA,
  CONTINUE,
  DEL,
  EQUAL,
  FIRST_AUGMENTED,
  FROM,
  GLOBAL,
  ID_EXEC,
  ID_PRINT,
  ID_TYPE,
  IMPORT,
  IN,
  LAST_AUGMENTED,
  LPAR,
  LSQB,
  MINUS,
  NAME,
  NONLOCAL,
  NOT,
  PASS,
  PLUS,
  RAISE,
  RETURN,
  RSHIFT,
  STAR,
} from './tokens.ts';

export abstract class StatementParser extends ImportParser {
  /** One statement up to its `;` or the end of the line (not consumed). */
  protected parseSimpleStatement(): Stmt {
    const { start, line } = this;
    switch (this.kind) {
      case NAME:
        return this.parseNameStatement();
      case IMPORT:
        return this.parseImport();
      case FROM:
        return this.parseImportFrom();
      case RETURN: {
        this.advance();
        const value = startsExpression(this.kind) ? this.parseExpressionList() : undefined;
        return { kind: 'Return', start, end: this.lastEnd, line, value };
      }
      case PASS:
        this.advance();
        return { kind: 'Pass', start, end: this.lastEnd, line };
      case BREAK:
        this.advance();
        return { kind: 'Break', start, end: this.lastEnd, line };
      case CONTINUE:
        this.advance();
        return { kind: 'Continue', start, end: this.lastEnd, line };
      case RAISE:
        return this.parseRaise();
      case DEL:
        return this.parseDelete();
      case ASSERT:
        return this.parseAssert();
      case GLOBAL:
      case NONLOCAL:
        return this.parseScope(this.kind === GLOBAL ? 'Global' : 'Nonlocal');
      default:
        return this.parseExpressionStatement();
    }
  }

  /** Statements that begin with a name: `type X = …`, `lazy import x`, Python 2's print and exec, and the ordinary ones. */
  private parseNameStatement(): Stmt {
    const id = this.nameId;
    const next = this.nextKind;
    if (id === ID_TYPE && next === NAME) {
      const third = this.tokens.kinds[this.at + 2];
      if (third === EQUAL || third === LSQB) return this.parseTypeAlias();
    }
    if (id === ID_PRINT && (next === RSHIFT || this.isOperandOfPrint(next))) return this.parsePrint();
    if (id === ID_EXEC && next !== RSHIFT && this.isOperandOfPrint(next)) return this.parseExec();
    if (id === ID_PRINT && next === LSQB) {
      // `print [x for x in y]` is no subscript
      return this.attempt(() => this.parseExpressionStatement()) ?? this.parsePrint();
    }
    if ((next === IMPORT || next === FROM) && this.name === 'lazy') {
      this.advance();
      return next === IMPORT ? this.parseImport() : this.parseImportFrom();
    }
    return this.parseExpressionStatement();
  }

  /** Could `print <this>` be nothing but Python 2's statement? */
  private isOperandOfPrint(kind: number): boolean {
    if (kind === NOT) return this.tokens.kinds[this.at + 2] !== IN;
    return startsExpression(kind) && kind !== LPAR && kind !== LSQB && kind !== MINUS && kind !== PLUS && kind !== STAR;
  }

  private parsePrint(): Stmt {
    const { start, line } = this;
    this.isPython2 = true;
    this.advance();
    const keywords: Keyword[] = [];
    if (this.kind === RSHIFT) {
      const from = this.start;
      this.advance();
      const value = this.parseExpression();
      keywords.push({ kind: 'keyword', start: from, end: this.lastEnd, line, arg: 'file', value });
      if (this.kind === COMMA) this.advance();
    }
    const args: Expr[] = [];
    while (startsExpression(this.kind)) {
      args.push(this.parseExpression());
      if (this.kind !== COMMA) break;
      this.advance();
    }
    return this.statementOf(this.callOf('print', args, start, line, keywords));
  }

  private parseExec(): Stmt {
    const { start, line } = this;
    this.isPython2 = true;
    this.advance();
    const args = [this.parseBinary(PREC_BITOR)];
    if (this.kind === IN) {
      this.advance();
      args.push(this.parseExpression());
      if (this.kind === COMMA) {
        this.advance();
        args.push(this.parseExpression());
      }
    }
    return this.statementOf(this.callOf('exec', args, start, line));
  }

  private statementOf(value: Call): Stmt {
    const { start, end, line } = value;
    return { kind: 'Expr', start, end, line, value };
  }

  private parseTypeAlias(): Stmt {
    const { start, line } = this;
    this.advance();
    const name = this.parseName();
    setContext(name, 'Store');
    const type_params = this.parseTypeParameters();
    this.expect(EQUAL);
    const value = this.parseExpression();
    return { kind: 'TypeAlias', start, end: this.lastEnd, line, name, type_params, value };
  }

  private parseExpressionStatement(): Stmt {
    const { start, line } = this;
    const isBare = this.kind === NAME;
    const first = this.parseYieldOrList();
    const { kind } = this;
    if (kind === EQUAL) return this.parseAssignment(first, start, line);
    if (kind >= FIRST_AUGMENTED && kind <= LAST_AUGMENTED) {
      this.advance();
      setContext(first, 'Store');
      const value = this.parseYieldOrList();
      const op = operatorOf(kind - AUGMENTED);
      return { kind: 'AugAssign', start, end: this.lastEnd, line, target: first, op, value };
    }
    if (kind === COLON && isTarget(first)) {
      this.advance();
      setContext(first, 'Store');
      const annotation = this.parseExpression();
      const simple = isBare && first.kind === 'Name' ? 1 : 0;
      let value: Expr | undefined;
      if (this.kind === EQUAL) {
        this.advance();
        value = this.parseYieldOrList();
      }
      return { kind: 'AnnAssign', start, end: this.lastEnd, line, target: first, annotation, value, simple };
    }
    return { kind: 'Expr', start, end: this.lastEnd, line, value: first };
  }

  private parseAssignment(first: Expr, start: number, line: number): Stmt {
    const targets: Expr[] = [];
    let value = first;
    while (this.kind === EQUAL) {
      this.advance();
      setContext(value, 'Store');
      targets.push(value);
      value = this.parseYieldOrList();
    }
    return { kind: 'Assign', start, end: this.lastEnd, line, targets: trimmed(targets), value };
  }

  private parseRaise(): Stmt {
    const { start, line } = this;
    this.advance();
    if (!startsExpression(this.kind))
      return { kind: 'Raise', start, end: this.lastEnd, line, exc: undefined, cause: undefined };
    let exc = this.parseExpression();
    let cause: Expr | undefined;
    if (this.kind === FROM) {
      this.advance();
      cause = this.parseExpression();
    } else if (this.kind === COMMA) {
      this.isPython2 = true;
      this.advance();
      const args = [this.parseExpression()];
      if (this.kind === COMMA) {
        this.advance();
        args.push(this.parseExpression()); // the traceback
      }
      exc = { kind: 'Call', start: exc.start, end: this.lastEnd, line: exc.line, func: exc, args, keywords: [] };
    }
    return { kind: 'Raise', start, end: this.lastEnd, line, exc, cause };
  }

  private parseDelete(): Stmt {
    const { start, line } = this;
    this.advance();
    const targets: Expr[] = [];
    do {
      if (targets.length > 0) this.advance();
      if (targets.length > 0 && !startsExpression(this.kind)) break;
      const target = this.parseTarget();
      setContext(target, 'Del');
      targets.push(target);
    } while (this.kind === COMMA);
    return { kind: 'Delete', start, end: this.lastEnd, line, targets };
  }

  private parseAssert(): Stmt {
    const { start, line } = this;
    this.advance();
    const test = this.parseExpression();
    let msg: Expr | undefined;
    if (this.kind === COMMA) {
      this.advance();
      msg = this.parseExpression();
    }
    return { kind: 'Assert', start, end: this.lastEnd, line, test, msg };
  }

  private parseScope(kind: 'Global' | 'Nonlocal'): Stmt {
    const { start, line } = this;
    this.advance();
    const names = [this.expectName()];
    while (this.kind === COMMA) {
      this.advance();
      names.push(this.expectName());
    }
    return { kind, start, end: this.lastEnd, line, names };
  }
}

function isTarget(node: Expr): boolean {
  return node.kind === 'Name' || node.kind === 'Attribute' || node.kind === 'Subscript';
}
