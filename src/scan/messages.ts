// Owns what a scan child and its parent say to each other. Pure types and one check. Start at ScanJob.
// Messages travel by Node's advanced serialisation, so bytes stay bytes.
import type { ScanReport } from '../analysis/report/scan-report.ts';

/** Parent to child: scan this file. One at a time. */
export interface ScanJob {
  readonly id: number;
  /** local path, opened for reading only */
  readonly path: string;
  readonly filename: string;
  /** hex; the parent has checked that the bytes have it */
  readonly sha256: string;
  /** digest of the rules in force, which the report is stamped with */
  readonly ruleset: string;
}

/** Child to parent. */
export type ScanAnswer =
  | { readonly kind: 'report'; readonly id: number; readonly report: ScanReport; readonly coreMetadata?: Uint8Array }
  /** the analysis threw: a bug, or a file that could not be read */
  | {
      readonly kind: 'failed';
      readonly id: number;
      /** the operating system's code, e.g. `ENOENT`; undefined when our own code failed */
      readonly systemCode?: string;
      readonly message: string;
    };

/** Says whether a message of a child answers this job. A child that says anything else is broken. */
export function isAnswerTo(job: ScanJob, message: unknown): message is ScanAnswer {
  if (typeof message !== 'object' || message === null || !('kind' in message) || !('id' in message)) {
    return false;
  }
  if (message.id !== job.id) {
    return false;
  }
  if (message.kind === 'failed') {
    return 'message' in message && typeof message.message === 'string';
  }
  return message.kind === 'report' && 'report' in message && isReportOn(job, message.report);
}

/** The file and the rules are the job's, and the fields that a verdict is computed from have their shape. */
function isReportOn(job: ScanJob, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { sha256, filename, ruleset, score, findings, summary } = value as Readonly<Record<string, unknown>>;
  const isOfJob = sha256 === job.sha256 && filename === job.filename && ruleset === job.ruleset;
  return (
    isOfJob && Number.isFinite(score) && Array.isArray(findings) && typeof summary === 'object' && summary !== null
  );
}
