// Owns when a release is compared with what its project shipped before: once, when a file was scanned, before anybody is
// served from the report. May import ports and policy. Start at createComparer. The result is kept with the file's row.
import type { ScanReport } from '../analysis/report/scan-report.ts';
import { type Attestation, attestationOf } from '../policy/attestations.ts';
import { calmScore } from '../policy/calming.ts';
import { compareReleases } from '../policy/compare-releases.ts';
import { findEntries } from '../policy/compiled-entries.ts';
import type { Policy } from '../policy/entry.ts';
import { isWaiver } from '../policy/entry-width.ts';
import type { ComparisonFacts, StoredFile } from '../policy/facts.ts';
import { matchFeed } from '../policy/feed-match.ts';
import type { PopularNames } from '../policy/name-confusion.ts';
import { releaseKey } from '../policy/release-key.ts';
import { type ContentVerdict, judgeContent, toReportFacts } from '../policy/report-verdict.ts';
import { type ReleaseView, timeOf } from '../policy/summaries.ts';
import type { Clock } from '../ports/clock.ts';
import type { DecisionStore, FileChange } from '../ports/decision-store.ts';
import { parseFilename } from '../pypi/filename.ts';
import type { Sha256 } from '../pypi/model.ts';
import type { Publisher } from '../pypi/provenance.ts';
import { compareVersions } from '../pypi/version.ts';
import type { FeedBook } from './feed-book.ts';
import { findOddities, savePrints } from './oddities.ts';
import type { PolicySnapshot } from './policy-snapshot.ts';

export interface CompareDeps {
  readonly store: Pick<DecisionStore, 'files' | 'reports' | 'prints'>;
  readonly policy: Pick<PolicySnapshot, 'current'>;
  readonly feeds: Pick<FeedBook, 'find'>;
  readonly popular: () => PopularNames;
  readonly clock: Clock;
  /** Who attested a file; undefined: not known. Bounded in time, never throws. */
  readonly findPublishers: (file: StoredFile) => Promise<readonly Publisher[] | undefined>;
}

/** Reads stored bytes by the rules in force, without keeping the report; undefined when they are gone or could not be read. */
export type ReadAgain = (file: StoredFile) => Promise<ScanReport | undefined>;

/** Accepted files looked at for baseline and attestations. */
const MAX_ACCEPTED = 200;
/** Reports loaded to find old news: the newest, and some back in time. */
const MAX_CALMING_REPORTS = 4;
/** A release is settled when it is this much older than the candidate. */
const SETTLED_MS = 30 * 86_400_000;

/** Makes the step that intake takes after each scan: what follows for the file's row from its report. */
export function createComparer(
  deps: CompareDeps,
): (file: StoredFile, report: ScanReport, readAgain: ReadAgain) => Promise<FileChange> {
  return async (file, report, readAgain) => {
    const now = deps.clock.now();
    const policy = await deps.policy.current();
    const comparison = await compare({ file, report }, policy, now, { ...deps, readAgain });
    const verdict = judgeContent(toReportFacts(report, now), policy.thresholds, comparison);
    const before = judgeByThese(file, report, policy);
    const acceptance = acceptanceOf(verdict.kind, before, comparison, policy);
    if (typeof acceptance.acceptedAt === 'number') await savePrints({ file, report }, deps);
    return { comparison, ...acceptance };
  };
}

/** What the rules in force made of the file so far, with what was known beside it; undefined: they have not judged it. */
function judgeByThese(file: StoredFile, report: ScanReport, policy: Policy): ContentVerdict['kind'] | undefined {
  const { comparison } = file;
  if (comparison?.sha256 !== report.sha256 || comparison.ruleset !== report.ruleset) return undefined;
  return judgeContent(toReportFacts(report, 0), policy.thresholds, comparison).kind;
}

/** Rows keep the moment at which they were accepted first; what turned out bad since is no longer accepted. */
function acceptanceOf(
  verdict: ContentVerdict['kind'],
  before: ContentVerdict['kind'] | undefined,
  { comparedAt }: ComparisonFacts,
  policy: Policy,
): Pick<FileChange, 'acceptedAt'> {
  // in monitor mode nobody stood behind the verdict: what was seen then proves nothing later
  if (verdict === 'allow') return policy.mode === 'enforce' ? { acceptedAt: comparedAt } : {};
  // rules that see more in it than those before make it suspicious, not its acceptance wrong (calming.ts)
  return verdict === 'refuse' || before === 'allow' ? { acceptedAt: null } : {};
}

type CompareTools = CompareDeps & { readonly readAgain: ReadAgain };

