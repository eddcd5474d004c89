// Owns cutting PowerShell into tokens. May import lexer.ts, string-folding.ts (types). Start at tokenizePowerShell.
import { ScriptLexer } from './lexer.ts';
import type { Token } from './string-folding.ts';

export interface PowerShellTokens {
  readonly tokens: readonly Token[];
  /** backticks inside words: they change nothing but the looks */
  readonly ticks: number;
  readonly isTruncated: boolean;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};
const WORD = /[\w$\-:\\/*?%~@#{}]/;

class PowerShellLexer extends ScriptLexer {
  ticks = 0;

  protected step(c: string): void {
    const { text } = this;
    const next = text[this.at + 1] ?? '';
    if (c === '\n') {
      this.push('mark', '\n');
      this.line++;
      this.at++;
    } else if (c === ' ' || c === '\t' || c === '\r') this.at++;
    else if (c === '`' && (next === '\n' || next === '\r')) {
      // a line goes on
      const end = text.indexOf('\n', this.at);
      this.at = end < 0 ? text.length : end + 1;
      this.line++;
    } else if (c === '<' && next === '#') this.skipTo('#>', 2);
    else if (c === '#') this.skipTo('\n', 0);
    else if (c === '@' && (next === '"' || next === "'")) this.hereString(next);
    else if (c === '"' || c === "'" || c === '\u2018' || c === '\u2019' || c === '\u201c' || c === '\u201d')
      this.quoted(c);
    else if (/\d/.test(c)) this.number();
    else if (WORD.test(c) || c === '`') this.word();
    else if (c === ';') {
      this.push('mark', '\n');
      this.at++;
    } else {
      this.push('mark', c);
      this.at++;
    }
  }

  private skipTo(end: string, extra: number): void {
    const found = this.text.indexOf(end, this.at);
    const stop = found < 0 ? this.text.length : found + extra;
    for (let at = this.text.indexOf('\n', this.at); at >= 0 && at < stop; at = this.text.indexOf('\n', at + 1))
      this.line++;
    this.at = stop;
  }

  private hereString(quote: string): void {
    const { line } = this;
    const start = this.text.indexOf('\n', this.at);
    const end = this.text.indexOf(`\n${quote}@`, this.at);
    const stop = end < 0 ? this.text.length : end;
    this.push('string', start < 0 || start >= stop ? '' : this.text.slice(start + 1, stop).replace(/\r$/, ''), line);
    this.skipTo(`\n${quote}@`, 3);
  }

  private quoted(open: string): void {
    const { line, text } = this;
    const isSingle = open === "'" || open === '\u2018' || open === '\u2019';
    const close = isSingle ? /['\u2018\u2019]/ : /["\u201c\u201d]/;
    const parts: string[] = [];
    this.at++;
    while (this.at < text.length) {
      const c = text[this.at]!;
      if (close.test(c)) {
        if (!close.test(text[this.at + 1] ?? '')) break;
        parts.push(c);
        this.at += 2;
      } else if (c === '`' && !isSingle) {
        const escaped = text[this.at + 1] ?? '';
        parts.push(ESCAPES[escaped] ?? escaped);
        this.at += 2;
      } else {
        if (c === '\n') this.line++;
        parts.push(c);
        this.at++;
      }
    }
    this.at++;
    this.push('string', parts.join(''), line);
  }

  private number(): void {
    const match = /^(?:0x[\da-f]{1,16}|\d{1,20}(?:\.\d{1,20})?)/i.exec(this.text.slice(this.at, this.at + 42))!;
    this.at += match[0].length;
    // `7z`, `1.exe`: a word after all
    if (/[a-z_]/i.test(this.text[this.at] ?? '')) {
      this.at -= match[0].length;
      this.word();
    } else this.push('number', match[0]);
  }

  private word(): void {
    const { text } = this;
    const parts: string[] = [];
    while (this.at < text.length) {
      const c = text[this.at]!;
      if (c === '`' && /\w/.test(text[this.at + 1] ?? '')) {
        this.ticks++;
        this.at++;
      } else if (c === ':' && text[this.at + 1] === ':') break;
      else if (c === '{' && parts[parts.length - 1] !== '$' && parts.length > 0) break;
      else if (c === '}' && !parts.includes('{')) break;
      else if (WORD.test(c)) {
        parts.push(c);
        this.at++;
        if (c === '{' || c === '}') if (parts[0] !== '$') break;
      } else break;
    }
    if (parts.length > 0) this.push(/^[{}@#%:*?/\\~-]$/.test(parts.join('')) ? 'mark' : 'word', parts.join(''));
    else if (text.startsWith('::', this.at)) {
      this.push('mark', '::');
      this.at += 2;
    } else this.push('mark', text[this.at++]!);
  }
}

/** Cuts PowerShell into tokens: line ends and `;` are marks `\n`, backticks inside words are gone. Never throws; linear. */
export function tokenizePowerShell(text: string, line: number): PowerShellTokens {
  const lexer = new PowerShellLexer(text, line);
  const isTruncated = lexer.run();
  return { tokens: lexer.tokens, ticks: lexer.ticks, isTruncated };
}
