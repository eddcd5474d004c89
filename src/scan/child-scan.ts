import { createHash } from 'node:crypto';
import { analyse } from '../analysis/analyse.ts';
import { anomalyFindings, findUnscannable } from '../analysis/archive/anomaly-findings.ts';
import { BudgetError, type ContainerAnomaly, DEFAULT_LIMITS, type OpenedArchive } from '../analysis/archive/archive.ts';
import { openArchive } from '../analysis/archive/open-archive.ts';
import type { ByteSource } from '../analysis/byte-source.ts';
import type { ScanReport, Unscannable } from '../analysis/report/scan-report.ts';
import { combineScore, strongestFirst } from '../analysis/report/score.ts';
import type { ScanJob } from './messages.ts';
import { unscannableReport } from './unscannable-report.ts';

export interface ScannedFile {
  readonly report: ScanReport;
  readonly coreMetadata?: Uint8Array;
}

/** as many as an analysed file may have */
const MAX_FINDINGS = 200;

/** The report of one file: its container and its content. Throws only on a bug or when the file cannot be read. */
export async function scanFile(source: ByteSource, job: ScanJob): Promise<ScannedFile> {
  const startedAt = performance.now();
  const opened = await openArchive(source, job.filename, DEFAULT_LIMITS);
  const scanned =
    opened.kind === 'opened'
      ? reportWithin(opened.archive, source, job)
      : { report: reportOnNothing(opened.unscannable, opened.anomalies, source, job) };
  return { ...scanned, report: { ...scanned.report, elapsedMs: performance.now() - startedAt } };
}

/** A member that had to be read and was too large makes the whole file unscannable: the same bytes will be again. */
function reportWithin(archive: OpenedArchive, source: ByteSource, job: ScanJob): ScannedFile {
  try {
    return reportOn(archive, source, job);
  } catch (error) {
    if (!(error instanceof BudgetError)) {
      throw error;
    }
    const unscannable: Unscannable = { cause: 'budget', message: error.message };
    return { report: reportOnNothing(unscannable, archive.anomalies, source, job) };
  }
}

function reportOn(archive: OpenedArchive, source: ByteSource, job: ScanJob): ScannedFile {
  const { filename, sha256, ruleset } = job;
  const { sizeBytes } = source;
  const { coreMetadata } = archive;
  const { score, findings, summary } = analyse(archive, { filename, sha256, sizeBytes });
  const unscannable = findUnscannable(archive.anomalies);
  const report: ScanReport = {
    schema: 1,
    sha256,
    filename,
    sizeBytes,
    ruleset,
    ...(unscannable === undefined ? {} : { unscannable }),
    score,
    findings,
    summary,
    ...(coreMetadata === undefined
      ? {}
      : { coreMetadataSha256: createHash('sha256').update(coreMetadata).digest('hex') }),
    elapsedMs: 0,
  };
  return { report, ...(coreMetadata === undefined ? {} : { coreMetadata }) };
}

/** An archive that could not be opened still shows what was wrong with its container up to there. */
function reportOnNothing(
  unscannable: Unscannable,
  anomalies: readonly ContainerAnomaly[],
  source: ByteSource,
  job: ScanJob,
): ScanReport {
  const report = unscannableReport({ ...job, sizeBytes: source.sizeBytes }, job.ruleset, unscannable);
  const findings = strongestFirst(anomalyFindings(anomalies), MAX_FINDINGS);
  return { ...report, score: combineScore(findings), findings };
}
