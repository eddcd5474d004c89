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
export const KNOWN_MISSES: Readonly<Record<string, KnownMiss>> = {
  '29b-embedded-program': {
    rewrites: ['encoder:xor'],
    why: 'a PE file in base64, written to the temporary folder and started: import on Windows decodes a program from the source, writes it to the temporary folder and starts it',
  },
  '32f-clipper': {
    rewrites: ['split', 'strings:chr', 'strings:reverse'],
    why: 'addresses on the clipboard are replaced: import watches the clipboard and replaces wallet addresses by constants',
  },
  '33b-zip-on-path': {
    rewrites: ['encoder:hex', 'encoder:xor', 'encoder:integers'],
    why: 'a bundled zip put on sys.path and imported: its modules are code at import',
  },
  '34b-mapped-builtins': {
    rewrites: ['encoder:hex', 'encoder:xor', 'encoder:integers'],
    why: 'identifiers of another script, names by map over getattr: import fetches text from a constant host and executes it',
  },
  '34c-method-decoder': {
    rewrites: ['strings:format'],
    why: 'a proxy class decodes with a key of the instance: import decodes a loader that asks a constant host for code, and executes it',
  },
  '34e-wide-letters': {
    rewrites: ['encoder:hex', 'encoder:xor', 'encoder:integers'],
    why: 'full-width letters that Python normalises: import fetches text from a constant host and executes it',
  },
};

/** Says whether this variant of a replay is known to be served. */
export function isKnownMiss(replayId: string, rewriteId: string): boolean {
  const known = KNOWN_MISSES[replayId];
  if (known === undefined) return false;
  return known.rewrites === 'every' ? known.except?.includes(rewriteId) !== true : known.rewrites.includes(rewriteId);
}

/** Project name of a look-alike, or `<replay id> predecessor` → why it is stopped although it should not be. */
export const KNOWN_FALSE_ALARMS: Readonly<Record<string, string>> = {
  plotgrid:
    'exfiltration suspicious 6 import plotgrid/_telemetry.py:46 Sends files of this machine to telemetry.plotgrid.example.',
  servicectl:
    'persistence suspicious 4 entry-point servicectl/__init__.py:23 Puts something where it starts by itself (.config/systemd).',
};
