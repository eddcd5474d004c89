// Owns when a release is compared with what its project shipped before: once, when a file was scanned, before anybody is
// served from the report. May import ports and policy. Start at createComparer. The result is kept with the file's row.
import type { ScanReport } from '../analysis/report/scan-report.ts';
import { calmScore } from '../policy/calming.ts';
import { compareReleases, isAttested, type ReleaseView, timeOf } from '../policy/compare-releases.ts';
import { findEntries } from '../policy/compiled-entries.ts';
import type { Policy } from '../policy/entry.ts';
import type { ComparisonFacts, ReleaseChange, StoredFile, StoredProject } from '../policy/facts.ts';
import { matchFeed } from '../policy/feed-match.ts';
import { findLookalike, type PopularNames } from '../policy/name-confusion.ts';
import { releaseKey } from '../policy/release-key.ts';
import { judgeContent, toReportFacts } from '../policy/report-verdict.ts';
import type { Clock } from '../ports/clock.ts';
import type { DecisionStore, FileChange } from '../ports/decision-store.ts';
import { parseFilename } from '../pypi/filename.ts';
import type { Sha256 } from '../pypi/model.ts';
import { compareVersions } from '../pypi/version.ts';
import type { FeedBook } from './feed-book.ts';
import type { PolicySnapshot } from './policy-snapshot.ts';

export interface CompareDeps {
  readonly store: Pick<DecisionStore, 'files' | 'reports'>;
  readonly policy: Pick<PolicySnapshot, 'current'>;
  readonly feeds: Pick<FeedBook, 'find'>;
  readonly popular: PopularNames;
  readonly clock: Clock;
}

/** Accepted files looked at for baseline and attestations. */
const MAX_ACCEPTED = 200;
/** Reports loaded to find old news: the newest, and some back in time. */
const MAX_CALMING_REPORTS = 4;
const YOUNG_MS = 90 * 86_400_000;
/** A look-alike name adds to findings that weigh at least this much, and to nothing else. */
const MIN_CONTENT_SCORE = 2;
const CONFUSION_SCORE = 3;

/** Makes the step that intake takes after each scan: what follows for the file's row from its report. */
export function createComparer(deps: CompareDeps): (file: StoredFile, report: ScanReport) => Promise<FileChange> {
  return async (file, report) => {
    const now = deps.clock.now();
    const policy = await deps.policy.current();
    const comparison = await compare({ file, report }, policy, now, deps);
    const verdict = judgeContent(toReportFacts(report, now), policy.thresholds, comparison);
    // in monitor mode nobody stood behind the verdict: what was seen then proves nothing later
    const isAccepted = verdict.kind === 'allow' && policy.mode === 'enforce';
    return { comparison, ...(isAccepted ? { acceptedAt: now } : {}) };
  };
}

async function compare(
  candidate: ReleaseView,
  policy: Policy,
  now: number,
  deps: CompareDeps,
): Promise<ComparisonFacts> {
  const { file, report } = candidate;
  const accepted = await deps.store.files.findAccepted(file.upstream, file.project, MAX_ACCEPTED);
  const standing = accepted.filter((other) => isStanding(other, policy, now, deps));
  const earlier = listEarlier(file, standing);
  const baseline = await loadView(findBaseline(file, earlier), deps);
  const counterpart = await findCounterpart(file, policy.ruleset.inForce, deps);
  const changes = [
    ...compareReleases(candidate, {
      ...(baseline === undefined ? {} : { baseline }),
      ...(counterpart === undefined ? {} : { counterpart }),
      attested: listAttested(earlier),
    }),
    ...(await findConfusion(file, report, now, deps)),
  ];
  const calmedScore = report.score < policy.thresholds.quarantine ? undefined : await calm(report, earlier, deps);
  const named = [baseline, counterpart].filter((view) => view !== undefined);
  return {
    sha256: report.sha256 as Sha256,
    ruleset: report.ruleset,
    comparedAt: now,
    baselines: named.map(({ file: { file: known, sha256, version } }) => ({
      filename: known.filename,
      sha256: sha256 ?? '',
      ...(version === undefined ? {} : { version }),
    })),
    changes,
    ...(calmedScore === undefined ? {} : { calmedScore }),
  };
}

/** Still stands: not withdrawn, not changed, not denied, on no list. What turned out bad later must not vouch for anything. */
function isStanding(file: StoredFile, policy: Policy, now: number, { feeds }: CompareDeps): boolean {
  if (file.removedAt !== undefined || file.changed !== undefined || file.mismatch !== undefined) return false;
  if (matchFeed(feeds.find(file.project), file.version).length > 0) return false;
  return !findEntries(policy.entries, file).some(
    ({ effect, expiresAt }) => effect === 'deny' && (expiresAt === undefined || now < expiresAt),
  );
}

