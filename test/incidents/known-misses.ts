// Owns: what is known to be missed and what is known to cry wolf, exactly: the suite fails when an entry is out of date.
// May import: nothing. Start here: KNOWN_MISSES.

export interface KnownMiss {
  /** ids of rewrites, `original` for the replay as reported */
  readonly rewrites: readonly string[];
  /** what a reader of the bytes would need to see */
  readonly why: string;
}

/** Replay id → what of it is served although it should not be. */
export const KNOWN_MISSES: Readonly<Record<string, KnownMiss>> = {};

/** Project name of a look-alike, or `<replay id> predecessor` → why it is stopped although it should not be. */
export const KNOWN_FALSE_ALARMS: Readonly<Record<string, string>> = {};
