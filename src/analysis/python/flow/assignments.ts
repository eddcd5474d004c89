// Owns what gets a value: names, parts of sequences, items, attributes, and what a function put in another's place is handed. Start at assign.
import type { Expr } from '../ast.ts';
import { elementsOf } from './elements.ts';
import { emitVariable } from './events.ts';
import { findMember, symbolicArguments } from './functions.ts';
import { noteAssigned } from './handlers.ts';
import { walked } from './instance-operators.ts';
import { unpack } from './iteration.ts';
import { isBeingRead, type Machine, NO_KEYWORDS, spend, write, writeName } from './machine.ts';
import { canonicalName } from './names.ts';
import { type Scope, scopeOf } from './scope.ts';
import { setItem } from './subscripts.ts';
import {
  absorb,
  type FunctionValue,
  type InstanceValue,
  join,
  list,
  type Site,
  str,
  taintOf,
  UNKNOWN,
  unknown,
  type Value,
} from './value.ts';

/** Gives a value to a target. */
export function assign(machine: Machine, target: Expr, value: Value, scope: Scope): void {
  spend(machine, 1);
  switch (target.kind) {
    case 'Name':
      writeName(machine, scopeOf(scope, target.id), target.id, value);
      return;
    case 'Tuple':
    case 'List': {
      const star = target.elts.findIndex(isStarred);
      if (star < 0) {
        const parts = unpack(walked(machine, value, { unit: scope.unit, node: target }), target.elts.length);
        for (let i = 0; i < target.elts.length; i++) machine.assign(target.elts[i]!, parts[i] ?? UNKNOWN, scope);
        return;
      }
      const known = elementsOf(value);
      target.elts.forEach((element, i) => {
        const after = target.elts.length - i - 1;
        let part: Value;
        if (known === undefined) part = unknown(taintOf(value));
        else if (i < star) part = known[i] ?? UNKNOWN;
        else if (i > star) part = known[known.length - after - 1] ?? UNKNOWN;
        else part = list(known.slice(star, known.length - after));
        machine.assign(element.kind === 'Starred' ? element.value : element, part, scope);
      });
      return;
    }
    case 'Attribute': {
      const owner = machine.evaluate(target.value, scope);
      setAttribute(machine, owner, target.attr, value);
      return;
    }
    case 'Subscript': {
      const owner = machine.evaluate(target.value, scope);
      const key = target.slice.kind === 'Slice' ? UNKNOWN : machine.evaluate(target.slice, scope);
      if (owner.kind === 'ref' && owner.name === 'os.environ')
        emitVariable(machine, key, value, { unit: scope.unit, node: target });
      setItem(machine, owner, key, value);
      return;
    }
    case 'Starred':
      machine.assign(target.value, value, scope);
      return;
    default:
      return;
  }
}

const EXCEPTION_HOOK = /^(?:sys|threading)\.(?:excepthook|unraisablehook)$/;
/** What makes an object: only the program's own calls come by what it puts into that. */
const CLASS = /^(?!types\.)(?:.*\.)?[A-Z]\w*$/;

/** A function put in the place of one outside: whatever the other was handed, this one is. */
function runPatch(machine: Machine, name: string, value: FunctionValue, isOwn: boolean): void {
  if (machine.frames.length > 8 || machine.frames.some((f) => f.name.startsWith('patch of'))) return;
  const site: Site = { unit: value.unit, node: value.node };
  const symbols = symbolicArguments(value, value.bound.length);
  const { context } = machine;
  machine.frames.push({ site, name: `patch of ${canonicalName(name)}`, node: value.node });
  // A hook for exceptions runs when there is one, which is nobody's import.
  if (EXCEPTION_HOOK.test(name) || isOwn) machine.context = 'call';
  try {
    machine.call(value, symbols.args, symbols.keywords, site);
  } finally {
    machine.context = context;
    machine.frames.pop();
  }
}

/** What a setter, a descriptor or `__setattr__` of the class does with it; false: none of them is there. */
function setByMethod(machine: Machine, owner: InstanceValue, name: string, value: Value): boolean {
  const setter = findMember(owner.of, `${name}.setter`);
  const member = findMember(owner.of, name);
  const by = setter ?? findMember(owner.of, '__setattr__');
  if (by?.kind === 'function') {
    if (isBeingRead(machine, by)) return false;
    const args = by === setter ? [value] : [str(name), value];
    machine.call({ ...by, bound: [owner] }, args, NO_KEYWORDS, { unit: by.unit, node: by.node });
    // It may keep it anywhere: under its own name, most often.
    return by === setter;
  }
  const set = member?.kind === 'instance' ? findMember(member.of, '__set__') : undefined;
  if (member === undefined || set?.kind !== 'function') return false;
  machine.call({ ...set, bound: [member] }, [owner, value], NO_KEYWORDS, { unit: set.unit, node: set.node });
  return true;
}

/** `owner.name = value`. */
export function setAttribute(machine: Machine, owner: Value, name: string, value: Value): void {
  switch (owner.kind) {
    case 'instance': {
      if (setByMethod(machine, owner, name, value)) return;
      const old = owner.fields.get(name);
      write(machine, owner.fields, name, old !== undefined && machine.uncertainty > 0 ? join(value, old) : value);
      return;
    }
    case 'class':
      write(machine, owner.members, name, value);
      return;
    case 'module':
      write(machine, owner.scope.names, name, value);
      return;
    case 'function': {
      const fields = machine.functionFields.get(owner.node) ?? new Map<string, Value>();
      machine.functionFields.set(owner.node, fields);
      write(machine, fields, name, value);
      return;
    }
    case 'ref':
      if (owner === UNKNOWN) return;
      owner.fields ??= new Map();
      write(machine, owner.fields, name, value);
      absorb(owner, name, value);
      if (owner.name === 'builtins') write(machine, machine.builtins, name, value);
      if (value.kind === 'function') noteAssigned(owner, value);
      if (value.kind === 'function' && !owner.name.startsWith('?'))
        runPatch(machine, `${owner.name}.${name}`, value, owner.call !== undefined && CLASS.test(owner.call.name));
      return;
    case 'union':
      for (const option of owner.options) setAttribute(machine, option, name, value);
      return;
    default:
      return;
  }
}

function isStarred({ kind }: Expr): boolean {
  return kind === 'Starred';
}
