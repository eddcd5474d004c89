/**
 * What is counted, as typed calls; each is cheap and never throws. Implemented by metrics.ts (prom-client).
 * Label values come from fixed vocabularies, never from a client or a package.
 */
export interface Metrics {
  /** one answered request; `route` is the pattern (`project-page`, `file`, …), `outcome` a fixed word (`served`, `refused`, `held`, `not-modified`, `absent`, `failed`) */
  countRequest(route: string, outcome: string, durationMs: number): void;
  /** one hold of a file request that ended */
  countHold(outcome: 'verdict' | 'next-hop' | 'gave-up' | 'client-left', heldMs: number): void;
  /** one scan that ended; queueMs is the wait for a free child */
  countScan(outcome: 'report' | 'unscannable' | 'failed', scanMs: number, queueMs: number): void;
  /** one fetch of a file from an upstream that ended */
  countFetch(outcome: 'adopted' | 'mismatch' | 'failed', bytes: number, durationMs: number): void;
  countCache(cache: 'page' | 'rendered' | 'file' | 'metadata' | 'project-list', result: 'hit' | 'miss' | 'stale'): void;
  /** `code` is an ErrorCode */
  countUpstreamError(upstream: string, code: string): void;
  /** one verdict given to a client */
  countVerdict(kind: string, reason: string): void;
}
