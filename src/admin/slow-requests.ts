// Owns the memory of what installs waited for lately, so that a slow one can be explained afterwards. Imports ports alone.
import type { AccessRecord } from '../ports/decision-store.ts';

export interface SlowRequests {
  /** Sees every answer given; keeps the few that cost most. */
  readonly note: (record: AccessRecord) => void;
  /** the costliest of the last hour, costliest first */
  readonly list: (now: number) => readonly AccessRecord[];
}

const KEPT = 20;
const HOUR_MS = 3_600_000;

/** Fetch, queue, scan and hold overlap; the hold is what the client felt, the rest what Cordon did. */
export function costOf(record: AccessRecord): number {
  return Math.max(record.holdMs ?? 0, (record.fetchMs ?? 0) + (record.queueMs ?? 0) + (record.scanMs ?? 0));
}

/** Keeps the costliest answers of the last hour in memory. */
export function createSlowRequests(): SlowRequests {
  let kept: AccessRecord[] = [];
  return {
    note(record) {
      if (costOf(record) === 0) return;
      kept = [...kept, record]
        .filter((old) => old.at > record.at - HOUR_MS)
        .sort((left, right) => costOf(right) - costOf(left))
        .slice(0, KEPT);
    },
    list: (now) => kept.filter((record) => record.at > now - HOUR_MS),
  };
}
