// Owns the methods of lists, tuples, sets and dicts. May import value. Start at containerMethod.
import { decodeText } from './codecs.ts';
import { byteText, elementsOf } from './elements.ts';
import { unite } from './taint.ts';
import {
  bytes,
  type DictValue,
  dict,
  int,
  join,
  keyOf,
  list,
  NONE,
  type SequenceValue,
  str,
  taintOf,
  tuple,
  unknown,
  type Value,
  valueOfKey,
  withTaint,
} from './value.ts';

const MAX_ELEMENTS = 1_000_000;

/** Result of a method; undefined when the method is not one of the container's. */
export function containerMethod(
  self: SequenceValue | DictValue,
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): Value | undefined {
  return self.kind === 'dict' ? dictMethod(self, name, args, keywords) : sequenceMethod(self, name, args);
}

function extend(self: SequenceValue, more: Value | undefined): void {
  const elements = elementsOf(more);
  if (elements !== undefined && self.elements.length + elements.length <= MAX_ELEMENTS)
    for (const element of elements === self.elements ? [...elements] : elements) self.elements.push(element);
  else if (more !== undefined) {
    self.isOpen = true;
    if (more.kind === 'sequence') for (const element of more.elements.slice(0, 1000)) self.elements.push(element);
    self.taint = unite(self.taint, taintOf(more));
  }
}

function sequenceMethod(self: SequenceValue, name: string, args: readonly Value[]): Value | undefined {
  const [first, second] = args;
  switch (name) {
    case 'append':
    case 'add':
    case 'appendleft':
      if (first !== undefined && self.elements.length < MAX_ELEMENTS) {
        if (name === 'appendleft') self.elements.unshift(first);
        else self.elements.push(first);
      }
      return NONE;
    case 'extend':
    case 'update':
    case '__iadd__':
      extend(self, first);
      return NONE;
    case 'insert': {
      const at = first?.kind === 'int' ? Number(first.value) : self.elements.length;
      if (second !== undefined && self.elements.length < MAX_ELEMENTS) self.elements.splice(at, 0, second);
      return NONE;
    }
    case 'pop':
    case 'popleft': {
      if (self.isOpen || self.elements.length === 0) return unknown(taintOf(self));
      const at = name === 'popleft' ? 0 : first?.kind === 'int' ? Number(first.value) : -1;
      return self.elements.splice(at < 0 ? self.elements.length + at : at, 1)[0] ?? unknown(self.taint);
    }
    case 'remove': {
      const key = first === undefined ? undefined : keyOf(first);
      const at = self.elements.findIndex((e) => keyOf(e) === key);
      if (at >= 0 && key !== undefined) self.elements.splice(at, 1);
      return NONE;
    }
    case 'reverse':
      self.elements.reverse();
      return NONE;
    case 'sort':
      if (!self.elements.every((e) => e.kind === 'int' || e.kind === 'str')) self.isOpen = true;
      else self.elements.sort((a, b) => compareKnown(a, b));
      return NONE;
    case 'clear':
      self.elements.length = 0;
      return NONE;
    case 'copy':
    case '__iter__':
    case 'union':
      return list([...self.elements], self.isOpen, self.type);
    case 'index': {
      const key = first === undefined ? undefined : keyOf(first);
      const at = key === undefined ? -1 : self.elements.findIndex((e) => keyOf(e) === key);
      return at < 0 ? undefined : int(at);
    }
    case 'count': {
      const key = first === undefined ? undefined : keyOf(first);
      return key === undefined || self.isOpen ? undefined : int(self.elements.filter((e) => keyOf(e) === key).length);
    }
    case '__getitem__':
      return first?.kind === 'int' ? self.elements.at(Number(first.value)) : undefined;
    case '__len__':
      return self.isOpen ? undefined : int(self.elements.length);
    case 'tobytes':
    case 'tostring': {
      const text = byteText(self);
      return text === undefined ? undefined : bytes(text, self.taint);
    }
    case 'decode':
    case 'hex': {
      const text = byteText(self);
      if (text === undefined) return undefined;
      if (name === 'hex') return str(Buffer.from(text, 'latin1').toString('hex'));
      return decodeText(bytes(text), first?.kind === 'str' ? first.value : 'utf-8');
    }
    default:
      return undefined;
  }
}

function compareKnown(a: Value, b: Value): number {
  if (a.kind === 'int' && b.kind === 'int') return Number(a.value) - Number(b.value);
  const [x, y] = [a.kind === 'str' ? a.value : '', b.kind === 'str' ? b.value : ''];
  return x < y ? -1 : x > y ? 1 : 0;
}

function dictMethod(
  self: DictValue,
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): Value | undefined {
  const [first, second] = args;
  switch (name) {
    case 'get':
    case 'pop':
    case 'setdefault':
    case '__getitem__': {
      if (first === undefined) return undefined;
      const key = keyOf(first);
      const known = key === undefined ? undefined : self.entries.get(key);
      if (known !== undefined) return withTaint(known, self.taint);
      if (key !== undefined && name === 'setdefault') self.entries.set(key, second ?? NONE);
      if (key !== undefined && !self.isOpen) return second ?? NONE;
      return anyEntry(self);
    }
    case 'popitem': {
      const last = [...self.entries].at(-1);
      if (last === undefined) return unknown(self.taint);
      self.entries.delete(last[0]);
      return tuple([valueOfKey(last[0]), last[1]]);
    }
    case 'items':
      return list(
        [...self.entries].map(([k, v]) => tuple([valueOfKey(k), v])),
        self.isOpen,
      );
    case 'keys':
    case '__iter__':
      return list([...self.entries.keys()].map(valueOfKey), self.isOpen);
    case 'values':
      return list([...self.entries.values()], self.isOpen);
    case 'copy':
      return { ...dict(new Map(self.entries), self.isOpen), taint: self.taint };
    case 'update': {
      if (first?.kind === 'dict') {
        for (const [k, v] of first.entries) self.entries.set(k, v);
        self.isOpen ||= first.isOpen;
        self.taint = unite(self.taint, first.taint);
      } else if (first !== undefined) {
        self.isOpen = true;
        self.taint = unite(self.taint, taintOf(first));
      }
      for (const [k, v] of keywords) self.entries.set(`s${k}`, v);
      return NONE;
    }
    case 'clear':
      self.entries.clear();
      return NONE;
    case '__setitem__': {
      const key = first === undefined ? undefined : keyOf(first);
      if (key !== undefined && second !== undefined) self.entries.set(key, second);
      return NONE;
    }
    default:
      return undefined;
  }
}

/** One entry standing for all. */
export function anyEntry(self: DictValue): Value {
  let some: Value | undefined;
  let seen = 0;
  for (const entry of self.entries.values()) {
    some = some === undefined ? entry : join(some, entry);
    if (++seen >= 4) break;
  }
  return some === undefined ? unknown(self.taint) : withTaint(some, self.taint);
}
