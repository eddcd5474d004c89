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
    expect(await readFile(lock, 'utf8')).toBe('source = { registry = "https://pypi.example.com/simple/" }\n');
  });

  test('changes nothing when one of the files cannot be read', async () => {
    const ran = await runCommand(addLockCommand, [...ARGS, lock, join(folder, 'none.lock')]);

    expect(ran.exitCode).toBe(1);
    expect(ran.failure).toMatchObject({ message: expect.stringContaining('no file was changed') as string });
    expect(await readFile(lock, 'utf8')).toBe(UV);
  });

  test('leaves a file alone whose bytes it could not write back', async () => {
    const latin1 = Buffer.from('# caf\xe9\n--index-url https://pypi.org/simple/\n', 'latin1');
    await writeFile(lock, latin1);

    const ran = await runCommand(addLockCommand, [...ARGS, lock]);

    expect(ran.exitCode).toBe(2);
    expect(String(ran.failure)).toContain('is not UTF-8');
    expect(await readFile(lock)).toEqual(latin1);
  });

  test('--check exits 1 and leaves the file', async () => {
    const ran = await runCommand(addLockCommand, [...ARGS, '--check', '--json', lock]);

    expect(ran.exitCode).toBe(1);
    expect(JSON.parse(ran.text)).toEqual({ file: lock, changed: 1, files: 0, elsewhere: [] });
    expect(await readFile(lock, 'utf8')).toBe(UV);
  });

  test('names what still goes past Cordon, and --check exits 1 for it', async () => {
    await writeFile(lock, `${UV}sdist = { url = "https://evil.invalid/six-1.0.tar.gz" }\n`);

    const written = await runCommand(addLockCommand, [...ARGS, lock]);
    const checked = await runCommand(addLockCommand, [...ARGS, '--check', lock]);

    expect(written.exitCode).toBe(0);
    expect(written.text).toContain('past Cordon: https://evil.invalid/six-1.0.tar.gz');
    expect(checked.exitCode).toBe(1);
    expect(checked.text).toContain('past Cordon: https://evil.invalid/six-1.0.tar.gz');
  });

  test('says of requirements without a URL that the installer knows the index', async () => {
    const requirements = join(folder, 'requirements.txt');
    await writeFile(requirements, 'six==1.17.0 --hash=sha256:00\n');

    const ran = await runCommand(addLockCommand, [...ARGS, requirements]);

    expect(ran.text).toContain('it names no index: set that for the installer');
  });

  test('says nothing of the sort where Cordon is named already', async () => {
    await writeFile(lock, 'source = { registry = "https://pypi.example.com/simple" }\n');

    expect((await runCommand(addLockCommand, [...ARGS, lock])).text).toBe(`${lock}: 0 URLs changed\n`);
  });

  test('says where a lock file without URLs has its index', async () => {
    const poetry = join(folder, 'poetry.lock');
    await writeFile(poetry, '[[package]]\nname = "six"\n');

    expect((await runCommand(addLockCommand, [...ARGS, poetry])).text).toContain('set that in pyproject.toml');
  });

  test('--check looks at the project beside a poetry.lock: its sources are asked, not those of the lock', async () => {
    const poetry = join(folder, 'poetry.lock');
    const project = join(folder, 'pyproject.toml');
    await writeFile(poetry, 'url = "https://pypi.example.com/simple"\nreference = "mirror"\n');
    await writeFile(project, '[[tool.poetry.source]]\nname = "mirror"\nurl = "https://pypi.org/simple/"\n');

    const past = await runCommand(addLockCommand, [...ARGS, '--check', poetry]);
    await writeFile(project, '[[tool.poetry.source]]\nname = "mirror"\nurl = "https://pypi.example.com/simple/"\n');
    const through = await runCommand(addLockCommand, [...ARGS, '--check', poetry]);

    expect(past.exitCode).toBe(1);
    expect(past.text).toContain('past Cordon: https://pypi.org/simple/ (a source of Poetry: see pyproject.toml)');
    expect(through.exitCode).toBe(0);
  });
});
