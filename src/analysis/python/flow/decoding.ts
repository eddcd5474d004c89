// Owns decoders on known values, by the name under which Python code calls them. May import value and decoders.
// Start at decodeValue.
import { type AesMode, decryptAes, decryptChaCha20, decryptRc4 } from '../decoders/aes.ts';
import { findBinaryCodec, findDecoder } from '../decoders/by-name.ts';
import { bufferOf, type Decoded } from '../decoders/decoded.ts';
import { decryptFernet } from '../decoders/fernet.ts';
import { readMarshal } from '../decoders/marshal.ts';
import { decodeText } from './codecs.ts';
import { byteText } from './elements.ts';
import { bytes, type ExternalCall, str, type Value } from './value.ts';

const MAX_OUTPUT = 24 * 2 ** 20;

/** Bytes of a known value; text is taken as its code points below 256, as decoders of ASCII text do. */
function bytesOf(value: Value | undefined): Buffer | undefined {
  if (value === undefined) return undefined;
  if (value.kind === 'bytes' || value.kind === 'str')
    return value.value.length > MAX_OUTPUT
      ? undefined
      : Buffer.from(value.value, value.kind === 'bytes' ? 'latin1' : 'utf8');
  const text = value.kind === 'sequence' && value.type === 'bytearray' ? byteText(value) : undefined;
  return text === undefined ? undefined : Buffer.from(text, 'latin1');
}

function toValue(decoded: Decoded | undefined): Value | undefined {
  return decoded === undefined ? undefined : bytes(bufferOf(decoded.bytes).toString('latin1'));
}

/**
 * Result of a decoder's call; undefined when the name is no decoder, or an input is not known.
 *
 * @param receiver the call that made the object whose method this is: `Fernet(key)`, `AES.new(key, mode, iv)`
 */
export function decodeValue(
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  receiver: ExternalCall | undefined,
): Value | undefined {
  const decoder = findDecoder(name);
  const first = args[0] ?? keywords.get('s') ?? keywords.get('data') ?? keywords.get('string');
  if (decoder !== undefined) {
    const input = bytesOf(first);
    return input === undefined ? undefined : toValue(decoder(input, MAX_OUTPUT));
  }
  if (name === 'marshal.loads') return marshalledText(first);
  if (name === 'codecs.decode') return codec(first, args[1] ?? keywords.get('encoding'));
  if (name === 'Crypto.Util.Padding.unpad') return first?.kind === 'bytes' ? first : undefined;
  return receiver === undefined ? undefined : decrypted(name, args, keywords, receiver);
}

/** Text or bytes that were written as marshal data; code objects and containers stay closed. */
function marshalledText(data: Value | undefined): Value | undefined {
  const input = data?.kind === 'bytes' ? bytesOf(data) : undefined;
  const read = input === undefined ? undefined : readMarshal(input);
  if (read === undefined || !read.isComplete) return undefined;
  if (read.value.kind === 'str') return str(read.value.value);
  return read.value.kind === 'bytes' ? bytes(bufferOf(read.value.value).toString('latin1')) : undefined;
}

function codec(data: Value | undefined, encoding: Value | undefined): Value | undefined {
  const name = encoding === undefined ? 'utf-8' : encoding.kind === 'str' ? encoding.value : undefined;
  const input = bytesOf(data);
  if (name === undefined || input === undefined || data === undefined) return undefined;
  const binary = findBinaryCodec(name);
  if (binary === undefined) return data.kind === 'str' || data.kind === 'bytes' ? decodeText(data, name) : undefined;
  const decoded = binary(input, MAX_OUTPUT);
  if (decoded === undefined) return undefined;
  const text = bufferOf(decoded.bytes).toString('latin1');
  return /rot/i.test(name) ? str(bufferOf(decoded.bytes).toString('utf8')) : bytes(text);
}

function decrypted(
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  receiver: ExternalCall,
): Value | undefined {
  const data = bytesOf(args[0] ?? keywords.get('token') ?? keywords.get('ciphertext'));
  if (data === undefined) return undefined;
  const key = bytesOf(receiver.args[0] ?? receiver.keywords.get('key'));
  switch (name) {
    case 'cryptography.fernet.Fernet().decrypt':
      return key === undefined ? undefined : toValue(decryptFernet(key, data, MAX_OUTPUT));
    case 'Crypto.Cipher.AES.new().decrypt':
      return key === undefined ? undefined : aes(key, data, receiver);
    case 'Crypto.Cipher.ARC4.new().decrypt':
      return key === undefined ? undefined : toValue(decryptRc4(data, key, MAX_OUTPUT));
    case 'Crypto.Cipher.ChaCha20.new().decrypt': {
      const nonce = bytesOf(receiver.keywords.get('nonce') ?? receiver.args[1]);
      return key === undefined || nonce === undefined
        ? undefined
        : toValue(decryptChaCha20(data, key, nonce, MAX_OUTPUT));
    }
    case 'cryptography.hazmat.primitives.ciphers.Cipher().decryptor().update':
      return hazmat(data, receiver);
    default:
      return undefined;
  }
}

const MODES: ReadonlyMap<string, AesMode> = new Map([
  ['1', 'ecb'],
  ['2', 'cbc'],
  ['3', 'cfb8'],
  ['5', 'ofb'],
  ['6', 'ctr'],
  ['11', 'gcm'],
  ['ECB', 'ecb'],
  ['CBC', 'cbc'],
  ['CFB', 'cfb8'],
  ['OFB', 'ofb'],
  ['CTR', 'ctr'],
  ['GCM', 'gcm'],
]);

function aes(key: Uint8Array, data: Uint8Array, made: ExternalCall): Value | undefined {
  const given = made.args[1] ?? made.keywords.get('mode');
  const name =
    given?.kind === 'ref' ? given.name.replace(/^.*MODE_/, '') : given?.kind === 'int' ? String(given.value) : '';
  const mode = MODES.get(name);
  const iv = bytesOf(made.args[2] ?? made.keywords.get('iv') ?? made.keywords.get('IV') ?? made.keywords.get('nonce'));
  if (mode === undefined) return undefined;
  return toValue(decryptAes(data, { key, mode, ...(iv === undefined ? {} : { iv }) }, MAX_OUTPUT));
}

/** `Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor().update(data)`. */
function hazmat(data: Uint8Array, decryptor: ExternalCall): Value | undefined {
  const cipher = decryptor.receiver?.kind === 'ref' ? decryptor.receiver.call : undefined;
  const [algorithm, given] = cipher?.args ?? [];
  if (algorithm?.kind !== 'ref' || given?.kind !== 'ref') return undefined;
  const key = bytesOf(algorithm.call?.args[0]);
  const iv = bytesOf(given.call?.args[0]);
  const mode = MODES.get(/modes\.(\w+)\(\)$/.exec(given.name)?.[1] ?? '');
  if (key === undefined || mode === undefined || !/AES\(\)$/.test(algorithm.name)) return undefined;
  return toValue(decryptAes(data, { key, mode, ...(iv === undefined ? {} : { iv }) }, MAX_OUTPUT));
}
