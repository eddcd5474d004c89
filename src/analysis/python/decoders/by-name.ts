// Owns the names under which Python code calls decoders. May import the decoders here. Start at findDecoder.
import { decodeBase32, decodeBase32Hex, decodeHex } from './base32.ts';
import { decodeBase64, decodeBase64Url } from './base64.ts';
import { decodeAscii85, decodeBase85, decodeZ85 } from './base85.ts';
import { decodeBrotli, decodeBzip2, decodeDeflate, decodeGzip, decodeLzma, decodeZlib } from './compression.ts';
import type { Decoder } from './decoded.ts';
import { decodeQuotedPrintable, decodeRot13, decodeUu } from './text-codings.ts';

/** zlib.decompress reads whichever header stands there when told so; payloads come with and without. */
const decodeAnyZlib: Decoder = (input, maxBytes) =>
  decodeZlib(input, maxBytes) ?? decodeGzip(input, maxBytes) ?? decodeDeflate(input, maxBytes);

const FUNCTIONS = new Map<string, Decoder>([
  ['base64.b64decode', decodeBase64],
  ['base64.standard_b64decode', decodeBase64],
  ['base64.decodebytes', decodeBase64],
  ['base64.decodestring', decodeBase64],
  ['base64.urlsafe_b64decode', decodeBase64Url],
  ['binascii.a2b_base64', decodeBase64],
  ['base64.b32decode', decodeBase32],
  ['base64.b32hexdecode', decodeBase32Hex],
  ['base64.b16decode', decodeHex],
  ['base64.b85decode', decodeBase85],
  ['base64.a85decode', decodeAscii85],
  ['base64.z85decode', decodeZ85],
  ['binascii.unhexlify', decodeHex],
  ['binascii.a2b_hex', decodeHex],
  ['bytes.fromhex', decodeHex],
  ['bytearray.fromhex', decodeHex],
  ['binascii.a2b_qp', decodeQuotedPrintable],
  ['quopri.decodestring', decodeQuotedPrintable],
  ['binascii.a2b_uu', decodeUu],
  ['zlib.decompress', decodeAnyZlib],
  ['gzip.decompress', decodeGzip],
  ['bz2.decompress', decodeBzip2],
  ['lzma.decompress', decodeLzma],
  ['brotli.decompress', decodeBrotli],
]);

const CODECS = new Map<string, Decoder>([
  ['base64', decodeBase64],
  ['hex', decodeHex],
  ['zlib', decodeAnyZlib],
  ['zip', decodeAnyZlib],
  ['bz2', decodeBzip2],
  ['rot13', decodeRot13],
  ['rot_13', decodeRot13],
  ['uu', decodeUu],
  ['quopri', decodeQuotedPrintable],
  ['quoted_printable', decodeQuotedPrintable],
]);

/** The decoder that a Python function is, by its full name (`base64.b64decode`); undefined when it is none of these. */
export function findDecoder(name: string): Decoder | undefined {
  return FUNCTIONS.get(name);
}

/** The decoder behind `codecs.decode(data, name)` and `data.decode(name)` for codecs that are no text encodings. */
export function findBinaryCodec(name: string): Decoder | undefined {
  const plain = name
    .toLowerCase()
    .replaceAll(/[- ]/g, '_')
    .replace(/_codec$/, '');
  return CODECS.get(plain) ?? CODECS.get(plain.replaceAll('_', ''));
}
