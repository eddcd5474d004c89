// Owns saying what a blob is by its bytes: a decoded literal, a file with a wrong name.
// May import decoders here, ../../script/language.ts. Start at sniff.
import { isUtf8 } from 'node:buffer';
import { guessLanguage, type ScriptLanguage } from '../../script/language.ts';
import { bufferOf } from './decoded.ts';
import { readMarshal, readPyc } from './marshal.ts';
import { readPickle } from './pickle.ts';

export type BlobKind =
  // native code
  | 'pe'
  | 'elf'
  | 'mach-o'
  | 'java-class'
  | 'wasm'
  // Python's own
  | 'pyc'
  | 'marshal'
  | 'pickle'
  // containers and compression
  | 'zip'
  | 'gzip'
  | 'zlib'
  | 'bzip2'
  | 'xz'
  | 'zstd'
  | 'tar'
  | 'rar'
  | '7z'
  | 'cab'
  | 'ole'
  | 'lnk'
  | 'sqlite'
  // data that programs honestly carry
  | 'png'
  | 'jpeg'
  | 'gif'
  | 'bmp'
  | 'ico'
  | 'webp'
  | 'font'
  | 'pdf'
  | 'audio'
  | 'der'
  | 'pem'
  | 'protobuf'
  | 'numpy'
  // text
  | 'text'
  | 'utf-16'
  | 'binary';

export interface Sniffed {
  readonly kind: BlobKind;
  /** of `text` and `utf-16` that reads like code */
  readonly language?: ScriptLanguage;
}

/** Bytes looked at to tell text from binary. */
const TEXT_SAMPLE = 8192;
const MIN_PICKLE_BYTES = 4;

const MAGICS: readonly (readonly [BlobKind, string, number?])[] = [
  ['elf', '\x7fELF'],
  ['mach-o', '\xfe\xed\xfa\xce'],
  ['mach-o', '\xfe\xed\xfa\xcf'],
  ['mach-o', '\xce\xfa\xed\xfe'],
  ['mach-o', '\xcf\xfa\xed\xfe'],
  ['wasm', '\0asm'],
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'],
  ['gzip', '\x1f\x8b\x08'],
  ['bzip2', 'BZh'],
  ['xz', '\xfd7zXZ\0'],
  ['zstd', '\x28\xb5\x2f\xfd'],
  ['tar', 'ustar', 257],
  ['rar', 'Rar!\x1a\x07'],
  ['7z', '7z\xbc\xaf\x27\x1c'],
  ['cab', 'MSCF\0\0\0\0'],
  ['ole', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['lnk', 'L\0\0\0\x01\x14\x02\0'],
  ['sqlite', 'SQLite format 3\0'],
  ['png', '\x89PNG\r\n\x1a\n'],
  ['jpeg', '\xff\xd8\xff'],
  ['gif', 'GIF8'],
  ['ico', '\0\0\x01\0'],
  ['webp', 'WEBP', 8],
  ['font', '\0\x01\0\0\0'],
  ['font', 'OTTO\0'],
  ['font', 'wOFF'],
  ['font', 'wOF2'],
  ['font', 'ttcf'],
  ['pdf', '%PDF-'],
  ['audio', 'WAVE', 8],
  ['audio', 'ID3'],
  ['audio', 'OggS'],
  ['audio', 'fLaC'],
  ['pem', '-----BEGIN '],
  ['numpy', '\x93NUMPY'],
];

/** Four bytes that Mach-O's fat files share with Java's classes: fat files hold few architectures, classes have high versions. */
function isFatMachO(buffer: Buffer): boolean {
  return buffer.readUInt32BE(4) < 20;
}

function isPe(buffer: Buffer): boolean {
  if (buffer.length < 64 || buffer[0] !== 0x4d || buffer[1] !== 0x5a) return false;
  const header = buffer.readUInt32LE(60);
  // a PE that was cut off before its header, as a literal may be
  if (header + 4 > buffer.length) return header < 4096 && buffer.includes('DOS mode');
  return buffer.toString('latin1', header, header + 4) === 'PE\0\0';
}

/** A DER sequence that is as long as the blob. */
function isDer(buffer: Buffer): boolean {
  if (buffer[0] !== 0x30 || buffer.length < 16) return false;
  const first = buffer[1]!;
  if (first < 0x80) return first + 2 === buffer.length;
  const count = first & 0x7f;
  return count >= 1 && count <= 4 && buffer.readUIntBE(2, count) + 2 + count === buffer.length;
}

/** Does the whole blob read as fields of a protocol buffer, some of them strings or messages? */
function isProtobuf(buffer: Buffer): boolean {
  let at = 0;
  let fields = 0;
  let delimited = 0;
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const byte = buffer[at++];
      if (byte === undefined) return -1;
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) return value;
    }
    return -1;
  };
  while (at < buffer.length && fields < 64) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (tag < 0 || field < 1 || field > 2000) return false;
    const wire = tag % 8;
    if (wire === 2) {
      const size = varint();
      if (size < 0 || at + size > buffer.length) return false;
      at += size;
      delimited++;
    } else if (wire === 0) {
      if (varint() < 0) return false;
    } else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else return false;
    fields++;
  }
  return at <= buffer.length && delimited >= 1 && fields >= 3;
}

