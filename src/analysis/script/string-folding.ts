// Owns putting together strings that a script cut up: `'down' + "load"`, `[char]105`, `Chr(87) & Chr(83)`, `"{1}{0}" -f …`.
// Imports nothing. Start at foldStrings. Each language brings its tokens and its Dialect.

export interface Token {
  readonly type: 'string' | 'number' | 'word' | 'mark';
  readonly text: string;
  readonly line: number;
}

/** What folding must know of a language. */
export interface Dialect {
  /** marks that join strings */
  readonly joins: ReadonlySet<string>;
  /** quote for strings in the folded text */
  readonly quote: string;
  /**
   * Value of a call with constant arguments; undefined when it is not known. `callee` is what stands before the bracket
   * without blanks, in lower case; with a constant receiver it begins with `S.`, which is then the first argument.
   */
  readonly call: (callee: string, args: readonly string[]) => string | undefined;
  /** value of `( left operator args )`; undefined when it is not known */
  readonly operate: (left: string, operator: string, args: readonly string[]) => string | undefined;
  /** name under which a variable's constant value is kept; undefined when the word is no variable */
  readonly variable: (word: string) => string | undefined;
}

export interface FoldedString {
  readonly text: string;
  readonly line: number;
  /** literals, codes and calls it was made of; 1 when it stands as written */
  readonly pieces: number;
}

export interface Folded {
  /** code with constants put together, by line; lines keep their numbers */
  readonly lines: readonly { readonly line: number; readonly text: string }[];
  /** the same in one text */
  readonly text: string;
  /** all strings as they are after folding, in order */
  readonly strings: readonly FoldedString[];
  /** character codes, calls and joins of crumbs that were undone; joins of longer texts only break lines */
  readonly folds: number;
}

/** One string grows no longer; all strings together eight times as long. */
const MAX_STRING = 1_000_000;
const MAX_CONSTANTS = 5000;
const MAX_CALLEE_PARTS = 16;
/** A piece that is so short, and no blank or punctuation, hides a word. */
const CRUMB = /^\w{1,4}$/;

interface Piece {
  readonly token: Token;
  readonly pieces: number;
}

/** A stack of tokens that shrinks wherever constants meet. */
class Folder {
  folds = 0;
  readonly stack: Piece[] = [];
  private readonly dialect: Dialect;
  /** where the open brackets stand in the stack */
  private readonly opens: number[] = [];
  private readonly constants = new Map<string, string>();
  private made = 0;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  push(token: Token): void {
    const { stack } = this;
    if (token.type === 'mark' && token.text === '(') this.opens.push(stack.length);
    stack.push({ token, pieces: token.type === 'string' ? 1 : 0 });
    if (token.type === 'mark' && token.text === ')') this.close(this.opens.pop() ?? -1);
    else if (token.type === 'number') this.cast();
    else if (token.type === 'word') this.substitute(token);
    while (this.join());
  }

  /** Notes `name = S` where a statement ends. */
  endStatement(): void {
    const { stack } = this;
    this.opens.length = 0;
    const value = stack[stack.length - 1]?.token;
    const equals = stack[stack.length - 2]?.token;
    const target = stack[stack.length - 3]?.token;
    if (value?.type !== 'string' || equals?.text !== '=' || target?.type !== 'word') return;
    const name = this.dialect.variable(target.text);
    if (name !== undefined && this.constants.size < MAX_CONSTANTS) this.constants.set(name, value.text);
  }

