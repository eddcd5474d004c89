// Owns what an expression may stand for while a program is read: known constants, partly known text, references.
// May import taint and the syntax tree. Start at Value.
import type { AsyncFunctionDef, ClassDef, FunctionDef, Lambda, Node } from '../ast.ts';
import type { Scope } from './scope.ts';
import { CLEAN, type Taint, unite } from './taint.ts';

/** A piece of Python text that runs as one: a member, decoded text, a command line's `-c`. */
export interface Unit {
  /** as evidence names it: `pkg/a.py`, `setup.py#decoded-1` */
  readonly path: string;
  /** dotted module name; empty for a script */
  readonly module: string;
  readonly text: string;
  /** true for `__init__.py` */
  readonly isPackage: boolean;
}

/** Where something happens. */
export interface Site {
  readonly unit: Unit;
  readonly node: Node;
}

export interface NoneValue {
  readonly kind: 'none';
  readonly taint: Taint;
}
export interface BoolValue {
  readonly kind: 'bool';
  readonly value: boolean;
  readonly taint: Taint;
}
export interface IntValue {
  readonly kind: 'int';
  /** a number when safe, else a bigint */
  readonly value: number | bigint;
  readonly taint: Taint;
}
export interface FloatValue {
  readonly kind: 'float';
  readonly value: number;
  readonly taint: Taint;
}
export interface StrValue {
  readonly kind: 'str';
  readonly value: string;
  readonly taint: Taint;
}
/** Bytes, one character (U+0000 to U+00FF) for each. */
export interface BytesValue {
  readonly kind: 'bytes';
  readonly value: string;
  readonly taint: Taint;
}
/** Text (or bytes) of which only some parts are known. */
export interface TemplateValue {
  readonly kind: 'template';
  readonly parts: readonly (string | Value)[];
  readonly taint: Taint;
}
/** A list, tuple or set. Lists are mutated in place. */
export interface SequenceValue {
  readonly kind: 'sequence';
  readonly type: 'list' | 'tuple' | 'set' | 'bytearray';
  readonly elements: Value[];
  /** there may be more elements than these, or in another order */
  isOpen: boolean;
  taint: Taint;
}
export interface DictValue {
  readonly kind: 'dict';
  /** keyed by {@link keyOf} */
  readonly entries: Map<string, Value>;
  isOpen: boolean;
  taint: Taint;
}
export interface FunctionValue {
  readonly kind: 'function';
  readonly name: string;
  readonly node: FunctionDef | AsyncFunctionDef | Lambda;
  readonly scope: Scope;
  readonly unit: Unit;
  readonly defaults: readonly Value[];
  readonly keywordDefaults: ReadonlyMap<string, Value>;
  readonly owner: ClassValue | undefined;
  /** arguments put in front: the instance of a method, a partial's */
  readonly bound: readonly Value[];
  readonly boundKeywords: ReadonlyMap<string, Value>;
  readonly decoration: 'none' | 'static' | 'class' | 'property';
  readonly isGenerator: boolean;
}
export interface ClassValue {
  readonly kind: 'class';
  readonly name: string;
  readonly node: ClassDef | undefined;
  readonly unit: Unit;
  readonly bases: readonly Value[];
  readonly members: Map<string, Value>;
  readonly taint: Taint;
}
export interface InstanceValue {
  readonly kind: 'instance';
  readonly of: ClassValue;
  readonly fields: Map<string, Value>;
  taint: Taint;
}
export interface ModuleValue {
  readonly kind: 'module';
  readonly unit: Unit;
  readonly scope: Scope;
}
/** A method of a known value: `'abc'.upper`. */
export interface BoundValue {
  readonly kind: 'bound';
  readonly receiver: Value;
  readonly name: string;
}
/** `globals()`, `vars(x)`, `x.__dict__`: a mapping of the names of something. */
export interface NamespaceValue {
  readonly kind: 'namespace';
  readonly of: Value | undefined;
  readonly scope: Scope | undefined;
}
/** Something outside the archive, or unknown: named by how it was reached, e.g. `requests.get().text`, `?key`. */
export interface RefValue {
  readonly kind: 'ref';
  readonly name: string;
  readonly taint: Taint;
  /** the call whose result (or whose result's attribute) this is */
  readonly call: ExternalCall | undefined;
  /** attributes that the program set on it */
  fields: Map<string, Value> | undefined;
}
/** One of several, after a branch. */
export interface UnionValue {
  readonly kind: 'union';
  readonly options: readonly Value[];
  readonly taint: Taint;
}

