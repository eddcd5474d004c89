// Owns Python's builtins and `itertools` on lists, tables and what is walked through. Start at SEQUENCES.
import { elementsOf, type PureFunction } from './elements.ts';
import { binary, numberOf, subscript } from './operators.ts';
import { characters } from './text-methods.ts';
import { bool, dict, int, keyOf, list, NONE, type SequenceValue, truth, tuple, type Value } from './value.ts';

const MAX_RANGE = 200_000;

function range(args: readonly Value[]): Value | undefined {
  const bounds = args.map((a) => numberOf(a));
  if (bounds.includes(undefined)) return undefined;
  const [first = 0, second, third = 1] = bounds.map((n) => Number(n));
  const start = second === undefined ? 0 : first;
  const end = second ?? first;
  if (third === 0 || Math.abs((end - start) / third) > MAX_RANGE) return undefined;
  const elements: Value[] = [];
  for (let i = start; third > 0 ? i < end : i > end; i += third) elements.push(int(i));
  return list(elements);
}

function sequenceOf(type: SequenceValue['type']): PureFunction {
  return (args) => {
    const [value] = args;
    if (value === undefined) return list([], false, type);
    const elements = elementsOf(value);
    if (elements !== undefined) return list([...elements], false, type);
    if (value.kind === 'sequence') return { ...list([...value.elements], true, type), taint: value.taint };
    return undefined;
  };
}

/** Sequences that begin anew at their end. */
const endless = new WeakSet<Value>();

/** Rounds of several iterables together: those of the shortest that ends. */
export function commonLength(of: readonly Value[], columns: readonly (readonly Value[])[]): number {
  const ends = columns.filter((_, i) => !endless.has(of[i]!)).map((column) => column.length);
  return columns.some((column) => column.length === 0) || ends.length === 0 ? 0 : Math.min(...ends);
}

function cycle(args: readonly Value[]): Value | undefined {
  const elements = elementsOf(args[0]);
  if (elements === undefined) return undefined;
  const made = list([...elements]);
  endless.add(made);
  return made;
}

function repeated(args: readonly Value[]): Value | undefined {
  const [value, times] = args;
  if (value === undefined) return undefined;
  if (times === undefined) return cycle([list([value])]);
  const n = numberOf(times);
  return n === undefined ? undefined : list(Array.from({ length: Math.min(Number(n), 10_000) }, () => value));
}

function zip(args: readonly Value[]): Value | undefined {
  const columns = args.map(elementsOf);
  const known = columns.filter((c) => c !== undefined);
  if (known.length !== args.length || known.length === 0) return undefined;
  const length = commonLength(args, known);
  return list(Array.from({ length }, (_, i) => tuple(known.map((c) => c[i % c.length]!))));
}

function order(values: readonly Value[]): Value[] | undefined {
  const keyed = values.map((v) => ({
    v,
    n: numberOf(v),
    t: v.kind === 'str' || v.kind === 'bytes' ? v.value : undefined,
  }));
  if (keyed.every((k) => k.n !== undefined)) return keyed.sort((a, b) => Number(a.n) - Number(b.n)).map((k) => k.v);
  if (keyed.every((k) => k.t !== undefined))
    return keyed.sort((a, b) => (a.t! < b.t! ? -1 : a.t! > b.t! ? 1 : 0)).map((k) => k.v);
  return undefined;
}

function extreme(pickLast: boolean): PureFunction {
  return (args, keywords) => {
    if (keywords.size > 0) return undefined;
    const values = args.length === 1 ? elementsOf(args[0]) : args;
    if (values === undefined || values.length === 0) return undefined;
    return pickLast ? order(values)?.at(-1) : order(values)?.[0];
  };
}

function slicer(take: (values: readonly Value[], n: number) => Value[]): PureFunction {
  return (args) => {
    const values = elementsOf(args[0]);
    const n = args[1] === undefined ? 0 : numberOf(args[1]);
    return values === undefined || n === undefined ? undefined : list(take(values, Number(n)));
  };
}

function len(args: readonly Value[]): Value | undefined {
  const [value] = args;
  if (value === undefined) return undefined;
  if (value.kind === 'str') return int(characters(value.value).length);
  if (value.kind === 'bytes') return int(value.value.length);
  if (value.kind === 'sequence') return value.isOpen ? undefined : int(value.elements.length);
  if (value.kind === 'dict') return value.isOpen ? undefined : int(value.entries.size);
  return undefined;
}

