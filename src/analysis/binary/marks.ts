// Owns the marks that packers, freezers and compilers leave. May import byte-view.ts, parts.ts. Start at marksOf.
import type { ByteView } from './byte-view.ts';
import type { BinaryParts } from './parts.ts';

const SECTION_MARKS: readonly (readonly [string, RegExp])[] = [
  ['UPX', /^\.?UPX\d?/i],
  ['ASPack', /^\.a(?:spack|data)$/],
  ['Themida', /^\.(?:themida|winlice|boot)$/i],
  ['VMProtect', /^\.vmp\d/i],
  ['MPRESS', /^\.MPRESS\d/],
  ['PECompact', /^(?:PEC2|pec\d)/i],
  ['Petite', /^\.petite$/],
  ['NSPack', /^\.?nsp\d/i],
  ['Enigma', /^\.enigma\d/i],
  ['Go', /^\.(?:gopclntab|go\.buildinfo|note\.go\.buildid)$|,__gopclntab$|,__go_buildinfo$/],
];

const SYMBOL_MARKS: readonly (readonly [string, RegExp])[] = [
  ['Cython', /^(?:__pyx_|_?PyInit_.*__pyx)/],
  ['pybind11', /pybind11/],
  ['nanobind', /nanobind/],
  ['Rust', /^(?:rust_|_ZN\d{1,3}.{0,40}17h[0-9a-f]{16}E)|rust_eh_personality/],
  ['Python C API', /^(?:.*!)?_?Py(?:Module_Create2?|ModuleDef_Init|_InitModule4(?:_64)?)$/],
];

/** Texts near the head or the tail, and what they are marks of. */
const TEXT_MARKS: readonly (readonly [string, string])[] = [
  ['UPX', 'UPX!'],
  ['PyInstaller', 'MEI\x0c\x0b\x0a\x0b\x0e'],
  ['PyInstaller', '_MEIPASS'],
  ['Nuitka', 'NUITKA_ONEFILE'],
  ['Nuitka', 'NUITKA_PACKAGE'],
  ['PyArmor', 'pyarmor_runtime'],
  ['PyArmor', '__pyarmor__'],
  ['AutoIt', 'AU3!EA06'],
  ['NSIS', 'NullsoftInst'],
  ['Inno Setup', 'Inno Setup Setup Data'],
  ['Go', 'Go build ID:'],
  ['ConfuserEx', 'ConfusedBy'],
  ['Electron', 'electron.asar'],
  ['Cython', '__pyx_capi__'],
  ['pybind11', 'pybind11_'],
];

const HEAD_BYTES = 1 << 20;
const TAIL_BYTES = 1 << 20;

/** Marks of a binary, each once. */
export function marksOf(view: ByteView, parts: BinaryParts): string[] {
  const marks = new Set(parts.marks);
  for (const { name } of parts.sections) {
    for (const [mark, pattern] of SECTION_MARKS) if (pattern.test(name)) marks.add(mark);
  }
  for (const symbols of [parts.imports, parts.exports]) {
    for (const symbol of symbols) {
      for (const [mark, pattern] of SYMBOL_MARKS) if (pattern.test(symbol)) marks.add(mark);
    }
  }
  const head = view.bytes(0, HEAD_BYTES);
  const tail =
    view.sizeBytes > HEAD_BYTES ? view.bytes(Math.max(HEAD_BYTES, view.sizeBytes - TAIL_BYTES), TAIL_BYTES) : undefined;
  for (const [mark, text] of TEXT_MARKS) {
    if (marks.has(mark)) continue;
    if (head.includes(text, 0, 'latin1') || tail?.includes(text, 0, 'latin1') === true) marks.add(mark);
  }
  return [...marks].slice(0, 20);
}
