// Owns: honest start-up files: what setuptools, coverage, editable installs, namespace packages and others put in site-packages.
// Written from their public documentation, in their shapes. May import: incident.ts, package-wheel.ts.
// Start here: any of the exported functions.
import type { LookAlike, Release } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

function withFiles(release: Release, files: Release['files']): Release {
  return { ...release, files: { ...release.files, ...files } };
}

/** setuptools: a shim that replaces distutils. */
export function distutilsPrecedencePth(): LookAlike {
  return {
    why: 'distutils-precedence.pth imports a module of the same wheel and calls its add_shim()',
    release: {
      kind: 'wheel',
      name: 'setuptools',
      version: '75.6.0',
      files: {
        'distutils-precedence.pth': py`import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack').add_shim(); `,
        '_distutils_hack/__init__.py': DISTUTILS_HACK,
        '_distutils_hack/override.py': "__import__('_distutils_hack').do_override()\n",
        'setuptools/__init__.py': '"""Extensions to the distutils."""\n__version__ = "75.6.0"\n',
      },
    },
  };
}

const DISTUTILS_HACK = py`# keep imports cheap: this runs at every start
import os
import sys


def enabled():
    """Whether the local copy is wanted."""
    return os.environ.get("SETUPTOOLS_USE_DISTUTILS", "local") == "local"


def do_override():
    if enabled():
        import importlib

        importlib.import_module("distutils")


class DistutilsMetaFinder:
    def find_spec(self, fullname, path, target=None):
        if path is not None and not fullname.startswith("test."):
            return None
        method = getattr(self, "spec_for_" + fullname, lambda: None)
        return method()

    def spec_for_distutils(self):
        import importlib
        import importlib.abc
        import importlib.util

        try:
            module = importlib.import_module("setuptools._distutils")
        except Exception:
            return None

        class DistutilsLoader(importlib.abc.Loader):
            def create_module(self, spec):
                module.__name__ = "distutils"
                return module

            def exec_module(self, module):
                pass

        return importlib.util.spec_from_loader("distutils", DistutilsLoader(), origin=module.__file__)


DISTUTILS_FINDER = DistutilsMetaFinder()


def add_shim():
    DISTUTILS_FINDER in sys.meta_path or insert_shim()


def insert_shim():
    sys.meta_path.insert(0, DISTUTILS_FINDER)
`;

/** coverage: measure subprocesses when asked to by a variable. */
export function coveragePth(): LookAlike {
  const code =
    'import os\\n\\nif os.getenv("COVERAGE_PROCESS_START") or os.getenv("COVERAGE_PROCESS_CONFIG"):\\n try:\\n  import coverage\\n except:\\n  pass\\n else:\\n  coverage.process_startup(slug="pth")';
  return {
    why: 'a1_coverage.pth executes a plain literal that imports coverage when a variable is set',
    release: {
      kind: 'wheel',
      name: 'coverage',
      version: '7.16.0',
      files: {
        'a1_coverage.pth': `import sys; exec('${code}')\n`,
        'coverage/__init__.py': 'from .control import Coverage, process_startup\n\n__version__ = "7.16.0"\n',
        'coverage/control.py': py`"""The core: start and stop measuring."""
import atexit
import os
import sys
import threading


class Coverage:
    def __init__(self, config_file=True, data_suffix=None):
        self.config_file = config_file
        self.data_suffix = data_suffix
        self.lines = {}

    def _trace(self, frame, event, argument):
        if event == "line":
            self.lines.setdefault(frame.f_code.co_filename, set()).add(frame.f_lineno)
        return self._trace

    def start(self):
        sys.settrace(self._trace)
        threading.settrace(self._trace)
        atexit.register(self.stop)

    def stop(self):
        sys.settrace(None)


def process_startup(slug="default"):
    """Start measuring when the variable names a configuration file."""
    name = os.getenv("COVERAGE_PROCESS_START")
    if not name:
        return None
    if hasattr(process_startup, "coverage"):
        return None
    process_startup.coverage = Coverage(config_file=name, data_suffix=True)
    process_startup.coverage.start()
    return process_startup.coverage
`,
      },
    },
  };
}

