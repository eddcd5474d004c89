import { describe, expect, test } from 'vitest';
import type { DistributionFile, ProjectName, ProjectPage } from '../../src/pypi/model.ts';
import { parsePageHtml, renderPageHtml } from '../../src/pypi/page-html.ts';
import { parsePageJson, renderPageJson } from '../../src/pypi/page-json.ts';

const six = 'six' as ProjectName;
const BASE = 'https://pypi.org/simple/six/';
const sha = 'ab'.repeat(32);
const metadataSha = 'cd'.repeat(32);

const fullJson = {
  files: [
    {
      'core-metadata': { sha256: metadataSha },
      'data-dist-info-metadata': { sha256: metadataSha },
      filename: 'six-1.0-py3-none-any.whl',
      hashes: { sha256: sha },
      provenance: 'https://pypi.org/integrity/six/1.0/six-1.0-py3-none-any.whl/provenance',
      'requires-python': '>=3.8,<4',
      size: 1234,
      'upload-time': '2026-01-02T03:04:05.678901Z',
      url: `https://files.pythonhosted.org/packages/aa/bb/${'c'.repeat(60)}/six-1.0-py3-none-any.whl`,
      yanked: 'broken & "bad"',
      'x-new-key': { deep: [1] },
    },
    {
      'core-metadata': false,
      'data-dist-info-metadata': false,
      filename: 'six-1.0.tar.gz',
      'gpg-sig': true,
      hashes: { sha256: sha },
      provenance: null,
      'requires-python': null,
      size: 99,
      'upload-time': '2026-01-02T03:04:05Z',
      url: `https://files.pythonhosted.org/packages/aa/bb/${'d'.repeat(60)}/six-1.0.tar.gz`,
      yanked: false,
    },
  ],
  meta: { '_last-serial': 77, 'api-version': '1.4', _private: 1 },
  name: 'six',
  'project-status': { reason: 'old', status: 'archived' },
  versions: ['0.9', '1.0'],
  'alternate-locations': [],
};

function jsonPage(body: unknown): ProjectPage {
  const page = parsePageJson(body, six, BASE);
  if (page === undefined) throw new Error('no page');
  return page;
}

function htmlPage(html: string, url = BASE): ProjectPage {
  const page = parsePageHtml(html, six, url);
  if (page === undefined) throw new Error('no page');
  return page;
}

function toJson(page: ProjectPage, urlOf = (file: DistributionFile) => file.url): unknown {
  return JSON.parse([...renderPageJson(page, urlOf)].join(''));
}

function toHtml(page: ProjectPage, urlOf = (file: DistributionFile) => file.url): string {
  return [...renderPageHtml(page, urlOf)].join('');
}

/** A JSON page of one file with these keys. */
function fileOf(keys: Record<string, unknown>): DistributionFile | undefined {
  const file = { filename: 'six-1.0.tar.gz', url: 'six-1.0.tar.gz', hashes: {}, ...keys };
  return jsonPage({ meta: { 'api-version': '1.0' }, name: 'six', files: [file] }).files[0];
}

