import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DETECTORS } from '../../../src/analysis/detectors/index.ts';

const SOURCES = readdirSync(fileURLToPath(new URL('../../../src/analysis/detectors', import.meta.url)));
const TESTS = readdirSync(fileURLToPath(new URL('.', import.meta.url)));
/** what the folder holds beside detectors: their contract and their list */
const CONTRACT = new Set(['detector', 'index']);

const IDS = DETECTORS.map((detector) => detector.id);

const stemsOf = (files: readonly string[], suffix: string): string[] =>
  files.filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length));

test('the list is sorted and names each detector once', () => {
  expect(IDS).toEqual([...new Set(IDS)].sort());
});

test('every detector has a source, a description and a test of its name', () => {
  const wanted = IDS.flatMap((id) => [`${id}.ts`, `${id}.md`, `${id}.test.ts`]);
  const found = new Set([...SOURCES, ...TESTS]);

  expect(wanted.filter((file) => !found.has(file))).toEqual([]);
});

test('every source of the folder is in the list', () => {
  const unlisted = stemsOf(SOURCES, '.ts').filter((stem) => !CONTRACT.has(stem) && !IDS.includes(stem));

  expect(unlisted).toEqual([]);
});

test('no description and no test is left of a detector that is gone', () => {
  const left = [...stemsOf(SOURCES, '.md'), ...stemsOf(TESTS, '.test.ts')].filter(
    (stem) => stem !== 'parity' && !CONTRACT.has(stem) && !IDS.includes(stem),
  );

  expect(left).toEqual([]);
});
