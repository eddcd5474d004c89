// Owns marshal's type codes. May import marshal-code.ts, decoded.ts. Start at MarshalReader.read.
import { bufferOf } from './decoded.ts';
import type { CodeLayout, CodeObject } from './marshal-code.ts';

/** A value as far as it matters: numbers without their value are `other`. */
export type MarshalValue =
  | { readonly kind: 'none' | 'other' }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'str'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'sequence'; readonly items: readonly MarshalValue[] }
  | { readonly kind: 'code'; readonly code: CodeObject };

const NONE: MarshalValue = { kind: 'none' };
const OTHER: MarshalValue = { kind: 'other' };
const MAX_DEPTH = 200;
const MAX_CODES = 20_000;
const MIN_BLOB_BYTES = 16;
const REFERENCE_FLAG = 0x80;

/** Fields of a code object while it is read. */
interface CodeParts {
  instructions: MarshalValue;
  constants: MarshalValue;
  names: MarshalValue;
  localNames: MarshalValue;
  filename: MarshalValue;
  name: MarshalValue;
  firstLine: number;
}

export class MarshalReader {
  readonly codes: CodeObject[] = [];
  private isBroken = false;
  private readonly buffer: Buffer;
  private at: number;
  private readonly layout: CodeLayout;
  private left: number;
  private depth = 0;
  private readonly references: MarshalValue[] = [];
  /** Python 2's interned strings */
  private readonly interned: MarshalValue[] = [];

  constructor(bytes: Uint8Array, start: number, layout: CodeLayout, maxValues: number) {
    this.buffer = bufferOf(bytes);
    this.at = start;
    this.layout = layout;
    this.left = maxValues;
  }

  /** The value at the start, as far as it could be read. Never throws. */
  read(): MarshalValue {
    return this.value();
  }

  /** Everything was read as it should be. */
  get isWhole(): boolean {
    return !this.isBroken;
  }

  /** From here on nothing more is read; what encloses the break keeps what it has. */
  private breakOff(): void {
    this.isBroken = true;
    this.at = this.buffer.length;
  }

  private byte(): number {
    const byte = this.buffer[this.at++];
    if (byte === undefined) this.breakOff();
    return byte ?? 0;
  }

  private int(): number {
    const bytes = this.take(4);
    return bytes.length === 4 ? bytes.readInt32LE(0) : 0;
  }

  /** So many bytes, or none when there are fewer. */
  private take(count: number): Buffer {
    if (count < 0 || this.at + count > this.buffer.length) {
      this.breakOff();
      return this.buffer.subarray(0, 0);
    }
    this.at += count;
    return this.buffer.subarray(this.at - count, this.at);
  }

  private value(): MarshalValue {
    if (this.isBroken) return OTHER;
    if (--this.left < 0 || this.depth >= MAX_DEPTH) {
      this.breakOff();
      return OTHER;
    }
    this.depth++;
    const type = this.byte();
    let slot = -1;
    if ((type & REFERENCE_FLAG) !== 0) slot = this.references.push(NONE) - 1;
    const value = this.valueOf(String.fromCharCode(type & ~REFERENCE_FLAG));
    if (slot >= 0) this.references[slot] = value;
    this.depth--;
    return value;
  }

  private valueOf(type: string): MarshalValue {
    switch (type) {
      case 'N':
      case '0':
        return NONE;
      case 'F':
      case 'T':
      case 'S':
      case '.':
        return OTHER;
      case 'i':
        return { kind: 'int', value: this.int() };
      case 's':
        return { kind: 'bytes', value: this.take(this.int()) };
      case 't':
      case 'u':
        return this.text(this.take(this.int()), 'utf8', type === 't');
      case 'a':
      case 'A':
        return this.text(this.take(this.int()), 'latin1', false);
      case 'z':
      case 'Z':
        return this.text(this.take(this.byte()), 'latin1', false);
      case 'r':
        return this.reference(this.references);
      case 'R':
        return this.reference(this.interned);
      case 'c':
        return this.code();
      default:
        return this.numberOrSequence(type);
    }
  }

  private numberOrSequence(type: string): MarshalValue {
    switch (type) {
      case ')':
        return this.sequence(this.byte());
      case '(':
      case '[':
      case '<':
      case '>':
        return this.sequence(this.int());
      case ':':
        return this.sequence(3);
      case '{':
        return this.dict();
      case 'I':
      case 'g':
        this.take(8);
        return OTHER;
      case 'y':
        this.take(16);
        return OTHER;
      case 'l':
        this.take(Math.abs(this.int()) * 2);
        return OTHER;
      case 'f':
        this.take(this.byte());
        return OTHER;
      case 'x':
        this.take(this.byte());
        this.take(this.byte());
        return OTHER;
      default:
        this.breakOff();
        return OTHER;
    }
  }

