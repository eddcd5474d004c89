import { expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

test('a request to a bare address at install is malware', async () => {
  const file = sdist({
    'setup.py': python(
      'from urllib.request import urlopen',
      'from setuptools import setup',
      "urlopen('http://203.0.113.7/installed')",
      "setup(name='example')",
    ),
  });

  expect(await inspect('unasked-network', file)).toMatchObject([
    {
      class: 'malware',
      score: 10,
      context: 'install',
      path: 'example-1.0.0/setup.py',
      line: 3,
      hosts: ['203.0.113.7'],
    },
  ]);
});

test('a look-up of a callback name at import is malware', async () => {
  const file = wheel({ 'pkg/__init__.py': python('import socket', "socket.gethostbyname('pkg.oast.invalid')") });

  expect(await inspect('unasked-network', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', path: 'pkg/__init__.py', line: 2 },
  ]);
});

test('a source archive of a code host at install and a vendor at import stay below quarantine', async () => {
  const build = sdist({
    'setup.py': python(
      'from urllib.request import urlopen',
      'from setuptools import setup',
      "urlopen('https://github.com/example/native/archive/v1.tar.gz')",
      "setup(name='example')",
    ),
  });
  const update = wheel({
    'pkg/__init__.py': python(
      'import requests',
      "LATEST = requests.get('https://updates.service.invalid/latest').json()",
    ),
  });

  expect(await inspect('unasked-network', build)).toMatchObject([{ class: 'suspicious', score: 3 }]);
  expect(await inspect('unasked-network', update)).toMatchObject([{ class: 'suspicious', score: 2 }]);
});

test('a request that only a call makes was asked for', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import requests', "def ask(): return requests.get('http://203.0.113.7/v').json()"),
  });

  expect(await inspect('unasked-network', file)).toEqual([]);
});

test('a cmdclass, a thread and a session by another name do not hide the request', async () => {
  const file = sdist({
    'setup.py': python(
      'import threading',
      'import requests as r',
      'from setuptools import setup',
      'from setuptools.command.install import install as Base',
      "WHERE = '.'.join(['203', '0', '113', '7'])",
      'def tell():',
      "    r.Session().get('http://' + WHERE + '/installed')",
      'class Step(Base):',
      '    def run(self):',
      '        threading.Thread(target=tell).start()',
      '        Base.run(self)',
      "setup(name='example', cmdclass={'install': Step})",
    ),
  });

  expect(await inspect('unasked-network', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'install', path: 'example-1.0.0/setup.py', line: 7 },
  ]);
});

test('a request whose answer nobody looks at is a message: sure at install, a suspicion at import', async () => {
  const setup = sdist({
    'setup.py': python(
      'import urllib.request',
      'from setuptools import setup',
      "urllib.request.urlopen('https://collector.metrics.invalid/installed')",
      "setup(name='example')",
    ),
  });
  const module = wheel({
    'pkg/__init__.py': python('import requests', "requests.get('https://collector.metrics.invalid/imported')"),
  });

  expect(await inspect('unasked-network', setup)).toMatchObject([{ class: 'malware', score: 10, line: 3 }]);
  expect(await inspect('unasked-network', module)).toMatchObject([{ score: 6, line: 2 }]);
});

test('a build that reads what it fetched stays below quarantine', async () => {
  const file = sdist({
    'setup.py': python(
      'import urllib.request',
      'from setuptools import setup',
      "table = urllib.request.urlopen('https://data.vendor.invalid/table.csv').read()",
      "open('pkg/table.csv', 'wb').write(table)",
      "setup(name='example')",
    ),
  });

  const [finding] = await inspect('unasked-network', file);
  expect(finding?.score).toBeLessThan(5);
});

const PING = "requests.get('https://stats.vendor.invalid/ping')";

test('what a long option of the command line switches on is a command, not an import', async () => {
  const guarded = (test: string) =>
    wheel({ 'pkg/__init__.py': python('import sys', 'import requests', `if ${test}:`, `    ${PING}`) });

  expect(await inspect('unasked-network', guarded("'--report' in sys.argv"))).toEqual([]);
  expect(await inspect('unasked-network', guarded("'-c' in sys.argv"))).toMatchObject([{ context: 'import' }]);
  expect(await inspect('unasked-network', guarded("'--report' not in sys.argv"))).toMatchObject([
    { context: 'import' },
  ]);
});

test('what an option of setup.py switches on is done at install: installers hand options over', async () => {
  const file = sdist({
    'setup.py': python(
      'import sys',
      'import requests',
      'from setuptools import setup',
      "if '--quiet' in sys.argv:",
      `    ${PING}`,
      "setup(name='example')",
    ),
  });

  expect(await inspect('unasked-network', file)).toMatchObject([{ context: 'install', score: 10 }]);
});

test('a request under the account of its user, or one that its user can forbid, is no beacon', async () => {
  const beacon = wheel({ 'pkg/__init__.py': python('import requests', PING) });
  const account = wheel({
    'pkg/__init__.py': python(
      'import os',
      'import requests',
      "requests.put('https://api.vendor.invalid/jobs/1', json={}, auth=(os.environ['VENDOR_USER'], os.environ['VENDOR_KEY']))",
    ),
  });
  const optOut = wheel({
    'pkg/__init__.py': python('import os', 'import requests', "if os.getenv('DO_NOT_TRACK') != 'true':", `    ${PING}`),
  });

  expect(await inspect('unasked-network', beacon)).toMatchObject([{ score: 6 }]);
  expect((await inspect('unasked-network', account)).map((f) => f.score)).toEqual([2]);
  expect((await inspect('unasked-network', optOut)).map((f) => f.score)).toEqual([2]);
});

