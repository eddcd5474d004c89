// Owns reading marshal data and .pyc files of CPython 1.5 to 3.14 as data: nothing is executed or disassembled.
// May import marshal-code.ts, marshal-reader.ts, decoded.ts. Start at readMarshal and readPyc.
import { bufferOf } from './decoded.ts';
import { type CodeLayout, type CodeObject, LAYOUTS, layoutOfMagic } from './marshal-code.ts';
import { MarshalReader, type MarshalValue } from './marshal-reader.ts';

/** What is known of marshal data when it was read. */
export interface Marshalled {
  /** the outermost value: a code object in a .pyc, and whatever `marshal.loads` was given */
  readonly value: MarshalValue;
  /** all code objects, outermost first; at most `maxCodes` */
  readonly codes: readonly CodeObject[];
  /** the layout under which the code objects made sense; undefined when there is none */
  readonly layout: CodeLayout | undefined;
  /** false: the data is damaged, cut off, or beyond a limit; what came before is there */
  readonly isComplete: boolean;
}

export interface PycFile extends Marshalled {
  /** e.g. `3.11`, or `unknown` */
  readonly version: string;
  /** seconds since 1970 of the source; undefined in a hash-based file */
  readonly sourceTime: number | undefined;
  readonly sourceSize: number | undefined;
}

/** Values read before a reader gives up: some 100 MB of memory. */
const MAX_VALUES = 1_000_000;
const FIRST_TYPES = /[c\xe3([{<>)s tuaAzZRN.TFiIlfgxy]/;

function readWith(bytes: Uint8Array, start: number, layout: CodeLayout): Marshalled {
  const reader = new MarshalReader(bytes, start, layout, MAX_VALUES);
  const value = reader.read();
  return {
    value,
    codes: reader.codes,
    layout: reader.codes.length > 0 ? layout : undefined,
    isComplete: reader.isWhole,
  };
}

/** How well a layout fits: whole beats broken, then the one under which most names and texts came out. */
function fitOf(result: Marshalled): number {
  let fit = result.isComplete ? 1_000_000 : 0;
  for (const code of result.codes) fit += code.names.length + code.strings.length + (code.isPlausible ? 10 : 0);
  return fit;
}

function isSound(result: Marshalled): boolean {
  return result.isComplete && result.codes.every((code) => code.isPlausible);
}

/**
 * Reads what `marshal.loads` would be given. The version of Python is not written in it, so each layout of code objects
 * is tried.
 *
 * @returns undefined when the first byte is no type of marshal data, or nothing at all could be read. Never throws.
 */
export function readMarshal(bytes: Uint8Array): Marshalled | undefined {
  return readMarshalAt(bytes, 0);
}

/** @param likely the layout to try first */
function readMarshalAt(bytes: Uint8Array, start: number, likely?: CodeLayout): Marshalled | undefined {
  const first = bytes[start];
  if (first === undefined || !FIRST_TYPES.test(String.fromCharCode(first & 0x7f, first))) return undefined;
  let best: Marshalled | undefined;
  for (const layout of likely === undefined ? LAYOUTS : [likely, ...LAYOUTS]) {
    const result = readWith(bytes, start, layout);
    // without code objects all layouts read the same
    if (isSound(result)) return result;
    if (best === undefined || fitOf(result) > fitOf(best)) best = result;
  }
  return best !== undefined && fitOf(best) > 0 ? best : undefined;
}

/**
 * Reads a `.pyc`: four bytes of magic (the last two CR LF), then 4 to 12 bytes by version, then marshal data.
 *
 * @returns undefined when it is none
 * @see PEP 552
 */
export function readPyc(bytes: Uint8Array): PycFile | undefined {
  if (bytes.length < 9 || bytes[2] !== 13 || bytes[3] !== 10) return undefined;
  const buffer = bufferOf(bytes);
  const known = layoutOfMagic(buffer.readUInt16LE(0));
  const headers = known === undefined ? [16, 12, 8] : [known.headerBytes];
  for (const headerBytes of headers) {
    const result = readBody(bytes, headerBytes, known?.layout);
    if (result === undefined) continue;
    const isHashed = headerBytes === 16 && (buffer.readUInt32LE(4) & 1) === 1;
    const at = headerBytes === 16 ? 8 : 4;
    return {
      ...result,
      version: known?.version ?? 'unknown',
      sourceTime: isHashed ? undefined : buffer.readUInt32LE(at),
      sourceSize: isHashed || headerBytes === 8 ? undefined : buffer.readUInt32LE(at + 4),
    };
  }
  return undefined;
}

function readBody(bytes: Uint8Array, headerBytes: number, layout: CodeLayout | undefined): Marshalled | undefined {
  if (bytes.length <= headerBytes || (bytes[headerBytes]! & 0x7f) !== 0x63) return undefined;
  // the magic number may lie: the layout that fits wins
  return readMarshalAt(bytes, headerBytes, layout);
}

/** Names, strings and bytes of all code objects, each once, in order: what a token-level rule wants. */
export function textOfCodes(codes: readonly CodeObject[]): { names: string[]; strings: string[]; blobs: Uint8Array[] } {
  const names = new Set<string>();
  const strings = new Set<string>();
  const blobs: Uint8Array[] = [];
  for (const code of codes) {
    for (const name of code.names) names.add(name);
    for (const text of code.strings) strings.add(text);
    blobs.push(...code.blobs);
  }
  return { names: [...names], strings: [...strings], blobs };
}
