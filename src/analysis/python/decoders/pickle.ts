// Owns reading pickles as data: which callables a load would fetch and call, with which texts. Nothing is called.
// May import pickle-opcodes.ts, decoded.ts. Start at readPickle.
import { bufferOf } from './decoded.ts';
import { OPCODES, type PickleOpcode } from './pickle-opcodes.ts';

/** A name that a load would import: `GLOBAL`, `STACK_GLOBAL`, `INST`. */
export interface PickleGlobal {
  /** `module.name`; an unknown part is `?` */
  readonly name: string;
  readonly offset: number;
}

/** A call that a load would make: `REDUCE`, `NEWOBJ`, `INST`, `OBJ`, `BUILD` (named `x.__setstate__`). */
export interface PickleCall {
  /** what is called: `module.name`, or the callee of a call as `os.system()`; `?` when it is not known */
  readonly callee: string;
  /** texts among the arguments, those of nested tuples, lists and dicts too; at most 50, each at most 100,000 characters */
  readonly texts: readonly string[];
  readonly offset: number;
}

export interface Pickled {
  readonly globals: readonly PickleGlobal[];
  readonly calls: readonly PickleCall[];
  /** all texts, in order; at most 10,000 */
  readonly texts: readonly string[];
  readonly protocol: number;
  /** offset behind STOP, or where reading ended */
  readonly end: number;
  /** false: an unknown opcode, the end of the data, or a limit came before STOP. A load runs what stands before. */
  readonly isComplete: boolean;
}

type PickleValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'items'; readonly items: PickleValue[] }
  | { readonly kind: 'other' };

const OTHER: PickleValue = { kind: 'other' };
const MAX_OPCODES = 2_000_000;
const MAX_TEXTS = 10_000;
const MAX_CALL_TEXTS = 50;
const MAX_TEXT = 100_000;
const MAX_RECORDS = 10_000;

class PickleError extends Error {}

class PickleReader {
  readonly globals: PickleGlobal[] = [];
  readonly calls: PickleCall[] = [];
  readonly texts: string[] = [];
  protocol = 0;
  at = 0;
  isComplete = false;
  private readonly buffer: Buffer;
  private stack: PickleValue[] = [];
  private readonly marks: PickleValue[][] = [];
  /** pickles number their memo from 0; other keys are rare */
  private readonly memo: PickleValue[] = [];
  private readonly oddMemo = new Map<number, PickleValue>();
  private offset = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = bufferOf(bytes);
  }

  run(): void {
    try {
      for (let left = MAX_OPCODES; left > 0; left--) {
        this.offset = this.at;
        const opcode = OPCODES.get(this.buffer[this.at++] ?? -1);
        if (opcode === undefined) return;
        if (opcode.name === 'STOP') {
          this.isComplete = true;
          return;
        }
        this.step(opcode);
      }
    } catch (error) {
      // a RangeError is a read beyond the end
      if (!(error instanceof PickleError || error instanceof RangeError)) throw error;
    }
  }

  private take(count: number): Buffer {
    if (count < 0 || this.at + count > this.buffer.length) throw new PickleError();
    this.at += count;
    return this.buffer.subarray(this.at - count, this.at);
  }

  private lineOf(): string {
    const end = this.buffer.indexOf(10, this.at);
    if (end < 0) throw new PickleError();
    const line = this.buffer.toString('latin1', this.at, end);
    this.at = end + 1;
    return line;
  }

  /** The argument behind an opcode: text, or a number for counts and memo keys. */
  private argument(opcode: PickleOpcode): string | number {
    const { argument } = opcode;
    switch (argument) {
      case 'none':
        return 0;
      case 'u1':
        return this.take(1)[0] ?? 0;
      case 'u2':
        return this.take(2).readUInt16LE(0);
      case 'i4':
        return this.take(4).readUInt32LE(0);
      case 'u8':
        return this.wide();
      case 'line':
        return this.lineOf();
      case 'lines':
        return `${this.lineOf()}.${this.lineOf()}`;
      case 'text1':
        return this.take(this.take(1)[0] ?? 0).toString(opcode.encoding);
      case 'text4':
        return this.take(this.take(4).readUInt32LE(0)).toString(opcode.encoding);
      case 'text8':
        return this.take(this.wide()).toString(opcode.encoding);
    }
  }

  private wide(): number {
    const bytes = this.take(8);
    return bytes.readUInt32LE(0) + bytes.readUInt32LE(4) * 2 ** 32;
  }

  private pop(): PickleValue {
    return this.stack.pop() ?? OTHER;
  }

  /** Ends the innermost mark; gives what was put on the stack since. */
  private popMark(): PickleValue[] {
    const items = this.stack;
    this.stack = this.marks.pop() ?? [];
    return items;
  }

  private top(): PickleValue {
    return this.stack[this.stack.length - 1] ?? OTHER;
  }

  private step(opcode: PickleOpcode): void {
    const argument = this.argument(opcode);
    switch (opcode.effect) {
      case 'text':
        this.stack.push(
          this.textOf(opcode.name === 'STRING' ? unquote(String(argument)) : readEscapes(opcode, argument)),
        );
        return;
      case 'other':
        this.stack.push(OTHER);
        return;
      case 'empty':
        this.stack.push({ kind: 'items', items: [] });
        return;
      case 'mark':
        this.marks.push(this.stack);
        this.stack = [];
        return;
      case 'pop-mark':
        this.popMark();
        return;
      case 'collect': {
        const items = this.popMark();
        this.stack.push({ kind: 'items', items });
        return;
      }
      case 'tuple': {
        const count = opcode.count ?? 0;
        const items = this.stack.splice(Math.max(0, this.stack.length - count), count);
        this.stack.push({ kind: 'items', items });
        return;
      }
      case 'extend':
        this.extend(this.popMark());
        return;
      case 'append':
        this.extend(this.stack.splice(Math.max(0, this.stack.length - (opcode.count ?? 1))));
        return;
      case 'pop':
        this.pop();
        return;
      case 'dup':
        this.stack.push(this.top());
        return;
      case 'put':
        this.remember(Number(argument));
        return;
      case 'memoize':
        this.remember(this.memo.length);
        return;
      case 'get':
        this.stack.push(this.memo[Number(argument)] ?? this.oddMemo.get(Number(argument)) ?? OTHER);
        return;
      case 'protocol':
        this.protocol = Number(argument);
        return;
      case 'nothing':
        return;
      case 'call':
        this.call(opcode, argument);
    }
  }

  private remember(key: number): void {
    if (key === this.memo.length) this.memo.push(this.top());
    else if (key < this.memo.length) this.memo[key] = this.top();
    else this.oddMemo.set(key, this.top());
  }

  private extend(items: readonly PickleValue[]): void {
    const target = this.top();
    if (target.kind !== 'items') return;
    // only texts and names matter later; a giant table of numbers is not kept
    for (const item of items) if (item.kind !== 'other') target.items.push(item);
  }

  private textOf(text: string): PickleValue {
    if (this.texts.length < MAX_TEXTS) this.texts.push(text);
    return { kind: 'text', text };
  }

  private global(name: string): PickleValue {
    if (this.globals.length < MAX_RECORDS) this.globals.push({ name, offset: this.offset });
    return { kind: 'name', name };
  }

  private record(callee: PickleValue, args: readonly PickleValue[], suffix = ''): void {
    const name = callee.kind === 'name' ? callee.name : callee.kind === 'text' ? callee.text : '?';
    if (this.calls.length < MAX_RECORDS) {
      this.calls.push({ callee: name + suffix, texts: textsIn(args), offset: this.offset });
    }
    this.stack.push({ kind: 'name', name: `${name.slice(0, 200)}()` });
  }

  private call({ name }: PickleOpcode, argument: string | number): void {
    switch (name) {
      case 'GLOBAL':
        this.stack.push(this.global(String(argument)));
        return;
      case 'STACK_GLOBAL': {
        const attribute = this.pop();
        const module = this.pop();
        const [left, right] = [module, attribute].map((part) => (part.kind === 'text' ? part.text : '?'));
        this.stack.push(this.global(`${left}.${right}`));
        return;
      }
      case 'INST':
        this.record(this.global(String(argument)), this.popMark());
        return;
      case 'OBJ': {
        const items = this.popMark();
        this.record(items[0] ?? OTHER, items.slice(1));
        return;
      }
      case 'BUILD': {
        const state = this.pop();
        const target = this.pop();
        this.record(target, [state], '.__setstate__');
        return;
      }
      case 'NEWOBJ_EX': {
        const keywords = this.pop();
        const args = this.pop();
        this.record(this.pop(), [args, keywords]);
        return;
      }
      default: {
        // REDUCE, NEWOBJ, BINPERSID and the extension registry
        if (name.startsWith('EXT')) {
          this.stack.push(this.global(`copyreg.extension.${argument}`));
          return;
        }
        const args = this.pop();
        this.record(name === 'BINPERSID' ? { kind: 'name', name: 'persistent_load' } : this.pop(), [args]);
      }
    }
  }
}

