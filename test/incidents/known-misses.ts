// Owns: what is known to be missed and what is known to cry wolf, exactly: the suite fails when an entry is out of date.
// May import: nothing. Start here: KNOWN_MISSES.

export interface KnownMiss {
  /** ids of rewrites, `original` for the replay as reported; `every`: all but `except` */
  readonly rewrites: readonly string[] | 'every';
  readonly except?: readonly string[];
  /** what a reader of the bytes would need to see */
  readonly why: string;
}

/** Replay id → what of it is served although it should not be. */
export const KNOWN_MISSES: Readonly<Record<string, KnownMiss>> = {};

/** Says whether this variant of a replay is known to be served. */
export function isKnownMiss(replayId: string, rewriteId: string): boolean {
  const known = KNOWN_MISSES[replayId];
  if (known === undefined) return false;
  return known.rewrites === 'every' ? known.except?.includes(rewriteId) !== true : known.rewrites.includes(rewriteId);
}

/** Project name of a look-alike, or `<replay id> predecessor` → why it is stopped although it should not be. */
export const KNOWN_FALSE_ALARMS: Readonly<Record<string, string>> = {
  plotgrid:
    'unasked-network suspicious 6 import plotgrid/_telemetry.py:46 Talks to telemetry.plotgrid.example at import.',
};
