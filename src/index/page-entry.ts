// Owns what is held in memory of one project at one upstream. Does no I/O. Start at PageEntry.
import type { CordonError } from '../errors.ts';
import type { StoredFile, StoredPage, StoredProject } from '../ports/decision-store.ts';
import type { ProjectFacts } from '../ports/project-index.ts';
import type { ProjectPage } from '../pypi/model.ts';
import { computeFactsRevision } from './page-revision.ts';

/** Changed in place by the keeper of its upstream, by nobody else. */
export interface PageEntry {
  /** undefined: the upstream has no such project, or was never asked */
  facts: ProjectFacts | undefined;
  /** when the upstream last said so (200, 304 or 404), UTC ms; 0: never */
  confirmedAt: number;
  /** when it was last asked and gave nothing newer, UTC ms */
  askedAt: number;
  etag: string | undefined;
  lastModified: string | undefined;
  /** digest of the page alone, as stored */
  pageRevision: string | undefined;
  failure: { readonly error: CordonError; readonly at: number } | undefined;
  /** rows to read again before the next answer: keys, or all of them */
  dirty: Set<string> | 'all' | undefined;
}

export function emptyEntry(): PageEntry {
  return {
    facts: undefined,
    confirmedAt: 0,
    askedAt: 0,
    etag: undefined,
    lastModified: undefined,
    pageRevision: undefined,
    failure: undefined,
    dirty: undefined,
  };
}

/** How long ago something was, ms. What lies ahead was noted before the clock was set back: it is as old as it lies ahead. */
export function ageOf(at: number, now: number): number {
  return Math.abs(now - at);
}

/** Puts page, rows and project together. `files` are the rows of `page.files`, in order. */
export function makeFacts(
  page: ProjectPage,
  pageRevision: string,
  project: StoredProject,
  files: readonly StoredFile[],
  removed: readonly StoredFile[],
): ProjectFacts {
  return {
    upstream: project.upstream,
    page,
    project,
    files,
    removed,
    revision: computeFactsRevision(pageRevision, project, files, removed),
    isStale: false,
  };
}

/**
 * Rebuilds facts from what is stored.
 *
 * @returns undefined when a row of the page is missing: the page must be read again
 */
export function restoreFacts(
  stored: StoredPage,
  page: ProjectPage,
  rows: readonly StoredFile[],
  project: StoredProject | undefined,
): ProjectFacts | undefined {
  if (project === undefined) return undefined;
  const byUrl = new Map(rows.map((row) => [row.file.url, row]));
  const files: StoredFile[] = [];
  for (const file of page.files) {
    const row = byUrl.get(file.url);
    if (row === undefined) return undefined;
    files.push(row);
    byUrl.delete(file.url);
  }
  return makeFacts(page, stored.revision, project, files, [...byUrl.values()]);
}

/** The same facts with some rows replaced, by key. */
export function replaceRows(facts: ProjectFacts, pageRevision: string, rows: readonly StoredFile[]): ProjectFacts {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const replaced = (row: StoredFile): StoredFile => byKey.get(row.key) ?? row;
  const { page, project } = facts;
  return makeFacts(page, pageRevision, project, facts.files.map(replaced), facts.removed.map(replaced));
}

/**
 * Says whether a page that just came is older than the one we hold, by its serial. A page that has lost its serial is taken
 * for an older one too, unless it says that the project is quarantined: that is believed at once.
 */
export function isOlderPage(held: ProjectPage, came: ProjectPage): boolean {
  if (held.lastSerial === undefined) return false;
  if (came.lastSerial === undefined) return came.upstreamStatus?.status !== 'quarantined';
  return came.lastSerial < held.lastSerial;
}

/** Notes that a row (undefined: every row) must be read again before the next answer. */
export function markDirty(entry: PageEntry, fileKey: string | undefined): void {
  if (fileKey === undefined || entry.dirty === 'all') entry.dirty = 'all';
  else entry.dirty = new Set([...(entry.dirty ?? []), fileKey]);
}
