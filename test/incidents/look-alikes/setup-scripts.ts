// Owns: honest setup scripts and build backends with real logic. May import: incident.ts, python-text.ts.
// Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';

const MODULE = 'def add(left, right):\n    return left + right\n';

/** Version from git describe, sources by exec of a version file, compiler flags from pkg-config. */
export function gitDescribeSetup(): LookAlike {
  return {
    why: 'setup.py runs git describe and pkg-config, executes its own _version.py and reads the include folder of numpy by python -c',
    release: {
      kind: 'sdist',
      name: 'fastgrid',
      version: '2.4.1',
      files: {
        'setup.py': py`#!/usr/bin/env python
import os
import platform
import re
import subprocess
import sys

from setuptools import Extension, find_packages, setup
from setuptools.command.build_ext import build_ext

HERE = os.path.dirname(os.path.abspath(__file__))


def version():
    about = {}
    with open(os.path.join(HERE, "fastgrid", "_version.py")) as stream:
        exec(stream.read(), about)
    try:
        described = subprocess.check_output(
            ["git", "describe", "--tags", "--dirty", "--always"], cwd=HERE, stderr=subprocess.DEVNULL
        )
    except (OSError, subprocess.CalledProcessError):
        return about["__version__"]
    text = described.decode("ascii").strip()
    return text if re.match(r"^\d+\.\d+\.\d+$", text) else about["__version__"]


def pkg_config(*arguments):
    tool = os.environ.get("PKG_CONFIG", "pkg-config")
    try:
        return subprocess.check_output([tool, *arguments]).decode().split()
    except (OSError, subprocess.CalledProcessError):
        return []


def numpy_include():
    code = "import numpy; print(numpy.get_include())"
    try:
        return [subprocess.check_output([sys.executable, "-c", code]).decode().strip()]
    except subprocess.CalledProcessError:
        return []


class BuildExt(build_ext):
    def build_extensions(self):
        compiler = self.compiler.compiler_type
        flags = ["/O2"] if compiler == "msvc" else ["-O3", "-std=c11"]
        if platform.machine() == "x86_64" and os.environ.get("FASTGRID_NATIVE"):
            flags.append("-march=native")
        for extension in self.extensions:
            extension.extra_compile_args = flags
        build_ext.build_extensions(self)

    def run(self):
        if os.path.isfile("CMakeLists.txt"):
            subprocess.check_call(["cmake", "-S", ".", "-B", self.build_temp, "-DCMAKE_BUILD_TYPE=Release"])
            subprocess.check_call(["cmake", "--build", self.build_temp])
        build_ext.run(self)


setup(
    name="fastgrid",
    version=version(),
    packages=find_packages(),
    ext_modules=[
        Extension(
            "fastgrid._core",
            ["src/core.c"],
            include_dirs=numpy_include() + [flag[2:] for flag in pkg_config("--cflags-only-I", "zlib")],
            libraries=["z"],
        )
    ],
    cmdclass={"build_ext": BuildExt},
)
`,
        'fastgrid/__init__.py': MODULE,
        'fastgrid/_version.py': '__version__ = "2.4.1"\n',
        'src/core.c': '#include <Python.h>\nint fastgrid_add(int a, int b) { return a + b; }\n',
      },
    },
  };
}

/** A header-only dependency, pinned by digest, fetched while building; nothing of it is run. */
export function pinnedHeaderSetup(): LookAlike {
  return {
    why: 'a build command fetches a source archive of a C library from its releases, checks a pinned sha256 and compiles against it',
    release: {
      kind: 'sdist',
      name: 'bitpack-codec',
      version: '0.9.2',
      files: {
        'setup.py': py`import hashlib
import io
import os
import tarfile
from urllib.request import urlopen

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

URL = "https://github.com/example/libbitpack/archive/refs/tags/v1.4.0.tar.gz"
SHA256 = "5f1d3c2f6ce6ad6d0e8dbd4e06b1f34a3d1c7d08a3c1b2c4a8f3d2a5d9b7e110"
VENDOR = os.path.join("vendor", "libbitpack-1.4.0")


def fetch_sources():
    if os.path.isdir(VENDOR):
        return
    data = urlopen(URL, timeout=60).read()
    digest = hashlib.sha256(data).hexdigest()
    if digest != SHA256:
        raise RuntimeError("checksum of %s is %s, expected %s" % (URL, digest, SHA256))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall("vendor", filter="data")


class BuildExt(build_ext):
    def run(self):
        fetch_sources()
        build_ext.run(self)


setup(
    name="bitpack-codec",
    version="0.9.2",
    packages=["bitpack_codec"],
    ext_modules=[Extension("bitpack_codec._codec", ["bitpack_codec/_codec.c"], include_dirs=[os.path.join(VENDOR, "include")])],
    cmdclass={"build_ext": BuildExt},
)
`,
        'bitpack_codec/__init__.py': MODULE,
        'bitpack_codec/_codec.c': '#include <Python.h>\n',
      },
    },
  };
}

/** A build backend in the tree that writes the version from git and hands over to setuptools. */
export function inTreeBackend(): LookAlike {
  return {
    why: 'an in-tree backend asks git for the version, writes a module, and delegates everything else to setuptools',
    release: {
      kind: 'sdist',
      name: 'wavegrid',
      version: '1.8.0',
      sdist: {
        pyproject:
          '[build-system]\nrequires = ["setuptools>=68"]\nbuild-backend = "backend"\nbackend-path = ["_custom_build"]\n\n[project]\nname = "wavegrid"\ndynamic = ["version"]\n',
      },
      files: {
        '_custom_build/backend.py': py`"""setuptools with the version from git."""
import os
import subprocess

from setuptools import build_meta as _orig
from setuptools.build_meta import *

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _git_version():
    try:
        output = subprocess.run(
            ["git", "describe", "--tags", "--match", "v*"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
    return output.lstrip("v").replace("-", ".post", 1).split("-")[0]


def _write_version():
    version = os.environ.get("WAVEGRID_VERSION") or _git_version()
    path = os.path.join(ROOT, "wavegrid", "_version.py")
    if version:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write("version = %r\n" % version)


def get_requires_for_build_wheel(config_settings=None):
    return [*_orig.get_requires_for_build_wheel(config_settings), "cmake>=3.20"]


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    _write_version()
    return _orig.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory, config_settings=None):
    _write_version()
    return _orig.build_sdist(sdist_directory, config_settings)
`,
        'wavegrid/__init__.py': MODULE,
        'wavegrid/_version.py': 'version = "1.8.0"\n',
      },
    },
  };
}

/** attr: on a module that needs to be imported, and does honest things at import. */
export function staticAttribute(): LookAlike {
  return {
    why: 'version = attr: imports a module that reads a VERSION file and the environment',
    release: {
      kind: 'sdist',
      name: 'tablesmith',
      version: '2.0.3',
      files: {
        'setup.cfg':
          '[metadata]\nname = tablesmith\nversion = attr: tablesmith.version.current\n\n[options]\npackages = find:\n',
        'pyproject.toml': '[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n',
        'tablesmith/__init__.py': MODULE,
        'tablesmith/VERSION': '2.0.3\n',
        'tablesmith/version.py': py`import os
import platform

_path = os.path.join(os.path.dirname(__file__), "VERSION")
with open(_path) as _stream:
    current = os.environ.get("TABLESMITH_VERSION") or _stream.read().strip()

if platform.python_implementation() == "PyPy":
    current += "+pypy"
`,
      },
    },
  };
}
