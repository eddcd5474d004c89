// Owns what a function is that needs the machine to be computed. Imports machine and value. Start at Special.
import type { Machine } from './machine.ts';
import type { RefValue, Site, Value } from './value.ts';

/** A call of such a function. */
export interface SpecialCall {
  readonly callee: RefValue;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  readonly site: Site;
}

/** Computes a call; undefined when it is left to the general treatment. */
export type Special = (machine: Machine, call: SpecialCall) => Value | undefined;
