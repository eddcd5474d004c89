// Owns what a page that was just read means for what we remember of its files. Does no I/O. Start at reconcile.
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventDraft, StoredFile, StoredProject } from '../ports/decision-store.ts';
import { makeFilePath, type PathUpstream } from '../pypi/file-path.ts';
import { parseFilename } from '../pypi/filename.ts';
import type { DistributionFile, ProjectName, ProjectPage } from '../pypi/model.ts';
import { parseSha256 } from '../pypi/names.ts';
import { SLICE_FILES } from './page-revision.ts';

/** pypi.org takes no further files for a release older than this. */
const LATE_FILE_MS = 14 * 86_400_000;
const DAY_MS = 86_400_000;
/** names in one event */
const MAX_NAMED = 20;

/** What was known of a project before. */
export interface Remembered {
  /** listed and removed ones */
  readonly files: readonly StoredFile[];
  readonly project: StoredProject | undefined;
}

export interface Reconciled {
  /** the page without files listed twice */
  readonly page: ProjectPage;
  /** one per page file, same order */
  readonly files: readonly StoredFile[];
  readonly removed: readonly StoredFile[];
  readonly project: StoredProject;
  readonly events: readonly EventDraft[];
  /** rows whose recorded mismatch was about a digest that the index has corrected */
  readonly lifted: readonly StoredFile[];
}

/** Key of a file before its bytes are known. */
export function makeFileKey(upstream: string, url: string): string {
  return createHash('sha256').update(`${upstream}\n${url}`).digest('hex');
}

function uploadedAt(file: DistributionFile): number | undefined {
  const at = file.uploadTime === undefined ? Number.NaN : Date.parse(file.uploadTime);
  return Number.isNaN(at) ? undefined : at;
}

function describeMutation(before: StoredFile, file: DistributionFile): string | undefined {
  const announced = parseSha256(file.hashes['sha256'] ?? '');
  if (before.sha256 !== undefined && announced !== undefined && before.sha256 !== announced) {
    return `the announced sha256 changed from ${before.sha256} to ${announced}`;
  }
  const [was, is] = [before.file.sizeBytes, file.sizeBytes];
  return was !== undefined && is !== undefined && was !== is
    ? `the announced size changed from ${String(was)} to ${String(is)} bytes`
    : undefined;
}

/** A file that joins a release which was complete long ago: how attackers reach those who pin a version without hashes. */
function describeLateFile(
  file: DistributionFile,
  siblings: readonly StoredFile[],
  version: string,
  now: number,
): string | undefined {
  const starts = siblings.map((sibling) => uploadedAt(sibling.file) ?? sibling.firstSeenAt);
  if (starts.length === 0) return undefined;
  const lateMs = (uploadedAt(file) ?? now) - Math.min(...starts);
  return lateMs > LATE_FILE_MS
    ? `added to release ${version} ${String(Math.floor(lateMs / DAY_MS))} days after its first file`
    : undefined;
}

interface Lookups {
  readonly byUrl: ReadonlyMap<string, StoredFile>;
  readonly byFilename: ReadonlyMap<string, StoredFile>;
  readonly byVersion: ReadonlyMap<string, readonly StoredFile[]>;
}

function indexRemembered(files: readonly StoredFile[]): Lookups {
  const byFilename = new Map<string, StoredFile>();
  const byVersion = new Map<string, StoredFile[]>();
  for (const row of files) {
    // of several rows with one name the listed one speaks for it
    const other = byFilename.get(row.file.filename);
    if (other === undefined || other.removedAt !== undefined) byFilename.set(row.file.filename, row);
    if (row.version !== undefined) {
      const siblings = byVersion.get(row.version);
      if (siblings === undefined) byVersion.set(row.version, [row]);
      else siblings.push(row);
    }
  }
  return { byUrl: new Map(files.map((row) => [row.file.url, row])), byFilename, byVersion };
}

function toRow(
  file: DistributionFile,
  project: ProjectName,
  upstream: PathUpstream,
  lookups: Lookups,
  now: number,
): StoredFile {
  const same = lookups.byUrl.get(file.url);
  const before = same ?? lookups.byFilename.get(file.filename);
  const version = same?.version ?? parseFilename(file.filename, project)?.version;
  const announced = parseSha256(file.hashes['sha256'] ?? '');
  // A pin is the filename's: an index without digests that moves a file to another URL does not get a new one by it.
  const sha256 = announced ?? before?.sha256;
  const changed =
    before?.changed ??
    (before !== undefined
      ? describeMutation(before, file)
      : version === undefined
        ? undefined
        : describeLateFile(file, lookups.byVersion.get(version) ?? [], version, now));
  const mismatch = isLifted(same, announced) ? undefined : same?.mismatch;
  return {
    key: same?.key ?? makeFileKey(upstream.id, file.url),
    upstream: upstream.id,
    project,
    ...(version === undefined ? {} : { version }),
    file,
    path: same?.path ?? makeFilePath(upstream, file),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(same?.metadataSha256 === undefined ? {} : { metadataSha256: same.metadataSha256 }),
    firstSeenAt: same?.firstSeenAt ?? now,
    ...(changed === undefined ? {} : { changed }),
    ...(mismatch === undefined ? {} : { mismatch }),
    ...(same?.acceptedAt === undefined ? {} : { acceptedAt: same.acceptedAt }),
    ...(same?.comparison === undefined ? {} : { comparison: same.comparison }),
  };
}

