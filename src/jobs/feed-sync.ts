import type { Job } from './scheduler.ts';

/**
 * Looks for a newer feed. The feed itself logs and counts its failures, once per outage; here they only end the run.
 * @param feed its name, for the log
 */
export function feedSyncJob(feed: string, intervalMs: number, sync: () => Promise<void>): Job {
  return {
    name: `feed-sync-${feed}`,
    // not at once: a start in an outage should be quiet, and clients go first
    firstAfterMs: 2_000,
    pauseMs: intervalMs,
    run: async () => {
      try {
        await sync();
      } catch {
        // told by the feed
      }
      return false;
    },
  };
}
