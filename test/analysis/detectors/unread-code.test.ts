import { expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

/** Calls that multiply. */
const tree = Array.from({ length: 20 }, (_, i) =>
  [1, 2, 3].reduce((text, n) => `${text}\n    g${i + 1}(a + ${n})`, `def g${i}(a):`),
);

test('a build script that does not parse and runs what it decodes is suspicious', async () => {
  const file = sdist({
    'setup.py': python('from setuptools import setup', 'def (((', "exec(b64decode('cHJpbnQoMSk='))", "setup(name='x')"),
  });

  expect(await inspect('unread-code', file)).toMatchObject([
    { class: 'suspicious', score: 7, context: 'install', path: 'example-1.0.0/setup.py', line: 1 },
  ]);
});

test('bytes under the name of a module are suspicious', async () => {
  const bytes = Uint8Array.from({ length: 4_000 }, (_, i) => (i * 37) % 8);
  const file = wheel({ 'pkg/__init__.py': '', 'pkg/core.py': bytes });

  expect(await inspect('unread-code', file)).toMatchObject([
    { class: 'suspicious', score: 6, context: 'import', path: 'pkg/core.py', line: 1 },
  ]);
});

test('a build script of a quarter of a megabyte is larger than any', async () => {
  const rows = Array.from({ length: 6_000 }, (_, i) => `V${i} = 'a row of a table that is long, number ${i}'`);
  const file = sdist({ 'setup.py': python('from setuptools import setup', ...rows, "setup(name='example')") });

  expect(await inspect('unread-code', file)).toMatchObject([
    { class: 'suspicious', score: 7, context: 'install', path: 'example-1.0.0/setup.py' },
  ]);
});

test('Python 2 and a template with holes are silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      "print 'hello'",
      'exec "x = 1"',
      'try:',
      '    pass',
      'except ValueError, error:',
      '    pass',
    ),
    'pkg/template.py': python('class {{ name }}(Base):', '    {{ body }}'),
  });

  expect(await inspect('unread-code', file)).toEqual([]);
});

test('calls that use up the budget of an import are a finding in the place of what follows them', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import os', ...tree, 'def g20(a): return a', 'g0(1)', "os.system('whoami')"),
  });

  expect(await inspect('unread-code', file)).toMatchObject([
    { class: 'suspicious', score: 5, context: 'import', path: 'pkg/__init__.py', line: 1 },
  ]);
});

test('brackets deeper than a parser goes do not make a build script pass', async () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const file = sdist({ 'setup.py': python('from setuptools import setup', `x = ${deep}`, "setup(name='example')") });

  const [strongest] = await inspect('unread-code', file);

  expect(strongest).toMatchObject({
    class: 'suspicious',
    score: 7,
    context: 'install',
    path: 'example-1.0.0/setup.py',
  });
});

test('a benchmark that times one statement for hundreds of sizes is read to its end', async () => {
  const file = wheel({
    'bench/sizes.py': python(
      'import timeit',
      "SETUP = 'import random\\nrows = [random.choice(range({0})) for _ in range(1000)]'",
      'def measure(statement):',
      '    for size in range(1, 512, 2):',
      '        timeit.Timer(statement, setup=SETUP.format(size)).timeit()',
      ...Array.from({ length: 30 }, (_, i) => `measure('[f${i}(row) for row in rows]')`),
    ),
  });

  expect(await inspect('unread-code', file)).toEqual([]);
});

test('a solver that is not read to its end, and can only compute, stays below quarantine; one that could reach out does not', async () => {
  const of = (line: string, other = 'VALUE = 1'): Promise<readonly Finding[]> =>
    inspect(
      'unread-code',
      wheel({
        'pkg/__init__.py': '',
        'pkg/cells.py': python(other),
        'pkg/main.py': python(
          'import math, random',
          'from . import cells',
          'from .cells import VALUE',
          ...tree,
          'def g20(a): return a * random.random() + math.pi',
          'g0(VALUE)',
          line,
        ),
      }),
    );

  expect(await of('')).toMatchObject([{ class: 'suspicious', score: 2, path: 'pkg/main.py' }]);
  for (const line of [
    'import os',
    'from os import system as s',
    "random._os.system('id')",
    '().__class__',
    'import pkg.gone',
  ])
    expect(await of(line)).toMatchObject([{ score: 5 }]);
  expect(await of('', 'import socket\nVALUE = 1')).toMatchObject([{ score: 5 }]);
  expect(await of('', 'VALUE = 1; import socket')).toMatchObject([{ score: 5 }]);
});
