import { expect, test } from 'vitest';
import type { Finding } from '../../src/analysis/report/finding.ts';
import type { Sample } from '../../src/evaluate/corpus.ts';
import { toOutcome } from '../../src/evaluate/outcome.ts';
import type { ContentVerdict } from '../../src/policy/report-verdict.ts';
import type { FileResult } from '../../src/scan/scan-files.ts';
import { unscannableReport } from '../../src/scan/unscannable-report.ts';

const sample: Sample = {
  kind: 'malicious',
  path: 'a.zip',
  name: 'a.zip',
  family: 'F1',
  year: '2024',
  part: 'tune',
  label: 'ok',
};
const thresholds = { refuse: 10, quarantine: 5 };

function finding(detector: string, kind: Finding['class'], score: number): Finding {
  const where = { context: 'install', path: 'setup.py', line: 3, snippet: '', chain: [] } as const;
  return { detector, severity: 'high', class: kind, score, message: detector, ...where };
}

function scanned(findings: readonly Finding[], verdict: ContentVerdict): FileResult {
  const file = { sha256: 'a'.repeat(64), filename: 'a.zip', sizeBytes: 1 };
  const { summary } = unscannableReport(file, 'r', { cause: 'format', message: '' });
  const report = { schema: 1, ...file, ruleset: 'r', score: 10, findings, summary, elapsedMs: 1 } as const;
  return { kind: 'scanned', file: 'a.zip', report, verdict, elapsedMs: 1 };
}

const refused: ContentVerdict = { kind: 'refuse', reason: 'ambiguous-archive' };

test('a file that only its container speaks against is told from one whose content does', () => {
  const odd = finding('ambiguous-archive', 'anomaly', 10);
  const weak = finding('thin-metadata', 'suspicious', 2);
  const strong = finding('remote-code', 'malware', 10);

  expect(toOutcome(sample, scanned([odd, weak], refused), thresholds).isContainerOnly).toBe(true);
  expect(toOutcome(sample, scanned([odd, strong], refused), thresholds).isContainerOnly).toBe(false);
});

test('of equal scores malware is named as the cause', () => {
  const findings = [finding('ambiguous-archive', 'anomaly', 10), finding('remote-code', 'malware', 10)];

  expect(toOutcome(sample, scanned(findings, refused), thresholds).top?.detector).toBe('remote-code');
});

test('a scan that did not end has no verdict', () => {
  const failed: FileResult = { kind: 'failed', file: 'a.zip', message: 'the scan did not come to an end' };

  expect(toOutcome(sample, failed, thresholds)).toMatchObject({ verdict: 'failed', score: 0 });
});
