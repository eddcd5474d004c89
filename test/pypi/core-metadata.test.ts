import { expect, test } from 'vitest';
import { parseCoreMetadata, parseRequirementName } from '../../src/pypi/core-metadata.ts';

function parse(text: string) {
  return parseCoreMetadata(new TextEncoder().encode(text));
}

test('fields are found in any case, repeated ones in order, continuation lines folded', () => {
  const metadata = parse(
    'Metadata-Version: 2.1\r\nname: Foo\nVersion: 1.0\nRequires-Dist: a>=1\nRequires-Dist: b; extra == "x"\nLicense: MIT\n  and more\n\nBody\n\nSecond: not a header\n',
  );

  expect(metadata).toMatchObject({ metadataVersion: '2.1', name: 'Foo', version: '1.0' });
  expect(metadata.requiresDist).toEqual(['a>=1', 'b; extra == "x"']);
  expect(metadata.fields.get('license')).toEqual(['MIT\nand more']);
  expect(metadata.description).toBe('Body\n\nSecond: not a header\n');
  expect(metadata.fields.has('second')).toBe(false);
});

test('an old PKG-INFO holds its description as a field', () => {
  expect(parse('Name: foo\nDescription: Hello\n        world\n').description).toBe('Hello\nworld');
});

test('the first line that is no header begins the body', () => {
  const metadata = parse('Name: foo\nno header here\nVersion: 2\n');

  expect(metadata.version).toBeUndefined();
  expect(metadata.description).toBe('no header here\nVersion: 2\n');
});

test('broken UTF-8 and empty input do not throw', () => {
  expect(parseCoreMetadata(new Uint8Array([0x4e, 0x61, 0xff, 0xfe]))).toMatchObject({ requiresDist: [] });
  expect(parseCoreMetadata(new Uint8Array()).name).toBeUndefined();
});

test.each([
  ['Foo_Bar[x]>=1; python_version < "3"', 'foo-bar'],
  ['a', 'a'],
  ['zope.interface (>=1)', 'zope-interface'],
  ['', undefined],
  ['-e .', undefined],
])('the requirement %j names %s', (text, expected) => {
  expect(parseRequirementName(text)).toBe(expected);
});
