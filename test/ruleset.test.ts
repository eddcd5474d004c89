import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestRuleset } from '../src/ruleset.ts';

let folder: string;
const files: Readonly<Record<string, string>> = {
  'dist/analysis/engine.js': 'one',
  'dist/pypi/names.js': 'two',
  'dist/scan/child.js': 'three',
  'dist/gate/file.js': 'four',
  'rules/limits.yaml': 'five',
};

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
const digest = (): string => digestRuleset(join(folder, 'dist'), join(folder, 'rules'));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-ruleset-'));
  for (const [path, text] of Object.entries(files)) write(path, text);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test.each(['dist/analysis/engine.js', 'dist/pypi/names.js', 'dist/scan/child.js', 'rules/limits.yaml'])(
  'another %s is another ruleset',
  (path) => {
    const before = digest();

    write(path, 'changed');

    expect(digest()).not.toBe(before);
  },
);

test('a new detector is another ruleset, whatever its name', () => {
  const before = digest();

  write('dist/analysis/detectors/new.js', '');

  expect(digest()).not.toBe(before);
});

test.each(['dist/gate/file.js', 'dist/analysis/.tsbuildinfo', 'dist/analysis/engine.d.ts'])(
  'another %s is the same ruleset',
  (path) => {
    const before = digest();

    write(path, 'changed');

    expect(digest()).toBe(before);
  },
);
