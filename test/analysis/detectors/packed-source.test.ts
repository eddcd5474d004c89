import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

/** Bytes that look like the output of a cipher, the same on every run, as a literal of Python. */
function blob(size: number): string {
  let bytes = Buffer.alloc(0);
  for (let i = 0; bytes.length < size; i++)
    bytes = Buffer.concat([bytes, createHash('sha256').update(`block ${i}`).digest()]);
  return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

test('a build script that is one blob for a loader is malware', async () => {
  const file = sdist({ 'setup.py': python('from runtime import load', `load(__name__, b'${blob(2_000)}')`) });

  expect(await inspect('packed-source', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'install', path: 'example-1.0.0/setup.py', line: 2 },
  ]);
});

test('a packed module is suspicious: products are protected so as well', async () => {
  const file = wheel({ 'pkg/__init__.py': python('from runtime import load', `load(__name__, b'${blob(2_000)}')`) });

  expect(await inspect('packed-source', file)).toMatchObject([
    { class: 'suspicious', score: 6, context: 'import', path: 'pkg/__init__.py', line: 2 },
  ]);
});

test('a serialised descriptor full of names and a table in a variable are silent', async () => {
  const names = Array.from({ length: 120 }, (_, i) => `\\n\\x12field_number_${i}\\x18`).join('');
  const file = wheel({
    'pkg/__init__.py': '',
    'pkg/messages_pb2.py': python('from pool import add', `DESCRIPTOR = add(b'${names}')`),
    'pkg/table.py': python(`TABLE = b'${blob(2_000)}'`),
  });

  expect(await inspect('packed-source', file)).toEqual([]);
});

test('a blob behind a keyword and an assignment is found', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import runtime as r', `state = r.load(name=__name__, code=b'${blob(2_000)}')`),
  });

  expect(await inspect('packed-source', file)).toMatchObject([{ path: 'pkg/__init__.py', line: 2 }]);
});

test('names that differ in look-alike letters alone are found beside exec', async () => {
  const names = ['IlIlIlIl', 'IlIlIlII', 'IlIlIIlI', 'IIIlIlIl', 'llIIllII', 'lIlIlIlI', 'IllIIllI'];
  const file = wheel({ 'pkg/__init__.py': python(...names.map((n, i) => `${n} = ${i}`), 'exec(str(IlIlIlIl))') });

  expect(await inspect('packed-source', file)).toMatchObject([
    { class: 'suspicious', score: 7, context: 'import', path: 'pkg/__init__.py', line: 1 },
  ]);
});

test('evasion: a protected function of an install command, in a script that is long otherwise', async () => {
  const rest = Array.from({ length: 400 }, (_, i) => `OPTION_${i} = 'a value that says something'`);
  const command = [
    'from setuptools.command.install import install',
    'class Command(install):',
    '    def run(self):',
    `        from shield import run_protected`,
    `        run_protected(__name__, __file__, b'${blob(1_400)}', 2)`,
  ];

  const found = await inspect('packed-source', sdist({ 'setup.py': python(...command, ...rest) }));
  const inModule = await inspect('packed-source', wheel({ 'pkg/__init__.py': python(...command, ...rest) }));

  expect(found).toMatchObject([{ class: 'malware', score: 10, context: 'install', line: 5 }]);
  expect(inModule).toEqual([]);
});

test('a picture that a module brings along is looked at', async () => {
  const picture = `iVBORw0KGgo${'QUJDREVGR0g'.repeat(400)}`;
  const module = (text: string): ReturnType<typeof wheel> =>
    wheel({ 'pkg/icon.py': python('import base64', `ICON = base64.b64decode("${text}")`) });

  expect(await inspect('packed-source', module(picture))).toEqual([]);
  expect(await inspect('packed-source', module(picture.slice(1)))).toMatchObject([{ class: 'suspicious', score: 6 }]);
});
