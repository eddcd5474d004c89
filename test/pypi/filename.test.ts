import { describe, expect, test } from 'vitest';
import { listPossibleProjects, parseFilename } from '../../src/pypi/filename.ts';
import { parseProjectName } from '../../src/pypi/names.ts';

function name(text: string) {
  const project = parseProjectName(text);
  if (project === undefined) throw new Error(text);
  return project;
}

describe('without a known project', () => {
  test.each([
    ['numpy-2.1.0-cp312-cp312-win_amd64.whl', 'wheel', 'numpy', '2.1.0'],
    ['Foo_Bar-1.0+cpu-1a-py2.py3-none-any.whl', 'wheel', 'foo-bar', '1.0+cpu'],
    ['foo-1.0-py3-none-any-x86_64_v3.whl', 'wheel', 'foo', '1.0'],
    ['foo-1.0-1-py3-none-any-x86_64_v3.whl', 'wheel', 'foo', '1.0'],
    ['foo-1.0_1-py3-none-any.whl', 'wheel', 'foo', '1.0-1'],
    ['zope.interface-5.0.tar.gz', 'sdist', 'zope-interface', '5.0'],
    ['foo-bar-2-1.0.tar.bz2', 'sdist', 'foo-bar-2', '1.0'],
    ['django-1.0-alpha.zip', 'sdist', 'django', '1.0-alpha'],
    ['pytz-2004d.tar.gz', 'sdist', 'pytz', '2004d'],
    ['foo-1.0.linux-x86_64.tar.gz', 'dumb', 'foo', '1.0'],
    ['setuptools-0.6c11-py2.7.egg', 'egg', 'setuptools', '0.6c11'],
    ['zope.interface-4.0-py2.7-win32.egg', 'egg', 'zope-interface', '4.0'],
    ['foo-1.0.win32-py2.7.exe', 'installer', 'foo', '1.0'],
    ['foo-1.0.win-amd64-py3.4.msi', 'installer', 'foo', '1.0'],
    ['foo-bar-1.0-1.noarch.rpm', 'rpm', 'foo-bar', '1.0'],
  ])('%s is a %s of %s %s', (filename, kind, project, version) => {
    expect(parseFilename(filename)).toMatchObject({ kind, project, version });
  });

  test('a wheel gives its tags as sets', () => {
    expect(parseFilename('foo-1.0-2b-cp311.cp312-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl')?.tags).toEqual({
      build: '2b',
      pythons: ['cp311', 'cp312'],
      abis: ['abi3'],
      platforms: ['manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
    });
  });

  test.each([
    ['foo-1.0-py3-none.whl'],
    ['foo-1.0-2b-py3-none.whl'],
    ['foo--py3-none-any.whl'],
    ['foo__bar-1.0-py3-none-any.whl'],
    ['foo-1.0.txt'],
    ['foo.tar.gz'],
    ['-1.0.tar.gz'],
    ['../foo-1.0.tar.gz'],
    ['foo-1.0.tar.gz\u0000'],
    [`${'f'.repeat(10_000)}-1.0.tar.gz`],
  ])('%j says nothing', (filename) => {
    expect(parseFilename(filename)).toBeUndefined();
  });
});

describe('with the project of the page', () => {
  test.each([
    ['foo-2-1.tar.gz', 'foo', '2-1'],
    ['foo-2-1.tar.gz', 'foo-2', '1'],
    ['python-dateutil-2.0-py3.tar.gz', 'python-dateutil', '2.0-py3'],
    ['Zope.Interface-5.0.tar.gz', 'zope-interface', '5.0'],
  ])('%s on the page of %s is version %s', (filename, project, version) => {
    expect(parseFilename(filename, name(project))?.version).toBe(version);
  });

  test.each([['six-1.0.tar.gz'], ['six-1.0-py3-none-any.whl'], ['six-1.0-py2.7.egg'], ['six-1.0.win32.exe']])(
    '%s does not speak for another project',
    (filename) => {
      expect(parseFilename(filename, name('foo'))).toBeUndefined();
    },
  );
});

test('an ambiguous sdist may belong to several projects, a wheel to one', () => {
  expect(listPossibleProjects('foo-2-1.tar.gz')).toEqual(['foo-2', 'foo']);
  expect(listPossibleProjects('foo_bar-1.0-py3-none-any.whl')).toEqual(['foo-bar']);
  expect(listPossibleProjects('README')).toEqual([]);
});