describe('JSON', () => {
  test('a 1.4 page comes back with every key, unknown ones included', () => {
    expect(toJson(jsonPage(fullJson))).toEqual(fullJson);
  });

  test('links are resolved against the answer and lose their fragment', () => {
    expect(fileOf({ url: '../../packages/x/six-1.0.tar.gz#sha256=00' })?.url).toBe(
      'https://pypi.org/packages/x/six-1.0.tar.gz',
    );
  });

  test.each([
    ['a filename with a slash', { filename: '../six-1.0.tar.gz' }],
    ['a filename with a control character', { filename: 'six-1.0\u0000.tar.gz' }],
    ['a URL of another scheme', { url: 'javascript:alert(1)' }],
    ['a file URL', { url: 'file:///etc/passwd' }],
    ['a sha256 that is none', { hashes: { sha256: 'zz' } }],
    ['no URL', { url: 7 }],
  ])('an entry with %s is left out', (_name, keys) => {
    expect(fileOf(keys)).toBeUndefined();
  });

  test.each([
    ['yanked', { yanked: null }, { yanked: false }],
    ['an empty yank reason', { yanked: '' }, { yanked: false }],
    [
      'a broken digest that is no sha256',
      { hashes: { md5: 'no', sha1: 'AB'.repeat(20) } },
      { hashes: { sha1: 'ab'.repeat(20) } },
    ],
    [
      'the old metadata key',
      { 'dist-info-metadata': { sha256: metadataSha } },
      { coreMetadata: { sha256: metadataSha } },
    ],
    ["PyPI's metadata key", { 'data-dist-info-metadata': true }, { coreMetadata: true }],
    ['a metadata digest that is none', { 'core-metadata': { sha256: 'x' } }, { coreMetadata: true }],
  ])('%s is read leniently', (_name, keys, expected) => {
    expect(fileOf(keys)).toMatchObject(expected);
  });

  test('fields of the wrong shape count as absent', () => {
    const file = fileOf({ size: -1, 'upload-time': 5, 'requires-python': [], provenance: '/relative', 'gpg-sig': 'x' });

    expect(Object.keys(file ?? {}).sort()).toEqual(['extra', 'filename', 'hashes', 'url', 'yanked']);
  });

  test('a twin of the wheel in another archive format is not announced', () => {
    expect(fileOf({ zstd: { size: 1 }, other: 1 })?.extra).toEqual({ other: 1 });
  });

  test.each([
    ['another project', { ...fullJson, name: 'seven' }],
    ['another major version', { ...fullJson, meta: { 'api-version': '2.0' } }],
    ['no list of files', { ...fullJson, files: undefined }],
    ['no object', []],
  ])('a document of %s is no page', (_name, body) => {
    expect(parsePageJson(body, six, BASE)).toBeUndefined();
  });

  test('the project status is found in meta too, where an example of the specification has it', () => {
    const body = { meta: { 'api-version': '1.4', 'project-status': { status: 'quarantined' } }, files: [] };

    expect(jsonPage(body).upstreamStatus).toEqual({ status: 'quarantined' });
  });
});

describe('the label is the lower of theirs and ours', () => {
  test.each([
    ['1.0', '1.0', '1.0'],
    ['1.1', '1.1', '1.1'],
    ['1.4', '1.4', '1.4'],
    ['1.10', '1.4', '1.4'],
  ])('upstream %s: JSON %s, HTML %s', (theirs, json, html) => {
    const page = { ...jsonPage(fullJson), apiVersion: theirs };

    expect(toJson(page)).toMatchObject({ meta: { 'api-version': json } });
    expect(toHtml(page)).toContain(`<meta name="pypi:repository-version" content="${html}">`);
  });
});

