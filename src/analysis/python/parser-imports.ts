// Owns import statements. May import parser-patterns.ts, tokens.ts, ast.ts, lists.ts. Start at parseImport, parseImportFrom.
import type { Alias, Stmt } from './ast.ts';
import { trimmed } from './lists.ts';
import { PatternParser } from './parser-patterns.ts';
import { AS, COMMA, DOT, ELLIPSIS, IMPORT, LPAR, RPAR, STAR } from './tokens.ts';

export abstract class ImportParser extends PatternParser {
  protected parseImport(): Stmt {
    const { start, line } = this;
    this.advance();
    const names = [this.parseAlias(true)];
    while (this.kind === COMMA) {
      this.advance();
      names.push(this.parseAlias(true));
    }
    return { kind: 'Import', start, end: this.lastEnd, line, names: trimmed(names) };
  }

  private parseAlias(isDotted: boolean): Alias {
    const { start, line } = this;
    const name = isDotted ? this.parseDottedName() : this.expectName();
    let asname: string | undefined;
    if (this.kind === AS) {
      this.advance();
      asname = this.expectName();
    }
    return { kind: 'alias', start, end: this.lastEnd, line, name, asname };
  }

  private parseDottedName(): string {
    let name = this.expectName();
    if (this.kind !== DOT) return name;
    const parts = [name];
    while (this.kind === DOT) {
      this.advance();
      parts.push(this.expectName());
    }
    name = parts.join('.');
    return name;
  }

  protected parseImportFrom(): Stmt {
    const { start, line } = this;
    this.advance();
    let level = 0;
    while (this.kind === DOT || this.kind === ELLIPSIS) {
      level += this.kind === DOT ? 1 : 3;
      this.advance();
    }
    const module = level > 0 && this.kind === IMPORT ? undefined : this.parseDottedName();
    this.expect(IMPORT);
    const names = this.parseImportedNames();
    return { kind: 'ImportFrom', start, end: this.lastEnd, line, module, names, level };
  }

  private parseImportedNames(): readonly Alias[] {
    const { start, line } = this;
    if (this.kind === STAR) {
      this.advance();
      return [{ kind: 'alias', start, end: this.lastEnd, line, name: '*', asname: undefined }];
    }
    const isBracketed = this.kind === LPAR;
    if (isBracketed) this.advance();
    const names = [this.parseAlias(false)];
    while (this.kind === COMMA) {
      this.advance();
      if (isBracketed && this.kind === RPAR) break;
      names.push(this.parseAlias(false));
    }
    if (isBracketed) this.expect(RPAR);
    return trimmed(names);
  }
}
