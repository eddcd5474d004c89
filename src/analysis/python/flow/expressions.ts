// Owns expressions: from syntax and names to a value. May import machine and the rest of this folder below it. Start at evaluate.
import type { BinOp, Call, Constant, Expr, JoinedStr, Name, Subscript, TemplateStr } from '../ast.ts';
import { awaited } from './carriers.ts';
import { comprehension } from './comprehensions.ts';
import { makeFunction } from './definitions.ts';
import { elementsOf } from './elements.ts';
import { fieldText, represent } from './format.ts';
import { compareInstances, operate, operateUnary, tested, walked } from './instance-operators.ts';
import { type Machine, NO_KEYWORDS, spend } from './machine.ts';
import { isModelled } from './models.ts';
import { canonicalName } from './names.ts';
import { binary, compare, unary } from './operators.ts';
import { callProtocol, textOfInstance } from './protocols.ts';
import { lookUp, type Scope } from './scope.ts';
import { getItem, getSlice, setItem } from './subscripts.ts';
import { CLEAN, unite } from './taint.ts';
import {
  bool,
  bytes,
  dict,
  float,
  int,
  join,
  joinAll,
  keyOf,
  list,
  NONE,
  namesIn,
  ref,
  type Site,
  str,
  taintOf,
  template,
  truth,
  tuple,
  UNKNOWN,
  unknown,
  type Value,
} from './value.ts';

const MAX_DEPTH = 1_200;

/** What the expression stands for; reads every call in it. */
export function evaluate(machine: Machine, node: Expr, scope: Scope): Value {
  spend(machine, 1);
  if (machine.depth > MAX_DEPTH) {
    if (machine.exhausted.length < 20) machine.exhausted.push(`nesting at ${scope.unit.path}:${node.line}`);
    return UNKNOWN;
  }
  // Half of all nodes are leaves.
  if (node.kind === 'Name') return nameValue(machine, node, scope);
  if (node.kind === 'Constant') return constant(node);
  machine.depth++;
  try {
    return evaluateNode(machine, node, scope);
  } finally {
    machine.depth--;
  }
}

function evaluateNode(machine: Machine, node: Expr, scope: Scope): Value {
  switch (node.kind) {
    case 'Constant':
      return constant(node);
    case 'Name':
      return nameValue(machine, node, scope);
    case 'Attribute':
      return machine.attribute(evaluate(machine, node.value, scope), node.attr, { unit: scope.unit, node });
    case 'Call':
      return evaluateCall(machine, node, scope);
    case 'BinOp':
      return evaluateBinary(machine, node, scope);
    case 'Subscript':
      return evaluateSubscript(machine, node, scope);
    case 'UnaryOp': {
      const value = evaluate(machine, node.operand, scope);
      const own =
        value.kind === 'instance' ? operateUnary(machine, node.op, value, { unit: scope.unit, node }) : undefined;
      return own === undefined || node.op === 'Not' ? unary(node.op, own ?? value) : own;
    }
    case 'BoolOp':
      return evaluateBool(machine, node.op === 'And', node.values, scope);
    case 'Compare': {
      let left = evaluate(machine, node.left, scope);
      let result: Value = bool(true);
      for (let i = 0; i < node.comparators.length; i++) {
        const right = evaluate(machine, node.comparators[i]!, scope);
        const op = node.ops[i] ?? 'Eq';
        if (left.kind === 'instance' || right.kind === 'instance')
          compareInstances(machine, op, left, right, { unit: scope.unit, node });
        const part = compare(op, left, right);
        if (truth(result) !== false) result = part;
        left = right;
      }
      return result;
    }
    case 'IfExp': {
      const known = truth(tested(machine, evaluate(machine, node.test, scope), { unit: scope.unit, node }));
      if (known !== undefined) return evaluate(machine, known ? node.body : node.orelse, scope);
      return join(evaluate(machine, node.body, scope), evaluate(machine, node.orelse, scope));
    }
    case 'NamedExpr': {
      const value = evaluate(machine, node.value, scope);
      machine.assign(node.target, value, scope);
      return value;
    }
    case 'JoinedStr':
    case 'TemplateStr':
      return joinedText(machine, node, scope);
    case 'FormattedValue':
    case 'Interpolation': {
      const text = fieldText(evaluate(machine, node.value, scope), '');
      return typeof text === 'string' ? str(text) : text;
    }
    case 'List':
    case 'Tuple':
    case 'Set':
      return sequence(
        machine,
        node.elts,
        node.kind === 'List' ? 'list' : node.kind === 'Tuple' ? 'tuple' : 'set',
        scope,
      );
    case 'Dict':
      return evaluateDict(machine, node.keys, node.values, scope);
    case 'Lambda':
      return makeFunction(machine, node, scope);
    case 'ListComp':
    case 'GeneratorExp':
    case 'SetComp':
      return comprehension(
        machine,
        node.generators,
        scope,
        (inner) => evaluate(machine, node.elt, inner),
        node.kind === 'SetComp',
      );
    case 'DictComp': {
      const pairs = comprehension(
        machine,
        node.generators,
        scope,
        (inner) => tuple([evaluate(machine, node.key, inner), evaluate(machine, node.value, inner)]),
        false,
      );
      return dictOfPairs(pairs);
    }
    case 'Await':
      return awaited(evaluate(machine, node.value, scope));
    case 'Yield':
    case 'YieldFrom':
      return evaluateYield(machine, node.kind === 'YieldFrom', node.value, scope);
    case 'Starred':
      return evaluate(machine, node.value, scope);
    case 'Slice': {
      for (const part of [node.lower, node.upper, node.step]) if (part !== undefined) evaluate(machine, part, scope);
      return UNKNOWN;
    }
  }
}

