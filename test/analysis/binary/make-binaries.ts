import type { ByteSource } from '../../../src/analysis/byte-source.ts';

export function sourceOf(bytes: Uint8Array): ByteSource {
  return { sizeBytes: bytes.length, readAt: (position, length) => bytes.subarray(position, position + length) };
}

export interface PeOptions {
  readonly imports?: Readonly<Record<string, readonly string[]>>;
  readonly exports?: readonly string[];
  readonly text?: string;
  readonly sectionName?: string;
  readonly overlay?: Uint8Array;
  readonly isLibrary?: boolean;
  readonly tlsCallbacks?: number;
}

/** A 64-bit PE with one section that is mapped where it lies, which holds all tables. Not one instruction. */
export function makePe(options: PeOptions = {}): Buffer {
  const {
    imports = {},
    exports = [],
    text = '',
    sectionName = '.rdata',
    overlay = new Uint8Array(),
    tlsCallbacks = 0,
  } = options;
  const section = 0x400;
  const body = Buffer.alloc(0x8000);
  let free = 0x3000;
  const place = (bytes: Uint8Array): number => {
    const at = free;
    body.set(bytes, at);
    free += Math.ceil((bytes.length + 1) / 8) * 8;
    return section + at;
  };
  Object.entries(imports).forEach(([library, functions], i) => {
    const table = Buffer.alloc(8 * (functions.length + 1));
    functions.forEach((name, j) => {
      table.writeUInt32LE(place(Buffer.from(`\0\0${name}\0`, 'latin1')), j * 8);
    });
    body.writeUInt32LE(place(table), i * 20);
    body.writeUInt32LE(place(Buffer.from(`${library}\0`, 'latin1')), i * 20 + 12);
  });
  const names = Buffer.alloc(4 * exports.length);
  exports.forEach((name, i) => {
    names.writeUInt32LE(place(Buffer.from(`${name}\0`, 'latin1')), i * 4);
  });
  body.writeUInt32LE(exports.length, 0x1000 + 24);
  body.writeUInt32LE(place(names), 0x1000 + 32);
  const callbacks = Buffer.alloc(8 * (tlsCallbacks + 1));
  for (let i = 0; i < tlsCallbacks; i++) callbacks.writeUInt32LE(0x1234, i * 8);
  body.writeUInt32LE(0x400000 + place(callbacks), 0x1800 + 24);
  place(Buffer.from(text, 'latin1'));
  place(Buffer.from(text, 'utf16le'));
  const head = Buffer.alloc(section);
  head.write('MZ', 0, 'latin1');
  head.writeUInt32LE(0x80, 60);
  head.write('PE\0\0', 0x80, 'latin1');
  head.writeUInt16LE(0x8664, 0x84);
  head.writeUInt16LE(1, 0x86);
  head.writeUInt16LE(240, 0x94);
  head.writeUInt16LE(options.isLibrary === false ? 0x22 : 0x2022, 0x96);
  const optional = 0x98;
  head.writeUInt16LE(0x20b, optional);
  head.writeUInt32LE(0x400000, optional + 24);
  head.writeUInt32LE(16, optional + 108);
  if (exports.length > 0) head.writeUInt32LE(section + 0x1000, optional + 112);
  head.writeUInt32LE(section, optional + 120);
  if (tlsCallbacks > 0) head.writeUInt32LE(section + 0x1800, optional + 112 + 9 * 8);
  const entry = optional + 240;
  head.write(sectionName, entry, 'latin1');
  head.writeUInt32LE(body.length, entry + 8);
  head.writeUInt32LE(section, entry + 12);
  head.writeUInt32LE(body.length, entry + 16);
  head.writeUInt32LE(section, entry + 20);
  head.writeUInt32LE(0x60000020, entry + 36);
  return Buffer.concat([head, body, overlay]);
}

export interface ElfOptions {
  readonly libraries?: readonly string[];
  readonly imports?: readonly string[];
  readonly exports?: readonly string[];
  readonly text?: string;
  readonly constructors?: number;
  readonly overlay?: Uint8Array;
  /** leaves the table of sections out, as packers do */
  readonly isStripped?: boolean;
}

