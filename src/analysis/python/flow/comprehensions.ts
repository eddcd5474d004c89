// Owns comprehensions and generator expressions. Start at comprehension.
import type { Comprehension, Expr } from '../ast.ts';
import { elementsOf } from './elements.ts';
import { openLines } from './files.ts';
import { iterated } from './iteration.ts';
import type { Machine } from './machine.ts';
import { innerScope, type Scope } from './scope.ts';
import { unite } from './taint.ts';
import { list, type SequenceValue, taintOf, truth, type Value } from './value.ts';

/** Steps that one of them may use. */
const COMPREHENSION_STEPS = 400_000;

/** The elements of a comprehension: `element` reads one in the scope of its targets. Open where a generator is, or when its steps are used up. */
export function comprehension(
  machine: Machine,
  generators: readonly Comprehension[],
  scope: Scope,
  element: (inner: Scope) => Value,
  isSet: boolean,
): Value {
  const inner = innerScope('comprehension', scope);
  inner.born = machine.uncertainty;
  const made = list([], false, isSet ? 'set' : 'list');
  walkGenerators(machine, { generators, outer: scope, inner, made, element, stepsBefore: machine.steps }, 0);
  return made;
}

/** A comprehension that is being read. */
interface Walk {
  readonly generators: readonly Comprehension[];
  readonly outer: Scope;
  readonly inner: Scope;
  readonly made: SequenceValue;
  readonly element: (inner: Scope) => Value;
  readonly stepsBefore: number;
}

function walkGenerators(machine: Machine, walk: Walk, index: number): void {
  const { made, outer, inner } = walk;
  const generator = walk.generators[index];
  if (generator === undefined) {
    made.elements.push(walk.element(inner));
    return;
  }
  const place = { unit: outer.unit, node: generator };
  const iterable = openLines(machine, machine.evaluate(generator.iter, index === 0 ? outer : inner), place);
  const known = elementsOf(iterable);
  const rounds = known ?? [iterated(machine, iterable, place)];
  if (known === undefined) {
    made.isOpen = true;
    made.taint = unite(made.taint, taintOf(iterable));
  }
  for (const value of rounds) {
    machine.assign(generator.target, value, inner);
    const isKept = passes(machine, generator.ifs, inner);
    if (isKept === false) continue;
    if (isKept === undefined) made.isOpen = true;
    walkGenerators(machine, walk, index + 1);
    if (machine.skim !== 'off' || walk.stepsBefore - machine.steps > COMPREHENSION_STEPS) {
      made.isOpen = true;
      return;
    }
  }
}

/** Whether an element is kept; undefined: it cannot be told. */
function passes(machine: Machine, tests: readonly Expr[], inner: Scope): boolean | undefined {
  let isKept: boolean | undefined = true;
  for (const test of tests) {
    const passed = truth(machine.evaluate(test, inner));
    if (passed === false) isKept = false;
    if (passed === undefined && isKept === true) isKept = undefined;
  }
  return isKept;
}
