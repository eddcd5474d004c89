import type { Metrics } from '../../src/ports/metrics.ts';

/** Counters that nobody reads. */
export const silentMetrics: Metrics = {
  countRequest: () => undefined,
  countHold: () => undefined,
  countScan: () => undefined,
  countFetch: () => undefined,
  countCache: () => undefined,
  countUpstreamError: () => undefined,
  countVerdict: () => undefined,
};
