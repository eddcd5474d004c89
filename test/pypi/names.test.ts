import { describe, expect, test } from 'vitest';
import { parseProjectName, parseSha256, parseUpstreamId } from '../../src/pypi/names.ts';

describe('a project name', () => {
  test.each([
    ['Zope.Interface', 'zope-interface'],
    ['a', 'a'],
    ['Foo__-.Bar', 'foo-bar'],
    ['6', '6'],
  ])('%s is normalised', (text, expected) => {
    expect(parseProjectName(text)).toBe(expected);
  });

  test.each([
    [''],
    ['-a'],
    ['a-'],
    ['a b'],
    ['a/b'],
    ['..'],
    ['a\n'],
    ['a\u0000'],
    ['\u017Fix'],
    ['\u212A'],
    ['a%2fb'],
    ['x'.repeat(10_000)],
  ])('%j is none', (text) => {
    expect(parseProjectName(text)).toBeUndefined();
  });
});

test('a sha256 is 64 hex digits, kept in lower case', () => {
  expect(parseSha256('AB'.repeat(32))).toBe('ab'.repeat(32));
  expect(parseSha256('ab'.repeat(31))).toBeUndefined();
  expect(parseSha256(`${'ab'.repeat(32)}\n`)).toBeUndefined();
});

test('an upstream id cannot hold a path separator', () => {
  expect(parseUpstreamId('pypi-2')).toBe('pypi-2');
  expect(parseUpstreamId('a/b')).toBeUndefined();
  expect(parseUpstreamId('-a')).toBeUndefined();
});