async function compare(
  candidate: ReleaseView,
  policy: Policy,
  now: number,
  deps: CompareTools,
): Promise<ComparisonFacts> {
  const { file, report } = candidate;
  const publishers = await deps.findPublishers(file);
  const accepted = await deps.store.files.findAccepted(file.upstream, file.project, MAX_ACCEPTED);
  const standing = accepted.filter((other) => isStanding(other, policy, now, deps));
  const earlier = await withoutSpoilt(listEarlier(file, standing), policy, deps);
  const baseline = await loadView(findBaseline(file, earlier), report.ruleset, deps);
  const settled = earlier.filter((other) => timeOf(file) - timeOf(other) >= SETTLED_MS);
  const before = findBaseline(file, settled);
  const anchor = before?.key === baseline?.file.key ? undefined : await loadView(before, report.ruleset, deps);
  const counterpart = await findCounterpart(file, policy.ruleset.inForce, deps);
  const oddities = await findOddities({ file, report }, now, deps);
  const changes = [
    ...compareReleases(candidate, {
      ...(baseline === undefined ? {} : { baseline }),
      ...(anchor === undefined ? {} : { anchor }),
      ...(counterpart === undefined ? {} : { counterpart }),
      attested: { own: attestationOf(file, timeOf(file), publishers), earlier: listAttested(earlier) },
    }),
    ...oddities.changes,
  ];
  const { quarantine } = policy.thresholds;
  const calmedScore = report.score < quarantine ? undefined : await calm(report, earlier, quarantine, deps);
  const named = [baseline, anchor, counterpart].filter((view) => view !== undefined);
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
    ...(publishers === undefined ? {} : { publishers }),
    ...(oddities.copied === undefined ? {} : { copied: oddities.copied }),
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

/** Releases looked through for a file that is malware. */
const MAX_CHECKED_RELEASES = 12;

/**
 * Leaves out releases of which another file turned out to be malware, or was let through by a waiver: whoever could publish
 * that one could touch this one. Only the newest releases are looked at, and those that are 30 days older.
 */
async function withoutSpoilt(
  earlier: readonly StoredFile[],
  policy: Policy,
  deps: CompareDeps,
): Promise<readonly StoredFile[]> {
  const spoilt = new Set<string>();
  const checked = new Set<string>();
  for (const file of earlier) {
    const release = releaseKey(file.version);
    if (release === undefined || checked.has(release)) continue;
    checked.add(release);
    const { files } = await deps.store.files.findRelease(file, policy.ruleset.inForce);
    const isBad = files.some((one) => (one.report?.malwareScore ?? 0) > 0 || isLetThrough(one.file, policy));
    if (isBad) spoilt.add(release);
    if (checked.size >= MAX_CHECKED_RELEASES) break;
  }
  return earlier.filter((file) => !spoilt.has(releaseKey(file.version) ?? ''));
}

function isLetThrough(file: StoredFile, policy: Policy): boolean {
  return findEntries(policy.entries, file).some((entry) => isWaiver(entry));
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

async function findCounterpart(
  file: StoredFile,
  ruleset: string,
  deps: CompareTools,
): Promise<ReleaseView | undefined> {
  const isSdist = kindOf(file) === 'sdist';
  const { files } = await deps.store.files.findRelease(file, ruleset);
  const other = files.find(
    ({ file: sibling, report }) =>
      sibling.key !== file.key && report?.ruleset === ruleset && (kindOf(sibling) === 'sdist') !== isSdist,
  );
  return loadView(other?.file, ruleset, deps);
}

/**
 * A file with its report. One by other rules cannot be compared in full: where its bytes are still here they are read again,
 * so that nobody gains by publishing just after an update of the rules.
 */
async function loadView(
  file: StoredFile | undefined,
  ruleset: string,
  deps: CompareTools,
): Promise<ReleaseView | undefined> {
  if (file?.sha256 === undefined) return undefined;
  const stored = await deps.store.reports.findReport(file.sha256, file.file.filename);
  if (stored === undefined) return undefined;
  const report = stored.ruleset === ruleset ? stored : ((await deps.readAgain(file)) ?? stored);
  return { file, report };
}

/** Releases, newest first: attested when one of their files is, by whoever attested one of them. */
function listAttested(earlier: readonly StoredFile[]): readonly Attestation[] {
  const releases = new Map<string, Attestation>();
  for (const file of earlier) {
    const release = releaseKey(file.version) ?? file.key;
    const own = attestationOf(file, timeOf(file), file.comparison?.publishers);
    const known = releases.get(release);
    const publishers = [...(known?.publishers ?? []), ...(own.publishers ?? [])];
    releases.set(release, {
      at: Math.min(own.at, known?.at ?? own.at),
      isAttested: own.isAttested || known?.isAttested === true,
      ...(publishers.length === 0 ? {} : { publishers }),
    });
  }
  return [...releases.values()];
}

/** Loads few reports, spread over time: the newest ones and the oldest. */
async function calm(
  report: ScanReport,
  earlier: readonly StoredFile[],
  quarantineFrom: number,
  deps: CompareTools,
): Promise<number | undefined> {
  const newest = earlier.slice(0, MAX_CALMING_REPORTS / 2);
  const oldest = earlier.slice(MAX_CALMING_REPORTS / 2).slice(-MAX_CALMING_REPORTS / 2);
  const views: ReleaseView[] = [];
  for (const file of [...newest, ...oldest]) {
    const view = await loadView(file, report.ruleset, deps);
    if (view !== undefined) views.push(view);
  }
  return calmScore(report, views, quarantineFrom);
}
