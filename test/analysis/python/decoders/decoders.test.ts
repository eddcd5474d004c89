import { createCipheriv } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decryptAes, decryptChaCha20, decryptRc4 } from '../../../../src/analysis/python/decoders/aes.ts';
import { decodeBase64, decodeBase64With } from '../../../../src/analysis/python/decoders/base64.ts';
import { findBinaryCodec, findDecoder } from '../../../../src/analysis/python/decoders/by-name.ts';
import { decodeZlib } from '../../../../src/analysis/python/decoders/compression.ts';
import type { Decoded } from '../../../../src/analysis/python/decoders/decoded.ts';
import { decryptFernet, hashOf, pbkdf2, scrypt } from '../../../../src/analysis/python/decoders/fernet.ts';
import { decodePowerShellCommand } from '../../../../src/analysis/python/decoders/text-codings.ts';
import { decodeXor, findXorKey } from '../../../../src/analysis/python/decoders/xor.ts';

const MAX = 1 << 20;
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const textOf = (decoded: Decoded | undefined): string | undefined =>
  decoded === undefined ? undefined : Buffer.from(decoded.bytes).toString('latin1');

describe('decoders read what Python reads under the same name', () => {
  test.each([
    ['base64.b64decode', 'aGVs bG8=\n', 'hello'],
    ['base64.b64decode', '#aGVsbG8', 'hello'],
    ['base64.b64decode', 'aGk=aGk=', 'hi'],
    ['base64.b64decode', 'a-_GVsbG8=', 'hello'],
    ['base64.b64decode', 'a', undefined],
    ['base64.urlsafe_b64decode', '-_-_', '\xfb\xff\xbf'],
    ['base64.b32decode', 'NBSWY3DP', 'hello'],
    ['base64.b32decode', 'nbswy3dpeE======', 'hello!'],
    ['base64.b32decode', 'NB!', undefined],
    ['base64.b16decode', '68656C6c6F', 'hello'],
    ['bytes.fromhex', '68 65 6c', 'hel'],
    ['binascii.unhexlify', '6x', undefined],
    ['base64.b85decode', 'Xk~0{Zy<MXa%^NFcm', 'hello world!x'],
    ['base64.b85decode', 'Xk~0{Zy<M"', undefined],
    ['base64.b85decode', '~~~~~', undefined],
    ['base64.a85decode', '<~zBOu!rD]g/F+EqaE~>', '\0\0\0\0hello    wor'],
    ['base64.z85decode', 'HelloWorld', '\x86\x4f\xd2\x6f\xb5\x59\xf7\x5b'],
    [
      'binascii.a2b_uu',
      'H:6UP;W)T(&]S.R!P<FEN="@B>"(I("!L;VYG97(@=&AA;B!A(&9E=P  \n',
      'import os; print("x")  longer than a few',
    ],
    ['quopri.decodestring', 'a=3Db=C3=A9 =\nc=\r\n=zz', 'a=b\xc3\xa9 c=zz'],
  ])('%s of %j', (name, input, expected) => {
    expect(textOf(findDecoder(name)?.(latin1(input), MAX))).toBe(expected);
  });

  test.each([
    ['zlib.decompress', deflateSync('import os')],
    ['zlib.decompress', deflateRawSync('import os')],
    ['gzip.decompress', gzipSync('import os')],
    ['brotli.decompress', brotliCompressSync('import os')],
    ['bz2.decompress', Buffer.from('QlpoOTFBWSZTWWhyb0IAAACRgEAAACLcACAAMQwIIaaNqA5vSjxdyRThQkGhyb0I', 'base64')],
  ])('%s', (name, input) => {
    expect(textOf(findDecoder(name)?.(input, MAX))).toBe('import os');
  });

  test('bz2 and lzma', () => {
    const bz2 = 'QlpoOTFBWSZTWVbaRrkAAB3RgAAQQAAAItwAIAAxBkxAUqI09JhOk2T0mE4T4mCdJ+LuSKcKEgrbSNcg';
    const xz =
      '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4ADHABFdADSbSme4Ujxz7TRX/JTLDAAAAAAAAPtup9ksTADRAAEtyAEAAABKBr4ZscRn+wIAAAAABFla';
    const alone = 'XQAAgAD//////////wA0m0pnuFI8c+00V/yU1KMj///7fcAA';
    const expected = 'import os\n'.repeat(20);

    expect(textOf(findDecoder('bz2.decompress')?.(Buffer.from(bz2, 'base64'), MAX))).toBe(expected);
    expect(textOf(findDecoder('lzma.decompress')?.(Buffer.from(xz, 'base64'), MAX))).toBe(expected);
    expect(textOf(findDecoder('lzma.decompress')?.(Buffer.from(alone, 'base64'), MAX))).toBe(expected);
    expect(findDecoder('lzma.decompress')?.(Buffer.from(xz, 'base64').subarray(0, 60), MAX)?.isTruncated ?? true).toBe(
      true,
    );
  });

  test('codecs that are no text encodings are found under every spelling', () => {
    expect(textOf(findBinaryCodec('rot-13')?.(latin1('vzcbeg'), MAX))).toBe('import');
    expect(textOf(findBinaryCodec('HEX_codec')?.(latin1('6869'), MAX))).toBe('hi');
    expect(findBinaryCodec('utf-8')).toBeUndefined();
  });

  test('an alphabet of one’s own', () => {
    const alphabet = 'zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKJIHGFEDCBA9876543210+/';

    expect(textOf(decodeBase64With(alphabet, latin1('abc'), MAX))).toHaveLength(2);
    expect(decodeBase64With('short', latin1('abc'), MAX)).toBeUndefined();
  });
});

