// Owns where data comes from: labels and the places that gave them. Imports nothing. Start at Taint.

/** What a value may carry. Bits, so that a union is one machine operation. */
export const LABEL = {
  /** names this machine or its user: hostname, user name, MAC address, machine id, public address */
  host: 1,
  /** platform, architecture, Python version: says little about whom */
  weakHost: 1 << 1,
  /** the whole environment */
  environment: 1 << 2,
  /** one environment variable whose name speaks of a secret */
  secretVariable: 1 << 3,
  /** any other single environment variable */
  variable: 1 << 4,
  /** content of a credential file */
  secretFile: 1 << 5,
  /** browser or messenger profile content */
  browser: 1 << 6,
  /** wallet files */
  wallet: 1 << 7,
  clipboard: 1 << 8,
  keyboard: 1 << 9,
  /** screenshot, camera, microphone */
  screen: 1 << 10,
  /** parameter named like a secret */
  secretParameter: 1 << 11,
  parameter: 1 << 12,
  /** received over the network */
  network: 1 << 13,
  /** content of a local file that is not special */
  file: 1 << 14,
  /** output of another process */
  process: 1 << 15,
  /** went through a decoder, or was put together by arithmetic */
  decoded: 1 << 16,
  /** typed by a person */
  input: 1 << 17,
  /** names of files in a folder */
  listing: 1 << 18,
  /** current folder, paths of this user's home */
  location: 1 << 19,
  /** a path that names a secret store, whether or not it was read */
  secretPath: 1 << 20,
  /** content of a file of this very archive */
  ownFile: 1 << 21,
} as const;

/** Data whose owner would not hand it out. */
export const PRIVATE =
  LABEL.environment | LABEL.secretFile | LABEL.browser | LABEL.wallet | LABEL.clipboard | LABEL.keyboard | LABEL.screen;

export type Label = (typeof LABEL)[keyof typeof LABEL];

/** A place that gave a label. */
export interface Origin {
  readonly label: Label;
  readonly path: string;
  readonly line: number;
  /** plain words: `socket.gethostname()` */
  readonly text: string;
}

export interface Taint {
  readonly bits: number;
  /** about {@link MAX_ORIGINS} at most; the first of each label is always among them */
  readonly origins: readonly Origin[];
}

export const MAX_ORIGINS = 12;

/** Of these labels every origin is kept: which layers, which files. */
const EACH_COUNTS = LABEL.decoded | LABEL.file;

export const CLEAN: Taint = { bits: 0, origins: [] };

export function taintFrom(label: Label, path: string, line: number, text: string): Taint {
  return { bits: label, origins: [{ label, path, line, text }] };
}

/** The data of both; cheap when one adds nothing. */
export function unite(a: Taint, b: Taint): Taint {
  if (a === b || b.bits === 0) return a;
  if (a.bits === 0) return b;
  if ((a.bits | b.bits) === a.bits && (b.bits & EACH_COUNTS) === 0) return a;
  // Data that went two ways and meets again comes with the very same list.
  if (a.origins === b.origins && (a.bits | b.bits) === a.bits) return a;
  // Most unions add nothing that was not known: a list is made when the first new origin turns up.
  let origins: Origin[] | undefined;
  for (const origin of b.origins) {
    const known = origins ?? a.origins;
    if (holds(known, origin)) continue;
    if (known.length >= MAX_ORIGINS && ((a.bits & origin.label) !== 0 || hasLabel(known, origin.label))) continue;
    origins ??= [...a.origins];
    origins.push(origin);
  }
  const bits = a.bits | b.bits;
  if (bits === a.bits && origins === undefined) return a;
  return { bits, origins: origins ?? a.origins };
}

function holds(origins: readonly Origin[], origin: Origin): boolean {
  const { label, line, text } = origin;
  for (const known of origins)
    if (known === origin || (known.line === line && known.label === label && known.text === text)) return true;
  return false;
}

function hasLabel(origins: readonly Origin[], label: Label): boolean {
  for (const known of origins) if (known.label === label) return true;
  return false;
}

/** The same without some labels. */
export function without(taint: Taint, bits: number): Taint {
  if ((taint.bits & bits) === 0) return taint;
  const left = taint.bits & ~bits;
  if (left === 0) return CLEAN;
  return { bits: left, origins: taint.origins.filter((o) => (o.label & bits) === 0) };
}