describe('HTML', () => {
  test('is written like PyPI writes it', () => {
    const page = jsonPage(fullJson);
    const html = toHtml(page, (file) => `../../packages/x/${file.filename}`);

    expect(html).toBe(`<!DOCTYPE html>
<html lang="en">
  <head>
    <meta name="pypi:repository-version" content="1.4">
    <meta name="pypi:project-status" content="archived">
    <meta name="pypi:project-status-reason" content="old">
    <title>Links for six</title>
  </head>
  <body>
    <h1>Links for six</h1>
    <a href="../../packages/x/six-1.0-py3-none-any.whl#sha256=${sha}" data-requires-python="&gt;=3.8,&lt;4" data-yanked="broken &amp; &#34;bad&#34;" data-dist-info-metadata="sha256=${metadataSha}" data-core-metadata="sha256=${metadataSha}" data-provenance="https://pypi.org/integrity/six/1.0/six-1.0-py3-none-any.whl/provenance">six-1.0-py3-none-any.whl</a><br />
    <a href="../../packages/x/six-1.0.tar.gz#sha256=${sha}" data-gpg-sig="true">six-1.0.tar.gz</a><br />
  </body>
</html>
<!--SERIAL 77-->
`);
  });

  test('says in its body why nothing is listed: no installer prints the status, a browser shows no <meta>', () => {
    const page = { ...jsonPage(fullJson), upstreamStatus: { status: 'quarantined', reason: 'Held <until> noon' } };

    expect(toHtml({ ...page, files: [] })).toContain('    <p>quarantined: Held &lt;until&gt; noon</p>\n  </body>');
    expect(toHtml(page)).not.toContain('<p>');
    expect(htmlPage(toHtml({ ...page, files: [] })).files).toEqual([]);
  });

  test.each([
    ['relative', 'six-1.0.tar.gz', 'https://i.invalid/simple/six/six-1.0.tar.gz'],
    ['root-relative', '/whl/six-1.0.tar.gz', 'https://i.invalid/whl/six-1.0.tar.gz'],
    ['scheme-relative', '//cdn.invalid/six-1.0.tar.gz', 'https://cdn.invalid/six-1.0.tar.gz'],
    ['absolute', 'http://o.invalid/six-1.0.tar.gz', 'http://o.invalid/six-1.0.tar.gz'],
    ['with a query', 'six-1.0.tar.gz?token=1', 'https://i.invalid/simple/six/six-1.0.tar.gz?token=1'],
  ])('a %s link is resolved', (_name, href, expected) => {
    const page = htmlPage(`<a href="${href}#sha256=${sha}">x</a>`, 'https://i.invalid/simple/six/');

    expect(page.files[0]).toMatchObject({ filename: 'six-1.0.tar.gz', url: expected, hashes: { sha256: sha } });
  });

  test('the first <base> counts', () => {
    const html = '<base href="/files/"><base href="/other/"><a href="six-1.0.tar.gz">x</a>';

    expect(htmlPage(html).files[0]?.url).toBe('https://pypi.org/files/six-1.0.tar.gz');
  });

  test('the filename is the last segment of the URL, decoded, whatever the text says', () => {
    const page = htmlPage('<a href="torch-2.0%2Bcpu-cp311-cp311-linux_x86_64.whl">evil.whl</a>');

    expect(page.files[0]?.filename).toBe('torch-2.0+cpu-cp311-cp311-linux_x86_64.whl');
  });

  test('a file without a hash or with md5 alone is kept', () => {
    const page = htmlPage(`<a href="a-1.zip">a</a><a href="b-1.zip#md5=${'AB'.repeat(16)}&egg=b">b</a>`);

    expect(page.files.map((file) => file.hashes)).toEqual([{}, { md5: 'ab'.repeat(16) }]);
  });

  test('attributes are read, unknown data-* ones kept', () => {
    const page = htmlPage(
      `<a href="six-1.0.zip" data-requires-python="&gt;=3" data-yanked data-dist-info-metadata="true" data-gpg-sig="false" data-provenance="https://p.invalid/x" data-new="1" onclick="x">x</a>`,
    );

    expect(page.files[0]).toEqual({
      filename: 'six-1.0.zip',
      url: `${BASE}six-1.0.zip`,
      hashes: {},
      requiresPython: '>=3',
      coreMetadata: true,
      yanked: true,
      provenance: 'https://p.invalid/x',
      gpgSig: false,
      extra: { 'data-new': '1' },
    });
    expect(toHtml(page)).toContain(' data-yanked="" ');
    expect(toHtml(page)).toContain(' data-new="1"');
  });

  test('folders, signatures, scripts and mail links are no files', () => {
    const hrefs = [
      '../',
      './',
      '?C=N;O=D',
      'javascript:a.zip',
      'mailto:a@b.zip',
      'a-1.zip.asc',
      'a-1.whl.metadata',
      '#x',
      'index.html',
      'a%2fb-1.zip',
      'a%zz-1.zip',
    ];

    expect(htmlPage(hrefs.map((href) => `<a href="${href}">x</a>`).join('')).files).toEqual([]);
  });

  test('status and version come from the meta tags; another major version is no page', () => {
    const head =
      '<meta name="pypi:project-status" content="quarantined"><meta name="pypi:repository-version" content="1.4">';

    expect(htmlPage(head)).toMatchObject({ upstreamStatus: { status: 'quarantined' }, apiVersion: '1.4' });
    expect(parsePageHtml('<meta name="pypi:repository-version" content="2.0">', six, BASE)).toBeUndefined();
  });

  test('nothing of the model can break out of an attribute', () => {
    const evil = `"><script>alert(1)</script>'`;
    const file: DistributionFile = {
      filename: 'a-1.zip',
      url: 'x',
      hashes: {},
      yanked: evil,
      requiresPython: evil,
      extra: { 'data-x': evil, onclick: evil },
    };
    const html = toHtml(
      { ...jsonPage(fullJson), files: [file], upstreamStatus: { status: evil, reason: evil } },
      () => evil,
    );

    expect(html).not.toContain('<script>');
    expect(html).not.toContain('onclick');
    expect(htmlPage(html).files).toHaveLength(0);
    expect(html.match(/<a /g)).toHaveLength(1);
  });
});