function constant(node: Constant): Value {
  switch (node.type) {
    case 'str':
      return str(node.value);
    case 'bytes':
      return bytes(Buffer.from(node.value.buffer, node.value.byteOffset, node.value.length).toString('latin1'));
    case 'int':
      return int(node.value);
    case 'float':
    case 'complex':
      return float(node.value);
    case 'bool':
      return bool(node.value);
    case 'none':
    case 'ellipsis':
      return NONE;
  }
}

const BUILTIN_NAMES = new Set(
  'abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright delattr dict dir divmod enumerate eval exec execfile exit file filter float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len license list locals long map max memoryview min next object oct open ord pow print property quit range raw_input reduce repr reversed round set setattr slice sorted staticmethod str sum super tuple type unichr unicode vars xrange zip __import__ __builtins__ __loader__ __spec__'.split(
    ' ',
  ),
);

/** Modules that a star import, or an import that was not followed, may have brought in. */
const WELL_KNOWN =
  /^(?:os|sys|subprocess|socket|base64|zlib|requests|urllib|platform|shutil|ctypes|getpass|json|time|threading|tempfile|winreg|marshal)$/;

/** What a bare name means. */
function nameValue(machine: Machine, node: Name, scope: Scope): Value {
  const name = node.id;
  const known = scope.redirects?.get(name)?.names.get(name) ?? lookUp(scope, name);
  if (known !== undefined) return known;
  if (BUILTIN_NAMES.has(name)) return ref(name);
  if (name === '__name__') return str(scope.unit.module === '' ? '__main__' : scope.unit.module);
  if (name === '__file__') return ref('__file__', CLEAN);
  if (name === '__doc__') return NONE;
  spend(machine, 1);
  const added = machine.builtins.get(name);
  if (added !== undefined) return added;
  const star = scope.module.stars.find((module) => isModelled(canonicalName(`${module}.${name}`)));
  if (star !== undefined) return machine.attribute(ref(star), name, { unit: scope.unit, node });
  if (WELL_KNOWN.test(name)) return ref(name);
  return ref(/Error$|Exception$|^KeyboardInterrupt$|^SystemExit$/.test(name) ? name : `?${name}`);
}

/** A left spine of any length, without recursion. */
function evaluateBinary(machine: Machine, top: BinOp, scope: Scope): Value {
  const spine: BinOp[] = [];
  let node: Expr = top;
  while (node.kind === 'BinOp') {
    spine.push(node);
    node = node.left;
  }
  let value = evaluate(machine, node, scope);
  for (let i = spine.length - 1; i >= 0; i--) {
    const part = spine[i]!;
    spend(machine, 1);
    const right = evaluate(machine, part.right, scope);
    const own =
      value.kind === 'instance' || right.kind === 'instance'
        ? operate(machine, part.op, value, right, { unit: scope.unit, node: part })
        : undefined;
    value = own ?? binary(part.op, value, right);
  }
  return value;
}

function evaluateBool(machine: Machine, isAnd: boolean, values: readonly Expr[], scope: Scope): Value {
  let result: Value | undefined;
  for (const node of values) {
    const value = evaluate(machine, node, scope);
    const known = truth(tested(machine, value, { unit: scope.unit, node }));
    result = result === undefined || truth(result) === isAnd ? value : join(result, value);
    if (known !== undefined && known !== isAnd) return result;
  }
  return result ?? UNKNOWN;
}

function evaluateSubscript(machine: Machine, node: Subscript, scope: Scope): Value {
  const value = evaluate(machine, node.value, scope);
  const site: Site = { unit: scope.unit, node };
  if (node.slice.kind === 'Slice') {
    const lower = node.slice.lower === undefined ? undefined : evaluate(machine, node.slice.lower, scope);
    const upper = node.slice.upper === undefined ? undefined : evaluate(machine, node.slice.upper, scope);
    const step = node.slice.step === undefined ? undefined : evaluate(machine, node.slice.step, scope);
    return getSlice(value, lower, upper, step, site);
  }
  return getItem(machine, value, evaluate(machine, node.slice, scope), site);
}

/** `!r` and `!a`, as the syntax tree gives them. */
const CONVERSION_R = 114;
const CONVERSION_A = 97;

