import type { AccessRecord, DecisionStore } from '../../ports/decision-store.ts';
import type { ProjectName } from '../../pypi/model.ts';
import { brokenOff } from '../broken-off.ts';
import type { Connection } from './connection.ts';
import { breathe } from './packed.ts';

interface AccessRow {
  readonly at: number;
  readonly outcome: AccessRecord['outcome'];
  readonly project: string;
  readonly filename: string;
  readonly sha256: string | null;
  readonly client: string;
  readonly user_agent: string;
  readonly verdict: string;
  readonly reason: string;
  readonly fetch_ms: number | null;
  readonly queue_ms: number | null;
  readonly scan_ms: number | null;
  readonly hold_ms: number | null;
  readonly sent_bytes: number | null;
}

const COLUMNS =
  'at, outcome, project, filename, sha256, client, user_agent, verdict, reason, fetch_ms, queue_ms, scan_ms, hold_ms, sent_bytes';
const FLUSH_AFTER_MS = 250;
const FLUSH_FROM_RECORDS = 500;
/** Kept in memory while the database refuses; beyond that the oldest go. */
const MAX_WAITING_RECORDS = 50_000;
const PRUNE_SLICE = 5_000;

/**
 * Who got which file when. Records wait in memory for a moment and are written many at a time; a crash loses at most
 * that moment. Every question is asked after what waits was written.
 */
export function sqliteAccess(
  connection: Connection,
  onLost: (error: unknown) => void,
): { readonly room: DecisionStore['access']; readonly flush: () => Promise<void> } {
  const { database, ask, change } = connection;
  const insert = database.prepare<[AccessRow]>(
    `INSERT INTO access (${COLUMNS}) VALUES (@at, @outcome, @project, @filename, @sha256, @client, @user_agent, @verdict,
       @reason, @fetch_ms, @queue_ms, @scan_ms, @hold_ms, @sent_bytes)`,
  );
  const end = database.prepare<[AccessRecord['outcome'], number | null, number | bigint]>(
    'UPDATE access SET outcome = ?, sent_bytes = ? WHERE id = ?',
  );
  const noteServed = database.prepare<[string, string, number]>(
    `INSERT INTO served (sha256, filename, last_at) VALUES (?, ?, ?)
     ON CONFLICT (sha256, filename) DO UPDATE SET last_at = MAX(last_at, excluded.last_at)`,
  );
  const select = (column: string) =>
    database.prepare<[string, number], AccessRow>(
      `SELECT ${COLUMNS} FROM access WHERE ${column} = ? ORDER BY id DESC LIMIT ?`,
    );
  const findByProject = select('project');
  const findByFile = select('filename');
  const findBySha256 = select('sha256');
  const removeOld = database.prepare<[number]>(
    `DELETE FROM access WHERE id IN (SELECT id FROM access WHERE at < ? LIMIT ${PRUNE_SLICE})`,
  );

  let waiting: AccessRecord[] = [];
  let broken = new Map<AccessRecord, AccessRecord>();
  /** rows of records that were written, as long as somebody who served them may still tell how that ended */
  const rows = new WeakMap<AccessRecord, number | bigint>();
  let timer: NodeJS.Timeout | undefined;

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0 && broken.size === 0) return;
    const batch = waiting;
    const ended = broken;
    waiting = [];
    broken = new Map();
    try {
      await change(() => {
        for (const record of batch) {
          rows.set(record, insert.run(toRow(record)).lastInsertRowid);
          if (record.outcome === 'served' && record.sha256 !== undefined) {
            noteServed.run(record.sha256, record.filename, record.at);
          }
        }
        for (const [record, { outcome, sentBytes }] of ended) {
          const row = rows.get(record);
          if (row !== undefined) end.run(outcome, sentBytes ?? null, row);
        }
      });
    } catch (error) {
      waiting = [...batch, ...waiting].slice(-MAX_WAITING_RECORDS);
      broken = new Map([...ended, ...broken]);
      throw error;
    }
  };
  const flushInBackground = (): void => {
    flush().catch(onLost);
  };
  const flushSoon = (): void => {
    timer ??= setTimeout(flushInBackground, FLUSH_AFTER_MS).unref();
  };
  const find = async (statement: typeof findByProject, value: string, limit: number) => {
    await flush();
    return ask(() => statement.all(value, limit).map(toRecord));
  };

  return {
    room: {
      record: (records) => {
        waiting.push(...records);
        if (waiting.length >= FLUSH_FROM_RECORDS) flushInBackground();
        else flushSoon();
        return Promise.resolve();
      },
      breakOff: (record, sentBytes) => {
        broken.set(record, brokenOff(record, sentBytes));
        flushSoon();
        return Promise.resolve();
      },
      findByProject: (project, limit) => find(findByProject, project, limit),
      findByFile: (filename, limit) => find(findByFile, filename, limit),
      findBySha256: (sha256, limit) => find(findBySha256, sha256, limit),
      prune: async (before) => {
        await flush();
        let removed = 0;
        for (;;) {
          const count = await change(() => removeOld.run(before).changes);
          removed += count;
          if (count < PRUNE_SLICE) return removed;
          await breathe();
        }
      },
    },
    flush,
  };
}

function toRecord(row: AccessRow): AccessRecord {
  return {
    at: row.at,
    outcome: row.outcome,
    project: row.project as ProjectName,
    filename: row.filename,
    ...(row.sha256 === null ? {} : { sha256: row.sha256 }),
    client: row.client,
    userAgent: row.user_agent,
    verdict: row.verdict,
    reason: row.reason,
    ...(row.fetch_ms === null ? {} : { fetchMs: row.fetch_ms }),
    ...(row.queue_ms === null ? {} : { queueMs: row.queue_ms }),
    ...(row.scan_ms === null ? {} : { scanMs: row.scan_ms }),
    ...(row.hold_ms === null ? {} : { holdMs: row.hold_ms }),
    ...(row.sent_bytes === null ? {} : { sentBytes: row.sent_bytes }),
  };
}

function toRow(record: AccessRecord): AccessRow {
  return {
    at: record.at,
    outcome: record.outcome,
    project: record.project,
    filename: record.filename,
    sha256: record.sha256 ?? null,
    client: record.client,
    user_agent: record.userAgent,
    verdict: record.verdict,
    reason: record.reason,
    fetch_ms: record.fetchMs ?? null,
    queue_ms: record.queueMs ?? null,
    scan_ms: record.scanMs ?? null,
    hold_ms: record.holdMs ?? null,
    sent_bytes: record.sentBytes ?? null,
  };
}
