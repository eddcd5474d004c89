// Owns ELF files, 32 and 64 bit, of either byte order. May import byte-view.ts, entropy.ts, parts.ts. Start at readElf.
// Names of fields: the System V ABI.
import type { ByteView } from './byte-view.ts';
import { entropyOf } from './entropy.ts';
import { type BinaryParts, emptyParts, MAX_LIBRARIES, MAX_NAME, MAX_SECTIONS, MAX_SYMBOLS } from './parts.ts';

const MACHINES: Readonly<Record<number, string>> = {
  3: 'x86',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x86-64',
  183: 'arm64',
  243: 'riscv',
  258: 'loongarch',
};
const SHT_STRTAB = 3;
const SHT_NOBITS = 8;
const SHT_DYNSYM = 11;
const SHT_SYMTAB = 2;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1;
const DT_HASH = 4;
const DT_STRTAB = 5;
const DT_SYMTAB = 6;
const DT_STRSZ = 10;
const DT_INIT_ARRAYSZ = 27;
const MAX_DYNAMIC = 5000;
const MAX_SYMBOLS_SEEN = 200_000;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly sizeBytes: number;
}

interface SymbolTable {
  readonly offset: number;
  readonly count: number;
  readonly strings: number;
  readonly stringsSize: number;
}

class ElfReader {
  private readonly view: ByteView;
  private readonly isWide: boolean;
  private readonly parts = emptyParts('elf');
  private readonly segments: Segment[] = [];
  private symbols: SymbolTable | undefined;

  constructor(view: ByteView, isWide: boolean) {
    this.view = view;
    this.isWide = isWide;
  }

  private word(offset: number): number {
    return this.isWide ? this.view.u64(offset) : this.view.u32(offset);
  }

  read(): BinaryParts {
    const { view, parts, isWide } = this;
    const machine = view.u16(18);
    parts.architecture = MACHINES[machine] ?? `machine 0x${machine.toString(16)}`;
    this.readSegments(this.word(isWide ? 32 : 28), view.u16(isWide ? 54 : 42), view.u16(isWide ? 56 : 44));
    // a position-independent program has the type of a library, but asks for a loader
    const hasLoader = this.segments.some(({ type }) => type === 3);
    parts.isLibrary = view.u16(16) === 3 && !hasLoader;
    this.readSections(
      this.word(isWide ? 40 : 32),
      view.u16(isWide ? 58 : 46),
      view.u16(isWide ? 60 : 48),
      view.u16(isWide ? 62 : 50),
    );
    this.readDynamic();
    if (this.symbols !== undefined) this.readSymbols(this.symbols);
    return parts;
  }

  private readSegments(table: number, entrySize: number, count: number): void {
    const { view, isWide, parts } = this;
    for (let i = 0; i < Math.min(count, 200); i++) {
      const at = table + i * entrySize;
      const segment: Segment = {
        type: view.u32(at),
        offset: this.word(at + (isWide ? 8 : 4)),
        address: this.word(at + (isWide ? 16 : 8)),
        sizeBytes: this.word(at + (isWide ? 32 : 16)),
      };
      this.segments.push(segment);
      parts.end = Math.max(parts.end, segment.offset + segment.sizeBytes);
    }
  }

  private readSections(table: number, entrySize: number, count: number, namesIndex: number): void {
    const { view, isWide, parts } = this;
    if (table === 0 || entrySize === 0) return;
    parts.end = Math.max(parts.end, table + entrySize * count);
    if (count > MAX_SECTIONS) parts.isTruncated = true;
    const shOffset = isWide ? 24 : 16;
    const shSize = isWide ? 32 : 20;
    const names = this.word(table + namesIndex * entrySize + shOffset);
    for (let i = 1; i < Math.min(count, MAX_SECTIONS); i++) {
      const at = table + i * entrySize;
      const type = view.u32(at + 4);
      const flags = this.word(at + 8);
      const offset = this.word(at + shOffset);
      const sizeBytes = type === SHT_NOBITS ? 0 : this.word(at + shSize);
      const name = view.text(names + view.u32(at), 40);
      parts.end = Math.max(parts.end, offset + sizeBytes);
      if (name === '.init_array' || name === '.ctors') parts.constructors += Math.floor(sizeBytes / (isWide ? 8 : 4));
      if (type === SHT_DYNSYM || (type === SHT_SYMTAB && this.symbols === undefined)) {
        const link = table + view.u32(at + (isWide ? 40 : 24)) * entrySize;
        this.symbols = {
          offset,
          count: Math.floor(sizeBytes / (isWide ? 24 : 16)),
          strings: this.word(link + shOffset),
          stringsSize: this.word(link + shSize),
        };
      }
      const isWorthMeasuring = type !== SHT_NOBITS && type !== SHT_STRTAB;
      parts.sections.push({
        name,
        offset,
        sizeBytes,
        entropy: isWorthMeasuring ? entropyOf(view, offset, sizeBytes) : 0,
        isExecutable: (flags & 4) !== 0,
        isWritable: (flags & 1) !== 0,
      });
    }
  }

