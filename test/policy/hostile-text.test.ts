import { describe, expect, test } from 'vitest';
import { asciiOneLine, defangUrl, escapeHtml, stripControls } from '../../src/policy/hostile-text.ts';

describe('stripControls', () => {
  test.each([
    ['a colour sequence is shown, not obeyed', '\u001B[31mred', '\\x1b[31mred'],
    ['a C1 control is shown', 'a\u009Bb', 'a\\x9bb'],
    ['a right-to-left override is shown', 'abc\u202Egnp.exe', 'abc\\u{202e}gnp.exe'],
    ['a zero-width joiner is shown', 'pay\u200Dpal', 'pay\\u{200d}pal'],
    ['a tag character is shown', 'a\u{E0041}b', 'a\\u{e0041}b'],
    ['a lone surrogate becomes a replacement character', 'a\uD800b', 'a\uFFFDb'],
    ['plain text in any script stays', 'größe 大きい', 'größe 大きい'],
  ])('%s', (_name, text, expected) => {
    expect(stripControls(text)).toBe(expected);
  });

  test('line feeds and tabs stay when lines are kept, and only then', () => {
    expect(stripControls('a\n\tb\r\nc\u0000', true)).toBe('a\n\tb\nc\\x00');
    expect(stripControls('a\nb')).toBe('a\\x0ab');
  });
});

describe('asciiOneLine', () => {
  test('a header can never be split', () => {
    expect(asciiOneLine('blocked\r\nSet-Cookie: a=b')).toBe('blocked Set-Cookie: a=b');
  });

  test('typography becomes ASCII and other scripts become question marks', () => {
    expect(asciiOneLine('it’s “bad” — very… 大')).toBe('it\'s "bad" - very... ?');
  });

  test('a long text is cut to the length, dots included', () => {
    const line = asciiOneLine('x'.repeat(1_000_000), 50);

    expect(line).toHaveLength(50);
    expect(line.endsWith('...')).toBe(true);
  });
});

test('HTML is escaped in content and in both kinds of attribute quotes', () => {
  expect(escapeHtml(`<img src=x onerror='a("b")'>&`)).toBe('&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt;&amp;');
});

describe('defangUrl', () => {
  test.each([
    ['https://evil.invalid/a.b?c=d.e', 'hxxps://evil[.]invalid/a.b?c=d.e'],
    ['GET HTTP://1.2.3.4:80/x', 'GET hxxp://1[.]2[.]3[.]4:80/x'],
    ['ftp://f.invalid', 'fxp://f[.]invalid'],
    ['ws://a.b.invalid/', 'ws://a[.]b[.]invalid/'],
    ['version 1.2.3 stays', 'version 1.2.3 stays'],
  ])('%s', (text, expected) => {
    expect(defangUrl(text)).toBe(expected);
    expect(defangUrl(expected)).toBe(expected);
  });
});
