import type { DecisionStore, FileNotes } from '../../ports/decision-store.ts';
import type { ProjectName, UpstreamId } from '../../pypi/model.ts';
import type { Connection } from './connection.ts';
import {
  FACTS_COLUMNS,
  type FactsRow,
  FILE_COLUMNS,
  type FileRow,
  NOTES_COLUMNS,
  type NotesRow,
  type ProjectRow,
  toFacts,
  toFile,
  toFileRow,
  toNotes,
  toProject,
} from './file-rows.ts';
import { breathe } from './packed.ts';

type ReportColumns = Readonly<Record<`report_${keyof FactsRow}`, string | number | null>>;

const SLICE = 1_000;

const columnsOf = (table: string, columns: string, prefix: string): string =>
  columns
    .split(', ')
    .map((column) => `${table}.${column} AS ${prefix}${column}`)
    .join(', ');

/** Files f with, of each, the newest report r, preferring the one under `@ruleset`. */
const WITH_REPORT = `FROM files AS f LEFT JOIN reports AS r ON r.id = (
  SELECT id FROM reports AS x WHERE x.sha256 = f.sha256 AND x.filename = f.filename
  ORDER BY x.ruleset = @ruleset DESC, x.scanned_at DESC, x.id DESC LIMIT 1
)`;
const REPORT_COLUMNS = columnsOf('r', FACTS_COLUMNS, 'report_');

function toReport(row: ReportColumns): Pick<FileNotes, 'report'> {
  if (row.report_sha256 === null) return {};
  const facts = FACTS_COLUMNS.split(', ').map((column) => [column, row[`report_${column as keyof FactsRow}`]]);
  return { report: toFacts(Object.fromEntries(facts) as FactsRow) };
}

/** What a decision reads: of one file two indexed reads, of a project one in slices. */
export function sqliteJudged({ database, ask }: Connection): Pick<DecisionStore['files'], 'findRelease' | 'findNotes'> {
  const findProject = database.prepare<[ProjectName, UpstreamId], ProjectRow>(
    'SELECT * FROM projects WHERE project = ? AND upstream = ?',
  );
  const select = `SELECT ${columnsOf('f', FILE_COLUMNS, '')}, ${REPORT_COLUMNS} ${WITH_REPORT}`;
  const ofRelease = database.prepare<[Record<string, string>], FileRow & ReportColumns>(
    `${select} WHERE f.project = @project AND f.upstream = @upstream AND f.release_key = @release_key
     ORDER BY f.key = @key DESC, f.id`,
  );
  const ofFile = database.prepare<[Record<string, string>], FileRow & ReportColumns>(`${select} WHERE f.key = @key`);
  const ofProject = database.prepare<
    [Record<string, string | number>],
    NotesRow & ReportColumns & { readonly id: number; readonly key: string }
  >(
    `SELECT f.id, f.key, ${columnsOf('f', NOTES_COLUMNS, '')}, ${REPORT_COLUMNS} ${WITH_REPORT}
     WHERE f.project = @project AND f.upstream = @upstream AND f.id > @after ORDER BY f.id LIMIT ${SLICE}`,
  );

  return {
    findRelease: (file, ruleset) =>
      ask(() => {
        const { key, upstream, project, release_key } = toFileRow(file);
        const rows =
          release_key === null
            ? ofFile.all({ key, ruleset })
            : ofRelease.all({ key, upstream, project, release_key, ruleset });
        const owner = findProject.get(file.project, file.upstream);
        return {
          ...(owner === undefined ? {} : { project: toProject(owner) }),
          files: rows.map((row) => ({ file: toFile(row), ...toReport(row) })),
        };
      }),
    findNotes: async (upstream, project, ruleset) => {
      const notes = new Map<string, FileNotes>();
      for (let after = 0; ; ) {
        const from = after;
        const rows = await ask(() => ofProject.all({ upstream, project, ruleset, after: from }));
        for (const row of rows) notes.set(row.key, { ...toNotes(row), ...toReport(row) });
        if (rows.length < SLICE) return notes;
        after = rows.at(-1)?.id ?? after;
        await breathe();
      }
    },
  };
}
