// Owns programs and libraries of machine code among the members, under whatever name, and what lies behind pictures.
// Start at nativesOf and overlayOf.
import { inflateSync } from 'node:zlib';
import { bytesOf, isAside } from './bundled.ts';
import type { Evidence } from './evidence.ts';
import type { PlacedMember } from './layout.ts';

export interface Native {
  readonly placed: PlacedMember;
  readonly format: 'ELF' | 'PE' | 'Mach-O';
  /** its name promises data, a document or a picture */
  readonly isDisguised: boolean;
  readonly isLibraryName: boolean;
}

/** Names under which nobody expects a program. */
const DATA_NAMES =
  /\.(?:dat|data|png|jpe?g|gif|ico|bmp|svg|webp|txt|json|jsonl|csv|tsv|md|rst|pkl|pickle|npy|npz|h5|wav|mp3|ogg|ttf|woff2?|css|html?|xml|ya?ml|toml|cfg|ini|conf|log|db|sqlite|cache|tmp|bak|idx|index|pak|pdf|docx?|pyc?|pyi|weights|model|onnx|pt|pth|key|pem|crt|lock|po|mo|sql|tpl)$/i;
const LIBRARY_NAMES = /\.(?:so(?:\.[\d.]+)?|pyd|dll|dylib|bundle|jnilib|node)$/i;

/** Calls that load a library of machine code into this process. */
export const LOADS_LIBRARY = /(?:CDLL|WinDLL|PyDLL|OleDLL|LoadLibrary\w*|ExtensionFileLoader|dlopen|load_library)$/;

/** What machine code begins with. */
export function nativeFormat(head: Uint8Array): Native['format'] | undefined {
  const [a, b, c, d] = head;
  if (a === 0x7f && b === 0x45 && c === 0x4c && d === 0x46) return 'ELF';
  if (a === 0xcf && b === 0xfa && c === 0xed && d === 0xfe) return 'Mach-O';
  if (a === 0xce && b === 0xfa && c === 0xed && d === 0xfe) return 'Mach-O';
  // Java classes share the magic of fat files, which hold few architectures.
  if (a === 0xca && b === 0xfe && c === 0xba && d === 0xbe)
    return (head[7] ?? 99) < 20 && head[6] === 0 ? 'Mach-O' : undefined;
  return a === 0x4d && b === 0x5a && isPe(head) ? 'PE' : undefined;
}

function isPe(head: Uint8Array): boolean {
  if (head.length < 64) return false;
  const at = (head[60] ?? 0) | ((head[61] ?? 0) << 8) | ((head[62] ?? 0) << 16);
  return head[at] === 0x50 && head[at + 1] === 0x45 && head[at + 2] === 0 && head[at + 3] === 0;
}

/** Every member that is machine code, tests and documents aside. */
export function nativesOf(archive: Evidence): Map<PlacedMember, Native> {
  const found = new Map<PlacedMember, Native>();
  for (const placed of archive.layout.members) {
    const format = nativeFormat(placed.member.head);
    if (format === undefined || isAside(placed)) continue;
    found.set(placed, {
      placed,
      format,
      isDisguised: DATA_NAMES.test(placed.local),
      isLibraryName: LIBRARY_NAMES.test(placed.local),
    });
  }
  return found;
}

/** What follows the end of a picture, a sound or a document. */
export interface Overlay {
  readonly placed: PlacedMember;
  readonly bytes: Buffer;
  /** offset of the first byte behind the end */
  readonly offset: number;
  /** what it inflates to, when it does */
  readonly inflated: Buffer | undefined;
}

const MIN_OVERLAY = 48;
const MAX_MEDIA = 16 * 2 ** 20;
const MAX_MEDIA_FILES = 500;
const MAX_INFLATED = 2 ** 20;

/** Members of a picture's or a sound's format that go on behind its end. */
export function overlaysOf(archive: Evidence): Overlay[] {
  const found: Overlay[] = [];
  let read = 0;
  for (const placed of archive.layout.members) {
    const end = END_OF[kindOf(placed.member.head) ?? 'none'];
    if (end === undefined || read++ >= MAX_MEDIA_FILES) continue;
    const bytes = bytesOf(placed, MAX_MEDIA);
    const offset = bytes === undefined ? undefined : end(bytes);
    if (bytes === undefined || offset === undefined || bytes.length - offset < MIN_OVERLAY) continue;
    const rest = bytes.subarray(offset);
    if (!rest.some((b) => b !== 0)) continue;
    found.push({ placed, bytes: rest, offset, inflated: inflated(rest) });
  }
  return found;
}

function kindOf(head: Uint8Array): 'png' | 'jpeg' | 'gif' | 'riff' | undefined {
  const start = Buffer.from(head.subarray(0, 12)).toString('latin1');
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (start.startsWith('GIF8')) return 'gif';
  return start.startsWith('RIFF') ? 'riff' : undefined;
}

const END_OF: Readonly<Record<string, ((bytes: Buffer) => number | undefined) | undefined>> = {
  png: endOfPng,
  jpeg: endOfJpeg,
  gif: endOfGif,
  riff: (bytes) => bytes.readUInt32LE(4) + 8,
};

function endOfPng(bytes: Buffer): number | undefined {
  let at = 8;
  while (at + 12 <= bytes.length) {
    const size = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    at += 12 + size;
    if (type === 'IEND') return at;
  }
  return undefined;
}

/** The end of the image that the first start-of-scan begins. */
function endOfJpeg(bytes: Buffer): number | undefined {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xda) {
      for (let i = at + 2; i + 1 < bytes.length; i++) if (bytes[i] === 0xff && bytes[i + 1] === 0xd9) return i + 2;
      return undefined;
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

function endOfGif(bytes: Buffer): number | undefined {
  const flags = bytes[10] ?? 0;
  let at = 13 + ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  while (at < bytes.length) {
    const kind = bytes[at];
    if (kind === 0x3b) return at + 1;
    if (kind === 0x2c) {
      const local = bytes[at + 9] ?? 0;
      at += 11 + ((local & 0x80) === 0 ? 0 : 3 * 2 ** ((local & 7) + 1));
    } else if (kind === 0x21) at += 2;
    else return undefined;
    while (at < bytes.length && bytes[at] !== 0) at += 1 + (bytes[at] ?? 0);
    at++;
  }
  return undefined;
}

function inflated(bytes: Buffer): Buffer | undefined {
  if ((bytes[0] ?? 0) !== 0x78) return undefined;
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_INFLATED });
  } catch {
    // no zlib data, or more than is looked at: nothing that can be read here
    return undefined;
  }
}
