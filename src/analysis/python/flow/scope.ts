// Owns the names that a piece of program can see. Imports value types alone. Start at Scope.
import type { Unit, Value } from './value.ts';

/** One namespace: a module, a function call, a class body or a comprehension. */
export interface Scope {
  readonly kind: 'module' | 'function' | 'class' | 'comprehension';
  readonly names: Map<string, Value>;
  /** where a name that is not here is looked up; undefined for a module */
  readonly parent: Scope | undefined;
  readonly module: Scope;
  readonly unit: Unit;
  /** names declared `global` or `nonlocal`, and the scope they mean */
  redirects: Map<string, Scope> | undefined;
  /** of a module: names of modules outside the archive whose names it took over, all of them */
  stars: readonly string[];
  /** how many branches were open when it came to be: a branch that opened before holds its whole life */
  born: number;
}

export function moduleScope(unit: Unit): Scope {
  const names = new Map<string, Value>();
  const scope: { -readonly [K in keyof Scope]: Scope[K] } = {
    kind: 'module',
    names,
    parent: undefined,
    module: undefined as unknown as Scope,
    unit,
    redirects: undefined,
    stars: [],
    born: 0,
  };
  scope.module = scope;
  return scope;
}

export function innerScope(kind: Scope['kind'], parent: Scope, unit: Unit = parent.unit): Scope {
  return { kind, names: new Map(), parent, module: parent.module, unit, redirects: undefined, stars: [], born: 0 };
}

/** What a name means here; undefined when no scope knows it (a builtin, or nothing). */
export function lookUp(scope: Scope, name: string): Value | undefined {
  let current: Scope | undefined = scope;
  let isInner = false;
  while (current !== undefined) {
    // A class body's names are not seen by the functions in it.
    if (!(isInner && current.kind === 'class')) {
      const value = current.names.get(name);
      if (value !== undefined) return value;
    }
    if (current.kind === 'function') isInner = true;
    current = current.parent;
  }
  return undefined;
}

/** The scope in which an assignment to the name takes place. */
export function scopeOf(scope: Scope, name: string): Scope {
  return scope.redirects?.get(name) ?? scope;
}
