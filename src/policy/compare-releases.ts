// Owns what is new in a release against what its project shipped before. Pure. Start at compareReleases.
// May import analysis/report, pypi and its siblings. New capability raises a verdict; calming.ts is the other direction.
// Scores are small on purpose: projects grow. One sign alone rarely reaches the threshold, a takeover shows several.
import type { ReleaseSummary, ScanReport } from '../analysis/report/scan-report.ts';
import type { ReleaseChange, ReleaseChangeKind, StoredFile } from './facts.ts';
import { parseUploadTime } from './upload-time.ts';

/** A file of a release with its report. */
export interface ReleaseView {
  readonly file: StoredFile;
  readonly report: ScanReport;
}

/** What a candidate is set against. */
export interface ReleaseHistory {
  /** the last release before it that was accepted on its own merits, by a file of the same kind */
  readonly baseline?: ReleaseView;
  /** the sdist of a wheel's release, or a wheel of an sdist's */
  readonly counterpart?: ReleaseView;
  /** accepted releases before it, newest first: was it attested (PEP 740)? */
  readonly attested: readonly boolean[];
}

const SCORES: Readonly<Record<Exclude<ReleaseChangeKind, 'new-sink' | 'name-confusion'>, number>> = {
  'new-start-up-file': 6,
  'new-host': 2,
  'new-binary': 2,
  'new-oversized-literal': 2,
  'size-jump': 1,
  'lost-provenance': 3,
  'dormant-project': 1.5,
  'wheel-differs-from-sdist': 4,
};
/** By when the new code runs; code that waits to be called is no news. */
const SINK_SCORES: Readonly<Record<string, number>> = { 'start-up': 3, install: 3, import: 2 };
/** What takes a file over or sends something away; the rest every program does. */
const STRONG_SINKS = new Set([
  'exec',
  'process',
  'network',
  'dns',
  'native',
  'registry',
  'clipboard-write',
  'listener',
  'persist',
  'install-package',
]);
/** A `py3-none-any` wheel says that it holds no binaries. */
const LYING_BINARY_SCORE = 5;
const OVERSIZED_LITERAL = 20_000;
const LITERAL_GROWTH = 10;
const SIZE_GROWTH = 5;
const SIZE_JUMP_BYTES = 2 ** 20;
const DORMANT_MS = 2 * 365 * 86_400_000;
const ATTESTED_RELEASES = 2;
const MAX_CHANGES = 20;
const MAX_NAMED = 3;

/** What is new, strongest first; at most 20. Names from the archive in the messages are hostile text. */
export function compareReleases(candidate: ReleaseView, history: ReleaseHistory): readonly ReleaseChange[] {
  const { baseline, counterpart, attested } = history;
  const changes = [
    ...(baseline === undefined ? [] : compareContent(candidate, baseline)),
    ...(counterpart === undefined ? [] : compareWithCounterpart(candidate, counterpart)),
    findLostProvenance(candidate.file, attested),
  ].filter((change) => change !== undefined);
  const dormant = baseline === undefined ? undefined : findDormancy(candidate, baseline);
  // waking up is what old projects do; it only adds to something that is odd already
  const isOdd = changes.length > 0 || candidate.report.score > 0;
  return [...changes, ...(dormant !== undefined && isOdd ? [dormant] : [])]
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_CHANGES);
}

function compareContent(candidate: ReleaseView, baseline: ReleaseView): readonly (ReleaseChange | undefined)[] {
  const [after, before] = [candidate.report.summary, baseline.report.summary];
  // another engine sees other sinks in the same code: that is no news about the release
  const isSameEngine = candidate.report.ruleset === baseline.report.ruleset;
  const sinks = isSameEngine ? findNewSinks(after, before) : [];
  return [
    findNewStartUpFiles(candidate, baseline),
    toSinkChange(sinks, 'the last accepted release'),
    findNewHosts(after, before, sinks),
    findNewBinaries(candidate, before),
    findOversizedLiteral(after, before),
    findSizeJump(after, before),
  ];
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
  if (fresh.length === 0) return undefined;
  return change('new-start-up-file', `${name(fresh)} runs at every start of Python and was not there before`, fresh[0]);
}

/** `context:sink` pairs of strong sinks that only one of the two reaches. */
function findNewSinks(after: ReleaseSummary, before: ReleaseSummary): readonly string[] {
  const known = new Set(before.sinks);
  return after.sinks.filter((pair) => {
    const { context, sink } = splitPair(pair);
    return SINK_SCORES[context] !== undefined && STRONG_SINKS.has(sink) && !known.has(pair);
  });
}

