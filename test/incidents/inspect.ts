// Owns: a file of a replay through the pipeline of a served file, feed and cooldown off: open, analyse, report, verdict.
// May import: the entry points of the engine and of policy, nothing of what is behind them. Start here: inspectRelease.
import { createHash } from 'node:crypto';
import { analyse } from '../../src/analysis/analyse.ts';
import { DEFAULT_LIMITS } from '../../src/analysis/archive/archive.ts';
import { openArchive } from '../../src/analysis/archive/open-archive.ts';
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
  const source = inMemory(bytes);
  const container = await scanFile(source, { filename, sha256, ruleset: 'replay' } as Parameters<typeof scanFile>[1]);
  const opened = await openArchive(source, filename, DEFAULT_LIMITS);
  const content =
    opened.kind === 'opened' ? analyse(opened.archive, { filename, sha256, sizeBytes: bytes.length }) : undefined;
  const report = { ...container.report, ...content };
  return { report, verdict: judgeContent(toReportFacts(report, 0), THRESHOLDS) };
}
