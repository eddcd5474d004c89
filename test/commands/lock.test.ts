import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addLockCommand } from '../../src/commands/lock.ts';
import { runCommand } from './support.ts';

const UV = 'source = { registry = "https://pypi.org/simple" }\n';
const ARGS = ['lock', 'rewrite', '--public-url', 'https://pypi.example.com'];
let folder: string;
let lock: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-lock-'));
  lock = join(folder, 'uv.lock');
  await writeFile(lock, UV);
});
afterEach(() => rm(folder, { recursive: true }));

describe('cordon lock rewrite', () => {
  test('changes the file and says how much', async () => {
    const ran = await runCommand(addLockCommand, [...ARGS, lock]);

    expect(ran.exitCode).toBe(0);
    expect(ran.text).toBe(`${lock}: 1 URL changed\n`);
    expect(await readFile(lock, 'utf8')).toBe('source = { registry = "https://pypi.example.com/simple" }\n');
  });

  test('changes nothing when one of the files cannot be read', async () => {
    const ran = await runCommand(addLockCommand, [...ARGS, lock, join(folder, 'none.lock')]);

    expect(ran.exitCode).toBe(1);
    expect(ran.failure).toMatchObject({ message: expect.stringContaining('no file was changed') as string });
    expect(await readFile(lock, 'utf8')).toBe(UV);
  });

  test('--check exits 1 and leaves the file', async () => {
    const ran = await runCommand(addLockCommand, [...ARGS, '--check', '--json', lock]);

    expect(ran.exitCode).toBe(1);
    expect(JSON.parse(ran.text)).toEqual({ file: lock, changed: 1, files: 0 });
    expect(await readFile(lock, 'utf8')).toBe(UV);
  });

  test('says where a lock file without URLs has its index', async () => {
    const poetry = join(folder, 'poetry.lock');
    await writeFile(poetry, '[[package]]\nname = "six"\n');

    expect((await runCommand(addLockCommand, [...ARGS, poetry])).text).toContain('set that in pyproject.toml');
  });
});
