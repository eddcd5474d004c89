// Owns the rules of a decision, strongest first: the first that answers decides. Pure. Start at RULES.
// docs/policy.md shows them as a table; test/policy/decide.test.ts is that table. Whatever stands above the line of
// `allow entries` is beyond every entry wider than one file: an old "allow" must not carry tomorrow's compromised release.
import { findEntries } from './compiled-entries.ts';
import { findCooldown, isFrozen } from './cooldown.ts';
import type { Policy, PolicyEntry } from './entry.ts';
import { isWaiver, overrides } from './entry-width.ts';
import type { ComparisonFacts, FileFacts, JudgedFile } from './facts.ts';
import { asciiOneLine } from './hostile-text.ts';
import { type ContentVerdict, judgeContent } from './report-verdict.ts';
import type { Verdict } from './verdict.ts';

/** A file, the policy, and the entries that concern the file and have not expired. */
export interface Case {
  readonly facts: FileFacts;
  readonly policy: Policy;
  /** UTC ms */
  readonly now: number;
  readonly denies: readonly PolicyEntry[];
  /** without waivers */
  readonly allows: readonly PolicyEntry[];
  readonly waivers: readonly PolicyEntry[];
  /** rules that monitor mode suspends are left out */
  readonly isMonitored: boolean;
}

export interface Rule {
  /** as in docs/policy.md */
  readonly name: string;
  readonly isSuspendedInMonitor: boolean;
  /** undefined: the rule has nothing to say, the next one is asked */
  readonly judge: (given: Case) => Verdict | undefined;
}

/**
 * Bytes that disagreed with their digest may have been damaged on the way: after this long the file is fetched again.
 * Nothing of it was stored, so nothing wrong can be served meanwhile or afterwards.
 */
export const MISMATCH_HOLD_MS = 3_600_000;

const enforcedAlways = (name: string, judge: Rule['judge']): Rule => ({ name, judge, isSuspendedInMonitor: false });
const suspendedInMonitor = (name: string, judge: Rule['judge']): Rule => ({ name, judge, isSuspendedInMonitor: true });

/** Strongest first. */
export const RULES: readonly Rule[] = [
  enforcedAlways('final deny', ({ denies }) => denied(denies.find(({ final }) => final))),
  enforcedAlways('deny by sha256', ({ denies }) => denied(denies.find(({ scope }) => scope.sha256 !== undefined))),
  enforcedAlways('waiver', judgeWaiver),
  enforcedAlways('deny entry', judgeDenies),
  enforcedAlways('feed', judgeFeed),
  enforcedAlways('quarantined upstream', judgeUpstream),
  enforcedAlways('digest mismatch', judgeDigestMismatch),
  enforcedAlways('metadata mismatch', judgeMetadataMismatch),
  suspendedInMonitor('malware', (given) => judgeRefusedContent(given, 'malware')),
  suspendedInMonitor('ambiguous archive', (given) => judgeRefusedContent(given, 'ambiguous-archive')),
  enforcedAlways('changed upstream', judgeChanged),
  suspendedInMonitor('unscannable', judgeUnscannable),
  suspendedInMonitor('malware in the same release', judgeSiblings),
  suspendedInMonitor('suspicious', (given) => (isAllowed(given) ? undefined : judgeSuspicious(given))),
  enforcedAlways('freeze date', (given) => (isAllowed(given) ? undefined : judgeFreeze(given))),
  suspendedInMonitor('cooldown', (given) => (isAllowed(given) ? undefined : judgeCooldown(given))),
  enforcedAlways('not scanned yet', judgeUnscanned),
  enforcedAlways('scanned by old rules', judgeOutdated),
  enforcedAlways('allow', judgeAllowed),
];

function isAllowed({ allows }: Case): boolean {
  return allows.length > 0;
}

function denied(entry: PolicyEntry | undefined): Verdict | undefined {
  if (entry === undefined) return undefined;
  return {
    kind: 'refuse',
    reason: 'deny-entry',
    detail: asciiOneLine(`denied by ${entry.author}: ${entry.reason}`),
    entryId: entry.id,
  };
}