/** An editable install as setuptools writes it: a path file, or a finder module. */
export function editableInstallPth(): LookAlike {
  return {
    why: '__editable__ files: one line is a path, the other imports a generated finder and calls install()',
    release: {
      kind: 'wheel',
      name: 'sample-app',
      version: '0.1',
      files: {
        '__editable__.sample_app-0.1.pth':
          'import __editable___sample_app_0_1_finder; __editable___sample_app_0_1_finder.install()',
        '__editable__.sample_tools-0.1.pth': '/home/dev/sample-app/src\n',
        '__editable___sample_app_0_1_finder.py': py`from __future__ import annotations
import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.machinery import all_suffixes as module_suffixes
from importlib.util import spec_from_file_location
from itertools import chain
from pathlib import Path

MAPPING: dict[str, str] = {"sample_app": "/home/dev/sample-app/src/sample_app"}
NAMESPACES: dict[str, list[str]] = {}
PATH_PLACEHOLDER = "__editable__.sample_app-0.1.finder" + ".__path_hook__"


class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        for package, folder in reversed(list(MAPPING.items())):
            if fullname == package or fullname.startswith(package + "."):
                rest = fullname.replace(package, "", 1).strip(".").split(".")
                return cls._find_spec(fullname, Path(folder, *rest))
        return None

    @classmethod
    def _find_spec(cls, fullname, candidate):
        init = candidate / "__init__.py"
        candidates = (candidate.with_suffix(suffix) for suffix in module_suffixes())
        for path in chain([init], candidates):
            if path.exists():
                return spec_from_file_location(fullname, path)
        return None


def install():
    if not any(finder == _EditableFinder for finder in sys.meta_path):
        sys.meta_path.append(_EditableFinder)
`,
      },
    },
  };
}

/** The namespace package line of older setuptools. */
export function namespacePackagePth(): LookAlike {
  return {
    why: 'a -nspkg.pth line makes an empty namespace module and extends its path',
    release: {
      kind: 'wheel',
      name: 'zope.sequencing',
      version: '4.2',
      files: {
        'zope.sequencing-4.2-py3.12-nspkg.pth': py`import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('zope',));importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');m = has_mfs and sys.modules.setdefault('zope', importlib.util.module_from_spec(importlib.machinery.PathFinder.find_spec('zope', [os.path.dirname(p)])));m = m or sys.modules.setdefault('zope', types.ModuleType('zope'));mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)
`,
        'zope/sequencing/__init__.py':
          'def in_order(values):\n    return all(a <= b for a, b in zip(values, values[1:]))\n',
      },
    },
  };
}

/** virtualenv: a finder that patches distutils' configuration files away. */
export function virtualenvPth(): LookAlike {
  return {
    why: '_virtualenv.pth imports a module of its own that installs a finder on sys.meta_path',
    release: {
      kind: 'wheel',
      name: 'virtualenv-seed',
      version: '20.29',
      files: {
        '_virtualenv.pth': 'import _virtualenv',
        '_virtualenv.py': py`"""Patches that are applied at runtime to the virtual environment."""
import os
import sys

VIRTUALENV_PATCH_FILE = os.path.join(__file__)


def patch_dist(dist):
    """Ignore install locations of user configuration: they break the environment."""
    old_parse_config_files = dist.Distribution.parse_config_files

    def parse_config_files(self, *args, **kwargs):
        result = old_parse_config_files(self, *args, **kwargs)
        install = self.get_option_dict("install")
        if "prefix" in install:
            install["prefix"] = VIRTUALENV_PATCH_FILE, os.path.abspath(sys.prefix)
        return result

    dist.Distribution.parse_config_files = parse_config_files


_DISTUTILS_PATCH = "distutils.dist", "setuptools.dist"


class _Finder:
    fullname = None

    def find_spec(self, fullname, path, target=None):
        if fullname in _DISTUTILS_PATCH and self.fullname is None:
            from functools import partial
            from importlib.util import find_spec

            self.fullname = fullname
            try:
                spec = find_spec(fullname, path)
                if spec is not None:
                    old = spec.loader.exec_module
                    spec.loader.exec_module = partial(self.exec_module, old)
                    return spec
            finally:
                self.fullname = None
        return None

    @staticmethod
    def exec_module(old, module):
        old(module)
        if module.__name__ in _DISTUTILS_PATCH:
            patch_dist(module)


sys.meta_path.insert(0, _Finder())
`,
      },
    },
  };
}

