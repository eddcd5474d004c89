// Owns statements: what each does to names and which calls it leads to. May import machine, branches. Start at execute.
import type {
  AsyncFunctionDef,
  AsyncWith,
  ClassDef,
  Expr,
  FunctionDef,
  If,
  Match,
  Stmt,
  Try,
  TryStar,
  With,
} from '../ast.ts';
import { isForgotten, isIdle, noteDiscarded } from './answers.ts';
import { block, runBranches } from './branches.ts';
import { makeClass, makeFunction } from './definitions.ts';
import { elementsOf } from './elements.ts';
import { guardOf, isMainTest, isStartedTest } from './guards.ts';
import { noteDecorated } from './handlers.ts';
import { runImport, runImportFrom } from './imports.ts';
import { callMethod, operate, tested } from './instance-operators.ts';
import { executeFor, executeWhile } from './loops.ts';
import { type Completion, type Machine, NO_KEYWORDS, spend, write } from './machine.ts';
import { bindPattern } from './match-patterns.ts';
import { binary } from './operators.ts';
import { isCertain } from './path-objects.ts';
import { type Scope, scopeOf } from './scope.ts';
import { isAtBase } from './skimming.ts';
import { unite } from './taint.ts';
import { join, NONE, type Site, str, taintOf, truth, UNKNOWN, type Value } from './value.ts';

const MAX_SKIPPED = 1_000;

/** Reads statements in order; stops at the first that leaves the block. */
export function execute(machine: Machine, body: readonly Stmt[], scope: Scope): Completion {
  for (const statement of body) {
    const completion = executeSafely(machine, statement, scope);
    // What stands after a raise at module level is read all the same: whether it is raised is rarely certain.
    if (completion !== 'normal' && !(completion === 'raise' && scope.kind === 'module' && machine.uncertainty === 0))
      return completion;
  }
  return 'normal';
}

/**
 * A text or list beyond what the engine of JavaScript holds, or calls beyond its stack, end the statement in which they
 * are, as an exception of Python's that somebody catches would: what follows is read.
 */
function executeSafely(machine: Machine, statement: Stmt, scope: Scope): Completion {
  const { uncertainty } = machine;
  try {
    return executeOne(machine, statement, scope);
  } catch (error) {
    if (!(error instanceof RangeError) || !isAtBase(machine)) throw error;
    machine.uncertainty = uncertainty;
    if (machine.exhausted.length < 20) machine.exhausted.push(`size at ${scope.unit.path}:${statement.line}`);
    machine.isBroken = true;
    return 'normal';
  }
}

function executeOne(machine: Machine, node: Stmt, scope: Scope): Completion {
  spend(machine, 1);
  switch (node.kind) {
    case 'Expr':
      if (node.value.kind !== 'Constant') {
        noteDiscarded(machine, node.value);
        machine.evaluate(node.value, scope);
      }
      return 'normal';
    case 'Assign': {
      if (isForgotten(machine, node, scope)) noteDiscarded(machine, node.value);
      const value = machine.evaluate(node.value, scope);
      for (const target of node.targets) machine.assign(target, value, scope);
      return 'normal';
    }
    case 'AnnAssign':
      if (node.annotation.kind === 'Call') machine.evaluate(node.annotation, scope);
      if (node.value !== undefined) machine.assign(node.target, machine.evaluate(node.value, scope), scope);
      return 'normal';
    case 'AugAssign': {
      const old = machine.evaluate(node.target, scope);
      const value = machine.evaluate(node.value, scope);
      const own =
        old.kind === 'instance' || value.kind === 'instance'
          ? operate(machine, node.op, old, value, { unit: scope.unit, node }, true)
          : undefined;
      machine.assign(node.target, own ?? augmented(machine, node.op, old, value), scope);
      return 'normal';
    }
    case 'Return': {
      const value = node.value === undefined ? NONE : machine.evaluate(node.value, scope);
      const activation = machine.activations.at(-1);
      if (activation !== undefined)
        activation.result = activation.result === undefined ? value : join(activation.result, value);
      return 'return';
    }
    case 'If':
      return executeIf(machine, node, scope);
    case 'For':
    case 'AsyncFor':
      return executeFor(machine, node, scope);
    case 'While':
      return executeWhile(machine, node, scope);
    case 'Try':
    case 'TryStar':
      return executeTry(machine, node, scope);
    case 'With':
    case 'AsyncWith':
      return executeWith(machine, node, scope);
    case 'Match':
      return executeMatch(machine, node, scope);
    case 'FunctionDef':
    case 'AsyncFunctionDef':
    case 'ClassDef':
      define(machine, node, scope);
      return 'normal';
    case 'Import':
      runImport(machine, node, scope);
      return 'normal';
    case 'ImportFrom':
      runImportFrom(machine, node, scope);
      return 'normal';
    case 'Global':
      for (const name of node.names) redirect(scope, name, scope.module);
      return 'normal';
    case 'Nonlocal':
      for (const name of node.names) redirect(scope, name, enclosing(scope, name));
      return 'normal';
    case 'Delete':
      for (const target of node.targets) erase(machine, target, scope);
      return 'normal';
    case 'Raise':
      if (node.exc !== undefined) raise(machine, machine.evaluate(node.exc, scope), { unit: scope.unit, node });
      return 'raise';
    case 'Assert':
      tested(machine, machine.evaluate(node.test, scope), { unit: scope.unit, node });
      return 'normal';
    case 'Break':
      return 'break';
    case 'Continue':
      return 'continue';
    case 'TypeAlias':
    case 'Pass':
      return 'normal';
  }
}