  private text(bytes: Buffer, encoding: 'utf8' | 'latin1', isInterned: boolean): MarshalValue {
    const value: MarshalValue = { kind: 'str', value: bytes.toString(encoding) };
    if (isInterned) this.interned.push(value);
    return value;
  }

  private reference(values: readonly MarshalValue[]): MarshalValue {
    const found = values[this.int()];
    if (found === undefined) this.breakOff();
    return found ?? OTHER;
  }

  private sequence(count: number): MarshalValue {
    const items: MarshalValue[] = [];
    if (count < 0 || count > this.buffer.length - this.at) this.breakOff();
    for (let i = 0; i < count && !this.isBroken; i++) items.push(this.value());
    return { kind: 'sequence', items };
  }

  private dict(): MarshalValue {
    const items: MarshalValue[] = [];
    while (this.buffer[this.at] !== 0x30 && !this.isBroken) items.push(this.value());
    this.at++;
    return { kind: 'sequence', items };
  }

  private code(): MarshalValue {
    if (this.codes.length >= MAX_CODES) {
      this.breakOff();
      return OTHER;
    }
    const place = this.codes.push(EMPTY_CODE) - 1;
    const parts: CodeParts = {
      instructions: OTHER,
      constants: OTHER,
      names: OTHER,
      localNames: OTHER,
      filename: OTHER,
      name: OTHER,
      firstLine: 0,
    };
    this.fill(parts);
    this.codes[place] = codeOf(parts);
    return { kind: 'code', code: this.codes[place] };
  }

  private fill(parts: CodeParts): void {
    for (const field of this.layout.fields) {
      switch (field) {
        case 'int':
          this.int();
          break;
        case 'first-line':
          parts.firstLine = this.int();
          break;
        case 'short':
          this.take(2);
          break;
        case 'short-first-line':
          parts.firstLine = this.byte() + this.byte() * 256;
          break;
        case 'instructions':
          parts.instructions = this.value();
          break;
        case 'constants':
          parts.constants = this.value();
          break;
        case 'names':
          parts.names = this.value();
          break;
        case 'local-names':
          parts.localNames = this.value();
          break;
        case 'filename':
          parts.filename = this.value();
          break;
        case 'name':
          parts.name = this.value();
          break;
        case 'other':
          this.value();
      }
    }
  }
}

const EMPTY_CODE: CodeObject = {
  name: '',
  filename: '',
  firstLine: 0,
  names: [],
  localNames: [],
  strings: [],
  blobs: [],
  nested: [],
  instructions: new Uint8Array(),
  isPlausible: false,
};

/** Python 2 wrote names as byte strings. */
function nameOf(value: MarshalValue): string | undefined {
  if (value.kind === 'str') return value.value;
  return value.kind === 'bytes' ? bufferOf(value.value).toString('latin1') : undefined;
}

function namesOf(value: MarshalValue): string[] {
  if (value.kind !== 'sequence') return [];
  return value.items.map(nameOf).filter((name) => name !== undefined);
}

/** Python 2's str constants are bytes. */
function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13);
}

function codeOf(parts: CodeParts): CodeObject {
  const strings: string[] = [];
  const blobs: Uint8Array[] = [];
  const nested: CodeObject[] = [];
  const waiting: MarshalValue[] = [parts.constants];
  // references let a few bytes stand for any number of values: each is looked at once
  const seen = new Set<MarshalValue>();
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (value.kind === 'sequence') for (let i = value.items.length - 1; i >= 0; i--) waiting.push(value.items[i]!);
    else if (value.kind === 'str') strings.push(value.value);
    else if (value.kind === 'code') nested.push(value.code);
    else if (value.kind === 'bytes') {
      if (value.value.length >= MIN_BLOB_BYTES) blobs.push(value.value);
      if (isText(value.value)) strings.push(bufferOf(value.value).toString('latin1'));
    }
  }
  const name = nameOf(parts.name);
  const filename = nameOf(parts.filename);
  const isTyped =
    parts.instructions.kind === 'bytes' && parts.constants.kind === 'sequence' && parts.names.kind === 'sequence';
  return {
    name: name ?? '',
    filename: filename ?? '',
    firstLine: parts.firstLine,
    names: namesOf(parts.names),
    localNames: namesOf(parts.localNames),
    strings,
    blobs,
    nested,
    instructions: parts.instructions.kind === 'bytes' ? parts.instructions.value : new Uint8Array(),
    isPlausible: isTyped && name !== undefined && filename !== undefined && parts.firstLine >= 0,
  };
}
