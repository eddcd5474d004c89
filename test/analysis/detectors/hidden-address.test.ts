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
