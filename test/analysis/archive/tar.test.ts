import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { makeSdist } from '../../support/make-sdist.ts';
import { makeTar, type TarMember } from '../../support/make-tar.ts';
import { openBytes, texts } from './open.ts';

const top = 'example-1.0';
const setup: TarMember = { name: `${top}/setup.py`, content: 'setup()\n' };
const evil: TarMember = { name: `${top}/evil.py`, content: 'evil()\n' };

/** A GNU long-name header before a member. */
const longName = (name: string): TarMember => ({ name: '././@LongLink', type: 'L', content: `${name}\0` });

const wrong: readonly (readonly [what: string, code: string, members: readonly TarMember[]])[] = [
  ['a path that climbs out', 'path-escapes', [{ ...setup, name: `${top}/../../evil.py` }]],
  ['an absolute path', 'path-absolute', [{ ...setup, name: '/tmp/evil.py' }]],
  ['a device', 'tar-device', [{ name: `${top}/null`, type: '3' }, setup]],
  ['a pipe', 'tar-device', [{ name: `${top}/pipe`, type: '6' }, setup]],
  ['a type of its own', 'tar-type', [{ ...setup, type: 'Q' }]],
  ['a folder with content', 'tar-size-of-nothing', [{ name: `${top}/d`, type: '5', content: 'x'.repeat(512) }, setup]],
  ['a file named like a folder', 'tar-folder-content', [{ ...setup, name: `${top}/setup.py/` }]],
  ['a broken header in the middle', 'tar-broken-header', [setup, { ...evil, checksum: 1 }]],
  ['a PAX size unlike the header', 'pax-size', [{ ...setup, pax: { size: '3' } }, evil]],
  ['a PAX size that is no number', 'pax-malformed', [{ ...setup, pax: { size: '0x10' } }]],
  [
    'a PAX header for all that names a file',
    'pax-global',
    [{ name: 'g', type: 'g', content: '16 path=evil.py\n' }, setup],
  ],
  ['a PAX header that is not well formed', 'pax-malformed', [{ name: 'x', type: 'x', content: '99 path=a\n' }, setup]],
  [
    'a PAX header with a field twice',
    'pax-twice',
    [{ name: 'x', type: 'x', content: '10 path=a\n10 path=b\n' }, setup],
  ],
  ['a PAX header that changes the encoding', 'pax-charset', [{ ...setup, pax: { hdrcharset: 'BINARY' } }]],
  ['a sparse member by PAX', 'tar-sparse', [{ ...setup, pax: { 'GNU.sparse.major': '1' } }]],
  ['two long names', 'tar-two-overrides', [longName('a.py'), longName('b.py'), setup]],
  ['a long name and a PAX name', 'tar-two-overrides', [longName('a.py'), { ...setup, pax: { path: 'b.py' } }]],
  ['a header that belongs to nothing', 'tar-loose-header', [setup, longName('a.py')]],
  ['code that is there twice', 'duplicate-differs', [setup, { ...setup, content: 'evil()\n' }]],
  [
    'a file in the place of a link',
    'duplicate-differs',
    [evil, { name: `${top}/a`, type: '2', linkName: 'evil.py' }, { ...setup, name: `${top}/a` }],
  ],
  ['a link out of the archive', 'link-escapes', [setup, { name: `${top}/a`, type: '2', linkName: '../../etc/passwd' }]],
  ['a link to an absolute path', 'link-escapes', [setup, { name: `${top}/a`, type: '2', linkName: '/etc/passwd' }]],
  [
    'a link named like a folder: tarfile and others drop the slash',
    'tar-folder-content',
    [setup, evil, { name: `${top}/s`, type: '2', linkName: 'evil.py', pax: { path: `${top}/run.py/` } }],
  ],
  [
    'a hard link to data that is there twice: it has the content of that moment',
    'duplicate-differs',
    [
      { name: `${top}/data.png`, content: 'evil()\n' },
      { name: `${top}/setup.py`, type: '1', linkName: `${top}/data.png` },
      { name: `${top}/data.png`, content: 'setup()\n' },
    ],
  ],
  [
    'a member below a link',
    'path-below-file',
    [setup, { name: `${top}/d`, type: '2', linkName: 'lib' }, { ...evil, name: `${top}/d/evil.py` }],
  ],
];

