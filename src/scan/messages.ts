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
  const answer = message as ScanAnswer;
  if (answer.id !== job.id) {
    return false;
  }
  return answer.kind === 'failed' || (answer.report.sha256 === job.sha256 && answer.report.filename === job.filename);
}
