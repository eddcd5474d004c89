// Owns: honest plug-ins, import hooks and caches of compiled code. May import: incident.ts, package-wheel.ts.
// Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** A plug-in that times tests and asks git for the revision. */
export function pytestPlugin(): LookAlike {
  const release = packageWheel('pytest-stopwatch', {
    '__init__.py': '__version__ = "1.2.0"\n',
    'plugin.py': py`"""Times of tests, with the revision they belong to."""
import json
import os
import platform
import subprocess
import time


def pytest_addoption(parser):
    parser.addoption("--stopwatch", metavar="FILE", default=None, help="write times as JSON")


def _revision(root):
    try:
        output = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True)
    except OSError:
        return None
    return output.stdout.strip() or None


class Stopwatch:
    def __init__(self, config):
        self.path = config.getoption("--stopwatch")
        self.facts = {
            "node": platform.node(),
            "python": platform.python_version(),
            "ci": bool(os.environ.get("CI")),
            "revision": _revision(config.rootpath),
        }
        self.times = {}

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            self.times[report.nodeid] = report.duration

    def pytest_sessionfinish(self, session):
        with open(self.path, "w", encoding="utf-8") as stream:
            json.dump({**self.facts, "finished": time.time(), "times": self.times}, stream)


def pytest_configure(config):
    if config.getoption("--stopwatch"):
        config.pluginmanager.register(Stopwatch(config), "stopwatch")
`,
  });
  return {
    why: 'a pytest plug-in asks git for the revision and writes times with the host name to a file that the user names',
    release: { ...release, wheel: { entryPoints: '[pytest11]\nstopwatch = pytest_stopwatch.plugin\n' } },
  };
}

/** Post-import hooks: a finder that calls registered functions after a module was loaded. */
export function importHooks(): LookAlike {
  return {
    why: 'a finder on sys.meta_path calls functions that the application registered; nothing leaves the process',
    release: packageWheel('afterimport', {
      '__init__.py': py`"""Run code after another module was imported."""
import importlib.abc
import importlib.util
import sys
import threading

_hooks = {}
_lock = threading.RLock()


class _HookedLoader(importlib.abc.Loader):
    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        for hook in _hooks.pop(module.__name__, []):
            hook(module)


class ImportHookFinder(importlib.abc.MetaPathFinder):
    def __init__(self):
        self._active = set()

    def find_spec(self, name, path=None, target=None):
        with _lock:
            if name not in _hooks or name in self._active:
                return None
            self._active.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._active.discard(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _HookedLoader(spec.loader)
        return spec


def when_imported(name):
    def decorate(hook):
        if name in sys.modules:
            hook(sys.modules[name])
        else:
            _hooks.setdefault(name, []).append(hook)
        return hook

    return decorate


sys.meta_path.insert(0, ImportHookFinder())
`,
    }),
  };
}

/** Caches of compiled templates: marshal and pickle of what the library itself wrote. */
export function compiledCache(): LookAlike {
  return {
    why: 'compiled templates are kept with marshal in a cache folder, with a checksum, and executed when a template is rendered',
    release: packageWheel('stencil-templates', {
      '__init__.py': py`"""Templates, compiled to Python and cached."""
import hashlib
import marshal
import os
import re
import tempfile


class BytecodeCache:
    def __init__(self, folder=None):
        self.folder = folder or os.path.join(tempfile.gettempdir(), "stencil-cache-%d" % os.getpid())

    def path(self, source):
        return os.path.join(self.folder, hashlib.sha256(source.encode()).hexdigest() + ".cache")

    def load(self, source):
        try:
            with open(self.path(source), "rb") as stream:
                return marshal.load(stream)
        except (OSError, EOFError, ValueError):
            return None

    def store(self, source, code):
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        with open(self.path(source), "wb") as stream:
            marshal.dump(code, stream)


def compile_template(text):
    parts = re.split(r"(\{\{.*?\}\})", text)
    lines = ["def render(context):", "    out = []"]
    for part in parts:
        if part.startswith("{{"):
            lines.append("    out.append(str(context[%r]))" % part[2:-2].strip())
        elif part:
            lines.append("    out.append(%r)" % part)
    lines.append("    return ''.join(out)")
    return "\n".join(lines)


class Template:
    cache = BytecodeCache()

    def __init__(self, text):
        source = compile_template(text)
        code = self.cache.load(source)
        if code is None:
            code = compile(source, "<template>", "exec")
            self.cache.store(source, code)
        namespace = {}
        exec(code, namespace)
        self.render = namespace["render"]
`,
    }),
  };
}
