import type { Statement } from 'better-sqlite3';
import type { Clock } from '../../ports/clock.ts';
import type { DecisionStore, EventDraft, StoredEvent } from '../../ports/decision-store.ts';
import { type ChainCheckpoint, chainEvents, eventBody, GENESIS, hashEvent } from '../event-chain.ts';
import type { Connection } from './connection.ts';
import { breathe } from './packed.ts';

/** Appends events; to be called inside the transaction of the mutation that caused them. */
export type Append = (events: readonly EventDraft[]) => void;

interface EventRow {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly project: string | null;
  readonly body: string;
  readonly hash: string;
}

type EventQuery = Parameters<DecisionStore['events']['list']>[0];

const SLICE = 2_000;

/** The audit log, hash-chained. */
export function sqliteEvents(
  { database, ask, change }: Connection,
  clock: Clock,
): { readonly append: Append; readonly events: DecisionStore['events'] } {
  const findLast = database.prepare<[], ChainCheckpoint>('SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1');
  const findCheckpoint = database
    .prepare<[], string>(`SELECT value FROM meta WHERE name = 'events-checkpoint'`)
    .pluck();
  const saveCheckpoint = database.prepare<[string]>(`INSERT OR REPLACE INTO meta VALUES ('events-checkpoint', ?)`);
  const insert = database.prepare<[number, number, string, string | null, string, string]>(
    'INSERT INTO events (seq, at, kind, project, body, hash) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const listFrom = database.prepare<[number], EventRow>(
    `SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ${SLICE}`,
  );
  const findFirstSince = database.prepare<[number], number | null>('SELECT MIN(seq) FROM events WHERE at >= ?').pluck();
  const findLastBelow = database.prepare<[number], ChainCheckpoint>(
    `SELECT seq, hash FROM (SELECT seq, hash FROM events WHERE seq < ? ORDER BY seq LIMIT ${SLICE}) ORDER BY seq DESC LIMIT 1`,
  );
  const removeUpTo = database.prepare<[number]>('DELETE FROM events WHERE seq <= ?');

  const checkpoint = (): ChainCheckpoint => {
    const stored = findCheckpoint.get();
    return stored === undefined ? GENESIS : (JSON.parse(stored) as ChainCheckpoint);
  };

  const append: Append = (drafts) => {
    if (drafts.length === 0) return;
    for (const event of chainEvents(findLast.get() ?? checkpoint(), drafts, clock.now())) {
      insert.run(event.seq, event.at, event.kind, event.project ?? null, eventBody(event), event.hash);
    }
  };

  const removeSlice = (firstKept: number): ChainCheckpoint & { count: number } => {
    const last = findLastBelow.get(firstKept);
    if (last === undefined) return { ...GENESIS, count: 0 };
    saveCheckpoint.run(JSON.stringify(last));
    return { ...last, count: removeUpTo.run(last.seq).changes };
  };

  return {
    append,
    events: {
      append: (drafts) => change(() => append(drafts)),
      list: listEvents(database.prepare.bind(database), ask),
      verifyChain: async () => {
        let last = await ask(checkpoint);
        for (;;) {
          const after = last.seq;
          const rows = await ask(() => listFrom.all(after));
          if (rows.length === 0) return undefined;
          for (const row of rows) {
            if (!isSuccessor(last, row)) return row.seq;
            last = row;
          }
          await breathe();
        }
      },
      prune: async (before) => {
        // only a prefix may go: the chain continues from its last member, also when the clock once stepped back
        const firstKept = (await ask(() => findFirstSince.get(before))) ?? Number.MAX_SAFE_INTEGER;
        let removed = 0;
        for (;;) {
          const isLast = await change(() => {
            const { seq, hash, count } = removeSlice(firstKept);
            removed += count;
            if (count === SLICE) return false;
            const at = count === 0 ? checkpoint() : { seq, hash };
            if (removed > 0) append([prunedEvent(at, removed)]);
            return true;
          });
          if (isLast) return removed;
          await breathe();
        }
      },
    },
  };
}

function prunedEvent({ seq, hash }: ChainCheckpoint, count: number): EventDraft {
  return { kind: 'events-pruned', actor: 'cordon', before: { lastSeq: seq, lastHash: hash, count } };
}

/** The stored text is what was hashed; the columns beside it, which queries use, must say the same. */
function isSuccessor(last: ChainCheckpoint, row: EventRow): boolean {
  if (row.seq !== last.seq + 1 || row.hash !== hashEvent(last.hash, row.body)) return false;
  const event = toEvent(row);
  return (
    event.seq === row.seq && event.at === row.at && event.kind === row.kind && (event.project ?? null) === row.project
  );
}

function toEvent(row: EventRow): StoredEvent {
  return { ...(JSON.parse(row.body) as Omit<StoredEvent, 'hash'>), hash: row.hash };
}

/** One prepared statement per combination of conditions. */
function listEvents(
  prepare: Connection['database']['prepare'],
  ask: Connection['ask'],
): DecisionStore['events']['list'] {
  const statements = new Map<string, Statement<unknown[], EventRow>>();
  return (query) => {
    const { sql, values } = selectEvents(query);
    return ask(() => {
      let statement = statements.get(sql);
      if (statement === undefined) {
        statement = prepare<unknown[], EventRow>(sql);
        statements.set(sql, statement);
      }
      return statement.all(...values).map(toEvent);
    });
  };
}

function selectEvents({ after, limit, project, kind, newestFirst }: EventQuery): { sql: string; values: unknown[] } {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const where = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  where(newestFirst === true ? 'seq < ?' : 'seq > ?', after);
  where('project = ?', project);
  where('kind = ?', kind);
  const filter = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const order = newestFirst === true ? 'DESC' : 'ASC';
  return { sql: `SELECT * FROM events ${filter} ORDER BY seq ${order} LIMIT ?`, values: [...values, limit] };
}
