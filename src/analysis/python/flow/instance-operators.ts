// Owns what operators and statements call on objects of the archive: `a + b` is `a.__add__(b)`, `for x in a` asks `a.__iter__`.
// May import machine and protocols. Start at operate.
import type { CompareOperator, Operator, UnaryOperator } from '../ast.ts';
import { findMember } from './functions.ts';
import { iterated } from './iteration.ts';
import { isBeingRead, type Machine, NO_KEYWORDS } from './machine.ts';
import { callProtocol, textOfInstance } from './protocols.ts';
import { type InstanceValue, list, type Site, type Value } from './value.ts';

const OPERATORS: Readonly<Record<Operator, string>> = {
  Add: 'add',
  Sub: 'sub',
  Mult: 'mul',
  MatMult: 'matmul',
  Div: 'truediv',
  Mod: 'mod',
  Pow: 'pow',
  LShift: 'lshift',
  RShift: 'rshift',
  BitOr: 'or',
  BitXor: 'xor',
  BitAnd: 'and',
  FloorDiv: 'floordiv',
};

const COMPARISONS: Readonly<Partial<Record<CompareOperator, readonly [string, string]>>> = {
  Eq: ['__eq__', '__eq__'],
  NotEq: ['__ne__', '__ne__'],
  Lt: ['__lt__', '__gt__'],
  LtE: ['__le__', '__ge__'],
  Gt: ['__gt__', '__lt__'],
  GtE: ['__ge__', '__le__'],
};

const UNARY: Readonly<Record<UnaryOperator, readonly string[]>> = {
  USub: ['__neg__'],
  UAdd: ['__pos__'],
  Invert: ['__invert__'],
  Not: ['__bool__', '__len__'],
};

/** Calls a method that the class of an object has; undefined: it has none. */
export function callMethod(
  machine: Machine,
  owner: InstanceValue,
  name: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const method = findMember(owner.of, name);
  if (method?.kind !== 'function' || isBeingRead(machine, method)) return undefined;
  return machine.call({ ...method, bound: [owner] }, args, NO_KEYWORDS, site);
}

/** `left op right` where one of them is an object; undefined: no method of it is asked. */
export function operate(
  machine: Machine,
  op: Operator,
  left: Value,
  right: Value,
  site: Site,
  isInPlace = false,
): Value | undefined {
  const name = OPERATORS[op];
  if (left.kind === 'instance') {
    const own = isInPlace ? callMethod(machine, left, `__i${name}__`, [right], site) : undefined;
    const result = own ?? callMethod(machine, left, `__${name}__`, [right], site);
    if (result !== undefined) return result;
  }
  if (right.kind !== 'instance') return undefined;
  if (op === 'Mod' && left.kind === 'str') textOfInstance(machine, right, site);
  return callMethod(machine, right, `__r${name}__`, [left], site);
}

/** What a comparison asks of an object; what it answers is one bit. */
export function compareInstances(machine: Machine, op: CompareOperator, left: Value, right: Value, site: Site): void {
  if (op === 'In' || op === 'NotIn') {
    if (right.kind === 'instance' && callMethod(machine, right, '__contains__', [left], site) === undefined)
      iterated(machine, right, site);
    return;
  }
  const names = COMPARISONS[op];
  if (names === undefined) return;
  if (left.kind === 'instance' && callMethod(machine, left, names[0], [right], site) !== undefined) return;
  if (right.kind === 'instance') callMethod(machine, right, names[1], [left], site);
}

/** `-object`, `not object`. */
export function operateUnary(machine: Machine, op: UnaryOperator, value: Value, site: Site): Value | undefined {
  return callProtocol(machine, value, UNARY[op], site);
}

/** The value of a condition: an object says itself whether it holds. */
export function tested(machine: Machine, value: Value, site: Site): Value {
  return value.kind === 'instance' ? (callProtocol(machine, value, UNARY.Not, site) ?? value) : value;
}

/** The elements of an object that can be walked through, as a list that may be longer; other values as they are. */
export function walked(machine: Machine, value: Value, site: Site): Value {
  if (value.kind !== 'instance') return value;
  const isWalkable = ['__iter__', '__next__', '__aiter__', '__getitem__'].some(
    (name) => findMember(value.of, name)?.kind === 'function',
  );
  if (!isWalkable) return value;
  const given = callMethod(machine, value, '__iter__', [], site);
  return given?.kind === 'sequence' ? given : list([iterated(machine, given ?? value, site)], true);
}

function isInstance({ kind }: Value): boolean {
  return kind === 'instance';
}

/** Functions that walk through what they are handed. */
const WALKERS =
  /^(?:list|tuple|set|frozenset|sorted|sum|any|all|min|max|enumerate|zip|map|filter|dict|collections\.deque|itertools\.\w+(?:\.from_iterable)?)$/;

/** Arguments as the function sees them: objects that it walks through by their elements, objects that are paths asked for them. */
export function viewed(machine: Machine, name: string, args: readonly Value[], site: Site): readonly Value[] {
  if (!args.some(isInstance)) return args;
  if (WALKERS.test(name)) return args.map((arg) => walked(machine, arg, site));
  return /^(?:os\.|open$|pathlib\.|shutil\.)/.test(name)
    ? args.map((arg) => callProtocol(machine, arg, ['__fspath__'], site) ?? arg)
    : args;
}
