import { describe, expect, test } from 'vitest';
import { LzmaError, unlzma, unlzmaStrict } from '../../../src/analysis/archive/lzma.ts';

/** What Python's lzma.compress made of each text. */
const compressed: readonly (readonly [what: string, base64: string, text: string])[] = [
  [
    'text',
    '/Td6WFoAAAFpIt42AgAhARYAAAB0L+Wj4AA1AA9dADQZSe6N6U9+IekX/lHgAAAAGBgB2gABJzbXkvk1kEKZDQEAAAAAAVla',
    'hello hello hello\n'.repeat(3),
  ],
  [
    'with CRC-64',
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4ABQAAldADCYiKt2lRmAAAAAAACuN5Z6GWLENgABJVGuBBnUH7bzfQEAAAAABFla',
    'abcabcabc'.repeat(9),
  ],
  [
    'with SHA-256',
    '/Td6WFoAAArh+wyhAgAhARYAAAB0L+Wj4ABQAAldADCYiKt2lRmAAAAAAABZWOu1RozfUJFHkCZ8r9O2p8irjmebcVSHxoNkGvDgmAABPVH3nAJWGJtLmgEAAAAAClla',
    'abcabcabc'.repeat(9),
  ],
  ['nothing', '/Td6WFoAAATm1rRGAAAAABzfRCEftvN9AQAAAAAEWVo=', ''],
  [
    'two streams',
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQACYWJjAAAndicaSgnYLAABGwMLL7kQH7bzfQEAAAAABFlaAAAAAP03elhaAAAE5ta0RgIAIQEWAAAAdC/lowEAAmRlZgAAOmTwC8QhRBsAARsDCy+5EB+2830BAAAAAARZWg==',
    'abcdef',
  ],
  [
    'long runs',
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4YafAFNdADDv+7/+o7Fe5fg/sqomVfhocEFwFQ+N/R5MG4pCtxn0aRhxrmYjiopNL6MN2X+m44wjEVPgWRjFdYrid/i2lH8MasDedElk4ulcU7IE1rH1lwAAAACEpzDhtOgkwQABb6CNBgAAkORuUbHEZ/sCAAAAAARZWg==',
    'a'.repeat(100_000),
  ],
];

/** The first text as `.lzma`, which has an end mark instead of a size, with other literal and position bits. */
const ALONE = 'QAAAgAD//////////wA0GUoFcPSI6YGrzXr02UP//hJoAA==';

const HELLO = Buffer.from(compressed[0]?.[1] ?? '', 'base64');

describe('xz', () => {
  test.each(compressed)('decompresses %s', (_what, base64, text) => {
    const input = Buffer.from(base64, 'base64');

    const result = unlzma(input, 1_000_000);

    expect(Buffer.from(result?.bytes ?? []).toString()).toBe(text);
    expect(result).toMatchObject({ isComplete: true, consumedBytes: input.length });
  });

  test('refuses what is longer than asked for', () => {
    expect(() => unlzmaStrict(HELLO, 10)).toThrow(LzmaError);
  });

  test('refuses data that is cut off at any byte', () => {
    for (let length = 0; length < HELLO.length; length += 1) {
      expect(() => unlzmaStrict(HELLO.subarray(0, length), 1_000)).toThrow(LzmaError);
    }
  });
});

describe('.lzma', () => {
  const input = Buffer.from(ALONE, 'base64');

  test('decompresses up to the end mark', () => {
    expect(Buffer.from(unlzmaStrict(input, 1_000)).toString()).toBe('hello hello hello\n'.repeat(3));
  });

  test('refuses data that is cut off at any byte', () => {
    for (let length = 0; length < input.length; length += 1) {
      expect(() => unlzmaStrict(input.subarray(0, length), 1_000)).toThrow(LzmaError);
    }
  });
});