  private offsetOf(address: number): number {
    for (const { type, offset, address: start, sizeBytes } of this.segments) {
      if (type === PT_LOAD && address >= start && address < start + sizeBytes) return offset + (address - start);
    }
    return -1;
  }

  /** What the loader reads, sections or no sections. */
  private readDynamic(): void {
    const { view, isWide, parts } = this;
    const dynamic = this.segments.find(({ type }) => type === PT_DYNAMIC);
    if (dynamic === undefined) return;
    const width = isWide ? 8 : 4;
    const needed: number[] = [];
    const values = new Map<number, number>();
    for (let i = 0; i < Math.min(MAX_DYNAMIC, Math.floor(dynamic.sizeBytes / (width * 2))); i++) {
      const at = dynamic.offset + i * width * 2;
      const tag = this.word(at);
      if (tag === 0) break;
      if (tag === DT_NEEDED) needed.push(this.word(at + width));
      else values.set(tag, this.word(at + width));
    }
    const strings = this.offsetOf(values.get(DT_STRTAB) ?? -1);
    if (strings >= 0) {
      for (const name of needed.slice(0, MAX_LIBRARIES)) parts.libraries.push(view.text(strings + name, MAX_NAME));
    }
    if (parts.sections.length > 0) return;
    parts.constructors += Math.floor((values.get(DT_INIT_ARRAYSZ) ?? 0) / width);
    const table = this.offsetOf(values.get(DT_SYMTAB) ?? -1);
    if (table < 0 || strings < 0) return;
    const hash = this.offsetOf(values.get(DT_HASH) ?? -1);
    // without a table of sections, the strings usually follow the symbols
    const between = Math.floor((strings - table) / (isWide ? 24 : 16));
    const count = hash < 0 ? between : view.u32(hash + 4);
    this.symbols = { offset: table, count: Math.max(0, count), strings, stringsSize: values.get(DT_STRSZ) ?? 0 };
  }

  private readSymbols({ offset, count, strings, stringsSize }: SymbolTable): void {
    const { view, isWide, parts } = this;
    const entrySize = isWide ? 24 : 16;
    if (count > MAX_SYMBOLS_SEEN) parts.isTruncated = true;
    // names are read from one block: seeking between two tables costs more
    const block = view.bytes(strings, Math.min(stringsSize, 16 << 20));
    const nameAt = (index: number): string => {
      const end = block.indexOf(0, index);
      return index >= block.length
        ? ''
        : block.toString('latin1', index, Math.min(end < 0 ? block.length : end, index + MAX_NAME));
    };
    for (let i = 1; i < Math.min(count, MAX_SYMBOLS_SEEN); i++) {
      const at = offset + i * entrySize;
      const section = view.u16(at + (isWide ? 6 : 14));
      const binding = view.u8(at + (isWide ? 4 : 12)) >> 4;
      if (binding === 0) continue;
      const list = section === 0 ? parts.imports : parts.exports;
      const name = nameAt(view.u32(at));
      const isModule = name.startsWith('PyInit_');
      if (list.length >= MAX_SYMBOLS && !isModule) parts.isTruncated = true;
      else if (name !== '') list.push(name);
    }
  }
}

/** Reads an ELF file. undefined when it is none; a damaged one gives what could be read. */
export function readElf(view: ByteView): BinaryParts | undefined {
  if (view.bytes(0, 4).toString('latin1') !== '\x7fELF') return undefined;
  const isWide = view.u8(4) === 2;
  return new ElfReader(view.ordered(view.u8(5) !== 2), isWide).read();
}
