import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { askRaw, makeHttpWorld } from '../support/http-world.ts';

test.each(['six-1.0-py3-none-any.whl', 'six-1.0.tar.gz'])(
  '18: %s is sent as it is to who takes gzip, with its exact length',
  async (filename) => {
    const bytes = gzipSync('archive '.repeat(10_000)).toString('latin1');
    const world = makeHttpWorld();
    const files = await world.announce({ [filename]: { bytes } });
    const headers = { 'Accept-Encoding': 'gzip, deflate, br, zstd' };

    const answer = await askRaw(world.app, `/${files[filename]!.path}`, { headers });
    const head = await askRaw(world.app, `/${files[filename]!.path}`, { headers, method: 'HEAD' });

    expect(createHash('sha256').update(answer.body).digest('hex')).toBe(files[filename]!.sha256);
    for (const { headers: sent } of [answer, head]) {
      expect(sent['content-encoding']).toBeUndefined();
      expect(sent['transfer-encoding']).toBeUndefined();
      expect(sent['content-length']).toBe(String(answer.body.byteLength));
      expect(sent['content-type']).toBe('application/octet-stream');
    }
  },
);
