// Owns: ELF and Mach-O files for fixtures: right in structure, inert in substance. The code of every binary starts with an
// undefined instruction: started by mistake, it stops at once.
// May import: encoders.ts. Start here: makeElf.
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

export const strings = (texts: readonly string[]): Buffer =>
  Buffer.from(texts.map((text) => `${text}\0`).join(''), 'utf8');

export function code(options: NativeOptions): Buffer {
  const text = blob(options.seed, options.textBytes ?? 4096);
  text.writeUInt16BE(0x0f0b, 0);
  return text;
}

function putU16(target: Buffer, at: number, values: readonly number[]): void {
  for (const [index, value] of values.entries()) target.writeUInt16LE(value, at + index * 2);
}

export function putU32(target: Buffer, at: number, values: readonly number[]): void {
  for (const [index, value] of values.entries()) target.writeUInt32LE(value, at + index * 4);
}

export const align = (value: number, to: number): number => Math.ceil(value / to) * to;

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
