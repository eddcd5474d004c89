// Owns: honest native code: libraries loaded through ctypes, programs in scripts, extension modules.
// May import: incident.ts, elf.ts, package-wheel.ts. Start here: any of the exported functions.
import { makeElf } from '../elf.ts';
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** A numeric library bundled with its ctypes binding, in the manner of numpy.ctypeslib users. */
export function ctypesLibrary(): LookAlike {
  const release = packageWheel('bitarith', {
    '__init__.py': py`"""Vector arithmetic on packed bits."""
import ctypes
import os
import sys

_SUFFIX = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libbitarith" + _SUFFIX)

_library = ctypes.CDLL(_PATH)
_library.bitarith_popcount.argtypes = [ctypes.POINTER(ctypes.c_uint64), ctypes.c_size_t]
_library.bitarith_popcount.restype = ctypes.c_size_t


def popcount(words):
    """Number of bits set in a sequence of 64-bit words."""
    array = (ctypes.c_uint64 * len(words))(*words)
    return _library.bitarith_popcount(array, len(words))


def as_array(pointer, length):
    import numpy

    return numpy.ctypeslib.as_array(ctypes.cast(pointer, ctypes.POINTER(ctypes.c_uint64)), shape=(length,))
`,
    'libbitarith.so': makeElf({
      seed: 'bitarith',
      imports: { 'libc.so.6': ['memcpy', 'malloc', 'free'], 'libm.so.6': ['sqrt'] },
      exports: ['bitarith_popcount', 'bitarith_and', 'bitarith_or'],
      strings: ['bitarith 3.1.0', 'length must be positive'],
      isLibrary: true,
      textBytes: 40_000,
    }),
  });
  return {
    why: 'a platform wheel loads its own numeric library by ctypes at import; the library touches memory only',
    release: { ...release, wheel: { tag: 'py3-none-manylinux_2_17_x86_64' } },
  };
}

/** A formatter written in another language: the program is a script of the wheel, python -m starts it. */
export function launcherWheel(): LookAlike {
  const release = packageWheel('fastfmt', {
    '__init__.py': '',
    '__main__.py': py`"""python -m fastfmt: find the program and become it."""
import os
import sys
import sysconfig


def find_binary():
    name = "fastfmt" + (sysconfig.get_config_var("EXE") or "")
    for folder in (sysconfig.get_path("scripts"), os.path.join(os.path.dirname(os.path.dirname(__file__)), "bin")):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    raise FileNotFoundError(name)


if __name__ == "__main__":
    program = find_binary()
    if sys.platform == "win32":
        import subprocess

        sys.exit(subprocess.run([program, *sys.argv[1:]]).returncode)
    os.execvp(program, [program, *sys.argv[1:]])
`,
  });
  const program = makeElf({
    seed: 'fastfmt',
    imports: { 'libc.so.6': ['open', 'read', 'write', 'getcwd', 'mmap', 'pthread_create', 'environ'] },
    strings: ['Usage: fastfmt [OPTIONS] [FILES]', 'pyproject.toml', 'invalid syntax at line {}'],
    textBytes: 300_000,
  });
  return {
    why: 'a program for source code lies in .data/scripts and is started by python -m on request',
    release: {
      ...release,
      files: { ...release.files, '*.data/scripts/fastfmt': program },
      wheel: { tag: 'py3-none-manylinux_2_17_x86_64' },
    },
  };
}

/** An extension module with a pure Python fallback. */
export function nativeExtension(): LookAlike {
  const release = packageWheel('quickjson', {
    '__init__.py': py`"""JSON, quickly."""
try:
    from ._speedups import dumps, loads
except ImportError:
    from json import dumps, loads

__all__ = ["dumps", "loads"]
`,
    '_speedups.cpython-312-x86_64-linux-gnu.so': makeElf({
      seed: 'quickjson',
      imports: {
        'libc.so.6': ['memcpy', 'strtod'],
        'libpython3.12.so.1.0': ['PyModule_Create2', 'PyUnicode_AsUTF8AndSize'],
      },
      exports: ['PyInit__speedups'],
      isLibrary: true,
      textBytes: 120_000,
    }),
  });
  return {
    why: 'a compiled extension module with a pure Python fallback',
    release: { ...release, wheel: { tag: 'cp312-cp312-manylinux_2_17_x86_64' } },
  };
}

/** Facts about the processor from a few bytes of machine code, as py-cpuinfo does. */
export function machineFacts(): LookAlike {
  return {
    why: 'ten bytes of machine code run CPUID in memory of their own; they are in plain sight and nothing is decoded',
    release: packageWheel('chipfacts', {
      '__init__.py': py`"""Facts about the processor."""
import ctypes
import mmap
import platform
import sys

# push rbx; mov eax, 0; cpuid; mov eax, ebx; pop rbx; ret
_CPUID = b"\x53\xb8\x00\x00\x00\x00\x0f\xa2\x89\xd8\x5b\xc3"


def vendor_register():
    """EBX of CPUID leaf 0, or None where code cannot be run this way."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return None
    if sys.platform == "win32":
        address = ctypes.windll.kernel32.VirtualAlloc(None, len(_CPUID), 0x1000, 0x40)
        ctypes.memmove(address, _CPUID, len(_CPUID))
    else:
        memory = mmap.mmap(-1, len(_CPUID), prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        memory.write(_CPUID)
        address = ctypes.addressof(ctypes.c_int.from_buffer(memory))
    return ctypes.CFUNCTYPE(ctypes.c_uint32)(address)()
`,
    }),
  };
}
