// Owns loops: how many of their rounds are read, and what stands for the others. May import machine, branches. Start at executeFor.
import type { AsyncFor, For, Node, Stmt, While } from '../ast.ts';
import { walk } from '../walk.ts';
import { runBranches } from './branches.ts';
import { elementsOf } from './elements.ts';
import { openLines } from './files.ts';
import { guardOf } from './guards.ts';
import { tested } from './instance-operators.ts';
import { iterated } from './iteration.ts';
import { type Completion, type Machine, spend, writeName } from './machine.ts';
import { lookUp, type Scope, scopeOf } from './scope.ts';
import { createWatch } from './standstill.ts';
import { CLEAN } from './taint.ts';
import { isConstant, join, joinAll, taintOf, truth, unknown, type Value, withTaint } from './value.ts';

/** Steps that one loop with known rounds may use. */
const LOOP_STEPS = 400_000;
/** Rounds of a loop whose body does something to the world. */
const EFFECT_ROUNDS = 40;
const MAX_ROUNDS = 200_000;
/** Rounds of `while True`. */
const MAX_ENDLESS_ROUNDS = 2_000;
/** Elements that are told apart where one round stands for all that are left. */
const MAX_TOLD_APART = 16;

/** `for`: round by round where the elements are known, else one round that may not happen. */
export function executeFor(machine: Machine, node: For | AsyncFor, scope: Scope): Completion {
  const site = { unit: scope.unit, node };
  const iterable = openLines(machine, machine.evaluate(node.iter, scope), site);
  const known = elementsOf(iterable);
  let completion: Completion = 'normal';
  if (known === undefined) readOnce(machine, node, scope, () => iterated(machine, iterable, site));
  else {
    const taint = iterable.kind === 'sequence' ? iterable.taint : CLEAN;
    // A copy: the body may append to the list it walks over.
    const elements = known.length > 0 && iterable.kind === 'sequence' ? [...known] : known;
    const isCut = limitOf(machine);
    let round = 0;
    while (round < elements.length && !(machine.skim !== 'off' && elements.length > 1)) {
      machine.assign(node.target, withTaint(elements[round++]!, taint), scope);
      completion = machine.execute(node.body, scope);
      if (completion === 'break' || completion === 'return' || completion === 'raise' || isCut()) break;
    }
    if ((completion === 'normal' || completion === 'continue') && round < elements.length) {
      forget(machine, node.body, scope);
      readOnce(machine, node, scope, () => withTaint(oneForAll(elements.slice(round)), taint));
    }
  }
  if (completion === 'return' || completion === 'raise') return completion;
  if (completion !== 'break' && node.orelse.length > 0) return machine.execute(node.orelse, scope);
  return 'normal';
}

/** `while`: round by round as long as the condition is known, else one round that may not happen. */
export function executeWhile(machine: Machine, node: While, scope: Scope): Completion {
  const branchesBefore = machine.branchCount;
  const { length: eventsBefore } = machine.events;
  const isCut = limitOf(machine);
  const isStill = createWatch(machine, scope);
  const isEndless = node.test.kind === 'Constant' || node.test.kind === 'Name';
  for (let round = 0; ; round++) {
    const known = truth(tested(machine, machine.evaluate(node.test, scope), { unit: scope.unit, node }));
    if (known === false) return node.orelse.length > 0 ? machine.execute(node.orelse, scope) : 'normal';
    if (known === undefined) break;
    if (machine.skim !== 'off' || round >= (isEndless ? MAX_ENDLESS_ROUNDS : MAX_ROUNDS)) {
      forget(machine, node.body, scope);
      break;
    }
    const completion = machine.execute(node.body, scope);
    if (completion === 'break') return 'normal';
    if (completion === 'return' || completion === 'raise') return completion;
    const hasActed =
      machine.events.length > eventsBefore || machine.uncertainty > 0 || machine.branchCount > branchesBefore;
    if (isStill() || isCut() || (isEndless && round >= 1 && hasActed)) {
      // Where nothing was known, the rounds that were read are what any other is.
      if (!forget(machine, node.body, scope)) return 'normal';
      break;
    }
  }
  const enter = (): void => loosenCounters(machine, node, scope);
  const guard = guardOf(machine, 'loop', node.test, scope);
  return runBranches(machine, [{ guard, body: node.body, enter }], true, scope);
}

