// Owns functions that call what they are handed: map, reduce, partial, decorators, tasks, methods by their class. Start at CALLS.
import { awaited } from './carriers.ts';
import { elementsOf } from './elements.ts';
import { iterated } from './iteration.ts';
import { commonLength } from './library-sequences.ts';
import { type Machine, NO_KEYWORDS, spend } from './machine.ts';
import type { Special, SpecialCall } from './special.ts';
import { CLEAN } from './taint.ts';
import { list, NONE, ref, taintOf, type Value } from './value.ts';

function mapCall(machine: Machine, { args, site }: SpecialCall): Value | undefined {
  const [callee, ...iterables] = args;
  if (callee === undefined || iterables.length === 0) return undefined;
  const columns = iterables.map(elementsOf);
  if (columns.some((c) => c === undefined)) {
    const element = machine.call(
      callee,
      iterables.map((i) => iterated(machine, i, site)),
      NO_KEYWORDS,
      site,
    );
    return list([element], true);
  }
  const known = columns.filter((c) => c !== undefined);
  const length = commonLength(iterables, known);
  const results: Value[] = [];
  for (let i = 0; i < length; i++) {
    spend(machine, 1);
    results.push(
      machine.call(
        callee,
        known.map((c) => c[i % c.length] ?? NONE),
        NO_KEYWORDS,
        site,
      ),
    );
  }
  return list(results);
}

function filterCall(machine: Machine, { args, site }: SpecialCall): Value | undefined {
  const [callee, iterable] = args;
  const elements = elementsOf(iterable);
  if (callee === undefined || elements === undefined) return undefined;
  const kept: Value[] = [];
  let isOpen = false;
  for (const element of elements) {
    const passed = callee.kind === 'none' ? element : machine.call(callee, [element], NO_KEYWORDS, site);
    if (passed.kind === 'bool' && !passed.value) continue;
    if (passed.kind !== 'bool') isOpen = true;
    kept.push(element);
  }
  return list(kept, isOpen);
}

function reduceCall(machine: Machine, { args, site }: SpecialCall): Value | undefined {
  const [callee, iterable, first] = args;
  const elements = elementsOf(iterable);
  if (callee === undefined || elements === undefined) return undefined;
  let rest = [...elements];
  let result = first ?? rest.shift();
  if (result === undefined) return undefined;
  if (rest.length > 200_000) rest = rest.slice(0, 200_000);
  for (const element of rest) result = machine.call(callee, [result, element], NO_KEYWORDS, site);
  return result;
}

function partial({ args, keywords, site }: SpecialCall): Value | undefined {
  const [callee, ...more] = args;
  if (callee === undefined) return undefined;
  if (callee.kind === 'function')
    return {
      ...callee,
      bound: [...callee.bound, ...more],
      boundKeywords: new Map([...callee.boundKeywords, ...keywords]),
    };
  return ref('functools.partial()', taintOf(callee), {
    name: 'functools.partial',
    args,
    keywords,
    receiver: undefined,
    site,
    absorbed: CLEAN,
  });
}

function callPartial(machine: Machine, { callee, args, keywords, site }: SpecialCall): Value | undefined {
  const [target, ...more] = callee.call?.args ?? [];
  if (target === undefined) return undefined;
  return machine.call(target, [...more, ...args], new Map([...(callee.call?.keywords ?? []), ...keywords]), site);
}

function unbound(name: string): Special {
  return (machine, { args, keywords, site }) => {
    const [self, ...rest] = args;
    return self === undefined ? undefined : machine.call(machine.attribute(self, name, site), rest, keywords, site);
  };
}

/** By canonical name; undefined results fall through to the general treatment. */
export const CALLS: readonly (readonly [string, Special])[] = [
  [
    'operator.call',
    (machine, { args, keywords, site }) =>
      args[0] === undefined ? undefined : machine.call(args[0], args.slice(1), keywords, site),
  ],
  ['map', mapCall],
  ['filter', filterCall],
  ['functools.reduce', reduceCall],
  ['reduce', reduceCall],
  ['functools.partial', (_machine, call) => partial(call)],
  ['functools.partial()', callPartial],
  ['functools.wraps', () => ref('functools.wraps()')],
  ['functools.wraps()', (_machine, { args }) => args[0]],
  ['functools.lru_cache()', (_machine, { args }) => args[0]],
  ['contextlib.contextmanager', (_machine, { args }) => args[0]],
  ['staticmethod', (_machine, { args }) => args[0]],
  ['asyncio.run', (_machine, { args }) => (args[0] === undefined ? undefined : awaited(args[0]))],
  ...[
    'get_event_loop().run_until_complete',
    'Runner().run',
    'create_task',
    'ensure_future',
    'TaskGroup().create_task',
    'shield',
  ].map((name): [string, Special] => [
    `asyncio.${name}`,
    (_machine, { args }) => (args[0] === undefined ? undefined : awaited(args[0])),
  ]),
  ...['asyncio.as_completed', 'concurrent.futures.as_completed'].map((name): [string, Special] => [
    name,
    (_machine, { args }) => args[0],
  ]),
  ['asyncio.gather', (_machine, { args }) => list([...args])],
  ['asyncio.wait_for', (_machine, { args }) => (args[0] === undefined ? undefined : awaited(args[0]))],
  [
    'asyncio.to_thread',
    (machine, { args, keywords, site }) =>
      args[0] === undefined ? undefined : machine.call(args[0], args.slice(1), keywords, site),
  ],
  [
    'dict.get',
    (machine, { args, site }) =>
      args[0] === undefined
        ? undefined
        : machine.call(machine.attribute(args[0], 'get', site), args.slice(1), NO_KEYWORDS, site),
  ],
  ['str.join', unbound('join')],
  ['bytes.join', unbound('join')],
  ['str.replace', unbound('replace')],
  ['str.encode', unbound('encode')],
  ['str.lower', unbound('lower')],
  ['str.upper', unbound('upper')],
  ['str.split', unbound('split')],
  ['str.strip', unbound('strip')],
  ['str.format', unbound('format')],
  ['str.translate', unbound('translate')],
  ['bytes.decode', unbound('decode')],
  ['list.append', unbound('append')],
];
