import { TransientError } from './failures.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** no further try is begun after this long: clients give up after 15 s, and come back */
const RETRY_BUDGET_MS = 15_000;

/** Time and chance, replaced in tests. */
export interface RetrySeams {
  readonly now: () => number;
  /** [0, 1) */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export const systemRetrySeams: RetrySeams = {
  now: () => performance.now(),
  random: Math.random,
  sleep: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
};

/**
 * Runs an idempotent operation again while it fails with a TransientError: pauses double from 250 ms to 5 s, each drawn at
 * random between half and all of it (so that many clients do not come back together), or as long as the upstream asked for.
 * Gives up after `retries` further tries, or when the next one would begin later than 15 s after the first.
 */
export async function withRetries<T>(operation: () => Promise<T>, retries: number, seams: RetrySeams): Promise<T> {
  const startedAt = seams.now();
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof TransientError) || attempt >= retries) throw error;
      const backoffMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.5 + seams.random() / 2);
      const pauseMs = Math.max(backoffMs, error.retryAfterMs ?? 0);
      if (seams.now() - startedAt + pauseMs > RETRY_BUDGET_MS) throw error;
      await seams.sleep(pauseMs);
    }
  }
}

/**
 * Reads a Retry-After header: whole seconds or an HTTP date.
 *
 * @param nowMs UTC ms, for a date
 * @returns ms to wait, 0 for a date that has passed; undefined when absent or unreadable
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim()) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
