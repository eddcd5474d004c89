// Owns: honest start-up files that install finders or bootstraps: editable installs, virtualenv, instrumentation, PEP 829.
// Written from their public documentation, in their shapes. May import: incident.ts, package-wheel.ts.
// Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

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
  const release = packageWheel('pathkit', {
    '__init__.py': '"""Paths of plug-ins."""\n',
    '_startup.py': py`import os
import sys


def initialize():
    folder = os.path.join(os.path.dirname(__file__), "plugins")
    if os.path.isdir(folder) and folder not in sys.path:
        sys.path.append(folder)
`,
  });
  return {
    why: 'a .start file names a function of the same wheel that extends sys.path and sets a locale default',
    release: { ...release, files: { ...release.files, 'pathkit.start': '# PEP 829\npathkit._startup:initialize\n' } },
  };
}
