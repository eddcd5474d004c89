import { expect, test } from 'vitest';
import type { FeedRecord } from '../../src/policy/facts.ts';
import { matchFeed } from '../../src/policy/feed-match.ts';
import { MAL } from './policy-facts.ts';

const names = (record: Partial<FeedRecord>, version: string | undefined): boolean =>
  matchFeed([{ ...MAL, ...record }], version).length > 0;

test.each<[string, Partial<FeedRecord>, string | undefined, boolean]>([
  ['no versions: the whole project', {}, '1.0', true],
  ['a listed version', { versions: ['1.82.7', '1.82.8'] }, '1.82.8', true],
  ['another version', { versions: ['1.82.7', '1.82.8'] }, '1.82.6', false],
  ['a version in another spelling', { versions: ['1.0'] }, 'v1.0.0', true],
  ['a pre-release in another spelling', { versions: ['1.0rc1'] }, '1.0-RC.1', true],
  ['a version of no PEP 440', { versions: ['2004d'] }, '2004D', true],
  ['an empty list of versions', { versions: [] }, '1.0', false],
  ['from a version on', { ranges: [{ introduced: '1.0' }] }, '2.0', true],
  ['before a range', { ranges: [{ introduced: '1.0' }] }, '0.9', false],
  ['the first version of a range', { ranges: [{ introduced: '1.0', fixed: '1.2' }] }, '1.0', true],
  ['the fixed version', { ranges: [{ introduced: '1.0', fixed: '1.2' }] }, '1.2', false],
  ['the last affected version', { ranges: [{ introduced: '0', lastAffected: '1.2' }] }, '1.2.0', true],
  ['after the last affected version', { ranges: [{ introduced: '0', lastAffected: '1.2' }] }, '1.2.1', false],
  ['the second of two ranges', { ranges: [{ introduced: '0', fixed: '1' }, { introduced: '2' }] }, '2.5', true],
  ['between two ranges', { ranges: [{ introduced: '0', fixed: '1' }, { introduced: '2' }] }, '1.5', false],
  ['a file that says no version', { versions: ['1.0'] }, undefined, true],
])('a record names a release: %s', (_case, record, version, expected) => {
  expect(names(record, version)).toBe(expected);
});
