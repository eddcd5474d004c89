import { expect, test } from 'vitest';
import { findFirstReleaseOddity } from '../../src/policy/first-release.ts';

test.each<[string | undefined, boolean]>([
  ['99.99.99', true],
  ['100.0', true],
  ['9999.0.0', true],
  ['0.1', false],
  ['1.0.0', false],
  ['2026.1', false],
  ['26.1.0', false],
  ['20260115', false],
  ['2004d', false],
  [undefined, false],
])('a first release of version %s is odd: %s', (version, isOdd) => {
  expect(findFirstReleaseOddity(version)?.kind).toBe(isOdd ? 'odd-first-release' : undefined);
});
