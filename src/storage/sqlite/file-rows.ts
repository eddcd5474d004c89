import type { ComparisonFacts, ReportFacts, StoredFile, StoredProject } from '../../policy/facts.ts';
import { releaseKey } from '../../policy/release-key.ts';
import type { FileNotes } from '../../ports/decision-store.ts';
import type { ProjectName, Sha256, UpstreamId } from '../../pypi/model.ts';

// Rows of the tables files, projects and reports, to the port's types and back.

export interface FileRow {
  readonly key: string;
  readonly upstream: string;
  readonly project: string;
  readonly filename: string;
  readonly version: string | null;
  /** equal for all files of one release; null: the version is unknown */
  readonly release_key: string | null;
  readonly path: string;
  readonly sha256: string | null;
  readonly file: string;
  readonly first_seen_at: number;
  readonly removed_at: number | null;
  readonly changed: string | null;
  readonly mismatch: string | null;
  readonly accepted_at: number | null;
  readonly comparison: string | null;
  readonly metadata_sha256: string | null;
}

export interface ProjectRow {
  readonly upstream: string;
  readonly project: string;
  readonly first_seen_at: number;
  readonly first_upload_at: number | null;
  readonly upstream_quarantined_at: number | null;
}

export interface FactsRow {
  readonly sha256: string;
  readonly filename: string;
  readonly ruleset: string;
  readonly scanned_at: number;
  readonly score: number;
  readonly malware_score: number;
  readonly headline: string | null;
  readonly unscannable: string | null;
  readonly ambiguous: string | null;
}

const FILE_FIELDS = [
  'key',
  'upstream',
  'project',
  'filename',
  'version',
  'release_key',
  'path',
  'sha256',
  'file',
  'first_seen_at',
  'removed_at',
  'changed',
  'mismatch',
  'accepted_at',
  'comparison',
  'metadata_sha256',
] as const satisfies readonly (keyof FileRow)[];
/** Set once, when the file is first seen. */
const FIXED_FIELDS: readonly string[] = ['key', 'upstream', 'project', 'filename', 'path', 'first_seen_at'];

export const FILE_COLUMNS = FILE_FIELDS.join(', ');
export const FILE_VALUES = FILE_FIELDS.map((field) => `@${field}`).join(', ');
export const FILE_UPDATES = FILE_FIELDS.filter((field) => !FIXED_FIELDS.includes(field))
  .map((field) => `${field} = excluded.${field}`)
  .join(', ');
export const FACTS_COLUMNS =
  'sha256, filename, ruleset, scanned_at, score, malware_score, headline, unscannable, ambiguous';

export function isSameRow(row: FileRow, other: FileRow): boolean {
  return FILE_FIELDS.every((field) => row[field] === other[field]);
}

export function toFile(row: FileRow): StoredFile {
  return {
    key: row.key,
    upstream: row.upstream as UpstreamId,
    project: row.project as ProjectName,
    ...(row.version === null ? {} : { version: row.version }),
    file: JSON.parse(row.file) as StoredFile['file'],
    path: row.path,
    firstSeenAt: row.first_seen_at,
    ...(row.removed_at === null ? {} : { removedAt: row.removed_at }),
    ...(row.metadata_sha256 === null ? {} : { metadataSha256: row.metadata_sha256 }),
    ...toNotes(row),
  };
}

/** Columns that change without the page. */
export type NotesRow = Pick<FileRow, 'sha256' | 'changed' | 'mismatch' | 'accepted_at' | 'comparison'>;
export const NOTES_COLUMNS = 'sha256, changed, mismatch, accepted_at, comparison';

export function toNotes(row: NotesRow): Omit<FileNotes, 'report'> {
  return {
    ...(row.sha256 === null ? {} : { sha256: row.sha256 as Sha256 }),
    ...(row.changed === null ? {} : { changed: row.changed }),
    ...(row.mismatch === null
      ? {}
      : { mismatch: JSON.parse(row.mismatch) as Exclude<StoredFile['mismatch'], undefined> }),
    ...(row.accepted_at === null ? {} : { acceptedAt: row.accepted_at }),
    ...(row.comparison === null ? {} : { comparison: JSON.parse(row.comparison) as ComparisonFacts }),
  };
}

export function toFileRow(file: StoredFile): FileRow {
  return {
    key: file.key,
    upstream: file.upstream,
    project: file.project,
    filename: file.file.filename,
    version: file.version ?? null,
    release_key: releaseKey(file.version) ?? null,
    path: file.path,
    sha256: file.sha256 ?? null,
    file: JSON.stringify(file.file),
    first_seen_at: file.firstSeenAt,
    removed_at: file.removedAt ?? null,
    changed: file.changed ?? null,
    mismatch: file.mismatch === undefined ? null : JSON.stringify(file.mismatch),
    accepted_at: file.acceptedAt ?? null,
    comparison: file.comparison === undefined ? null : JSON.stringify(file.comparison),
    metadata_sha256: file.metadataSha256 ?? null,
  };
}

export function toProject(row: ProjectRow): StoredProject {
  return {
    upstream: row.upstream as UpstreamId,
    project: row.project as ProjectName,
    firstSeenAt: row.first_seen_at,
    ...(row.first_upload_at === null ? {} : { firstUploadAt: row.first_upload_at }),
    ...(row.upstream_quarantined_at === null ? {} : { upstreamQuarantinedAt: row.upstream_quarantined_at }),
  };
}

export function toProjectRow(project: StoredProject): ProjectRow {
  return {
    upstream: project.upstream,
    project: project.project,
    first_seen_at: project.firstSeenAt,
    first_upload_at: project.firstUploadAt ?? null,
    upstream_quarantined_at: project.upstreamQuarantinedAt ?? null,
  };
}

export function toFacts(row: FactsRow): ReportFacts {
  return {
    sha256: row.sha256 as Sha256,
    filename: row.filename,
    ruleset: row.ruleset,
    scannedAt: row.scanned_at,
    score: row.score,
    malwareScore: row.malware_score,
    ...(row.headline === null
      ? {}
      : { headline: JSON.parse(row.headline) as Exclude<ReportFacts['headline'], undefined> }),
    ...(row.unscannable === null ? {} : { unscannable: row.unscannable }),
    ...(row.ambiguous === null ? {} : { ambiguous: row.ambiguous }),
  };
}

export function toFactsRow(facts: ReportFacts): FactsRow {
  return {
    sha256: facts.sha256,
    filename: facts.filename,
    ruleset: facts.ruleset,
    scanned_at: facts.scannedAt,
    score: facts.score,
    malware_score: facts.malwareScore,
    headline: facts.headline === undefined ? null : JSON.stringify(facts.headline),
    unscannable: facts.unscannable ?? null,
    ambiguous: facts.ambiguous ?? null,
  };
}