/** A waiver waits for the scan like everything else: what it lets through is on record. */
function judgeWaiver({ facts, waivers }: Case): Verdict | undefined {
  const [waiver] = waivers;
  if (waiver === undefined) return undefined;
  if (facts.report === undefined) return unscanned();
  return {
    kind: 'allow',
    reason: 'waiver',
    detail: asciiOneLine(`waived by ${waiver.author}: ${waiver.reason}`),
    entryId: waiver.id,
  };
}

function judgeDenies({ denies, allows }: Case): Verdict | undefined {
  return denied(denies.find((deny) => !allows.some((allow) => overrides(allow, deny))));
}

function judgeFeed({ facts }: Case): Verdict | undefined {
  const [first] = facts.feedMatches;
  if (first === undefined) return undefined;
  const summary = first.summary === '' ? '' : `: ${first.summary}`;
  return {
    kind: 'refuse',
    reason: 'feed',
    detail: asciiOneLine(`${first.id} lists this release as malicious${summary}`),
    feedIds: facts.feedMatches.map(({ id }) => id),
  };
}

function judgeUpstream({ facts }: Case): Verdict | undefined {
  if (facts.project.upstreamQuarantinedAt === undefined) return undefined;
  return {
    kind: 'refuse',
    reason: 'upstream-quarantined',
    detail: asciiOneLine(`the index ${facts.file.upstream} has put the whole project in quarantine`),
  };
}

function judgeDigestMismatch({ facts, now }: Case): Verdict | undefined {
  const { mismatch } = facts.file;
  if (mismatch?.kind !== 'digest' || now >= mismatch.at + MISMATCH_HOLD_MS) return undefined;
  return {
    kind: 'refuse',
    reason: 'digest-mismatch',
    detail: asciiOneLine(`the bytes are not the ones that the index announced: ${mismatch.detail}`),
  };
}

function judgeMetadataMismatch({ facts }: Case): Verdict | undefined {
  const { mismatch } = facts.file;
  if (mismatch?.kind !== 'metadata') return undefined;
  return {
    kind: 'refuse',
    reason: 'metadata-mismatch',
    detail: asciiOneLine(`the metadata beside the file is not the one inside: ${mismatch.detail}`),
  };
}

function judgeChanged({ facts }: Case): Verdict | undefined {
  const { changed } = facts.file;
  if (changed === undefined) return undefined;
  return {
    kind: 'quarantine',
    reason: 'changed-upstream',
    detail: asciiOneLine(`changed after it was first seen: ${changed}`),
  };
}

function contentOf({ file, report }: JudgedFile, policy: Policy): ContentVerdict | undefined {
  return report === undefined ? undefined : judgeContent(report, policy.thresholds, comparisonOf({ file }));
}

/** A comparison speaks of the bytes it was made from, and of no others. */
function comparisonOf({ file }: Pick<JudgedFile, 'file'>): ComparisonFacts | undefined {
  return file.comparison?.sha256 === file.sha256 ? file.comparison : undefined;
}

function judgeRefusedContent({ facts, policy }: Case, reason: 'malware' | 'ambiguous-archive'): Verdict | undefined {
  const content = contentOf(facts, policy);
  if (content?.kind !== 'refuse' || content.reason !== reason) return undefined;
  const detail = reason === 'malware' ? describeFindings(facts) : (facts.report?.ambiguous ?? '');
  return { kind: 'refuse', reason, detail: asciiOneLine(detail) };
}

function judgeUnscannable({ facts, policy }: Case): Verdict | undefined {
  const content = contentOf(facts, policy);
  if (content?.kind !== 'quarantine' || content.reason !== 'unscannable') return undefined;
  return {
    kind: 'quarantine',
    reason: 'unscannable',
    detail: asciiOneLine(`it could not be read to the end: ${facts.report?.unscannable ?? ''}`),
  };
}

function judgeSuspicious({ facts, policy }: Case): Verdict | undefined {
  const content = contentOf(facts, policy);
  if (content?.kind !== 'quarantine' || content.reason !== 'suspicious') return undefined;
  return { kind: 'quarantine', reason: 'suspicious', detail: asciiOneLine(describeFindings(facts)) };
}