export interface ExternalCall {
  readonly name: string;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  readonly receiver: Value | undefined;
  readonly site: Site;
  /** data that methods of the result were handed: `form.add_field(x)` */
  absorbed: Taint;
}

export type Value =
  | NoneValue
  | BoolValue
  | IntValue
  | FloatValue
  | StrValue
  | BytesValue
  | TemplateValue
  | SequenceValue
  | DictValue
  | FunctionValue
  | ClassValue
  | InstanceValue
  | ModuleValue
  | BoundValue
  | NamespaceValue
  | RefValue
  | UnionValue;

export const NONE: NoneValue = { kind: 'none', taint: CLEAN };
export const TRUE: BoolValue = { kind: 'bool', value: true, taint: CLEAN };
export const FALSE: BoolValue = { kind: 'bool', value: false, taint: CLEAN };
export const UNKNOWN: RefValue = { kind: 'ref', name: '?', taint: CLEAN, call: undefined, fields: undefined };

export const MAX_TEXT = 24 * 2 ** 20;
/** Characters of a text that is taken to pieces, or put together anew letter by letter: V8 holds each piece, and ends the process where they are too many. */
export const MAX_PIECEWISE = 2 ** 22;
const MAX_OPTIONS = 4;
const MAX_NAME = 160;

export function bool(value: boolean): BoolValue {
  return value ? TRUE : FALSE;
}
const SMALL: readonly IntValue[] = Array.from({ length: 1280 }, (_, value) => ({ kind: 'int', value, taint: CLEAN }));

export function int(value: number | bigint, taint: Taint = CLEAN): IntValue {
  if (taint === CLEAN && typeof value === 'number' && value >= 0 && value < 1280)
    return SMALL[value] ?? { kind: 'int', value, taint };
  if (
    typeof value === 'bigint' &&
    value <= BigInt(Number.MAX_SAFE_INTEGER) &&
    value >= -BigInt(Number.MAX_SAFE_INTEGER)
  )
    return { kind: 'int', value: Number(value), taint };
  return { kind: 'int', value, taint };
}
export function float(value: number, taint: Taint = CLEAN): FloatValue {
  return { kind: 'float', value, taint };
}
export function str(value: string, taint: Taint = CLEAN): StrValue {
  return { kind: 'str', value, taint };
}
export function bytes(value: string, taint: Taint = CLEAN): BytesValue {
  return { kind: 'bytes', value, taint };
}
export function list(elements: Value[], isOpen = false, type: SequenceValue['type'] = 'list'): SequenceValue {
  return { kind: 'sequence', type, elements, isOpen, taint: CLEAN };
}
export function tuple(elements: Value[], isOpen = false): SequenceValue {
  return list(elements, isOpen, 'tuple');
}
export function dict(entries: Map<string, Value> = new Map(), isOpen = false): DictValue {
  return { kind: 'dict', entries, isOpen, taint: CLEAN };
}
export function ref(name: string, taint: Taint = CLEAN, call?: ExternalCall): RefValue {
  return { kind: 'ref', name: boundedName(name), taint, call, fields: undefined };
}
/** Names of references do not grow without end. */
export function boundedName(name: string): string {
  return name.length > MAX_NAME ? '?' : name;
}

/** Fields of a session that go out with each of its requests. */
const SENT_FIELDS = /(?:^|\.)(?:headers|params|cookies|auth|addheaders)$/;

/** What is put into the fields of a session is handed to the call that made it: `session.headers[…] = x`. */
export function absorb(owner: RefValue, field: string, value: Value): void {
  if (owner.call !== undefined && SENT_FIELDS.test(field))
    owner.call.absorbed = unite(owner.call.absorbed, taintOf(value));
}

/** An unknown thing that carries data. */
export function unknown(taint: Taint): RefValue {
  return taint.bits === 0 ? UNKNOWN : { kind: 'ref', name: '?', taint, call: undefined, fields: undefined };
}

