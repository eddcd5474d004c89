import { createHash } from 'node:crypto';
import type { ScanReport } from '../../analysis/report/scan-report.ts';
import { toReportFacts } from '../../policy/report-verdict.ts';
import type { DecisionStore, ReportFacts } from '../../ports/decision-store.ts';
import type { Sha256 } from '../../pypi/model.ts';
import type { Connection } from './connection.ts';
import { FACTS_COLUMNS, type FactsRow, toFacts, toFactsRow } from './file-rows.ts';
import { breathe, pack, unpack } from './packed.ts';
import type { Append } from './sqlite-events.ts';

type AskedFile = Readonly<Record<'sha256' | 'filename', string>>;

/** Reports of two rulesets are kept per file, so that going back to the last release of Cordon costs no rescan. */
const KEPT_PER_FILE = 2;
const SLICE = 1_000;

/**
 * Scan reports and the archives' own core metadata.
 * @param flushAccess writes the access records that wait: what was served last is asked here
 */
export function sqliteReports(
  { database, ask, change }: Connection,
  append: Append,
  flushAccess: () => Promise<void>,
): DecisionStore['reports'] {
  // of the reports of one file: the one under `ruleset` if there is one, else the newest
  const findFacts = database.prepare<{ asked: string; ruleset: string }, FactsRow>(
    `SELECT ${FACTS_COLUMNS} FROM (SELECT value ->> 0 AS s, value ->> 1 AS f FROM json_each(@asked)) AS asked
     JOIN reports ON reports.id = COALESCE(
       (SELECT id FROM reports AS x WHERE x.sha256 = asked.s AND x.filename = asked.f AND x.ruleset = @ruleset),
       (SELECT id FROM reports AS x WHERE x.sha256 = asked.s AND x.filename = asked.f
        ORDER BY x.scanned_at DESC, x.id DESC LIMIT 1)
     )`,
  );
  const findBody = database
    .prepare<[string, string], Buffer>(
      `SELECT body FROM report_bodies WHERE report_id = (
         SELECT id FROM reports WHERE sha256 = ? AND filename = ? ORDER BY scanned_at DESC, id DESC LIMIT 1
       )`,
    )
    .pluck();
  const removeSame = database.prepare<[string, string, string]>(
    'DELETE FROM reports WHERE sha256 = ? AND filename = ? AND ruleset = ?',
  );
  const insertReport = database.prepare<[FactsRow]>(
    `INSERT INTO reports (${FACTS_COLUMNS}) VALUES (@sha256, @filename, @ruleset, @scanned_at, @score, @malware_score, @headline,
       @unscannable, @ambiguous)`,
  );
  const insertBody = database.prepare<[number | bigint, Buffer]>(
    'INSERT INTO report_bodies (report_id, body) VALUES (?, ?)',
  );
  const removeOldest = database.prepare<[AskedFile]>(
    `DELETE FROM reports WHERE sha256 = @sha256 AND filename = @filename AND id NOT IN (
       SELECT id FROM reports WHERE sha256 = @sha256 AND filename = @filename
       ORDER BY scanned_at DESC, id DESC LIMIT ${KEPT_PER_FILE}
     )`,
  );
  const saveMetadata = database.prepare<[string, string, string, Uint8Array]>(
    'INSERT OR REPLACE INTO core_metadata (sha256, filename, digest, bytes) VALUES (?, ?, ?, ?)',
  );
  const findMetadata = database
    .prepare<[Sha256, string], Buffer>('SELECT bytes FROM core_metadata WHERE sha256 = ? AND filename = ?')
    .pluck();
  const findDigests = database
    .prepare<[string], string | null>(
      `SELECT digest FROM (SELECT key, value ->> 0 AS s, value ->> 1 AS f FROM json_each(?)) AS asked
       LEFT JOIN core_metadata AS m ON m.sha256 = asked.s AND m.filename = asked.f ORDER BY asked.key`,
    )
    .pluck();
  const findOutdated = database.prepare<[string, number], { sha256: Sha256; filename: string }>(
    `SELECT r.sha256, r.filename FROM reports AS r LEFT JOIN served USING (sha256, filename)
     GROUP BY r.sha256, r.filename HAVING MAX(r.ruleset = ?) = 0
     ORDER BY MAX(served.last_at) DESC NULLS LAST, r.sha256, r.filename LIMIT ?`,
  );

  const moveRevisions = database.prepare<[string]>(
    `INSERT INTO facts_revisions (upstream, project, revision)
     SELECT DISTINCT upstream, project, 1 FROM files WHERE sha256 = ?
     ON CONFLICT (project, upstream) DO UPDATE SET revision = revision + 1`,
  );

  return {
    findFacts: async (files, ruleset) => {
      const facts: ReportFacts[] = [];
      for (let from = 0; from < files.length; from += SLICE) {
        if (from > 0) await breathe();
        const asked = JSON.stringify(files.slice(from, from + SLICE).map(({ sha256, filename }) => [sha256, filename]));
        for (const row of await ask(() => findFacts.all({ asked, ruleset }))) facts.push(toFacts(row));
      }
      return facts;
    },
    findReport: async (sha256, filename) => {
      const body = await ask(() => findBody.get(sha256, filename));
      return body === undefined ? undefined : ((await unpack(body)) as ScanReport);
    },
    saveReport: async (report, scannedAt, coreMetadata, events) => {
      const body = await pack(report);
      const { sha256, filename, ruleset } = report;
      await change(() => {
        removeSame.run(sha256, filename, ruleset);
        const { lastInsertRowid } = insertReport.run(toFactsRow(toReportFacts(report, scannedAt)));
        insertBody.run(lastInsertRowid, body);
        removeOldest.run({ sha256, filename });
        moveRevisions.run(sha256);
        if (coreMetadata !== undefined) saveMetadata.run(sha256, filename, digestOf(coreMetadata), coreMetadata);
        append(events);
      });
    },
    findCoreMetadata: (sha256, filename) => ask(() => findMetadata.get(sha256, filename)),
    findCoreMetadataDigests: (files) => {
      const asked = JSON.stringify(files.map(({ sha256, filename }) => [sha256, filename]));
      return ask(() => findDigests.all(asked).map((digest) => digest ?? undefined));
    },
    findOutdated: async (ruleset, limit) => {
      await flushAccess();
      return ask(() => findOutdated.all(ruleset, limit));
    },
  };
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
