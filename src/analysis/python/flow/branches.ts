// Owns how branches part and meet: both sides are read, then their effects are joined. May import machine. Start at runBranches.
import type { Stmt } from '../ast.ts';
import { type Completion, type Guard, type JournalEntry, type Machine, spend } from './machine.ts';
import type { Scope } from './scope.ts';
import { isOverspent } from './skimming.ts';
import { join, type Value } from './value.ts';

/** A block of statements that may run. */
interface Branch {
  readonly guard: Guard | undefined;
  readonly body: readonly Stmt[];
  /** what happens before its first statement; undefined: nothing */
  readonly enter: (() => void) | undefined;
}

/** What one branch left: for each entry of its journal, the name's value at its end. */
interface End {
  readonly completion: Completion;
  readonly journal: readonly JournalEntry[];
  readonly values: readonly (Value | undefined)[];
}

/** A name that some branch wrote; `old` is its value before the branches. */
interface Touch extends JournalEntry {
  value: Value;
  /** the last branch that wrote it, and how many of those that decide did */
  end: End;
  count: number;
}

/** Reads each branch from the same state and joins what they leave. `mayFallThrough`: none of them may run at all. */
export function runBranches(
  machine: Machine,
  branches: readonly Branch[],
  mayFallThrough: boolean,
  scope: Scope,
): Completion {
  machine.uncertainty++;
  machine.branchCount++;
  const [only] = branches;
  if (only !== undefined && branches.length === 1) return runOnly(machine, only, mayFallThrough, scope);
  const ends: End[] = [];
  let writes = 0;
  for (const branch of branches) {
    const journal: JournalEntry[] = [];
    const completion = runOne(machine, branch, scope, journal);
    writes += journal.length;
    ends.push({ completion, journal, values: journal.map(({ names, key }) => names.get(key)) });
    restore(journal);
  }
  machine.uncertainty--;
  // What has to be joined is work as well.
  spend(machine, writes >> 1);
  if (writes > 0) meet(machine, ends, mayFallThrough, scope);
  return completionOf(ends, mayFallThrough);
}

function runOne(machine: Machine, branch: Branch, scope: Scope, journal: JournalEntry[]): Completion {
  const outer = machine.journal;
  machine.journal = journal;
  if (branch.guard !== undefined) machine.guards.push(branch.guard);
  try {
    branch.enter?.();
    return machine.execute(branch.body, scope);
  } finally {
    if (branch.guard !== undefined) machine.guards.pop();
    machine.journal = outer;
  }
}

/** One branch, the most frequent case: what it leaves is joined where it stands, with what was there before. */
function runOnly(machine: Machine, branch: Branch, mayFallThrough: boolean, scope: Scope): Completion {
  const journal: JournalEntry[] = [];
  const completion = runOne(machine, branch, scope, journal);
  machine.uncertainty--;
  if (journal.length > 0) {
    const work = journal.length >> 1;
    if (isOverspent(machine, work)) restore(journal);
    spend(machine, work);
    const touches = new Touches<JournalEntry>();
    for (const entry of journal) {
      const { names, key, old } = entry;
      if (touches.find(names, key) !== undefined) continue;
      const value = names.get(key);
      if (value === undefined) {
        if (old !== undefined) names.set(key, old);
        continue;
      }
      touches.add(entry);
      machine.journal?.push(entry);
      if (mayFallThrough && old !== undefined) names.set(key, join(value, old));
    }
  }
  return mayFallThrough ? 'normal' : completion;
}

const FEW = 12;

/** Names that were written, in order; found by looking at each while they are few. */
class Touches<T extends JournalEntry> {
  readonly list: T[] = [];
  #byNames: Map<Map<string, Value>, Map<string, T>> | undefined;

  find(names: Map<string, Value>, key: string): T | undefined {
    if (this.#byNames !== undefined) return this.#byNames.get(names)?.get(key);
    for (const touch of this.list) if (touch.key === key && touch.names === names) return touch;
    return undefined;
  }

  add(touch: T): void {
    this.list.push(touch);
    if (this.#byNames !== undefined) this.#index(touch);
    else if (this.list.length > FEW) {
      this.#byNames = new Map();
      for (const known of this.list) this.#index(known);
    }
  }

  #index(touch: T): void {
    const keys = this.#byNames?.get(touch.names);
    if (keys === undefined) this.#byNames?.set(touch.names, new Map([[touch.key, touch]]));
    else keys.set(touch.key, touch);
  }
}

function restore(journal: readonly JournalEntry[]): void {
  for (let i = journal.length - 1; i >= 0; i--) {
    const { names, key, old } = journal[i]!;
    if (old === undefined) names.delete(key);
    else names.set(key, old);
  }
}

function isLive({ completion }: End): boolean {
  return completion === 'normal' || completion === 'break';
}

function meet(machine: Machine, ends: readonly End[], mayFallThrough: boolean, scope: Scope): void {
  // Names of this very function do not live on where a branch leaves it; everything else (fields, globals) does.
  const live = ends.filter(isLive);
  const deciding = live.length > 0 ? live : ends;
  const touches = new Touches<Touch>();
  for (const end of ends) {
    const decides = live.length === 0 || isLive(end);
    for (let i = 0; i < end.journal.length; i++) {
      const { names, key, old } = end.journal[i]!;
      const value = end.values[i];
      if (value === undefined || (names === scope.names && !decides)) continue;
      const touch = touches.find(names, key);
      if (touch === undefined) touches.add({ names, key, old, value, end, count: decides ? 1 : 0 });
      else if (touch.end !== end) {
        touch.value = join(touch.value, value);
        touch.end = end;
        if (decides) touch.count++;
      }
    }
  }
  for (const { names, key, old, value, count } of touches.list) {
    const isSure = !mayFallThrough && count === deciding.length;
    machine.journal?.push({ names, key, old });
    names.set(key, isSure || old === undefined ? value : join(value, old));
  }
}

function completionOf(ends: readonly End[], mayFallThrough: boolean): Completion {
  const [first] = ends;
  if (mayFallThrough || first === undefined) return 'normal';
  if (ends.every((e) => e.completion === first.completion)) return first.completion;
  return ends.every((e) => e.completion === 'return' || e.completion === 'raise') ? 'return' : 'normal';
}

/** A branch that is nothing but its statements. */
export function block(body: readonly Stmt[], guard: Guard | undefined): Branch {
  return { guard, body, enter: undefined };
}
