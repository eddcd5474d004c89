import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseThresholds } from '../../src/policy/parse-thresholds.ts';

test('the shipped thresholds are readable', () => {
  const text = readFileSync(new URL('../../config/rules/thresholds.yaml', import.meta.url), 'utf8');

  expect(parseThresholds(text)).toEqual({ refuse: 10, quarantine: 5 });
});

test.each([
  ['quarantine: 5', /refuse/u],
  ['quarantine: 5\nrefuse: 10\nblock: 12', /block/u],
  ['quarantine: 12\nrefuse: 10', /not be above/u],
  ['quarantine: 0\nrefuse: 10', /quarantine/u],
])('others are refused by name: %j', (text, message) => {
  expect(() => parseThresholds(text)).toThrow(message);
});
