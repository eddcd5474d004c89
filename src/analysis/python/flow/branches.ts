// Owns how branches part and meet: both sides are read, then their effects are joined. May import machine. Start at runBranches.
import type { Stmt } from '../ast.ts';
import { type Completion, type Guard, type JournalEntry, type Machine, spend } from './machine.ts';
import type { Scope } from './scope.ts';
import { join, type Value } from './value.ts';

type Writes = Map<Map<string, Value>, Map<string, Value>>;

interface Branch {
  readonly guard: Guard | undefined;
  readonly run: () => Completion;
}

/** Reads each branch from the same state and joins what they leave. `mayFallThrough`: none of them may run at all. */
export function runBranches(
  machine: Machine,
  branches: readonly Branch[],
  mayFallThrough: boolean,
  scope: Scope,
): Completion {
  const outer = machine.journal;
  const ends: { writes: Writes; completion: Completion; journal: JournalEntry[] }[] = [];
  machine.uncertainty++;
  machine.branchCount++;
  for (const branch of branches) {
    const journal: JournalEntry[] = [];
    machine.journal = journal;
    if (branch.guard !== undefined) machine.guards.push(branch.guard);
    let completion: Completion;
    try {
      completion = branch.run();
    } finally {
      if (branch.guard !== undefined) machine.guards.pop();
      machine.journal = outer;
    }
    ends.push({ writes: writesOf(journal), completion, journal });
    for (let i = journal.length - 1; i >= 0; i--) restore(journal[i]!);
  }
  machine.uncertainty--;
  // What has to be joined is work as well.
  let writes = 0;
  for (const { journal } of ends) writes += journal.length;
  spend(machine, writes >> 1);
  meet(machine, ends, mayFallThrough, scope);
  return completionOf(
    ends.map((e) => e.completion),
    mayFallThrough,
  );
}

function writesOf(journal: readonly JournalEntry[]): Writes {
  const writes: Writes = new Map();
  for (const { names, key } of journal) {
    let keys = writes.get(names);
    if (keys === undefined) {
      keys = new Map();
      writes.set(names, keys);
    }
    const value = names.get(key);
    if (value !== undefined) keys.set(key, value);
  }
  return writes;
}

function restore(entry: JournalEntry): void {
  if (entry.old === undefined) entry.names.delete(entry.key);
  else entry.names.set(entry.key, entry.old);
}

function meet(
  machine: Machine,
  ends: readonly { writes: Writes; completion: Completion }[],
  mayFallThrough: boolean,
  scope: Scope,
): void {
  // Names of this very function do not live on where a branch leaves it; everything else (fields, globals) does.
  const live = ends.filter((e) => e.completion === 'normal' || e.completion === 'break');
  const touched: Writes = new Map();
  for (const end of ends) {
    for (const [names, keys] of end.writes) {
      const isLocal = names === scope.names;
      if (isLocal && live.length > 0 && !live.includes(end)) continue;
      let known = touched.get(names);
      if (known === undefined) {
        known = new Map();
        touched.set(names, known);
      }
      for (const [key, value] of keys) {
        const other = known.get(key);
        known.set(key, other === undefined ? value : join(other, value));
      }
    }
  }
  for (const [names, keys] of touched) {
    for (const [key, value] of keys) {
      const old = names.get(key);
      const isSure =
        !mayFallThrough && (live.length > 0 ? live : ends).every((end) => end.writes.get(names)?.has(key) === true);
      machine.journal?.push({ names, key, old });
      names.set(key, isSure || old === undefined ? value : join(value, old));
    }
  }
}

function completionOf(all: readonly Completion[], mayFallThrough: boolean): Completion {
  if (mayFallThrough || all.length === 0) return 'normal';
  const first = all[0]!;
  if (all.every((c) => c === first)) return first;
  return all.every((c) => c === 'return' || c === 'raise') ? 'return' : 'normal';
}

/** A branch that is a block of statements. */
export function block(machine: Machine, body: readonly Stmt[], scope: Scope, guard: Guard | undefined): Branch {
  return { guard, run: () => machine.execute(body, scope) };
}