/** A small linear congruential generator: the same pages in each run. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function randomFile(random: () => number, index: number): DistributionFile {
  const pick = <T>(...choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const filename = pick(`six-${index}.0.tar.gz`, `six-${index}.0+a&b-py3-none-any.whl`, `s"i'x-${index} <b>.zip`);
  return {
    filename,
    url: `https://h.invalid/${index}/${encodeURIComponent(filename)}`,
    hashes: pick<Record<string, string>>({ sha256: sha }, { md5: 'ab'.repeat(16) }, {}),
    ...pick<Partial<DistributionFile>>({}, { requiresPython: '>=3, <"4"' }),
    ...pick<Partial<DistributionFile>>({}, { coreMetadata: true }, { coreMetadata: { sha256: metadataSha } }),
    ...pick<Partial<DistributionFile>>({}, { gpgSig: true }, { gpgSig: false }),
    ...pick<Partial<DistributionFile>>({}, { provenance: 'https://p.invalid/a?b&c' }),
    yanked: pick<boolean | string>(false, true, 'because "x" < y & z', 'größer 大'),
    extra: {},
  };
}

test.each(Array.from({ length: 50 }, (_, seed) => seed + 1))('both views say the same of page %i', (seed) => {
  const random = makeRandom(seed);
  const files = Array.from({ length: Math.floor(random() * 30) }, (_, index) => randomFile(random, index));
  const page: ProjectPage = { name: six, apiVersion: '1.4', files, extra: {}, metaExtra: {} };

  const fromJson = jsonPage(toJson(page)).files;
  const fromHtml = htmlPage(toHtml(page)).files;

  expect(fromHtml).toEqual(fromJson);
  expect(fromJson).toEqual(files);
});

test('what is nested too deeply to be written down again is left out; other unknown keys stay', () => {
  const nested = (levels: number): unknown => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level++) value = [value];
    return value;
  };
  const file = {
    filename: 'six-1.0.tar.gz',
    url: 'https://files.invalid/six-1.0.tar.gz',
    hashes: {},
    deep: nested(1e5),
    near: nested(5),
  };
  const body = {
    meta: { 'api-version': '1.0', deep: nested(1e5) },
    name: 'six',
    files: [file],
    deep: nested(1e5),
    near: nested(5),
  };

  const page = parsePageJson(body, 'six' as ProjectName, 'https://pypi.invalid/simple/six/');

  expect(page?.extra).toEqual({ near: nested(5) });
  expect(page?.metaExtra).toEqual({});
  expect(page?.files[0]?.extra).toEqual({ near: nested(5) });
});
