// Owns the text encodings that Python source may name and JavaScript does not know: UTF-7 and the escape codecs.
// May import literals.ts and tokens.ts. Start at findCodec.
import { readText } from './literals.ts';
import { ESCAPED } from './tokens.ts';

/** How far a decoded text can be trusted to be what Python reads. */
export type CodecFidelity =
  | 'exact'
  /** ASCII is right, other characters may be wrong */
  | 'ascii-only'
  /** a codec only Python 2 accepts for source */
  | 'python-2'
  /** not read at all: the text is the bytes as Latin-1 */
  | 'unread';

export interface Codec {
  readonly fidelity: CodecFidelity;
  /** never throws */
  decode(bytes: Buffer): string;
}

function latin1(bytes: Buffer): string {
  return bytes.toString('latin1');
}

const CP1252_UPPER = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** By hand, because TextDecoder of some Node releases reads windows-1252 as Latin-1. */
function decodeCp1252(bytes: Buffer): string {
  return latin1(bytes).replace(/[\x80-\x9f]/g, (unit) => CP1252_UPPER[unit.charCodeAt(0) - 0x80] ?? unit);
}

/** Base64 runs between `+` and `-` are UTF-16 (RFC 2152); what is no base64 ends a run, as in Python. */
function decodeUtf7(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/\+([A-Za-z0-9+/]*)-?/g, (_run, base64: string) => {
    if (base64 === '') return '+';
    const units = Buffer.from(base64, 'base64');
    return units
      .subarray(0, units.length & ~1)
      .swap16()
      .toString('utf16le');
  });
}

/** `\n`, `\x41`, `\u0041` … anywhere in the text, as `unicode_escape` reads them. */
function decodeEscapes(bytes: Buffer): string {
  const text = latin1(bytes);
  return readText(text, Uint16Array.from(bytes), 0, bytes.length, ESCAPED);
}

/** The code point of the hex digits behind `\u` or `\U` at `i`, or -1. */
function escapedValue(text: string, i: number): number {
  const digits = text[i] === 'u' ? 4 : text[i] === 'U' ? 8 : 0;
  const hex = text.slice(i + 1, i + 1 + digits);
  if (digits === 0 || hex.length < digits || /[^\da-fA-F]/.test(hex)) return -1;
  const value = Number.parseInt(hex, 16);
  return value > 0x10ffff ? -1 : value;
}

/** `\u0041` and `\U00000041` behind an odd number of backslashes, as `raw_unicode_escape` reads them. */
function decodeRawEscapes(bytes: Buffer): string {
  const text = latin1(bytes);
  const pieces: string[] = [];
  let done = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at)) {
    const run = at;
    while (text.charCodeAt(at) === 92) at++;
    const value = (at - run) % 2 === 1 ? escapedValue(text, at) : -1;
    if (value < 0) continue;
    pieces.push(text.slice(done, at - 1), String.fromCodePoint(value));
    done = at + (text[at] === 'u' ? 5 : 9);
    at = done;
  }
  return pieces.join('') + text.slice(done);
}

/** Letters turned by half the alphabet. */
export function rot13(text: string): string {
  const bytes = Buffer.from(text, 'utf16le');
  for (let i = 0; i < bytes.length; i += 2) {
    if (bytes[i + 1] !== 0) continue;
    const letter = bytes[i]! | 32;
    if (letter >= 97 && letter <= 109) bytes[i] = bytes[i]! + 13;
    else if (letter >= 110 && letter <= 122) bytes[i] = bytes[i]! - 13;
  }
  return bytes.toString('utf16le');
}

function exact(decode: (bytes: Buffer) => string): Codec {
  return { fidelity: 'exact', decode };
}

function python2(decode: (bytes: Buffer) => string): Codec {
  return { fidelity: 'python-2', decode };
}

const SPECIAL = new Map<string, Codec>([
  ['latin_1', exact(latin1)],
  ['cp1252', exact(decodeCp1252)],
  ['utf_7', exact(decodeUtf7)],
  ['unicode_escape', exact(decodeEscapes)],
  ['raw_unicode_escape', exact(decodeRawEscapes)],
  ['string_escape', python2(decodeEscapes)],
  ['rot_13', python2((bytes) => rot13(latin1(bytes)))],
]);

