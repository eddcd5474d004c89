// Owns Fernet tokens whose key stands in the code, and keys derived from constant passwords.
// May import aes.ts, base64.ts, decoded.ts, node:crypto (in memory). Start at decryptFernet.
import { createHash, createHmac, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto';
import { decryptAes } from './aes.ts';
import { decodeBase64Url } from './base64.ts';
import type { Decoded } from './decoded.ts';

const KEY_TEXT_BYTES = 256;
const HEADER_BYTES = 25;
const TAG_BYTES = 32;

export interface FernetText extends Decoded {
  /** the key made this token: it is the right one */
  readonly isAuthentic: boolean;
}

/**
 * Decrypts `Fernet(key).decrypt(token)`.
 *
 * @param key as in the code: url-safe base64 of 32 bytes
 * @param token url-safe base64
 * @returns undefined when either is malformed
 * @see https://github.com/fernet/spec/blob/master/Spec.md
 */
export function decryptFernet(key: Uint8Array, token: Uint8Array, maxBytes: number): FernetText | undefined {
  const secret = decodeBase64Url(key.subarray(0, KEY_TEXT_BYTES), KEY_TEXT_BYTES)?.bytes;
  const raw = decodeBase64Url(token, token.length)?.bytes;
  if (secret?.length !== 32 || raw === undefined || raw[0] !== 0x80 || raw.length < HEADER_BYTES + TAG_BYTES) {
    return undefined;
  }
  const signed = raw.subarray(0, raw.length - TAG_BYTES);
  const tag = createHmac('sha256', secret.subarray(0, 16)).update(signed).digest();
  const isAuthentic = timingSafeEqual(tag, raw.subarray(raw.length - TAG_BYTES));
  const options = { mode: 'cbc', key: secret.subarray(16), iv: raw.subarray(9, HEADER_BYTES) } as const;
  const plain = decryptAes(signed.subarray(HEADER_BYTES), options, maxBytes);
  return plain === undefined ? undefined : { ...plain, isAuthentic };
}

const HASHES = new Set([
  'md5',
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha3_224',
  'sha3_256',
  'sha3_384',
  'sha3_512',
  'blake2b',
  'blake2s',
]);
const OPENSSL_NAMES: Readonly<Record<string, string>> = {
  sha3_224: 'sha3-224',
  sha3_256: 'sha3-256',
  sha3_384: 'sha3-384',
  sha3_512: 'sha3-512',
  blake2b: 'blake2b512',
  blake2s: 'blake2s256',
};

/** `hashlib.<name>(data).digest()` for the names of Python's hashlib that have a fixed size; undefined for others. */
export function hashOf(name: string, data: Uint8Array): Uint8Array | undefined {
  const plain = name
    .toLowerCase()
    .replace(/^sha-/, 'sha')
    .replace(/^sha3-/, 'sha3_');
  if (!HASHES.has(plain)) return undefined;
  try {
    return new Uint8Array(
      createHash(OPENSSL_NAMES[plain] ?? plain)
        .update(data)
        .digest(),
    );
  } catch {
    return undefined;
  }
}

const MAX_ITERATIONS = 700_000;
const MAX_KEY_BYTES = 1024;
const MAX_SCRYPT_MEMORY = 64 * 2 ** 20;

/** `hashlib.pbkdf2_hmac` and PBKDF2HMAC; undefined when it would take longer than half a second or so. */
export function pbkdf2(
  hash: string,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  keyBytes: number,
): Uint8Array | undefined {
  const isSane = Number.isInteger(iterations) && iterations >= 1 && keyBytes >= 1 && keyBytes <= MAX_KEY_BYTES;
  if (!isSane || iterations * Math.ceil(keyBytes / 20) > MAX_ITERATIONS * 2 || iterations > MAX_ITERATIONS)
    return undefined;
  try {
    return new Uint8Array(pbkdf2Sync(password, salt, iterations, keyBytes, hash.toLowerCase()));
  } catch {
    return undefined;
  }
}

/** `hashlib.scrypt`, Scrypt; undefined beyond 64 MiB of memory. */
export function scrypt(
  password: Uint8Array,
  salt: Uint8Array,
  cost: { readonly n: number; readonly r: number; readonly p: number },
  keyBytes: number,
): Uint8Array | undefined {
  const { n, r, p } = cost;
  if (keyBytes < 1 || keyBytes > MAX_KEY_BYTES || 128 * n * r > MAX_SCRYPT_MEMORY || p > 4) return undefined;
  try {
    return new Uint8Array(scryptSync(password, salt, keyBytes, { N: n, r, p, maxmem: MAX_SCRYPT_MEMORY * 2 }));
  } catch {
    return undefined;
  }
}
