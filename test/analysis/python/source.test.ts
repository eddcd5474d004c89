import { describe, expect, test } from 'vitest';
import { decodeSource } from '../../../src/analysis/python/source.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('the codec of a Python file is found as PEP 263 says', () => {
  test.each([
    ['nothing', Buffer.from('x = "é"\n'), 'utf_8', 'x = "é"\n'],
    ['a BOM', Buffer.from('\ufeffx = "é"\n'), 'utf_8', 'x = "é"\n'],
    ['a cookie in line 1', bytes('# -*- coding: latin-1 -*-\n"\xe9"'), 'latin_1', '# -*- coding: latin-1 -*-\n"é"'],
    [
      'a cookie in line 2',
      bytes('#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n"\x80"'),
      'cp1252',
      '#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n"€"',
    ],
    ['a cookie in line 3', Buffer.from('\n\n# coding: latin-1\n"é"'), 'utf_8', '\n\n# coding: latin-1\n"é"'],
    ['a cookie below code', Buffer.from('x\n# coding: latin-1\n"é"'), 'utf_8', 'x\n# coding: latin-1\n"é"'],
    [
      'shift_jis',
      Buffer.concat([bytes('# coding: shift_jis\n"'), Buffer.from([0x83, 0x6e]), bytes('"')]),
      'shift_jis',
      '# coding: shift_jis\n"ハ"',
    ],
    ['koi8-r', bytes('# coding: koi8-r\n"\xc1"'), 'koi8_r', '# coding: koi8-r\n"а"'],
  ])('%s', (_what, file, encoding, text) => {
    expect(decodeSource(file)).toEqual({ encoding, text });
  });
});

describe('what Python would not read as it looks is reported, and read all the same', () => {
  test.each([
    ['bytes that are not UTF-8', bytes('"\xe9"'), 'invalid-bytes', '"é"'],
    ['bytes beyond ASCII under ascii', Buffer.from('# coding: ascii\n"é"'), 'invalid-bytes', '# coding: ascii\n"é"'],
    ['an unknown codec', bytes('# coding: no-such\nx'), 'unknown-codec', '# coding: no-such\nx'],
    ['punycode', bytes('# coding: punycode\nx'), 'unknown-codec', '# coding: punycode\nx'],
    ['a BOM and another cookie', Buffer.from('\ufeff# coding: latin-1\nx'), 'bom-conflict', '# coding: latin-1\nx'],
    ['UTF-16', Buffer.from('\ufeffimport os', 'utf16le'), 'utf-16', 'import os'],
    ['NUL bytes', bytes('x\0'), 'nul', 'x\0'],
    ['rot13', bytes('# coding: rot13\nvzcbeg bf\n'), 'python-2-codec', '# pbqvat: ebg13\nimport os\n'],
    ['a code page without a table', bytes('# coding: cp437\n"\x82"'), 'ascii-only', '# coding: cp437\n"\x82"'],
  ])('%s', (_what, file, kind, text) => {
    expect(decodeSource(file)).toMatchObject({ text, problem: { kind } });
  });

  test.each([
    ['utf-7', '# coding: utf-7\n#+AAo-import os', '# coding: utf-7\n#\nimport os'],
    ['unicode_escape', '# coding: unicode_escape\n#\\nimport os\\x3b', '# coding: unicode_escape\n#\nimport os;'],
    [
      'raw_unicode_escape',
      '# coding: raw_unicode_escape\n#\\u000aimport os',
      '# coding: raw_unicode_escape\n#\nimport os',
    ],
  ])('a comment under %s can be code', (_codec, file, text) => {
    expect(decodeSource(bytes(file))).toMatchObject({ text, problem: { kind: 'escape-codec' } });
  });

  test('raw_unicode_escape reads no escape behind an even number of backslashes', () => {
    const { text } = decodeSource(bytes('# coding: raw_unicode_escape\n\\\\u0041 \\\\\\u0041 \\u00'));

    expect(text).toBe('# coding: raw_unicode_escape\n\\\\u0041 \\\\A \\u00');
  });

  test('any bytes under any codec are decoded in linear time', () => {
    const started = performance.now();
    for (const codec of ['utf-7', 'unicode_escape', 'raw_unicode_escape', 'rot13', 'gbk', 'latin-1', 'nope']) {
      for (const filling of ['\\', '+', '\xff', 'coding', '\\u', 'A']) {
        decodeSource(bytes(`# coding: ${codec}\n${filling.repeat(300_000)}`));
      }
    }
    decodeSource(bytes(`#${'coding'.repeat(500_000)}\n`));

    expect(performance.now() - started).toBeLessThan(8000);
  });
});
