// Owns this folder's door: what a native binary says about itself. May import all of binary/. Start at readBinary.
// binary/ owns PE, ELF, Mach-O and compiled Python; it may import byte-source.ts, script/secrets.ts, python/decoders/.
// Nothing is executed, and only headers, tables and samples are read: a library of a gigabyte costs what one of a megabyte does.
import type { ByteSource } from '../byte-source.ts';
import type { BinaryFacts } from './binary-facts.ts';
import { ByteView } from './byte-view.ts';
import { capabilitiesOf } from './capabilities.ts';
import { readElf } from './elf.ts';
import { readMachO } from './mach-o.ts';
import { marksOf } from './marks.ts';
import type { BinaryParts, Region } from './parts.ts';
import { readPe } from './pe.ts';
import { StringFinder } from './strings.ts';

const MODULE_INIT = /^_?PyInit(?:U)?_(\w{1,200})$/;
/** Python 2's `initmodule`; only beside its API, for many libraries have functions of such names. */
const OLD_MODULE_INIT = /^_?init(\w{1,100})$/;
const OLD_API = /Py_InitModule4|PyCObject_|PyString_FromString/;

function modulesOf({ exports, imports }: BinaryParts): string[] {
  const modules = new Set<string>();
  const isOld = imports.some((name) => OLD_API.test(name));
  for (const name of exports) {
    const module = MODULE_INIT.exec(name)?.[1] ?? (isOld ? OLD_MODULE_INIT.exec(name)?.[1] : undefined);
    if (module !== undefined && modules.size < 100) modules.add(module);
  }
  return [...modules];
}

/** Sections that hold texts first, then code, then what lies behind the last section. */
function regionsOf(parts: BinaryParts, sizeBytes: number): Region[] {
  const isText = (name: string): boolean => /rodata|rdata|data|cstring|const|rsrc|str/i.test(name);
  const readable = parts.sections.filter(({ sizeBytes: size }) => size > 0);
  const ordered = [...readable.filter(({ name }) => isText(name)), ...readable.filter(({ name }) => !isText(name))];
  const overlay: Region = { offset: parts.end, sizeBytes: sizeBytes - parts.end };
  const regions: Region[] = ordered.length === 0 ? [{ offset: 0, sizeBytes }] : ordered;
  return overlay.sizeBytes > 0 ? [...regions.slice(0, 60), overlay, ...regions.slice(60)] : regions;
}

/**
 * Reads a PE, an ELF or a Mach-O file. undefined when it is none of these. Never throws for what the file holds; a damaged
 * one gives what could be read, with `isTruncated`.
 */
export function readBinary(source: ByteSource): BinaryFacts | undefined {
  const view = new ByteView(source, true);
  const parts = readPe(view) ?? readElf(view) ?? readMachO(view);
  if (parts === undefined) return undefined;
  const finder = new StringFinder(view);
  for (const region of regionsOf(parts, source.sizeBytes)) finder.search(region, parts.format === 'pe');
  return {
    format: parts.format,
    architecture: parts.architecture,
    isLibrary: parts.isLibrary,
    sections: parts.sections.map(({ name, sizeBytes, entropy, isExecutable, isWritable }) => {
      return { name: name.slice(0, 40), sizeBytes, entropy, isExecutable, isWritable };
    }),
    libraries: parts.libraries,
    imports: parts.imports,
    exports: parts.exports,
    pythonModules: modulesOf(parts),
    constructors: parts.constructors,
    overlayBytes: Math.max(0, source.sizeBytes - parts.end),
    marks: marksOf(view, parts),
    capabilities: capabilitiesOf(parts.imports),
    strings: finder.strings,
    hosts: [...finder.hosts],
    isTruncated: parts.isTruncated || finder.isTruncated,
  };
}
