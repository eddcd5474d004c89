// Owns what is new in a release against what its project shipped before. Pure. Start at compareReleases.
// May import analysis/report, pypi and its siblings. New capability raises a verdict; calming.ts is the other direction.
// Scores are small on purpose: projects grow. One sign alone rarely reaches the threshold, a takeover shows several.
import type { ReleaseSummary } from '../analysis/report/scan-report.ts';
import { type Attestation, findAttestationChanges } from './attestations.ts';
import { compareWithCounterpart } from './counterpart.ts';
import type { ReleaseChange } from './facts.ts';
import {
  contextOf,
  findNewSinks,
  isPureWheel,
  nameSome,
  type ReleaseView,
  scoreOfSinks,
  sinkOf,
  timeOf,
} from './summaries.ts';

/** What a candidate is set against. */
export interface ReleaseHistory {
  /** the last release before it that was accepted on its own merits, by a file of the same kind */
  readonly baseline?: ReleaseView;
  /**
   * The last such release that is 30 days older, where it is another one: what is brought in piece by piece, each piece
   * too small to be held, adds up against it.
   */
  readonly anchor?: ReleaseView;
  /** the sdist of a wheel's release, or a wheel of an sdist's */
  readonly counterpart?: ReleaseView;
  /** how the candidate was attested (PEP 740), and accepted releases before it, newest first */
  readonly attested: { readonly own: Attestation; readonly earlier: readonly Attestation[] };
}

const SCORES = {
  'new-start-up-file': 6,
  'new-host': 2,
  'new-binary': 2,
  'new-oversized-literal': 2,
  'size-jump': 1,
  'dormant-project': 1.5,
} as const;
/** the same name with other lines in it */
const CHANGED_START_UP_SCORE = 3;
/** A `py3-none-any` wheel says that it holds no binaries. */
const LYING_BINARY_SCORE = 5;
const OVERSIZED_LITERAL = 20_000;
const LITERAL_GROWTH = 10;
const SIZE_GROWTH = 5;
const SIZE_JUMP_BYTES = 2 ** 20;
const DORMANT_MS = 2 * 365 * 86_400_000;
const MAX_CHANGES = 20;

/** What is new, strongest first; at most 20. Names from the archive in the messages are hostile text. */
export function compareReleases(candidate: ReleaseView, history: ReleaseHistory): readonly ReleaseChange[] {
  const { baseline, anchor, counterpart, attested } = history;
  const changes = [
    ...strongerOf(compareContent(candidate, baseline), compareContent(candidate, anchor)),
    ...(counterpart === undefined ? [] : compareWithCounterpart(candidate, counterpart)),
    ...findAttestationChanges(attested.own, attested.earlier),
  ];
  const dormant = baseline === undefined ? undefined : findDormancy(candidate, baseline);
  // waking up is what old projects do; it only adds to something that is odd already
  const isOdd = changes.length > 0 || candidate.report.score > 0;
  return [...changes, ...(dormant !== undefined && isOdd ? [dormant] : [])]
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_CHANGES);
}

function strongerOf(one: readonly ReleaseChange[], other: readonly ReleaseChange[]): readonly ReleaseChange[] {
  const sum = (changes: readonly ReleaseChange[]): number => changes.reduce((total, { score }) => total + score, 0);
  return sum(other) > sum(one) ? other : one;
}

function compareContent(candidate: ReleaseView, baseline: ReleaseView | undefined): readonly ReleaseChange[] {
  if (baseline === undefined) return [];
  const [after, before] = [candidate.report.summary, baseline.report.summary];
  // another engine sees other sinks in the same code: that is no news about the release
  const isSameEngine = candidate.report.ruleset === baseline.report.ruleset;
  const sinks = isSameEngine ? findNewSinks(after, before) : [];
  const found = [
    findNewStartUpFiles(candidate, baseline),
    toSinkChange(sinks, baseline),
    findNewHosts(after, before, sinks),
    findNewBinaries(candidate, before),
    findOversizedLiteral(after, before),
    findSizeJump(after, before),
  ];
  return found.filter((change) => change !== undefined);
}

function change(kind: keyof typeof SCORES, message: string, path?: string): ReleaseChange {
  return { kind, score: SCORES[kind], message, ...(path === undefined ? {} : { path }) };
}

