// Owns what a loop variable stands for when the rounds are not known. May import machine. Start at iterated.
import { isBeingRead, type Machine, NO_KEYWORDS, originTaint } from './machine.ts';
import { canonicalName } from './names.ts';
import { LABEL, unite } from './taint.ts';
import {
  join,
  joinAll,
  ref,
  type Site,
  taintOf,
  tuple,
  UNKNOWN,
  unknown,
  type Value,
  valueOfKey,
  withTaint,
} from './value.ts';

/** One element, standing for all. */
export function iterated(machine: Machine, iterable: Value, site: Site): Value {
  switch (iterable.kind) {
    case 'sequence': {
      if (iterable.elements.length === 0) return unknown(iterable.taint);
      let element = iterable.elements[0]!;
      for (const other of iterable.elements.slice(1, 4)) element = join(element, other);
      return withTaint(element, taintOf(iterable));
    }
    case 'dict': {
      const [key] = iterable.entries.keys();
      return key === undefined ? unknown(iterable.taint) : valueOfKey(key);
    }
    case 'union': {
      const each: Value[] = [];
      for (const option of iterable.options) each.push(iterated(machine, option, site));
      return joinAll(each);
    }
    case 'ref': {
      if (iterable.name === 'os.walk()') {
        const path = iterable.call?.args[0] ?? UNKNOWN;
        const names = unite(iterable.taint, originTaint(LABEL.listing, site, 'names of files'));
        return tuple([withTaint(path, iterable.taint), ref('?dirs', names), ref('?files', names, iterable.call)]);
      }
      if (iterable.name === 'os.environ' || iterable.name === 'os.environ.items()')
        return tuple([unknown(iterable.taint), unknown(iterable.taint)]);
      return ref(canonicalName(`${iterable.name}[]`), iterable.taint, iterable.call);
    }
    case 'instance': {
      const method = machine.attribute(iterable, '__iter__', site);
      const walks = method.kind === 'function' && !isBeingRead(machine, method);
      const given = walks ? machine.call(method, [], NO_KEYWORDS, site) : iterable;
      if (given.kind !== 'instance') return iterated(machine, given, site);
      for (const [name, args] of [
        ['__next__', []],
        ['__anext__', []],
        ['__getitem__', [UNKNOWN]],
      ] as const) {
        const next = machine.attribute(given, name, site);
        if (next.kind === 'function') return machine.call(next, args, NO_KEYWORDS, site);
      }
      return unknown(taintOf(iterable));
    }
    default:
      return unknown(taintOf(iterable));
  }
}

/** The parts of an assignment to several targets. */
export function unpack(value: Value, count: number): Value[] {
  if (value.kind === 'sequence' && value.elements.length >= count) return value.elements.slice(0, count);
  if (value.kind === 'str' && value.value.length === count)
    return Array.from(value.value, (c): Value => ({ kind: 'str', value: c, taint: value.taint }));
  if (value.kind === 'union') {
    const fit = value.options.find((o) => o.kind === 'sequence' && o.elements.length === count);
    if (fit?.kind === 'sequence') return fit.elements.map((e) => withTaint(e, value.taint));
  }
  const part = value.kind === 'ref' ? ref(`${value.name}[]`, value.taint, value.call) : unknown(taintOf(value));
  return Array.from({ length: count }, () => part);
}
