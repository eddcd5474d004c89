import { createHash } from 'node:crypto';
import { anomalyFindings, findUnscannable } from '../analysis/archive/anomaly-findings.ts';
import { DEFAULT_LIMITS, type OpenResult } from '../analysis/archive/archive.ts';
import { openArchive } from '../analysis/archive/open-archive.ts';
import type { ByteSource } from '../analysis/byte-source.ts';
import type { ReleaseSummary, ScanReport } from '../analysis/report/scan-report.ts';
import type { ScanJob } from './messages.ts';

export interface ScannedFile {
  readonly report: ScanReport;
  readonly coreMetadata?: Uint8Array;
}

/** The report of one file: what its container shows. Throws only on a bug or when the file cannot be read. */
export async function scanFile(source: ByteSource, job: ScanJob): Promise<ScannedFile> {
  const startedAt = performance.now();
  const opened = await openArchive(source, job.filename, DEFAULT_LIMITS);
  const anomalies = opened.kind === 'opened' ? opened.archive.anomalies : opened.anomalies;
  const findings = anomalyFindings(anomalies).toSorted((a, b) => b.score - a.score);
  const unscannable = opened.kind === 'opened' ? findUnscannable(anomalies) : opened.unscannable;
  const coreMetadata = opened.kind === 'opened' ? opened.archive.coreMetadata : undefined;
  const report: ScanReport = {
    schema: 1,
    sha256: job.sha256,
    filename: job.filename,
    sizeBytes: source.sizeBytes,
    ruleset: job.ruleset,
    ...(unscannable === undefined ? {} : { unscannable }),
    score: findings[0]?.score ?? 0,
    findings: findings.slice(0, 200),
    summary: summarise(opened),
    ...(coreMetadata === undefined
      ? {}
      : { coreMetadataSha256: createHash('sha256').update(coreMetadata).digest('hex') }),
    elapsedMs: performance.now() - startedAt,
  };
  return { report, ...(coreMetadata === undefined ? {} : { coreMetadata }) };
}

function summarise(opened: OpenResult): ReleaseSummary {
  const members = opened.kind === 'opened' ? opened.archive.members : [];
  return {
    members: Object.fromEntries(members.slice(0, 20_000).map(({ path, sha256 }) => [path, sha256])),
    startUpFiles: [],
    nativeBinaries: [],
    hosts: [],
    sinks: [],
    longestLiteral: 0,
    pythonBytes: 0,
    unpackedBytes: opened.kind === 'opened' ? opened.archive.unpackedBytes : 0,
    memberCount: members.length,
  };
}
