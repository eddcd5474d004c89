import type { Clock } from '../ports/clock.ts';
import type { DecisionStore } from '../ports/decision-store.ts';
import type { Log } from '../ports/log.ts';
import type { Job } from './scheduler.ts';

export interface Retention {
  /** who got which file when; 0: for ever */
  readonly accessDays: number;
  /** the event log; 0: for ever */
  readonly eventsDays: number;
}

export interface PruneDeps {
  readonly store: Pick<DecisionStore, 'access' | 'events'>;
  readonly clock: Clock;
  readonly log: Log;
}

const DAY_MS = 86_400_000;

/** Removes records that are older than their retention. Of the event log a checkpoint stays, so that its chain still verifies. */
export async function prune(
  { accessDays, eventsDays }: Retention,
  { store, clock, log }: PruneDeps,
): Promise<{ readonly access: number; readonly events: number }> {
  const now = clock.now();
  const access = accessDays === 0 ? 0 : await store.access.prune(now - accessDays * DAY_MS);
  const events = eventsDays === 0 ? 0 : await store.events.prune(now - eventsDays * DAY_MS);
  if (access + events > 0) log.info({ access, events }, 'removed records beyond their retention');
  return { access, events };
}

/** Prunes four times a day. */
export function pruneJob(retention: Retention, deps: PruneDeps): Job {
  return {
    name: 'prune',
    firstAfterMs: 5 * 60_000,
    pauseMs: DAY_MS / 4,
    run: async () => {
      await prune(retention, deps);
      return false;
    },
  };
}
