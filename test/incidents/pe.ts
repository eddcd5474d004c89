// Owns: PE files for fixtures: right in structure, inert in substance. May import: elf.ts. Start here: makePe.
import { align, code, type NativeOptions, putU32, strings } from './elf.ts';

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