/** pywin32: folders and a bootstrap that finds DLLs. */
export function windowsBootstrap(): LookAlike {
  return {
    why: 'pywin32.pth adds folders and imports a bootstrap that registers a DLL folder of the same wheel',
    release: {
      kind: 'wheel',
      name: 'pywin32',
      version: '308',
      wheel: { tag: 'cp312-cp312-win_amd64' },
      files: {
        'pywin32.pth':
          '# .pth file for the PyWin32 extensions\nwin32\nwin32\\lib\nPythonwin\nimport pywin32_bootstrap\n',
        'win32/lib/pywin32_bootstrap.py': py`# Imported by pywin32.pth to make the DLLs findable.
try:
    import pywin32_system32
except ImportError:
    pass
else:
    import os

    for path in pywin32_system32.__path__:
        if os.path.isdir(path):
            if hasattr(os, "add_dll_directory"):
                os.add_dll_directory(path)
            else:
                os.environ["PATH"] = os.environ["PATH"].replace(os.environ["PATH"], "%s;%s" % (path, os.environ["PATH"]))
            break
`,
        'pywin32_system32/__init__.py': '',
      },
    },
  };
}

/** Instrumentation that puts a sitecustomize of its own on PYTHONPATH of a child it starts. */
export function instrumentationSitecustomize(): LookAlike {
  return {
    why: 'sitecustomize.py lies inside the package, not in site-packages, and only loads instrumentors by entry point',
    release: packageWheel('tracekit-instrumentation', {
      '__init__.py': '__version__ = "0.49b0"\n',
      'auto_instrumentation/__init__.py': py`"""Run a program with instrumentation: tracekit-instrument python app.py"""
import os
import sys
from shutil import which


def run():
    folder = os.path.dirname(os.path.abspath(__file__))
    path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if folder not in path:
        os.environ["PYTHONPATH"] = os.pathsep.join([folder] + [one for one in path if one])
    command = which(sys.argv[1])
    os.execl(command, command, *sys.argv[2:])
`,
      'auto_instrumentation/sitecustomize.py': py`from tracekit_instrumentation.auto_instrumentation._load import initialize

initialize()
`,
      'auto_instrumentation/_load.py': py`import logging
import os
from importlib.metadata import entry_points

logger = logging.getLogger(__name__)


def initialize():
    disabled = os.environ.get("TRACEKIT_DISABLED_INSTRUMENTATIONS", "").split(",")
    for point in entry_points(group="tracekit_instrumentor"):
        if point.name in disabled:
            continue
        try:
            point.load()().instrument(skip_dep_check=True)
        except Exception:
            logger.exception("instrumenting of %s failed", point.name)
`,
    }),
  };
}

/** PEP 829: a start file that names a function of the package. */
export function startFile(): LookAlike {
  return {
    why: 'a .start file names a function of the same wheel that extends sys.path and sets a locale default',
    release: withFiles(
      packageWheel('pathkit', {
        '__init__.py': '"""Paths of plug-ins."""\n',
        '_startup.py': py`import os
import sys


def initialize():
    folder = os.path.join(os.path.dirname(__file__), "plugins")
    if os.path.isdir(folder) and folder not in sys.path:
        sys.path.append(folder)
`,
      }),
      { 'pathkit.start': '# PEP 829\npathkit._startup:initialize\n' },
    ),
  };
}