describe('a tar that two readers could read differently is ambiguous', () => {
  test.each(wrong)('%s', async (_what, code, members) => {
    const opened = await openBytes(makeTar(members), 'example-1.0.tar');

    expect(opened.codes).toContain(code);
    expect(opened.effects).toContain('ambiguous');
  });

  test('data after the end mark, which only some readers find', async () => {
    const twice = Buffer.concat([makeTar([setup]), makeTar([evil])]);

    const opened = await openBytes(twice, 'example-1.0.tar');

    expect(Object.keys(texts(opened))).toEqual([`${top}/setup.py`]);
    expect(opened.codes).toContain('tar-data-after-end');
  });

  test('two gzip files in a row', async () => {
    const tar = makeTar([setup, evil]);
    const bytes = Buffer.concat([gzipSync(tar.subarray(0, 1024)), gzipSync(tar.subarray(1024))]);

    const opened = await openBytes(bytes, 'example-1.0.tar.gz');

    expect(Object.keys(texts(opened))).toEqual([`${top}/setup.py`, `${top}/evil.py`]);
    expect(opened.codes).toContain('gzip-members');
  });

  test.each<readonly [string, string, (gzip: Buffer) => Buffer]>([
    ['bytes after the gzip data', 'gzip-trailing-data', (gzip) => Buffer.concat([gzip, Buffer.from('<html>')])],
    ['a wrong gzip checksum', 'gzip-crc', (gzip) => Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(8, 1)])],
  ])('%s', async (_what, code, edit) => {
    const opened = await openBytes(edit(gzipSync(makeTar([setup]))), 'example-1.0.tar.gz');

    expect(opened.codes).toContain(code);
    expect(opened.effects).toContain('ambiguous');
  });

  test.each(['0o10', '+10', '1_0', '1 0'])('a size written as %j', async (size) => {
    const tar = Buffer.from(makeTar([setup, evil]));
    tar.fill(0, 124, 136).write(size, 124);
    tar.write('        ', 148);
    const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);

    const opened = await openBytes(Buffer.concat([makeTar([evil]).subarray(0, 1024), tar]), 'example-1.0.tar');

    expect(opened.codes).toContain('tar-number');
  });
});

describe('a tar that cannot be read', () => {
  test.each<readonly [string, string, Uint8Array]>([
    ['cut off in a member', 'format', makeTar([{ ...setup, content: 'x'.repeat(4_000) }]).subarray(0, 2_000)],
    ['cut off gzip data', 'format', gzipSync(makeTar([setup])).subarray(0, 60)],
    ['a gzip file that is no tar', 'format', gzipSync('just text, and more of it')],
    ['a sparse member', 'unsupported', makeTar([{ ...setup, type: 'S' }])],
  ])('%s', async (_what, cause, bytes) => {
    const opened = await openBytes(bytes, 'example-1.0.tar.gz');

    expect(opened.cause).toBe(cause);
  });

  test('a gzip bomb', async () => {
    const bomb = gzipSync(makeTar([{ name: 'zeros', content: new Uint8Array(2 ** 21) }]));

    const opened = await openBytes(bomb, 'example-1.0.tar.gz', { ratioFromBytes: 2 ** 19 });

    expect(opened.cause).toBe('budget');
  });

  test('Python beyond what is kept in memory', async () => {
    const files = { 'a.py': 'a'.repeat(3_000), 'b.py': 'b'.repeat(3_000) };

    const opened = await openBytes(makeSdist(files), 'example-1.0.0.tar.gz', { keptBytes: 4_000 });

    expect(opened.codes).toContain('member-too-large');
    expect(opened.effects).toContain('unscannable');
  });
});

