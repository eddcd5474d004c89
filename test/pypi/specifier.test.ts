import { expect, test } from 'vitest';
import { matchesSpecifier, parseSpecifier } from '../../src/pypi/specifier.ts';

function matches(version: string, text: string): boolean {
  const specifier = parseSpecifier(text);
  if (specifier === undefined) throw new Error(`not a specifier: ${text}`);
  return matchesSpecifier(version, specifier);
}

// Each row agrees with pypa/packaging 26.
test.each([
  ['1.5', '>=1.0,<2', true],
  ['2.0rc1', '>=1.0,<2', false],
  ['2.0rc1', '>=1.0', true],
  ['2.0rc1', '<2.0rc2', true],
  ['1.0.post1', '>1.0', false],
  ['1.0.post2', '>1.0.post1', true],
  ['1.0+local', '>1.0', false],
  ['1.0+local', '==1.0', true],
  ['1.0+other', '==1.0+local', false],
  ['1', '==1.0.*', true],
  ['1.10', '==1.1.*', false],
  ['1!1.0', '==1.*', false],
  ['1.4.5', '~=1.4.2', true],
  ['1.5', '~=1.4.2', false],
  ['1.0.dev1', '<1.0.post2', true],
  ['2004d', '===2004D', true],
  ['2004d', '>=0', false],
  ['2004d', '', true],
  ['20230101010101010102', '<=20230101010101010101', false],
])('%s against %s: %s', (version, specifier, expected) => {
  expect(matches(version, specifier)).toBe(expected);
});

test.each([['1.0'], ['=1.0'], ['>=1.0.*'], ['~=1'], ['>=1.0+local'], ['==1.0.dev1.*'], ['>=1,'], ['>=x'], ['>= 1 2']])(
  '%j is refused',
  (text) => {
    expect(parseSpecifier(text)).toBeUndefined();
  },
);