const ALIASES = new Map<string, string>([
  ['utf8', 'utf_8'],
  ['u8', 'utf_8'],
  ['utf', 'utf_8'],
  ['utf8_ucs2', 'utf_8'],
  ['utf8_ucs4', 'utf_8'],
  ['cp65001', 'utf_8'],
  ['utf_8_sig', 'utf_8'],
  ['utf8_sig', 'utf_8'],
  ['us_ascii', 'ascii'],
  ['646', 'ascii'],
  ['ansi_x3_4_1968', 'ascii'],
  ['iso646_us', 'ascii'],
  ['latin1', 'latin_1'],
  ['latin', 'latin_1'],
  ['l1', 'latin_1'],
  ['iso8859_1', 'latin_1'],
  ['iso_8859_1', 'latin_1'],
  ['iso8859', 'latin_1'],
  ['8859', 'latin_1'],
  ['cp819', 'latin_1'],
  ['ibm819', 'latin_1'],
  ['windows_1252', 'cp1252'],
  ['1252', 'cp1252'],
  ['u7', 'utf_7'],
  ['utf7', 'utf_7'],
  ['unicode_1_1_utf_7', 'utf_7'],
  ['unicodeescape', 'unicode_escape'],
  ['rawunicodeescape', 'raw_unicode_escape'],
  ['rot13', 'rot_13'],
]);

/** Labels of the Encoding Standard for Python's names, where they are not the name with dashes. */
const LABELS: readonly [RegExp, string][] = [
  [/^cp_?(125\d)$/, 'windows-$1'],
  [/^windows_(125\d)$/, 'windows-$1'],
  [/^iso_?8859_(\d+)$/, 'iso-8859-$1'],
  [/^latin_?2$|^l2$/, 'iso-8859-2'],
  [/^cp866$/, 'ibm866'],
  [/^(?:cp936|ms936|gb2312|euc_cn|chinese)$/, 'gbk'],
  [/^(?:cp932|ms932|sjis|s_jis|shiftjis|shift_jis|mskanji)$/, 'shift_jis'],
  [/^(?:eucjp|ujis|euc_jp)$/, 'euc-jp'],
  [/^(?:euckr|euc_kr|cp949|uhc|korean|ks_c_5601)$/, 'euc-kr'],
  [/^(?:big5|big5_tw|cp950|big5hkscs|big5_hkscs)$/, 'big5'],
  [/^(?:mac_?roman|macintosh)$/, 'macintosh'],
  [/^iso_?2022_?jp$/, 'iso-2022-jp'],
  [/^(?:tis_?620|cp874)$/, 'windows-874'],
];

/** Charmaps without a decoder here whose lower half is ASCII: the code can be read, other characters not surely. */
const ASCII_BASED =
  /^(?:cp(?:437|720|737|775|85\d|86\d|1006|1125)|(?:ibm|mac_|mac)\w+|kz_?1048|ptcp154|hp_roman8|koi8_t|mbcs|ansi|dbcs|oem|johab)$/;

const PYTHON_2_ONLY = /^(?:base64|base_64|hex|zip|zlib|bz2|uu|quopri|quoted_printable)(?:_codec)?$/;

/** Python's spelling of a codec's name: lower case, everything but letters, digits and dots as `_`, aliases resolved. */
export function normaliseCodecName(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9.]+/g, '_');
  return ALIASES.get(plain) ?? plain;
}

/** The decoder of a codec named by {@link normaliseCodecName}; `unread` where Python knows none, or this code does not. */
export function findCodec(name: string): Codec {
  const special = SPECIAL.get(name);
  if (special !== undefined) return special;
  if (PYTHON_2_ONLY.test(name)) return python2(latin1);
  for (const [pattern, label] of LABELS) {
    if (pattern.test(name)) return labelled(name.replace(pattern, label));
  }
  if (/^(?:koi8_[ru]|gbk|gb18030)$/.test(name)) return labelled(name.replaceAll('_', '-'));
  return { fidelity: ASCII_BASED.test(name) ? 'ascii-only' : 'unread', decode: latin1 };
}

function labelled(label: string): Codec {
  try {
    const decoder = new TextDecoder(label);
    return exact((bytes) => decoder.decode(bytes));
  } catch {
    // a Node without full ICU knows fewer labels
    return { fidelity: 'ascii-only', decode: latin1 };
  }
}
