import { describe, expect, test } from 'vitest';
import {
  encodeFilePath,
  makeFilePath,
  makeRefusedPath,
  type PathUpstream,
  parseFilePath,
  restoreFileUrl,
} from '../../src/pypi/file-path.ts';
import type { UpstreamId } from '../../src/pypi/model.ts';

const HOSTED = 'https://files.pythonhosted.org';
const pypi: PathUpstream = { id: 'pypi' as UpstreamId, keptOrigin: HOSTED };
const other: PathUpstream = { id: 'torch' as UpstreamId };
const digest = `ab/cd/${'e'.repeat(60)}`;

function pathOf(upstream: PathUpstream, url: string): string {
  const filename = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
  return makeFilePath(upstream, { url, filename });
}

describe('a path', () => {
  test('of the kept origin stays what it is', () => {
    expect(pathOf(pypi, `${HOSTED}/packages/${digest}/six-1.0.tar.gz`)).toBe(`packages/${digest}/six-1.0.tar.gz`);
  });

  test('of another upstream names upstream, origin and path', () => {
    expect(pathOf(other, 'https://download.pytorch.org/whl/cpu/torch-2.0%2Bcpu-cp311-cp311-linux_x86_64.whl')).toMatch(
      /^packages\/~torch\/download-pytorch-org-[0-9a-f]{12}\/whl\/cpu\/torch-2\.0\+cpu-cp311-cp311-linux_x86_64\.whl$/,
    );
  });

  test('never collides: same file at two upstreams, two origins, with a query, in another spelling', () => {
    const urls = [
      `${HOSTED}/packages/${digest}/a-1.0+b.tar.gz`,
      `${HOSTED}/packages/${digest}/a-1.0%2Bb.tar.gz`,
      `${HOSTED}/packages/${digest}/a-1.0%2bb.tar.gz`,
      `${HOSTED}/packages/${digest}/a-1.0%2Bb.tar.gz?x=1`,
      `${HOSTED}/packages//${digest}/a-1.0%2Bb.tar.gz`,
      `${HOSTED}/packages/refused/x/a-1.0%2Bb.tar.gz`,
      `${HOSTED}/packages/~torch/x/a-1.0%2Bb.tar.gz`,
      `${HOSTED}/a-1.0%2Bb.tar.gz`,
      `${HOSTED}/packages/a%2Fa-1.0%2Bb.tar.gz`,
      `https://files.pythonhosted.org:8443/packages/${digest}/a-1.0%2Bb.tar.gz`,
      `http://files.pythonhosted.org/packages/${digest}/a-1.0%2Bb.tar.gz`,
      `https://user:secret@files.pythonhosted.org/packages/${digest}/a-1.0%2Bb.tar.gz`,
    ];
    const paths = urls.flatMap((url) =>
      [pypi, other].map((upstream) => makeFilePath(upstream, { url, filename: 'a-1.0+b.tar.gz' })),
    );

    expect(new Set(paths).size).toBe(paths.length);
    expect(paths.every((path) => path.endsWith('/a-1.0+b.tar.gz') && !path.includes('?'))).toBe(true);
    expect(paths.some((path) => path.includes('secret'))).toBe(false);
  });

  test('ends in the filename even where the URL does not', () => {
    const path = makeFilePath(other, { url: 'https://x.invalid/download/17', filename: 'a-1.0.zip' });

    expect(path).toMatch(/^packages\/~torch\/x-invalid-[0-9a-f]{12}\/~[0-9a-f]{32}\/a-1\.0\.zip$/);
  });
});

describe('back again', () => {
  const upstreams = [
    { ...pypi, origins: [HOSTED] },
    { ...other, origins: ['https://download.pytorch.org'] },
  ];

  test.each([
    [pypi, `${HOSTED}/packages/${digest}/six-1.0.tar.gz`],
    [pypi, `${HOSTED}/packages/source/s/six/six-1.0.tar.gz`],
    [other, 'https://download.pytorch.org/whl/torch-2.0%2Bcpu-cp311-cp311-linux_x86_64.whl'],
  ])('the URL of %o is found by its path: %s', (upstream, url) => {
    expect(restoreFileUrl(pathOf(upstream, url), upstreams)).toBe(url);
  });

  test('an unknown origin and a path named by digest have no URL', () => {
    expect(restoreFileUrl(pathOf(other, 'https://elsewhere.invalid/a-1.zip'), upstreams)).toBeUndefined();
    expect(restoreFileUrl(pathOf(other, 'https://download.pytorch.org/a-1.zip?x'), upstreams)).toBeUndefined();
  });
});

describe('a speaking path', () => {
  const key = '0123456789abcdef'.repeat(4);

  test('carries the key of its file', () => {
    const path = makeRefusedPath(key, 'malware', 'evil-1.0.tar.gz');

    expect(path).toBe(`packages/refused/${key}-malware/evil-1.0.tar.gz`);
    expect(parseFilePath(path)).toEqual({
      kind: 'refused',
      fileKey: key,
      slug: 'malware',
      filename: 'evil-1.0.tar.gz',
    });
  });

  test('has a slug of the list and nothing more below it', () => {
    expect(parseFilePath(`packages/refused/${key}-lovely/evil-1.0.tar.gz`)).toBeUndefined();
    expect(parseFilePath(`packages/refused/${key}-malware/x/evil-1.0.tar.gz`)).toBeUndefined();
    expect(parseFilePath('packages/refused/evil-1.0.tar.gz')).toBeUndefined();
  });
});

test.each([['packages'], ['packages/a'], ['simple/a/b'], ['packages/../a'], ['packages/a//b'], ['packages/a/b\u0000']])(
  '%j names no file',
  (path) => {
    expect(parseFilePath(path)).toBeUndefined();
  },
);

test('each segment is encoded by itself', () => {
  expect(encodeFilePath('packages/a b/x+y%.zip')).toBe('packages/a%20b/x%2By%25.zip');
});
