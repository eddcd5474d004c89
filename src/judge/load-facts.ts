// Owns the gathering of facts for decide: of one file, or of a whole project at once. May import ports and policy.

import type { FeedRecord, FileFacts, JudgedFile, StoredFile, StoredProject } from '../policy/facts.ts';
import { matchFeed } from '../policy/feed-match.ts';
import { releaseKey } from '../policy/release-key.ts';
import type { DecisionStore, FileNotes } from '../ports/decision-store.ts';

/** Files per turn of the event loop. */
const SLICE = 250;

/** Facts without the feed: that one is matched against whichever records one asks about. */
export type FeedlessFacts = Omit<FileFacts, 'feedMatches'>;

/** Everything about one file, by two indexed reads. What the store knows of it goes before what the caller holds. */
export async function loadFile(
  given: StoredFile,
  ruleset: string,
  store: Pick<DecisionStore, 'files'>,
): Promise<FeedlessFacts & { readonly isStored: boolean }> {
  const { project, files } = await store.files.findRelease(given, ruleset);
  const stored = files.find(({ file }) => file.key === given.key);
  const own = stored ?? { file: given };
  return {
    ...own,
    isStored: stored !== undefined,
    project: project ?? projectOf(own.file),
    siblings: files.filter(({ file }) => file.key !== given.key),
  };
}

/**
 * Everything about the files of a project, in their order. Of siblings those come along that a decision could mind: with a
 * malware finding, also when the page no longer lists them.
 */
export async function loadProject(
  project: StoredProject,
  files: readonly StoredFile[],
  ruleset: string,
  store: Pick<DecisionStore, 'files'>,
): Promise<readonly FeedlessFacts[]> {
  const notes = await store.files.findNotes(project.upstream, project.project, ruleset);
  const judged = await inSlices(files, (file) => withNotes(file, notes.get(file.key)));
  const unlisted = await loadUnlisted(notes, new Set(files.map(({ key }) => key)), store);
  const byRelease = groupByRelease([...judged, ...unlisted].filter(hasMalware));
  return inSlices(judged, (own) => ({ ...own, project, siblings: findSiblings(own, byRelease) }));
}

function hasMalware({ report }: Pick<JudgedFile, 'report'>): boolean {
  return report !== undefined && report.malwareScore > 0;
}

async function loadUnlisted(
  notes: ReadonlyMap<string, FileNotes>,
  listed: ReadonlySet<string>,
  store: Pick<DecisionStore, 'files'>,
): Promise<readonly JudgedFile[]> {
  const unlisted: JudgedFile[] = [];
  for (const [key, note] of notes) {
    if (listed.has(key) || !hasMalware(note)) continue;
    const file = await store.files.findByKey(key);
    if (file !== undefined) unlisted.push(withNotes(file, note));
  }
  return unlisted;
}

/** Adds the records that name the release. */
export function withFeed(facts: FeedlessFacts, records: readonly FeedRecord[]): FileFacts {
  return { ...facts, feedMatches: records.length === 0 ? [] : matchFeed(records, facts.file.version) };
}

/** Maps a long list with a breath for other requests in between. */
export async function inSlices<T, R>(values: readonly T[], map: (value: T) => R): Promise<readonly R[]> {
  const results: R[] = [];
  for (const [index, value] of values.entries()) {
    if (index > 0 && index % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    results.push(map(value));
  }
  return results;
}

/** Notes in the store are newer than the row that came with the page, also where they say that something was cleared. */
function withNotes(file: StoredFile, notes: FileNotes | undefined): JudgedFile {
  if (notes === undefined) return { file };
  const { report, ...noted } = notes;
  const { key, upstream, project, version, path, metadataSha256, firstSeenAt, removedAt } = file;
  return {
    file: {
      key,
      upstream,
      project,
      ...(version === undefined ? {} : { version }),
      file: file.file,
      path,
      ...(metadataSha256 === undefined ? {} : { metadataSha256 }),
      firstSeenAt,
      ...(removedAt === undefined ? {} : { removedAt }),
      ...noted,
    },
    ...(report === undefined ? {} : { report }),
  };
}

function groupByRelease(files: readonly JudgedFile[]): ReadonlyMap<string, readonly JudgedFile[]> {
  const groups = new Map<string, JudgedFile[]>();
  for (const judged of files) {
    const release = releaseKey(judged.file.version);
    if (release === undefined) continue;
    const group = groups.get(release);
    if (group === undefined) groups.set(release, [judged]);
    else group.push(judged);
  }
  return groups;
}

function findSiblings(
  { file }: JudgedFile,
  byRelease: ReadonlyMap<string, readonly JudgedFile[]>,
): readonly JudgedFile[] {
  if (byRelease.size === 0) return [];
  const group = byRelease.get(releaseKey(file.version) ?? '') ?? [];
  return group.filter((sibling) => sibling.file.key !== file.key);
}

/** A project that was never saved: nothing but the file says how old it is. */
function projectOf({ upstream, project, firstSeenAt }: StoredFile): StoredProject {
  return { upstream, project, firstSeenAt };
}