function makeDict(args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value | undefined {
  const entries = new Map<string, Value>();
  const [first] = args;
  if (first?.kind === 'dict') for (const [k, v] of first.entries) entries.set(k, v);
  else if (first !== undefined) {
    const pairs = elementsOf(first);
    if (pairs === undefined) return undefined;
    for (const pair of pairs) {
      const [k, v] = elementsOf(pair) ?? [];
      const key = k === undefined ? undefined : keyOf(k);
      if (key === undefined || v === undefined) return undefined;
      entries.set(key, v);
    }
  }
  for (const [k, v] of keywords) entries.set(`s${k}`, v);
  return dict(entries, first?.kind === 'dict' && first.isOpen);
}

/** By canonical name. */
export const SEQUENCES: readonly (readonly [string, PureFunction])[] = [
  ['len', len],
  ['list', sequenceOf('list')],
  ['tuple', sequenceOf('tuple')],
  ['set', sequenceOf('set')],
  ['frozenset', sequenceOf('set')],
  ['collections.deque', sequenceOf('list')],
  ['iter', (args) => (args.length === 1 && elementsOf(args[0]) !== undefined ? args[0] : undefined)],
  ['dict', makeDict],
  ['collections.OrderedDict', makeDict],
  [
    'dict.fromkeys',
    (args) => {
      const entries = new Map<string, Value>();
      for (const k of elementsOf(args[0]) ?? []) entries.set(keyOf(k) ?? '?', args[1] ?? NONE);
      return elementsOf(args[0]) === undefined ? undefined : dict(entries);
    },
  ],
  ['range', range],
  ['zip', zip],
  [
    'enumerate',
    (args) => {
      const values = elementsOf(args[0]);
      const start = Number(numberOf(args[1] ?? int(0)) ?? 0);
      return values === undefined ? undefined : list(values.map((v, i) => tuple([int(i + start), v])));
    },
  ],
  [
    'reversed',
    (args) => {
      const values = elementsOf(args[0]);
      return values === undefined ? undefined : list([...values].reverse());
    },
  ],
  [
    'sorted',
    (args, keywords) => {
      const values = elementsOf(args[0]);
      if (values === undefined || keywords.has('key')) return undefined;
      const sorted = order(values);
      if (sorted === undefined) return undefined;
      const reverse = keywords.get('reverse');
      return list(reverse !== undefined && truth(reverse) === true ? sorted.reverse() : sorted);
    },
  ],
  ['min', extreme(false)],
  ['max', extreme(true)],
  [
    'sum',
    (args) => {
      const values = elementsOf(args[0]);
      return values?.reduce((a, b) => binary('Add', a, b), args[1] ?? int(0));
    },
  ],
  [
    'any',
    (args) => {
      const values = elementsOf(args[0])?.map(truth);
      return values === undefined
        ? undefined
        : values.includes(true)
          ? bool(true)
          : values.includes(undefined)
            ? undefined
            : bool(false);
    },
  ],
  [
    'all',
    (args) => {
      const values = elementsOf(args[0])?.map(truth);
      return values === undefined
        ? undefined
        : values.includes(false)
          ? bool(false)
          : values.includes(undefined)
            ? undefined
            : bool(true);
    },
  ],
  ['operator.getitem', (args) => (args.length === 2 ? subscript(args[0]!, args[1]!) : undefined)],
  [
    'itertools.chain',
    (args) => {
      const all = args.map(elementsOf);
      return all.includes(undefined) ? undefined : list(all.flatMap((a) => [...(a ?? [])]));
    },
  ],
  [
    'itertools.chain.from_iterable',
    (args) => {
      const all = elementsOf(args[0])?.map(elementsOf);
      return all === undefined || all.includes(undefined) ? undefined : list(all.flatMap((a) => [...(a ?? [])]));
    },
  ],
  ['itertools.islice', slicer((values, n) => values.slice(0, n))],
  ['itertools.repeat', repeated],
  ['itertools.cycle', cycle],
  [
    'itertools.tee',
    (args) => {
      const count = args[1] === undefined ? 2 : Number(numberOf(args[1]) ?? 0);
      return elementsOf(args[0]) === undefined || count > 100
        ? undefined
        : tuple(Array.from({ length: count }, () => args[0]!));
    },
  ],
];
