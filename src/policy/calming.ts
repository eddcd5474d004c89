// Owns when a finding is old news: the same finding in the same code, towards the same hosts, shipped for a month and accepted
// on its own merits. Pure. Start at calmScore. A patient attacker must gain nothing: what counts are bytes that were there all
// the time, never code that runs at start-up or install, never malware, never a release that was let through by a waiver or in
// monitor mode, and never a part that was small enough to be accepted alone.
import type { Evidence, Finding } from '../analysis/report/finding.ts';
import type { ReleaseSummary, ScanReport } from '../analysis/report/scan-report.ts';
import { combineScore } from '../analysis/report/score.ts';
import { type ReleaseView, timeOf } from './summaries.ts';

/** Releases must lie this far apart. */
const SPREAD_MS = 30 * 86_400_000;

/**
 * The score without the findings that earlier releases explain.
 *
 * @param accepted earlier releases whose content was accepted on its own merits (`acceptedAt`), read by the same rules
 * @param quarantineFrom the threshold. What is old news must have reached it by itself: else the new findings are what makes
 *   the file suspicious, and a chain could be brought in by halves, the second half taken for the only one
 * @returns undefined where nothing is calmed: without such releases, with malware, or when the archive is not read alike
 */
export function calmScore(
  report: ScanReport,
  accepted: readonly ReleaseView[],
  quarantineFrom: number,
): number | undefined {
  const { findings } = report;
  if (report.unscannable !== undefined || findings.some((finding) => finding.class === 'malware')) return undefined;
  const vouching = accepted.filter((view) => mayVouch(view, report.ruleset));
  const old = new Set(findings.filter((finding) => isOldNews(finding, report.summary, vouching)));
  if (combineScore([...old]) < quarantineFrom) return undefined;
  return combineScore(findings.filter((finding) => !old.has(finding)));
}

/** By other rules nobody can say that the finding was there; what is malware by today's rules vouches for nothing. */
function mayVouch({ file, report }: ReleaseView, ruleset: string): boolean {
  if (file.acceptedAt === undefined || report.ruleset !== ruleset || report.unscannable !== undefined) return false;
  return !report.findings.some((finding) => finding.class === 'malware');
}

function isOldNews(finding: Finding, summary: ReleaseSummary, vouching: readonly ReleaseView[]): boolean {
  if (finding.class !== 'suspicious') return false;
  if (finding.context === 'start-up' || finding.context === 'install') return false;
  if (isOpenEnded(finding)) return false;
  const members = findMembers(finding, summary);
  if (members === undefined) return false;
  const times = vouching
    .filter(
      ({ report }) =>
        members.every((member) => report.summary.members[member] === summary.members[member]) &&
        report.findings.some((earlier) => isSameFinding(earlier, finding)),
    )
    .map(({ file }) => timeOf(file));
  return times.length >= 2 && Math.max(...times) - Math.min(...times) >= SPREAD_MS;
}

/** It goes somewhere that the code itself does not say: the next release can fill the hole with anything. */
function isOpenEnded({ hosts, context, chain, message }: Finding): boolean {
  if (context === 'call' || (hosts !== undefined && hosts.length > 0)) return false;
  const sinks = chain.filter(({ role }) => role === 'sink');
  return message.includes('‹') || sinks.some(({ text }) => text.includes('‹'));
}

/** The same claim about the same places, with the same text behind it. Lines are the same where the members are. */
function isSameFinding(earlier: Finding, finding: Finding): boolean {
  return (
    earlier.class === 'suspicious' &&
    earlier.detector === finding.detector &&
    earlier.context === finding.context &&
    earlier.line === finding.line &&
    withoutFolder(earlier.message) === withoutFolder(finding.message) &&
    earlier.decoded === finding.decoded &&
    (finding.hosts ?? []).every((host) => earlier.hosts?.includes(host) === true) &&
    earlier.chain.length === finding.chain.length &&
    earlier.chain.every((link, index) => isSameLink(link, finding.chain[index]))
  );
}

function isSameLink(earlier: Evidence, link: Evidence | undefined): boolean {
  return (
    link !== undefined &&
    earlier.role === link.role &&
    earlier.line === link.line &&
    withoutFolder(earlier.text) === withoutFolder(link.text) &&
    earlier.snippet === link.snippet
  );
}

/** `six-1.0/` in front of an sdist's paths changes with each release. */
function withoutFolder(text: string): string {
  return text.replace(/[\w.]+-\d[\w.!+]*\//gu, '');
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