function isText(buffer: Buffer): boolean {
  const sample = buffer.subarray(0, TEXT_SAMPLE);
  let strange = 0;
  for (const byte of sample) {
    if (byte === 0) return false;
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127) strange++;
  }
  if (strange * 50 > sample.length) return false;
  // the sample may end inside a character
  return [0, 1, 2, 3].some((tail) => isUtf8(sample.subarray(0, sample.length - tail)));
}

/** UTF-16LE without a mark: every other byte zero, the rest text. */
function isWideText(buffer: Buffer): boolean {
  if (buffer.length < 8) return false;
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return true;
  const sample = buffer.subarray(0, Math.min(buffer.length, TEXT_SAMPLE) & ~1);
  let zeros = 0;
  let printable = 0;
  for (let i = 0; i < sample.length; i += 2) {
    const low = sample[i]!;
    if (sample[i + 1] === 0) zeros++;
    if ((low >= 32 && low < 127) || low === 9 || low === 10 || low === 13) printable++;
  }
  return zeros * 20 > sample.length * 9 && printable * 20 > sample.length * 9;
}

function textual(kind: 'text' | 'utf-16', text: string): Sniffed {
  const guess = guessLanguage(text);
  return guess === undefined ? { kind } : { kind, language: guess.language };
}

function findMagic(buffer: Buffer): BlobKind | undefined {
  const head = buffer.toString('latin1', 0, 270);
  for (const [kind, magic, offset = 0] of MAGICS) {
    if (head.startsWith(magic, offset)) return kind;
  }
  if (head.startsWith('\xca\xfe\xba\xbe') && buffer.length >= 8) return isFatMachO(buffer) ? 'mach-o' : 'java-class';
  if (isPe(buffer)) return 'pe';
  if (head.startsWith('BM') && buffer.length > 26 && buffer.readUInt32LE(2) === buffer.length) return 'bmp';
  return undefined;
}

function findPythonic(buffer: Buffer): BlobKind | undefined {
  if (readPyc(buffer) !== undefined) return 'pyc';
  const isCode = (buffer[0]! & 0x7f) === 0x63;
  const marshalled = isCode ? readMarshal(buffer) : undefined;
  if (marshalled?.codes[0]?.isPlausible === true) return 'marshal';
  if (buffer.length < MIN_PICKLE_BYTES) return undefined;
  const isFramed = buffer[0] === 0x80 && buffer[1]! >= 2 && buffer[1]! <= 5;
  const isOld = buffer[0] === 0x63 || buffer[0] === 0x28;
  if (!isFramed && !isOld) return undefined;
  const pickled = readPickle(buffer);
  return pickled !== undefined && (isFramed || (pickled.isComplete && pickled.globals.length > 0))
    ? 'pickle'
    : undefined;
}

/**
 * Says what a blob is, from its first bytes and, where these are not enough, its structure. Text comes with a guess at its
 * language. `binary` is everything else. Never throws; time is bounded by the blob's size.
 */
export function sniff(bytes: Uint8Array): Sniffed {
  const buffer = bufferOf(bytes);
  if (buffer.length === 0) return { kind: 'text' };
  const magic = findMagic(buffer) ?? findPythonic(buffer);
  if (magic !== undefined) return { kind: magic };
  if (isText(buffer)) return textual('text', buffer.toString('utf8', 0, 32_768));
  if (isWideText(buffer)) return textual('utf-16', buffer.subarray(0, 65_536).toString('utf16le'));
  if ((buffer[0]! & 15) === 8 && buffer[0]! >> 4 <= 7 && buffer.length > 8 && buffer.readUInt16BE(0) % 31 === 0) {
    return { kind: 'zlib' };
  }
  if (isDer(buffer)) return { kind: 'der' };
  if (isProtobuf(buffer)) return { kind: 'protobuf' };
  return { kind: 'binary' };
}
