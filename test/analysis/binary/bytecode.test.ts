import { describe, expect, test } from 'vitest';
import { readBytecode } from '../../../src/analysis/binary/bytecode.ts';
import { COMPILED } from '../python/decoders/compiled.ts';

describe('compiled Python without its source', () => {
  test.each(COMPILED)('of CPython %s says what it names', (version, compiled) => {
    const facts = readBytecode(Buffer.from(compiled, 'base64'));

    expect(facts).toMatchObject({ version, modules: ['os'], sourcePath: 'sample.py', isTruncated: false });
    expect([...(facts?.definitions ?? [])].sort()).toEqual(['<module>', 'A', 'greet']);
  });

  test('is nothing else', () => {
    expect(readBytecode(Buffer.from('import os\n'))).toBeUndefined();
    expect(readBytecode(new Uint8Array())).toBeUndefined();
    expect(readBytecode(Buffer.from('\xe3\0\0\0\0', 'latin1'))).toBeUndefined();
  });
});
