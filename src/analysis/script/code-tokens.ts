// Owns cutting JavaScript and VBScript into tokens. May import lexer.ts, string-folding.ts (types). Start at tokenizeJavaScript.
import { ScriptLexer } from './lexer.ts';
import type { Token } from './string-folding.ts';

export interface CodeTokens {
  readonly tokens: readonly Token[];
  readonly isTruncated: boolean;
}

const MAX_BRACKETS = 10_000;
const SIMPLE: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  '0': '\0',
  '\n': '',
};
/** Words behind which a slash begins a regular expression. */
const BEFORE_PATTERN = /^(?:return|typeof|case|in|of|delete|void|throw|new|do|else|await|yield)$/;

class JavaScriptLexer extends ScriptLexer {
  private brackets = 0;

  protected step(c: string): void {
    const next = this.text[this.at + 1];
    if (c === '\n') {
      // inside brackets a statement goes on
      if (this.brackets === 0) this.push('mark', '\n');
      this.newLine();
    } else if (/\s/.test(c)) this.at++;
    else if (c === '/' && next === '/') this.take(/[^\n]*/y);
    else if (c === '/' && next === '*') this.comment();
    else if (c === '"' || c === "'") this.quoted(c);
    else if (c === '`') this.template();
    else if (c === '/' && this.isPattern()) this.pattern();
    else if (/[A-Za-z_$\u0080-\uffff]/.test(c)) this.push('word', this.take(/[\w$\u0080-\uffff]+/y));
    else if (c === '\\') this.push('word', readEscapes(this.take(/(?:\\u\{?[\da-fA-F]{1,6}\}?|\\)[\w$]*/y)));
    else if (c >= '0' && c <= '9') this.push('number', this.take(/0x[\da-f]+n?|[\d_]+(?:\.\d*)?(?:e[+-]?\d+)?n?/iy));
    else this.mark(c);
  }

  private mark(c: string): void {
    if (c === '(' || c === '[') this.brackets++;
    else if ((c === ')' || c === ']') && this.brackets > 0) this.brackets--;
    if (this.brackets > MAX_BRACKETS) this.brackets = 0;
    if (c === '{' || c === '}') this.brackets = 0;
    const isEnd = c === ';' || c === '{' || c === '}';
    this.push('mark', this.take(isEnd ? /[;{}]/y : /=>|===?|!==?|\+\+|--|&&|\|\||\?\?|\+=|[\s\S]/y));
    if (isEnd) this.push('mark', '\n');
  }

  private comment(): void {
    const end = this.text.indexOf('*/', this.at + 2);
    const stop = end < 0 ? this.text.length : end + 2;
    for (; this.at < stop; this.at++) if (this.text[this.at] === '\n') this.line++;
  }

  private quoted(quote: string): void {
    const { line, text } = this;
    const start = ++this.at;
    let isEscaped = false;
    while (this.at < text.length && text[this.at] !== quote && text[this.at] !== '\n') {
      if (text[this.at] === '\\') {
        isEscaped = true;
        this.at++;
        if (text[this.at] === '\n') this.line++;
      }
      this.at++;
    }
    const body = text.slice(start, this.at);
    if (text[this.at] === quote) this.at++;
    this.push('string', isEscaped ? readEscapes(body) : body, line);
  }

  /** A template is a string; its holes stay as `${…}`. */
  private template(): void {
    const { line, text } = this;
    const start = ++this.at;
    while (this.at < text.length && text[this.at] !== '`') {
      if (text[this.at] === '\\') this.at++;
      if (text[this.at] === '\n') this.line++;
      this.at++;
    }
    this.push('string', readEscapes(text.slice(start, this.at)), line);
    this.at++;
  }

  private isPattern(): boolean {
    const last = this.tokens[this.tokens.length - 1];
    if (last === undefined) return true;
    if (last.type === 'word') return BEFORE_PATTERN.test(last.text);
    return last.type === 'mark' && !/^(?:\)|\]|\}|\+\+|--)$/.test(last.text);
  }

  private pattern(): void {
    const { text } = this;
    let isClass = false;
    let at = this.at + 1;
    for (; at < text.length && text[at] !== '\n'; at++) {
      if (text[at] === '\\') at++;
      else if (text[at] === '[') isClass = true;
      else if (text[at] === ']') isClass = false;
      else if (text[at] === '/' && !isClass) break;
    }
    if (text[at] !== '/') {
      this.mark('/');
      return;
    }
    this.push('word', text.slice(this.at, at + 1));
    this.at = at + 1;
    this.take(/[a-z]*/y);
  }
}

/** `\x41`, `\u0041`, `\u{41}`, `\101` and the simple ones. */
function readEscapes(text: string): string {
  return text.replaceAll(
    /\\(?:x([\da-fA-F]{2})|u\{([\da-fA-F]{1,6})\}|u([\da-fA-F]{4})|([0-3]?[0-7]{1,2})|([\s\S]))/g,
    (_all, ...groups: (string | undefined)[]) => {
      const [hex, braced, unicode, octal, simple] = groups;
      if (simple !== undefined) return SIMPLE[simple] ?? simple;
      const value =
        octal === undefined ? Number.parseInt(hex ?? braced ?? unicode ?? '', 16) : Number.parseInt(octal, 8);
      return value <= 0x10ffff ? String.fromCodePoint(value) : '';
    },
  );
}

class VbScriptLexer extends ScriptLexer {
  protected step(c: string): void {
    if (c === '\n') {
      this.push('mark', '\n');
      this.newLine();
    } else if (c === ' ' || c === '\t' || c === '\r') this.at++;
    else if (c === "'" || this.isRemark()) this.take(/[^\n]*/y);
    else if (c === '_' && /^_[ \t]{0,40}\r?\n/.test(this.text.slice(this.at, this.at + 44))) {
      this.take(/_[ \t\r]*/y);
      this.newLine();
    } else if (c === '"') this.quoted();
    else if (/[A-Za-z_]/.test(c)) this.push('word', this.take(/\w+\$?/y));
    else if (c === '&' && /[hH]/.test(this.text[this.at + 1] ?? ''))
      this.push('number', `0x${this.take(/&h[\da-f]*&?/iy).replaceAll(/&h?/gi, '')}`);
    else if (c >= '0' && c <= '9') this.push('number', this.take(/[\d.]+/y));
    else if (c === ':') {
      this.push('mark', '\n');
      this.at++;
    } else {
      this.push('mark', c);
      this.at++;
    }
  }

  private isRemark(): boolean {
    const last = this.tokens[this.tokens.length - 1];
    return (last === undefined || last.text === '\n') && /^rem\b/i.test(this.text.slice(this.at, this.at + 4));
  }

  private quoted(): void {
    const { line } = this;
    const raw = this.take(/"(?:[^"\n]|"")*"?/y);
    this.push('string', raw.slice(1, raw.endsWith('"') && raw.length > 1 ? -1 : undefined).replaceAll('""', '"'), line);
  }
}

/** Cuts JavaScript into tokens; line ends, `;`, `{` and `}` end statements. Never throws; linear. */
export function tokenizeJavaScript(text: string, line: number): CodeTokens {
  const lexer = new JavaScriptLexer(text, line);
  const isTruncated = lexer.run();
  return { tokens: lexer.tokens, isTruncated };
}

/** Cuts VBScript into tokens; line ends and `:` end statements, ` _` continues them. Never throws; linear. */
export function tokenizeVbScript(text: string, line: number): CodeTokens {
  const lexer = new VbScriptLexer(text, line);
  const isTruncated = lexer.run();
  return { tokens: lexer.tokens, isTruncated };
}
