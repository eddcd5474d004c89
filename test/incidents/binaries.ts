// Owns: native binaries, pictures and sounds for fixtures: right in structure, inert in substance. The code of every binary
// starts with an undefined instruction: started by mistake, it stops at once.
// May import: encoders.ts, node:zlib. Start here: makeElf, makePe, makePng, makeWav.
import { crc32, deflateSync } from 'node:zlib';
import { blob } from './encoders.ts';

export interface NativeOptions {
  /** seed of the meaningless code bytes */
  readonly seed: string;
  /** library → symbols taken from it */
  readonly imports: Readonly<Record<string, readonly string[]>>;
  readonly exports?: readonly string[];
  /** text constants */
  readonly strings?: readonly string[];
  /** bytes of code; default 4,096 */
  readonly textBytes?: number;
  /** bytes after the end of the file as its headers describe it */
  readonly overlay?: Uint8Array;
  /** a shared object or DLL instead of a program */
  readonly isLibrary?: boolean;
}

const strings = (texts: readonly string[]): Buffer => Buffer.from(texts.map((text) => `${text}\0`).join(''), 'utf8');

function code(options: NativeOptions): Buffer {
  const text = blob(options.seed, options.textBytes ?? 4096);
  text.writeUInt16BE(0x0f0b, 0);
  return text;
}

function putU16(target: Buffer, at: number, values: readonly number[]): void {
  for (const [index, value] of values.entries()) target.writeUInt16LE(value, at + index * 2);
}

function putU32(target: Buffer, at: number, values: readonly number[]): void {
  for (const [index, value] of values.entries()) target.writeUInt32LE(value, at + index * 4);
}

const align = (value: number, to: number): number => Math.ceil(value / to) * to;

interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly content: Buffer;
  readonly link?: number;
  readonly entrySize?: number;
}

/** An x86-64 ELF file for Linux with section headers, dynamic symbols and needed libraries. */
export function makeElf(options: NativeOptions): Buffer {
  const names = Object.values(options.imports).flat();
  const exported = options.exports ?? [];
  const libraries = Object.keys(options.imports);
  const table = strings(['', ...names, ...exported, ...libraries]);
  const at = (name: string): number => table.indexOf(`\0${name}\0`) + 1;
  const symbol = (name: string, section: number): Buffer => {
    const entry = Buffer.alloc(24);
    entry.writeUInt32LE(at(name), 0);
    entry[4] = 0x12;
    entry.writeUInt16LE(section, 6);
    if (section !== 0) entry.writeBigUInt64LE(0x401000n, 8);
    return entry;
  };
  const dynamic = Buffer.alloc(16 * (libraries.length + 5));
  libraries.forEach((library, index) => {
    dynamic.writeBigUInt64LE(1n, index * 16);
    dynamic.writeBigUInt64LE(BigInt(at(library)), index * 16 + 8);
  });
  const symbols = [
    Buffer.alloc(24),
    ...names.map((name) => symbol(name, 0)),
    ...exported.map((name) => symbol(name, 4)),
  ];
  const sections: ElfSection[] = [
    { name: '', type: 0, flags: 0, content: Buffer.alloc(0) },
    { name: '.interp', type: 1, flags: 2, content: strings(['/lib64/ld-linux-x86-64.so.2']) },
    { name: '.dynsym', type: 11, flags: 2, content: Buffer.concat(symbols), link: 3, entrySize: 24 },
    { name: '.dynstr', type: 3, flags: 2, content: table },
    { name: '.text', type: 1, flags: 6, content: code(options) },
    { name: '.rodata', type: 1, flags: 2, content: strings(options.strings ?? []) },
    { name: '.dynamic', type: 6, flags: 3, content: dynamic, link: 3, entrySize: 16 },
  ];
  return Buffer.concat([layElf(sections, options.isLibrary === true), Buffer.from(options.overlay ?? [])]);
}