/** Answers whether a loop that begins here has used up its share. */
function limitOf(machine: Machine): () => boolean {
  const { steps } = machine;
  const { length: eventsBefore } = machine.events;
  return () =>
    machine.skim !== 'off' ||
    steps - machine.steps > LOOP_STEPS ||
    machine.events.length - eventsBefore > EFFECT_ROUNDS;
}

/** One round of which nobody knows whether it happens. */
function readOnce(machine: Machine, node: For | AsyncFor, scope: Scope, elementOf: () => Value): void {
  const enter = (): void => {
    loosenCounters(machine, node, scope);
    machine.assign(node.target, elementOf(), scope);
  };
  runBranches(machine, [{ guard: guardOf(machine, 'loop', node.iter, scope), body: node.body, enter }], true, scope);
}

function oneForAll(elements: readonly Value[]): Value {
  const told = joinAll(elements.slice(0, MAX_TOLD_APART));
  return elements.length > MAX_TOLD_APART ? join(told, unknown(taintOf(told))) : told;
}

/** Statements with statements in them that run where they stand. */
const BLOCKS: ReadonlySet<string> = new Set(
  'If For AsyncFor While With AsyncWith Try TryStar ExceptHandler Match match_case'.split(' '),
);
const counters = new WeakMap<For | AsyncFor | While, readonly string[]>();

/** Names that a loop counts by, outside of functions in it. */
function countersOf(loop: For | AsyncFor | While): readonly string[] {
  const known = counters.get(loop);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const inner of loop.body)
    walk(inner, (node) => {
      if (node.kind === 'AugAssign' && node.target.kind === 'Name') names.add(node.target.id);
      return BLOCKS.has(node.kind);
    });
  const found = [...names];
  counters.set(loop, found);
  return found;
}

/** The body of a loop of unknown length is read once, for any of its rounds: what it counts by can be any number then. */
function loosenCounters(machine: Machine, loop: For | AsyncFor | While, scope: Scope): void {
  for (const name of countersOf(loop)) {
    const value = lookUp(scope, name);
    if (value?.kind === 'int') writeName(machine, scopeOf(scope, name), name, unknown(taintOf(value)));
  }
}

const stored = new WeakMap<readonly Stmt[], ReadonlySet<string>>();

/** Names that statements set, those of functions that stand in them aside. */
function namesSet(body: readonly Stmt[]): ReadonlySet<string> {
  const known = stored.get(body);
  if (known !== undefined) return known;
  const names = new Set<string>();
  const visit = (node: Node): boolean => {
    if (node.kind === 'Name' && node.ctx === 'Store') names.add(node.id);
    return node.kind !== 'FunctionDef' && node.kind !== 'AsyncFunctionDef' && node.kind !== 'Lambda';
  };
  for (const statement of body) walk(statement, visit);
  stored.set(body, names);
  return names;
}

/**
 * After rounds that nobody read, a name may hold what it held or anything else: `if count == 5_000:` has to be read, even
 * where the reading stopped at a round in which it is known to be false.
 *
 * @returns whether any name held something known
 */
function forget(machine: Machine, body: readonly Stmt[], scope: Scope): boolean {
  const names = namesSet(body);
  spend(machine, names.size);
  let hasForgotten = false;
  for (const name of names) {
    const own = scopeOf(scope, name);
    const old = lookUp(own, name);
    if (old === undefined) continue;
    if (isConstant(old)) hasForgotten = true;
    writeName(machine, own, name, join(old, unknown(taintOf(old))));
  }
  return hasForgotten;
}
