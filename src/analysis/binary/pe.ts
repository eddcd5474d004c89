// Owns Windows executables (PE, PE32+). May import byte-view.ts, entropy.ts, parts.ts. Start at readPe.
// Field offsets: the PE format specification of Microsoft.
import type { ByteView } from './byte-view.ts';
import { entropyOf } from './entropy.ts';
import { type BinaryParts, emptyParts, MAX_LIBRARIES, MAX_NAME, MAX_SECTIONS, MAX_SYMBOLS } from './parts.ts';

const MACHINES: Readonly<Record<number, string>> = {
  332: 'x86',
  34404: 'x86-64',
  448: 'arm',
  452: 'arm',
  43620: 'arm64',
  512: 'ia64',
};
const DLL_FLAG = 0x2000;
const DIRECTORY_EXPORT = 0;
const DIRECTORY_IMPORT = 1;
const DIRECTORY_TLS = 9;
const DIRECTORY_DELAYED = 13;
const DIRECTORY_CLR = 14;
const MAX_FUNCTIONS_OF_LIBRARY = 2000;

interface MappedSection {
  readonly address: number;
  readonly virtualSize: number;
  readonly offset: number;
  readonly rawSize: number;
}

class PeReader {
  private readonly view: ByteView;
  private readonly parts = emptyParts('pe');
  private readonly mapped: MappedSection[] = [];
  private isWide = false;
  private imageBase = 0;
  private directories = 0;
  private directoryCount = 0;

  constructor(view: ByteView) {
    this.view = view;
  }

  read(): BinaryParts | undefined {
    const { view, parts } = this;
    const header = view.u32(60);
    if (view.u16(0) !== 0x5a4d || view.u32(header) !== 0x4550) return undefined;
    const machine = view.u16(header + 4);
    parts.architecture = MACHINES[machine] ?? `machine 0x${machine.toString(16)}`;
    parts.isLibrary = (view.u16(header + 22) & DLL_FLAG) !== 0;
    const optional = header + 24;
    this.isWide = view.u16(optional) === 0x20b;
    this.imageBase = this.isWide ? view.u64(optional + 24) : view.u32(optional + 28);
    this.directories = optional + (this.isWide ? 112 : 96);
    this.directoryCount = Math.min(16, view.u32(this.directories - 4));
    this.readSections(optional + view.u16(header + 20), view.u16(header + 6));
    this.readImports(DIRECTORY_IMPORT, 20, 12);
    this.readImports(DIRECTORY_DELAYED, 32, 4);
    this.readExports();
    this.readCallbacks();
    if (this.directory(DIRECTORY_CLR).address !== 0) parts.marks.push('.NET');
    return parts;
  }

  private readSections(table: number, count: number): void {
    const { view, parts } = this;
    if (count > MAX_SECTIONS) parts.isTruncated = true;
    for (let i = 0; i < Math.min(count, MAX_SECTIONS); i++) {
      const at = table + i * 40;
      const rawSize = view.u32(at + 16);
      const offset = view.u32(at + 20);
      const flags = view.u32(at + 36);
      this.mapped.push({ address: view.u32(at + 12), virtualSize: view.u32(at + 8), offset, rawSize });
      parts.sections.push({
        name: view.text(at, 8),
        offset,
        sizeBytes: rawSize,
        entropy: entropyOf(view, offset, rawSize),
        isExecutable: (flags & 0x20000000) !== 0,
        isWritable: (flags & 0x80000000) !== 0,
      });
      if (rawSize > 0) parts.end = Math.max(parts.end, offset + rawSize);
    }
  }

  private directory(index: number): { readonly address: number; readonly sizeBytes: number } {
    if (index >= this.directoryCount) return { address: 0, sizeBytes: 0 };
    return {
      address: this.view.u32(this.directories + index * 8),
      sizeBytes: this.view.u32(this.directories + index * 8 + 4),
    };
  }

  /** Offset in the file of an address in memory; -1 when no section holds it. */
  private offsetOf(address: number): number {
    for (const { address: start, virtualSize, offset, rawSize } of this.mapped) {
      if (address >= start && address < start + Math.max(virtualSize, rawSize)) {
        const within = address - start;
        return within < rawSize ? offset + within : -1;
      }
    }
    return -1;
  }

  private readImports(directory: number, entrySize: number, nameField: number): void {
    const { view, parts } = this;
    const { address } = this.directory(directory);
    const table = address === 0 ? -1 : this.offsetOf(address);
    if (table < 0) return;
    for (let i = 0; i < MAX_LIBRARIES; i++) {
      const at = table + i * entrySize;
      const nameAddress = view.u32(at + nameField);
      if (nameAddress === 0) return;
      const nameAt = this.offsetOf(nameAddress);
      if (nameAt < 0) {
        parts.isTruncated = true;
        return;
      }
      const library = view.text(nameAt, MAX_NAME);
      parts.libraries.push(library);
      const lookup = directory === DIRECTORY_IMPORT ? view.u32(at) : view.u32(at + 16);
      this.readFunctions(library, lookup === 0 ? view.u32(at + 16) : lookup);
    }
    parts.isTruncated = true;
  }

  private readFunctions(library: string, address: number): void {
    const { view, parts } = this;
    const table = this.offsetOf(address);
    if (table < 0) return;
    const width = this.isWide ? 8 : 4;
    for (let i = 0; i < MAX_FUNCTIONS_OF_LIBRARY; i++) {
      const low = view.u32(table + i * width);
      const high = view.u32(table + i * width + width - 4);
      if (low === 0 && high === 0) return;
      if (parts.imports.length >= MAX_SYMBOLS) {
        parts.isTruncated = true;
        return;
      }
      const isOrdinal = (high & 0x80000000) !== 0;
      const nameAt = isOrdinal ? -1 : this.offsetOf(low);
      if (isOrdinal) parts.imports.push(`${library}!#${low & 0xffff}`);
      else if (nameAt >= 0) parts.imports.push(`${library}!${view.text(nameAt + 2, MAX_NAME)}`);
    }
  }

  private readExports(): void {
    const { view, parts } = this;
    const { address } = this.directory(DIRECTORY_EXPORT);
    const table = address === 0 ? -1 : this.offsetOf(address);
    if (table < 0) return;
    const count = view.u32(table + 24);
    const names = this.offsetOf(view.u32(table + 32));
    if (names < 0) return;
    if (count > MAX_SYMBOLS) parts.isTruncated = true;
    for (let i = 0; i < Math.min(count, MAX_SYMBOLS); i++) {
      const at = this.offsetOf(view.u32(names + i * 4));
      if (at >= 0) parts.exports.push(view.text(at, MAX_NAME));
    }
  }

  /** Functions that run before the entry point. */
  private readCallbacks(): void {
    const { view, parts } = this;
    const { address } = this.directory(DIRECTORY_TLS);
    const table = address === 0 ? -1 : this.offsetOf(address);
    if (table < 0) return;
    const pointer = this.isWide ? view.u64(table + 24) : view.u32(table + 12);
    const list = this.offsetOf(pointer - this.imageBase);
    if (list < 0) return;
    const width = this.isWide ? 8 : 4;
    while (parts.constructors < 1000) {
      const at = list + parts.constructors * width;
      if ((this.isWide ? view.u64(at) : view.u32(at)) === 0) return;
      parts.constructors++;
    }
  }
}

/** Reads a PE. undefined when it is none; a damaged one gives what could be read. */
export function readPe(view: ByteView): BinaryParts | undefined {
  return new PeReader(view).read();
}