/** `del owner.name`, `del owner[key]`. */
function erase(machine: Machine, target: Expr, scope: Scope): void {
  if (target.kind !== 'Subscript' && target.kind !== 'Attribute') return;
  const owner = machine.evaluate(target.value, scope);
  if (owner.kind !== 'instance') return;
  const site: Site = { unit: scope.unit, node: target };
  if (target.kind === 'Attribute') callMethod(machine, owner, '__delattr__', [str(target.attr)], site);
  else callMethod(machine, owner, '__delitem__', [machine.evaluate(target.slice, scope)], site);
}

/** A class that is raised is made an object; what is raised is there for whoever catches it. */
function raise(machine: Machine, given: Value, site: Site): void {
  const raised = given.kind === 'class' ? machine.call(given, [], NO_KEYWORDS, site) : given;
  machine.raised = machine.raised === undefined ? raised : join(machine.raised, raised);
}

function augmented(machine: Machine, op: Parameters<typeof binary>[0], old: Value, value: Value): Value {
  if (old.kind === 'sequence' && op === 'Add') {
    const more = elementsOf(value);
    if (more !== undefined && old.elements.length + more.length < 1_000_000) {
      spend(machine, more.length >> 3);
      for (const element of more === old.elements ? [...more] : more) old.elements.push(element);
    } else {
      old.isOpen = true;
      old.taint = unite(old.taint, taintOf(value));
    }
    return old;
  }
  return binary(op, old, value);
}

function redirect(scope: Scope, name: string, to: Scope): void {
  scope.redirects ??= new Map();
  scope.redirects.set(name, to);
}

function enclosing(scope: Scope, name: string): Scope {
  for (let current = scope.parent; current !== undefined; current = current.parent)
    if (current.names.has(name) && current.kind === 'function') return current;
  return scope.parent ?? scope;
}

function define(machine: Machine, node: FunctionDef | AsyncFunctionDef | ClassDef, scope: Scope): void {
  const value = node.kind === 'ClassDef' ? makeClass(machine, node, scope) : makeFunction(machine, node, scope);
  let decorated: Value = value;
  const site: Site = { unit: scope.unit, node };
  for (let i = node.decorator_list.length - 1; i >= 0; i--) {
    const decorator = machine.evaluate(node.decorator_list[i]!, scope);
    decorated = decorate(machine, decorator, decorated, site);
  }
  const isSetter =
    scope.kind === 'class' && node.decorator_list.some((one) => one.kind === 'Attribute' && one.attr === 'setter');
  write(machine, scopeOf(scope, node.name).names, isSetter ? `${node.name}.setter` : node.name, decorated);
}

/** A decorator of the archive is called; one from outside leaves the function as it is. */
function decorate(machine: Machine, decorator: Value, target: Value, site: Site): Value {
  if (decorator.kind === 'function' || decorator.kind === 'class') {
    const result = machine.call(decorator, [target], NO_KEYWORDS, site);
    return result.kind === 'function' || result.kind === 'class' || result.kind === 'instance' ? result : target;
  }
  if (decorator.kind === 'ref' && target.kind === 'function') noteDecorated(decorator, target);
  if (decorator.kind === 'ref' && /^(?:atexit\.register|.*\.run|app\.before_first_request)$/.test(decorator.name))
    machine.call(decorator, [target], NO_KEYWORDS, site);
  return target;
}

