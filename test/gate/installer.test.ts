import { describe, expect, test } from 'vitest';
import { findLikelyFile, parseInstaller } from '../../src/gate/installer.ts';
import { PIP_AGENT } from '../support/gate-world.ts';
import { makeStoredFile } from '../support/stored-facts.ts';

const PIP_ON_ALPINE = PIP_AGENT.replace('"lib":"glibc"', '"lib":"musl"');

describe('a User-Agent', () => {
  test.each([
    ['pip', PIP_AGENT, { tool: 'pip', python: [3, 11], system: 'linux', machine: 'x86_64', isMusl: false }],
    [
      'uv',
      'uv/0.13.9 {"installer":{"name":"uv","version":"0.13.9"},"python":"3.12.1","system":{"name":"Darwin"},"cpu":"arm64"}',
      { tool: 'uv', python: [3, 12], system: 'darwin', machine: 'arm64' },
    ],
    ['Poetry', 'poetry/2.5.1 CPython/3.11.7 Linux/6.1.0', { tool: 'poetry', python: [3, 11], system: 'linux' }],
    ['PDM', 'pdm/2.29.3', { tool: 'pdm', isMusl: false }],
    ['pip on Alpine', PIP_ON_ALPINE, { tool: 'pip', isMusl: true }],
    ['pip with broken details', 'pip/26.3 {"python":', { tool: 'pip' }],
  ])('of %s says where it runs', (_name, agent, expected) => {
    expect(parseInstaller(agent)).toMatchObject(expected);
  });

  test.each([[''], ['curl/8'], ['Mozilla/5.0 (X11) pip/1'], [`pip/${'x'.repeat(10_000)}`]])(
    '%.30s is no installer',
    (agent) => {
      expect(parseInstaller(agent)).toBeUndefined();
    },
  );
});

describe('the file that it would pick', () => {
  const names = [
    'six-2.0.tar.gz',
    'six-2.0-py3-none-any.whl',
    'six-2.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    'six-2.0-cp311-cp311-musllinux_1_2_x86_64.whl',
    'six-2.0-cp39-abi3-manylinux2014_x86_64.whl',
    'six-2.0-cp312-cp312-macosx_11_0_arm64.whl',
    'six-2.0-cp312-cp312-win_amd64.whl',
  ];

  function pick(agent: string, from: readonly string[] = names): string | undefined {
    const installer = parseInstaller(agent);
    if (installer === undefined) throw new Error(agent);
    const files = from.map((name) => makeStoredFile(name));
    return findLikelyFile(files, installer)?.file.filename;
  }

  function uv(python: string, system: string, cpu: string): string {
    return `uv/0.13.9 {"python":"${python}","system":{"name":"${system}"},"cpu":"${cpu}"}`;
  }

  test.each([
    ['its Python and platform', PIP_AGENT, names[2]],
    ['musl', PIP_ON_ALPINE, names[3]],
    ['the stable ABI', uv('3.13.0', 'Linux', 'x86_64'), names[4]],
    ['a Mac', uv('3.12.0', 'Darwin', 'arm64'), names[5]],
    ['Windows', uv('3.12.0', 'Windows', 'amd64'), names[6]],
    ['another processor', uv('3.12.0', 'Linux', 'ppc64le'), names[1]],
    ['nothing known', 'pdm/2.29.3', names[1]],
  ])('follows %s', (_name, agent, expected) => {
    expect(pick(agent)).toBe(expected);
  });

  test('is the sdist where no wheel fits, and nothing where there is none', () => {
    expect(pick(PIP_AGENT, ['six-2.0.tar.gz', 'six-2.0-cp312-cp312-win_amd64.whl'])).toBe('six-2.0.tar.gz');
    expect(pick(PIP_AGENT, ['six-2.0-cp312-cp312-win_amd64.whl'])).toBeUndefined();
  });

  test.each([
    ['none of a release that has left its Python behind, its sdist least of all', '>=3.12', undefined],
    ['one that its Python may run', '>=3.8,<4', 'six-2.0.tar.gz'],
    ['one whose requirement nobody can read', 'three', 'six-2.0.tar.gz'],
  ])('is %s', (_name, requiresPython, expected) => {
    const installer = parseInstaller(PIP_AGENT)!;
    const file = makeStoredFile('six-2.0.tar.gz');
    const files = [{ ...file, file: { ...file.file, requiresPython } }];

    expect(findLikelyFile(files, installer)?.file.filename).toBe(expected);
  });
});
