// Fetch, commit gate, scan, record: one job per file, whoever asks. Implemented by intake/.
import type { StoredFile } from './decision-store.ts';

export type JobPhase =
  | { readonly kind: 'queued' }
  | { readonly kind: 'fetching'; readonly receivedBytes: number; readonly totalBytes?: number }
  | { readonly kind: 'scan-queued' }
  | { readonly kind: 'scanning' };

export interface JobTimes {
  readonly queueMs: number;
  readonly fetchMs: number;
  readonly scanQueueMs: number;
  readonly scanMs: number;
}

export type JobOutcome =
  | { readonly kind: 'done'; readonly times: JobTimes }
  /** still under way when the wait was up */
  | { readonly kind: 'waiting'; readonly phase: JobPhase };

export interface Intake {
  /**
   * Joins the job of this file, starting or promoting it, and waits at most `waitMs` (0: only start).
   * A client that leaves cancels nothing. Throws the job's failure (UPSTREAM_DOWN, UPSTREAM_MISMATCH, OVERLOADED, …).
   * A failed job is remembered for a short while, then tried again at the next call.
   */
  join(file: StoredFile, waitMs: number): Promise<JobOutcome>;
  /** Starts the job within the speculative budget, for this client's share; may do nothing. Never throws. */
  speculate(file: StoredFile, client: string): void;
  findPhase(file: StoredFile): JobPhase | undefined;
  /** Scans bytes that are already stored, again. */
  rescan(file: StoredFile): Promise<void>;
  stats(): { readonly jobs: number; readonly bytesInFlight: number; readonly speculative: number };
  close(): Promise<void>;
}
