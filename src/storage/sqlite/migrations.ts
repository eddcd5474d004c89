import type { Database } from 'better-sqlite3';
import { CordonError } from '../../errors.ts';

/**
 * The schema, step by step; `user_version` counts the steps taken. A merged step is never edited: add another one.
 * Times are UTC ms; JSON and packed columns (packed.ts) hold the port's types.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE pages (
    upstream TEXT NOT NULL, project TEXT NOT NULL, is_present INTEGER NOT NULL, etag TEXT, last_modified TEXT,
    confirmed_at INTEGER NOT NULL, revision TEXT NOT NULL,
    PRIMARY KEY (upstream, project)
  ) WITHOUT ROWID;
  CREATE TABLE page_parts (
    upstream TEXT NOT NULL, project TEXT NOT NULL, part INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (upstream, project, part)
  );
  CREATE TABLE projects (
    upstream TEXT NOT NULL, project TEXT NOT NULL, first_seen_at INTEGER NOT NULL, first_upload_at INTEGER,
    upstream_quarantined_at INTEGER,
    PRIMARY KEY (project, upstream)
  ) WITHOUT ROWID;
  CREATE TABLE facts_revisions (
    upstream TEXT NOT NULL, project TEXT NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (project, upstream)
  ) WITHOUT ROWID;
  CREATE TABLE files (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, upstream TEXT NOT NULL, project TEXT NOT NULL, filename TEXT NOT NULL,
    version TEXT, release_key TEXT, path TEXT NOT NULL UNIQUE, sha256 TEXT, file TEXT NOT NULL, first_seen_at INTEGER NOT NULL,
    removed_at INTEGER, changed TEXT, mismatch TEXT, accepted_at INTEGER, comparison TEXT
  );
  CREATE INDEX files_by_release ON files (project, upstream, release_key);
  CREATE INDEX files_by_sha256 ON files (sha256);

  CREATE TABLE reports (
    id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, filename TEXT NOT NULL, ruleset TEXT NOT NULL,
    scanned_at INTEGER NOT NULL, score REAL NOT NULL, malware_score REAL NOT NULL, headline TEXT, unscannable TEXT,
    ambiguous TEXT,
    UNIQUE (sha256, filename, ruleset)
  );
  CREATE TABLE report_bodies (report_id INTEGER PRIMARY KEY REFERENCES reports (id) ON DELETE CASCADE, body BLOB NOT NULL);
  CREATE TABLE core_metadata (sha256 TEXT PRIMARY KEY, digest TEXT NOT NULL, bytes BLOB NOT NULL);

  CREATE TABLE entries (
    id TEXT PRIMARY KEY, effect TEXT NOT NULL, final INTEGER NOT NULL, scope TEXT NOT NULL, reason TEXT NOT NULL,
    author TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER
  );
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE feeds (feed TEXT PRIMARY KEY, etag TEXT, synced_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE feed_parts (feed TEXT NOT NULL, part INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (feed, part));

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, project TEXT, body TEXT NOT NULL,
    hash TEXT NOT NULL
  );
  CREATE INDEX events_by_project ON events (project, seq) WHERE project IS NOT NULL;
  CREATE INDEX events_by_kind ON events (kind, seq);

  CREATE TABLE access (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, outcome TEXT NOT NULL, project TEXT NOT NULL, filename TEXT NOT NULL,
    sha256 TEXT, client TEXT NOT NULL, user_agent TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL,
    fetch_ms INTEGER, queue_ms INTEGER, scan_ms INTEGER, hold_ms INTEGER
  );
  CREATE INDEX access_by_at ON access (at);
  CREATE INDEX access_by_project ON access (project);
  CREATE INDEX access_by_filename ON access (filename);
  CREATE INDEX access_by_sha256 ON access (sha256);
  CREATE TABLE served (
    sha256 TEXT NOT NULL, filename TEXT NOT NULL, last_at INTEGER NOT NULL, PRIMARY KEY (sha256, filename)
  ) WITHOUT ROWID;

  CREATE TABLE rulesets (ruleset TEXT PRIMARY KEY, first_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE explanations (id TEXT PRIMARY KEY, file_key TEXT NOT NULL UNIQUE) WITHOUT ROWID;
  `,
  // slices of a project are read in the order of their ids: without this index each slice would sort the whole project
  'CREATE INDEX files_by_project ON files (project, upstream);',
  'ALTER TABLE files ADD COLUMN metadata_sha256 TEXT;',
  `
  CREATE TABLE prints (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, print TEXT NOT NULL, upstream TEXT NOT NULL,
    project TEXT NOT NULL, filename TEXT NOT NULL, sha256 TEXT NOT NULL,
    UNIQUE (print, kind, upstream, project)
  );
  CREATE INDEX prints_by_project ON prints (project, upstream, kind, id);
  `,
  // One archive under two names may have two metadata: which folder counts is for the filename to say. Where it is not clear
  // whose a row was, it goes; a rescan brings it back.
  `
  ALTER TABLE core_metadata RENAME TO core_metadata_by_sha256;
  CREATE TABLE core_metadata (
    sha256 TEXT NOT NULL, filename TEXT NOT NULL, digest TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (sha256, filename)
  );
  INSERT INTO core_metadata (sha256, filename, digest, bytes)
    SELECT m.sha256, MIN(r.filename), m.digest, m.bytes
    FROM core_metadata_by_sha256 AS m JOIN reports AS r ON r.sha256 = m.sha256
    GROUP BY m.sha256 HAVING COUNT(DISTINCT r.filename) = 1;
  DROP TABLE core_metadata_by_sha256;
  `,
  'ALTER TABLE access ADD COLUMN sent_bytes INTEGER;',
];

/** Brings the schema up to date in one transaction. Throws STORE_DOWN when the database is from a newer Cordon. */
export function migrate(database: Database, now: number): void {
  const steps = database.prepare<[], number>('PRAGMA user_version').pluck().get() ?? 0;
  if (steps > MIGRATIONS.length) {
    throw new CordonError(
      'STORE_DOWN',
      `The decision store ${database.name} was written by a newer Cordon (schema ${steps}, this one knows ${MIGRATIONS.length}). Start that version, or restore the backup from before the update.`,
    );
  }
  database.exec('PRAGMA foreign_keys = ON');
  database.transaction(() => {
    for (const step of MIGRATIONS.slice(steps)) database.exec(step);
    database.prepare(`INSERT OR IGNORE INTO meta VALUES ('installed-at', ?)`).run(String(now));
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  })();
}
