// Owns one word of shell text: quotes, escapes, variables, substitutions. Imports nothing. Start at readWord.

/** Text made by expanding variables, all words together: a constant that doubles itself stops somewhere. */
const MAX_EXPANDED = 5_000_000;
/** Stands for an unquoted `$IFS` until the word is whole. */
export const FIELD_SEPARATOR = '\x01';
const OPERATORS = new Set([';', '&', '|', '(', ')', '\n']);

const ANSI_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  e: '\x1b',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** What a script and everything nested in it share. */
export interface ShellContext {
  readonly variables: Map<string, string>;
  /** characters made by expansion so far */
  expanded: number;
}

export abstract class ShellWords {
  isTruncated = false;
  /** command names hidden by quotes, backslashes and the like */
  disguised = 0;
  protected readonly text: string;
  protected readonly context: ShellContext;
  protected at = 0;
  protected line: number;

  constructor(text: string, line: number, context: ShellContext) {
    this.text = text;
    this.line = line;
    this.context = context;
  }

  /** Called where quotes or backslashes stand in a word that began at `start`. */
  protected abstract noteDisguise(start: number): void;

  /** Reads `$(…)`, `` `…` `` or `<(…)` whose inside begins `opening` characters further on; gives what stands for it. */
  protected abstract readSubstitution(opening: number, close: string): string;

  protected readWord(): string {
    const { text } = this;
    const parts: string[] = [];
    const start = this.at;
    while (this.at < text.length) {
      const c = text[this.at]!;
      if (c === ' ' || c === '\t' || c === '\r' || OPERATORS.has(c)) break;
      if ((c === '<' || c === '>') && (text[this.at + 1] !== '(' || this.at > start)) break;
      parts.push(this.readPiece(c, start));
    }
    return parts.join('');
  }

  private readPiece(c: string, start: number): string {
    const { text } = this;
    switch (c) {
      case '<':
      case '>':
        this.at++;
        return `${c}${this.readSubstitution(1, ')')}`;
      case "'": {
        this.noteDisguise(start);
        const end = text.indexOf("'", this.at + 1);
        const stop = end < 0 ? text.length : end;
        const quoted = text.slice(this.at + 1, stop);
        this.countLines(quoted);
        this.at = stop + 1;
        return quoted;
      }
      case '"':
        this.noteDisguise(start);
        this.at++;
        return this.readDoubleQuoted();
      case '`':
        return this.readSubstitution(1, '`');
      case '$':
        return this.readDollar(false);
      case '\\': {
        const escaped = text[this.at + 1] ?? '';
        if (/\w/.test(escaped)) this.noteDisguise(start);
        this.at += 2;
        if (escaped !== '\n') return escaped;
        this.line++;
        return '';
      }
      default: {
        const from = this.at;
        while (this.at < text.length && !/[\s'"`$\\|&;()<>]/.test(text[this.at]!)) this.at++;
        if (this.at === from) this.at++;
        return text.slice(from, this.at);
      }
    }
  }

  protected countLines(text: string): void {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.line++;
  }

  private readDoubleQuoted(): string {
    const { text } = this;
    const parts: string[] = [];
    while (this.at < text.length) {
      const c = text[this.at]!;
      if (c === '"') {
        this.at++;
        break;
      }
      if (c === '\\') {
        const escaped = text[this.at + 1] ?? '';
        parts.push('$`"\\'.includes(escaped) ? escaped : escaped === '\n' ? '' : `\\${escaped}`);
        if (escaped === '\n') this.line++;
        this.at += 2;
      } else if (c === '$') parts.push(this.readDollar(true));
      else if (c === '`') parts.push(this.readSubstitution(1, '`'));
      else {
        const from = this.at;
        while (this.at < text.length && !'"\\$`'.includes(text[this.at]!)) {
          if (text[this.at] === '\n') this.line++;
          this.at++;
        }
        parts.push(text.slice(from, this.at));
      }
    }
    return parts.join('');
  }

  private readDollar(isQuoted: boolean): string {
    const { text } = this;
    const next = text[this.at + 1];
    if (next === '(') return this.readSubstitution(2, ')');
    if (next === "'" && !isQuoted) return this.readAnsi();
    if (next === '{') {
      const end = text.indexOf('}', this.at);
      const stop = end < 0 ? text.length : end;
      const inner = text.slice(this.at + 2, stop);
      this.at = stop + 1;
      return this.expand(inner, isQuoted);
    }
    const name = /^[A-Za-z_]\w{0,80}|^[0-9@*#?$!-]/.exec(text.slice(this.at + 1, this.at + 83))?.[0];
    if (name === undefined) {
      this.at++;
      return '$';
    }
    this.at += 1 + name.length;
    return this.expand(name, isQuoted);
  }

  private expand(inner: string, isQuoted: boolean): string {
    if (inner === 'IFS') return isQuoted ? ' ' : FIELD_SEPARATOR;
    const [, name = inner, rest = ''] = /^(\w{1,81})([\s\S]*)$/.exec(inner) ?? [];
    const value = this.context.variables.get(name);
    if (value === undefined)
      return rest.startsWith(':-') ? rest.slice(2) : `\${${inner}}`.replace(/^\$\{(\w+)\}$/, '$$$1');
    const cut = /^:(-?\d{1,9})(?::(\d{1,9}))?$/.exec(rest);
    const shown =
      cut === null
        ? value
        : value.slice(Number(cut[1]), cut[2] === undefined ? undefined : Number(cut[1]) + Number(cut[2]));
    if (cut !== null) this.disguised++;
    this.context.expanded += shown.length;
    if (this.context.expanded > MAX_EXPANDED) {
      this.isTruncated = true;
      return `$${name}`;
    }
    return isQuoted ? shown : shown.replaceAll(' ', '\0');
  }

  private readAnsi(): string {
    const { text } = this;
    const parts: string[] = [];
    this.at += 2;
    this.disguised++;
    while (this.at < text.length && text[this.at] !== "'") {
      if (text[this.at] !== '\\') {
        parts.push(text[this.at++]!);
        continue;
      }
      const match = /^\\(?:x([\da-fA-F]{1,2})|u([\da-fA-F]{1,4})|([0-7]{1,3})|([\s\S]))/.exec(
        text.slice(this.at, this.at + 6),
      );
      const [all = '\\', hex, unicode, octal, simple] = match ?? [];
      if (simple !== undefined) parts.push(ANSI_ESCAPES[simple] ?? all);
      else
        parts.push(
          String.fromCharCode(
            octal === undefined ? Number.parseInt(hex ?? unicode ?? '0', 16) : Number.parseInt(octal, 8),
          ),
        );
      this.at += all.length;
    }
    this.at++;
    return parts.join('');
  }

  /** Text up to the closing character, brackets and quotes balanced. */
  protected skipBalanced(start: number, close: string): string {
    const { text } = this;
    let depth = 0;
    for (let at = start; at < text.length; at++) {
      const c = text[at]!;
      if (c === '\\') at++;
      else if (c === close && depth === 0) return text.slice(start, at);
      else if (close === ')' && c === '(') depth++;
      else if (close === ')' && c === ')') depth--;
      else if (c === "'" && close === ')') {
        const end = text.indexOf("'", at + 1);
        if (end > 0) at = end;
      }
    }
    return text.slice(start);
  }
}
