// Owns when a finding is old news: the same code and the same hosts, shipped for a month and accepted on their own merits.
// Pure. Start at calmScore. A patient attacker must gain nothing: what counts are bytes that were there all the time, never
// code that runs at start-up or install, never malware, and never a release that was let through by a waiver or in monitor mode.
import type { Finding } from '../analysis/report/finding.ts';
import type { ReleaseSummary, ScanReport } from '../analysis/report/scan-report.ts';
import { combineScore } from '../analysis/report/score.ts';
import { type ReleaseView, timeOf } from './compare-releases.ts';

/** Releases must lie this far apart. */
const SPREAD_MS = 30 * 86_400_000;

/**
 * The score without the findings that earlier releases explain.
 *
 * @param accepted earlier releases whose content was accepted on its own merits (`acceptedAt`)
 * @returns undefined where nothing is calmed: without such releases, with malware, or when the archive is not read alike
 */
export function calmScore(report: ScanReport, accepted: readonly ReleaseView[]): number | undefined {
  const { findings } = report;
  if (report.unscannable !== undefined || findings.some((finding) => finding.class === 'malware')) return undefined;
  const left = findings.filter((finding) => !isOldNews(finding, report.summary, accepted));
  return left.length === findings.length ? undefined : combineScore(left);
}

function isOldNews(finding: Finding, summary: ReleaseSummary, accepted: readonly ReleaseView[]): boolean {
  if (finding.class !== 'suspicious') return false;
  if (finding.context === 'start-up' || finding.context === 'install') return false;
  const members = findMembers(finding, summary);
  if (members === undefined) return false;
  const times = accepted
    .filter(
      ({ file, report }) => file.acceptedAt !== undefined && holdsChain(report.summary, members, summary, finding),
    )
    .map(({ file }) => timeOf(file));
  return times.length >= 2 && Math.max(...times) - Math.min(...times) >= SPREAD_MS;
}

/** Every member of the chain has the same normalised code there, and every host was named there. */
function holdsChain(
  earlier: ReleaseSummary,
  members: readonly string[],
  summary: ReleaseSummary,
  { hosts }: Finding,
): boolean {
  return (
    members.every((member) => earlier.members[member] === summary.members[member]) &&
    (hosts ?? []).every((host) => earlier.hosts.includes(host))
  );
}

/** Members that the chain of a finding passes through; undefined when one of them is not known by its hash. */
function findMembers({ path, chain }: Finding, { members }: ReleaseSummary): readonly string[] | undefined {
  const paths = new Set([path, ...chain.map((link) => link.path)].filter((one) => one !== ''));
  const found = [...paths].map((one) => findMember(one, members));
  return found.length > 0 && found.every((member) => member !== undefined) ? found : undefined;
}

/** Findings name members as the archive does, and decoded layers and nested members behind `#` and `!/`; summaries leave the top folder off. */
function findMember(path: string, members: ReleaseSummary['members']): string | undefined {
  const outer = path.split(/#|!\//u, 1)[0] ?? path;
  if (members[outer] !== undefined) return outer;
  const inner = outer.slice(outer.indexOf('/') + 1);
  return members[inner] === undefined ? undefined : inner;
}
