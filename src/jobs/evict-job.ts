import type { Job } from './scheduler.ts';

const PAUSE_MS = 60_000;

/** Keeps stored files within their budget: looks once a minute. */
export function evictJob(evict: () => Promise<void>): Job {
  return {
    name: 'evict',
    firstAfterMs: PAUSE_MS,
    pauseMs: PAUSE_MS,
    run: async () => {
      await evict();
      return false;
    },
  };
}
