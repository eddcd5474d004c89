// Owns when background work runs: each job by its own rhythm, never twice at once, never fatal. May import ports.
// Start at startJobs; the jobs themselves stand beside it, one file each.
import { isCordonError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Timers } from '../ports/timers.ts';

export interface Job {
  /** kebab-case, for the log */
  readonly name: string;
  /** pause before the first run */
  readonly firstAfterMs: number;
  /** pause after a run that found nothing more to do, and after a failure */
  readonly pauseMs: number;
  /** pause after a run that left something to do; default: pauseMs */
  readonly busyPauseMs?: number;
  /** One bounded piece of work; true: there is more. May throw: it is logged and tried again after the pause. */
  readonly run: (signal: AbortSignal) => Promise<boolean>;
}

export interface RunningJobs {
  /** Starts no further run, tells those under way, and waits for them. */
  readonly close: () => Promise<void>;
}

/** Starts the jobs. */
export function startJobs(
  jobs: readonly Job[],
  deps: { readonly timers: Timers; readonly clock: Clock; readonly log: Log },
): RunningJobs {
  const stop = new AbortController();
  const running = new Set<Promise<void>>();
  const cancels = new Map<string, () => void>();

  const schedule = (job: Job, delayMs: number): void => {
    if (stop.signal.aborted) return;
    cancels.set(
      job.name,
      deps.timers.after(delayMs, () => {
        const turn: Promise<void> = runOnce(job).then((pauseMs) => {
          running.delete(turn);
          schedule(job, pauseMs);
        });
        running.add(turn);
      }),
    );
  };

  const runOnce = async (job: Job): Promise<number> => {
    const startedAt = deps.clock.now();
    try {
      const hasMore = await job.run(stop.signal);
      deps.log.debug({ job: job.name, durationMs: deps.clock.now() - startedAt, hasMore }, 'a job ran');
      return hasMore ? (job.busyPauseMs ?? job.pauseMs) : job.pauseMs;
    } catch (error) {
      const fields = { job: job.name, durationMs: deps.clock.now() - startedAt, err: error };
      if (isCordonError(error)) deps.log.warn(fields, 'a job failed and will be tried again');
      else deps.log.error(fields, 'a job failed and will be tried again');
      return job.pauseMs;
    }
  };

  for (const job of jobs) schedule(job, job.firstAfterMs);
  return {
    close: async () => {
      stop.abort();
      for (const cancel of cancels.values()) cancel();
      await Promise.all(running);
    },
  };
}
