// Owns which calls have answers that nobody looks at. May import machine and the syntax tree. Start at noteDiscarded.
import type { Assign, Expr, Node, Stmt } from '../ast.ts';
import { walk } from '../walk.ts';
import type { Machine } from './machine.ts';
import type { Scope } from './scope.ts';

/** Notes the calls of an expression whose value goes nowhere: `post(…)`, `await post(…)`, `post(…).close()`. */
export function noteDiscarded(machine: Machine, node: Expr): void {
  let current: Expr | undefined = node;
  while (current !== undefined) {
    if (current.kind === 'Await') current = current.value;
    else if (current.kind === 'Call') {
      machine.discarded.add(current);
      current = current.func.kind === 'Attribute' ? current.func.value : undefined;
    } else current = undefined;
  }
}

/** `with urlopen(request) as answer: answer.read()`: what came is taken, and goes nowhere. */
export function isIdle(body: readonly Stmt[], name: string): boolean {
  return body.every((statement) => {
    if (statement.kind === 'Pass') return true;
    if (statement.kind !== 'Expr') return false;
    const called = statement.value.kind === 'Await' ? statement.value.value : statement.value;
    if (called.kind === 'Constant') return true;
    if (called.kind !== 'Call' || called.func.kind !== 'Attribute' || called.args.length > 0) return false;
    const { value, attr } = called.func;
    return value.kind === 'Name' && value.id === name && /^(?:read|text|json|close|release)$/.test(attr);
  });
}

const ASKS = /^(?:get|post|put|patch|request|urlopen|send|fetch)$/;

/** `answer = post(…)` in a function that never looks at `answer`. */
export function isForgotten({ frames }: Machine, { targets, value }: Assign, { kind, redirects }: Scope): boolean {
  const [target, another] = targets;
  const called = value.kind === 'Await' ? value.value : value;
  if (kind !== 'function' || target?.kind !== 'Name' || another !== undefined || called.kind !== 'Call') return false;
  if (redirects?.has(target.id) === true) return false;
  const { func } = called;
  if (!ASKS.test(func.kind === 'Attribute' ? func.attr : func.kind === 'Name' ? func.id : '')) return false;
  const body = frames.at(-1)?.node;
  return body !== undefined && !namesLookedAt(body).has(target.id);
}

const lookedAt = new WeakMap<Node, ReadonlySet<string>>();

/** Names that a function, or what stands in it, looks at anywhere. */
function namesLookedAt(body: Node): ReadonlySet<string> {
  const known = lookedAt.get(body);
  if (known !== undefined) return known;
  const names = new Set<string>();
  walk(body, (node) => {
    if (node.kind === 'Name' && node.ctx !== 'Store') names.add(node.id);
    return undefined;
  });
  lookedAt.set(body, names);
  return names;
}
