// Owns the shape of code objects by version of CPython. Imports nothing. Start at CodeObject and LAYOUTS.

/** A function, class body or module as compiled: what it names and what constants it holds. */
export interface CodeObject {
  /** `<module>`, a function's or class's name */
  readonly name: string;
  readonly filename: string;
  readonly firstLine: number;
  /** globals and attributes it touches, in the order of first use */
  readonly names: readonly string[];
  /** its parameters and local variables */
  readonly localNames: readonly string[];
  /** str constants, those in constant tuples and sets too */
  readonly strings: readonly string[];
  /** bytes constants of 16 bytes or more */
  readonly blobs: readonly Uint8Array[];
  /** functions and classes defined in it */
  readonly nested: readonly CodeObject[];
  readonly instructions: Uint8Array;
  /** the fields have the types they must have: the layout was right */
  readonly isPlausible: boolean;
}

/** `int` and `short` are numbers, all others marshal values. */
export type CodeField =
  | 'int'
  | 'short'
  | 'first-line'
  | 'short-first-line'
  | 'instructions'
  | 'constants'
  | 'names'
  | 'local-names'
  | 'filename'
  | 'name'
  | 'other';

/** The fields of a code object in the order in which marshal writes them. */
export interface CodeLayout {
  readonly versions: string;
  readonly fields: readonly CodeField[];
}

const ints = (count: number): CodeField[] => new Array<CodeField>(count).fill('int');
const NAMED: readonly CodeField[] = ['instructions', 'constants', 'names'];

/** Newest first. */
export const LAYOUTS: readonly CodeLayout[] = [
  {
    versions: '3.11-3.14',
    fields: [...ints(5), ...NAMED, 'local-names', 'other', 'filename', 'name', 'other', 'first-line', 'other', 'other'],
  },
  {
    versions: '3.8-3.10',
    fields: [...ints(6), ...NAMED, 'local-names', 'other', 'other', 'filename', 'name', 'first-line', 'other'],
  },
  {
    versions: '3.0-3.7',
    fields: [...ints(5), ...NAMED, 'local-names', 'other', 'other', 'filename', 'name', 'first-line', 'other'],
  },
  {
    versions: '2.3-2.7',
    fields: [...ints(4), ...NAMED, 'local-names', 'other', 'other', 'filename', 'name', 'first-line', 'other'],
  },
  {
    versions: '2.1-2.2',
    fields: [
      'short',
      'short',
      'short',
      'short',
      ...NAMED,
      'local-names',
      'other',
      'other',
      'filename',
      'name',
      'short-first-line',
      'other',
    ],
  },
];

export interface KnownMagic {
  readonly version: string;
  readonly layout: CodeLayout | undefined;
  readonly headerBytes: number;
}

/** First magic number of each version; they grow within Python 3, and within Python 2 from 50000 on. */
const MAGICS: readonly [number, string, number, string][] = [
  [3600, '3.14', 16, '3.11-3.14'],
  [3550, '3.13', 16, '3.11-3.14'],
  [3500, '3.12', 16, '3.11-3.14'],
  [3450, '3.11', 16, '3.11-3.14'],
  [3430, '3.10', 16, '3.8-3.10'],
  [3420, '3.9', 16, '3.8-3.10'],
  [3400, '3.8', 16, '3.8-3.10'],
  [3390, '3.7', 16, '3.0-3.7'],
  [3360, '3.6', 12, '3.0-3.7'],
  [3320, '3.5', 12, '3.0-3.7'],
  [3250, '3.4', 12, '3.0-3.7'],
  [3190, '3.3', 12, '3.0-3.7'],
  [3000, '3.0-3.2', 8, '3.0-3.7'],
];

/** What a `.pyc`'s first two bytes (little-endian) say. undefined for numbers no CPython used. */
export function layoutOfMagic(magic: number): KnownMagic | undefined {
  if (magic >= 50_000 && magic <= 62_300) {
    const isOld = magic < 62_000;
    const layout = LAYOUTS.find(({ versions }) => versions === (isOld ? '2.1-2.2' : '2.3-2.7'));
    return { version: magic >= 62_171 ? '2.7' : '2', layout, headerBytes: 8 };
  }
  const found = MAGICS.find(([first]) => magic >= first && magic < 4000);
  if (found === undefined) return undefined;
  const [, version, headerBytes, versions] = found;
  return { version, headerBytes, layout: LAYOUTS.find((layout) => layout.versions === versions) };
}
