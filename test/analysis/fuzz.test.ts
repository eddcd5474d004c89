import { describe, expect, test } from 'vitest';
import { makeRandom, mutateArchive, mutateSource } from '../../bench/support/mutate.mjs';
import { analyse } from '../../src/analysis/analyse.ts';
import { DEFAULT_LIMITS, type OpenedArchive } from '../../src/analysis/archive/archive.ts';
import { bytesSource } from '../../src/analysis/archive/bytes.ts';
import { openArchive } from '../../src/analysis/archive/open-archive.ts';
import { makeSdist } from '../support/make-sdist.ts';
import { makeWheel } from '../support/make-wheel.ts';

// A short run with fixed seeds; bench/fuzz.mjs does the same ten thousands of times through the real child processes.

const SOURCE = `import os, sys
from setuptools import setup

VERSION = "1.0"


class Loader:
    """Loads things."""

    def __init__(self, path, *names, key=None, **rest):
        self.path = os.path.join(path, *[n for n in names if n])
        self.table = {k: v for k, v in rest.items()}

    async def read(self, size=2 ** 10):
        with open(self.path, "rb") as stream:
            return b"".join(iter(lambda: stream.read(size), b""))


def main(argv=sys.argv):
    try:
        value = int(argv[1]) if len(argv) > 1 else 0
    except (ValueError, IndexError) as error:
        print(f"bad {error!r:>10}")
    else:
        return [chr(c ^ 7) for c in bytes.fromhex("6f6b")][::-1]


setup(name="example", version=VERSION, py_modules=["example"])
`;

const files = { 'setup.py': SOURCE, 'example/__init__.py': SOURCE, 'example/data.txt': 'data\n'.repeat(300) };
const seeds: readonly (readonly [filename: string, bytes: Uint8Array])[] = [
  ['example-1.0.0.tar.gz', makeSdist(files)],
  ['example-1.0.0.tar', makeSdist(files, { format: 'tar' })],
  ['example-1.0.0.zip', makeSdist(files, { format: 'zip' })],
  ['example-1.0.0-py3-none-any.whl', makeWheel(files)],
];

function context(filename: string, bytes: Uint8Array): Parameters<typeof analyse>[1] {
  return { filename, sha256: '0'.repeat(64), sizeBytes: bytes.length };
}

describe('damaged input gives a report, and never a crash', () => {
  test.each(seeds)('changes to the container of %s', async (filename, bytes) => {
    const random = makeRandom(20_240_101);
    const opened: OpenedArchive[] = [];
    for (let round = 0; round < 150; round += 1) {
      const changed = mutateArchive(bytes, random);

      const result = await openArchive(bytesSource(changed), filename, DEFAULT_LIMITS);

      if (result.kind === 'opened') {
        opened.push(result.archive);
        expect(result.archive.unpackedBytes).toBeLessThan(2 ** 24);
        for (const member of result.archive.members) {
          expect(member.read().length).toBe(member.sizeBytes);
        }
      }
    }
    expect(opened.length).toBeGreaterThan(10);
  });

  test('changes to Python sources', async () => {
    const random = makeRandom(20_240_102);
    for (let round = 0; round < 60; round += 1) {
      const sdist = makeSdist({ 'setup.py': mutateSource(SOURCE, random), 'example.py': mutateSource(SOURCE, random) });
      const result = await openArchive(bytesSource(sdist), 'example-1.0.0.tar.gz', DEFAULT_LIMITS);
      if (result.kind !== 'opened') {
        throw new Error('the container was not touched');
      }

      const { score } = analyse(result.archive, context('example-1.0.0.tar.gz', sdist));

      expect(score).toBeGreaterThanOrEqual(0);
    }
  });
});
