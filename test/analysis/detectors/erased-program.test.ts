import { expect, test } from 'vitest';
import { judge, pointsOf } from './judge.ts';

test('malicious: a program that is started and deleted is caught', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      'import os, subprocess\ndef go(path):\n    os.chmod(path, 0o755)\n    subprocess.Popen([path], stdout=subprocess.DEVNULL, start_new_session=True)\n    os.remove(path)\n',
  });

  expect(pointsOf(result, 'erased-program')).toBeGreaterThanOrEqual(7);
});

test('look-alike: a temporary file that a compiler read is not', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import os, subprocess\ndef build(path):\n    subprocess.run(['cc', path])\n    os.remove(path)\n",
  });

  expect(pointsOf(result, 'erased-program')).toBeLessThanOrEqual(0);
});

test('evasion: a library that is loaded and deleted is the same', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import ctypes, os\nP = os.path.join(os.path.dirname(__file__), 'core.so')\nctypes.CDLL(P)\nos.remove(P)\n",
  });

  expect(pointsOf(result, 'erased-program')).toBeGreaterThanOrEqual(9);
});
