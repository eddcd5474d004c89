import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

const PAYLOAD = python('import os', "os.system('./collect --all')");
const BASE64 = Buffer.from(PAYLOAD).toString('base64');

test('a decoded program that setup.py runs is malware at the line of exec', async () => {
  const file = sdist({
    'setup.py': python(
      'import base64',
      'from setuptools import setup',
      `exec(base64.b64decode('${BASE64}'))`,
      "setup(name='example')",
    ),
  });

  const findings = await inspect('hidden-code', file);

  expect(findings).toMatchObject([
    { class: 'malware', score: 10, context: 'install', path: 'example-1.0.0/setup.py', line: 3 },
  ]);
  expect(findings[0]?.decoded).toContain("os.system('./collect --all')");
});

test('code generated from a template that stands in the source is silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      "TEMPLATE = 'class {name}(tuple):\\n    fields = {fields!r}\\n'",
      'def make(name, fields):',
      '    space = {}',
      '    exec(TEMPLATE.format(name=name, fields=fields), space)',
      '    return space[name]',
      "Point = make('Point', ('x', 'y'))",
    ),
  });

  expect(await inspect('hidden-code', file)).toEqual([]);
});

test('a setup.py that executes the version file of its own archive is silent', async () => {
  const file = sdist({
    'setup.py': python(
      'from setuptools import setup',
      'space = {}',
      "exec(open('pkg/_version.py').read(), space)",
      "setup(name='example', version=space['__version__'])",
    ),
    'pkg/__init__.py': '',
    'pkg/_version.py': "__version__ = '1.0.0'\n",
  });

  expect(await inspect('hidden-code', file)).toEqual([]);
});

test('two encodings, an alias of exec and a reversed text do not hide the program', async () => {
  const reversed = Array.from(deflateSync(PAYLOAD).toString('base64')).reverse().join('');
  const file = wheel({
    'pkg/__init__.py': python(
      'import zlib, codecs, base64',
      `BLOB = '${reversed}'`,
      "run = getattr(__builtins__, 'ex' + 'ec')",
      'def clear(text):',
      '    return zlib.decompress(base64.b64decode(text[::-1]))',
      'run(clear(BLOB))',
    ),
  });

  expect(await inspect('hidden-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', path: 'pkg/__init__.py', line: 6 },
  ]);
});

test('a layer that cannot be opened is judged by what was done to it', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, marshal',
      `exec(marshal.loads(base64.b64decode('${Buffer.from('neither code nor text').toString('base64')}')))`,
    ),
  });

  expect(await inspect('hidden-code', file)).toMatchObject([
    { class: 'malware', context: 'import', path: 'pkg/__init__.py', line: 2 },
  ]);
});

test('more layers than are followed do not make the outermost one pass', async () => {
  let code = PAYLOAD;
  for (let i = 0; i < 14; i++) {
    code = python('import base64', `exec(base64.b64decode('${Buffer.from(code).toString('base64')}'))`);
  }

  expect(await inspect('hidden-code', wheel({ 'pkg/__init__.py': code }))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', path: 'pkg/__init__.py', line: 2 },
  ]);
});
