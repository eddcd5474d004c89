import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { CordonError } from '../../errors.ts';
import { openDatabase } from './open-database.ts';

export interface DataFolderLock {
  /** Lets the next process in. Never throws. */
  release(): void;
}

/**
 * Takes a data folder for this process alone.
 *
 * The lock is SQLite's own lock on an otherwise empty database `server.lock`: the kernel drops it when the process ends,
 * however it ends, so a crash leaves nothing to clean up and a reused process id (process 1 of the next container)
 * confuses nobody. `server.lock.owner` beside it only serves the message. Not for network file systems without locks.
 *
 * @param now for the message to whoever comes second (UTC ms)
 * @throws CONFLICT when another process holds the folder; STORE_DOWN when the folder cannot be written
 */
export function lockDataFolder(folder: string, now: number): DataFolderLock {
  const ownerPath = join(folder, 'server.lock.owner');
  const database = openLockFile(folder, ownerPath);
  try {
    writeFileSync(
      ownerPath,
      JSON.stringify({ pid: process.pid, host: hostname(), since: new Date(now).toISOString() }),
    );
  } catch (error) {
    database.close();
    throw new CordonError('STORE_DOWN', `The data folder ${folder} cannot be written.`, { cause: error });
  }
  return {
    release: () => {
      rmSync(ownerPath, { force: true });
      database.close();
    },
  };
}

function openLockFile(folder: string, ownerPath: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = openDatabase(join(folder, 'server.lock'), { timeout: 500 });
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    throw toLockFailure(error, folder, ownerPath);
  }
}

/** What stood in the way of the lock, in words that say what to do. */
export function toLockFailure(error: unknown, folder: string, ownerPath: string): CordonError {
  if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
    return new CordonError(
      'CONFLICT',
      `The data folder ${folder} is in use by ${describeOwner(ownerPath)}. Stop that one, or give this one a data folder of its own (dataFolder, CORDON_DATA_FOLDER).`,
      { cause: error },
    );
  }
  // SQLite never came to be asked: its compiled part is missing, or was made for another Node or another machine
  if (!(error instanceof Database.SqliteError) && !(error instanceof TypeError)) return nativeModuleFailure(error);
  return new CordonError(
    'STORE_DOWN',
    `The data folder ${folder} cannot be locked: does it exist, and may this user write to it?`,
    { cause: error },
  );
}

function nativeModuleFailure(cause: unknown): CordonError {
  const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
  return new CordonError(
    'STORE_DOWN',
    `SQLite cannot be loaded (${why.slice(0, 300)}). The compiled part of better-sqlite3 is missing or was built for another Node than ${process.version} on ${process.platform} ${process.arch}: run "npm rebuild better-sqlite3" where Cordon is installed, or install it again without --ignore-scripts.`,
    { cause },
  );
}

function describeOwner(ownerPath: string): string {
  try {
    const owner = JSON.parse(readFileSync(ownerPath, 'utf8')) as { pid: number; host: string; since: string };
    return `another Cordon (process ${owner.pid} on ${owner.host}, since ${owner.since})`;
  } catch {
    // the owner is between taking the lock and writing its name, or the file was removed by hand
    return 'another Cordon';
  }
}
