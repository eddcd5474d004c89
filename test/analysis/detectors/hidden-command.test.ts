import { expect, test } from 'vitest';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

const HIDDEN = Buffer.from('./collect --everything').toString('base64');

test('a command in base64 that an import starts is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import base64, os', `os.system(base64.b64decode('${HIDDEN}').decode())`),
  });

  expect(await inspect('hidden-command', file)).toMatchObject([
    {
      class: 'malware',
      score: 10,
      context: 'import',
      path: 'pkg/__init__.py',
      line: 2,
      decoded: './collect --everything',
    },
  ]);
});

test('a command that stands in the source is not hidden', async () => {
  const file = sdist({
    'setup.py': python(
      'import subprocess',
      'from setuptools import setup',
      "version = subprocess.check_output(['git', 'describe', '--tags']).decode('ascii')",
      "setup(name='example', version=version)",
    ),
  });

  expect(await inspect('hidden-command', file)).toEqual([]);
});

test('a runner that decodes what its caller hands it is silent', async () => {
  const file = wheel({
    'pkg/runner.py': python(
      'import base64, subprocess',
      'def run(task):',
      '    return subprocess.run(base64.b64decode(task).decode(), shell=True)',
    ),
  });

  expect(await inspect('hidden-command', file)).toEqual([]);
});

test('letters picked by number are decoding too', async () => {
  const numbers = Buffer.from('whoami > out.txt').join(', ');
  const file = sdist({
    'setup.py': python(
      'import os',
      'from setuptools import setup',
      `os.system(''.join(map(chr, [${numbers}])))`,
      "setup(name='example')",
    ),
  });

  expect(await inspect('hidden-command', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'install', path: 'example-1.0.0/setup.py', line: 3 },
  ]);
});

test('base64 in pieces, through a method and Popen by another name, is found', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from base64 import b64decode as clear',
      'from subprocess import Popen as Task',
      'class Plan:',
      `    parts = ['${HIDDEN.slice(0, 12)}', '${HIDDEN.slice(12)}']`,
      '    def text(self):',
      "        return clear(''.join(self.parts)).decode()",
      'Task(Plan().text(), shell=True)',
    ),
  });

  expect(await inspect('hidden-command', file)).toMatchObject([
    { class: 'malware', path: 'pkg/__init__.py', line: 7, decoded: './collect --everything' },
  ]);
});

test('a decoded name of a file, given to a program that the source names, is not hidden', async () => {
  const file = wheel({
    'pkg/libraries.py': python(
      'import base64, os, subprocess',
      'def libraries(child):',
      '    path = base64.b64decode(child.stdout.readline()).decode()',
      "    return subprocess.run(['ldd', '-v', os.path.realpath(path)], capture_output=True).stdout",
    ),
  });

  expect(await inspect('hidden-command', file)).toEqual([]);
});

test('a decoded line that the source hands to a shell is hidden', async () => {
  const line = Buffer.from('touch /tmp/example-marker').toString('base64');
  const file = wheel({
    'pkg/run.py': python(
      'import base64, subprocess',
      'def go():',
      `    subprocess.run(['sh', '-c', base64.b64decode('${line}').decode()])`,
    ),
  });

  expect(await inspect('hidden-command', file)).toContainEqual(expect.objectContaining({ class: 'malware' }));
});

test('a command that a decoder makes of what a service answers is hidden, whoever the service is', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, subprocess',
      'from calendar_of_others import events',
      "subprocess.run(base64.b64decode(events('x')[0]['description']).decode(), shell=True)",
    ),
  });

  expect(await inspect('hidden-command', file)).toMatchObject([{ class: 'malware', score: 10, line: 3 }]);
});