describe('budgets', () => {
  test('output is cut at the limit and says so', () => {
    expect(decodeBase64(latin1('A'.repeat(4000)), 100)).toMatchObject({ isTruncated: true, bytes: { length: 100 } });
    expect(decodeBase64(latin1('AAAA'), 3)).toMatchObject({ isTruncated: false });
  });

  test('a bomb gives nothing but the news of it', () => {
    expect(decodeZlib(deflateSync(Buffer.alloc(10_000_000)), 1000)).toEqual({
      bytes: new Uint8Array(),
      isTruncated: true,
    });
  });

  test('a stream that was cut off gives what it holds', () => {
    const whole = deflateSync(Buffer.from('import os\n'.repeat(3) + Math.PI.toString().repeat(50)));
    const decoded = decodeZlib(whole.subarray(0, whole.length - 10), MAX);

    expect(decoded?.isTruncated).toBe(true);
    expect(textOf(decoded)).toMatch(/^import os/);
  });

  test('no input makes a decoder throw', () => {
    const names = [
      'base64.b64decode',
      'base64.b32decode',
      'base64.b85decode',
      'base64.a85decode',
      'binascii.a2b_uu',
      'zlib.decompress',
      'gzip.decompress',
      'bz2.decompress',
      'lzma.decompress',
      'brotli.decompress',
      'quopri.decodestring',
      'base64.z85decode',
    ];
    let seed = 7;
    for (let round = 0; round < 200; round++) {
      const input = Uint8Array.from({ length: round }, () => {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
        return seed >> 16;
      });
      for (const name of names)
        for (const max of [0, 1, 50]) {
          const decoded = findDecoder(name)?.(input, max);
          expect((decoded?.bytes.length ?? 0) <= max || name.endsWith('decompress')).toBe(true);
        }
    }
  });
});

describe('XOR', () => {
  test('repeats its key', () => {
    const secret = decodeXor(latin1('import os'), latin1('key'), MAX);

    expect(textOf(decodeXor(secret?.bytes ?? new Uint8Array(), latin1('key'), MAX))).toBe('import os');
    expect(decodeXor(latin1('x'), new Uint8Array(), MAX)).toBeUndefined();
  });

  test('gives its key away when one byte hides code', () => {
    const code = latin1('import os, sys\nfor name in os.listdir("/tmp"):\n    print(name, end=", ")\n'.repeat(3));

    expect(findXorKey(decodeXor(code, Uint8Array.of(0x5a), MAX)?.bytes ?? code)).toBe(0x5a);
    expect(findXorKey(code)).toBeUndefined();
    expect(findXorKey(Uint8Array.from({ length: 500 }, (_, i) => (i * 197 + (i >> 3) * 31) & 255))).toBeUndefined();
  });
});

