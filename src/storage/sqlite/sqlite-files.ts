import { CordonError } from '../../errors.ts';
import type { StoredFile, StoredProject } from '../../policy/facts.ts';
import type { DecisionStore } from '../../ports/decision-store.ts';
import type { ProjectName, UpstreamId } from '../../pypi/model.ts';
import { applyChange, mergeFile } from '../merge-file.ts';
import { mergeProject } from '../merge-project.ts';
import { cacheReads } from './cached-reads.ts';
import type { Connection } from './connection.ts';
import {
  FILE_COLUMNS,
  FILE_UPDATES,
  FILE_VALUES,
  type FileRow,
  isSameRow,
  type ProjectRow,
  toFile,
  toFileRow,
  toProject,
  toProjectRow,
} from './file-rows.ts';
import { breathe } from './packed.ts';
import type { Append } from './sqlite-events.ts';
import { sqliteJudged } from './sqlite-judged.ts';

/** What sqlite-pages.ts writes through; everything here runs inside the caller's transaction. */
export interface FileWriter {
  readonly room: DecisionStore['files'];
  /** Says whether the project has no row yet: then none of its listed files needs to be looked for. */
  readonly isNewProject: (upstream: UpstreamId, project: ProjectName) => Promise<boolean>;
  /** Writes files of a project without rows; returns those that had a row all the same (a URL that two projects list). */
  readonly insertListed: (listed: readonly StoredFile[], confirmedAt: number) => readonly StoredFile[];
  /**
   * Joins listed files with their rows and writes those that differ.
   * @param isQuietOnly true: rows on which a change of the announcement would be noted are left alone and returned
   */
  readonly mergeListed: (
    listed: readonly StoredFile[],
    confirmedAt: number,
    isQuietOnly: boolean,
  ) => readonly StoredFile[];
  /** Keys of the project's rows that are neither listed nor removed; reads in slices, outside of any transaction. */
  readonly findVanished: (
    upstream: UpstreamId,
    project: ProjectName,
    listed: readonly StoredFile[],
  ) => Promise<readonly string[]>;
  readonly markRemoved: (
    upstream: UpstreamId,
    project: ProjectName,
    keys: readonly string[],
    removedAt: number,
  ) => void;
  readonly saveProject: (project: StoredProject) => void;
}

const SLICE = 500;

/** Files and projects. */
export function sqliteFiles(connection: Connection, append: Append): FileWriter {
  const { database, ask, change } = connection;
  const findByKey = database.prepare<[string], FileRow>(`SELECT ${FILE_COLUMNS} FROM files WHERE key = ?`);
  const findByPath = database.prepare<[string], FileRow>(`SELECT ${FILE_COLUMNS} FROM files WHERE path = ?`);
  const findBySha256 = database.prepare<[string], FileRow>(
    `SELECT ${FILE_COLUMNS} FROM files WHERE sha256 = ? ORDER BY id`,
  );
  const listByProject = database.prepare<[ProjectName, UpstreamId, number], FileRow & { id: number }>(
    `SELECT id, ${FILE_COLUMNS} FROM files INDEXED BY files_by_project
     WHERE project = ? AND upstream = ? AND id > ? ORDER BY id LIMIT ${SLICE}`,
  );
  const findAccepted = database.prepare<[ProjectName, UpstreamId, number], FileRow>(
    `SELECT ${FILE_COLUMNS} FROM files WHERE project = ? AND upstream = ? AND accepted_at IS NOT NULL
     ORDER BY accepted_at DESC, id DESC LIMIT ?`,
  );
  const findProject = database.prepare<[ProjectName, UpstreamId], ProjectRow>(
    'SELECT * FROM projects WHERE project = ? AND upstream = ?',
  );
  const findProjectRows = database.prepare<[string], ProjectRow>(
    'SELECT * FROM projects WHERE project IN (SELECT value FROM json_each(?))',
  );
  const findRevision = database
    .prepare<[ProjectName, UpstreamId], number>(
      'SELECT revision FROM facts_revisions WHERE project = ? AND upstream = ?',
    )
    .pluck();
  const writer = fileWriter(connection);

  const readRevision = cacheReads(connection, (names) => {
    const [upstream, project] = names.split(' ') as [UpstreamId, ProjectName];
    return findRevision.get(project, upstream) ?? 0;
  });
  const readByPath = cacheReads(connection, (path) => findOne(findByPath.get(path)));

  const findOne = (row: FileRow | undefined): StoredFile | undefined => (row === undefined ? undefined : toFile(row));

  return {
    ...writer,
    room: {
      findByPath: (path) => ask(() => readByPath(path)),
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
      findAccepted: (upstream, project, limit) => ask(() => findAccepted.all(project, upstream, limit).map(toFile)),
      ...sqliteJudged(connection),
      findFactsRevision: (upstream, project) => ask(() => readRevision(`${upstream} ${project}`)),
      updateFile: (key, fileChange, events) =>
        change(() => {
          const row = findByKey.get(key);
          if (row === undefined) throw new CordonError('NOT_FOUND', `No file has the key ${key}.`);
          writer.save(toFileRow(applyChange(toFile(row), fileChange)));
          append(events);
        }),
    },
  };
}