  /** A variable whose constant value is known, unless it is being set. */
  private substitute(token: Token): void {
    const name = this.dialect.variable(token.text);
    const value = name === undefined ? undefined : this.constants.get(name);
    if (value === undefined || this.made > MAX_STRING * 8) return;
    const before = this.stack[this.stack.length - 2]?.token;
    const isInside =
      before?.type === 'mark' && (this.dialect.joins.has(before.text) || /^[([{,=&|.]$/.test(before.text));
    if (isInside || before?.type === 'word') this.replace(1, value);
  }

  /** `[char]105` */
  private cast(): void {
    const { stack } = this;
    const at = stack.length;
    if (at < 4 || stack[at - 2]!.token.text !== ']' || stack[at - 4]!.token.text !== '[') return;
    const value = this.dialect.call(`[${stack[at - 3]!.token.text.toLowerCase()}]`, [stack[at - 1]!.token.text]);
    if (value !== undefined && this.replace(4, value)) this.folds++;
  }

  /** `S + S` */
  private join(): boolean {
    const { stack } = this;
    const at = stack.length;
    if (at < 3 || stack[at - 1]!.token.type !== 'string' || stack[at - 3]!.token.type !== 'string') return false;
    const joint = stack[at - 2]!.token;
    if (joint.type !== 'mark' || !this.dialect.joins.has(joint.text)) return false;
    const left = stack[at - 3]!.token.text;
    const right = stack[at - 1]!.token.text;
    if (CRUMB.test(right) || (stack[at - 3]!.pieces === 1 && CRUMB.test(left))) this.folds++;
    return this.replace(3, left + right);
  }

  private replace(count: number, text: string): boolean {
    this.made += text.length;
    if (text.length > MAX_STRING || this.made > MAX_STRING * 8) return false;
    const removed = this.stack.splice(this.stack.length - count);
    let pieces = 1;
    for (const piece of removed) pieces += piece.pieces;
    this.stack.push({ token: { type: 'string', text, line: removed[0]!.token.line }, pieces });
    return true;
  }

  /** What `( … )` is when all in it is constant: a group, a call, an operation. */
  private close(open: number): void {
    const { stack, dialect } = this;
    if (open < 0) return;
    const args: string[] = [];
    let operator: string | undefined;
    for (let i = open + 1; i < stack.length - 1; i++) {
      const { token } = stack[i]!;
      if (token.type === 'word' && operator === undefined && args.length === 1 && token.text.startsWith('-'))
        operator = token.text;
      else if (token.type === 'string' || token.type === 'number') args.push(token.text);
      else if (token.type !== 'mark' || token.text !== ',') return;
    }
    const inside = stack.length - open;
    const { name, size } = this.calleeBefore(open);
    if (operator !== undefined) {
      const value = dialect.operate(args[0] ?? '', operator.toLowerCase(), args.slice(1));
      if (value !== undefined && this.replace(inside, value)) this.folds += args.length;
      return;
    }
    if (name === '') {
      if (args.length === 1 && stack[open + 1]!.token.type === 'string') this.replace(inside, args[0]!);
      return;
    }
    const receiver = stack[open - size - 1]?.token;
    const isMethod = name.startsWith('.') && receiver?.type === 'string';
    const value = isMethod ? dialect.call(`S${name}`, [receiver.text, ...args]) : dialect.call(name, args);
    if (value !== undefined && this.replace(inside + size + (isMethod ? 1 : 0), value))
      this.folds += Math.max(1, args.length);
  }

  /** The words, dots and cast brackets right before the bracket at `open`. */
  private calleeBefore(open: number): { readonly name: string; readonly size: number } {
    const parts: string[] = [];
    let wordsMeet = false;
    let at = open - 1;
    for (; at >= 0 && parts.length < MAX_CALLEE_PARTS; at--) {
      const { token } = this.stack[at]!;
      const isWord = token.type === 'word';
      if (!isWord && !(token.type === 'mark' && /^(?:\.|::|\[|\])$/.test(token.text))) break;
      if (isWord && wordsMeet) break;
      wordsMeet = isWord;
      parts.push(token.text);
    }
    return { name: parts.reverse().join('').toLowerCase(), size: parts.length };
  }
}

function written(token: Token, quote: string): string {
  return token.type === 'string' ? quote + token.text + quote : token.text;
}

const ATTACHED = /^[.:\])},;(]/;

/** Puts constants together. Marks with the text `\n` end statements. Linear; bounded. */
export function foldStrings(tokens: readonly Token[], dialect: Dialect): Folded {
  const folder = new Folder(dialect);
  const lines: { line: number; text: string }[] = [];
  const strings: FoldedString[] = [];
  const flush = (): void => {
    folder.endStatement();
    const parts: string[] = [];
    let last = '';
    for (const { token, pieces } of folder.stack) {
      const text = written(token, dialect.quote);
      if (last !== '' && !ATTACHED.test(text) && !/[.:([{]$/.test(last)) parts.push(' ');
      parts.push(text);
      last = text.slice(-1);
      if (token.type === 'string') strings.push({ text: token.text, line: token.line, pieces });
    }
    const first = folder.stack[0];
    if (first !== undefined) lines.push({ line: first.token.line, text: parts.join('') });
    folder.stack.length = 0;
  };
  for (const token of tokens) {
    if (token.type === 'mark' && token.text === '\n') flush();
    else folder.push(token);
  }
  flush();
  return { lines, strings, folds: folder.folds, text: lines.map(({ text }) => text).join('\n') };
}
