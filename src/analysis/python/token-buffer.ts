// Owns the tokens of the current logical line and the text they come from; the lexers above fill it.
// May import ast.ts, names.ts, tokens.ts, units.ts. Layers: buffer ← string-lexer ← word-lexer ← tokenizer.
import type { RespelledName, WideGap } from './ast.ts';
import { NameTable } from './names.ts';
import { NEWLINE } from './tokens.ts';
import { unitsOf } from './units.ts';

const MAX_PROBLEMS = 50;

/** Why a logical line ended where it should not have. */
export type LineBreakdown = 'none' | 'bracket' | 'string';

/**
 * Tokens of one logical line at a time, in parallel arrays (`kinds[i]`, `starts[i]`, `ends[i]`, `lines[i]`, `aux[i]`,
 * i < count). `aux` is the name's number for names and keywords, the flags of tokens.ts for strings, the value of small
 * decimal integers (else -1) for numbers. The line begins with INDENT or DEDENTs and ends with NEWLINE, the last with END.
 */
export abstract class TokenBuffer {
  readonly text: string;
  readonly code: Uint16Array;
  readonly table: NameTable;
  kinds = new Int32Array(512);
  starts = new Int32Array(512);
  ends = new Int32Array(512);
  lines = new Int32Array(512);
  aux = new Int32Array(512);
  count = 0;
  /** tokens made so far, all lines together */
  total = 0;
  /** what went wrong with the current logical line, and where its second physical line begins */
  breakdown: LineBreakdown = 'none';
  resumeAt = 0;
  resumeLine = 0;
  /** a limit was met: something of the text is not in the tokens, or CPython would refuse it */
  exhausted = false;
  /** the token limit was met: END follows */
  protected stopped = false;
  isPython2 = false;
  readonly problems: { line: number; message: string }[] = [];
  readonly gaps: WideGap[] = [];
  readonly respelled: RespelledName[] = [];
  protected readonly length: number;
  protected readonly maxTokens: number;
  protected pos = 0;
  protected line = 1;
  protected depth = 0;
  /** offset of the first token of the current physical line, inside brackets; -1 once it was made */
  protected fresh = -1;

  constructor(text: string, maxTokens: number) {
    this.text = text;
    this.length = text.length;
    this.code = unitsOf(text);
    this.table = new NameTable(text, this.code);
    this.maxTokens = maxTokens;
    if (this.code[0] === 0xfeff) this.pos = 1;
  }

  protected isBreak(i: number): boolean {
    const unit = this.code[i];
    return unit === 10 || unit === 13;
  }

  protected afterBreak(i: number): number {
    return this.code[i] === 13 && this.code[i + 1] === 10 ? i + 2 : i + 1;
  }

  protected endOfLine(i: number): number {
    const { code, length } = this;
    let at = i;
    for (;;) {
      const unit = code[at]!;
      if (unit === 10 || unit === 13 || (unit === 0 && at >= length)) return at;
      at++;
    }
  }

  report(message: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ line: this.line, message });
  }

  protected push(kind: number, start: number, end: number, aux: number): void {
    let { count } = this;
    if (count === this.kinds.length && !this.grow()) count--;
    this.kinds[count] = kind;
    this.starts[count] = start;
    this.ends[count] = end;
    this.lines[count] = this.line;
    this.aux[count] = aux;
    this.count = ++count;
  }

  /** Makes room for more tokens; false when the line has all that the limit leaves it. */
  protected grow(): boolean {
    const size = Math.min(this.kinds.length * 2, Math.max(512, this.maxTokens - this.total));
    if (size <= this.kinds.length) {
      this.stop();
      return false;
    }
    const copy = (from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(size);
      to.set(from);
      return to;
    };
    this.kinds = copy(this.kinds);
    this.starts = copy(this.starts);
    this.ends = copy(this.ends);
    this.lines = copy(this.lines);
    this.aux = copy(this.aux);
    return true;
  }

  /** Gives up: the next line is the END. */
  stop(): void {
    this.exhausted = true;
    this.stopped = true;
  }

  /** Ends the logical line; the next one begins at `next`. Gives what stops the loop of lexLine. */
  protected endLine(at: number, next: number): number {
    this.push(NEWLINE, at, at, 0);
    this.pos = next;
    return -1;
  }

  protected noteSecondLine(offset: number): void {
    if (this.resumeAt >= 0) return;
    this.resumeAt = offset;
    this.resumeLine = this.line;
  }
}
