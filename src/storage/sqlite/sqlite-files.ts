import { CordonError } from '../../errors.ts';
import type { DecisionStore, StoredFile, StoredProject } from '../../ports/decision-store.ts';
import type { ProjectName, Sha256, UpstreamId } from '../../pypi/model.ts';
import { applyChange, mergeFile } from '../merge-file.ts';
import { mergeProject } from '../merge-project.ts';
import type { Connection } from './connection.ts';
import { breathe } from './packed.ts';
import type { Append } from './sqlite-events.ts';

interface FileRow {
  readonly key: string;
  readonly upstream: string;
  readonly project: string;
  readonly version: string | null;
  readonly path: string;
  readonly sha256: string | null;
  readonly file: string;
  readonly first_seen_at: number;
  readonly removed_at: number | null;
  readonly changed: string | null;
  readonly mismatch: string | null;
}

interface ProjectRow {
  readonly upstream: string;
  readonly project: string;
  readonly first_seen_at: number;
  readonly first_upload_at: number | null;
  readonly upstream_quarantined_at: number | null;
}

/** What sqlite-pages.ts needs to write; everything here runs inside the caller's transaction. */
export interface FileWriter {
  readonly room: DecisionStore['files'];
  /**
   * Joins listed files with their rows and writes those that differ.
   * @param isQuietOnly true: rows on which a change of the announcement would be noted are left alone and returned
   */
  mergeListed(listed: readonly StoredFile[], confirmedAt: number, isQuietOnly: boolean): readonly StoredFile[];
  markRemoved(upstream: UpstreamId, project: ProjectName, listed: readonly StoredFile[], removedAt: number): void;
  saveProject(project: StoredProject): void;
}

const COLUMNS = 'key, upstream, project, version, path, sha256, file, first_seen_at, removed_at, changed, mismatch';
const SLICE = 1_000;

/** Files and projects. */
export function sqliteFiles({ database, ask, change }: Connection, append: Append): FileWriter {
  const findByKey = database.prepare<[string], FileRow>(`SELECT ${COLUMNS} FROM files WHERE key = ?`);
  const findByPath = database.prepare<[string], FileRow>(`SELECT ${COLUMNS} FROM files WHERE path = ?`);
  const findBySha256 = database.prepare<[string], FileRow>(`SELECT ${COLUMNS} FROM files WHERE sha256 = ? ORDER BY id`);
  const findByKeys = database.prepare<[string], FileRow>(
    `SELECT ${COLUMNS} FROM files WHERE key IN (SELECT value FROM json_each(?))`,
  );
  const listByProject = database.prepare<[ProjectName, UpstreamId, number], FileRow & { id: number }>(
    `SELECT id, ${COLUMNS} FROM files WHERE project = ? AND upstream = ? AND id > ? ORDER BY id LIMIT ${SLICE}`,
  );
  const upsert = database.prepare<[FileRow]>(
    `INSERT INTO files (${COLUMNS}) VALUES (@key, @upstream, @project, @version, @path, @sha256, @file, @first_seen_at,
       @removed_at, @changed, @mismatch)
     ON CONFLICT (key) DO UPDATE SET version = excluded.version, sha256 = excluded.sha256, file = excluded.file,
       removed_at = excluded.removed_at, changed = excluded.changed, mismatch = excluded.mismatch`,
  );
  const markAbsent = database.prepare<[number, ProjectName, UpstreamId, string]>(
    `UPDATE files SET removed_at = ? WHERE project = ? AND upstream = ? AND removed_at IS NULL
       AND key NOT IN (SELECT value FROM json_each(?))`,
  );
  const findProject = database.prepare<[ProjectName, UpstreamId], ProjectRow>(
    'SELECT * FROM projects WHERE project = ? AND upstream = ?',
  );
  const findProjectRows = database.prepare<[string], ProjectRow>(
    'SELECT * FROM projects WHERE project IN (SELECT value FROM json_each(?))',
  );
  const upsertProject = database.prepare<[ProjectRow]>(
    `INSERT OR REPLACE INTO projects (upstream, project, first_seen_at, first_upload_at, upstream_quarantined_at)
     VALUES (@upstream, @project, @first_seen_at, @first_upload_at, @upstream_quarantined_at)`,
  );

  const findOne = (row: FileRow | undefined): StoredFile | undefined => (row === undefined ? undefined : toFile(row));

  return {
    room: {
      findByPath: (path) => ask(() => findOne(findByPath.get(path))),
      findByKey: (key) => ask(() => findOne(findByKey.get(key))),
      findBySha256: (sha256) => ask(() => findBySha256.all(sha256).map(toFile)),
      findByProject: async (upstream, project) => {
        const files: StoredFile[] = [];
        let after = 0;
        for (;;) {
          const from = after;
          const rows = await ask(() => listByProject.all(project, upstream, from));
          for (const row of rows) files.push(toFile(row));
          if (rows.length < SLICE) return files;
          after = rows.at(-1)?.id ?? after;
          await breathe();
        }
      },
      findProject: (upstream, project) =>
        ask(() => {
          const row = findProject.get(project, upstream);
          return row === undefined ? undefined : toProject(row);
        }),
      findProjects: (projects) => ask(() => findProjectRows.all(JSON.stringify(projects)).map(toProject)),
      updateFile: (key, fileChange, events) =>
        change(() => {
          const row = findByKey.get(key);
          if (row === undefined) throw new CordonError('NOT_FOUND', `No file has the key ${key}.`);
          upsert.run(toRow(applyChange(toFile(row), fileChange)));
          append(events);
        }),
    },
    mergeListed: (listed, confirmedAt, isQuietOnly) => {
      const known = new Map(findByKeys.all(JSON.stringify(listed.map(({ key }) => key))).map((row) => [row.key, row]));
      return listed.filter((file) => {
        const row = known.get(file.key);
        const merged = toRow(mergeFile(findOne(row), file, confirmedAt));
        if (row !== undefined && isSame(row, merged)) return false;
        if (isQuietOnly && row !== undefined && row.changed !== merged.changed) return true;
        upsert.run(merged);
        return false;
      });
    },
    markRemoved: (upstream, project, listed, removedAt) => {
      markAbsent.run(removedAt, project, upstream, JSON.stringify(listed.map(({ key }) => key)));
    },
    saveProject: (project) => {
      const row = findProject.get(project.project, project.upstream);
      const known = row === undefined ? undefined : toProject(row);
      upsertProject.run(toProjectRow(mergeProject(known, project)));
    },
  };
}

