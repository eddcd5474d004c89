import type { DecisionStore, StoredFile, StoredPage } from '../../ports/decision-store.ts';
import type { DistributionFile, ProjectName, ProjectPage, UpstreamId } from '../../pypi/model.ts';
import type { Connection } from './connection.ts';
import { breathe, pack, packSlices, unpack, unpackSlices } from './packed.ts';
import type { Append } from './sqlite-events.ts';
import type { FileWriter } from './sqlite-files.ts';

interface PageRow {
  readonly is_present: number;
  readonly etag: string | null;
  readonly last_modified: string | null;
  readonly confirmed_at: number;
  readonly revision: string;
}

/** Files of a page per packed part: 2 ms of JSON. */
const SLICE = 750;
/** Rows per transaction of a large page: about 10 ms; fewer would write the same index pages more often. */
const ROWS_SLICE = 500;
/** Pages with more files write their harmless rows ahead, in slices. */
const LARGE_PAGE_FILES = 1_000;

/** Project pages: a row of validators, and the model in packed parts (part 0: everything but the files). */
export function sqlitePages(
  { database, ask, change }: Connection,
  files: FileWriter,
  append: Append,
): DecisionStore['pages'] {
  const findPage = database.prepare<[UpstreamId, ProjectName], PageRow>(
    'SELECT is_present, etag, last_modified, confirmed_at, revision FROM pages WHERE upstream = ? AND project = ?',
  );
  const findParts = database
    .prepare<[UpstreamId, ProjectName], Buffer>(
      'SELECT body FROM page_parts WHERE upstream = ? AND project = ? ORDER BY part',
    )
    .pluck();
  const upsertPage = database.prepare<[PageRow & { upstream: UpstreamId; project: ProjectName }]>(
    `INSERT OR REPLACE INTO pages (upstream, project, is_present, etag, last_modified, confirmed_at, revision)
     VALUES (@upstream, @project, @is_present, @etag, @last_modified, @confirmed_at, @revision)`,
  );
  const removeParts = database.prepare<[UpstreamId, ProjectName]>(
    'DELETE FROM page_parts WHERE upstream = ? AND project = ?',
  );
  const insertPart = database.prepare<[UpstreamId, ProjectName, number, Buffer]>(
    'INSERT INTO page_parts (upstream, project, part, body) VALUES (?, ?, ?, ?)',
  );
  const moveConfirmation = database.prepare<[number, UpstreamId, ProjectName]>(
    'UPDATE pages SET confirmed_at = ? WHERE upstream = ? AND project = ?',
  );

  const findRevision = database
    .prepare<[UpstreamId, ProjectName], string>('SELECT revision FROM pages WHERE upstream = ? AND project = ?')
    .pluck();

  const savePageRow = (page: StoredPage, parts: readonly Buffer[] | undefined): void => {
    const { upstream, project } = page;
    upsertPage.run({ upstream, project, ...toRow(page) });
    if (parts === undefined) return;
    removeParts.run(upstream, project);
    for (const [part, body] of parts.entries()) insertPart.run(upstream, project, part, body);
  };

  return {
    findPage: async (upstream, project) => {
      const found = await ask(() => ({
        row: findPage.get(upstream, project),
        parts: findParts.all(upstream, project),
      }));
      return found.row === undefined ? undefined : toPage(upstream, project, found.row, found.parts);
    },
    savePage: async (page, listed, project, events) => {
      const known = await ask(() => findRevision.get(page.upstream, page.project));
      // the revision is the model's digest: the same one needs no writing again
      const parts = known === page.revision ? undefined : await packPage(page.page);
      const isNew = await files.isNewProject(page.upstream, page.project);
      const rest = await writeAhead(listed, page.confirmedAt, isNew);
      const vanished = isNew ? [] : await files.findVanished(page.upstream, page.project, listed);
      await change(() => {
        const known = isNew ? files.insertListed(rest, page.confirmedAt) : rest;
        files.mergeListed(known, page.confirmedAt, false);
        files.markRemoved(page.upstream, page.project, vanished, page.confirmedAt);
        if (project !== undefined) files.saveProject(project);
        savePageRow(page, parts);
        append(events);
      });
    },
    confirmPage: (upstream, project, confirmedAt) =>
      change(() => {
        moveConfirmation.run(confirmedAt, upstream, project);
      }),
  };

  /**
   * Ten thousand rows in one transaction would hold the event loop. New rows and repeated announcements harm nobody when
   * the process dies before the page itself is written, so they go ahead in slices; what says that an announcement
   * changed waits for the transaction that also holds its event.
   * @returns the files that are left for that transaction
   */
  async function writeAhead(
    listed: readonly StoredFile[],
    confirmedAt: number,
    isNew: boolean,
  ): Promise<readonly StoredFile[]> {
    if (listed.length <= LARGE_PAGE_FILES) return listed;
    const rest: StoredFile[] = [];
    for (let from = 0; from < listed.length; from += ROWS_SLICE) {
      const slice = listed.slice(from, from + ROWS_SLICE);
      rest.push(
        ...(await change(() =>
          isNew ? files.insertListed(slice, confirmedAt) : files.mergeListed(slice, confirmedAt, true),
        )),
      );
      await breathe();
    }
    return rest;
  }
}

async function packPage(page: ProjectPage | undefined): Promise<readonly Buffer[]> {
  if (page === undefined) return [];
  const { files, ...head } = page;
  return [await pack(head), ...(await packSlices(files, SLICE))];
}

async function toPage(
  upstream: UpstreamId,
  project: ProjectName,
  row: PageRow,
  [head, ...slices]: readonly Buffer[],
): Promise<StoredPage> {
  const page =
    head === undefined
      ? undefined
      : {
          ...((await unpack(head)) as Omit<ProjectPage, 'files'>),
          files: (await unpackSlices(slices)) as readonly DistributionFile[],
        };
  return {
    upstream,
    project,
    ...(page === undefined ? {} : { page }),
    ...(row.etag === null ? {} : { etag: row.etag }),
    ...(row.last_modified === null ? {} : { lastModified: row.last_modified }),
    confirmedAt: row.confirmed_at,
    revision: row.revision,
  };
}

function toRow(page: StoredPage): PageRow {
  return {
    is_present: page.page === undefined ? 0 : 1,
    etag: page.etag ?? null,
    last_modified: page.lastModified ?? null,
    confirmed_at: page.confirmedAt,
    revision: page.revision,
  };
}
