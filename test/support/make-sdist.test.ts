import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeSdist, sdistFilename } from './make-sdist.ts';

function tarNames(tar: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; tar[at] !== 0; ) {
    const prefix = tar.toString('utf8', at + 345, at + 500).replace(/\0.*$/s, '');
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    names.push(prefix === '' ? name : `${prefix}/${name}`);
    at += 512 + Math.ceil(Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8) / 512) * 512;
  }
  return names;
}

test('an sdist holds one top folder with PKG-INFO and the files', () => {
  const options = { name: 'Some.Name', version: '1.2' };

  const names = tarNames(gunzipSync(makeSdist({ 'setup.py': 'x\n', 'some/name.py': '' }, options)));

  expect(names).toEqual(['some_name-1.2/PKG-INFO', 'some_name-1.2/setup.py', 'some_name-1.2/some/name.py']);
  expect(sdistFilename(options)).toBe('some_name-1.2.tar.gz');
});

test('a project without setup.py gets a pyproject.toml', () => {
  const names = tarNames(Buffer.from(makeSdist({ 'a.py': '' }, { format: 'tar' })));

  expect(names).toContain('example-1.0.0/pyproject.toml');
});

test('a name beyond 255 bytes is told by a pax header', () => {
  const long = `${'d'.repeat(200)}/${'f'.repeat(150)}.py`;

  const tar = Buffer.from(makeSdist({ [long]: '' }, { format: 'tar' }));

  expect(tar.includes(`path=example-1.0.0/${long}\n`)).toBe(true);
});

test('the same input gives the same bytes', () => {
  expect(makeSdist({ 'setup.py': 'x' })).toEqual(makeSdist({ 'setup.py': 'x' }));
});

test('a tar.bz2 is one bzip2 stream that ends with its magic number', () => {
  const bytes = Buffer.from(makeSdist({ 'setup.py': 'x\n'.repeat(500) }, { format: 'tar.bz2' }));

  expect(bytes.subarray(0, 10)).toEqual(Buffer.from('425a6839314159265359', 'hex'));
  expect(bytes.length).toBeLessThan(2000);
  expect(sdistFilename({ format: 'tar.bz2' })).toBe('example-1.0.0.tar.bz2');
});