/** Text of known and unknown parts; a constant when all are known. */
export function template(parts: readonly (string | Value)[], taint: Taint = CLEAN): Value {
  const joined: (string | Value)[] = [];
  let all = taint;
  for (const part of parts) flatten(part, joined);
  for (const part of joined) if (typeof part !== 'string') all = unite(all, taintOf(part));
  if (joined.length === 0) return str('', all);
  if (joined.length === 1 && typeof joined[0] === 'string') return str(joined[0], all);
  return { kind: 'template', parts: joined.length > 400 ? joined.slice(0, 400) : joined, taint: all };
}

function flatten(part: string | Value, into: (string | Value)[]): void {
  if (typeof part === 'string' || part.kind === 'str' || part.kind === 'bytes') {
    const text = typeof part === 'string' ? part : part.value;
    const last = into.at(-1);
    if (typeof last === 'string') into[into.length - 1] = last + text;
    else if (text !== '') into.push(text);
  } else if (part.kind === 'template') {
    // Its parts are flat: only the first may go on with a text.
    const { parts } = part;
    if (parts[0] !== undefined) flatten(parts[0], into);
    for (let i = 1; i < parts.length; i++) into.push(parts[i]!);
  } else into.push(part);
}

/** Key of a constant in a dict; undefined when the value is not a known, hashable constant. */
export function keyOf(value: Value): string | undefined {
  switch (value.kind) {
    case 'str':
      return `s${value.value}`;
    case 'bytes':
      return `b${value.value}`;
    case 'int':
    case 'float':
      return `i${value.value}`;
    case 'bool':
      return value.value ? 'i1' : 'i0';
    case 'none':
      return 'n';
    case 'function':
      return `f${value.unit.path}:${value.node.start}`;
    case 'sequence': {
      if (value.type !== 'tuple' || value.isOpen) return undefined;
      const keys = value.elements.map(keyOf);
      return keys.includes(undefined) ? undefined : `t${keys.join('\0')}`;
    }
    default:
      return undefined;
  }
}

/** The value that {@link keyOf} made a key of, as far as it can be told. */
export function valueOfKey(key: string): Value {
  switch (key[0]) {
    case 's':
      return str(key.slice(1));
    case 'b':
      return bytes(key.slice(1));
    case 'i':
      return int(Number(key.slice(1)));
    case 'n':
      return NONE;
    default:
      return UNKNOWN;
  }
}

/** Parts of a container that are asked. */
const MAX_PARTS = 201;

/** Everything that the value carries, its parts included (bounded). */
export function taintOf(value: Value, depth = 0): Taint {
  switch (value.kind) {
    case 'ref':
      return value.call === undefined ? value.taint : unite(value.taint, value.call.absorbed);
    case 'sequence': {
      let { taint } = value;
      if (depth > 5) return taint;
      const { elements } = value;
      const count = Math.min(elements.length, MAX_PARTS);
      for (let i = 0; i < count; i++) taint = unite(taint, taintOf(elements[i]!, depth + 1));
      return taint;
    }
    case 'dict': {
      let { taint } = value;
      if (depth > 5) return taint;
      let seen = 0;
      for (const part of value.entries.values()) {
        if (seen++ >= MAX_PARTS) break;
        taint = unite(taint, taintOf(part, depth + 1));
      }
      return taint;
    }
    case 'instance': {
      let taint = value.taint;
      if (depth > 2) return taint;
      for (const part of value.fields.values()) taint = unite(taint, taintOf(part, depth + 1));
      return taint;
    }
    case 'union': {
      let { taint } = value;
      if (depth > 5) return taint;
      for (const option of value.options) taint = unite(taint, taintOf(option, depth + 1));
      return taint;
    }
    case 'bound':
      return taintOf(value.receiver, depth + 1);
    case 'function':
    case 'module':
      return CLEAN;
    case 'namespace':
      return value.of === undefined || depth > 3 ? CLEAN : taintOf(value.of, depth + 1);
    default:
      return value.taint;
  }
}

/** The same value carrying more. */
export function withTaint(value: Value, taint: Taint): Value {
  if (taint.bits === 0) return value;
  switch (value.kind) {
    case 'function':
    case 'class':
    case 'module':
    case 'bound':
    case 'namespace':
      return value;
    case 'sequence':
    case 'dict':
    case 'instance':
      value.taint = unite(value.taint, taint);
      return value;
    default: {
      const all = unite(value.taint, taint);
      return all === value.taint ? value : { ...value, taint: all };
    }
  }
}

