// Owns the answer to "why": each file that a subject means, its verdict now, and the evidence. Start at explainSubject.
import type { ScanReport } from '../analysis/report/scan-report.ts';
import { CordonError } from '../errors.ts';
import type { ComparisonFacts } from '../policy/facts.ts';
import type { Thresholds } from '../policy/report-verdict.ts';
import type { Verdict } from '../policy/verdict.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { JobPhase } from '../ports/intake.ts';
import { compareVersions } from '../pypi/version.ts';
import type { AdminDeps } from './admin-deps.ts';
import { type FoundProject, findExplained, findSubject, parseSubject } from './subject.ts';

/** One file as an administrator sees it. Times are UTC ms. */
export interface ExplainedFile {
  readonly project: string;
  readonly version: string | undefined;
  readonly filename: string;
  readonly upstream: string;
  readonly path: string;
  readonly sha256: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly uploadTime: string | undefined;
  readonly firstSeenAt: number;
  readonly removedAt: number | undefined;
  readonly yanked: boolean | string;
  readonly verdict: Verdict;
  readonly validUntil: number | undefined;
  readonly phase: JobPhase | undefined;
  /** undefined: never scanned, or not loaded because many files were meant */
  readonly report: ScanReport | undefined;
  /** what changed since earlier releases; undefined: never compared, or of other bytes */
  readonly comparison: ComparisonFacts | undefined;
}

export interface Explanation {
  readonly subject: string;
  readonly files: readonly ExplainedFile[];
  /** files beyond the limit that were left out */
  readonly omitted: number;
  /** points from which a file is held or refused, in force now */
  readonly thresholds: Thresholds;
}

/** Evidence is read for this many files at most; a question about a whole project gets verdicts alone. */
const MAX_REPORTS = 20;
const MAX_FILES = 5000;

async function explainProject(found: FoundProject, deps: AdminDeps): Promise<readonly ExplainedFile[]> {
  const decisions = await deps.judge.judgeProject(found.project, found.files);
  return found.files.flatMap((file, index) => {
    const decision = decisions[index];
    return decision === undefined
      ? []
      : [describe(file, decision.verdict, decision.validUntil, deps.intake.findPhase(file))];
  });
}

function describe(
  file: StoredFile,
  verdict: Verdict,
  validUntil: number | undefined,
  phase: JobPhase | undefined,
): ExplainedFile {
  return {
    project: file.project,
    version: file.version,
    filename: file.file.filename,
    upstream: file.upstream,
    path: file.path,
    sha256: file.sha256,
    sizeBytes: file.file.sizeBytes,
    uploadTime: file.file.uploadTime,
    firstSeenAt: file.firstSeenAt,
    removedAt: file.removedAt,
    yanked: file.file.yanked,
    verdict,
    validUntil,
    phase,
    report: undefined,
    comparison: file.comparison?.sha256 === file.sha256 ? file.comparison : undefined,
  };
}

/**
 * Explains `six`, `six==1.16.0`, a filename, a sha256, or the file behind an explanation page (its id or its address).
 *
 * @throws CordonError NOT_FOUND when no upstream has it, BAD_REQUEST when it is none of these
 */
export async function explainSubject(text: string, deps: AdminDeps): Promise<Explanation> {
  const found = (await findExplained(text, deps)) ?? (await findSubject(parseSubject(text), deps));
  // Siblings decide too: the judge sees the project whole, and what was not meant is left out afterwards.
  const wholes = await Promise.all(
    found.map(async ({ project, files }) => {
      const all = await deps.store.files.findByProject(project.upstream, project.project);
      const keys = new Set(files.map((file) => file.key));
      const explained = await explainProject({ project, files: all.length > 0 ? all : files }, deps);
      const meant = all.length > 0 ? all : files;
      return explained.filter((_, index) => keys.has(meant[index]?.key ?? ''));
    }),
  );
  const files = wholes.flat().toSorted(byRelease);
  if (files.length === 0)
    throw new CordonError('NOT_FOUND', 'no project, release or file of that name is known here or upstream');
  const kept = files.slice(-MAX_FILES);
  const withReports = kept.length > MAX_REPORTS ? kept : await Promise.all(kept.map((file) => addReport(file, deps)));
  const { thresholds } = await deps.policy.current();
  return { subject: text, files: withReports, omitted: files.length - kept.length, thresholds };
}

/** Newest last, where a terminal leaves the reader. */
function byRelease(a: ExplainedFile, b: ExplainedFile): number {
  const order = compareVersions(a.version ?? '', b.version ?? '');
  return order === 0 ? (a.filename < b.filename ? -1 : 1) : order;
}

async function addReport(file: ExplainedFile, deps: AdminDeps): Promise<ExplainedFile> {
  const [stored] = await deps.store.files.findByPath(file.path).then((one) => (one === undefined ? [] : [one]));
  if (stored?.sha256 === undefined) return file;
  return { ...file, report: await deps.store.reports.findReport(stored.sha256, file.filename) };
}
