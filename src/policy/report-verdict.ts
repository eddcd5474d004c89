// Owns what a scan report means by itself: the few facts that decide reads, and the verdict of the content alone.
// May import analysis/report and facts.ts; pure. Start at judgeContent.
// Entries, feeds, siblings and age come later, in decide.ts.
import type { Finding, Severity } from '../analysis/report/finding.ts';
import type { ScanReport } from '../analysis/report/scan-report.ts';
import type { Sha256 } from '../pypi/model.ts';
import type { Policy } from './entry.ts';
import type { ComparisonFacts, ReportFacts } from './facts.ts';

/** Scores from which a file is refused or quarantined. */
export type Thresholds = Policy['thresholds'];

/** What the bytes alone deserve, before entries, feeds, siblings and age. */
export type ContentVerdict =
  | { readonly kind: 'allow' }
  | { readonly kind: 'quarantine'; readonly reason: 'suspicious' | 'unscannable' }
  | { readonly kind: 'refuse'; readonly reason: 'malware' | 'ambiguous-archive' };

const SEVERITY_RANK: Readonly<Record<Severity, number>> = { info: 0, low: 1, medium: 2, high: 3, critical: 4 };
const MAX_HEADLINE_LENGTH = 400;

/** The part of a report that decide reads. */
export function toReportFacts(report: ScanReport, scannedAt: number): ReportFacts {
  const headline = findHeadline(report.findings);
  const ambiguous = report.findings.find(isAmbiguity);
  return {
    // the report names the file it was made for, and its digest was computed from the very bytes
    sha256: report.sha256 as Sha256,
    filename: report.filename,
    ruleset: report.ruleset,
    scannedAt,
    score: report.score,
    malwareScore: findMalwareScore(report.findings),
    ...(headline === undefined ? {} : { headline: toHeadline(headline) }),
    ...(report.unscannable === undefined ? {} : { unscannable: clip(report.unscannable.message) }),
    ...(ambiguous === undefined ? {} : { ambiguous: clip(ambiguous.message) }),
  };
}

/**
 * The verdict of the content alone.
 *
 * Refused: a chain that does harm (class `malware`) once its own or the combined score reaches `refuse`, and an archive
 * that two readers can read differently. Quarantined: what could not be read, and everything else from `quarantine` on.
 * A high score of merely suspicious findings is never refused outright: a person should look.
 *
 * @param comparison what changed since earlier releases, when that is known of these very bytes: it adds to the score.
 *   What it calms is taken off only where the verdict would be `suspicious`, and nothing new is added back in silence.
 */
export function judgeContent(
  facts: Pick<ReportFacts, 'score' | 'malwareScore' | 'unscannable' | 'ambiguous'>,
  thresholds: Thresholds,
  comparison?: ComparisonFacts,
): ContentVerdict {
  const raise = (comparison?.changes ?? []).reduce((sum, change) => sum + change.score, 0);
  const strongest = Math.max(facts.malwareScore, facts.score + raise);
  if (facts.malwareScore > 0 && strongest >= thresholds.refuse) return { kind: 'refuse', reason: 'malware' };
  if (facts.ambiguous !== undefined) return { kind: 'refuse', reason: 'ambiguous-archive' };
  if (facts.unscannable !== undefined) return { kind: 'quarantine', reason: 'unscannable' };
  const calmed = comparison?.calmedScore === undefined ? strongest : comparison.calmedScore + raise;
  if (Math.max(facts.malwareScore, calmed) >= thresholds.quarantine) {
    return { kind: 'quarantine', reason: 'suspicious' };
  }
  return { kind: 'allow' };
}

/** A container finding strong enough that Python and we could read different bytes. */
export function isAmbiguity(finding: Finding): boolean {
  return finding.class === 'anomaly' && SEVERITY_RANK[finding.severity] >= SEVERITY_RANK.high;
}

function findMalwareScore(findings: readonly Finding[]): number {
  return findings.reduce((highest, finding) => {
    return finding.class === 'malware' ? Math.max(highest, finding.score) : highest;
  }, 0);
}

/** The finding for one-line reasons: malware first, then ambiguity, then the highest score; notes never. */
function findHeadline(findings: readonly Finding[]): Finding | undefined {
  let best: Finding | undefined;
  for (const finding of findings) {
    if (finding.class === 'note') continue;
    if (best === undefined || strength(finding) > strength(best)) best = finding;
  }
  return best;
}

function strength(finding: Finding): number {
  const claim = finding.class === 'malware' ? 2_000 : isAmbiguity(finding) ? 1_000 : 0;
  return claim + finding.score * 10 + SEVERITY_RANK[finding.severity];
}

function toHeadline(finding: Finding): NonNullable<ReportFacts['headline']> {
  const { detector, message, path, line } = finding;
  return { detector, message: clip(message), path: clip(path), line };
}

function clip(text: string): string {
  return text.length <= MAX_HEADLINE_LENGTH ? text : `${text.slice(0, MAX_HEADLINE_LENGTH - 1)}…`;
}
