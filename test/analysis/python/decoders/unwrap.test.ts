import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unwrap } from '../../../../src/analysis/python/decoders/unwrap.ts';
import { decodeXor } from '../../../../src/analysis/python/decoders/xor.ts';

const MAX = 1 << 22;
const CODE = Buffer.from('import os\nfor name in os.listdir("."):\n    print(name)\n'.repeat(4));
const base64 = (bytes: Uint8Array): Buffer => Buffer.from(Buffer.from(bytes).toString('base64'));

describe('a literal is opened without its opener', () => {
  test.each<[string, Buffer, string[]]>([
    ['base64', base64(CODE), ['base64']],
    ['base64 of zlib', base64(deflateSync(CODE)), ['base64', 'zlib']],
    ['zlib of base64 of gzip', deflateSync(base64(gzipSync(CODE))), ['zlib', 'base64', 'gzip']],
    ['hex', Buffer.from(CODE.toString('hex')), ['hex']],
    [
      'base64, reversed',
      Buffer.from(base64(Buffer.concat([CODE, Buffer.from('#'.repeat(4 - (CODE.length % 3)))])).reverse()),
      ['reversed base64'],
    ],
    ['one-byte XOR', Buffer.from(decodeXor(CODE, Uint8Array.of(0xa7), MAX)?.bytes ?? []), ['xor 0xa7']],
    ['base64 thrice', base64(base64(base64(CODE))), ['base64', 'base64', 'base64']],
  ])('%s', (_what, literal, layers) => {
    const opened = unwrap(literal, MAX);

    expect(opened).toMatchObject({ layers, content: { kind: 'text', language: 'python' }, isTruncated: false });
    expect(Buffer.from(opened.bytes).toString()).toContain(CODE.toString());
  });

  test.each([
    ['code', CODE],
    ['prose', Buffer.from('It was the best of times, it was the worst of times.')],
    ['a word', Buffer.from('password')],
    ['a hash', Buffer.from('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\nabcdefgh', 'latin1')],
    ['noise', Buffer.from(Uint8Array.from({ length: 400 }, (_, i) => (Math.imul(i + 7, 2654435761) >>> 13) & 255))],
  ])('%s is left as it is', (_what, literal) => {
    expect(unwrap(literal, MAX).layers).toEqual([]);
  });

  test('a bomb and endless layers end, and say so', () => {
    let literal: Buffer = CODE;
    for (let i = 0; i < 14; i++) literal = base64(literal);

    expect(unwrap(literal, MAX).isTruncated).toBe(true);
    expect(unwrap(gzipSync(Buffer.alloc(50_000_000)), 1000)).toMatchObject({ isTruncated: true, layers: [] });
  });
});