function isSame(row: FileRow, other: FileRow): boolean {
  return (
    row.file === other.file &&
    row.sha256 === other.sha256 &&
    row.version === other.version &&
    row.removed_at === other.removed_at &&
    row.changed === other.changed &&
    row.mismatch === other.mismatch
  );
}

function toFile(row: FileRow): StoredFile {
  return {
    key: row.key,
    upstream: row.upstream as UpstreamId,
    project: row.project as ProjectName,
    ...(row.version === null ? {} : { version: row.version }),
    file: JSON.parse(row.file) as StoredFile['file'],
    path: row.path,
    ...(row.sha256 === null ? {} : { sha256: row.sha256 as Sha256 }),
    firstSeenAt: row.first_seen_at,
    ...(row.removed_at === null ? {} : { removedAt: row.removed_at }),
    ...(row.changed === null ? {} : { changed: row.changed }),
    ...(row.mismatch === null
      ? {}
      : { mismatch: JSON.parse(row.mismatch) as Exclude<StoredFile['mismatch'], undefined> }),
  };
}

function toRow(file: StoredFile): FileRow {
  return {
    key: file.key,
    upstream: file.upstream,
    project: file.project,
    version: file.version ?? null,
    path: file.path,
    sha256: file.sha256 ?? null,
    file: JSON.stringify(file.file),
    first_seen_at: file.firstSeenAt,
    removed_at: file.removedAt ?? null,
    changed: file.changed ?? null,
    mismatch: file.mismatch === undefined ? null : JSON.stringify(file.mismatch),
  };
}

function toProject(row: ProjectRow): StoredProject {
  return {
    upstream: row.upstream as UpstreamId,
    project: row.project as ProjectName,
    firstSeenAt: row.first_seen_at,
    ...(row.first_upload_at === null ? {} : { firstUploadAt: row.first_upload_at }),
    ...(row.upstream_quarantined_at === null ? {} : { upstreamQuarantinedAt: row.upstream_quarantined_at }),
  };
}

function toProjectRow(project: StoredProject): ProjectRow {
  return {
    upstream: project.upstream,
    project: project.project,
    first_seen_at: project.firstSeenAt,
    first_upload_at: project.firstUploadAt ?? null,
    upstream_quarantined_at: project.upstreamQuarantinedAt ?? null,
  };
}
