import { expect, test } from 'vitest';
import { judge, pointsOf } from './judge.ts';

test('malicious: a bundled binary that import starts is caught', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import os, subprocess\nsubprocess.Popen([os.path.join(os.path.dirname(__file__), 'helperd')])\n",
    'pkg/helperd': Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0]),
  });

  expect(pointsOf(result, 'bundled-program')).toBeGreaterThanOrEqual(7);
});

test('look-alike: a library by its proper name is small', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py': "import ctypes, os\nLIB = ctypes.CDLL(os.path.join(os.path.dirname(__file__), 'libcore.so'))\n",
    'pkg/libcore.so': Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0]),
  });

  expect(pointsOf(result, 'bundled-program')).toBeLessThanOrEqual(3);
});

test('evasion: a library under a false name is caught', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "from pathlib import Path\nimport ctypes\nctypes.CDLL(str(Path(__file__).parent / 'table.dat'))\n",
    'pkg/table.dat': Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0]),
  });

  expect(pointsOf(result, 'bundled-program')).toBeGreaterThanOrEqual(8);
});
