// Owns what cutting a script into tokens is in every language: a place in the text, a line, a limit. May import string-folding.ts (types). Start at ScriptLexer.
import type { Token } from './string-folding.ts';

const MAX_TOKENS = 400_000;

/** Cuts `text`, whose first line is `line` of its file, into tokens: a language says by `step` what begins at a character. */
export abstract class ScriptLexer {
  readonly tokens: Token[] = [];
  protected readonly text: string;
  protected at = 0;
  protected line: number;

  constructor(text: string, line: number) {
    this.text = text;
    this.line = line;
  }

  /** Cuts to the end; true: the limit of tokens was reached before it. */
  run(): boolean {
    while (this.at < this.text.length) {
      if (this.tokens.length >= MAX_TOKENS) return true;
      this.step(this.text[this.at]!);
    }
    return false;
  }

  protected abstract step(c: string): void;

  protected push(type: Token['type'], text: string, line = this.line): void {
    this.tokens.push({ type, text, line });
  }

  protected take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text)?.[0] ?? '';
    this.at += match.length;
    return match;
  }

  protected newLine(): void {
    this.line++;
    this.at++;
  }
}
