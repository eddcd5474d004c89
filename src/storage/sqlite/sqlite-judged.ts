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

const SLICE = 500;

const columnsOf = (table: string, columns: string, prefix: string): string =>
  columns
    .split(', ')
    .map((column) => `${table}.${column} AS ${prefix}${column}`)
    .join(', ');

/** To files f their reports r: of each the one under `@ruleset`, else the newest. */
const WITH_REPORT = `LEFT JOIN reports AS r ON r.id = COALESCE(
  (SELECT id FROM reports AS x WHERE x.sha256 = f.sha256 AND x.filename = f.filename AND x.ruleset = @ruleset),
  (SELECT id FROM reports AS x WHERE x.sha256 = f.sha256 AND x.filename = f.filename
   ORDER BY x.scanned_at DESC, x.id DESC LIMIT 1)
)`;
const PREFIXED = FACTS_COLUMNS.split(', ').map(
  (column) => [column, `report_${column}` as keyof ReportColumns] as const,
);
const REPORT_COLUMNS = columnsOf('r', FACTS_COLUMNS, 'report_');

function toReport(row: ReportColumns): Pick<FileNotes, 'report'> {
  if (row.report_sha256 === null) return {};
  const facts: Record<string, string | number | null> = {};
  for (const [column, prefixed] of PREFIXED) facts[column] = row[prefixed];
  return { report: toFacts(facts as unknown as FactsRow) };
}

/** What a decision reads: of one file two indexed reads, of a project one in slices. */
export function sqliteJudged({ database, ask }: Connection): Pick<DecisionStore['files'], 'findRelease' | 'findNotes'> {
  const findProject = database.prepare<[ProjectName, UpstreamId], ProjectRow>(
    'SELECT * FROM projects WHERE project = ? AND upstream = ?',
  );
  const select = `SELECT ${columnsOf('f', FILE_COLUMNS, '')}, ${REPORT_COLUMNS} FROM files AS f ${WITH_REPORT}`;
  const ofRelease = database.prepare<[Record<string, string>], FileRow & ReportColumns>(
    `${select} WHERE f.project = @project AND f.upstream = @upstream AND f.release_key = @release_key
     ORDER BY f.key = @key DESC, f.id`,
  );
  const ofFile = database.prepare<[Record<string, string>], FileRow & ReportColumns>(`${select} WHERE f.key = @key`);
  const ofProject = database.prepare<
    [Record<string, string | number>],
    NotesRow & ReportColumns & { readonly id: number; readonly key: string }
  >(
    `SELECT f.id, f.key, ${columnsOf('f', NOTES_COLUMNS, '')}, ${REPORT_COLUMNS}
     FROM files AS f INDEXED BY files_by_project ${WITH_REPORT}
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
