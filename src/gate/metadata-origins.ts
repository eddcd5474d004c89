// Owns what is known of file hosts whose index says nothing of core metadata: does `<file>.metadata` lie beside their wheels
// all the same? Does no I/O. Start at createMetadataOrigins; sibling-metadata.ts asks.
import type { Clock } from '../ports/clock.ts';
import type { StoredFile } from '../ports/decision-store.ts';

/** One file may lack it, and of the newest ones many; this many without for each one with, and one more, is a host without. */
const MISSES_PER_HIT = 3;
/** A host without them is asked again after this long: it may have learned to make them. */
const ABSENT_MS = 3_600_000;
/** Hosts remembered; configured upstreams name few. */
const MAX_ORIGINS = 1_000;

type Located = Pick<StoredFile, 'upstream'> & { readonly file: Pick<StoredFile['file'], 'url'> };

export interface MetadataOrigins {
  /** undefined: not known yet */
  find(file: Located): 'served' | 'absent' | undefined;
  /** true: at some time since the start one of our pages may have relied on it */
  wasServed(file: Located): boolean;
  /** Learns from one answer about `<file>.metadata`; a failure is none. */
  note(file: Located, isServed: boolean): void;
}

interface Account {
  /** answers with, and without */
  readonly hits: number;
  readonly misses: number;
  readonly at: number;
}

/** scheme, host and port of a file's URL */
export function originOf({ file }: Pick<Located, 'file'>): string {
  return new URL(file.url).origin;
}

/** @param clock for how long a host counts as one without */
export function createMetadataOrigins(clock: Clock): MetadataOrigins {
  const accounts = new Map<string, Account>();
  const keyOf = (file: Located): string => `${file.upstream} ${originOf(file)}`;
  return {
    find(file) {
      const account = accounts.get(keyOf(file));
      if (account === undefined) return undefined;
      const { hits, misses, at } = account;
      if (misses >= MISSES_PER_HIT * (hits + 1)) return clock.now() - at < ABSENT_MS ? 'absent' : undefined;
      return hits > 0 ? 'served' : undefined;
    },
    wasServed: (file) => (accounts.get(keyOf(file))?.hits ?? 0) > 0,
    note(file, isServed) {
      const key = keyOf(file);
      const before = accounts.get(key);
      accounts.delete(key);
      const { hits, misses } = before ?? { hits: 0, misses: 0 };
      const counted = isServed ? { hits: hits + 1, misses } : { hits, misses: misses + 1 };
      accounts.set(key, { ...counted, at: clock.now() });
      const oldest = accounts.size > MAX_ORIGINS ? accounts.keys().next().value : undefined;
      if (oldest !== undefined) accounts.delete(oldest);
    },
  };
}