/** Writes rows of files and projects, and moves the facts revision of their project. */
function fileWriter({
  database,
  ask,
}: Connection): Omit<FileWriter, 'room'> & { readonly save: (row: FileRow) => void } {
  const findByKeys = database.prepare<[string], FileRow>(
    `SELECT ${FILE_COLUMNS} FROM files WHERE key IN (SELECT value FROM json_each(?))`,
  );
  const upsert = database.prepare<[FileRow]>(
    `INSERT INTO files (${FILE_COLUMNS}) VALUES (${FILE_VALUES}) ON CONFLICT (key) DO UPDATE SET ${FILE_UPDATES}`,
  );
  const insert = database.prepare<[FileRow]>(
    `INSERT INTO files (${FILE_COLUMNS}) VALUES (${FILE_VALUES}) ON CONFLICT (key) DO NOTHING`,
  );
  const findAny = database
    .prepare<[ProjectName, UpstreamId], number>('SELECT 1 FROM files WHERE project = ? AND upstream = ? LIMIT 1')
    .pluck();
  const listPresent = database.prepare<[ProjectName, UpstreamId, number], { id: number; key: string; removed: number }>(
    `SELECT id, key, removed_at IS NOT NULL AS removed FROM files INDEXED BY files_by_project
     WHERE project = ? AND upstream = ? AND id > ? ORDER BY id LIMIT ${SLICE}`,
  );
  const markRemoved = database.prepare<[number, string]>(
    'UPDATE files SET removed_at = ? WHERE removed_at IS NULL AND key IN (SELECT value FROM json_each(?))',
  );
  const findProject = database.prepare<[ProjectName, UpstreamId], ProjectRow>(
    'SELECT * FROM projects WHERE project = ? AND upstream = ?',
  );
  const upsertProject = database.prepare<[ProjectRow]>(
    `INSERT OR REPLACE INTO projects (upstream, project, first_seen_at, first_upload_at, upstream_quarantined_at)
     VALUES (@upstream, @project, @first_seen_at, @first_upload_at, @upstream_quarantined_at)`,
  );
  const moveRevision = database.prepare<[string, string]>(
    `INSERT INTO facts_revisions (upstream, project, revision) VALUES (?, ?, 1)
     ON CONFLICT (project, upstream) DO UPDATE SET revision = revision + 1`,
  );

  return {
    save: (row) => {
      upsert.run(row);
      moveRevision.run(row.upstream, row.project);
    },
    isNewProject: (upstream, project) => ask(() => findAny.get(project, upstream) === undefined),
    insertListed: (listed, confirmedAt) => {
      const left = listed.filter(
        (file) => insert.run(toFileRow(mergeFile(undefined, file, confirmedAt))).changes === 0,
      );
      const [first] = listed;
      if (first !== undefined && left.length < listed.length) moveRevision.run(first.upstream, first.project);
      return left;
    },
    mergeListed: (listed, confirmedAt, isQuietOnly) => {
      const keys = JSON.stringify(listed.map(({ key }) => key));
      const known = new Map(findByKeys.all(keys).map((row) => [row.key, row]));
      const touched = new Map<string, FileRow>();
      const left = listed.filter((file) => {
        const row = known.get(file.key);
        const merged = toFileRow(mergeFile(row === undefined ? undefined : toFile(row), file, confirmedAt));
        if (row !== undefined && isSameRow(row, merged)) return false;
        if (isQuietOnly && row !== undefined && row.changed !== merged.changed) return true;
        upsert.run(merged);
        touched.set(`${merged.upstream} ${merged.project}`, merged);
        return false;
      });
      for (const { upstream, project } of touched.values()) moveRevision.run(upstream, project);
      return left;
    },
    findVanished: async (upstream, project, listed) => {
      const keys = new Set(listed.map(({ key }) => key));
      const vanished: string[] = [];
      for (let after = 0; ; ) {
        const from = after;
        const rows = await ask(() => listPresent.all(project, upstream, from));
        for (const { key, removed } of rows) if (removed === 0 && !keys.has(key)) vanished.push(key);
        if (rows.length < SLICE) return vanished;
        after = rows.at(-1)?.id ?? after;
        await breathe();
      }
    },
    markRemoved: (upstream, project, keys, removedAt) => {
      if (keys.length === 0) return;
      if (markRemoved.run(removedAt, JSON.stringify(keys)).changes > 0) moveRevision.run(upstream, project);
    },
    saveProject: (project) => {
      const row = findProject.get(project.project, project.upstream);
      const merged = toProjectRow(mergeProject(row === undefined ? undefined : toProject(row), project));
      if (JSON.stringify(row) === JSON.stringify(merged)) return;
      upsertProject.run(merged);
      moveRevision.run(project.upstream, project.project);
    },
  };
}
