// Owns the opening of a database so that nothing of it is ever garbage-collected. Imports better-sqlite3. Start at openDatabase.
import Database from 'better-sqlite3';

/**
 * better-sqlite3 12 aborts the process on Node 24.19 and newer when V8 collects one of its objects: the destructor takes back
 * a clean-up hook outside of any context. 13 does not, but needs a newer Node than our floor. Statements are prepared once
 * anyway, so keeping them costs nothing. `pragma()` makes one out of sight at each call: write `exec('PRAGMA …')` instead.
 */
const kept: unknown[] = [];

/** Opens a database whose statements live as long as the process. Throws SqliteError. */
export function openDatabase(path: string, options: Database.Options): Database.Database {
  const database = new Database(path, options);
  const prepare = database.prepare.bind(database) as (sql: string) => Database.Statement;
  const prepareKept = (sql: string): Database.Statement => {
    const statement = prepare(sql);
    kept.push(statement);
    return statement;
  };
  kept.push(database);
  return Object.assign(database, { prepare: prepareKept as Database.Database['prepare'] });
}
