// Owns reading the bytes of a Python file as text, by PEP 263. May import codecs.ts. Start at decodeSource.
import { isAscii, isUtf8 } from 'node:buffer';
import { findCodec, normaliseCodecName } from './codecs.ts';

/**
 * Why a Python might not read the same text, or none.
 * - `unknown-codec`: no Python knows the codec (unless code that ran before registered it), or it is not read here
 * - `python-2-codec`: only Python 2 accepts the codec for source
 * - `escape-codec`: a codec under which a comment can be code (UTF-7, unicode_escape …); the text is decoded
 * - `ascii-only`: non-ASCII characters may be wrong
 * - `invalid-bytes`: bytes that the codec does not have; the text is Latin-1
 * - `bom-conflict`: a UTF-8 BOM and another codec's cookie
 * - `utf-16`: a UTF-16 or UTF-32 BOM, which Python refuses; decoded
 * - `nul`: NUL bytes, which Python refuses since 3.12
 */
export type SourceProblemKind =
  | 'unknown-codec'
  | 'python-2-codec'
  | 'escape-codec'
  | 'ascii-only'
  | 'invalid-bytes'
  | 'bom-conflict'
  | 'utf-16'
  | 'nul';

export interface SourceProblem {
  readonly kind: SourceProblemKind;
  /** one sentence for a person; holds at most 40 characters of the file */
  readonly message: string;
}

export interface DecodedSource {
  /** without the BOM; line ends as they stand in the file */
  readonly text: string;
  /** Python's name of the codec, e.g. `utf_8`, `latin_1`, `cp1252` */
  readonly encoding: string;
  readonly problem?: SourceProblem;
}

const COOKIE = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;
const BLANK_OR_COMMENT = /^[ \t\f]*(?:#|$)/;

/** One line from `start`, without its end. */
function lineAt(bytes: Buffer, start: number): { line: string; next: number } {
  let end = start;
  while (end < bytes.length && bytes[end] !== 10 && bytes[end] !== 13) end++;
  const next = bytes[end] === 13 && bytes[end + 1] === 10 ? end + 2 : end + 1;
  return { line: bytes.toString('latin1', start, end), next };
}

/** The codec's name in the cookie of the first two lines. */
function findCookie(bytes: Buffer): string | undefined {
  const first = lineAt(bytes, 0);
  const cookie = COOKIE.exec(first.line)?.[1];
  if (cookie !== undefined || !BLANK_OR_COMMENT.test(first.line)) return cookie;
  return COOKIE.exec(lineAt(bytes, first.next).line)?.[1];
}

function decodeWide(bytes: Buffer): DecodedSource | undefined {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff;
  if (!isLittle && !isBig) return undefined;
  const even = bytes.subarray(2, bytes.length & ~1);
  const text = (isLittle ? even : Buffer.from(even).swap16()).toString('utf16le');
  const problem: SourceProblem = { kind: 'utf-16', message: 'the file is UTF-16, which Python refuses' };
  return { text, encoding: 'utf_16', problem };
}

function decodeUtf8(bytes: Buffer, encoding: string, problem?: SourceProblem): DecodedSource {
  if (isAscii(bytes)) return withNul({ text: bytes.toString('latin1'), encoding }, bytes, problem);
  if (isUtf8(bytes) && encoding !== 'ascii') return withNul({ text: bytes.toString('utf8'), encoding }, bytes, problem);
  const message = `the file holds bytes that are not ${encoding === 'ascii' ? 'ASCII' : 'UTF-8'}`;
  const text = isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1');
  return { text, encoding, problem: problem ?? { kind: 'invalid-bytes', message } };
}

function withNul(source: DecodedSource, bytes: Buffer, problem?: SourceProblem): DecodedSource {
  if (problem !== undefined) return { ...source, problem };
  if (!bytes.includes(0)) return source;
  return { ...source, problem: { kind: 'nul', message: 'the file holds NUL bytes' } };
}

function decodeNamed(bytes: Buffer, encoding: string): DecodedSource {
  const codec = findCodec(encoding);
  const text = codec.decode(bytes);
  const shown = encoding.slice(0, 40);
  switch (codec.fidelity) {
    case 'exact': {
      if (!/^(?:utf_7|(?:raw_)?unicode_escape)$/.test(encoding)) return withNul({ text, encoding }, bytes);
      const message = `under the codec ${shown} what looks like a comment can be code`;
      return { text, encoding, problem: { kind: 'escape-codec', message } };
    }
    case 'ascii-only':
      if (isAscii(bytes)) return withNul({ text, encoding }, bytes);
      return {
        text,
        encoding,
        problem: { kind: 'ascii-only', message: `non-ASCII characters of ${shown} are not read` },
      };
    case 'python-2':
      return { text, encoding, problem: { kind: 'python-2-codec', message: `only Python 2 reads source as ${shown}` } };
    case 'unread':
      return { text, encoding, problem: { kind: 'unknown-codec', message: `the source names the codec ${shown}` } };
  }
}

/**
 * Decodes a Python file as Python does: BOM, then the coding cookie of the first two lines (PEP 263), then UTF-8.
 * Never throws: where Python would refuse the bytes, the text is the nearest reading and `problem` says why.
 */
export function decodeSource(bytes: Uint8Array): DecodedSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = decodeWide(buffer);
  if (wide !== undefined) return wide;
  const hasBom = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
  const body = hasBom ? buffer.subarray(3) : buffer;
  const cookie = findCookie(body);
  const encoding = cookie === undefined ? 'utf_8' : normaliseCodecName(cookie);
  if (encoding === 'utf_8' || (encoding === 'ascii' && !hasBom)) return decodeUtf8(body, encoding);
  if (hasBom) {
    const message = `a UTF-8 byte order mark, but a cookie that names ${encoding.slice(0, 40)}`;
    return decodeUtf8(body, 'utf_8', { kind: 'bom-conflict', message });
  }
  return decodeNamed(buffer, encoding);
}
