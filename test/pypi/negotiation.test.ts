import { describe, expect, test } from 'vitest';
import {
  HTML_TYPE,
  JSON_TYPE,
  negotiateCoding,
  negotiateFormat,
  parseFormat,
  TEXT_HTML,
} from '../../src/pypi/negotiation.ts';

describe('the format of a page', () => {
  test.each([
    ['pip, PDM', `${JSON_TYPE}, ${HTML_TYPE}; q=0.1, text/html; q=0.01`, JSON_TYPE],
    ['uv', `${JSON_TYPE}, ${HTML_TYPE};q=0.2, text/html;q=0.01`, JSON_TYPE],
    ['Poetry', `${JSON_TYPE}, */*;q=0.1`, JSON_TYPE],
    ['pipenv and curl', '*/*', TEXT_HTML],
    ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', TEXT_HTML],
    ['no header', undefined, TEXT_HTML],
    ['an empty header', '', TEXT_HTML],
    ['HTML by its new name', HTML_TYPE, HTML_TYPE],
    ['a tie of HTML names', `${HTML_TYPE}, text/html`, TEXT_HTML],
    ['a tie of both views', `${JSON_TYPE}, text/html`, TEXT_HTML],
    ['only JSON types that are not ours', 'application/json', TEXT_HTML],
    ['the latest JSON', 'application/vnd.pypi.simple.latest+json', JSON_TYPE],
    ['the latest HTML', 'application/vnd.pypi.simple.latest+html', HTML_TYPE],
    ['JSON refused by name', `${JSON_TYPE};q=0, */*;q=0.5`, TEXT_HTML],
    ['everything refused', '*/*;q=0', TEXT_HTML],
    ['the group of application types', 'application/*', HTML_TYPE],
    ['a specific range beats a general one', `*/*;q=0.9, text/html;q=0.1, ${JSON_TYPE};q=0.5`, HTML_TYPE],
    ['three decimals', `text/html;q=0.998, ${JSON_TYPE};q=0.999`, JSON_TYPE],
    ['white space around q', `text/html ; q = 0.1 , ${JSON_TYPE} ; q=0.9`, JSON_TYPE],
    ['a broken q leaves its element out', `${JSON_TYPE};q=high, text/html;q=0.1`, TEXT_HTML],
    ['capitals', 'APPLICATION/VND.PYPI.SIMPLE.V1+JSON', JSON_TYPE],
  ])('for %s', (_name, accept, expected) => {
    expect(negotiateFormat(accept, undefined)).toBe(expected);
  });

  test('a known ?format= goes first, an unknown one is ignored', () => {
    expect(negotiateFormat('text/html', JSON_TYPE)).toBe(JSON_TYPE);
    expect(negotiateFormat('text/html', 'application/vnd.pypi.simple.latest+json')).toBe(JSON_TYPE);
    expect(negotiateFormat('text/html', JSON_TYPE.replace('+', ' '))).toBe(JSON_TYPE);
    expect(negotiateFormat(JSON_TYPE, 'yaml')).toBe(JSON_TYPE);
    expect(parseFormat('json')).toBeUndefined();
  });
});

describe('the coding of a page', () => {
  test.each([
    ['pip', 'gzip, deflate', 'gzip'],
    ['uv', 'zstd,gzip,deflate,br', 'zstd'],
    ['no header', undefined, 'identity'],
    ['an empty header', '', 'identity'],
    ['gzip refused', 'gzip;q=0, br', 'br'],
    ['identity preferred', 'identity, gzip;q=0.5', 'identity'],
    ['anything', '*', 'zstd'],
    ['only what we do not have', 'compress', 'identity'],
    ['the old name', 'x-gzip', 'gzip'],
    ['quality before our order', 'zstd;q=0.1, gzip;q=1.0', 'gzip'],
  ])('for %s', (_name, header, expected) => {
    expect(negotiateCoding(header, ['zstd', 'br', 'gzip'])).toBe(expected);
  });

  test('a coding that is not offered is never chosen', () => {
    expect(negotiateCoding('zstd, br', ['gzip'])).toBe('identity');
  });
});
