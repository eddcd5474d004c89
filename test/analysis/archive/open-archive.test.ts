import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, type Member } from '../../../src/analysis/archive/archive.ts';
import { openNested } from '../../../src/analysis/archive/open-archive.ts';
import { makeSdist } from '../../support/make-sdist.ts';
import { makeTar } from '../../support/make-tar.ts';
import { makeWheel } from '../../support/make-wheel.ts';
import { makeZip } from '../../support/make-zip.ts';
import { openBytes, texts } from './open.ts';

const zip = makeZip([{ name: 'pkg/__init__.py', content: 'zip()\n' }]);
const tar = makeTar([{ name: 'pkg-1.0/setup.py', content: 'tar()\n' }]);

/** pkg-1.0/setup.py as a bzip2-compressed tar. */
const BZIP2_TAR =
  'QlpoOTFBWSZTWTRuxz4AAHX7gMqQACBAY/cAQABiqV4gCAggAFRGqaNqANNMjIHpPUElEMgNGgAAfewGoQPlQhEemPI0zuQIYEGnk27O3XMFg9hApsBGUIthKT5tvDqJu9Pu1jQ0NcVzW1wAIvxdyRThQkDRuxz4';

/** the same in xz */
const XZ_TAR =
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Cf/AG5dADgayRV3cRwtFMAtU35hx0Zm0RcRaMrYfRvispF1mJ4wlZa3xU3Is5/derXXb8r5v/iqbJY5eoZEPW4pZ+4iIQYFAFlditnTurth90yQmvPYiiYrlwlMrpxnK3kN3EjGaHz0i4SqE7uzWPEGrAAAAAAAavs18+D45jQAAYoBgFAAAFhS+8CxxGf7AgAAAAAEWVo=';

/** bzip2.py and lzma.py, each twenty times `print(1)`, in the method of its name. */
const METHODS_ZIP =
  'UEsDBC4AAAAMAAAAIQBgfaTtPgAAALQAAAAIAAAAYnppcDIucHlCWmg5MUFZJlNZX4eihQAARdmAABAAYCAAACFUACAAMQZMQFKiaaepsmE4ThMJ0nSYTCfi7kinChIL8PRQoFBLAwQ/AAIADgAAACEAYH2k7R8AAAC0AAAABwAAAGx6bWEucHkJBAUAXQAAgAAAOByJVowLmZOKSlMP0+Ne///8JBAAUEsBAi4DLgAAAAwAAAAhAGB9pO0+AAAAtAAAAAgAAAAAAAAAAAAAAIABAAAAAGJ6aXAyLnB5UEsBAj8DPwACAA4AAAAhAGB9pO0fAAAAtAAAAAcAAAAAAAAAAAAAAIABZAAAAGx6bWEucHlQSwUGAAAAAAIAAgBrAAAAqAAAAAAA';

describe('the name says what an installer does, the bytes how it is read', () => {
  test.each([
    ['pkg-1.0-py3-none-any.whl', 'wheel'],
    ['pkg-1.0.tar.gz', 'sdist'],
    ['pkg-1.0.zip', 'sdist'],
    ['pkg-1.0-py2.7.egg', 'egg'],
    ['pkg-1.0.rpm', 'unknown'],
  ])('%s is a %s', async (filename, kind) => {
    const opened = await openBytes(zip, filename);

    expect(opened.archive?.kind).toBe(kind);
  });

  test('a wheel that calls itself tar.gz is read as the zip it is, and named', async () => {
    const opened = await openBytes(zip, 'pkg-1.0.tar.gz');

    expect(opened.archive).toMatchObject({ kind: 'sdist', container: 'zip' });
    expect(opened.codes).toContain('container-differs');
  });

  test.each(['pkg-1.0.tar.zst', 'pkg-1.0.tar.z', 'pkg-1.0.TAR.ZST'])(
    '%s: what an installer unpacks by a compression that is not read here is not read at all',
    async (filename) => {
      // a compressed stream may stand in the padding of a plain tar: the name says which of the two is installed
      const opened = await openBytes(tar, filename);

      expect(opened.cause).toBe('unsupported');
    },
  );

  test('a tar that ends like a zip is ambiguous', async () => {
    const opened = await openBytes(Buffer.concat([tar, zip]), 'pkg-1.0.tar');

    expect(opened.codes).toContain('polyglot');
    expect(opened.effects).toContain('ambiguous');
  });

  test.each([
    ['bzip2', BZIP2_TAR, 'pkg-1.0.tar.bz2'],
    ['xz', XZ_TAR, 'pkg-1.0.tar.xz'],
  ])('an old sdist in %s', async (_what, base64, filename) => {
    const opened = await openBytes(Buffer.from(base64, 'base64'), filename);

    expect(opened.codes).toEqual([]);
    expect(texts(opened)).toEqual({ 'pkg-1.0/setup.py': 'print(1)\n' });
  });
});

