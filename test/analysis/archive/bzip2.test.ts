import { describe, expect, test } from 'vitest';
import { bunzip2 } from '../../../src/analysis/archive/bzip2.ts';
import { Bzip2Error } from '../../../src/analysis/archive/bzip2-codes.ts';

/** What Python's bz2.compress made of each text (one character a byte). */
const compressed: readonly (readonly [what: string, base64: string, text: string])[] = [
  ['text', 'QlpoOTFBWSZTWabRXogAAA1RAAAQQAACRKAAMMAClQybGR5esjUfF3JFOFCQptFeiA==', 'hello hello hello\n'.repeat(3)],
  [
    'long runs',
    'QlpoOTFBWSZTWUldsdQAAMbRAKAABAAwAAAIIAAwzQBSpibpwhbgojbsEL4u5IpwoSCSu2Oo',
    `${'a'.repeat(100_000)}bbbbb`,
  ],
  ['runs of just four', 'QlpoOTFBWSZTWTHVPOgAAAVBAEAAMAAgACEpvVBmCpO3i7kinChIGOqedAA=', 'aaaabbbbaaaa'],
  ['nothing', 'QlpoORdyRThQkAAAAAA=', ''],
  [
    'two streams',
    'QlpoOTFBWSZTWWSMu3MAAAABADgAIAAhmBmEYXckU4UJBkjLtzBCWmg5MUFZJlNZQjyw+QAAAAEABwAgACGYGYRhdyRThQkEI8sPkA==',
    'abcdef',
  ],
  [
    'every byte',
    'QlpoOTFBWSZTWba17pUAAAB/////////////////////////////////////////////sADFUgAAAAAAAAAAAAAAAAAAAAABMAmAAAAAAAAAAAAAAEwABMAEmAAmAAJgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAkwAEwABMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPwCAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/gIGCg4SFhoeIiYqLjI2Oj5CRkpWWl5iZmpucnZ6foKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr/AwcLDxMXGxcbHyMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9F3JFOFCQtrXulQ=',
    String.fromCharCode(...Array.from({ length: 256 }, (_unused, byte) => byte)),
  ],
];

const HELLO = Buffer.from(compressed[0]?.[1] ?? '', 'base64');

describe('bunzip2', () => {
  test.each(compressed)('decompresses %s', (_what, base64, text) => {
    expect(Buffer.from(bunzip2(Buffer.from(base64, 'base64'), 1_000_000)).toString('latin1')).toBe(text);
  });

  test('refuses what is longer than asked for', () => {
    expect(() => bunzip2(HELLO, 10)).toThrow(Bzip2Error);
  });

  test('refuses data that is cut off at any byte', () => {
    for (let length = 0; length < HELLO.length; length += 1) {
      expect(() => bunzip2(HELLO.subarray(0, length), 1_000)).toThrow(Bzip2Error);
    }
  });

  test('refuses data with any byte changed, or gives the same text', () => {
    for (let at = 0; at < HELLO.length; at += 1) {
      const changed = Buffer.from(HELLO);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      let text = '';
      try {
        text = Buffer.from(bunzip2(changed, 1_000)).toString();
      } catch (error) {
        expect(error).toBeInstanceOf(Bzip2Error);
      }
      expect(['', 'hello hello hello\n'.repeat(3)]).toContain(text);
    }
  });
});
