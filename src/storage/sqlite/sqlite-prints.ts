import type { DecisionStore, PrintOwner } from '../../ports/decision-store.ts';
import type { ProjectName, Sha256, UpstreamId } from '../../pypi/model.ts';
import { MAX_PRINTS } from '../print-limits.ts';
import type { Connection } from './connection.ts';

interface OwnerRow {
  readonly project: ProjectName;
  readonly filename: string;
  readonly sha256: Sha256;
  readonly shared: number;
}

/** Prints of projects. The row id grows with each saving, so that the newest are the highest. */
export function sqlitePrints({ database, ask, change }: Connection): DecisionStore['prints'] {
  const save = database.prepare<[PrintOwner & { readonly kind: string; readonly print: string }]>(
    `INSERT OR REPLACE INTO prints (kind, print, upstream, project, filename, sha256)
     VALUES (@kind, @print, @upstream, @project, @filename, @sha256)`,
  );
  const removeOldest = database.prepare<[{ project: string; upstream: string; kind: string }]>(
    `DELETE FROM prints WHERE project = @project AND upstream = @upstream AND kind = @kind AND id NOT IN (
       SELECT id FROM prints WHERE project = @project AND upstream = @upstream AND kind = @kind
       ORDER BY id DESC LIMIT ${MAX_PRINTS}
     )`,
  );
  // SQLite gives the other columns of the row that has the greatest id
  const findOwners = database.prepare<
    [{ asked: string; upstream: UpstreamId; except: ProjectName; limit: number }],
    OwnerRow
  >(
    `SELECT p.project, p.filename, p.sha256, COUNT(*) AS shared, MAX(p.id)
     FROM json_each(@asked) AS asked JOIN prints AS p ON p.print = asked.value ->> 'print' AND p.kind = asked.value ->> 'kind'
     WHERE p.upstream = @upstream AND p.project <> @except
     GROUP BY p.project ORDER BY shared DESC, p.project LIMIT @limit`,
  );

  return {
    savePrints: (owner, prints) =>
      change(() => {
        for (const { kind, print } of prints) save.run({ ...owner, kind, print });
        const { project, upstream } = owner;
        for (const kind of ['code', 'text']) removeOldest.run({ project, upstream, kind });
      }),
    findOwners: (prints, upstream, except, limit) =>
      ask(() =>
        findOwners
          .all({ asked: JSON.stringify(prints), upstream, except, limit })
          .map(({ project, filename, sha256, shared }) => ({ upstream, project, filename, sha256, shared })),
      ),
  };
}
