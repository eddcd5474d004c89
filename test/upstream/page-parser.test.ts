import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProjectName } from '../../src/pypi/model.ts';
import { createPageParser } from '../../src/upstream/page-parser.ts';
import { type PageBytes, parsePage } from '../../src/upstream/parse-page.ts';
import { type BuiltSource, buildSource } from '../support/built-source.ts';

const SIX = 'six' as ProjectName;

/** A page of so many files, about 600 bytes each. */
function makePage(count: number): PageBytes {
  const files = Array.from({ length: count }, (_, index) => ({
    filename: `six-1.${String(index)}-py3-none-any.whl`,
    url: `https://files.example/packages/aa/bb/${'c'.repeat(60)}/six-1.${String(index)}-py3-none-any.whl`,
    hashes: { sha256: index.toString(16).padStart(64, '0') },
    size: index,
    'core-metadata': { sha256: 'ab'.repeat(32) },
    'requires-python': '>=3.8',
    'upload-time': '2024-01-01T00:00:00.000000Z',
    yanked: false,
    padding: 'x'.repeat(150),
  }));
  const body = { meta: { 'api-version': '1.4', '_last-serial': 7 }, name: 'six', files };
  return {
    bytes: Buffer.from(JSON.stringify(body)),
    contentType: 'application/vnd.pypi.simple.v1+json',
    url: 'https://index.example/simple/six/',
    project: SIX,
  };
}

describe('parsePage', () => {
  const html = (text: string): PageBytes => ({
    bytes: Buffer.from(text),
    contentType: 'text/html; charset=utf-8',
    url: 'https://index.example/whl/cu124/six/',
    project: SIX,
  });

  test('reads a page of an old-fashioned index: no marker, root-relative links, no digest', () => {
    const page = parsePage(html('<html><body><a href="/whl/cu124/six-1.0%2Bcu124.whl">six</a></body></html>'));

    expect(page?.files).toMatchObject([
      { filename: 'six-1.0+cu124.whl', url: 'https://index.example/whl/cu124/six-1.0%2Bcu124.whl', hashes: {} },
    ]);
  });

  test('takes an empty page only from what says that it is an index', () => {
    const marked = '<html><head><meta name="pypi:repository-version" content="1.0"></head></html>';

    expect(parsePage(html(marked))?.files).toEqual([]);
    expect(
      parsePage(html('<html><body>Welcome to the hotel. <a href="/login">Log in</a></body></html>')),
    ).toBeUndefined();
  });

  test('takes nothing without a known type', () => {
    expect(parsePage({ ...makePage(1), contentType: '' })).toBeUndefined();
    expect(parsePage({ ...makePage(1), contentType: 'text/plain' })).toBeUndefined();
  });
});

describe('the parser thread', () => {
  let built: BuiltSource;
  let workerUrl: URL;

  beforeAll(async () => {
    built = await buildSource(['src/upstream/page-worker.ts']);
    workerUrl = pathToFileURL(built.pathOf('src/upstream/page-worker.ts'));
  }, 60_000);

  afterAll(async () => {
    await built.remove();
  });

  test('reads a large page to the same model, file by file in order', async () => {
    const parser = createPageParser(workerUrl);

    const page = await parser.parse(makePage(2000));

    expect(page).toEqual(parsePage(makePage(2000)));
    await parser.close();
  });

  test('takes several pages one after the other, and what is no page in between', async () => {
    const parser = createPageParser(workerUrl);
    const broken = { ...makePage(2000), bytes: makePage(2000).bytes.subarray(0, -5) };

    const pages = await Promise.all([makePage(1000), broken, makePage(1500)].map((page) => parser.parse(page)));

    expect(pages.map((page) => page?.files.length)).toEqual([1000, undefined, 1500]);
    await parser.close();
  });

  test('a thread that dies is a failure of that page alone', async () => {
    const dying = pathToFileURL(built.pathOf('dying.ts'));
    await writeFile(dying, 'throw new Error("no memory");');
    const parser = createPageParser(dying);

    await expect(parser.parse(makePage(1000))).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
    await expect(parser.parse(makePage(1000))).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
    expect((await parser.parse(makePage(1)))?.files).toHaveLength(1);
    await parser.close();
  });
});