test('zip members in the methods that zipfile reads beside deflate', async () => {
  const opened = await openBytes(Buffer.from(METHODS_ZIP, 'base64'), 'pkg-1.0.zip');

  expect(opened.codes).toEqual([]);
  expect(texts(opened)).toEqual({ 'bzip2.py': 'print(1)\n'.repeat(20), 'lzma.py': 'print(1)\n'.repeat(20) });
});

test.each([
  ['xz', XZ_TAR, 'xz-trailing-data'],
  ['bzip2', BZIP2_TAR, 'bzip2-trailing-data'],
])('bytes after the end of %s data are ambiguous', async (_what, base64, code) => {
  const opened = await openBytes(
    Buffer.concat([Buffer.from(base64, 'base64'), Buffer.from('<html>')]),
    'pkg-1.0.tar.xz',
  );

  expect(opened.codes).toContain(code);
});

describe('archives inside archives', () => {
  const nestedMember = async (content: Uint8Array): Promise<Member | undefined> => {
    const opened = await openBytes(makeSdist({ 'vendor/inner.bin': content }), 'example-1.0.0.tar.gz');
    return opened.archive?.members.find(({ path }) => path.endsWith('inner.bin'));
  };

  test.each([
    ['a zip', zip, 'pkg/__init__.py'],
    ['a tar', tar, 'pkg-1.0/setup.py'],
    ['a wheel', makeWheel({ 'pkg/__init__.py': 'wheel()\n' }), 'pkg/__init__.py'],
  ])('%s is opened by what it is, not by its name', async (_what, bytes, path) => {
    const member = await nestedMember(bytes);

    const result = member === undefined ? undefined : await openNested(member);

    expect(result?.archive?.members.map((inner) => inner.path)).toContain(path);
  });

  test('a member that is no archive is none', async () => {
    const member = await nestedMember(Buffer.from('text'));

    expect(member === undefined ? 'missing' : await openNested(member)).toBeUndefined();
  });

  test('a nested bomb is beyond budget', async () => {
    const bomb = makeZip([{ name: 'zeros', content: new Uint8Array(4 * 2 ** 20) }]);
    const member = await nestedMember(bomb);

    const result =
      member === undefined ? undefined : await openNested(member, { ...DEFAULT_LIMITS, ratioFromBytes: 2 ** 20 });

    expect(result).toMatchObject({ unscannable: { cause: 'budget' } });
  });

  test("stand beside the members, two levels deep, and their oddities are not the outer one's", async () => {
    const innermost = makeZip([{ name: 'evil.py', content: 'evil()\n' }]);
    const middle = Buffer.concat([makeZip([{ name: 'inner.zip', content: innermost }]), Buffer.from('trailing')]);
    const outer = makeSdist({ 'vendor/middle.bin': middle, 'setup.py': '' });

    const { archive, codes } = await openBytes(outer, 'example-1.0.0.tar.gz');

    expect(codes).toEqual([]);
    const [first] = archive?.nested ?? [];
    expect(first?.path).toBe('example-1.0.0/vendor/middle.bin');
    expect(first?.archive?.nested[0]?.archive?.members.map(({ path }) => path)).toEqual(['evil.py']);
    expect(first?.archive?.nested[0]?.archive?.nested).toEqual([]);
  });

  test('an encrypted one is there, and says why it was not read', async () => {
    const locked = makeZip([{ name: 'evil.py', content: 'evil()\n', methodNumber: 99 }]);

    const { archive } = await openBytes(makeSdist({ 'data.zip': locked }), 'example-1.0.0.tar.gz');

    expect(archive?.nested[0]?.unscannable?.message).toContain('evil.py');
  });
});
