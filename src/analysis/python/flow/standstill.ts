// Owns telling a loop that gets nowhere from one that is on its way. Imports value and scope. Start at createWatch.
import type { Machine } from './machine.ts';
import type { Scope } from './scope.ts';
import { isSame, type Value } from './value.ts';

/** Rounds before a loop is looked at; shorter ones cost less than the look. */
const FIRST_LOOK = 16;
/** Rounds in a row that changed nothing. */
const STILL_ROUNDS = 4;
const MAX_PARTS = 400;
const MAX_DEPTH = 4;

/**
 * Watches the rounds of one loop whose condition is known to hold. A round that left every name that it can see as it was,
 * with what they hold, leaves it so the next time: in truth the loop ends, by something that is not followed.
 *
 * @returns asked after each round; true: nothing changes any more
 */
export function createWatch(machine: Machine, scope: Scope): () => boolean {
  let round = 0;
  let lookAt = FIRST_LOOK;
  let still = 0;
  let before: readonly unknown[] | undefined;
  let eventsBefore = 0;
  return () => {
    if (++round < lookAt) return false;
    const now = stateOf(scope);
    const isStill = now !== undefined && before !== undefined && isAlike(before, now);
    if (isStill && machine.events.length === eventsBefore) {
      if (++still >= STILL_ROUNDS) return true;
    } else {
      still = 0;
      // What is on its way is looked at ever more rarely.
      if (before !== undefined || now === undefined) {
        lookAt = round * 2;
        before = undefined;
        return false;
      }
    }
    before = now;
    eventsBefore = machine.events.length;
    return false;
  };
}

/** What the names that a scope sees hold, flat; undefined when it is too much to compare. */
function stateOf(scope: Scope): unknown[] | undefined {
  const parts: unknown[] = [];
  for (let current: Scope | undefined = scope; current !== undefined; current = current.parent)
    for (const value of current.names.values()) if (!addParts(parts, value, 0)) return undefined;
  return parts;
}

/** False when it is too much. */
function addParts(parts: unknown[], value: Value, depth: number): boolean {
  if (parts.length >= MAX_PARTS) return false;
  parts.push(value);
  const held = heldBy(value);
  if (held === undefined) return true;
  if (depth >= MAX_DEPTH) return held.size === 0;
  parts.push(held.size);
  if (held.size > MAX_PARTS) return false;
  for (const part of held.values) if (!addParts(parts, part, depth + 1)) return false;
  return true;
}

/** What can change inside of a value while the value stays the same. */
function heldBy(value: Value): { readonly size: number; readonly values: Iterable<Value> } | undefined {
  switch (value.kind) {
    case 'sequence':
      return { size: value.elements.length, values: value.elements };
    case 'dict':
      return { size: value.entries.size, values: value.entries.values() };
    case 'instance':
      return { size: value.fields.size, values: value.fields.values() };
    default:
      return undefined;
  }
}

function isAlike(before: readonly unknown[], now: readonly unknown[]): boolean {
  if (before.length !== now.length) return false;
  for (let i = 0; i < now.length; i++) {
    const [a, b] = [before[i], now[i]];
    if (a !== b && !(typeof a === 'object' && typeof b === 'object' && isSame(a as Value, b as Value))) return false;
  }
  return true;
}