/** Values by name: of a dict with texts for keys, of `locals()`, `vars()` and `globals()`; undefined for what is no mapping. */
export function namesIn(value: Value): ReadonlyMap<string, Value> | undefined {
  if (value.kind === 'namespace') return value.scope?.names;
  return value.kind === 'dict' ? new Map([...value.entries].map(([key, entry]) => [key.slice(1), entry])) : undefined;
}

/** Taint of the value itself, its parts left out. */
function ownTaint(value: Value): Taint {
  switch (value.kind) {
    case 'bound':
    case 'function':
    case 'module':
    case 'namespace':
      return CLEAN;
    default:
      return value.taint;
  }
}

/** Either of two, after branches meet again. */
export function join(a: Value, b: Value): Value {
  if (a === b) return a;
  if (a.kind === 'none') return withTaint(b, a.taint);
  if (b.kind === 'none') return withTaint(a, b.taint);
  if (isSame(a, b)) return withTaint(a, ownTaint(b));
  if (a.kind !== 'union' && b.kind !== 'union') return { kind: 'union', options: [a, b], taint: CLEAN };
  const options: Value[] = [];
  const taint = addOptions(options, b, addOptions(options, a, CLEAN));
  if (options.length === 1) return withTaint(options[0]!, taint);
  // In a loop, what is joined is most often an option already.
  if (a.kind === 'union' && taint === a.taint && isEqual(options, a.options)) return a;
  return { kind: 'union', options, taint };
}

/** Adds what a value may be to the options; the taint that they have no place for, united with `taint`. */
function addOptions(options: Value[], side: Value, taint: Taint): Taint {
  if (side.kind !== 'union') return addOption(options, side, taint);
  let all = unite(taint, side.taint);
  for (const option of side.options) all = addOption(options, option, all);
  return all;
}

function addOption(options: Value[], option: Value, taint: Taint): Taint {
  for (const known of options) if (isSame(known, option)) return taint;
  if (options.length >= MAX_OPTIONS) return unite(taint, taintOf(option));
  options.push(option);
  return taint;
}

function isEqual(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Any of several, the first of which there is. */
export function joinAll(values: readonly Value[]): Value {
  let joined = values[0]!;
  for (let i = 1; i < values.length; i++) joined = join(joined, values[i]!);
  return joined;
}

/** Whether two values say the same, as far as it is told without looking into them. */
export function isSame(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a.kind === 'ref' && b.kind === 'ref')
    return a.name === b.name && a.taint.bits === b.taint.bits && a.call?.site.node === b.call?.site.node;
  if (a.kind === 'function' && b.kind === 'function') return a.node === b.node && a.bound[0] === b.bound[0];
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'str':
    case 'bytes':
    case 'int':
    case 'float':
    case 'bool':
      return a.value === (b as typeof a).value;
    case 'none':
      return true;
    default:
      return false;
  }
}

/** The options of a union, or the value alone. */
export function optionsOf(value: Value): readonly Value[] {
  return value.kind === 'union' ? value.options : [value];
}

/** True when the value is fully known. */
export function isConstant(value: Value, depth = 0): boolean {
  switch (value.kind) {
    case 'none':
    case 'bool':
    case 'int':
    case 'float':
    case 'str':
    case 'bytes':
      return true;
    case 'sequence':
      return (
        !value.isOpen &&
        depth < 3 &&
        value.elements.length < 100_000 &&
        value.elements.every((e) => isConstant(e, depth + 1))
      );
    case 'dict':
      return !value.isOpen && depth < 3 && [...value.entries.values()].every((e) => isConstant(e, depth + 1));
    default:
      return false;
  }
}

/** Python's truth of the value; undefined when it cannot be told. */
export function truth(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'none':
      return false;
    case 'bool':
      return value.value;
    case 'int':
    case 'float':
      return Number(value.value) !== 0;
    case 'str':
    case 'bytes':
      return value.value !== '';
    case 'template':
      return value.parts.some((p) => typeof p === 'string' && p !== '') ? true : undefined;
    case 'sequence':
      return value.elements.length > 0 ? true : value.isOpen ? undefined : false;
    case 'dict':
      return value.entries.size > 0 ? true : value.isOpen ? undefined : false;
    case 'function':
    case 'class':
    case 'module':
    case 'bound':
      return true;
    default:
      return undefined;
  }
}
