import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { makeWheel, wheelFilename } from '../../support/make-wheel.ts';
import { makeZip, type ZipMember, type ZipOptions } from '../../support/make-zip.ts';
import { openBytes, texts } from './open.ts';

const good: ZipMember = { name: 'pkg/__init__.py', content: 'print(1)\n' };
const other: ZipMember = { name: 'pkg/data.txt', content: 'x'.repeat(500) };

/** A zip with one change, and the anomaly that has to name it. */
const wrong: readonly (readonly [what: string, code: string, members: readonly ZipMember[], options?: ZipOptions])[] = [
  ['data in front of the archive', 'zip-gap', [good], { prefix: Buffer.from('#!/bin/sh\n') }],
  ['bytes after the end', 'zip-trailing-data', [good], { suffix: Buffer.from('more') }],
  ['a gap before the directory', 'zip-gap', [good], { gap: Buffer.from('hidden') }],
  ['a member that only a streaming reader sees', 'zip-gap', [good, { ...other, present: 'local-only' }]],
  ['a member that only the directory has', 'zip-no-local-header', [good, { ...other, present: 'central-only' }]],
  ['another name in the local header', 'zip-name-differs', [{ ...good, localName: 'pkg/__main__.py' }]],
  ['a wrong count of members', 'zip-count-differs', [good], { claimedCount: 2 }],
  ['two members with one path', 'duplicate-differs', [good, { ...good, content: 'print(2)\n' }]],
  ['an announced size that is too small', 'zip-data-broken', [{ ...other, claimedSizeBytes: 100 }]],
  ['an announced size that is too large', 'zip-size-lie', [{ ...other, claimedSizeBytes: 501 }]],
  ['a stored member with two sizes', 'zip-sizes-differ', [{ ...other, method: 'store', claimedSizeBytes: 100 }]],
  [
    'a stored member whose size comes later',
    'zip-stored-descriptor',
    [{ ...other, method: 'store', dataDescriptor: true }],
  ],
  ['a path that climbs out', 'path-escapes', [{ ...good, name: '../evil.py' }]],
  ['an absolute path', 'path-absolute', [{ ...good, name: '/etc/evil.py' }]],
  ['a drive letter', 'path-absolute', [{ ...good, name: 'C:/evil.py' }]],
  ['a backslash', 'path-backslash', [{ ...good, name: 'pkg\\evil.py' }]],
  ['a NUL in a name', 'path-nul', [{ ...good, name: 'evil.py\0.txt' }]],
  ['a control character in a name', 'path-control', [{ ...good, name: 'evil\n.py' }]],
  ['a name that Windows reads as a start-up file', 'path-windows', [{ ...good, name: 'evil.pth.' }]],
  ['a name that Windows reads as a stream of one', 'path-windows', [{ ...good, name: 'evil.pth::$DATA' }]],
  ['a name that Windows reads with a dot less', 'path-windows', [{ ...good, name: 'evil.pth.:stream' }]],
  ['a file that is a folder as well', 'path-below-file', [{ ...good, name: 'pkg' }, other]],
  ['a link that looks like code', 'zip-link-code', [{ name: 'pkg/link.py', content: '../a.py', mode: 0o120777 }]],
  ['a link out of the archive', 'link-escapes', [{ name: 'pkg/npm', content: '../../bin/sh', mode: 0o120777 }]],
  ['a folder with content', 'zip-folder-content', [{ ...good, name: 'pkg/' }]],
  ['a second name in an extra field', 'zip-second-name', [{ ...good, extra: secondName('pkg/evil.py') }]],
  ['an extra field longer than its area', 'zip-extra', [{ ...good, extra: Uint8Array.of(1, 0, 200, 0, 0) }]],
  ['an extra area with bytes left over', 'zip-extra', [{ ...good, extra: Uint8Array.of(0xfe, 0xca, 0, 0, 0, 0, 0) }]],
  ['ZIP64 sizes that nothing asks for', 'zip64-extra', [{ ...good, extra: zip64(9, 9) }]],
];