describe('what honest writers do is no anomaly', () => {
  test('an sdist as tools build it', async () => {
    const opened = await openBytes(makeSdist({ 'setup.py': 'setup()\n' }), 'example-1.0.0.tar.gz');

    expect(opened.codes).toEqual([]);
    expect(texts(opened)['example-1.0.0/setup.py']).toBe('setup()\n');
    expect(Buffer.from(opened.archive?.coreMetadata ?? []).toString()).toContain('Name: example');
  });

  test('long names by PAX and by GNU headers', async () => {
    const deep = `${top}/${'d'.repeat(120)}/${'f'.repeat(110)}.py`;
    const members = [{ ...setup, name: deep }, longName(`${deep}x`), { ...evil, name: deep.slice(0, 90) }];

    const opened = await openBytes(makeTar(members), 'example-1.0.tar');

    expect(opened.codes).toEqual([]);
    expect(Object.keys(texts(opened))).toEqual([deep, `${deep}x`]);
  });

  test('a global PAX header with a comment, as git archive writes it', async () => {
    const opened = await openBytes(
      makeTar([{ name: 'g', type: 'g', content: '18 comment=abcdef\n' }, setup]),
      'a-1.tar',
    );

    expect(opened.codes).toEqual([]);
  });

  test('names that begin with ./', async () => {
    const opened = await openBytes(makeTar([{ ...setup, name: `./${top}/setup.py` }]), 'a-1.tar');

    expect(Object.keys(texts(opened))).toEqual([`${top}/setup.py`]);
  });

  test('the same member twice, or data that the last one replaces', async () => {
    const data: TarMember = { name: `${top}/logo.png`, content: 'old' };
    const same = await openBytes(makeTar([setup, setup]), 'a-1.tar');
    const differs = await openBytes(makeTar([data, { ...data, content: 'new' }]), 'a-1.tar');

    expect(same.effects).toEqual(['note']);
    expect(differs.effects).toEqual(['suspicious']);
    expect(texts(differs)).toEqual({ [`${top}/logo.png`]: 'new' });
  });
});

describe('links have the content that they lead to', () => {
  test('a symbolic link, a link to a link and a hard link', async () => {
    const members: readonly TarMember[] = [
      { ...evil, name: `${top}/data/readme.txt` },
      { name: `${top}/setup.py`, type: '2', linkName: 'a/../b.py' },
      { name: `${top}/b.py`, type: '2', linkName: './data/readme.txt' },
      { name: `${top}/c.py`, type: '1', linkName: `${top}/data/readme.txt` },
    ];

    const opened = await openBytes(makeTar(members), 'a-1.tar');

    expect(opened.codes).toEqual([]);
    expect(texts(opened)).toEqual({
      [`${top}/data/readme.txt`]: 'evil()\n',
      [`${top}/setup.py`]: 'evil()\n',
      [`${top}/b.py`]: 'evil()\n',
      [`${top}/c.py`]: 'evil()\n',
    });
  });

  test('the slash at the end of a link that looks like a folder does not hide where it leads', async () => {
    const members: readonly TarMember[] = [
      { name: `${top}/s`, type: '2', linkName: 'data/readme.txt', pax: { path: `${top}/setup.py/` } },
      { name: `${top}/data/readme.txt`, content: 'evil()\n' },
    ];

    const opened = await openBytes(makeTar(members), 'example-1.0.tar');

    expect(texts(opened)[`${top}/setup.py`]).toBe('evil()\n');
  });

  test('a link to a folder shows what is reachable through it', async () => {
    const members: readonly TarMember[] = [
      { ...evil, name: `${top}/tests/data/__init__.py` },
      { name: `${top}/pkg`, type: '2', linkName: 'tests/data' },
    ];

    const opened = await openBytes(makeTar(members), 'a-1.tar');

    expect(texts(opened)[`${top}/pkg/__init__.py`]).toBe('evil()\n');
  });

  test('a page for readers that leads out is no ambiguity; a script or a folder that does is one', async () => {
    const page = { name: `${top}/NOTES.md`, type: '2' as const, linkName: '../NOTES.md' };
    const folder = { name: `${top}/docs.md`, type: '2' as const, linkName: '../docs' };

    const pages = await openBytes(makeTar([setup, page]), 'example-1.0.tar');
    const below = await openBytes(
      makeTar([setup, folder, { ...evil, name: `${top}/docs.md/evil.py` }]),
      'example-1.0.tar',
    );
    const script = await openBytes(makeTar([setup, { ...page, name: `${top}/run.py` }]), 'example-1.0.tar');
    const hard = await openBytes(makeTar([setup, { ...page, type: '1' }]), 'example-1.0.tar');

    expect(pages.codes).toEqual(['link-escapes-prose']);
    expect(pages.effects).toEqual(['suspicious']);
    for (const { effects } of [below, script, hard]) expect(effects).toContain('ambiguous');
  });

  test('a link that leads to nothing, or in circles, is a note', async () => {
    const members: readonly TarMember[] = [
      setup,
      { name: `${top}/a`, type: '2', linkName: 'b' },
      { name: `${top}/b`, type: '2', linkName: 'a' },
      { name: `${top}/c`, type: '2', linkName: 'missing' },
    ];

    const opened = await openBytes(makeTar(members), 'a-1.tar');

    expect(new Set(opened.codes)).toEqual(new Set(['link-dangling']));
  });
});
