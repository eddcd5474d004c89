import type { EntryScope, PolicyEntry } from '../../policy/entry.ts';
import type { DecisionStore } from '../../ports/decision-store.ts';
import type { Connection } from './connection.ts';
import type { Append } from './sqlite-events.ts';

interface EntryRow {
  readonly id: string;
  readonly effect: PolicyEntry['effect'];
  readonly final: number;
  readonly scope: string;
  readonly reason: string;
  readonly author: string;
  readonly created_at: number;
  readonly expires_at: number | null;
}

/** Runtime entries, settings and the policy revision. Every mutation is on the disk before it is acknowledged. */
export function sqlitePolicy(connection: Connection, append: Append): DecisionStore['policy'] {
  const { database, ask } = connection;
  const listeners = new Set<() => void>();
  /** @param isChange false for the result of a mutation that found nothing to do */
  const changeDurably = async <T>(mutation: () => T, isChange: (result: T) => boolean = () => true): Promise<T> => {
    const result = await connection.changeDurably(mutation);
    if (isChange(result)) for (const listener of listeners) listener();
    return result;
  };
  const listEntries = database.prepare<[], EntryRow>('SELECT * FROM entries ORDER BY created_at, id');
  const insertEntry = database.prepare<[EntryRow]>(
    `INSERT INTO entries (id, effect, final, scope, reason, author, created_at, expires_at)
     VALUES (@id, @effect, @final, @scope, @reason, @author, @created_at, @expires_at)`,
  );
  const deleteEntry = database.prepare<[string]>('DELETE FROM entries WHERE id = ?');
  const findRevision = database.prepare<[], string>(`SELECT value FROM meta WHERE name = 'policy-revision'`).pluck();
  const saveRevision = database.prepare<[string]>(`INSERT OR REPLACE INTO meta VALUES ('policy-revision', ?)`);
  const findSetting = database.prepare<[string], string>('SELECT value FROM settings WHERE name = ?').pluck();
  const saveSetting = database.prepare<[string, string]>('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)');
  const removeSetting = database.prepare<[string]>('DELETE FROM settings WHERE name = ?');

  const revision = (): number => Number(findRevision.get() ?? 0);
  const moveRevision = (): number => {
    const next = revision() + 1;
    saveRevision.run(String(next));
    return next;
  };

  const readEntries = (): readonly PolicyEntry[] => listEntries.all().map(toEntry);

  return {
    listEntries: () => ask(readEntries),
    addEntry: (entry, event, findSame) =>
      changeDurably(
        () => {
          const same = findSame?.(readEntries());
          if (same !== undefined) return same;
          insertEntry.run(toRow(entry));
          moveRevision();
          append([event]);
          return undefined;
        },
        (same) => same === undefined,
      ),
    removeEntry: (id, event) =>
      changeDurably(
        () => {
          if (deleteEntry.run(id).changes === 0) return false;
          moveRevision();
          append([event]);
          return true;
        },
        (wasThere) => wasThere,
      ),
    revision: () => ask(revision),
    bumpRevision: (event) =>
      changeDurably(() => {
        append([event]);
        return moveRevision();
      }),
    findSetting: (name) => ask(() => findSetting.get(name)),
    setSetting: (name, value, event) =>
      changeDurably(() => {
        if (value === undefined) removeSetting.run(name);
        else saveSetting.run(name, value);
        moveRevision();
        append([event]);
      }),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function toEntry(row: EntryRow): PolicyEntry {
  return {
    id: row.id,
    home: 'runtime',
    effect: row.effect,
    final: row.final === 1,
    scope: JSON.parse(row.scope) as EntryScope,
    reason: row.reason,
    author: row.author,
    createdAt: row.created_at,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
  };
}

function toRow(entry: PolicyEntry): EntryRow {
  return {
    id: entry.id,
    effect: entry.effect,
    final: entry.final ? 1 : 0,
    scope: JSON.stringify(entry.scope),
    reason: entry.reason,
    author: entry.author,
    created_at: entry.createdAt,
    expires_at: entry.expiresAt ?? null,
  };
}
