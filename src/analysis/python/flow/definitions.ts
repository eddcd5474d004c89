// Owns how `def`, `lambda` and `class` become values. May import machine. Start at makeFunction.
import type { Arguments, AsyncFunctionDef, ClassDef, Expr, FunctionDef, Lambda } from '../ast.ts';
import { findMember } from './functions.ts';
import { type Machine, NO_KEYWORDS } from './machine.ts';
import { innerScope, type Scope } from './scope.ts';
import { CLEAN } from './taint.ts';
import { type ClassValue, type FunctionValue, type Site, str, tuple, UNKNOWN, type Unit, type Value } from './value.ts';

/** Whether the text of a function yields; a nested function that does counts: see what its body returns. */
function isGeneratorText(scope: Scope, node: FunctionDef | AsyncFunctionDef): boolean {
  const at = yieldsOf(scope.unit);
  let low = 0;
  for (let high = at.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) < node.start) low = middle + 1;
    else high = middle;
  }
  return (at[low] ?? Number.POSITIVE_INFINITY) < node.end;
}

const yields = new WeakMap<Unit, readonly number[]>();

/** Where the word stands in a text, ascending: looked for once, not once for each function around it. */
function yieldsOf(unit: Unit): readonly number[] {
  let at = yields.get(unit);
  if (at === undefined) {
    at = unit.text.includes('yield') ? Array.from(unit.text.matchAll(/\byield\b/g), (m) => m.index) : [];
    yields.set(unit, at);
  }
  return at;
}

function decorationOf(decorators: readonly Expr[]): FunctionValue['decoration'] {
  for (const decorator of decorators) {
    if (decorator.kind === 'Name') {
      if (decorator.id === 'staticmethod') return 'static';
      if (decorator.id === 'classmethod') return 'class';
      if (/property$/.test(decorator.id)) return 'property';
    } else if (decorator.kind === 'Attribute' && /property$|^setter$|^getter$/.test(decorator.attr)) return 'property';
  }
  return 'none';
}

export function makeFunction(
  machine: Machine,
  node: FunctionDef | AsyncFunctionDef | Lambda,
  scope: Scope,
): FunctionValue {
  const args: Arguments = node.args;
  const made: FunctionValue = {
    kind: 'function',
    name: node.kind === 'Lambda' ? '<lambda>' : node.name,
    node,
    scope,
    unit: scope.unit,
    defaults: args.defaults.map((d) => machine.evaluate(d, scope)),
    keywordDefaults: args.kwonlyargs.length === 0 ? NO_KEYWORDS : keywordDefaultsOf(machine, args, scope),
    owner: undefined,
    bound: [],
    boundKeywords: NO_KEYWORDS,
    decoration: node.kind === 'Lambda' ? 'none' : decorationOf(node.decorator_list),
    isGenerator: node.kind !== 'Lambda' && isGeneratorText(scope, node),
  };
  // An annotation is an expression that runs where the function is defined.
  for (const { annotation } of [...args.posonlyargs, ...args.args, ...args.kwonlyargs])
    if (annotation?.kind === 'Call') machine.evaluate(annotation, scope);
  if (scope.kind !== 'class') machine.functions.push(made);
  return made;
}

function keywordDefaultsOf(machine: Machine, args: Arguments, scope: Scope): ReadonlyMap<string, Value> {
  const defaults = new Map<string, Value>();
  args.kwonlyargs.forEach((arg, i) => {
    const value = args.kw_defaults[i];
    if (value !== undefined) defaults.set(arg.arg, machine.evaluate(value, scope));
  });
  return defaults;
}

/** What Python calls when a class comes to be: `__init_subclass__` of a base, `__new__` and `__init__` of a metaclass. */
function runCreationHooks(machine: Machine, made: ClassValue, metaclass: Value | undefined, site: Site): void {
  for (const base of made.bases) {
    const hook = base.kind === 'class' ? findMember(base, '__init_subclass__') : undefined;
    if (hook?.kind === 'function') machine.call({ ...hook, bound: [made] }, [], NO_KEYWORDS, site);
  }
  if (metaclass?.kind === 'function')
    machine.call(metaclass, [str(made.name), tuple([...made.bases]), UNKNOWN], NO_KEYWORDS, site);
  const inherited = made.bases
    .map((base) => (base.kind === 'class' ? machine.metaclasses.get(base) : undefined))
    .find((meta) => meta !== undefined);
  const meta = metaclass?.kind === 'class' ? metaclass : inherited;
  if (meta !== undefined) machine.metaclasses.set(made, meta);
  if (metaclass?.kind === 'class')
    for (const name of ['__prepare__', '__new__', '__init__']) {
      const hook = findMember(metaclass, name);
      if (hook?.kind === 'function') machine.call(hook, [metaclass, made, UNKNOWN, UNKNOWN], NO_KEYWORDS, site);
    }
  for (const [name, member] of made.members) {
    if (member.kind !== 'instance') continue;
    const hook = findMember(member.of, '__set_name__');
    if (hook?.kind === 'function') machine.call({ ...hook, bound: [member] }, [made, str(name)], NO_KEYWORDS, site);
  }
}

export function makeClass(machine: Machine, node: ClassDef, scope: Scope): ClassValue {
  const bases = node.bases.map((b) => machine.evaluate(b, scope));
  const metaclass = node.keywords
    .map((k) => ({ name: k.arg, value: machine.evaluate(k.value, scope) }))
    .find((k) => k.name === 'metaclass')?.value;
  const body = innerScope('class', scope);
  const made: ClassValue = {
    kind: 'class',
    name: node.name,
    node,
    unit: scope.unit,
    bases,
    members: body.names,
    taint: CLEAN,
  };
  machine.execute(node.body, body);
  for (const [name, member] of body.names) {
    if (member.kind === 'function' && member.owner === undefined && member.scope === body) {
      const method = { ...member, owner: made };
      body.names.set(name, method);
    }
  }
  machine.classes.push(made);
  runCreationHooks(machine, made, metaclass, { unit: scope.unit, node });
  return made;
}
