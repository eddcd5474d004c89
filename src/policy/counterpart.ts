// Owns what a wheel has and its sdist has not, or the other way round. Pure. Start at compareWithCounterpart.
// A wheel is built from its sdist: what only one of them does was put there by somebody.
import type { ReleaseSummary } from '../analysis/report/scan-report.ts';
import type { ReleaseChange } from './facts.ts';
import { contextOf, findNewSinks, isPureWheel, nameSome, type ReleaseView, sinkOf } from './summaries.ts';

/** what one of the two reaches, to hosts that the other one does not name */
const REACH_SCORE = 4;
/** builds do write `.pth` files, so that one alone is no more than a sign */
const START_UP_SCORE = 2;
const LYING_BINARY_SCORE = 3;
const LITERAL_SCORE = 2;
const OVERSIZED_LITERAL = 20_000;
const LITERAL_GROWTH = 10;
const SIZE_SCORE = 1;
const SIZE_GROWTH = 5;
const SIZE_JUMP_BYTES = 2 ** 20;

/** Says nothing of an sdist that merely holds more beside its wheel's modules: tests, tools and examples. */
export function compareWithCounterpart(candidate: ReleaseView, counterpart: ReleaseView): readonly ReleaseChange[] {
  const [own, other] = [candidate.report.summary, counterpart.report.summary];
  const than = counterpart.file.file.filename;
  if (isSdist(candidate)) return actsInChangedModule(candidate, other) ? findReach(candidate, counterpart, than) : [];
  const found = [
    ...findReach(candidate, counterpart, than),
    ...findStartUpFiles(own, other, than),
    ...findBinaries(candidate, other, than),
    ...findBulk(own, other, than),
  ];
  return found;
}

function differs(score: number, message: string, path?: string): ReleaseChange {
  return { kind: 'wheel-differs-from-sdist', score, message, ...(path === undefined ? {} : { path }) };
}

function findReach(candidate: ReleaseView, counterpart: ReleaseView, than: string): readonly ReleaseChange[] {
  // another engine sees other sinks in the same code
  if (candidate.report.ruleset !== counterpart.report.ruleset) return [];
  const [own, other] = [candidate.report.summary, counterpart.report.summary];
  // only what runs at import or start-up: the build is the sdist's alone
  const sinks = findNewSinks(own, other).filter((pair) => contextOf(pair) !== 'install');
  const known = new Set(other.hosts);
  const hosts = own.hosts.filter((host) => !known.has(host));
  if (sinks.length === 0 || hosts.length === 0) return [];
  const message = `${nameSome(sinks.map(sinkOf))} and ${nameSome(hosts)} are not in ${than} of the same release`;
  return [differs(REACH_SCORE, message)];
}

function findStartUpFiles(own: ReleaseSummary, other: ReleaseSummary, than: string): readonly ReleaseChange[] {
  const content = new Set(Object.values(other.members));
  const names = new Set(Object.keys(other.members).map(lastPart));
  const fresh = own.startUpFiles.filter(
    (path) => !content.has(own.members[path] ?? 'unknown') && !names.has(lastPart(path)),
  );
  if (fresh.length === 0) return [];
  const message = `${nameSome(fresh)} runs at every start of Python and is not in ${than} of the same release`;
  return [differs(START_UP_SCORE, message, fresh[0])];
}

function findBinaries(candidate: ReleaseView, other: ReleaseSummary, than: string): readonly ReleaseChange[] {
  const { nativeBinaries, members } = candidate.report.summary;
  if (!isPureWheel(candidate.file)) return [];
  const content = new Set(Object.values(other.members));
  const fresh = nativeBinaries.filter((path) => !content.has(members[path] ?? 'unknown'));
  if (fresh.length === 0) return [];
  const message = `native code (${nameSome(fresh)}) in a wheel that says it is for any platform is not in ${than}`;
  return [differs(LYING_BINARY_SCORE, message, fresh[0])];
}

function findBulk(own: ReleaseSummary, other: ReleaseSummary, than: string): readonly ReleaseChange[] {
  const { longestLiteral, pythonBytes } = own;
  const hasLiteral = longestLiteral >= OVERSIZED_LITERAL && longestLiteral >= LITERAL_GROWTH * other.longestLiteral;
  const hasGrown = pythonBytes >= SIZE_GROWTH * other.pythonBytes && pythonBytes - other.pythonBytes >= SIZE_JUMP_BYTES;
  return [
    ...(hasLiteral ? [differs(LITERAL_SCORE, `a literal of ${longestLiteral} characters is not in ${than}`)] : []),
    ...(hasGrown && other.pythonBytes > 0
      ? [differs(SIZE_SCORE, `holds ${pythonBytes} bytes of Python, ${than} holds ${other.pythonBytes}`)]
      : []),
  ];
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function isSdist({ file }: ReleaseView): boolean {
  return !/\.(?:whl|egg)$/iu.test(file.file.filename);
}

/** Modules that a build writes: the sdist's copy is another one. */
const GENERATED = /(?:^|\/)(?:_version|version|__version__|__about__|_about|versioneer)\.py$/u;

/**
 * Says whether something was found in a module that the wheel has with other code: a line that differs is in many releases,
 * and what the tests and tools of an sdist do is no news about that module.
 */
function actsInChangedModule({ report }: ReleaseView, wheel: ReleaseSummary): boolean {
  const changed = changedModulesOf(report.summary, wheel);
  return report.findings.some(
    ({ class: kind, context, path }) =>
      kind !== 'note' &&
      (context === 'import' || context === 'start-up') &&
      changed.some((own) => path === own || path.endsWith(`/${own}`)),
  );
}

/** The sdist's members that are Python modules of the wheel with other code; `src/` and the like may be in front of them. */
function changedModulesOf(sdist: ReleaseSummary, wheel: ReleaseSummary): readonly string[] {
  const copies = new Map<string, string[]>();
  for (const path of Object.keys(sdist.members)) {
    const name = lastPart(path);
    copies.set(name, [...(copies.get(name) ?? []), path]);
  }
  return Object.entries(wheel.members).flatMap(([path, hash]) => {
    if (!path.endsWith('.py') || GENERATED.test(path)) return [];
    const found = (copies.get(lastPart(path)) ?? []).filter((own) => own === path || own.endsWith(`/${path}`));
    return found.every((own) => sdist.members[own] !== hash) ? found : [];
  });
}
