// Owns what is odd about a young project beside its content: a name like a popular one, another project's code or text, a
// version that no project begins with. May import ports and policy. Start at findOddities. None of it weighs alone.
import {
  codePrintsOf,
  compareCopy,
  findCopyChange,
  findDescriptionChange,
  isCopiedText,
  isCopy,
} from '../policy/copies.ts';
import type { CopiedProject, ReleaseChange, StoredFile, StoredProject } from '../policy/facts.ts';
import { findFirstReleaseOddity } from '../policy/first-release.ts';
import { findLookalike, type PopularNames } from '../policy/name-confusion.ts';
import { releaseKey } from '../policy/release-key.ts';
import { type ReleaseView, timeOf } from '../policy/summaries.ts';
import type { DecisionStore, Print, PrintOwner } from '../ports/decision-store.ts';

export interface OddityDeps {
  readonly store: Pick<DecisionStore, 'files' | 'reports' | 'prints'>;
  readonly popular: () => PopularNames;
}

export interface Oddities {
  readonly changes: readonly ReleaseChange[];
  readonly copied?: CopiedProject;
}

const YOUNG_MS = 90 * 86_400_000;
/** What is odd adds to findings that weigh at least this much, and to nothing else. */
const MIN_CONTENT_SCORE = 2;
const CONFUSION_SCORE = 3;
/** Other projects looked at as the original of a copy. */
const MAX_ORIGINALS = 3;

/** Keeps what an accepted release consists of, so that a copy of it is recognised. */
export async function savePrints({ file, report }: ReleaseView, { store }: OddityDeps): Promise<void> {
  const prints = [...codeOf({ file, report }), ...textOf({ file, report })];
  if (file.sha256 === undefined || prints.length === 0) return;
  const { upstream, project } = file;
  await store.prints.savePrints({ upstream, project, filename: file.file.filename, sha256: file.sha256 }, prints);
}

/** What is odd about a release of a young project; nothing is about those of others. */
export async function findOddities(candidate: ReleaseView, now: number, deps: OddityDeps): Promise<Oddities> {
  const { file, report } = candidate;
  const project = await deps.store.files.findProject(file.upstream, file.project);
  const start = startOf(project) ?? timeOf(file);
  if (now - start >= YOUNG_MS) return { changes: [] };
  const copied = await findCopied(candidate, start, deps);
  const isOdd = report.score >= MIN_CONTENT_SCORE;
  const copyChange = copied === undefined ? undefined : findCopyChange(report, copied);
  const found = [
    copyChange,
    isOdd && copyChange === undefined ? await findCopiedText(candidate, start, deps) : undefined,
    isOdd ? findConfusion(file, deps.popular()) : undefined,
    isOdd && (await isFirstRelease(file, deps)) ? findFirstReleaseOddity(file.version) : undefined,
  ];
  const changes = found.filter((change) => change !== undefined);
  return { changes, ...(copied === undefined ? {} : { copied }) };
}

function startOf(project: StoredProject | undefined): number | undefined {
  return project === undefined ? undefined : (project.firstUploadAt ?? project.firstSeenAt);
}

function codeOf({ report }: ReleaseView): readonly Print[] {
  return codePrintsOf(report.summary).map((print) => ({ kind: 'code', print }));
}

function textOf({ report }: ReleaseView): readonly Print[] {
  return (report.summary.description ?? []).map((print) => ({ kind: 'text', print }));
}

async function findCopied(candidate: ReleaseView, start: number, deps: OddityDeps): Promise<CopiedProject | undefined> {
  const prints = codeOf(candidate);
  const original = await findOriginal(prints, candidate.file, start, isCopy, deps);
  if (original === undefined) return undefined;
  const { project, filename, sha256 } = original;
  const report = await deps.store.reports.findReport(sha256, filename);
  if (report === undefined) return undefined;
  return compareCopy(candidate.report.summary, report.summary, { project, filename, sha256 });
}

async function findCopiedText(
  candidate: ReleaseView,
  start: number,
  deps: OddityDeps,
): Promise<ReleaseChange | undefined> {
  const original = await findOriginal(textOf(candidate), candidate.file, start, isCopiedText, deps);
  return original === undefined ? undefined : findDescriptionChange(candidate.report, original.project);
}

/** The older project that has most of these prints, of the same index: what another index holds is nobody's business here. */
async function findOriginal(
  prints: readonly Print[],
  { upstream, project }: StoredFile,
  start: number,
  isEnough: (shared: number, total: number) => boolean,
  { store }: OddityDeps,
): Promise<PrintOwner | undefined> {
  if (prints.length === 0) return undefined;
  const owners = await store.prints.findOwners(prints, upstream, project, MAX_ORIGINALS);
  for (const owner of owners) {
    if (!isEnough(owner.shared, prints.length)) return undefined;
    const began = startOf(await store.files.findProject(upstream, owner.project));
    if (began !== undefined && began < start) return owner;
  }
  return undefined;
}

function findConfusion(file: StoredFile, popular: PopularNames): ReleaseChange | undefined {
  const lookalike = findLookalike(file.project, popular);
  if (lookalike === undefined) return undefined;
  const message = `the name can be taken for ${lookalike.popular} (${lookalike.confusion}), and the project is young`;
  return { kind: 'name-confusion', score: CONFUSION_SCORE, message };
}

async function isFirstRelease(file: StoredFile, { store }: OddityDeps): Promise<boolean> {
  const release = releaseKey(file.version);
  const files = await store.files.findByProject(file.upstream, file.project);
  return files.every((other) => releaseKey(other.version) === release || timeOf(other) > timeOf(file));
}