function splitPair(pair: string): { readonly context: string; readonly sink: string } {
  const at = pair.lastIndexOf(':');
  return { context: pair.slice(0, at), sink: pair.slice(at + 1) };
}

function toSinkChange(sinks: readonly string[], than: string): ReleaseChange | undefined {
  const score = Math.max(0, ...sinks.map((pair) => SINK_SCORES[splitPair(pair).context] ?? 0));
  if (score === 0) return undefined;
  const named = sinks.map((pair) => `${splitPair(pair).sink} at ${splitPair(pair).context}`);
  return { kind: 'new-sink', score, message: `does what ${than} did not: ${name(named)}` };
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
  return fresh.length === 0 ? undefined : change('new-host', `names hosts that were not there before: ${name(fresh)}`);
}

function findNewBinaries({ file, report }: ReleaseView, before: ReleaseSummary): ReleaseChange | undefined {
  const { nativeBinaries } = report.summary;
  if (nativeBinaries.length === 0 || before.nativeBinaries.length > 0) return undefined;
  const found = change(
    'new-binary',
    `holds native code for the first time: ${name(nativeBinaries)}`,
    nativeBinaries[0],
  );
  const isLying = /-none-any\.whl$/iu.test(file.file.filename);
  return isLying
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

/** A wheel is built from its sdist: what only one of them does was put there by somebody. */
function compareWithCounterpart(
  candidate: ReleaseView,
  counterpart: ReleaseView,
): readonly (ReleaseChange | undefined)[] {
  const [own, other] = [candidate.report.summary, counterpart.report.summary];
  // an sdist holds tests, tools and examples besides: they are not in the wheel, and nobody is to wonder
  if (isSdist(candidate) && !changesModuleOf(own, other)) return [];
  // only what runs at import: the build is the sdist's alone
  const sinks = findNewSinks(own, other).filter((pair) => splitPair(pair).context !== 'install');
  const known = new Set(other.hosts);
  const hosts = own.hosts.filter((host) => !known.has(host));
  if (sinks.length === 0 || hosts.length === 0) return [];
  const message = `${name(sinks.map((pair) => splitPair(pair).sink))} and ${name(hosts)} are not in ${counterpart.file.file.filename} of the same release`;
  return [change('wheel-differs-from-sdist', message)];
}

function isSdist({ file }: ReleaseView): boolean {
  return !/\.(?:whl|egg)$/iu.test(file.file.filename);
}

/** Modules that a build writes: the sdist's copy is another one. */
const GENERATED = /(?:^|\/)(?:_version|version|__version__|__about__|_about|versioneer)\.py$/u;

/** Says whether a Python module of the wheel stands in the sdist with other code; `src/` and the like may be in front of it. */
function changesModuleOf(sdist: ReleaseSummary, wheel: ReleaseSummary): boolean {
  const paths = Object.keys(sdist.members);
  return Object.entries(wheel.members).some(([path, hash]) => {
    if (!path.endsWith('.py') || GENERATED.test(path)) return false;
    const copies = paths.filter((own) => own === path || own.endsWith(`/${path}`));
    return copies.length > 0 && copies.every((own) => sdist.members[own] !== hash);
  });
}

function findLostProvenance(file: StoredFile, attested: readonly boolean[]): ReleaseChange | undefined {
  if (isAttested(file)) return undefined;
  const unattested = attested.indexOf(false);
  const streak = unattested === -1 ? attested.length : unattested;
  if (streak < ATTESTED_RELEASES) return undefined;
  return change('lost-provenance', `the last ${streak} releases were attested by their publisher, this one is not`);
}

/** PEP 740: the index names a provenance document. */
export function isAttested({ file }: StoredFile): boolean {
  return typeof file.provenance === 'string';
}

function findDormancy(candidate: ReleaseView, baseline: ReleaseView): ReleaseChange | undefined {
  const asleepMs = timeOf(candidate.file) - timeOf(baseline.file);
  if (asleepMs < DORMANT_MS) return undefined;
  return change('dormant-project', `the project published nothing for ${Math.floor(asleepMs / 86_400_000)} days`);
}

/** When a file came into the world, as far as is known (UTC ms). */
export function timeOf(file: StoredFile): number {
  return parseUploadTime(file.file.uploadTime) ?? file.firstSeenAt;
}

function name(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).map((one) => one.slice(0, 100));
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
