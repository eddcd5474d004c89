// Owns Python's text codecs on known values. May import value and Node's zlib (bounded). Start at decodeText.
import { type BytesValue, bytes, MAX_PIECEWISE, type StrValue, str, type Value } from './value.ts';

function normalised(codec: string): string {
  return codec.toLowerCase().replaceAll(/[\s_-]/g, '');
}

/** Whether a codec that goes letter by letter is handed more than is followed. */
function isTooLarge(codec: string, text: string): boolean {
  return text.length > MAX_PIECEWISE && /^rot|escape$/.test(codec);
}

/** `text.encode(codec)`; undefined when the codec is not known. */
export function encodeText(text: string, codec: string | undefined): Value | undefined {
  if (codec === undefined) return undefined;
  const name = normalised(codec);
  if (isTooLarge(name, text)) return undefined;
  switch (name) {
    case 'utf8':
    case 'utf8sig':
      return bytes(/^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1'));
    case 'ascii':
    case 'usascii':
    case 'latin1':
    case 'iso88591':
    case 'cp1252':
    case 'charmap':
    case 'windows1252':
    case 'l1':
      return bytes(Buffer.from(text, 'latin1').toString('latin1'));
    case 'utf16':
      return bytes(`\xff\xfe${Buffer.from(text, 'utf16le').toString('latin1')}`);
    case 'utf16le':
      return bytes(Buffer.from(text, 'utf16le').toString('latin1'));
    case 'rot13':
    case 'rot':
      return str(rot13(text));
    case 'unicodeescape':
    case 'rawunicodeescape':
      return bytes(text.replaceAll(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`));
    case 'hex':
    case 'hexcodec':
      return bytes(Buffer.from(text, 'latin1').toString('hex'));
    case 'base64':
    case 'base64codec':
      return bytes(Buffer.from(text, 'latin1').toString('base64'));
    default:
      return undefined;
  }
}

/** `data.decode(codec)`; undefined when the codec is not known. Binary codecs (hex, base64, zlib) are decoders: see decode.ts. */
export function decodeText(data: StrValue | BytesValue, codec: string | undefined): Value | undefined {
  if (codec === undefined) return undefined;
  const raw = data.value;
  const name = normalised(codec);
  if (isTooLarge(name, raw)) return undefined;
  switch (name) {
    case 'utf8':
    case 'utf8sig':
    case 'ascii':
    case 'usascii':
      return str(
        /^[\0-\x7f]*$/.test(raw) ? raw : Buffer.from(raw, data.kind === 'str' ? 'utf8' : 'latin1').toString('utf8'),
      );
    case 'latin1':
    case 'iso88591':
    case 'cp1252':
    case 'charmap':
    case 'windows1252':
    case 'l1':
      return str(raw);
    case 'utf16':
    case 'utf16le':
      return str(
        Buffer.from(raw, 'latin1')
          .toString('utf16le')
          .replace(/^\ufeff/, ''),
      );
    case 'rot13':
    case 'rot':
      return str(rot13(raw));
    case 'unicodeescape':
    case 'stringescape':
    case 'rawunicodeescape':
      return str(unescapeText(raw));
    default:
      return undefined;
  }
}

export function rot13(text: string): string {
  return text.replaceAll(/[a-zA-Z]/g, (c) => {
    const base = c <= 'Z' ? 65 : 97;
    return String.fromCharCode(((c.charCodeAt(0) - base + 13) % 26) + base);
  });
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '0': '\0',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** Backslash escapes of Python literals resolved. */
export function unescapeText(text: string): string {
  return text.replaceAll(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g,
    (all, x?: string, u?: string, long?: string, octal?: string, other?: string) => {
      if (x !== undefined) return String.fromCharCode(Number.parseInt(x, 16));
      if (u !== undefined) return String.fromCharCode(Number.parseInt(u, 16));
      if (long !== undefined) {
        const code = Number.parseInt(long, 16);
        return code <= 0x10ffff ? String.fromCodePoint(code) : all;
      }
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      return (other !== undefined && Object.hasOwn(ESCAPES, other) ? ESCAPES[other] : undefined) ?? all;
    },
  );
}
