// Owns: honest loading of code and data: pickled models, zips on the path, configuration as code, scripts of the caller.
// May import: incident.ts, support/make-zip.ts, package-wheel.ts. Start here: any of the exported functions.
import { makeZip } from '../../support/make-zip.ts';
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** A classifier whose coefficients travel as a pickle of plain containers. */
export function pickledModel(): LookAlike {
  // protocol 2: {'bias': 0.5, 'weights': [1, 2, 3]} without any global
  const model = Buffer.from(
    '\x80\x02}q\x00(X\x04\x00\x00\x00biasq\x01G?\xe0\x00\x00\x00\x00\x00\x00X\x07\x00\x00\x00weightsq\x02]q\x03(K\x01K\x02K\x03eu.',
    'latin1',
  );
  return {
    why: 'import loads a bundled pickle that holds numbers in plain containers and names no function',
    release: packageWheel('mood-meter', {
      '__init__.py': py`"""Mood of short texts."""
import pickle
from importlib.resources import files

with (files("mood_meter") / "model.pkl").open("rb") as _stream:
    _MODEL = pickle.load(_stream)


def mood(text):
    counts = [text.count(mark) for mark in "!?."]
    return _MODEL["bias"] + sum(a * b for a, b in zip(counts, _MODEL["weights"]))
`,
      'model.pkl': model,
    }),
  };
}

/** Vendored pure Python in a zip, as some installers do it. */
export function vendoredZip(): LookAlike {
  const vendored = makeZip([
    {
      name: 'tinytoml.py',
      content:
        'def loads(text):\n    rows = (line.split("=", 1) for line in text.splitlines() if "=" in line)\n    return {key.strip(): value.strip() for key, value in rows}\n',
    },
  ]);
  return {
    why: 'import puts a bundled zip with a vendored parser on sys.path and imports it; the parser only parses',
    release: packageWheel('packmate', {
      '__init__.py': py`"""Reads project files with a vendored parser."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "_vendor.zip"))

import tinytoml

__all__ = ["read"]


def read(path):
    with open(path, encoding="utf-8") as stream:
        return tinytoml.loads(stream.read())
`,
      '_vendor.zip': vendored,
    }),
  };
}

/** Configuration written in Python, named on the command line, and plug-ins loaded by path. */
export function pythonConfiguration(): LookAlike {
  const release = packageWheel('petri-server', {
    '__init__.py': '__version__ = "3.1.0"\n',
    'config.py': py`"""Configuration files are Python."""
import importlib.util
import os
import runpy
import sys


def load(path):
    """Names defined by a configuration file of the user."""
    namespace = {"__file__": path}
    with open(path, "rb") as stream:
        exec(compile(stream.read(), path, "exec"), namespace)
    return {name: value for name, value in namespace.items() if not name.startswith("_")}


def plugin(path):
    spec = importlib.util.spec_from_file_location(os.path.splitext(os.path.basename(path))[0], path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(path, *argv):
    sys.argv = [path, *argv]
    return runpy.run_path(path, run_name="__main__")
`,
    'cli.py': py`import argparse

from . import config


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-c", "--config", required=True)
    parser.add_argument("--plugin", action="append", default=[])
    options = parser.parse_args()
    settings = config.load(options.config)
    for path in options.plugin:
        config.plugin(path).register(settings)
    print(settings)
`,
  });
  return {
    why: 'executes configuration and plug-in files whose paths the user gives on the command line',
    release: { ...release, wheel: { entryPoints: '[console_scripts]\npetri = petri_server.cli:main\n' } },
  };
}

/** Runs a snippet of the caller in a fresh interpreter, with a limit. */
export function snippetRunner(): LookAlike {
  return {
    why: 'passes source text of the caller to a fresh interpreter over stdin and returns the output',
    release: packageWheel('doctest-lab', {
      '__init__.py': py`"""Run the examples of a document, each in its own interpreter."""
import re
import subprocess
import sys
import tempfile

FENCE = re.compile(r"\u0060{3}python\n(.*?)\u0060{3}", re.S)


def run(source, timeout=10):
    """Output of a snippet; the interpreter is isolated and sees no environment of ours."""
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.Popen(
            [sys.executable, "-I", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            text=True,
        )
        output, _ = child.communicate(source, timeout=timeout)
    return child.returncode, output


def check(path):
    with open(path, encoding="utf-8") as stream:
        return [run(source) for source in FENCE.findall(stream.read())]
`,
    }),
  };
}

/** A scheduler's server side: a notebook server extension that adds a route. */
export function serverExtension(): LookAlike {
  const release = packageWheel('notebook-ledger', {
    '__init__.py': '__version__ = "3.1.0"\n',
    'server.py': py`"""Server side: a route that lists the notebooks of the root folder."""
import json
import os

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join


class LedgerHandler(APIHandler):
    def get(self):
        root = os.path.expanduser(self.settings["server_root_dir"])
        names = sorted(name for name in os.listdir(root) if name.endswith(".ipynb"))
        self.finish(json.dumps({"notebooks": names, "user": self.current_user.username}))


def _jupyter_server_extension_points():
    return [{"module": "notebook_ledger.server"}]


def _load_jupyter_server_extension(app):
    base = app.web_app.settings["base_url"]
    app.web_app.add_handlers(".*$", [(url_path_join(base, "ledger"), LedgerHandler)])
    app.log.info("notebook_ledger loaded")
`,
  });
  return {
    why: 'a data file enables a notebook server extension that adds a route to the user’s own server',
    release: {
      ...release,
      files: {
        ...release.files,
        '*.data/data/etc/jupyter/jupyter_server_config.d/notebook-ledger.json':
          '{"ServerApp": {"jpserver_extensions": {"notebook_ledger.server": true}}}\n',
      },
    },
  };
}