/** What speaks of the archive as a whole has no path. */
function describeOrigin({ detector, path, line }: NonNullable<NonNullable<FileFacts['report']>['headline']>): string {
  if (path === '') return detector;
  return `${detector}, ${path}${line > 0 ? `:${line}` : ''}`;
}

function describeFindings(facts: FileFacts): string {
  const headline = facts.report?.headline;
  const [change] = comparisonOf(facts)?.changes ?? [];
  const found = headline === undefined ? undefined : `${headline.message} (${describeOrigin(headline)})`;
  const parts = [found, change === undefined ? undefined : `new in this release: ${change.message}`];
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? `its findings add up to ${facts.report?.score ?? 0} points` : known.join('; ');
}

/** Else an installer that is refused the wheel simply builds the sdist beside it. */
function judgeSiblings({ facts, policy, now }: Case): Verdict | undefined {
  const malicious = facts.siblings.find((sibling) => {
    const content = contentOf(sibling, policy);
    return content?.kind === 'refuse' && content.reason === 'malware' && !isSiblingWaived(sibling, policy, now);
  });
  if (malicious === undefined) return undefined;
  return {
    kind: 'quarantine',
    reason: 'sibling-refused',
    detail: asciiOneLine(`another file of the same release is malware: ${malicious.file.file.filename}`),
  };
}

/** Waivers for a file of the same release: who waived the malware there called it a false alarm. */
export function findSiblingWaivers({ file }: JudgedFile, policy: Policy): readonly PolicyEntry[] {
  return findEntries(policy.entries, file).filter(isWaiver);
}

function isSiblingWaived(sibling: JudgedFile, policy: Policy, now: number): boolean {
  return findSiblingWaivers(sibling, policy).some(({ expiresAt }) => expiresAt === undefined || now < expiresAt);
}

function judgeFreeze({ facts, policy }: Case): Verdict | undefined {
  const { freezeAt } = policy;
  if (freezeAt === undefined || !isFrozen(facts.file, freezeAt)) return undefined;
  return {
    kind: 'quarantine',
    reason: 'freeze',
    detail: `newer than the freeze date ${toDate(freezeAt)}`,
  };
}

function judgeCooldown({ facts, policy, now }: Case): Verdict | undefined {
  const cooldown = findCooldown(facts.file, facts.project, policy, now);
  if (cooldown === undefined) return undefined;
  const what = cooldown.kind === 'new-project' ? 'the whole project is' : 'this release is';
  return {
    kind: 'quarantine',
    reason: 'cooldown',
    detail: `${what} younger than ${cooldown.hours} hours; held until ${toDate(cooldown.until)}`,
    until: cooldown.until,
  };
}

/** `2026-01-18 12:00 UTC`, rounded up so that nobody comes back a minute early. */
function toDate(at: number): string {
  const minute = new Date(Math.ceil(at / 60_000) * 60_000).toISOString();
  return `${minute.slice(0, 10)} ${minute.slice(11, 16)} UTC`;
}

function unscanned(): Verdict {
  return { kind: 'needs-scan', reason: 'unscanned', detail: 'not scanned yet' };
}

function judgeUnscanned({ facts }: Case): Verdict | undefined {
  return facts.report === undefined ? unscanned() : undefined;
}

/** A better ruleset is not an outage: what the old one allowed stays good for the grace while it is scanned again. */
function judgeOutdated({ facts, policy, now }: Case): Verdict | undefined {
  const { inForce, since } = policy.ruleset;
  const isCurrent = facts.report?.ruleset === inForce || now < since + policy.rulesetGraceMs;
  if (isCurrent) return undefined;
  return { kind: 'needs-scan', reason: 'outdated', detail: 'scanned by older rules only' };
}

function judgeAllowed({ allows, denies }: Case): Verdict {
  const entry = allows.find((allow) => denies.some((deny) => overrides(allow, deny))) ?? allows[0];
  if (entry === undefined)
    return { kind: 'allow', reason: 'clean', detail: 'scanned, nothing found that speaks against it' };
  return {
    kind: 'allow',
    reason: 'allow-entry',
    detail: asciiOneLine(`allowed by ${entry.author}: ${entry.reason}`),
    entryId: entry.id,
  };
}
