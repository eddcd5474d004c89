// Owns the embedded decision store: one SQLite file in the data folder, one room of the port per file of this folder.
// May import better-sqlite3 (nobody else may), ports, policy's pure parts and storage/*.ts. Start at openSqliteStore.
// Main thread only; long lists are read and written in slices, so that no question holds the event loop.
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CordonError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DecisionStore } from '../../ports/decision-store.ts';
import { openConnection } from './connection.ts';
import { lockDataFolder } from './data-folder-lock.ts';
import { sqliteAccess } from './sqlite-access.ts';
import { sqliteEvents } from './sqlite-events.ts';
import { sqliteExplanations, sqliteFeeds, sqliteRuleset } from './sqlite-feeds.ts';
import { sqliteFiles } from './sqlite-files.ts';
import { sqlitePages } from './sqlite-pages.ts';
import { sqlitePolicy } from './sqlite-policy.ts';
import { sqlitePrints } from './sqlite-prints.ts';
import { sqliteReports } from './sqlite-reports.ts';

export interface SqliteStoreDeps {
  /** the data folder; made when absent */
  readonly folder: string;
  readonly clock: Clock;
  /** hears of a batch of access records that could not be written; they are kept and tried again with the next one */
  readonly onAccessLost: (error: unknown) => void;
}

const DATABASE = 'cordon.sqlite';

/** Whether a store was ever opened in this folder. */
export function hasSqliteStore(folder: string): boolean {
  return existsSync(join(folder, DATABASE));
}

/**
 * Opens the store of a data folder for this process alone.
 *
 * @throws CONFLICT when another Cordon uses the folder; STORE_DOWN, with what to do, when the database cannot be used
 */
export function openSqliteStore(deps: SqliteStoreDeps): DecisionStore {
  makeFolder(deps.folder);
  const lock = lockDataFolder(deps.folder, deps.clock.now());
  try {
    const connection = openConnection(join(deps.folder, DATABASE), deps.clock.now());
    const { append, events } = sqliteEvents(connection, deps.clock);
    const files = sqliteFiles(connection, append);
    const access = sqliteAccess(connection, deps.onAccessLost);
    const findInstalledAt = connection.database
      .prepare<[], string>(`SELECT value FROM meta WHERE name = 'installed-at'`)
      .pluck();
    return {
      pages: sqlitePages(connection, files, append),
      files: files.room,
      reports: sqliteReports(connection, append, access.flush),
      policy: sqlitePolicy(connection, append),
      feeds: sqliteFeeds(connection, append),
      events,
      access: access.room,
      ruleset: sqliteRuleset(connection),
      prints: sqlitePrints(connection),
      explanations: sqliteExplanations(connection),
      installedAt: () => connection.ask(() => Number(findInstalledAt.get())),
      close: async () => {
        try {
          await access.flush();
        } finally {
          connection.close();
          lock.release();
        }
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The nearest thing on the way that is there, when it is what hinders: mkdir itself answers ENOENT on a read-only disk. */
function describeHindrance(folder: string): string {
  let place = folder;
  while (!existsSync(place) && place !== dirname(place)) place = dirname(place);
  if (!statSync(place).isDirectory()) return `: ${place} is not a folder`;
  try {
    accessSync(place, constants.W_OK);
  } catch (error) {
    const isReadOnly = (error as NodeJS.ErrnoException).code === 'EROFS';
    return isReadOnly ? `: ${place} is on a read-only file system` : `: this user may not write to ${place}`;
  }
  return place === folder ? '' : `: no folder can be made in ${place}`;
}

/** One level after the other: where mkdir says ENOENT below a folder that is there (/proc), Node's `recursive` tries for ever. */
function makeLevels(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeLevels(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // somebody else may have made it; a link to nowhere is there as well
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !existsSync(folder)) throw error;
  }
}

function makeFolder(folder: string): void {
  let cause: unknown;
  try {
    makeLevels(folder);
  } catch (error) {
    cause = error;
  }
  const hindrance = describeHindrance(folder);
  if (cause === undefined && hindrance === '') return;
  throw new CordonError(
    'STORE_DOWN',
    `The data folder ${folder} cannot be used${hindrance}. Name another one: --data-folder, CORDON_DATA_FOLDER, or dataFolder in the settings.`,
    { cause },
  );
}
