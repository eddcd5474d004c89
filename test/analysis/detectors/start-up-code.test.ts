import { expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';

test('a .pth line that starts a process is suspicious with 9 points at its own line', async () => {
  const file = wheel({
    'pkg/__init__.py': '',
    'pkg.pth': python('# paths of pkg', "import os; os.system('./collect')"),
  });

  expect(await inspect('start-up-code', file)).toMatchObject([
    { class: 'suspicious', score: 9, context: 'start-up', path: 'pkg.pth', line: 2 },
  ]);
});

test('a site hook at the top of a wheel runs at every start', async () => {
  const file = wheel({ 'pkg/__init__.py': '', 'sitecustomize.py': 'import pkg\n' });

  expect(await inspect('start-up-code', file)).toMatchObject([
    { class: 'suspicious', score: 7, context: 'start-up', path: 'sitecustomize.py', line: 1 },
  ]);
});

test('paths, a module of its own and the line of setuptools stay below quarantine', async () => {
  const file = wheel({
    'pkg/__init__.py': '',
    'pkg/hook.py': 'def start():\n    return None\n',
    'a-paths.pth': 'pkg\n../shared\n',
    'a-own.pth': 'import pkg.hook; pkg.hook.start()\n',
    'distutils-precedence.pth':
      "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack').add_shim();\n",
  });

  const findings = await inspect('start-up-code', file);

  expect(findings).toMatchObject([{ score: 2, path: 'a-own.pth', line: 1 }]);
});

test('a file of that name inside a package is read by nobody at start-up', async () => {
  const file = wheel({
    'pkg/__init__.py': '',
    'pkg/sitecustomize.py': 'import pkg\n',
    'pkg/data/lines.pth': "import os; os.system('./collect')\n",
  });

  expect(await inspect('start-up-code', file)).toEqual([]);
});

test('a line that begins with a tab after import, decodes and stands in purelib is found', async () => {
  const hidden = Buffer.from("import os; os.system('./collect')").toString('base64');
  const file = wheel({
    'pkg/__init__.py': '',
    '*.data/purelib/pkg.pth': python('pkg', `import\tbase64; exec(base64.b64decode('${hidden}'))`),
  });

  expect(await inspect('start-up-code', file)).toMatchObject([
    { class: 'suspicious', score: 9, context: 'start-up', path: 'pkg-1.0.0.data/purelib/pkg.pth', line: 2 },
  ]);
});

test('a line behind the data scheme is found as well', async () => {
  const file = wheel({
    'pkg/__init__.py': '',
    '*.data/data/lib/python3.12/site-packages/pkg.pth': "import os; os.system('./collect')\n",
  });

  expect(await inspect('start-up-code', file)).toMatchObject([{ score: 9, context: 'start-up', line: 1 }]);
});

test('a line that imports the hook of its own project where a variable asks for it is ordinary', async () => {
  const file = wheel({
    'pkg_cov.pth':
      'import os, sys;exec(\'if "COV_SOURCE" in os.environ:\\n    try:\\n        from pkg_cov.embed import init\\n        init()\\n    except Exception as exc:\\n        sys.stderr.write("pkg-cov: no coverage of child processes: {0!r}\\\\n".format(exc))\\n\')\n',
    'pkg_cov/__init__.py': '',
    'pkg_cov/embed.py': python('def init():', '    return None'),
  });

  expect(await inspect('start-up-code', file)).toMatchObject([{ score: 2, class: 'suspicious' }]);
});
