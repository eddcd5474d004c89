import { expect, test } from 'vitest';
import { createMetrics } from '../src/metrics.ts';

test('each call becomes a line that Prometheus reads', async () => {
  const metrics = createMetrics();

  metrics.countRequest('file', 'refused', 12);
  metrics.countHold('verdict', 1500);
  metrics.countScan('report', 20, 5);
  metrics.countFetch('adopted', 1000, 40);
  metrics.countCache('rendered', 'hit');
  metrics.countUpstreamError('pypi', 'UPSTREAM_DOWN');
  metrics.countVerdict('refuse', 'malware');

  const text = await metrics.render();
  expect(text).toContain('cordon_requests_total{route="file",outcome="refused"} 1');
  expect(text).toContain('cordon_hold_seconds_sum{outcome="verdict"} 1.5');
  expect(text).toContain('cordon_scan_seconds_count{outcome="report"} 1');
  expect(text).toContain('cordon_scan_queue_seconds_sum 0.005');
  expect(text).toContain('cordon_fetched_bytes_total 1000');
  expect(text).toContain('cordon_cache_lookups_total{cache="rendered",result="hit"} 1');
  expect(text).toContain('cordon_upstream_errors_total{upstream="pypi",code="UPSTREAM_DOWN"} 1');
  expect(text).toContain('cordon_verdicts_total{kind="refuse",reason="malware"} 1');
});

test('the process speaks of its event-loop delay and memory', async () => {
  const text = await createMetrics().render();

  expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  expect(text).toContain('process_resident_memory_bytes');
});

test('a watched value is read at the moment of asking', async () => {
  const metrics = createMetrics();
  let queued = 1;
  metrics.watch('scan_queue', 'Scans that wait.', () => queued);

  queued = 7;

  expect(await metrics.render()).toContain('cordon_scan_queue 7');
});