/** `six-1.16-nspkg.pth` is the same file in every release: its version does not count. */
function withoutVersion(path: string): string {
  return path.replace(/\d+(?:\.\d+)+(?:[._-]?(?:a|b|c|rc|post|dev)\d*)*/gu, '*');
}

function findNewStartUpFiles(candidate: ReleaseView, baseline: ReleaseView): ReleaseChange | undefined {
  const before = baseline.report.summary;
  const known = new Set(before.startUpFiles.map(withoutVersion));
  // a summary has room for so many members: a hash that is missing is no equal hash
  const knownContent = new Set(before.startUpFiles.flatMap((path) => before.members[path] ?? []));
  const { startUpFiles, members } = candidate.report.summary;
  const fresh = startUpFiles.filter(
    (path) => !known.has(withoutVersion(path)) && !knownContent.has(members[path] ?? 'unknown'),
  );
  if (fresh.length > 0) {
    const message = `${nameSome(fresh)} runs at every start of Python and was not there before`;
    return change('new-start-up-file', message, fresh[0]);
  }
  const other = startUpFiles.filter((path) => !knownContent.has(members[path] ?? 'unknown'));
  if (other.length === 0) return undefined;
  const message = `${nameSome(other)} runs at every start of Python and is another one than before`;
  return { ...change('new-start-up-file', message, other[0]), score: CHANGED_START_UP_SCORE };
}

function toSinkChange(sinks: readonly string[], { file }: ReleaseView): ReleaseChange | undefined {
  const score = scoreOfSinks(sinks);
  if (score === 0) return undefined;
  const named = sinks.map((pair) => `${sinkOf(pair)} at ${contextOf(pair)}`);
  return {
    kind: 'new-sink',
    score,
    message: `does what ${file.version ?? 'an earlier release'} did not: ${nameSome(named)}`,
  };
}

/** New addresses are in every second release; they count where there is also something new to reach them with. */
function findNewHosts(
  after: ReleaseSummary,
  before: ReleaseSummary,
  sinks: readonly string[],
): ReleaseChange | undefined {
  if (sinks.length === 0) return undefined;
  const known = new Set(before.hosts);
  const fresh = after.hosts.filter((host) => !known.has(host));
  return fresh.length === 0
    ? undefined
    : change('new-host', `names hosts that were not there before: ${nameSome(fresh)}`);
}

function findNewBinaries({ file, report }: ReleaseView, before: ReleaseSummary): ReleaseChange | undefined {
  const { nativeBinaries } = report.summary;
  if (nativeBinaries.length === 0 || before.nativeBinaries.length > 0) return undefined;
  const found = change(
    'new-binary',
    `holds native code for the first time: ${nameSome(nativeBinaries)}`,
    nativeBinaries[0],
  );
  return isPureWheel(file)
    ? { ...found, score: LYING_BINARY_SCORE, message: `${found.message}, in a wheel that says it is for any platform` }
    : found;
}

function findOversizedLiteral(after: ReleaseSummary, before: ReleaseSummary): ReleaseChange | undefined {
  const { longestLiteral } = after;
  const isFresh = longestLiteral >= OVERSIZED_LITERAL && longestLiteral >= LITERAL_GROWTH * before.longestLiteral;
  return isFresh ? change('new-oversized-literal', `holds a literal of ${longestLiteral} characters`) : undefined;
}

function findSizeJump(after: ReleaseSummary, before: ReleaseSummary): ReleaseChange | undefined {
  const jumps = (now: number, was: number): boolean =>
    was > 0 && now >= SIZE_GROWTH * was && now - was >= SIZE_JUMP_BYTES;
  if (!jumps(after.pythonBytes, before.pythonBytes) && !jumps(after.unpackedBytes, before.unpackedBytes)) {
    return undefined;
  }
  return change('size-jump', `grew from ${before.unpackedBytes} to ${after.unpackedBytes} bytes`);
}

function findDormancy(candidate: ReleaseView, baseline: ReleaseView): ReleaseChange | undefined {
  const asleepMs = timeOf(candidate.file) - timeOf(baseline.file);
  if (asleepMs < DORMANT_MS) return undefined;
  return change('dormant-project', `the project published nothing for ${Math.floor(asleepMs / 86_400_000)} days`);
}