describe('ciphers with the key at hand', () => {
  const key = Buffer.alloc(32, 7);
  const iv = Buffer.alloc(16, 9);
  const plain = 'print("hello from inside")';
  const encrypt = (name: string, vector: Buffer | null): Buffer => {
    const cipher = createCipheriv(name, key, vector);
    return Buffer.concat([cipher.update(plain), cipher.final()]);
  };

  test.each([
    ['ecb', null],
    ['cbc', iv],
    ['ctr', iv],
    ['cfb', iv],
    ['cfb8', iv],
    ['ofb', iv],
  ] as const)('AES in mode %s', (mode, vector) => {
    const decoded = decryptAes(
      encrypt(`aes-256-${mode}`, vector),
      { mode, key, ...(vector === null ? {} : { iv: vector }) },
      MAX,
    );

    expect(textOf(decoded)).toBe(plain);
  });

  test('AES in mode gcm needs no tag', () => {
    const nonce = Buffer.alloc(12, 3);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const data = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);

    expect(textOf(decryptAes(data, { mode: 'gcm', key, iv: nonce }, MAX))?.startsWith(plain)).toBe(true);
  });

  test('impossible keys and lengths give undefined', () => {
    expect(decryptAes(Buffer.alloc(16), { mode: 'cbc', key: Buffer.alloc(5) }, MAX)).toBeUndefined();
    expect(decryptChaCha20(Buffer.alloc(16), Buffer.alloc(5), Buffer.alloc(12), MAX)).toBeUndefined();
  });

  test('ChaCha20 with the vector of RFC 8439, and RC4 with the classic one', () => {
    const chachaKey = Uint8Array.from({ length: 32 }, (_, i) => i);
    const data = Buffer.from('6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b', 'hex');

    expect(textOf(decryptChaCha20(data, chachaKey, Buffer.from('01000000000000000000004a00000000', 'hex'), MAX))).toBe(
      'Ladies and Gentlemen of the clas',
    );
    expect(textOf(decryptRc4(Buffer.from('bbf316e8d940af0ad3', 'hex'), latin1('Key'), MAX))).toBe('Plaintext');
  });

  test('Fernet with the vector of its specification', () => {
    const fernetKey = latin1('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=');
    const token = latin1(
      'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==',
    );

    expect(decryptFernet(fernetKey, token, MAX)).toEqual({
      bytes: Buffer.from('hello'),
      isTruncated: false,
      isAuthentic: true,
    });
    expect(decryptFernet(latin1(Buffer.alloc(32, 1).toString('base64')), token, MAX)?.isAuthentic).toBe(false);
    expect(decryptFernet(fernetKey, latin1('gAAA'), MAX)).toBeUndefined();
  });

  test('keys made of passwords', () => {
    expect(
      Buffer.from(hashOf('sha256', latin1('a')) ?? [])
        .toString('hex')
        .slice(0, 8),
    ).toBe('ca978112');
    expect(hashOf('crc32', latin1('a'))).toBeUndefined();
    expect(Buffer.from(pbkdf2('sha1', latin1('password'), latin1('salt'), 2, 20) ?? []).toString('hex')).toBe(
      'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957',
    );
    expect(pbkdf2('sha256', latin1('p'), latin1('s'), 10_000_000, 32)).toBeUndefined();
    expect(scrypt(latin1('p'), latin1('s'), { n: 1 << 20, r: 8, p: 1 }, 32)).toBeUndefined();
    expect(scrypt(latin1('p'), latin1('s'), { n: 16, r: 8, p: 1 }, 32)).toHaveLength(32);
  });
});

describe('PowerShell’s encoded commands', () => {
  test('are UTF-16, or plain text by mistake', () => {
    const script = 'Write-Host "é"';

    expect(decodePowerShellCommand(Buffer.from(script, 'utf16le').toString('base64'), MAX)).toBe(script);
    expect(decodePowerShellCommand(Buffer.from(script).toString('base64'), MAX)).toBe(script);
    expect(decodePowerShellCommand('!!!!', MAX)).toBeUndefined();
    expect(decodePowerShellCommand('//79/A==', MAX)).toBeUndefined();
  });
});
