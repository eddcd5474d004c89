import { createHash } from 'node:crypto';
import type { Finding } from '../analysis/report/finding.ts';
import type { ScanReport } from '../analysis/report/scan-report.ts';
import { combineScore } from '../analysis/report/score.ts';
import { judgeContent, type Thresholds, toReportFacts } from '../policy/report-verdict.ts';
import type { FileResult } from '../scan/scan-files.ts';
import type { Sample } from './corpus.ts';

/** What came of one sample, small enough to keep for thousands and to compare with another day's. */
export interface Outcome {
  readonly name: string;
  readonly kind: Sample['kind'];
  /** `failed`: no verdict; counts as missed, and is listed */
  readonly verdict: 'allow' | 'quarantine' | 'refuse' | 'failed';
  readonly reason?: string;
  readonly score: number;
  /** the finding that weighs most */
  readonly top?: OutcomeFinding;
  /** true: without what its container shows (odd archive, RECORD, unreadable parts) it would be allowed */
  readonly isContainerOnly: boolean;
  readonly pythonBytes: number;
  readonly elapsedMs: number;
  /** GuardDog's score of the same file, 0 to 10; absent: not asked, or it failed */
  readonly guarddog?: number;
}

export type OutcomeFinding = Pick<Finding, 'detector' | 'class' | 'score' | 'context' | 'path' | 'line' | 'message'>;

/**
 * An outcome that says nothing of its sample but what came of it: of a hold-out, so that nobody writes rules against it.
 * Its name is a digest, the same in every run, so that two runs can still be compared.
 */
export function withoutSample(outcome: Outcome): Outcome {
  const { name, kind, verdict, score, isContainerOnly, pythonBytes, elapsedMs, guarddog } = outcome;
  return {
    name: createHash('sha256').update(name).digest('hex'),
    kind,
    verdict,
    score,
    isContainerOnly,
    pythonBytes,
    elapsedMs,
    ...(guarddog === undefined ? {} : { guarddog }),
  };
}

/** A verdict that keeps a file from being served. */
export function isCaught(outcome: Outcome): boolean {
  return outcome.verdict === 'refuse' || outcome.verdict === 'quarantine';
}

export function toOutcome(sample: Sample, result: FileResult, thresholds: Thresholds): Outcome {
  const { name, kind } = sample;
  if (result.kind === 'failed') {
    const failed = { verdict: 'failed', reason: result.message, score: 0, isContainerOnly: false } as const;
    return { name, kind, ...failed, pythonBytes: 0, elapsedMs: 0 };
  }
  const { report, verdict } = result;
  const top = strongest(report.findings);
  return {
    name,
    kind,
    verdict: verdict.kind,
    ...(verdict.kind === 'allow' ? {} : { reason: verdict.reason }),
    score: report.score,
    ...(top === undefined ? {} : { top: toOutcomeFinding(top) }),
    isContainerOnly: verdict.kind !== 'allow' && isAllowedByContent(report, thresholds),
    pythonBytes: report.summary.pythonBytes,
    elapsedMs: report.elapsedMs,
  };
}

function isAllowedByContent(report: ScanReport, thresholds: Thresholds): boolean {
  const findings = report.findings.filter((finding) => finding.class !== 'anomaly');
  const { score, malwareScore } = toReportFacts({ ...report, findings, score: combineScore(findings) }, 0);
  return judgeContent({ score, malwareScore }, thresholds).kind === 'allow';
}

const CLASS_RANK: Readonly<Record<Finding['class'], number>> = { malware: 3, anomaly: 2, suspicious: 1, note: 0 };

function strongest(findings: readonly Finding[]): Finding | undefined {
  return findings.filter((finding) => finding.class !== 'note').toSorted((a, b) => weight(b) - weight(a))[0];
}

/** by score, and by class where that is equal */
function weight(finding: Finding): number {
  return finding.score * 10 + CLASS_RANK[finding.class];
}

function toOutcomeFinding(finding: Finding): OutcomeFinding {
  const { detector, score, context, path, line, message } = finding;
  return { detector, class: finding.class, score, context, path, line, message };
}
