import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readMarshal, readPyc, textOfCodes } from '../../../../src/analysis/python/decoders/marshal.ts';
import { readPickle } from '../../../../src/analysis/python/decoders/pickle.ts';
import { sniff } from '../../../../src/analysis/python/decoders/sniff.ts';
import { COMPILED } from './compiled.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const base64 = (text: string): Buffer => Buffer.from(text, 'base64');

/** Deterministic noise. */
function noise(length: number, start: number): Buffer {
  let seed = start;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return seed >> 16;
    }),
  );
}

describe('compiled Python', () => {
  test.each(COMPILED)('a .pyc of CPython %s gives its names, constants and functions', (version, compiled) => {
    const file = readPyc(base64(compiled));
    const module = file?.codes[0];

    expect(file).toMatchObject({ version, isComplete: true, sourceTime: 1700000000 });
    expect(module).toMatchObject({ name: '<module>', filename: 'sample.py' });
    expect(module?.names).toEqual(expect.arrayContaining(['os', 'KEY']));
    expect(file?.codes.map(({ name }) => name).sort()).toEqual(['<module>', 'A', 'greet']);
    const greet = file?.codes.find(({ name }) => name === 'greet');
    expect(greet).toMatchObject({ firstLine: 3, isPlausible: true });
    expect(greet?.names).toEqual(['os', 'path', 'join']);
    expect(greet?.localNames.slice(0, 2)).toEqual(['name', 'times']);
    expect(greet?.strings).toEqual(expect.arrayContaining(['doc', 'hello']));
    // Python 2's interned strings are text
    const texts = [...(module?.blobs ?? []).map((blob) => Buffer.from(blob).toString()), ...(module?.strings ?? [])];
    expect(texts).toContain('0123456789abcdef');
  });

  test.each(COMPILED)('marshal data of CPython %s is read without knowing the version', (version, compiled) => {
    const header = version.startsWith('2') ? 8 : ['3.6'].includes(version) ? 12 : 16;
    const result = readMarshal(base64(compiled).subarray(header));
    const { names, strings } = textOfCodes(result?.codes ?? []);

    expect(result?.isComplete).toBe(true);
    expect(names).toEqual(expect.arrayContaining(['os', 'path', 'join', 'KEY']));
    expect(strings).toEqual(expect.arrayContaining(['hello', 'a', 'b']));
  });

  test('what was read before the data broke off counts', () => {
    const [, compiled] = COMPILED[5] ?? ['', ''];
    const file = readPyc(base64(compiled).subarray(0, 400));

    expect(file?.isComplete).toBe(false);
    expect(file?.codes.length).toBeGreaterThan(0);
  });

  test('a magic number that lies is found out', () => {
    const [, compiled] = COMPILED[5] ?? ['', ''];
    const bytes = base64(compiled);
    bytes.writeUInt16LE(3413, 0); // says 3.8, is 3.11

    expect(
      readPyc(bytes)
        ?.codes.map(({ name }) => name)
        .sort(),
    ).toEqual(['<module>', 'A', 'greet']);
  });

  test('values that refer to one another many times over cost no more than they are', () => {
    // constants ('a', (a, a), (that, that), …): 2^40 leaves, when they are counted
    const pairs = Array.from({ length: 40 }, (_, i) => {
      const reference = `r${String.fromCharCode(i)}\0\0\0`;
      return `\xa9\x02${reference}${reference}`;
    });
    const constants = `)\x29\xfa\x01a${pairs.join('')}`;
    const empty = 's\0\0\0\0';
    const code = `c${'\0'.repeat(24)}${empty}${constants})\0)\0)\0)\0z\0z\x01m${'\0'.repeat(4)}${empty}`;
    const started = performance.now();
    const result = readMarshal(latin1(code));

    expect(result?.codes.map(({ name, strings }) => [name, strings])).toEqual([['m', ['a']]]);
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('no damage makes the reader throw or run away', () => {
    for (const [version, compiled] of COMPILED) {
      const bytes = base64(compiled);
      for (let i = 0; i < bytes.length; i++) {
        const damaged = Buffer.from(bytes);
        damaged[i] = (i * 7 + version.length) & 255;
        readPyc(damaged);
      }
    }
    for (let i = 0; i < 300; i++) readMarshal(Buffer.concat([latin1('\xe3'), noise(i * 3, i)]));
  });
});

describe('pickles', () => {
  test.each([
    [0, 'KGxwMApjcG9zaXgKc3lzdGVtCnAxCihWZWNobyBoaQpwMgp0cDMKUnA0CmEoZHA1ClZrCnA2ClZ2CnA3CnNhLg=='],
    [1, 'XXEAKGNwb3NpeApzeXN0ZW0KcQEoWAcAAABlY2hvIGhpcQJ0cQNScQR9cQVYAQAAAGtxBlgBAAAAdnEHc2Uu'],
    [2, 'gAJdcQAoY3Bvc2l4CnN5c3RlbQpxAVgHAAAAZWNobyBoaXEChXEDUnEEfXEFWAEAAABrcQZYAQAAAHZxB3NlLg=='],
    [4, 'gASVMQAAAAAAAABdlCiMBXBvc2l4lIwGc3lzdGVtlJOUjAdlY2hvIGhplIWUUpR9lIwBa5SMAXaUc2Uu'],
    [5, 'gAWVMQAAAAAAAABdlCiMBXBvc2l4lIwGc3lzdGVtlJOUjAdlY2hvIGhplIWUUpR9lIwBa5SMAXaUc2Uu'],
  ])('of protocol %d say what a load would call, and with what', (protocol, pickled) => {
    const bytes = base64(pickled);
    const result = readPickle(bytes);

    expect(result?.globals.map(({ name }) => name)).toEqual(['posix.system']);
    expect(result?.calls.map(({ callee, texts }) => ({ callee, texts }))).toEqual([
      { callee: 'posix.system', texts: ['echo hi'] },
    ]);
    expect(result).toMatchObject({ isComplete: true, end: bytes.length, protocol: protocol < 2 ? 0 : protocol });
  });

  test('of plain data call nothing', () => {
    const result = readPickle(base64('gASVHgAAAAAAAAB9lCiMAWGUXZQoSwFLAksDZYwBYpSMBHRleHSUdS4='));

    expect(result).toMatchObject({ calls: [], globals: [], texts: ['a', 'b', 'text'] });
  });

  test('that break off after a call still say it', () => {
    const result = readPickle(latin1("cos\nsystem\n(S'id'\ntR\xff"));

    expect(result).toMatchObject({ isComplete: false, calls: [{ callee: 'os.system', texts: ['id'] }] });
  });

  test('hidden names come out of the memo and of nested calls', () => {
    // getattr(__import__('os'), 'system')('id')
    const text = "c__builtin__\ngetattr\n(c__builtin__\n__import__\n(S'os'\ntRS'system'\ntR(S'id'\ntR.";

    expect(readPickle(latin1(text))?.calls.map(({ callee }) => callee)).toEqual([
      '__builtin__.__import__',
      '__builtin__.getattr',
      '__builtin__.getattr()',
    ]);
  });

  test('are read in bounded time whatever they hold', () => {
    const started = performance.now();
    for (const body of [
      '('.repeat(2_000_000),
      `\x80\x04${'2'.repeat(2_000_000)}`,
      `\x80\x04]${'h\0'.repeat(500_000)}`,
      `\x80\x04${'\x94'.repeat(2_000_000)}`,
      `\x80\x04K\x01${'2\x86'.repeat(500_000)}R.`,
    ]) {
      readPickle(latin1(body));
    }
    for (let i = 0; i < 500; i++) readPickle(noise(200, i));

    expect(performance.now() - started).toBeLessThan(8000);
  });
});

describe('a blob is told by its bytes', () => {
  const pe = Buffer.alloc(512);
  pe.write('MZ', 0, 'latin1');
  pe.writeUInt32LE(128, 60);
  pe.write('PE\0\0', 128, 'latin1');
  const [, compiled] = COMPILED[5] ?? ['', ''];
  test.each([
    ['pe', pe],
    ['elf', latin1('\x7fELF\x02\x01\x01')],
    ['mach-o', latin1('\xcf\xfa\xed\xfe\x07\0\0\x01')],
    ['mach-o', latin1('\xca\xfe\xba\xbe\0\0\0\x02')],
    ['java-class', latin1('\xca\xfe\xba\xbe\0\0\0\x34')],
    ['zip', latin1('PK\x03\x04abc')],
    ['gzip', gzipSync('a')],
    ['zlib', deflateSync('abcdefgh'.repeat(9))],
    ['png', latin1('\x89PNG\r\n\x1a\n')],
    ['font', latin1('wOF2')],
    ['pdf', latin1('%PDF-1.4')],
    ['audio', latin1('RIFF\x24\0\0\0WAVEfmt ')],
    ['der', Buffer.concat([latin1('\x30\x82\x01\x00'), Buffer.alloc(256, 0x82)])],
    ['pem', latin1('-----BEGIN CERTIFICATE-----')],
    ['protobuf', Buffer.from('0a0a612f622e70726f746f001203612e621a050a0358595a', 'hex')],
    ['pickle', base64('gASVHgAAAAAAAAB9lCiMAWGUXZQoSwFLAksDZYwBYpSMBHRleHSUdS4=')],
    ['pickle', latin1("cos\nsystem\n(S'id'\ntR.")],
    ['pyc', base64(compiled)],
    ['marshal', base64(compiled).subarray(16)],
    ['text', latin1('The quick brown fox')],
    ['text', Buffer.from('größe')],
    ['utf-16', Buffer.from('The quick brown fox', 'utf16le')],
    ['binary', noise(300, 5)],
  ])('%s', (kind, bytes) => {
    expect(sniff(bytes).kind).toBe(kind);
  });

  test('MZ alone makes no executable', () => {
    expect(
      sniff(latin1('MZ is a band from Zurich, and this is a text about it, long enough to have a header.')).kind,
    ).toBe('text');
  });

  test('code is told from prose by its language', () => {
    expect(sniff(latin1('import os\nos.system("id")\n'))).toEqual({ kind: 'text', language: 'python' });
    expect(sniff(Buffer.from('$a = New-Object Net.WebClient\n', 'utf16le'))).toEqual({
      kind: 'utf-16',
      language: 'powershell',
    });
  });
});
