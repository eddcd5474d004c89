// Owns Mach-O files, thin and fat. May import byte-view.ts, entropy.ts, parts.ts. Start at readMachO.
// Names of fields: <mach-o/loader.h>.
import type { ByteView } from './byte-view.ts';
import { entropyOf } from './entropy.ts';
import { type BinaryParts, emptyParts, MAX_LIBRARIES, MAX_NAME, MAX_SECTIONS, MAX_SYMBOLS } from './parts.ts';

const MACHINES: Readonly<Record<number, string>> = {
  7: 'x86',
  16777223: 'x86-64',
  12: 'arm',
  16777228: 'arm64',
  33554444: 'arm64_32',
  18: 'ppc',
  16777234: 'ppc64',
};
const MAGIC_32 = 0xfeedface;
const MAGIC_64 = 0xfeedfacf;
const FAT = 0xcafebabe;
const FAT_64 = 0xcafebabf;
const LC_SEGMENT = 1;
const LC_SYMTAB = 2;
const LC_SEGMENT_64 = 0x19;
const LOAD_DYLIB = new Set([0xc, 0x80000018, 0x8000001f, 0x20]);
const SECTION_MOD_INIT = 9;
const SECTION_INIT_OFFSETS = 0x16;
const ZERO_FILLED = new Set([1, 0xc, 0x12]);
const TYPE_MASK = 0x0e;
const EXTERNAL = 1;
const MAX_COMMANDS = 2000;
const MAX_SYMBOLS_SEEN = 300_000;
const MAX_ARCHITECTURES = 8;

class MachOReader {
  private readonly view: ByteView;
  private readonly base: number;
  private readonly isWide: boolean;
  private readonly parts: BinaryParts;

  constructor(view: ByteView, base: number, isWide: boolean, parts: BinaryParts) {
    this.view = view;
    this.base = base;
    this.isWide = isWide;
    this.parts = parts;
  }

  read(): void {
    const { view, base, parts } = this;
    const machine = view.u32(base + 4);
    const architecture = MACHINES[machine] ?? `machine 0x${machine.toString(16)}`;
    parts.architecture = parts.architecture === '' ? architecture : `${parts.architecture}, ${architecture}`;
    const type = view.u32(base + 12);
    parts.isLibrary = type === 6 || type === 8;
    const count = view.u32(base + 16);
    if (count > MAX_COMMANDS) parts.isTruncated = true;
    let at = base + (this.isWide ? 32 : 28);
    for (let i = 0; i < Math.min(count, MAX_COMMANDS); i++) {
      const size = view.u32(at + 4);
      if (size < 8) {
        parts.isTruncated = true;
        return;
      }
      this.readCommand(view.u32(at), at, size);
      at += size;
    }
  }

  private readCommand(command: number, at: number, size: number): void {
    const { view, parts } = this;
    if (command === LC_SEGMENT || command === LC_SEGMENT_64) this.readSegment(at, command === LC_SEGMENT_64);
    else if (command === LC_SYMTAB)
      this.readSymbols(view.u32(at + 8), view.u32(at + 12), view.u32(at + 16), view.u32(at + 20));
    else if (LOAD_DYLIB.has(command) && parts.libraries.length < MAX_LIBRARIES) {
      const name = view.text(at + view.u32(at + 8), Math.min(size, MAX_NAME));
      if (!parts.libraries.includes(name)) parts.libraries.push(name);
    }
  }

  private readSegment(at: number, isWide: boolean): void {
    const { view, base, parts } = this;
    const fileOffset = isWide ? view.u64(at + 40) : view.u32(at + 32);
    const fileSize = isWide ? view.u64(at + 48) : view.u32(at + 36);
    const protection = view.u32(at + (isWide ? 60 : 44));
    const count = view.u32(at + (isWide ? 64 : 48));
    parts.end = Math.max(parts.end, base + fileOffset + fileSize);
    const entrySize = isWide ? 80 : 68;
    for (let i = 0; i < Math.min(count, MAX_SECTIONS); i++) {
      const section = at + (isWide ? 72 : 56) + i * entrySize;
      const type = view.u32(section + (isWide ? 64 : 56)) & 0xff;
      const size = isWide ? view.u64(section + 40) : view.u32(section + 36);
      const offset = base + view.u32(section + (isWide ? 48 : 40));
      if (type === SECTION_MOD_INIT) parts.constructors += Math.floor(size / (isWide ? 8 : 4));
      if (type === SECTION_INIT_OFFSETS) parts.constructors += Math.floor(size / 4);
      if (parts.sections.length >= MAX_SECTIONS) {
        parts.isTruncated = true;
        return;
      }
      const sizeBytes = ZERO_FILLED.has(type) ? 0 : size;
      parts.sections.push({
        name: `${view.text(section + 16, 16)},${view.text(section, 16)}`,
        offset,
        sizeBytes,
        entropy: entropyOf(view, offset, sizeBytes),
        isExecutable: (protection & 4) !== 0,
        isWritable: (protection & 2) !== 0,
      });
    }
  }

  private readSymbols(table: number, count: number, strings: number, stringsSize: number): void {
    const { view, base, parts, isWide } = this;
    const entrySize = isWide ? 16 : 12;
    if (count > MAX_SYMBOLS_SEEN) parts.isTruncated = true;
    const known = new Set([...parts.imports, ...parts.exports]);
    for (let i = 0; i < Math.min(count, MAX_SYMBOLS_SEEN); i++) {
      const at = base + table + i * entrySize;
      const type = view.u8(at + 4);
      if ((type & EXTERNAL) === 0 || (type & 0xe0) !== 0) continue;
      const index = view.u32(at);
      if (index >= stringsSize) continue;
      const list = (type & TYPE_MASK) === 0 ? parts.imports : parts.exports;
      if (list.length >= MAX_SYMBOLS) {
        parts.isTruncated = true;
        continue;
      }
      // C names begin with an underscore here
      const name = view.bytes(base + strings + index, MAX_NAME);
      const end = name.indexOf(0);
      const text = name.toString('latin1', 0, end < 0 ? name.length : end).replace(/^_/, '');
      if (text !== '' && !known.has(text)) {
        known.add(text);
        list.push(text);
      }
    }
  }
}

function readThin(view: ByteView, base: number, parts: BinaryParts): boolean {
  for (const isLittle of [true, false]) {
    const ordered = view.ordered(isLittle);
    const magic = ordered.u32(base);
    if (magic !== MAGIC_32 && magic !== MAGIC_64) continue;
    new MachOReader(ordered, base, magic === MAGIC_64, parts).read();
    return true;
  }
  return false;
}

/** Reads a Mach-O file; of a fat one all architectures into one. undefined when it is none. */
export function readMachO(view: ByteView): BinaryParts | undefined {
  const parts = emptyParts('mach-o');
  const fat = view.ordered(false);
  const magic = fat.u32(0);
  if (magic !== FAT && magic !== FAT_64) return readThin(view, 0, parts) ? parts : undefined;
  const count = fat.u32(4);
  // Java classes begin with the same four bytes
  if (count === 0 || count > 20) return undefined;
  if (count > MAX_ARCHITECTURES) parts.isTruncated = true;
  let found = false;
  for (let i = 0; i < Math.min(count, MAX_ARCHITECTURES); i++) {
    const base = magic === FAT ? fat.u32(8 + i * 20 + 8) : fat.u64(8 + i * 32 + 8);
    if (readThin(view, base, parts)) found = true;
  }
  return found ? parts : undefined;
}