function layElf(given: readonly ElfSection[], isLibrary: boolean): Buffer {
  const sectionNames = strings([...given.map((section) => section.name), '.shstrtab']);
  const sections: ElfSection[] = [...given, { name: '.shstrtab', type: 3, flags: 0, content: sectionNames }];
  let offset = 64 + 3 * 56;
  const offsets = sections.map((section) => {
    const start = align(offset, 16);
    offset = start + section.content.length;
    return start;
  });
  const tableOffset = align(offset, 16);
  const file = Buffer.alloc(tableOffset + sections.length * 64);
  file.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  file.writeUInt16LE(isLibrary ? 3 : 2, 16);
  file.writeUInt16LE(62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(0x401000n, 24);
  file.writeBigUInt64LE(64n, 32);
  file.writeBigUInt64LE(BigInt(tableOffset), 40);
  putU16(file, 52, [64, 56, 3, 64, sections.length, sections.length - 1]);
  const segment = (index: number, type: number, from: number, sizeBytes: number): void => {
    const header = 64 + index * 56;
    putU32(file, header, [type, 5]);
    [from, 0x400000 + from, 0x400000 + from, sizeBytes, sizeBytes].forEach((value, field) => {
      file.writeBigUInt64LE(BigInt(value), header + 8 + field * 8);
    });
  };
  const placed = (name: string): [number, number] => {
    const index = sections.findIndex((section) => section.name === name);
    return [offsets[index] ?? 0, sections[index]?.content.length ?? 0];
  };
  segment(0, 1, 0, tableOffset);
  segment(1, 3, ...placed('.interp'));
  segment(2, 2, ...placed('.dynamic'));
  addressTables(sections, placed);
  sections.forEach((section, index) => {
    section.content.copy(file, offsets[index]);
    const header = tableOffset + index * 64;
    file.writeUInt32LE(Math.max(0, sectionNames.indexOf(`\0${section.name}\0`) + 1), header);
    file.writeUInt32LE(section.type, header + 4);
    file.writeBigUInt64LE(BigInt(section.flags), header + 8);
    file.writeBigUInt64LE(BigInt(0x400000 + (offsets[index] ?? 0)), header + 16);
    file.writeBigUInt64LE(BigInt(offsets[index] ?? 0), header + 24);
    file.writeBigUInt64LE(BigInt(section.content.length), header + 32);
    file.writeUInt32LE(section.link ?? 0, header + 40);
    file.writeBigUInt64LE(BigInt(section.entrySize ?? 0), header + 56);
  });
  return file;
}

/** The last four entries of the dynamic section tell the loader where the string and symbol tables are. */
function addressTables(sections: readonly ElfSection[], placed: (name: string) => [number, number]): void {
  const dynamic = sections.find((section) => section.name === '.dynamic')?.content;
  const [stringsAt, stringsSize] = placed('.dynstr');
  const entries = [5, 0x400000 + stringsAt, 6, 0x400000 + placed('.dynsym')[0], 10, stringsSize, 11, 24];
  for (const [index, value] of entries.entries()) {
    dynamic?.writeBigUInt64LE(BigInt(value), dynamic.length - 80 + index * 8);
  }
}

const PE_HEADERS = 0x400;

/** An x86-64 PE file with an import table and, for libraries, an export table. */
export function makePe(options: NativeOptions): Buffer {
  const text = code(options);
  const textSize = align(text.length, 512);
  const dataAddress = 0x1000 + align(textSize, 0x1000);
  const data = peData(options, dataAddress);
  const header = Buffer.alloc(PE_HEADERS);
  header.write('MZ', 0, 'latin1');
  header.writeUInt32LE(0x80, 0x3c);
  header.write('This program cannot be run in DOS mode.\r\n$', 0x4e, 'latin1');
  header.write('PE\0\0', 0x80, 'latin1');
  const coff = 0x84;
  header.writeUInt16LE(0x8664, coff);
  header.writeUInt16LE(2, coff + 2);
  header.writeUInt32LE(0x5e0be100, coff + 4);
  header.writeUInt16LE(240, coff + 16);
  header.writeUInt16LE(options.isLibrary === true ? 0x2022 : 0x22, coff + 18);
  const optional = coff + 20;
  header.writeUInt16LE(0x20b, optional);
  header.writeUInt32LE(textSize, optional + 4);
  header.writeUInt32LE(0x1000, optional + 16);
  header.writeUInt32LE(0x1000, optional + 20);
  header.writeBigUInt64LE(0x140000000n, optional + 24);
  header.writeUInt32LE(0x1000, optional + 32);
  header.writeUInt32LE(0x200, optional + 36);
  header.writeUInt16LE(6, optional + 40);
  header.writeUInt16LE(6, optional + 48);
  header.writeUInt32LE(dataAddress + align(data.bytes.length, 0x1000), optional + 56);
  header.writeUInt32LE(PE_HEADERS, optional + 60);
  header.writeUInt16LE(2, optional + 68);
  header.writeUInt32LE(16, optional + 108);
  if (data.exportsSize > 0) header.writeUInt32LE(dataAddress + data.exportsAt, optional + 112);
  header.writeUInt32LE(data.exportsSize, optional + 116);
  header.writeUInt32LE(dataAddress, optional + 120);
  header.writeUInt32LE(data.importsSize, optional + 124);
  peSection(header, optional + 240, '.text', text.length, 0x1000, textSize, PE_HEADERS, 0x60000020);
  const dataSize = align(data.bytes.length, 512);
  peSection(
    header,
    optional + 280,
    '.rdata',
    data.bytes.length,
    dataAddress,
    dataSize,
    PE_HEADERS + textSize,
    0x40000040,
  );
  const padded = (bytes: Buffer, size: number): Buffer => Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
  return Buffer.concat([
    header,
    padded(text, textSize),
    padded(data.bytes, dataSize),
    Buffer.from(options.overlay ?? []),
  ]);
}

function peSection(
  header: Buffer,
  at: number,
  name: string,
  ...[virtualSize, address, rawSize, rawOffset, flags]: [number, number, number, number, number]
): void {
  header.write(name, at, 8, 'latin1');
  header.writeUInt32LE(virtualSize, at + 8);
  header.writeUInt32LE(address, at + 12);
  header.writeUInt32LE(rawSize, at + 16);
  header.writeUInt32LE(rawOffset, at + 20);
  header.writeUInt32LE(flags, at + 36);
}

interface PeData {
  readonly bytes: Buffer;
  readonly importsSize: number;
  readonly exportsAt: number;
  readonly exportsSize: number;
}

/** Import descriptors, thunks, names, then the export directory and the text constants; addresses are relative to the image. */
function peData(options: NativeOptions, address: number): PeData {
  const libraries = Object.entries(options.imports);
  const importsSize = (libraries.length + 1) * 20;
  const thunksSize = libraries.reduce((sum, [, names]) => sum + (names.length + 1) * 8, 0);
  const head = Buffer.alloc(importsSize + thunksSize);
  const tail: Buffer[] = [];
  let tailAt = head.length;
  const put = (bytes: Buffer): number => {
    tail.push(bytes);
    tailAt += bytes.length;
    return tailAt - bytes.length;
  };
  let thunk = importsSize;
  libraries.forEach(([library, names], index) => {
    head.writeUInt32LE(address + thunk, index * 20);
    head.writeUInt32LE(address + put(strings([library])), index * 20 + 12);
    head.writeUInt32LE(address + thunk, index * 20 + 16);
    for (const name of names) {
      head.writeBigUInt64LE(BigInt(address + put(Buffer.concat([Buffer.alloc(2), strings([name])]))), thunk);
      thunk += 8;
    }
    thunk += 8;
  });
  const exportsAt = tailAt;
  put(peExports(options.exports ?? [], address + exportsAt));
  const exportsSize = tailAt - exportsAt;
  put(strings(options.strings ?? []));
  return { bytes: Buffer.concat([head, ...tail]), importsSize, exportsAt, exportsSize };
}

function peExports(names: readonly string[], address: number): Buffer {
  if (names.length === 0) return Buffer.alloc(0);
  const count = names.length;
  const fixed = 40 + count * 10;
  const library = strings(['module.dll']);
  const directory = Buffer.alloc(fixed);
  const texts: Buffer[] = [library];
  let at = fixed + library.length;
  directory.writeUInt32LE(address + fixed, 12);
  directory.writeUInt32LE(1, 16);
  directory.writeUInt32LE(count, 20);
  directory.writeUInt32LE(count, 24);
  putU32(directory, 28, [address + 40, address + 40 + count * 4, address + 40 + count * 8]);
  names.forEach((name, index) => {
    directory.writeUInt32LE(0x1000, 40 + index * 4);
    directory.writeUInt32LE(address + at, 40 + count * 4 + index * 4);
    directory.writeUInt16LE(index, 40 + count * 8 + index * 2);
    const text = strings([name]);
    texts.push(text);
    at += text.length;
  });
  return Buffer.concat([directory, ...texts]);
}

/** A Mach-O program for arm64 that needs libSystem and the named symbols. */
export function makeMachO(options: NativeOptions): Buffer {
  const names = Object.values(options.imports).flat();
  const library = Buffer.from('/usr/lib/libSystem.B.dylib\0\0\0\0\0\0', 'latin1');
  const header = Buffer.alloc(32 + 24 + library.length + 24);
  const table = strings(['', ...names.map((name) => `_${name}`)]);
  const text = code(options);
  const textAt = align(header.length, 16);
  const symbolsAt = textAt + text.length;
  const symbols = Buffer.alloc(names.length * 16);
  names.forEach((name, index) => {
    symbols.writeUInt32LE(table.indexOf(`\0_${name}\0`) + 1, index * 16);
    symbols[index * 16 + 4] = 1;
  });
  putU32(header, 0, [0xfeedfacf, 0x0100000c, 0, 2, 2, 24 + library.length + 24, 0x85, 0]);
  putU32(header, 32, [0xc, 24 + library.length, 24, 2, 0x10000, 0x10000]);
  library.copy(header, 56);
  putU32(header, 56 + library.length, [2, 24, symbolsAt, names.length, symbolsAt + symbols.length, table.length]);
  const gap = Buffer.alloc(textAt - header.length);
  return Buffer.concat([
    header,
    gap,
    text,
    symbols,
    table,
    strings(options.strings ?? []),
    Buffer.from(options.overlay ?? []),
  ]);
}

/** A true colour PNG whose pixels are `pixels` (three bytes each, row by row, padded with zeros). */
export function makePng(width: number, height: number, pixels: Uint8Array): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let row = 0; row < height; row += 1) {
    Buffer.from(pixels.subarray(row * width * 3, (row + 1) * width * 3)).copy(rows, row * (1 + width * 3) + 1);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const framed = Buffer.alloc(8 + content.length + 4);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), 8 + content.length);
  return framed;
}

/** A mono 16-bit PCM WAV file with these frames. */
export function makeWav(frames: Uint8Array, rate = 44_100): Buffer {
  const even = Buffer.concat([Buffer.from(frames), Buffer.alloc(frames.length % 2)]);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + even.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(even.length, 40);
  return Buffer.concat([header, even]);
}