test.each([
  ["sys.argv[-1] == 'publish'", false],
  ["'publish' in sys.argv", false],
  ["sys.argv[-1].startswith('publish')", false],
  ["sys.argv[-1].startswith('bdist')", true],
  ["sys.argv[0].startswith('publish')", true],
  ["sys.argv[1] == 'tag'", false],
  ["sys.argv[-1] == 'install'", true],
  ["'bdist_wheel' in sys.argv", true],
  ["'egg_info' in sys.argv", true],
  ["sys.argv[0] == 'setup.py'", true],
  ['len(sys.argv) > 1', true],
])('setup.py under %s: what only a developer asks for is no install (%s)', async (condition, isInstall) => {
  const file = sdist({
    'setup.py': python(
      'import sys',
      'import requests',
      'from setuptools import setup',
      `if ${condition}:`,
      `    ${PING}`,
      "setup(name='example')",
    ),
  });

  expect(await inspect('unasked-network', file)).toMatchObject(isInstall ? [{ context: 'install', score: 10 }] : []);
});

test('a datagram socket that setup.py points at an address is said to be pointed at it', async () => {
  const file = sdist({
    'setup.py': python(
      'import socket',
      'from setuptools import setup',
      's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
      "s.connect(('203.0.113.7', 9))",
      "setup(name='example')",
    ),
  });

  expect((await inspect('unasked-network', file)).map((f) => f.message)).toEqual([
    'Points a socket at 203.0.113.7 (raw-address) at install.',
  ]);
});

test('a page that comes up at install is a suspicion below quarantine, help that is opened on request is not', async () => {
  const opened = sdist({
    'setup.py': python(
      'import webbrowser',
      'from setuptools import setup',
      "webbrowser.open('https://ads.tools.invalid/x')",
      "setup(name='example')",
    ),
  });
  const asked = wheel({
    'pkg/__init__.py': python('import webbrowser', 'def docs():', "    webbrowser.open('https://docs.vendor.invalid')"),
  });

  expect(await inspect('unasked-network', opened)).toMatchObject([{ class: 'suspicious', score: 4 }]);
  expect(await inspect('unasked-network', asked)).toEqual([]);
});

test('a browser that a scraper drives at import holds the page that it asked for', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from selenium import webdriver',
      'driver = webdriver.Chrome()',
      "driver.get('https://cars.market.invalid/list')",
      'rows = driver.page_source',
    ),
  });

  expect(await inspect('unasked-network', file)).toMatchObject([{ class: 'suspicious', score: 2 }]);
});

test('a bot is no client of a host named like its token', async () => {
  const file = wheel({
    'pkg/example.py': python('import telebot', "bot = telebot.TeleBot('TOKEN')", 'bot.polling(none_stop=True)'),
  });

  const findings = await inspect('unasked-network', file);

  expect(findings.map((f) => f.score)).toEqual([2, 2]);
  expect(findings.flatMap((f) => f.hosts ?? [])).toEqual([]);
});

test.each([
  ['a trial of a client in the tests of a wheel', 'pkg/test/test_api.py', '', { class: 'suspicious', score: 6 }],
  ['the same in a module', 'pkg/api.py', '', { class: 'malware', score: 10 }],
  [
    'the same in tests that the package imports',
    'pkg/test/test_api.py',
    'from pkg.test import test_api',
    { class: 'malware' },
  ],
])('a raw address at import: %s', async (_what, path, start, expected) => {
  const file = wheel({
    'pkg/__init__.py': python(start),
    'pkg/test/__init__.py': '',
    [path]: python('import requests', "rows = requests.get('http://203.0.113.9:8000/rows').json()", 'print(rows)'),
  });

  expect(await inspect('unasked-network', file)).toMatchObject([expected]);
});

test('a session that is opened for a request whose answer is read is no message; without one it is', async () => {
  const of = async (...rest: readonly string[]): Promise<readonly number[]> =>
    (
      await inspect(
        'unasked-network',
        wheel({
          'pkg/__init__.py': python(
            'import requests',
            's = requests.Session()',
            "s.get('https://shop.market.invalid/')",
            ...rest,
          ),
        }),
      )
    ).map((f) => f.score);

  expect(await of("rows = s.get('https://shop.market.invalid/list').text")).toEqual([2, 2]);
  expect(await of()).toEqual([6]);
  expect(await of("s.get('https://shop.market.invalid/list')")).toEqual([6, 6]);
});

test('a data base that an import opens at a bare address is for a person to judge, a request to one is malware', async () => {
  const of = (line: string): Promise<readonly Finding[]> =>
    inspect('unasked-network', wheel({ 'pkg/__init__.py': python('import pymysql, socket', line) }));

  expect(await of("c = pymysql.connect(host='203.0.113.9', user='reader', password='word')")).toMatchObject([
    { class: 'suspicious', score: 6 },
  ]);
  expect(await of("c = socket.create_connection(('203.0.113.9', 3306))")).toMatchObject([
    { class: 'malware', score: 10 },
  ]);
});

test('an import that looks whether the network is there asks a well-known name; a name of its own or with data is a message', async () => {
  const score = async (name: string): Promise<number> =>
    (
      await inspect(
        'unasked-network',
        wheel({ 'pkg/__init__.py': python('import os, socket', `socket.gethostbyname(${name})`) }),
      )
    )[0]?.score ?? 0;

  expect(await score("'www.github.com'")).toBe(2);
  expect(await score("'beacon.metrics.invalid'")).toBe(5);
  expect(await score("os.urandom(4).hex() + '.github.com'")).toBe(7);
});
