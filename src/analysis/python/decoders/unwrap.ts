// Owns opening a literal by guessing: what is in it when the code that opens it could not be followed?
// May import the decoders here. Start at unwrap.
import { decodeBase32, decodeHex } from './base32.ts';
import { decodeBase64 } from './base64.ts';
import { decodeBase85 } from './base85.ts';
import { decodeBzip2, decodeGzip, decodeLzma, decodeZlib } from './compression.ts';
import { bufferOf, type Decoded, type Decoder } from './decoded.ts';
import { type Sniffed, sniff } from './sniff.ts';
import { decodeXor, findXorKey } from './xor.ts';

export interface Unwrapped {
  /** what was undone, outermost first, e.g. `base64`, `zlib`, `xor 0x5a`; empty when nothing was */
  readonly layers: readonly string[];
  readonly bytes: Uint8Array;
  readonly content: Sniffed;
  /** a limit was met on the way */
  readonly isTruncated: boolean;
}

interface Opened extends Decoded {
  readonly how: string;
}

const MAX_LAYERS = 12;
/** Text that is shorter says base64 by chance. */
const MIN_TEXT = 24;
/** Bytes of base85 text that decode to nothing known prove nothing. */
const SAMPLE = 4096;

const COMPRESSIONS: Readonly<Partial<Record<Sniffed['kind'], readonly [string, Decoder]>>> = {
  gzip: ['gzip', decodeGzip],
  zlib: ['zlib', decodeZlib],
  bzip2: ['bzip2', decodeBzip2],
  xz: ['xz', decodeLzma],
};

const TEXT_CODINGS: readonly (readonly [name: string, alphabet: RegExp, decode: Decoder])[] = [
  ['hex', /^[\da-fA-F\s]+$/, decodeHex],
  ['base32', /^[A-Z2-7\s]+=*\s*$/, decodeBase32],
  ['base64', /^[A-Za-z0-9+/\s]+={0,2}\s*$/, decodeBase64],
  ['base85', /^[!-~]+$/, decodeBase85],
];

/** Is this something that nobody gets by decoding noise? */
function isMeaningful({ kind, language }: Sniffed, bytes: Uint8Array): boolean {
  if (kind === 'binary' || kind === 'protobuf' || kind === 'ico' || kind === 'font') return false;
  if (kind === 'text' || kind === 'utf-16') return language !== undefined || bytes.length >= MIN_TEXT;
  // two bytes of header come by chance
  return kind !== 'zlib' || decodeZlib(bytes, 1 << 20) !== undefined;
}

function reversed(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes).reverse();
}

function openText(bytes: Uint8Array, maxBytes: number): Opened | undefined {
  if (bytes.length < MIN_TEXT) return undefined;
  const sample = bufferOf(bytes).toString('latin1', 0, SAMPLE);
  // reversed base64 shows by its padding
  const isReversed = /^={1,2}[A-Za-z0-9+/]/.test(sample);
  const input = isReversed ? reversed(bytes) : bytes;
  const shown = isReversed ? bufferOf(input).toString('latin1', 0, SAMPLE) : sample;
  const isCut = bytes.length > SAMPLE;
  for (const [name, alphabet, decode] of TEXT_CODINGS) {
    if (!alphabet.test(isCut ? shown.replace(/=+$/, '') : shown)) continue;
    const decoded = decode(input, maxBytes);
    if (decoded === undefined || decoded.bytes.length === 0 || !isMeaningful(sniff(decoded.bytes), decoded.bytes))
      continue;
    return { ...decoded, how: isReversed ? `reversed ${name}` : name };
  }
  return undefined;
}

function openBinary(bytes: Uint8Array, maxBytes: number): Opened | undefined {
  const key = findXorKey(bytes);
  const decoded = key === undefined ? undefined : decodeXor(bytes, Uint8Array.of(key), maxBytes);
  if (key === undefined || decoded === undefined || !isMeaningful(sniff(decoded.bytes), decoded.bytes))
    return undefined;
  return { ...decoded, how: `xor 0x${key.toString(16).padStart(2, '0')}` };
}

function open(bytes: Uint8Array, content: Sniffed, maxBytes: number): Opened | undefined {
  const compression = COMPRESSIONS[content.kind];
  if (compression !== undefined) {
    const decoded = compression[1](bytes, maxBytes);
    return decoded === undefined ? undefined : { ...decoded, how: compression[0] };
  }
  if (content.language !== undefined) return undefined;
  if (content.kind === 'text') return openText(bytes, maxBytes);
  return content.kind === 'binary' ? openBinary(bytes, maxBytes) : undefined;
}

/**
 * Undoes compression, text encodings and one-byte XOR for as long as what comes out makes sense. Never throws.
 *
 * @param maxBytes most bytes of any layer
 */
export function unwrap(input: Uint8Array, maxBytes: number): Unwrapped {
  const layers: string[] = [];
  let bytes = input;
  let content = sniff(bytes);
  let isTruncated = false;
  while (layers.length < MAX_LAYERS) {
    const opened = open(bytes, content, maxBytes);
    if (opened === undefined || opened.bytes.length === 0) {
      if (opened?.isTruncated === true) isTruncated = true;
      return { layers, bytes, content, isTruncated };
    }
    layers.push(opened.how);
    if (opened.isTruncated) isTruncated = true;
    bytes = opened.bytes;
    content = sniff(bytes);
  }
  return { layers, bytes, content, isTruncated: true };
}
