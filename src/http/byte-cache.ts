// Owns caches bounded by bytes, over node-cache. Start at createByteCache.
import NodeCache from 'node-cache';
import type { Cache } from '../gate/deps.ts';
import type { Clock } from '../ports/clock.ts';

interface Entry<T> {
  readonly value: T;
  readonly sizeBytes: number;
  readonly validUntil: number | undefined;
}

/** What one entry costs besides its value: key, bookkeeping. */
const OVERHEAD_BYTES = 300;

/**
 * A cache that never holds more than `maxBytes`, as its users count them; the entry that was used longest ago goes first.
 * node-cache counts entries, not bytes, and would copy each value (`useClones`), so size and order are kept beside it.
 */
export function createByteCache<T>(maxBytes: number, clock: Clock): Cache<T> & { usedBytes(): number } {
  const cache = new NodeCache({ useClones: false, stdTTL: 0, checkperiod: 0 });
  /** key → size, in the order of last use */
  const sizes = new Map<string, number>();
  let used = 0;

  function forget(key: string): void {
    used -= sizes.get(key) ?? 0;
    sizes.delete(key);
    cache.del(key);
  }

  function makeRoom(sizeBytes: number): void {
    for (const key of sizes.keys()) {
      if (used + sizeBytes <= maxBytes) return;
      forget(key);
    }
  }

  return {
    get(key) {
      const entry = cache.get<Entry<T>>(key);
      if (entry === undefined) return undefined;
      if (entry.validUntil !== undefined && entry.validUntil <= clock.now()) {
        forget(key);
        return undefined;
      }
      sizes.delete(key);
      sizes.set(key, entry.sizeBytes);
      return entry.value;
    },
    set(key, value, valueBytes, validUntil) {
      const sizeBytes = valueBytes + 2 * key.length + OVERHEAD_BYTES;
      forget(key);
      if (sizeBytes > maxBytes) return;
      makeRoom(sizeBytes);
      const entry: Entry<T> = { value, sizeBytes, validUntil };
      cache.set(key, entry);
      sizes.set(key, sizeBytes);
      used += sizeBytes;
    },
    usedBytes: () => used,
  };
}