/** A 64-bit little-endian ELF library with a dynamic table and symbols. Not one instruction. */
export function makeElf(options: ElfOptions = {}): Buffer {
  const {
    libraries = [],
    imports = [],
    exports = [],
    text = '',
    constructors = 0,
    overlay = new Uint8Array(),
  } = options;
  const strings: string[] = [''];
  let stringsSize = 1;
  const nameOf = (name: string): number => {
    strings.push(name);
    stringsSize += name.length + 1;
    return stringsSize - name.length - 1;
  };
  const image = Buffer.alloc(0x6000);
  const at = { symbols: 0x1000, strings: 0x3000, dynamic: 0x4000, text: 0x5000, sectionNames: 0x5800 };
  [...imports, ...exports].forEach((name, i) => {
    const entry = at.symbols + (i + 1) * 24;
    image.writeUInt32LE(nameOf(name), entry);
    image[entry + 4] = 0x12;
    image.writeUInt16LE(i < imports.length ? 0 : 1, entry + 6);
  });
  const symbolCount = imports.length + exports.length + 1;
  const tags: [number, number][] = libraries.map((name) => [1, nameOf(name)]);
  tags.push([5, at.strings], [6, at.symbols], [10, 0x1000], [27, constructors * 8], [4, 0x4800]);
  image.writeUInt32LE(symbolCount, 0x4804);
  tags.forEach(([tag, value], i) => {
    image.writeUInt32LE(tag, at.dynamic + i * 16);
    image.writeUInt32LE(value, at.dynamic + i * 16 + 8);
  });
  image.write(strings.join('\0'), at.strings, 'latin1');
  image.write(text, at.text, 'latin1');
  image.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  image.writeUInt16LE(3, 16);
  image.writeUInt16LE(62, 18);
  image.writeUInt32LE(64, 32);
  image.writeUInt16LE(56, 54);
  image.writeUInt16LE(2, 56);
  const segment = (index: number, type: number, offset: number, size: number): void => {
    const entry = 64 + index * 56;
    image.writeUInt32LE(type, entry);
    image.writeUInt32LE(offset, entry + 8);
    image.writeUInt32LE(offset, entry + 16);
    image.writeUInt32LE(size, entry + 32);
  };
  segment(0, 1, 0, image.length);
  segment(1, 2, at.dynamic, 0x800);
  if (options.isStripped === true) return Buffer.concat([image, overlay]);
  const names = '\0.dynsym\0.dynstr\0.rodata\0.init_array\0';
  image.write(names, at.sectionNames, 'latin1');
  const table = Buffer.alloc(64 * 6);
  const section = (index: number, name: string, type: number, offset: number, size: number, link = 0): void => {
    const entry = index * 64;
    table.writeUInt32LE(names.indexOf(name), entry);
    table.writeUInt32LE(type, entry + 4);
    table.writeUInt32LE(offset, entry + 24);
    table.writeUInt32LE(size, entry + 32);
    table.writeUInt32LE(link, entry + 40);
  };
  section(1, '.dynsym', 11, at.symbols, symbolCount * 24, 2);
  section(2, '.dynstr', 3, at.strings, 0x1000);
  section(3, '.rodata', 1, at.text, 0x800);
  section(4, '.init_array', 14, 0x4f00, constructors * 8);
  section(5, '\0', 3, at.sectionNames, names.length);
  image.writeUInt32LE(image.length, 40);
  image.writeUInt16LE(64, 58);
  image.writeUInt16LE(6, 60);
  image.writeUInt16LE(5, 62);
  return Buffer.concat([image, table, overlay]);
}

export interface MachOOptions {
  readonly libraries?: readonly string[];
  readonly imports?: readonly string[];
  readonly exports?: readonly string[];
  readonly text?: string;
}

/** A 64-bit little-endian Mach-O bundle. Not one instruction. */
export function makeMachO(options: MachOOptions = {}): Buffer {
  const { libraries = [], imports = [], exports = [], text = '' } = options;
  const image = Buffer.alloc(0x4000);
  image.writeUInt32LE(0xfeedfacf, 0);
  image.writeUInt32LE(0x100000c, 4);
  image.writeUInt32LE(8, 12);
  image.writeUInt32LE(libraries.length + 2, 16);
  let at = 32;
  for (const library of libraries) {
    const size = 24 + Math.ceil((library.length + 1) / 8) * 8;
    image.writeUInt32LE(0xc, at);
    image.writeUInt32LE(size, at + 4);
    image.writeUInt32LE(24, at + 8);
    image.write(library, at + 24, 'latin1');
    at += size;
  }
  image.writeUInt32LE(0x19, at);
  image.writeUInt32LE(72 + 80, at + 4);
  image.write('__TEXT', at + 8, 'latin1');
  image.writeUInt32LE(image.length, at + 48);
  image.writeUInt32LE(5, at + 60);
  image.writeUInt32LE(1, at + 64);
  image.write('__cstring', at + 72, 'latin1');
  image.write('__TEXT', at + 88, 'latin1');
  image.writeUInt32LE(0x800, at + 72 + 40);
  image.writeUInt32LE(0x3000, at + 72 + 48);
  image.write(text, 0x3000, 'latin1');
  at += 72 + 80;
  const names = ['', ...imports, ...exports];
  image.writeUInt32LE(2, at);
  image.writeUInt32LE(24, at + 4);
  image.writeUInt32LE(0x1000, at + 8);
  image.writeUInt32LE(names.length - 1, at + 12);
  image.writeUInt32LE(0x2000, at + 16);
  image.writeUInt32LE(0x1000, at + 20);
  let string = 1;
  names.slice(1).forEach((name, i) => {
    image.write(`_${name}`, 0x2000 + string, 'latin1');
    image.writeUInt32LE(string, 0x1000 + i * 16);
    image[0x1000 + i * 16 + 4] = i < imports.length ? 1 : 0xf;
    string += name.length + 2;
  });
  return image;
}
