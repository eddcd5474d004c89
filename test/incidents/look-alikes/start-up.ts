// Owns: honest start-up files: what setuptools, coverage, editable installs, namespace packages and others put in site-packages.
// Written from their public documentation, in their shapes. May import: incident.ts, package-wheel.ts.
// Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';

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
