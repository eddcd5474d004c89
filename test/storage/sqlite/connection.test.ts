import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openConnection } from '../../../src/storage/sqlite/connection.ts';

describe('a database in trouble', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cordon-connection-'));
    path = join(folder, 'cordon.sqlite');
  });
  afterEach(async () => rm(folder, { recursive: true }));

  test('without space: says so, and keeps what was stored', async () => {
    const { database, ask, change, close } = openConnection(path, 0);
    const insert = database.prepare<[string, string]>('INSERT INTO settings (name, value) VALUES (?, ?)');
    const count = database.prepare<[], number>('SELECT COUNT(*) FROM settings').pluck();
    await change(() => insert.run('a', 'small'));
    const pages = database.prepare<[], number>('PRAGMA page_count').pluck().get();
    database.exec(`PRAGMA max_page_count = ${String(pages)}`);

    const full = change(() => {
      insert.run('b', 'small');
      insert.run('c', 'x'.repeat(1_000_000));
    });

    await expect(full).rejects.toMatchObject({
      code: 'STORE_DOWN',
      message: expect.stringContaining('No space') as string,
    });
    expect(await ask(() => count.get())).toBe(1);
    close();
  });

  test('damaged in the middle: says what is lost and what is not, and leaves the file as it is', async () => {
    const first = openConnection(path, 0);
    const insert = first.database.prepare<[string, string]>('INSERT INTO settings (name, value) VALUES (?, ?)');
    await first.change(() => {
      for (let index = 0; index < 2_000; index++) insert.run(`name ${index}`, 'x'.repeat(200));
    });
    first.close();
    const file = await open(path, 'r+');
    const { size } = await file.stat();
    for (let page = 4; page * 4096 < size; page++) await file.write(Buffer.alloc(4096, 0xab), 0, 4096, page * 4096);
    await file.close();

    const read = async (): Promise<unknown> => {
      const second = openConnection(path, 0);
      const all = second.database.prepare('SELECT * FROM settings');
      return second.ask(() => all.all()).finally(second.close);
    };

    await expect(read()).rejects.toMatchObject({
      code: 'STORE_DOWN',
      message: expect.stringMatching(/damaged .*backup.*only in this file/u) as string,
    });
  });

  test('its errors do not leave it, whatever they are', async () => {
    const { database, ask, close } = openConnection(path, 0);

    await expect(ask(() => database.exec('SELECT * FROM nothing'))).rejects.toMatchObject({ name: 'CordonError' });
    close();
  });
});
