import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { editDistance, findNearest } from '../../src/policy/edit-distance.ts';
import { findLookalike, parsePopularNames } from '../../src/policy/name-confusion.ts';
import type { ProjectName } from '../../src/pypi/model.ts';
import { parseProjectName } from '../../src/pypi/names.ts';

const TEXT = readFileSync(new URL('../../config/rules/popular-projects.txt', import.meta.url), 'utf8');
const POPULAR = parsePopularNames(TEXT);
const looksLike = (name: string): string | undefined => {
  const found = findLookalike(name as ProjectName, POPULAR);
  return found === undefined ? undefined : `${found.popular} ${found.confusion}`;
};

describe('a name that looks like a popular one', () => {
  test.each([
    ['reqeusts', 'requests typo'],
    ['requestss', 'requests typo'],
    ['urlib3', 'urllib3 typo'],
    ['beautifulsuop4', 'beautifulsoup4 typo'],
    ['tensorfllowe', 'tensorflow typo'],
    ['pythondateutil', 'python-dateutil separator'],
    ['beautiful-soup4', 'beautifulsoup4 separator'],
    ['dateutil-python', 'python-dateutil word-order'],
    ['c0lorama', 'colorama homoglyph'],
    ['nurnpy', 'numpy homoglyph'],
    ['python-requests', 'requests affix'],
    ['requests2', 'requests affix'],
    ['colorama-fixed', 'colorama affix'],
  ])('%s: %s', (name, expected) => {
    expect(looksLike(name)).toBe(expected);
  });

  test.each(['requests', 'python-dateutil', 'requests-toolbelt', 'our-internal-tool', 'sux', 'zzz', 'flask-profiler'])(
    '%s is not one',
    (name) => {
      expect(looksLike(name)).toBeUndefined();
    },
  );

  test('is found in a moment', () => {
    const startedAt = performance.now();
    for (let index = 0; index < 100; index++) looksLike(`some-longer-name-${index}`);

    expect((performance.now() - startedAt) / 100).toBeLessThan(20);
  });
});

test('the list holds at least 500 normalised names, each once', () => {
  const lines = TEXT.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  expect(lines.length).toBeGreaterThanOrEqual(500);
  expect(new Set(lines).size).toBe(lines.length);
  expect(lines.filter((line) => parseProjectName(line) !== line)).toEqual([]);
});

test.each([
  ['kitten', 'sitting', 3],
  ['ab', 'ba', 1],
  ['six', 'six', 0],
  ['', 'six', 3],
  ['six', 'torch', 4],
])('%s and %s are %i typing errors apart, up to a limit', (a, b, expected) => {
  expect(editDistance(a, b, 3)).toBe(expected);
  expect(editDistance(b, a, 3)).toBe(expected);
});

test('a mistyped word finds the nearest known one, a strange one none', () => {
  expect(findNearest('filname', ['filename', 'final', 'project'])).toBe('filename');
  expect(findNearest('whatever', ['filename', 'final', 'project'])).toBeUndefined();
});
