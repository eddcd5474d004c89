import { describe, expect, test } from 'vitest';
import { parseRecord } from '../../../src/analysis/archive/record.ts';
import { makeWheel, type WheelOptions, wheelFilename } from '../../support/make-wheel.ts';
import { contentBytes, type ZipMember } from '../../support/make-zip.ts';
import { openBytes } from './open.ts';

const files = { 'pkg/__init__.py': 'print(1)\n', 'pkg/logo.png': 'png' };

async function codesOf(options: WheelOptions): Promise<readonly string[]> {
  return (await openBytes(makeWheel(files, options), wheelFilename(files, options))).codes;
}

describe('RECORD against the members of a wheel', () => {
  test('a wheel as it was built says nothing', async () => {
    expect(await codesOf({})).toEqual([]);
  });

  test('code and other files that were changed afterwards are told apart', async () => {
    const change = (members: readonly ZipMember[]): readonly ZipMember[] =>
      members.map((member) => (member.name in files ? { ...member, content: 'changed' } : member));

    expect(await codesOf({ editMembers: change })).toEqual(['record-differs-code', 'record-differs']);
  });

  test('digests in hexadecimal are digests: unchanged code is silent, changed code is not', async () => {
    const inHex = (members: readonly ZipMember[]): readonly ZipMember[] =>
      members.map((member) => {
        if (!member.name.endsWith('/RECORD')) return member;
        const record = contentBytes(member.content).toString('utf8');
        const content = record.replaceAll(
          /sha256=([\w-]+)/g,
          (_, digest: string) => `sha256=${Buffer.from(digest, 'base64url').toString('hex')}`,
        );
        return { ...member, content };
      });
    const change = (members: readonly ZipMember[]): readonly ZipMember[] =>
      inHex(members).map((member) => (member.name.endsWith('.py') ? { ...member, content: 'changed' } : member));

    expect(await codesOf({ editMembers: inHex })).toEqual([]);
    expect(await codesOf({ editMembers: change })).toEqual(['record-differs-code']);
  });

  test('code that was added afterwards', async () => {
    const add = (members: readonly ZipMember[]): readonly ZipMember[] => [
      ...members,
      { name: 'evil.pth', content: 'import os' },
    ];

    expect(await codesOf({ editMembers: add })).toEqual(['record-unlisted-code']);
  });

  test('a file that was taken out is a note', async () => {
    const remove = (members: readonly ZipMember[]): readonly ZipMember[] =>
      members.filter(({ name }) => name !== 'pkg/logo.png');

    expect(await codesOf({ editMembers: remove })).toEqual(['record-absent']);
  });

  test('no RECORD, and no .dist-info at all', async () => {
    expect(await codesOf({ record: 'none' })).toEqual(['record-missing']);
    expect(await codesOf({ editMembers: (members) => members.slice(0, 1) })).toEqual(['wheel-no-dist-info']);
  });

  test('a second .dist-info folder', async () => {
    const second: ZipMember = { name: 'other-1.0.dist-info/METADATA', content: 'Name: other\n' };

    expect(await codesOf({ editMembers: (members) => [...members, second] })).toContain('wheel-two-dist-infos');
  });
});

describe('parseRecord', () => {
  test('reads quoted cells, both line ends and empty hashes', () => {
    expect(parseRecord('a.py,sha256=x,1\r\n"b, ""c"".py",sha256=y,2\nRECORD,,\n')).toEqual([
      { path: 'a.py', hash: 'sha256=x' },
      { path: 'b, "c".py', hash: 'sha256=y' },
      { path: 'RECORD', hash: '' },
    ]);
  });

  test('stops at a stray quote instead of guessing', () => {
    expect(parseRecord('a.py,sha256=x,1\nb"c.py,sha256=y,2\n')).toEqual([{ path: 'a.py', hash: 'sha256=x' }]);
  });
});