function zip64(...values: readonly number[]): Uint8Array {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, index) => {
    field.writeUInt32LE(value, 4 + 8 * index);
  });
  return field;
}

function secondName(name: string): Uint8Array {
  const field = Buffer.alloc(9 + name.length);
  field.writeUInt16LE(0x7075, 0);
  field.writeUInt16LE(5 + name.length, 2);
  field.writeUInt8(1, 4);
  field.write(name, 9);
  return field;
}

describe('a zip that two readers could read differently is ambiguous', () => {
  const cases = wrong.map(([what, code, members, options]) => ({ what, code, members, options }));

  test.each(cases)('$what', async ({ code, members, options }) => {
    const opened = await openBytes(makeZip(members, options), 'pkg-1.0-py3-none-any.whl');

    expect(opened.codes).toContain(code);
    expect(opened.effects).toContain('ambiguous');
  });

  test('two archives joined are read as zipfile reads them, the last one', async () => {
    const evil = makeZip([{ ...good, content: 'evil()\n' }]);

    const opened = await openBytes(Buffer.concat([makeZip([good]), evil]), 'pkg-1.0.zip');

    expect(texts(opened)).toEqual({ 'pkg/__init__.py': 'evil()\n' });
    expect(opened.codes).toContain('zip-prefixed');
  });

  test('an end record inside the comment of another one', async () => {
    const inner = makeZip([{ ...good, content: 'evil()\n' }]);

    const opened = await openBytes(makeZip([good], { comment: inner }), 'pkg-1.0.zip');

    expect(texts(opened)).toEqual({ 'pkg/__init__.py': 'evil()\n' });
    expect(opened.effects).toContain('ambiguous');
  });

  test('bytes after the end of the deflate stream of a member', async () => {
    const raw = Buffer.concat([deflateRawSync('print(1)\n'), Buffer.from('hidden')]);
    const member: ZipMember = { name: 'a.py', content: raw, method: 'store', methodNumber: 8, claimedSizeBytes: 9 };

    const opened = await openBytes(makeZip([member]), 'pkg-1.0.zip');

    expect(opened.codes).toContain('zip-hidden-bytes');
  });

  test('overlapping members, as in a bomb that quotes itself', async () => {
    const zip = Buffer.from(makeZip([good, other]));
    const second = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    zip.writeUInt32LE(0, second + 42); // both entries point to the first local header

    const opened = await openBytes(zip, 'pkg-1.0.zip');

    expect(opened.codes).toContain('zip-overlap');
  });
});

describe('a zip that cannot be read in part is never taken for read', () => {
  test.each<readonly [string, string, ZipMember]>([
    ['an encrypted member', 'zip-encrypted', { ...good, flags: 1 }],
    ['an unknown compression method', 'zip-method', { ...good, methodNumber: 99 }],
    ['a wrong checksum', 'zip-crc', { ...good, method: 'store', crc: 1 }],
  ])('%s', async (_what, code, member) => {
    const opened = await openBytes(makeZip([member, other]), 'pkg-1.0.zip');

    expect(opened.codes).toContain(code);
    expect(opened.effects).toContain('unscannable');
  });

  test.each([
    ['an empty file', new Uint8Array(0), 'unsupported'],
    ['text', Buffer.from('not an archive'), 'unsupported'],
    ['a zip that was cut off', makeZip([good, other]).subarray(0, 150), 'format'],
  ])('%s', async (_what, bytes, cause) => {
    const opened = await openBytes(bytes, 'pkg-1.0-py3-none-any.whl');

    expect(opened.cause).toBe(cause);
  });

  test('a member that announces more than the limit', async () => {
    const opened = await openBytes(makeZip([{ ...other, claimedSizeBytes: 2 ** 31 }]), 'pkg-1.0.zip', {
      unpackedBytes: 2 ** 30,
    });

    expect(opened.cause).toBe('budget');
  });

  test('an archive that unpacks to more than the ratio allows', async () => {
    const bomb = makeZip([{ name: 'zeros.bin', content: new Uint8Array(2 ** 20) }]);

    const opened = await openBytes(bomb, 'pkg-1.0.zip', { ratioFromBytes: 2 ** 19 });

    expect(opened.cause).toBe('budget');
  });

  test('too many members', async () => {
    const members = Array.from({ length: 20 }, (_unused, index) => ({ name: `a${String(index)}.py`, content: '' }));

    const opened = await openBytes(makeZip(members), 'pkg-1.0.zip', { memberCount: 10 });

    expect(opened.cause).toBe('budget');
  });

  test('Python that is too large to be read', async () => {
    const opened = await openBytes(makeZip([{ ...good, content: 'x'.repeat(2_000) }]), 'pkg-1.0.zip', {
      memberBytes: 1_000,
    });

    expect(opened.codes).toContain('member-too-large');
    expect(() => opened.archive?.members.map((member) => member.sizeBytes)).not.toThrow();
  });
});