/** The index corrected a digest that its bytes had not matched: what was found of the old one no longer counts. */
function isLifted(row: StoredFile | undefined, announced: string | undefined): boolean {
  return row?.mismatch?.kind === 'digest' && announced !== undefined && announced !== row.sha256;
}

function nameSome(rows: readonly StoredFile[]): readonly string[] {
  return rows.slice(0, MAX_NAMED).map((row) => row.file.filename);
}

function describeEvents(
  project: StoredProject,
  remembered: Remembered,
  changed: readonly StoredFile[],
  vanished: readonly StoredFile[],
): EventDraft[] {
  const base = { actor: `upstream:${project.upstream}`, project: project.project };
  const events: EventDraft[] = changed.map((row) => ({
    ...base,
    kind: 'release-mutated',
    reason: row.changed ?? '',
    filename: row.file.filename,
    ...(row.sha256 === undefined ? {} : { sha256: row.sha256 }),
  }));
  if (vanished.length > 0) {
    events.push({ ...base, kind: 'files-removed', before: { count: vanished.length, files: nameSome(vanished) } });
  }
  const wasQuarantined = remembered.project?.upstreamQuarantinedAt !== undefined;
  const isQuarantined = project.upstreamQuarantinedAt !== undefined;
  if (isQuarantined && !wasQuarantined) events.push({ ...base, kind: 'upstream-quarantined' });
  if (wasQuarantined && !isQuarantined) events.push({ ...base, kind: 'upstream-released' });
  return events;
}

function toProject(
  page: ProjectPage,
  upstream: PathUpstream,
  remembered: StoredProject | undefined,
  firstUpload: number,
  now: number,
): StoredProject {
  const firstUploadAt = Math.min(remembered?.firstUploadAt ?? Number.POSITIVE_INFINITY, firstUpload);
  const isQuarantined = page.upstreamStatus?.status === 'quarantined';
  return {
    upstream: upstream.id,
    project: page.name,
    firstSeenAt: remembered?.firstSeenAt ?? now,
    ...(Number.isFinite(firstUploadAt) ? { firstUploadAt } : {}),
    ...(isQuarantined ? { upstreamQuarantinedAt: remembered?.upstreamQuarantinedAt ?? now } : {}),
  };
}

/**
 * Joins a page with what is remembered: keys, paths and versions of its files, what changed in a release that was already
 * out, what vanished. Yields to the event loop in between.
 *
 * @param now when the upstream answered (UTC ms)
 */
export async function reconcile(
  page: ProjectPage,
  upstream: PathUpstream,
  remembered: Remembered,
  now: number,
): Promise<Reconciled> {
  const lookups = indexRemembered(remembered.files);
  const rows = new Map<string, StoredFile>();
  let firstUpload = Number.POSITIVE_INFINITY;
  for (const [index, file] of page.files.entries()) {
    if (index % SLICE_FILES === SLICE_FILES - 1) await nextTurn();
    if (rows.has(file.url)) continue;
    rows.set(file.url, toRow(file, page.name, upstream, lookups, now));
    firstUpload = Math.min(firstUpload, uploadedAt(file) ?? Number.POSITIVE_INFINITY);
  }
  const files = [...rows.values()];
  const changed = files.filter(
    (row) => row.changed !== undefined && lookups.byUrl.get(row.file.url)?.changed !== row.changed,
  );
  const removed = remembered.files
    .filter((row) => !rows.has(row.file.url))
    .map((row) => (row.removedAt === undefined ? { ...row, removedAt: now } : row));
  const vanished = removed.filter((row) => row.removedAt === now);
  const project = toProject(page, upstream, remembered.project, firstUpload, now);
  return {
    page: files.length === page.files.length ? page : { ...page, files: files.map((row) => row.file) },
    files,
    removed,
    project,
    events: describeEvents(project, remembered, changed, vanished),
    lifted: files.filter((row) => {
      const before = lookups.byUrl.get(row.file.url);
      return before?.mismatch !== undefined && row.mismatch === undefined;
    }),
  };
}