function executeIf(machine: Machine, first: If, scope: Scope): Completion {
  const branches: ReturnType<typeof block>[] = [];
  let node = first;
  // A long `elif` chain is a long spine: all its branches start from one state and meet once.
  for (;;) {
    spend(machine, 1);
    const known = truth(tested(machine, machine.evaluate(node.test, scope), { unit: scope.unit, node }));
    const next = node.orelse.length === 1 && node.orelse[0]?.kind === 'If' ? node.orelse[0] : undefined;
    if (known === true) {
      if (node.orelse.length > 0 && !isCertain(node.test)) skip(machine, node.orelse, scope, 'call');
      if (branches.length === 0) return machine.execute(node.body, scope);
      branches.push(block(node.body, undefined));
      return runBranches(machine, branches, false, scope);
    }
    if (isStartedTest(machine, node.test, scope)) skip(machine, node.body, scope, 'entry-point');
    else if (known === false) {
      if (!isCertain(node.test)) skip(machine, node.body, scope, isMainTest(node.test) ? 'entry-point' : 'call');
    } else branches.push(block(node.body, guardOf(machine, 'if', node.test, scope)));
    if (next !== undefined) {
      node = next;
      continue;
    }
    if (branches.length === 0) return machine.execute(node.orelse, scope);
    if (node.orelse.length > 0) branches.push(block(node.orelse, undefined));
    return runBranches(machine, branches, node.orelse.length === 0, scope);
  }
}

/** What a constant condition leaves out is read at the end: the constant may be another by then. */
function skip(machine: Machine, body: readonly Stmt[], scope: Scope, context: 'entry-point' | 'call'): void {
  const [first] = body;
  if (first === undefined || machine.skipped.length >= MAX_SKIPPED || machine.visited.has(first)) return;
  machine.visited.add(first);
  machine.skipped.push({ body, scope, context });
}

/** What was raised in a block; from now on, what was before it. */
function caught(machine: Machine, before: Value | undefined): Value | undefined {
  const { raised } = machine;
  machine.raised = before;
  return raised;
}

function executeTry(machine: Machine, node: Try | TryStar, scope: Scope): Completion {
  const outer = machine.raised;
  machine.raised = undefined;
  let completion = machine.execute(node.body, scope);
  const raised = caught(machine, outer);
  const handlers = node.handlers.map((handler) => {
    const text =
      handler.type === undefined
        ? 'Exception'
        : scope.unit.text.slice(handler.type.start, handler.type.end).slice(0, 120);
    return {
      guard: { kind: 'except' as const, node: handler, text },
      body: handler.body,
      enter: (): void => {
        if (handler.type !== undefined) machine.evaluate(handler.type, scope);
        if (handler.name !== undefined) write(machine, scope.names, handler.name, raised ?? UNKNOWN);
      },
    };
  });
  if (completion === 'normal' && node.orelse.length > 0) completion = machine.execute(node.orelse, scope);
  if (handlers.length > 0) {
    const handled = runBranches(machine, handlers, completion !== 'raise', scope);
    if (completion === 'raise') completion = handled;
  }
  const last = node.finalbody.length > 0 ? machine.execute(node.finalbody, scope) : 'normal';
  return last === 'normal' ? completion : last;
}

function executeWith(machine: Machine, node: With | AsyncWith, scope: Scope): Completion {
  const site: Site = { unit: scope.unit, node };
  const exits: Value[] = [];
  for (const { context_expr, optional_vars } of node.items) {
    if (optional_vars === undefined || (optional_vars.kind === 'Name' && isIdle(node.body, optional_vars.id)))
      noteDiscarded(machine, context_expr);
    const manager = machine.evaluate(context_expr, scope);
    let entered = manager;
    if (manager.kind === 'instance') {
      const name = node.kind === 'With' ? '__enter__' : '__aenter__';
      const enter = machine.attribute(manager, name, site);
      if (enter.kind === 'function') entered = machine.call(enter, [], NO_KEYWORDS, site);
      exits.push(machine.attribute(manager, node.kind === 'With' ? '__exit__' : '__aexit__', site));
    }
    if (optional_vars !== undefined) machine.assign(optional_vars, entered, scope);
  }
  const completion = machine.execute(node.body, scope);
  for (const exit of exits) if (exit.kind === 'function') machine.call(exit, [NONE, NONE, NONE], NO_KEYWORDS, site);
  return completion;
}

function executeMatch(machine: Machine, node: Match, scope: Scope): Completion {
  const subject = machine.evaluate(node.subject, scope);
  const cases = node.cases.map((matchCase) => ({
    guard: { kind: 'if' as const, node: matchCase, text: 'case' },
    body: matchCase.body,
    enter: (): void => {
      bindPattern(machine, matchCase.pattern, subject, scope);
      if (matchCase.guard !== undefined) machine.evaluate(matchCase.guard, scope);
    },
  }));
  return runBranches(machine, cases, true, scope);
}