describe('what honest writers do is no anomaly', () => {
  test('a wheel as tools build it', async () => {
    const files = { 'pkg/__init__.py': 'print(1)\n', 'pkg/empty.py': '', 'pkg/ü.txt': 'ü' };

    const opened = await openBytes(makeWheel(files), wheelFilename(files));

    expect(opened.codes).toEqual([]);
    expect(texts(opened)).toMatchObject(files);
    expect(Buffer.from(opened.archive?.coreMetadata ?? []).toString()).toContain('Metadata-Version');
  });

  test('an end-record signature by chance inside a member', async () => {
    const members = [
      { name: 'a.bin', content: Buffer.from('PK\u0005\u0006'.padEnd(60, '\0')), method: 'store' as const },
    ];

    const opened = await openBytes(makeZip([...members, good]), 'pkg-1.0.zip');

    expect(opened.codes).toEqual([]);
  });

  test('sizes that follow deflated data, as streaming writers leave them', async () => {
    const opened = await openBytes(makeZip([{ ...other, dataDescriptor: true }, good]), 'pkg-1.0.zip');

    expect(opened.codes).toEqual([]);
    expect(texts(opened)['pkg/data.txt']).toBe(other.content);
  });

  test('a link inside the archive, which installers write as text', async () => {
    const link: ZipMember = { name: 'pkg/bin/npm', content: '../lib/npm-cli.js', mode: 0o120777 };

    const opened = await openBytes(makeZip([link, good]), 'pkg-1.0-py3-none-any.whl');

    expect(opened.effects).not.toContain('ambiguous');
    expect(texts(opened)['pkg/bin/npm']).toBe('../lib/npm-cli.js');
  });

  test('a comment of the archive is a note', async () => {
    const opened = await openBytes(makeZip([good], { comment: Buffer.from('built by hand') }), 'pkg-1.0.zip');

    expect(opened.codes).toEqual(['zip-comment']);
    expect(opened.effects).toEqual(['note']);
  });

  test('a member larger than is decompressed at once is streamed to the same content', async () => {
    const content = Buffer.alloc(9 * 2 ** 20, 'abcdefghijklmnopqrstuvwxyz0123456789');

    const opened = await openBytes(makeZip([{ name: 'big.dat', content }, good]), 'pkg-1.0.zip');
    const stored = await openBytes(makeZip([{ name: 'big.dat', content, method: 'store' }, good]), 'pkg-1.0.zip');

    expect(opened.codes).toEqual([]);
    expect(stored.codes).toEqual([]);
    expect(opened.archive?.members[0]?.sha256).toBe(stored.archive?.members[0]?.sha256);
    expect(Buffer.compare(opened.archive?.members[0]?.read() ?? new Uint8Array(), content)).toBe(0);
  });
});