function joinedText(machine: Machine, node: JoinedStr | TemplateStr, scope: Scope): Value {
  const parts: (string | Value)[] = [];
  for (const part of node.values) {
    if (part.kind === 'FormattedValue' || part.kind === 'Interpolation') {
      const given = evaluate(machine, part.value, scope);
      const value =
        given.kind === 'instance' ? textOfInstance(machine, given, { unit: scope.unit, node: part }) : given;
      const spec = part.format_spec === undefined ? undefined : evaluate(machine, part.format_spec, scope);
      const shown = part.conversion === CONVERSION_R || part.conversion === CONVERSION_A ? represent(value) : value;
      parts.push(fieldText(shown, spec?.kind === 'str' ? spec.value : ''));
    } else parts.push(evaluate(machine, part, scope));
  }
  return template(parts);
}

function sequence(machine: Machine, elements: readonly Expr[], type: 'list' | 'tuple' | 'set', scope: Scope): Value {
  const made = list([], false, type);
  for (const element of elements) {
    const value = evaluate(machine, element, scope);
    if (type === 'set') callProtocol(machine, value, ['__hash__'], { unit: scope.unit, node: element });
    if (element.kind !== 'Starred') made.elements.push(value);
    else {
      const known = elementsOf(walked(machine, value, { unit: scope.unit, node: element }));
      if (known !== undefined) for (const one of known) made.elements.push(one);
      else {
        made.isOpen = true;
        made.elements.push(unknown(taintOf(value)));
      }
    }
  }
  return made;
}

function evaluateDict(
  machine: Machine,
  keys: readonly (Expr | undefined)[],
  values: readonly Expr[],
  scope: Scope,
): Value {
  const made = dict();
  for (let i = 0; i < keys.length; i++) {
    const keyNode = keys[i];
    const valueNode = values[i];
    if (valueNode === undefined) continue;
    const key = keyNode === undefined ? undefined : evaluate(machine, keyNode, scope);
    const value = evaluate(machine, valueNode, scope);
    if (key === undefined) {
      if (value.kind === 'dict') for (const [k, v] of value.entries) made.entries.set(k, v);
      if (value.kind !== 'dict' || value.isOpen) made.isOpen = true;
      made.taint = unite(made.taint, value.kind === 'dict' ? value.taint : taintOf(value));
      continue;
    }
    const name = keyOf(key);
    if (name !== undefined) made.entries.set(name, value);
    else setItem(machine, made, key, value);
  }
  return made;
}

function dictOfPairs(pairs: Value): Value {
  const made = dict();
  if (pairs.kind !== 'sequence') return made;
  made.isOpen = pairs.isOpen;
  made.taint = pairs.taint;
  for (const pair of pairs.elements) {
    if (pair.kind !== 'sequence') continue;
    const key = keyOf(pair.elements[0] ?? UNKNOWN);
    if (key !== undefined && pair.elements[1] !== undefined) made.entries.set(key, pair.elements[1]);
    else {
      made.isOpen = true;
      made.taint = unite(made.taint, taintOf(pair));
    }
  }
  return made;
}

function evaluateYield(machine: Machine, isFrom: boolean, node: Expr | undefined, scope: Scope): Value {
  const value = node === undefined ? NONE : evaluate(machine, node, scope);
  const activation = machine.activations.at(-1);
  if (activation?.yields === undefined) return UNKNOWN;
  const known = isFrom ? elementsOf(value) : [value];
  activation.hasOpenYields ||= machine.guards.slice(activation.guardsBefore).some((guard) => guard.kind === 'loop');
  if (known === undefined) activation.yields.push(unknown(taintOf(value)));
  else if (activation.yields.length < 100_000) for (const one of known) activation.yields.push(one);
  return activation.sent ?? UNKNOWN;
}

/** What `*value` spreads; of several sequences, what stands at each place in any of them. */
function spread(value: Value): readonly Value[] | undefined {
  if (value.kind !== 'union') return elementsOf(value);
  const spreads = value.options.map(elementsOf).filter((elements) => elements !== undefined);
  const longest = Math.max(0, ...spreads.map((elements) => elements.length));
  if (spreads.length === 0) return undefined;
  return Array.from({ length: longest }, (_, i) => joinAll(spreads.flatMap((elements) => elements[i] ?? [])));
}

function evaluateCall(machine: Machine, node: Call, scope: Scope): Value {
  const callee = evaluate(machine, node.func, scope);
  const args: Value[] = [];
  for (const arg of node.args) {
    const value = evaluate(machine, arg, scope);
    if (arg.kind !== 'Starred') args.push(value);
    else {
      const known = spread(value);
      if (known !== undefined && known.length < 1000) args.push(...known);
      else args.push(unknown(taintOf(value)));
    }
  }
  let keywords: Map<string, Value> | undefined;
  for (const keyword of node.keywords) {
    const value = evaluate(machine, keyword.value, scope);
    keywords ??= new Map();
    if (keyword.arg !== undefined) keywords.set(keyword.arg, value);
    else {
      const named = namesIn(value);
      if (named === undefined) keywords.set('**', value);
      else for (const [name, entry] of named) keywords.set(name, entry);
    }
  }
  machine.currentScope = scope;
  return machine.call(callee, args, keywords ?? NO_KEYWORDS, { unit: scope.unit, node });
}
