import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeWheel, wheelFilename } from './make-wheel.ts';

/** Members by name, read from the end record backwards: enough of a reader to check our own writer. */
function readZip(bytes: Uint8Array): Map<string, Buffer> {
  const buffer = Buffer.from(bytes);
  const end = buffer.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const members = new Map<string, Buffer>();
  let at = buffer.readUInt32LE(end + 16);
  for (let left = buffer.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = buffer.readUInt16LE(at + 28);
    const name = buffer.toString('utf8', at + 46, at + 46 + nameLength);
    const local = buffer.readUInt32LE(at + 42);
    const start = local + 30 + buffer.readUInt16LE(local + 26) + buffer.readUInt16LE(local + 28);
    const packed = buffer.subarray(start, start + buffer.readUInt32LE(at + 20));
    members.set(name, buffer.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed));
    at += 46 + nameLength + buffer.readUInt16LE(at + 30) + buffer.readUInt16LE(at + 32);
  }
  return members;
}

test('a wheel holds its files, METADATA, WHEEL and a RECORD with the true digests', () => {
  const files = { 'pkg/__init__.py': 'X = 1\n', '*.data/data/a,b.txt': 'comma' };

  const members = readZip(makeWheel(files, { version: '2.0' }));

  expect([...members.keys()]).toEqual([
    'pkg/__init__.py',
    'pkg-2.0.data/data/a,b.txt',
    'pkg-2.0.dist-info/METADATA',
    'pkg-2.0.dist-info/WHEEL',
    'pkg-2.0.dist-info/RECORD',
  ]);
  const digest = createHash('sha256').update('X = 1\n').digest('base64url');
  const record = members.get('pkg-2.0.dist-info/RECORD')?.toString() ?? '';
  expect(record).toContain(`pkg/__init__.py,sha256=${digest},6\n`);
  expect(record).toContain('"pkg-2.0.data/data/a,b.txt",sha256=');
  expect(record).toMatch(/pkg-2\.0\.dist-info\/RECORD,,\n$/);
  expect(wheelFilename(files, { version: '2.0' })).toBe('pkg-2.0-py3-none-any.whl');
});

test('the same input gives the same bytes', () => {
  const files = { 'pkg/__init__.py': 'X = 1\n'.repeat(100) };

  expect(makeWheel(files)).toEqual(makeWheel(files));
});

test('the hooks leave RECORD out and edit members', () => {
  const bytes = makeWheel(
    { 'pkg.py': '' },
    { record: 'none', editMembers: (members) => [...members, { name: 'evil.pth', content: 'import os' }] },
  );

  expect([...readZip(bytes).keys()]).toEqual([
    'pkg.py',
    'pkg-1.0.0.dist-info/METADATA',
    'pkg-1.0.0.dist-info/WHEEL',
    'evil.pth',
  ]);
});
