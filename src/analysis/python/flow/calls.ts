// Owns what a call does: functions of the archive are read, known ones computed, the rest noted. May import machine. Start at callValue.
import { recordMethod } from './carriers.ts';
import { containerMethod } from './containers.ts';
import { callExternal } from './externals.ts';
import { callFunction, instantiate, sendTo } from './functions.ts';
import { callMethod } from './instance-operators.ts';
import { LIBRARY } from './library.ts';
import { toBytesMethod } from './library-numbers.ts';
import { type Machine, NO_KEYWORDS, spend, write } from './machine.ts';
import { textOfInstance } from './protocols.ts';
import { decodeRegistered } from './registered-codecs.ts';
import { CLEAN, type Taint, unite } from './taint.ts';
import { textMethod } from './text-methods.ts';
import {
  type BoundValue,
  type DictValue,
  int,
  join,
  list,
  NONE,
  ref,
  type SequenceValue,
  type Site,
  str,
  taintOf,
  template,
  tuple,
  unknown,
  type Value,
  withTaint,
} from './value.ts';

/** `callee(*args, **keywords)`. */
export function callValue(
  machine: Machine,
  callee: Value,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value {
  spend(machine, 1);
  switch (callee.kind) {
    case 'function':
      return callFunction(machine, callee, args, keywords, site);
    case 'class':
      return instantiate(machine, callee, args, keywords, site);
    case 'ref':
      return callExternal(machine, callee, args, keywords, site);
    case 'bound':
      return callBound(machine, callee, args, keywords, site);
    case 'instance': {
      const method = machine.attribute(callee, '__call__', site);
      if (method.kind === 'function') return callFunction(machine, method, args, keywords, site);
      return unknown(unite(taintOf(callee), allTaint(args, keywords)));
    }
    case 'union': {
      let result: Value | undefined;
      for (const option of callee.options) {
        const value = callValue(machine, option, args, keywords, site);
        result = result === undefined ? value : join(result, value);
      }
      return result ?? unknown(CLEAN);
    }
    case 'sequence':
    case 'dict':
    case 'template':
    case 'module':
    case 'namespace':
      return unknown(unite(taintOf(callee), allTaint(args, keywords)));
    default:
      return unknown(allTaint(args, keywords));
  }
}

export function allTaint(args: readonly Value[], keywords: ReadonlyMap<string, Value>): Taint {
  let taint = CLEAN;
  for (const arg of args) taint = unite(taint, taintOf(arg));
  if (keywords.size > 0) for (const arg of keywords.values()) taint = unite(taint, taintOf(arg));
  return taint;
}

const SAME = new Set([
  'encode',
  'decode',
  'strip',
  'lstrip',
  'rstrip',
  'lower',
  'upper',
  'title',
  'capitalize',
  'expandtabs',
  '__str__',
  'removeprefix',
  'removesuffix',
  'zfill',
  'ljust',
  'rjust',
  'casefold',
]);

/** Methods that bytes in a list may have a codec for, or that name another. */
const READ_AS_TEXT = new Set(['decode', 'encode', '__getattribute__']);

/** What a long list carries is asked only where the method is not one of its own: most calls append one element. */
function callContainer(
  machine: Machine,
  receiver: SequenceValue | DictValue,
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value {
  spend(machine, 1);
  let result: Value | undefined;
  if (name === 'send' || name === 'asend') result = sendTo(machine, receiver, args[0] ?? NONE, site);
  else {
    if (name === 'sort' && receiver.kind === 'sequence') {
      const key = keywords.get('key');
      const [first] = receiver.elements;
      if (key !== undefined) receiver.isOpen = true;
      if (key?.kind === 'function' && first !== undefined) machine.call(key, [first], NO_KEYWORDS, site);
      if (first?.kind === 'instance') callMethod(machine, first, '__lt__', [first], site);
    }
    result = containerMethod(receiver, name, args, keywords);
  }
  return result ?? unknown(unite(taintOf(receiver), allTaint(args, keywords)));
}

function callBound(
  machine: Machine,
  callee: BoundValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value {
  const { receiver, name } = callee;
  if ((receiver.kind === 'sequence' || receiver.kind === 'dict') && !READ_AS_TEXT.has(name))
    return callContainer(machine, receiver, name, args, keywords, site);
  const taint = unite(taintOf(receiver), allTaint(args, keywords));
  if (name === '__getattribute__') {
    // `object.__getattribute__(owner, name)` is handed the owner as well.
    const owner = args.length > 1 ? (args[0] ?? receiver) : receiver;
    const wanted = args.at(-1);
    return wanted?.kind === 'str' ? machine.attribute(owner, wanted.value, site) : unknown(taint);
  }
  if (name === 'decode' || name === 'encode') {
    const own = decodeRegistered(machine, receiver, name, args[0] ?? keywords.get('encoding'), site);
    if (own !== undefined) return own;
  }
  if (receiver.kind === 'str' && name === 'format') for (const arg of args) textOfInstance(machine, arg, site);
  switch (receiver.kind) {
    case 'str':
    case 'bytes': {
      spend(machine, 1 + (receiver.value.length >> 8));
      const decoded = decodeMethod(machine, receiver, name, args, keywords);
      if (decoded !== undefined) return withTaint(decoded, taint);
      const direct = args.some((a) => a.kind === 'union')
        ? overUnionArgs(receiver, name, args, keywords)
        : textMethod(receiver, name, args, keywords);
      if (direct !== undefined) return direct.kind === 'sequence' ? direct : withTaint(direct, taint);
      return partialText(receiver, name, args, taint);
    }
    case 'template':
      return templateMethod(receiver, name, args, taint);
    case 'sequence':
    case 'dict':
      spend(machine, 1);
      return containerMethod(receiver, name, args, keywords) ?? unknown(taint);
    case 'int':
      if (name === 'to_bytes') return withTaint(toBytesMethod(receiver, args, keywords) ?? unknown(taint), taint);
      if (name === 'bit_length') return bitLength(receiver.value, taint);
      return unknown(taint);
    case 'namespace':
      return namespaceMethod(machine, receiver, name, args, keywords, site);
    case 'instance':
      return recordMethod(receiver, name, keywords) ?? unknown(taint);
    default:
      return unknown(taint);
  }
}

function bitLength(value: number | bigint, taint: Taint): Value {
  const n = BigInt(value);
  return int(n === 0n ? 0 : (n < 0n ? -n : n).toString(2).length, taint);
}

/** `'…'.decode('base64')`, `b'…'.decode('zlib')` of Python 2. */
function decodeMethod(
  machine: Machine,
  receiver: Value,
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): Value | undefined {
  if (name !== 'decode' || args[0]?.kind !== 'str') return undefined;
  if (!/^(?:base64|hex|zlib|bz2|zip|uu|hex_codec|base64_codec|zlib_codec|bz2_codec|base_64)$/i.test(args[0].value))
    return undefined;
  return machine.program.decode('codecs.decode', [receiver, args[0]], keywords, undefined);
}

function overUnionArgs(
  receiver: Value & { kind: 'str' | 'bytes' },
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): Value | undefined {
  const at = args.findIndex((a) => a.kind === 'union');
  const choice = args[at];
  if (choice?.kind !== 'union') return textMethod(receiver, name, args, keywords);
  let result: Value | undefined;
  for (const option of choice.options) {
    const value = textMethod(receiver, name, args.with(at, option), keywords);
    if (value !== undefined) result = result === undefined ? value : join(result, value);
  }
  return result;
}

/** A method of known text with unknown arguments. */
function partialText(
  receiver: Value & { kind: 'str' | 'bytes' },
  name: string,
  args: readonly Value[],
  taint: Taint,
): Value {
  const [first] = args;
  if (name === 'join' && first !== undefined) {
    if (first.kind === 'sequence' && first.elements.length > 0 && first.elements.length < 400) {
      const parts: (string | Value)[] = [];
      first.elements.forEach((element, i) => {
        if (i > 0 && receiver.value !== '') parts.push(receiver.value);
        parts.push(element);
      });
      return template(parts, taint);
    }
    return unknown(taint);
  }
  if (name === 'format') return template([receiver, ...args], taint);
  if (name === 'replace' || name === 'translate')
    return template([receiver], taint).kind === 'str' ? { ...str(receiver.value), taint } : unknown(taint);
  return unknown(taint);
}

function templateMethod(
  receiver: Value & { kind: 'template' },
  name: string,
  args: readonly Value[],
  taint: Taint,
): Value {
  if (SAME.has(name)) return receiver;
  if (name === 'replace' && args[0]?.kind === 'str' && args[1]?.kind === 'str') {
    const [from, to] = [args[0].value, args[1].value];
    return template(
      receiver.parts.map((p) => (typeof p === 'string' && from !== '' ? p.replaceAll(from, () => to) : p)),
    );
  }
  if (name === 'format') return template([receiver, ...args], taint);
  if (
    name === 'startswith' &&
    typeof receiver.parts[0] === 'string' &&
    args[0]?.kind === 'str' &&
    receiver.parts[0].startsWith(args[0].value)
  )
    return LIBRARY.get('bool')?.([str('x')], new Map()) ?? unknown(CLEAN);
  return ref(`?text.${name}()`, taint);
}

/** Names of a module that are walked through. */
const MAX_LISTED = 200;

function namespaceMethod(
  machine: Machine,
  receiver: Value & { kind: 'namespace' },
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value {
  const wanted = args[0];
  if ((name === 'get' || name === '__getitem__' || name === 'pop') && wanted?.kind === 'str') {
    const known = receiver.scope?.names.get(wanted.value);
    if (known !== undefined) return known;
    if (wanted.value === '__builtins__') return ref('builtins');
    if (receiver.of === undefined && args[1] !== undefined) return args[1];
    return receiver.of === undefined ? ref(`?${wanted.value}`) : machine.attribute(receiver.of, wanted.value, site);
  }
  const { scope } = receiver;
  if (scope !== undefined && /^(?:items|values|keys)$/.test(name) && scope.names.size < MAX_LISTED) {
    const names = [...scope.names];
    if (name === 'items') return list(names.map(([key, value]) => tuple([str(key), value])));
    return list(names.map(([key, value]) => (name === 'keys' ? str(key) : value)));
  }
  if (name === 'update') {
    const given =
      wanted?.kind === 'dict' ? [...wanted.entries].map(([key, value]) => [key.slice(1), value] as const) : [];
    const names = receiver.scope?.names ?? (receiver.of?.kind === 'instance' ? receiver.of.fields : undefined);
    if (names !== undefined) for (const [key, value] of [...given, ...keywords]) write(machine, names, key, value);
  }
  return unknown(CLEAN);
}
