import { describe, expect, test } from 'vitest';
import { compareVersions, isPrerelease, normaliseVersion } from '../../src/pypi/version.ts';

describe('normal form', () => {
  test.each([
    [' v1.0-ALPHA_2.post-3.dev \n', '1.0a2.post3.dev0'],
    ['1.0-1', '1.0.post1'],
    ['01!2.00', '1!2.0'],
    ['1.0+Ubuntu-01_x', '1.0+ubuntu.1.x'],
    ['1.0c1', '1.0rc1'],
    ['20230101010101010101', '20230101010101010101'],
  ])('%j → %s', (text, expected) => {
    expect(normaliseVersion(text)).toBe(expected);
  });

  test.each([['2004d'], ['1.0-'], [''], ['1..0'], ['1.0+'], ['1.0a1b1'], ['\u0663'], ['1'.repeat(600)]])(
    '%j is no version',
    (text) => {
      expect(normaliseVersion(text)).toBeUndefined();
    },
  );
});

describe('order', () => {
  test('follows PEP 440 from development releases to local versions', () => {
    const ordered = [
      'garbage',
      '1.dev0',
      '1.0.dev456',
      '1.0a1',
      '1.0a2.dev456',
      '1.0a12.dev456',
      '1.0a12',
      '1.0b1.dev456',
      '1.0b2.post345.dev456',
      '1.0b2.post345',
      '1.0rc1.dev456',
      '1.0rc1',
      '1.0',
      '1.0+abc.5',
      '1.0+abc.7',
      '1.0+5',
      '1.0.post456.dev34',
      '1.0.post456',
      '1.1.dev1',
      '20230101010101010101',
      '20230101010101010102',
      '1!0.1',
    ];

    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
  });

  test('trailing zeros and spellings do not matter', () => {
    expect(compareVersions('1.0', ' 1.0.0 ')).toBe(0);
    expect(compareVersions('1.0rc1', '1.0.0-C-1')).toBe(0);
  });
});

test('a development release is a pre-release, a post-release is not', () => {
  expect(['1.0rc1', '1.0.dev1', '1.0.post1.dev1'].every(isPrerelease)).toBe(true);
  expect(['1.0', '1.0.post1', '1.0+a', 'x'].some(isPrerelease)).toBe(false);
});
