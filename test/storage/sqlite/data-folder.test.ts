import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DecisionStore } from '../../../src/ports/decision-store.ts';
import type { Sha256 } from '../../../src/pypi/model.ts';
import { toLockFailure } from '../../../src/storage/sqlite/data-folder-lock.ts';
import { openDatabase } from '../../../src/storage/sqlite/open-database.ts';
import { openSqliteStore } from '../../../src/storage/sqlite/sqlite-store.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import {
  makeAccess,
  makeEntry,
  makeProject,
  makeReport,
  makeStoredFile,
  makeStoredPage,
  PYPI,
  SIX,
} from '../../support/stored-facts.ts';

type AskedFile = { readonly sha256: Sha256; readonly filename: string };

describe('the data folder of the embedded store', () => {
  let folder: string;
  const lost: unknown[] = [];
  const open = (): DecisionStore =>
    openSqliteStore({ folder, clock: fakeClock(), onAccessLost: (error) => lost.push(error) });
  const database = (): string => join(folder, 'cordon.sqlite');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cordon-folder-'));
    lost.length = 0;
  });
  afterEach(async () => rm(folder, { recursive: true }));

  test('says what is in the way when it cannot be made', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');

    expect(() =>
      openSqliteStore({ folder: join(file, 'data'), clock: fakeClock(), onAccessLost: () => undefined }),
    ).toThrow(`${file} is not a folder`);
  });

  test('everything is still there when it is opened again', async () => {
    const file = makeStoredFile('six-1.0.tar.gz');
    const first = open();
    await first.pages.savePage(makeStoredPage([file], 5_000), [file], makeProject(), [
      { kind: 'noted', actor: 'test' },
    ]);
    await first.policy.addEntry(makeEntry(), { kind: 'entry-added', actor: 'ada' });
    await first.access.record([makeAccess()]);
    await first.close();

    const second = open();

    expect(await second.files.findByPath(file.path)).toMatchObject({ key: file.key });
    expect(await second.policy.listEntries()).toEqual([makeEntry()]);
    expect(await second.access.findByProject(SIX, 9)).toEqual([makeAccess()]);
    expect(await second.events.verifyChain()).toBeUndefined();
    expect(await second.installedAt()).toBe(fakeClock().now());
    await second.close();
  });

  test('a second server on one folder is refused and told who has it', async () => {
    const first = open();

    expect(open).toThrow(expect.objectContaining({ code: 'CONFLICT', message: including(`${process.pid}`) }));
    await first.close();
    await open().close();
  });

  test('another process is refused as well, and a killed one leaves no lock behind', async () => {
    const script = `
      const Database = require(${JSON.stringify(createRequire(import.meta.url).resolve('better-sqlite3'))});
      const lock = new Database(process.argv[1], { timeout: 100 });
      lock.exec('PRAGMA locking_mode = EXCLUSIVE');
      lock.exec('BEGIN EXCLUSIVE');
      process.kill(process.pid, 'SIGKILL');`;
    const killed = (): unknown =>
      execFileSync(process.execPath, ['-e', script, join(folder, 'server.lock')], { stdio: 'pipe' });

    expect(killed).toThrow();
    const store = open();
    expect(killed).toThrow(/SQLITE_BUSY|database is locked/u);
    await store.close();
  });

  test('a file that is no database is named, and stays as it is', async () => {
    await writeFile(database(), 'this is not a database, it is a long enough text to be read as one'.repeat(20));

    expect(open).toThrow(expect.objectContaining({ code: 'STORE_DOWN', message: including('damaged') }));
    expect(open).toThrow(expect.objectContaining({ code: 'STORE_DOWN' }));
  });

  test.each([
    ['missing', new Error('Could not locate the bindings file. Tried:\n → /srv/cordon/build/better_sqlite3.node')],
    [
      'built for another Node',
      new Error("The module 'better_sqlite3.node' was compiled against NODE_MODULE_VERSION 115"),
    ],
  ])('a compiled part of SQLite that is %s is named, with what to do', (_what, error) => {
    const failure = toLockFailure(error, folder, join(folder, 'server.lock.owner'));

    expect(failure).toMatchObject({ code: 'STORE_DOWN', cause: error });
    expect(failure.message).toContain(error.message.split('\n')[0]);
    expect(failure.message).toContain('npm rebuild better-sqlite3');
  });

  test('a folder that is not there is named', () => {
    const error = new TypeError('Cannot open database because the directory does not exist');

    expect(toLockFailure(error, folder, '').message).toContain(`${folder} cannot be locked: does it exist`);
  });

  test('a database of a newer Cordon is not touched', async () => {
    await open().close();
    const raw = openDatabase(database(), {});
    raw.exec('PRAGMA user_version = 99');
    raw.close();

    expect(open).toThrow(expect.objectContaining({ code: 'STORE_DOWN', message: including('newer') }));
  });

  test('core metadata kept by the archive alone stays where one filename has it, and goes where two do', async () => {
    const one = makeReport(makeStoredFile('six-1.0-py3-none-any.whl'));
    const shared = makeReport(makeStoredFile('seven-1.0-py3-none-any.whl'));
    const before = open();
    for (const report of [one, shared, { ...shared, filename: 'eight-1.0-py3-none-any.whl' }])
      await before.reports.saveReport(report, 5_000, undefined, []);
    await before.close();
    const raw = openDatabase(database(), {});
    raw.exec(`ALTER TABLE access DROP COLUMN sent_bytes;
      DROP TABLE core_metadata;
      CREATE TABLE core_metadata (sha256 TEXT PRIMARY KEY, digest TEXT NOT NULL, bytes BLOB NOT NULL);
      INSERT INTO core_metadata VALUES ('${one.sha256}', 'one', 'a'), ('${shared.sha256}', 'shared', 'b');
      PRAGMA user_version = 4;`);
    raw.close();

    const store = open();
    const digests = await store.reports.findCoreMetadataDigests([one, shared] as unknown as AskedFile[]);

    expect(digests).toEqual(['one', undefined]);
    await store.close();
  });

  test('a lock held by another program is a clear failure, and nothing is half written', async () => {
    const store = open();
    const shell = openDatabase(database(), {});
    shell.exec('BEGIN IMMEDIATE');

    const added = store.policy.addEntry(makeEntry(), { kind: 'entry-added', actor: 'ada' });

    await expect(added).rejects.toMatchObject({ code: 'STORE_DOWN', message: including('locked') });
    shell.exec('ROLLBACK');
    shell.close();
    expect(await store.policy.listEntries()).toEqual([]);
    expect(await store.events.list({ limit: 9 })).toEqual([]);
    await store.close();
  });

  test('a mutation whose event cannot be written does not happen', async () => {
    const store = open();
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;

    const added = store.policy.addEntry(makeEntry(), { kind: 'entry-added', actor: 'ada', after: circular });

    await expect(added).rejects.toThrow();
    expect(await store.policy.listEntries()).toEqual([]);
    expect(await store.policy.revision()).toBe(0);
    await store.close();
  });

  test('a touched audit log is noticed, at the event that was touched', async () => {
    const store = open();
    await store.events.append(['a', 'b', 'c'].map((kind) => ({ kind, actor: 'ada' })));
    const raw = openDatabase(database(), {});
    raw.exec(`UPDATE events SET body = replace(body, 'ada', 'eve') WHERE seq = 2`);

    expect(await store.events.verifyChain()).toBe(2);

    raw.exec(`UPDATE events SET body = replace(body, 'eve', 'ada') WHERE seq = 2`);
    expect(await store.events.verifyChain()).toBeUndefined();
    raw.exec('DELETE FROM events WHERE seq = 2');
    expect(await store.events.verifyChain()).toBe(3);
    raw.close();
    await store.close();
  });

  test('reading and writing a page of 10,000 files never holds the event loop for long', async () => {
    const files = Array.from({ length: 10_000 }, (_, index) =>
      makeStoredFile(`six-${index}.0-cp312-cp312-manylinux_2_17_x86_64.whl`, {
        uploadTime: '2026-01-01T00:00:00.000000Z',
      }),
    );
    const page = makeStoredPage(files, 5_000);
    const store = open();
    const stall = watchEventLoop();

    await store.pages.savePage(page, files, makeProject(), []);
    await store.pages.savePage({ ...page, revision: 'next' }, files, makeProject(), []);
    expect((await store.pages.findPage(PYPI, SIX))?.page?.files).toHaveLength(10_000);
    const stored = await store.files.findByProject(PYPI, SIX);
    expect(stored).toHaveLength(10_000);
    await store.reports.findFacts(
      stored.flatMap(({ sha256, file }) => (sha256 === undefined ? [] : [{ sha256, filename: file.filename }])),
      'rules-1',
    );

    // the target is 50 ms on a quiet machine; tests share theirs with others
    expect(stall.stop()).toBeLessThan(250);
    await store.close();
  });
});

function watchEventLoop(): { stop(): number } {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  return {
    stop: () => {
      clearInterval(timer);
      if (process.env['SHOW_STALL'] !== undefined) process.stderr.write(`longest stall ${longest} ms\n`);
      return longest;
    },
  };
}

function including(part: string): string {
  return expect.stringContaining(part) as string;
}
