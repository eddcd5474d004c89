// Owns: a file of a replay through the pipeline of a served file, feed and cooldown off: the scan child's own entry, then
// the verdict of the content alone. May import: those two entry points, nothing of what is behind them.
// Start here: inspectRelease.
import { createHash } from 'node:crypto';
import type { ByteSource } from '../../src/analysis/byte-source.ts';
import type { ScanReport } from '../../src/analysis/report/scan-report.ts';
import { type ContentVerdict, judgeContent, toReportFacts } from '../../src/policy/report-verdict.ts';
import { scanFile } from '../../src/scan/child-scan.ts';
import { pack, type Release } from './incident.ts';

/** The thresholds that the product ships with (config/default.yaml). */
const THRESHOLDS = { refuse: 10, quarantine: 5 };

export interface Inspection {
  readonly verdict: ContentVerdict;
  readonly report: ScanReport;
}

function inMemory(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    readAt: (position, length) => bytes.subarray(position, Math.min(bytes.length, position + length)),
  };
}

/** What the content of a release's file deserves. */
export async function inspectRelease(release: Release): Promise<Inspection> {
  const { filename, bytes } = pack(release);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { report } = await scanFile(inMemory(bytes), { id: 1, path: filename, filename, sha256, ruleset: 'replay' });
  return { report, verdict: judgeContent(toReportFacts(report, 0), THRESHOLDS) };
}
