// Owns what builtins call on objects of the archive: `str(x)` is `x.__str__()`. May import machine. Start at PROTOCOLS.
import { findMember } from './functions.ts';
import { type Machine, NO_KEYWORDS } from './machine.ts';
import type { Site, Value } from './value.ts';

interface ProtocolCall {
  readonly args: readonly Value[];
  readonly site: Site;
}

/** Builtins, and the methods that they look for, in this order. */
const METHODS: readonly (readonly [string, readonly string[]])[] = [
  ['str', ['__str__', '__repr__']],
  ['repr', ['__repr__', '__str__']],
  ['format', ['__format__', '__str__']],
  ['print', ['__str__', '__repr__']],
  ['bytes', ['__bytes__']],
  ['int', ['__int__', '__index__']],
  ['float', ['__float__']],
  ['bool', ['__bool__', '__len__']],
  ['len', ['__len__']],
  ['hash', ['__hash__']],
  ['abs', ['__abs__']],
  ['dir', ['__dir__']],
  ['iter', ['__iter__']],
  ['next', ['__next__']],
  ['reversed', ['__reversed__']],
];

/** Calls the first of these methods that the class of an instance has; undefined: it is no instance, or has none. */
export function callProtocol(
  machine: Machine,
  value: Value,
  methods: readonly string[],
  site: Site,
): Value | undefined {
  if (value.kind !== 'instance') return undefined;
  for (const name of methods) {
    const method = findMember(value.of, name);
    if (method?.kind === 'function') return machine.call({ ...method, bound: [value] }, [], NO_KEYWORDS, site);
  }
  return undefined;
}

/** An instance in a text: `f'{x}'`. */
export function textOfInstance(machine: Machine, value: Value, site: Site): Value {
  return callProtocol(machine, value, ['__format__', '__str__', '__repr__'], site) ?? value;
}

/** By canonical name; undefined results fall through to the general treatment. */
export const PROTOCOLS: readonly (readonly [string, (machine: Machine, call: ProtocolCall) => Value | undefined])[] =
  METHODS.map(([builtin, methods]) => [
    builtin,
    (machine, { args, site }) => (args[0] === undefined ? undefined : callProtocol(machine, args[0], methods, site)),
  ]);
