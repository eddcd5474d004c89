import { describe, expect, test } from 'vitest';
import { readZipMembers } from '../../src/feeds/zip-archive.ts';
import { makeZip } from '../support/make-zip.ts';

const LIMITS = { members: 10, memberBytes: 1_000 };

async function read(archive: Uint8Array, limits = LIMITS): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const { name, bytes } of readZipMembers(Buffer.from(archive), (name) => name.endsWith('.json'), limits)) {
    texts.push(`${name}=${Buffer.from(bytes).toString()}`);
  }
  return texts;
}

describe("a feed's archive", () => {
  const members = [
    { name: 'a.json', content: '{"a":1}' },
    { name: 'b.txt', content: 'no' },
    { name: 'folder/c.json', content: '[]', method: 'store' as const },
  ];

  test('gives the wanted members', async () => {
    expect(await read(makeZip(members))).toEqual(['a.json={"a":1}', 'folder/c.json=[]']);
    expect(await read(makeZip([]))).toEqual([]);
  });

  test('may end in a comment', async () => {
    expect(await read(makeZip(members, { comment: Buffer.from('x'.repeat(500)) }))).toHaveLength(2);
  });

  test.each<[string, Uint8Array]>([
    ['no zip', Buffer.from('<html>not found</html>')],
    ['nothing', Buffer.alloc(0)],
    ['cut off', makeZip(members).subarray(20)],
    ['a wrong checksum', makeZip([{ name: 'a.json', content: 'x', crc: 1 }])],
    ['a wrong size', makeZip([{ name: 'a.json', content: 'x'.repeat(50), claimedSizeBytes: 10 }])],
    ['an unknown method', makeZip([{ name: 'a.json', content: 'x', methodNumber: 99 }])],
    ['a member too large', makeZip([{ name: 'a.json', content: 'x'.repeat(2_000) }])],
    ['too many members', makeZip(Array.from({ length: 11 }, (_, index) => ({ name: `${index}.json`, content: '{}' })))],
    ['fewer members than claimed', makeZip(members, { claimedCount: 5 })],
  ])('is refused whole when it is damaged: %s', async (_case, archive) => {
    await expect(read(archive)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});
