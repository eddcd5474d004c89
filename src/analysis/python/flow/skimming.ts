// Owns what is read where the steps of a root are used up. Start at slowDown.
import type { Node } from '../ast.ts';
import type { Machine } from './machine.ts';

/**
 * How what follows is read once the steps of a root are used up, so that a loop or a tree of calls cannot hide it:
 * `following` each loop once and each function a few times, with steps from a reserve of the archive; `own`, when they are
 * used up as well, each loop once and no call, with steps for that much code, which no reserve limits: the sum over all roots
 * is linear in the size of the archive.
 */
export type Skim = 'off' | 'following' | 'own';

/** Steps of one root for `following`. */
const FOLLOWING_STEPS = 60_000;
/** Steps for `own`: so many, and so many for each character of the code. */
const OWN_STEPS = 2_000;
const OWN_STEPS_PER_CHARACTER = 2;
/** Of decoded text, there may be more than the archive is long. */
const MAX_OWN_STEPS = 4_000_000;

/** The steps of a reading are used up, those for skimming what follows included. */
export class StepsExhausted extends Error {
  constructor() {
    super('step budget exhausted');
    this.name = 'StepsExhausted';
  }
}

/** Gives steps for skimming; throws StepsExhausted inside of a call that is not skimmed to its end. */
export function slowDown(machine: Machine): void {
  if (machine.skim === 'off' && machine.skimReserve >= FOLLOWING_STEPS) {
    machine.skim = 'following';
    machine.skimReserve -= FOLLOWING_STEPS;
    machine.steps = FOLLOWING_STEPS;
    machine.readings.clear();
    return;
  }
  if (machine.skim === 'own' || !isAtBase(machine)) throw new StepsExhausted();
  skimOwn(machine);
}

/** Goes on with the code of the root, or of the module that is being imported, alone. */
export function skimOwn(machine: Machine): void {
  machine.skim = 'own';
  machine.steps = OWN_STEPS;
  const base = machine.frames.at(-1)?.node;
  if (base !== undefined) grant(machine, sizeOf(base));
}

/** Steps for code that begins while the rest of a root is skimmed: a module, decoded text, a function as root. */
export function grantFor(machine: Machine, size: number): void {
  if (machine.skim !== 'off') grant(machine, size);
}

function grant(machine: Machine, size: number): void {
  machine.steps = Math.max(0, machine.steps) + Math.min(MAX_OWN_STEPS, OWN_STEPS + OWN_STEPS_PER_CHARACTER * size);
}

/** Characters of a piece of code. */
export function sizeOf(node: Node): number {
  return node.end - node.start;
}

/** Whether the code being read is that of the root itself, or of a module that is being imported: no call led to it. */
export function isAtBase({ frames }: Machine): boolean {
  return frames.length <= 1 || frames.at(-1)?.node.kind === 'Module';
}

/** Whether no steps are left for so much work, and none can be had. */
export function isOverspent(machine: Machine, work: number): boolean {
  const { steps, skim, skimReserve } = machine;
  return work > steps && (skim === 'own' || !isAtBase(machine)) && (skim !== 'off' || skimReserve < FOLLOWING_STEPS);
}

/** Whether so much is left that calls with known arguments may be followed as often as they come: decoders are called so. */
export function canSpare({ steps, skim }: Machine): boolean {
  return skim === 'following' && steps > FOLLOWING_STEPS / 2;
}
