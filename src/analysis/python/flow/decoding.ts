// Owns decoders on known values, by the name under which Python code calls them. May import value. Start at decodeValue.
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { rot13 } from './codecs.ts';
import { byteText } from './library.ts';
import { bytes, str, type Value } from './value.ts';

const MAX_OUTPUT = 24 * 2 ** 20;

function raw(value: Value | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.kind === 'bytes' || value.kind === 'str') return value.value;
  return value.kind === 'sequence' && value.type === 'bytearray' ? byteText(value) : undefined;
}

function buffer(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Result of a decoder call; undefined when the name is no decoder or the input not known. */
export function decodeValue(
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): Value | undefined {
  const text = raw(args[0] ?? keywords.get('s') ?? keywords.get('data'));
  if (text === undefined || text.length > MAX_OUTPUT) return undefined;
  try {
    switch (name) {
      case 'base64.b64decode':
      case 'base64.standard_b64decode':
      case 'base64.urlsafe_b64decode':
      case 'binascii.a2b_base64':
        return bytes(Buffer.from(text.replaceAll('-', '+').replaceAll('_', '/'), 'base64').toString('latin1'));
      case 'base64.b64encode':
      case 'base64.urlsafe_b64encode':
      case 'binascii.b2a_base64':
        return bytes(buffer(text).toString('base64'));
      case 'base64.b16decode':
      case 'binascii.unhexlify':
      case 'binascii.a2b_hex':
        return bytes(Buffer.from(text, 'hex').toString('latin1'));
      case 'binascii.hexlify':
      case 'binascii.b2a_hex':
        return bytes(buffer(text).toString('hex'));
      case 'base64.b32decode':
        return bytes(base32(text));
      case 'base64.b85decode':
        return bytes(base85(text, B85));
      case 'base64.a85decode':
        return bytes(ascii85(text));
      case 'zlib.decompress':
        return bytes(inflate(buffer(text)).toString('latin1'));
      case 'gzip.decompress':
        return bytes(gunzipSync(buffer(text), { maxOutputLength: MAX_OUTPUT }).toString('latin1'));
      case 'brotli.decompress':
        return bytes(brotliDecompressSync(buffer(text), { maxOutputLength: MAX_OUTPUT }).toString('latin1'));
      case 'codecs.decode':
        return codec(text, raw(args[1] ?? keywords.get('encoding')));
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

function inflate(data: Buffer): Buffer {
  try {
    return inflateSync(data, { maxOutputLength: MAX_OUTPUT });
  } catch {
    return inflateRawSync(data, { maxOutputLength: MAX_OUTPUT });
  }
}

function codec(text: string, name: string | undefined): Value | undefined {
  switch (name?.toLowerCase().replaceAll(/[-_\s]/g, '')) {
    case 'base64':
    case 'base64codec':
      return bytes(Buffer.from(text, 'base64').toString('latin1'));
    case 'hex':
    case 'hexcodec':
      return bytes(Buffer.from(text, 'hex').toString('latin1'));
    case 'rot13':
    case 'rot':
      return str(rot13(text));
    case 'zlib':
    case 'zlibcodec':
      return bytes(inflate(buffer(text)).toString('latin1'));
    case 'utf8':
    case undefined:
      return str(buffer(text).toString('utf8'));
    default:
      return undefined;
  }
}

function base32(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = 0;
  let held = 0;
  let out = '';
  for (const c of text.toUpperCase()) {
    const at = alphabet.indexOf(c);
    if (at < 0) continue;
    held = ((held << 5) | at) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out += String.fromCharCode((held >> bits) & 255);
    }
  }
  return out;
}

const B85 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';

function base85(text: string, alphabet: string): string {
  const digits = [...text].map((c) => alphabet.indexOf(c));
  if (digits.includes(-1)) throw new Error('not base85');
  const missing = (5 - (digits.length % 5)) % 5;
  for (let i = 0; i < missing; i++) digits.push(84);
  const out = Buffer.alloc((digits.length / 5) * 4);
  for (let i = 0; i < digits.length; i += 5) {
    let n = 0;
    for (let j = 0; j < 5; j++) n = n * 85 + digits[i + j]!;
    out.writeUInt32BE(n % 2 ** 32, (i / 5) * 4);
  }
  return out.subarray(0, out.length - missing).toString('latin1');
}

function ascii85(text: string): string {
  const inner = text.replace(/^<~/, '').replace(/~>$/, '').replaceAll(/\s/g, '').replaceAll('z', '!!!!!');
  const alphabet = Array.from({ length: 85 }, (_, i) => String.fromCharCode(33 + i)).join('');
  return base85(inner, alphabet);
}