function textsIn(values: readonly PickleValue[]): string[] {
  const texts: string[] = [];
  const seen = new Set<PickleValue>();
  const waiting: PickleValue[] = [...values.slice(0, 1000)].reverse();
  for (let value = waiting.pop(); value !== undefined && texts.length < MAX_CALL_TEXTS; value = waiting.pop()) {
    if (value.kind === 'text') texts.push(value.text.slice(0, MAX_TEXT));
    else if (value.kind === 'name') texts.push(value.name);
    if (value.kind !== 'items' || seen.has(value) || seen.size > 10_000) continue;
    seen.add(value);
    for (let i = Math.min(value.items.length, 1000) - 1; i >= 0; i--) waiting.push(value.items[i]!);
  }
  return texts;
}

/** `STRING` writes a Python 2 literal. */
function unquote(literal: string): string {
  return /^(['"]).*\1$/s.test(literal) ? literal.slice(1, -1) : literal;
}

function readEscapes({ name }: PickleOpcode, argument: string | number): string {
  const text = String(argument);
  if (name !== 'UNICODE') return text;
  return text.replaceAll(/\\u([\da-fA-F]{4})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/**
 * Walks the opcodes of a pickle (protocols 0 to 5) up to its STOP; `end` says where another may begin.
 *
 * @returns undefined when the first byte is no opcode, or nothing in it looks like a pickle. Never throws.
 * @see https://docs.python.org/3/library/pickletools.html
 */
export function readPickle(bytes: Uint8Array): Pickled | undefined {
  const first = OPCODES.get(bytes[0] ?? -1);
  if (first === undefined || bytes.length < 2) return undefined;
  const reader = new PickleReader(bytes);
  reader.run();
  const { globals, calls, texts, protocol, at, isComplete } = reader;
  if (!isComplete && protocol === 0 && globals.length === 0) return undefined;
  return { globals, calls, texts, protocol, end: at, isComplete };
}
