import { expect, test } from 'vitest';
import { hiddenBytecode } from '../../../src/analysis/detectors/hidden-bytecode.ts';
import { pyc } from './bytecode-file.ts';
import { findingsOf } from './carriers.ts';

const LOADER = pyc(['base64', 'zlib', 'exec', 'decompress', 'b64decode'], ['eJwDAAAAAAE=']);

test('bytecode without a source that runs what it decodes is malware at import', async () => {
  const found = await findingsOf(hiddenBytecode, { 'kit/__init__.py': 'from . import core\n', 'kit/core.pyc': LOADER });
  expect(found).toMatchObject([{ class: 'malware', score: 10, context: 'import', path: 'kit/core.pyc' }]);
});

test('a module body that sends the environment is malware, one that only computes is a little suspicious', async () => {
  const sends = pyc(['os', 'urllib', 'request', 'urlopen', 'environ', 'items'], ['https://cdn.example/e']);
  expect(await findingsOf(hiddenBytecode, { 'kit/core.pyc': sends })).toMatchObject([
    { class: 'malware', score: 10, hosts: ['cdn.example'] },
  ]);
  expect(await findingsOf(hiddenBytecode, { 'kit/core.pyc': pyc(['len', 'sum']) })).toMatchObject([
    { class: 'suspicious', score: 3 },
  ]);
});

test('bytecode under the name of data is found, and counts as run where marshal is handed it', async () => {
  const code = `import marshal, os
with open(os.path.join(os.path.dirname(__file__), "table.bin"), "rb") as stream:
    exec(marshal.loads(stream.read()[16:]))
`;
  expect(await findingsOf(hiddenBytecode, { 'kit/__init__.py': code, 'kit/table.bin': LOADER })).toMatchObject([
    { class: 'malware', context: 'import', path: 'kit/table.bin' },
  ]);
  const idle = await findingsOf(hiddenBytecode, { 'kit/__init__.py': '', 'kit/table.bin': pyc(['len']) });
  expect(idle).toMatchObject([{ class: 'suspicious', score: 5, context: 'none' }]);
});

test('a cache beside its source stays silent, and so does a cache without one, which nothing imports', async () => {
  const cached = pyc(['base64', 'b64decode', 'exec']);
  const files = {
    'kit/a.py': 'import base64\nexec(base64.b64decode(b""))\n',
    'kit/__pycache__/a.cpython-311.pyc': cached,
    'kit/__pycache__/gone.cpython-311.pyc': cached,
  };
  expect(await findingsOf(hiddenBytecode, files)).toEqual([]);
});

test('a cache that imports and starts what its source never names is found', async () => {
  const files = { 'kit/a.py': 'VALUE = 1\n', 'kit/__pycache__/a.cpython-311.pyc': LOADER };
  expect(await findingsOf(hiddenBytecode, files)).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('bytecode that names nothing can do nothing, under whatever name it lies', async () => {
  expect(await findingsOf(hiddenBytecode, { 'kit/__init__.py': '', kitc: pyc([]), 'kit/core.pyc': pyc([]) })).toEqual(
    [],
  );
});
