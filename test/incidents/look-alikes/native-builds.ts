// Owns: honest builds of native extensions: cargo build scripts, CMake, and a placeholder that only refuses.
// May import: incident.ts, python-text.ts. Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';

/** A build script that asks the compiler and pkg-config. */
export function rustProject(): LookAlike {
  return {
    why: 'build.rs runs rustc --version and pkg-config and prints cargo directives',
    release: {
      kind: 'sdist',
      name: 'steadycrc',
      version: '0.5.0',
      sdist: {
        pyproject:
          '[build-system]\nrequires = ["maturin>=1,<2"]\nbuild-backend = "maturin"\n\n[project]\nname = "steadycrc"\nversion = "0.5.0"\n',
      },
      files: {
        'Cargo.toml': '[package]\nname = "steadycrc"\nversion = "0.5.0"\nedition = "2021"\nbuild = "build.rs"\n',
        'build.rs': `use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc runs");
    if String::from_utf8_lossy(&output.stdout).contains("nightly") {
        println!("cargo:rustc-cfg=nightly");
    }
    if let Ok(flags) = Command::new("pkg-config").args(["--libs", "zlib"]).output() {
        for flag in String::from_utf8_lossy(&flags.stdout).split_whitespace() {
            println!("cargo:rustc-link-arg={flag}");
        }
    }
}
`,
        'src/lib.rs': '#[no_mangle]\npub extern "C" fn crc(value: u32) -> u32 { value.rotate_left(5) }\n',
        'python/steadycrc/__init__.py': 'from .steadycrc import crc\n',
      },
    },
  };
}

/** CMake that fetches a pinned dependency and asks Python for its folders. */
export function cmakeProject(): LookAlike {
  return {
    why: 'CMakeLists.txt fetches a source archive with a pinned hash and asks Python and git for facts',
    release: {
      kind: 'sdist',
      name: 'steadyfft',
      version: '0.5.0',
      sdist: {
        pyproject:
          '[build-system]\nrequires = ["scikit-build-core"]\nbuild-backend = "scikit_build_core.build"\n\n[project]\nname = "steadyfft"\nversion = "0.5.0"\n',
      },
      files: {
        'CMakeLists.txt': `cmake_minimum_required(VERSION 3.18)
project(\${SKBUILD_PROJECT_NAME} LANGUAGES C)

include(FetchContent)
FetchContent_Declare(
  pocketfft
  URL https://github.com/example/pocketfft/archive/refs/tags/v1.0.0.tar.gz
  URL_HASH SHA256=5f1d3c2f6ce6ad6d0e8dbd4e06b1f34a3d1c7d08a3c1b2c4a8f3d2a5d9b7e110)
FetchContent_MakeAvailable(pocketfft)

execute_process(COMMAND git describe --tags OUTPUT_VARIABLE VERSION OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(
  COMMAND "\${Python_EXECUTABLE}" -c "import numpy; print(numpy.get_include())"
  OUTPUT_VARIABLE NUMPY_INCLUDE OUTPUT_STRIP_TRAILING_WHITESPACE)
find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
Python_add_library(_fft MODULE src/fft.c WITH_SOABI)
target_include_directories(_fft PRIVATE \${NUMPY_INCLUDE})
install(TARGETS _fft DESTINATION steadyfft)
`,
        'src/fft.c': '#include <Python.h>\n',
        'src/steadyfft/__init__.py': 'from ._fft import transform\n',
      },
    },
  };
}

/** A name held so that nobody else takes it. */
export function placeholder(): LookAlike {
  return {
    why: 'a placeholder whose install command only prints where to go and stops',
    release: {
      kind: 'sdist',
      name: 'steady-placeholder',
      version: '0.0.1',
      files: {
        'setup.py': py`import sys

from setuptools import setup
from setuptools.command.install import install

MESSAGE = "This name is reserved. You are probably looking for 'steadyfft': pip install steadyfft"


class Refuse(install):
    def run(self):
        print(MESSAGE, file=sys.stderr)
        raise SystemExit(MESSAGE)


setup(name="steady-placeholder", version="0.0.1", description=MESSAGE, cmdclass={"install": Refuse})
`,
      },
    },
  };
}
