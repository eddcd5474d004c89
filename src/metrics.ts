// Owns what is measured and how Prometheus reads it. May import prom-client and ports. Start at createMetrics.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from './ports/metrics.ts';

export interface MetricsRegistry extends Metrics {
  /** Shows a value that is read whenever somebody asks, e.g. a queue's length. */
  watch(name: string, help: string, read: () => number | Promise<number>): void;
  readonly contentType: string;
  /** the exposition text */
  readonly render: () => Promise<string>;
}

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Makes a registry of its own (nothing global), with the process's own figures (memory, event-loop delay). */
export function createMetrics(): MetricsRegistry {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name: `cordon_${name}`, help, labelNames: [...labelNames], registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Histogram<Label> =>
    new Histogram({ name: `cordon_${name}`, help, labelNames: [...labelNames], buckets: SECONDS, registers });

  const requests = counter('requests_total', 'Answered requests by route and outcome.', ['route', 'outcome']);
  const requestSeconds = histogram('request_seconds', 'Time from request to end of the answer.', ['route']);
  const holdSeconds = histogram('hold_seconds', 'Time that file requests waited for a verdict.', ['outcome']);
  const scanSeconds = histogram('scan_seconds', 'Time that a scan took in its child.', ['outcome']);
  const scanQueueSeconds = histogram('scan_queue_seconds', 'Time that a scan waited for a child.', []);
  const fetchSeconds = histogram('fetch_seconds', 'Time that fetching a file from upstream took.', ['outcome']);
  const fetchedBytes = counter('fetched_bytes_total', 'Bytes of files fetched from upstream.', []);
  const cache = counter('cache_lookups_total', 'Look-ups in a cache by result.', ['cache', 'result']);
  const upstreamErrors = counter('upstream_errors_total', 'Failed requests to an upstream.', ['upstream', 'code']);
  const verdicts = counter('verdicts_total', 'Verdicts given to clients.', ['kind', 'reason']);

  return {
    countRequest(route, outcome, durationMs) {
      requests.inc({ route, outcome });
      requestSeconds.observe({ route }, durationMs / 1000);
    },
    countHold(outcome, heldMs) {
      holdSeconds.observe({ outcome }, heldMs / 1000);
    },
    countScan(outcome, scanMs, queueMs) {
      scanSeconds.observe({ outcome }, scanMs / 1000);
      scanQueueSeconds.observe(queueMs / 1000);
    },
    countFetch(outcome, bytes, durationMs) {
      fetchSeconds.observe({ outcome }, durationMs / 1000);
      fetchedBytes.inc(bytes);
    },
    countCache(name, result) {
      cache.inc({ cache: name, result });
    },
    countUpstreamError(upstream, code) {
      upstreamErrors.inc({ upstream, code });
    },
    countVerdict(kind, reason) {
      verdicts.inc({ kind, reason });
    },
    watch(name, help, read) {
      const gauge: Gauge = new Gauge({
        name: `cordon_${name}`,
        help,
        registers,
        async collect() {
          gauge.set(await read());
        },
      });
    },
    contentType: registry.contentType,
    render: () => registry.metrics(),
  };
}
