// Owns what follows from a release being another project's under another name. Pure. Start at compareCopy.
// Copies are common and mostly honest: it weighs only where something is found in what the copy changed.
import type { Finding } from '../analysis/report/finding.ts';
import type { ReleaseSummary, ScanReport } from '../analysis/report/scan-report.ts';
import type { CopiedProject, ReleaseChange } from './facts.ts';

/** Modules that a release is looked up by, the largest. */
const LOOKED_UP = 16;
/** With fewer, or a smaller part in common, two projects merely share a module. */
const MIN_SHARED = 3;
const MIN_SHARE = 0.6;
const MIN_LINES = 5;
const MIN_FINDING_SCORE = 2;
const COPY_SCORE = 4;
const DESCRIPTION_SCORE = 2;
const MAX_DIFFERING = 50;
const MAX_NAMED = 3;

/** Prints that stand for the code of a release, the largest modules first. */
export function codePrintsOf({ modules }: ReleaseSummary): readonly string[] {
  return [...new Set(Object.values(modules ?? {}))].slice(0, LOOKED_UP);
}

/** Says whether so many of these modules stand in one other project that this is a copy of it. */
export function isCopy(shared: number, total: number): boolean {
  return shared >= MIN_SHARED && shared >= MIN_SHARE * total;
}

/** Says whether so many lines of a description stand in that of one other project that it was copied. */
export function isCopiedText(shared: number, total: number): boolean {
  return shared >= MIN_LINES && shared >= MIN_SHARE * total;
}

/** Member by member: what stands in the original, whatever its path, and what does not. Metadata is always another one. */
export function compareCopy(
  copy: ReleaseSummary,
  original: ReleaseSummary,
  of: Pick<CopiedProject, 'project' | 'filename' | 'sha256'>,
): CopiedProject {
  const known = new Set([...Object.values(original.members), ...Object.values(original.modules ?? {})]);
  const compared = Object.entries(copy.members).filter(([path]) => !IS_METADATA.test(path));
  const isSame = ([path, hash]: readonly [string, string]): boolean =>
    known.has(hash) || known.has(copy.modules?.[path] ?? 'unknown');
  const differing = compared.filter((member) => !isSame(member)).map(([path]) => path);
  return {
    ...of,
    same: compared.length - differing.length,
    compared: compared.length,
    differing: differing.slice(0, MAX_DIFFERING),
  };
}

const IS_METADATA = /(?:^|\/)[^/]+\.(?:dist-info|egg-info)\/|(?:^|\/)PKG-INFO$/u;

/** A finding in a member that the original does not have is why somebody copies a project. */
export function findCopyChange({ findings }: ScanReport, copied: CopiedProject): ReleaseChange | undefined {
  const differing = new Set(copied.differing);
  const own = findings.find((finding) => counts(finding) && differing.has(memberOf(finding, differing)));
  if (own === undefined) return undefined;
  const named = copied.differing.slice(0, MAX_NAMED).map((path) => path.slice(0, 100));
  const more = copied.differing.length - named.length;
  const rest = more > 0 ? ` and ${more} more` : '';
  return {
    kind: 'copied-project',
    score: COPY_SCORE,
    message: `${copied.same} of ${copied.compared} members are those of ${copied.project} (${copied.filename}); what was found stands in what differs: ${named.join(', ')}${rest}`,
    path: own.path,
  };
}

function counts({ score, class: kind, path }: Finding): boolean {
  return kind !== 'note' && kind !== 'anomaly' && score >= MIN_FINDING_SCORE && path !== '';
}

/** Findings name an sdist's top folder, summaries do not. */
function memberOf({ path }: Finding, known: ReadonlySet<string>): string {
  const outer = path.split(/#|!\//u, 1)[0] ?? path;
  return known.has(outer) ? outer : outer.slice(outer.indexOf('/') + 1);
}

/** The description of another project above code that was found odd. */
export function findDescriptionChange({ score }: ScanReport, project: string): ReleaseChange | undefined {
  if (score < MIN_FINDING_SCORE) return undefined;
  const message = `most of the description is that of ${project}, and the project is young`;
  return { kind: 'copied-description', score: DESCRIPTION_SCORE, message };
}
