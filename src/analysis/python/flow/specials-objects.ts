// Owns builtins that look at objects and make them: attributes by name, types, namespaces, bare instances. Start at OBJECTS.

import { setAttribute } from './assignments.ts';
import { declaredFields } from './carriers.ts';
import { elementsOf } from './elements.ts';
import { type Machine, NO_KEYWORDS } from './machine.ts';
import type { Special, SpecialCall } from './special.ts';
import { CLEAN, unite } from './taint.ts';
import { textOf } from './text.ts';
import {
  type ClassValue,
  FALSE,
  join,
  NONE,
  optionsOf,
  ref,
  TRUE,
  taintOf,
  UNKNOWN,
  unknown,
  type Value,
} from './value.ts';

function getAttribute(machine: Machine, { args, site }: SpecialCall): Value | undefined {
  const [owner, name, missing] = args;
  if (owner === undefined || name === undefined) return undefined;
  let result: Value | undefined;
  for (const option of optionsOf(name)) {
    let value: Value;
    if (option.kind === 'str') value = machine.attribute(owner, option.value, site);
    else {
      const base = owner.kind === 'ref' ? owner.name : owner.kind === 'module' ? owner.unit.module : '?';
      value = ref(`${base}.‹dynamic›`, unite(taintOf(owner), taintOf(name)));
    }
    result = result === undefined ? value : join(result, value);
  }
  return missing === undefined || missing.kind === 'none' || result === undefined
    ? result
    : result.kind === 'ref'
      ? result
      : join(result, missing);
}

const TYPES: Readonly<Record<string, string>> = {
  str: 'str',
  bytes: 'bytes',
  int: 'int',
  float: 'float',
  dict: 'dict',
  list: 'list',
  tuple: 'tuple',
  set: 'set',
  bytearray: 'bytearray',
};

/** Whether a known value is of a builtin type; undefined when it cannot be told. */
function isInstance([value, type]: readonly Value[]): Value | undefined {
  if (value === undefined || type === undefined) return undefined;
  const wanted = (type.kind === 'sequence' ? type.elements : [type]).map((one) => (one.kind === 'ref' ? one.name : ''));
  if (wanted.some((name) => TYPES[name] === undefined)) return undefined;
  const own = value.kind === 'sequence' ? value.type : value.kind;
  // What it is not stays open: code behind a test is not left out for it.
  if (TYPES[own] !== undefined && wanted.includes(own)) return TRUE;
  // `c if isinstance(c, str) else ' '.join(c)`
  const isText = wanted.every((name) => name === 'str' || name === 'bytes');
  return isText && (value.kind === 'sequence' || value.kind === 'dict') ? FALSE : undefined;
}

/** `object.__new__(cls)`: an object with nothing in it. */
function bareInstance(_machine: Machine, { args: [of] }: SpecialCall): Value | undefined {
  return of?.kind === 'class' ? { kind: 'instance', of, fields: new Map(), taint: CLEAN } : undefined;
}

/** `super()`: the same fields, seen from the bases. */
function superCall(machine: Machine): Value | undefined {
  const activation = machine.activations.at(-1);
  const self = activation?.self;
  if (activation?.owner === undefined || self?.kind !== 'instance') return undefined;
  const above: ClassValue = { ...activation.owner, members: new Map(), bases: activation.owner.bases };
  return { ...self, of: above };
}

function typeCall(_machine: Machine, { args, site }: SpecialCall): Value | undefined {
  const [first, bases, members] = args;
  if (first === undefined) return undefined;
  if (args.length === 1)
    return first.kind === 'instance' ? first.of : first.kind === 'ref' ? unknown(first.taint) : ref(`type()`);
  if (members?.kind !== 'dict') return undefined;
  const made: ClassValue = {
    kind: 'class',
    name: textOf(first),
    node: undefined,
    unit: site.unit,
    bases: bases === undefined ? [] : (elementsOf(bases) ?? []),
    members: new Map([...members.entries].map(([k, v]) => [k.slice(1), v])),
    taint: CLEAN,
  };
  return made;
}

/** By canonical name; undefined results fall through to the general treatment. */
export const OBJECTS: readonly (readonly [string, Special])[] = [
  ['getattr', getAttribute],
  ['object.__getattribute__', getAttribute],
  [
    'operator.attrgetter',
    (_machine, { callee, args, keywords, site }) =>
      ref('operator.attrgetter()', CLEAN, {
        name: callee.name,
        args,
        keywords,
        receiver: undefined,
        site,
        absorbed: CLEAN,
      }),
  ],
  [
    'operator.attrgetter()',
    (machine, { callee, args, site }) =>
      getAttribute(machine, {
        callee,
        args: [args[0] ?? UNKNOWN, callee.call?.args[0] ?? UNKNOWN],
        keywords: NO_KEYWORDS,
        site,
      }),
  ],
  [
    'operator.methodcaller',
    (_machine, { callee, args, keywords, site }) =>
      ref('operator.methodcaller()', CLEAN, {
        name: callee.name,
        args,
        keywords,
        receiver: undefined,
        site,
        absorbed: CLEAN,
      }),
  ],
  [
    'operator.methodcaller()',
    (machine, { callee, args, site }) => {
      const [name, ...more] = callee.call?.args ?? [];
      const [owner] = args;
      if (name?.kind !== 'str' || owner === undefined) return undefined;
      return machine.call(machine.attribute(owner, name.value, site), more, callee.call?.keywords ?? NO_KEYWORDS, site);
    },
  ],
  [
    'setattr',
    (machine, { args }) => {
      const [owner, name, value] = args;
      if (owner !== undefined && name?.kind === 'str' && value !== undefined)
        setAttribute(machine, owner, name.value, value);
      return NONE;
    },
  ],
  ['globals', (machine) => ({ kind: 'namespace', of: undefined, scope: machine.currentScope?.module })],
  ['locals', (machine) => ({ kind: 'namespace', of: undefined, scope: machine.currentScope })],
  [
    'vars',
    (machine, { args }) =>
      args[0] === undefined
        ? { kind: 'namespace', of: undefined, scope: machine.currentScope }
        : { kind: 'namespace', of: args[0], scope: args[0].kind === 'module' ? args[0].scope : undefined },
  ],
  ['super', (machine) => superCall(machine)],
  ['isinstance', (_machine, { args }) => isInstance(args)],
  ['type', typeCall],
  ['inspect.getattr_static', getAttribute],
  ['types.FunctionType', (_machine, { args: [code] }) => (code?.kind === 'function' ? code : undefined)],
  [
    'types.MethodType',
    (_machine, { args: [callee, self] }) =>
      callee?.kind === 'function' && self !== undefined ? { ...callee, bound: [self, ...callee.bound] } : undefined,
  ],
  ['object.__new__', bareInstance],
  ['super().__new__', bareInstance],
  ['str.__new__', (_machine, { args }) => args[1]],
  [
    'inspect.getdoc',
    (machine, { args, site }) => (args[0] === undefined ? undefined : machine.attribute(args[0], '__doc__', site)),
  ],
  [
    'collections.namedtuple',
    (_machine, { args, site }) => ({
      kind: 'class',
      name: textOf(args[0] ?? NONE),
      node: undefined,
      unit: site.unit,
      bases: [],
      members: new Map(declaredFields(args[1]).map((field) => [field, NONE])),
      taint: CLEAN,
    }),
  ],
];
