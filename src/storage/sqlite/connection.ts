// Owns the open database: pragmas, transactions, and the translation of SQLite's errors into ours.
// May import better-sqlite3, errors and its siblings. Start at openConnection. Main thread only.
import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3';
import { CordonError } from '../../errors.ts';
import { migrate } from './migrations.ts';
import { openDatabase } from './open-database.ts';

/** How the rooms of the store reach the database. SQLite's errors do not leave it. */
export interface Connection {
  /** for preparing statements */
  readonly database: Database.Database;
  /** Runs reading statements. */
  readonly ask: <T>(question: () => T) => Promise<T>;
  /** Runs a mutation and its events in one transaction. */
  readonly change: <T>(mutation: () => T) => Promise<T>;
  /** The same, and on the disk before it returns: for what an administrator did. */
  readonly changeDurably: <T>(mutation: () => T) => Promise<T>;
  /** grows with each mutation, before it runs: what was read under the same number is what a question would give now */
  readonly writes: () => number;
  readonly close: () => void;
}

/** How long SQLite waits for a lock that some other program (a backup) holds, ms. Blocks the event loop meanwhile. */
const BUSY_TIMEOUT_MS = 2_000;

/**
 * Opens or creates the database and brings its schema up to date.
 *
 * @param now noted as the day of installation when the database is new (UTC ms)
 * @throws STORE_DOWN with what to do, when the file is damaged, unreadable, or from a newer Cordon
 */
export function openConnection(path: string, now: number): Connection {
  const database = translated(path, () => openMigrated(path, now));
  const transaction = database.transaction((mutation: () => unknown) => mutation());

  let writes = 0;
  const change = <T>(mutation: () => T): T => {
    writes += 1;
    return translated(path, () => transaction.immediate(mutation) as T);
  };
  return {
    database,
    ask: async (question) => translated(path, question),
    change: async (mutation) => change(mutation),
    changeDurably: async (mutation) => {
      database.exec('PRAGMA synchronous = FULL');
      try {
        return change(mutation);
      } finally {
        database.exec('PRAGMA synchronous = NORMAL');
      }
    },
    writes: () => writes,
    close: () => database.close(),
  };
}

function openMigrated(path: string, now: number): Database.Database {
  const database = openDatabase(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    if (path !== ':memory:') chmodSync(path, 0o600); // it says who fetched what
    // of a new database; twice the default: half as many pages to write for rows that fall all over an index
    database.exec('PRAGMA page_size = 8192');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = NORMAL');
    database.exec('PRAGMA cache_size = -32000');
    database.exec('PRAGMA temp_store = MEMORY');
    // Rows of a new page fall all over the indexes of digests: written back every 4 MB (the default), each page of the
    // database would be written dozens of times. 32 MB also bound what a start after a crash has to read.
    database.exec('PRAGMA wal_autocheckpoint = 4000');
    migrate(database, now);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function translated<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw translate(error, path);
  }
}

function translate(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const { code } = error;
  if (code.startsWith('SQLITE_CONSTRAINT')) {
    return new CordonError('CONFLICT', `There is a row like this already (${error.message}).`, { cause: error });
  }
  return new CordonError('STORE_DOWN', describeFailure(code, path), { cause: error });
}

function describeFailure(code: string, path: string): string {
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return `The decision store ${path} is locked by another program (a backup or a database shell?). Close it; nothing was changed.`;
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return `The decision store ${path} is damaged (${code}). Stop Cordon and restore the file from a backup, or move it away to start afresh: pages, reports and digests are fetched again, but runtime entries and the audit log are only in this file.`;
  }
  if (code === 'SQLITE_FULL') {
    return `No space left for the decision store ${path}. Free some; what was stored is intact.`;
  }
  if (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM') {
    return `The decision store ${path} cannot be opened for writing (${code}). Check its folder, owner and permissions.`;
  }
  return `The decision store ${path} failed (${code}). The log has the cause.`;
}
