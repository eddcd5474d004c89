import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openPopularNames } from '../../src/feeds/popular-names.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { silentLog } from '../fakes/silent-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'cordon-popular-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const write = (path: string, text: string, second: number): void => {
  writeFileSync(path, text);
  utimesSync(path, second, second);
};

describe('the popular names', () => {
  test('are read again within a minute of a change, from either format', () => {
    const path = join(folder, 'names.txt');
    const clock = fakeClock(0);
    write(path, 'requests # the first\nsix\n', 1);
    const names = openPopularNames(path, { clock, log: silentLog });
    write(path, '{"last_update": "x", "rows": [{"project": "Flask_SQLAlchemy", "download_count": 5}]}', 2);

    expect([...names().names]).toEqual(['requests', 'six']);
    clock.advance(60_000);
    expect([...names().names]).toEqual(['flask-sqlalchemy']);
  });

  test('stay as they were when the file is gone or empty', () => {
    const path = join(folder, 'gone.txt');
    const clock = fakeClock(0);
    write(path, 'six\n', 1);
    const names = openPopularNames(path, { clock, log: silentLog });

    write(path, '# nothing\n', 2);
    clock.advance(60_000);
    expect([...names().names]).toEqual(['six']);
    rmSync(path);
    clock.advance(60_000);
    expect([...names().names]).toEqual(['six']);
  });

  test('must be there at the start', () => {
    expect(() => openPopularNames(join(folder, 'none'), { clock: fakeClock(0), log: silentLog })).toThrow(
      /popularProjectsFile/u,
    );
  });
});