/** Accepted files of other releases, the newest first. Later ones do not count: they may be the same attacker's. */
function listEarlier(file: StoredFile, accepted: readonly StoredFile[]): readonly StoredFile[] {
  const release = releaseKey(file.version);
  return accepted
    .filter((other) => other.key !== file.key && releaseKey(other.version) !== release && timeOf(other) <= timeOf(file))
    .sort((a, b) => timeOf(b) - timeOf(a));
}

/**
 * The highest version below the candidate's, by a file of its kind (a wheel says nothing of what a build does), for the
 * same platform if there is one.
 */
function findBaseline(file: StoredFile, earlier: readonly StoredFile[]): StoredFile | undefined {
  const kind = kindOf(file);
  const alike = earlier.filter((other) => kindOf(other) === kind);
  const below = alike.filter((other) => compareVersions(other.version ?? '', file.version ?? '') < 0);
  const isSamePlatform = (other: StoredFile): number => (tagsOf(other) === tagsOf(file) ? 1 : 0);
  const [best] = (below.length > 0 ? below : alike).toSorted((a, b) => {
    const byVersion = compareVersions(b.version ?? '', a.version ?? '');
    return byVersion !== 0 ? byVersion : isSamePlatform(b) - isSamePlatform(a);
  });
  return best;
}

function tagsOf({ file }: StoredFile): string {
  return file.filename.split('-').slice(-3).join('-');
}

/** `wheel any`, `wheel platform`, `sdist`, …: files that can be compared. */
function kindOf({ file, project }: StoredFile): string {
  const parsed = parseFilename(file.filename, project);
  if (parsed?.kind !== 'wheel') return parsed?.kind ?? 'unknown';
  return parsed.tags?.platforms.includes('any') === true ? 'wheel any' : 'wheel platform';
}

async function findCounterpart(file: StoredFile, ruleset: string, deps: CompareDeps): Promise<ReleaseView | undefined> {
  const isSdist = kindOf(file) === 'sdist';
  const { files } = await deps.store.files.findRelease(file, ruleset);
  const other = files.find(
    ({ file: sibling, report }) =>
      sibling.key !== file.key && report?.ruleset === ruleset && (kindOf(sibling) === 'sdist') !== isSdist,
  );
  return loadView(other?.file, deps);
}

async function loadView(file: StoredFile | undefined, deps: CompareDeps): Promise<ReleaseView | undefined> {
  if (file?.sha256 === undefined) return undefined;
  const report = await deps.store.reports.findReport(file.sha256, file.file.filename);
  return report === undefined ? undefined : { file, report };
}

/** Releases, newest first: attested when one of their files is. */
function listAttested(earlier: readonly StoredFile[]): readonly boolean[] {
  const releases = new Map<string, boolean>();
  for (const file of earlier) {
    const release = releaseKey(file.version) ?? file.key;
    releases.set(release, isAttested(file) || releases.get(release) === true);
  }
  return [...releases.values()];
}

/** Loads few reports, spread over time: the newest ones and the oldest. */
async function calm(
  report: ScanReport,
  earlier: readonly StoredFile[],
  deps: CompareDeps,
): Promise<number | undefined> {
  const newest = earlier.slice(0, MAX_CALMING_REPORTS / 2);
  const oldest = earlier.slice(MAX_CALMING_REPORTS / 2).slice(-MAX_CALMING_REPORTS / 2);
  const views: ReleaseView[] = [];
  for (const file of [...newest, ...oldest]) {
    const view = await loadView(file, deps);
    if (view !== undefined) views.push(view);
  }
  return calmScore(report, views);
}

async function findConfusion(
  file: StoredFile,
  report: ScanReport,
  now: number,
  deps: CompareDeps,
): Promise<readonly ReleaseChange[]> {
  if (report.score < MIN_CONTENT_SCORE) return [];
  const lookalike = findLookalike(file.project, deps.popular);
  if (lookalike === undefined) return [];
  const project = await deps.store.files.findProject(file.upstream, file.project);
  if (!isYoung(project, file, now)) return [];
  const message = `the name can be taken for ${lookalike.popular} (${lookalike.confusion}), and the project is young`;
  return [{ kind: 'name-confusion', score: CONFUSION_SCORE, message }];
}

function isYoung(project: StoredProject | undefined, file: StoredFile, now: number): boolean {
  const start = project === undefined ? timeOf(file) : (project.firstUploadAt ?? project.firstSeenAt);
  return now - start < YOUNG_MS;
}
