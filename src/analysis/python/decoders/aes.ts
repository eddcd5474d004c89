// Owns decryption with a key that stands in the code: AES, ChaCha20, RC4. May import decoded.ts, node:crypto (in memory).
// Start at decryptAes. Nothing here verifies who wrote the data: what matters is what the code would run.
import { createDecipheriv } from 'node:crypto';
import { cut, type Decoded } from './decoded.ts';

export type AesMode = 'ecb' | 'cbc' | 'ctr' | 'gcm' | 'cfb' | 'cfb8' | 'ofb';

export interface AesOptions {
  readonly mode: AesMode;
  /** 16, 24 or 32 bytes */
  readonly key: Uint8Array;
  /** initialisation vector, nonce, or (ctr) the first counter block; all zeros where it is missing or short */
  readonly iv?: Uint8Array;
  /** `keep` leaves PKCS #7 padding in place; `strip` (usual) removes it where it is sound, in ecb and cbc */
  readonly padding?: 'strip' | 'keep';
}

function blockOf(iv: Uint8Array | undefined): Uint8Array {
  const block = new Uint8Array(16);
  if (iv !== undefined) block.set(iv.subarray(0, 16));
  return block;
}

function stripPadding(bytes: Uint8Array): Uint8Array {
  const count = bytes[bytes.length - 1] ?? 0;
  if (count === 0 || count > 16 || count > bytes.length) return bytes;
  const padding = bytes.subarray(bytes.length - count);
  return padding.every((byte) => byte === count) ? bytes.subarray(0, bytes.length - count) : bytes;
}

function run(cipher: string, key: Uint8Array, iv: Uint8Array | null, data: Uint8Array): Buffer | undefined {
  try {
    const decipher = createDecipheriv(cipher, key, iv);
    // tags are not verified, so final() is not called; without automatic padding it would add nothing
    decipher.setAutoPadding(false);
    return decipher.update(data);
  } catch {
    return undefined;
  }
}

/**
 * Decrypts AES as `cryptography` and PyCryptodome do. In gcm the tag is not needed; a trailing tag decrypts to 16 bytes of
 * noise at the end.
 *
 * @returns undefined when key or data have a length that cannot be
 */
export function decryptAes(data: Uint8Array, options: AesOptions, maxBytes: number): Decoded | undefined {
  const { mode, key, iv } = options;
  if (![16, 24, 32].includes(key.length)) return undefined;
  const bits = key.length * 8;
  const isBlockwise = mode === 'ecb' || mode === 'cbc';
  const whole = isBlockwise ? data.subarray(0, data.length & ~15) : data;
  const limited = whole.subarray(0, maxBytes + 16);
  let plain: Buffer | undefined;
  if (mode === 'ecb') plain = run(`aes-${bits}-ecb`, key, null, limited);
  else if (mode === 'gcm') plain = run(`aes-${bits}-gcm`, key, iv ?? new Uint8Array(12), limited);
  else plain = run(`aes-${bits}-${mode}`, key, blockOf(iv), limited);
  if (plain === undefined) return undefined;
  const isStripped = isBlockwise && options.padding !== 'keep' && limited.length === whole.length;
  const result = cut(isStripped ? stripPadding(plain) : plain, maxBytes);
  return { bytes: result.bytes, isTruncated: result.isTruncated || limited.length < whole.length };
}

/** Decrypts ChaCha20: a key of 32 bytes, a nonce of 8 (DJB), 12 (RFC 8439) or 16 (counter first) bytes. */
export function decryptChaCha20(
  data: Uint8Array,
  key: Uint8Array,
  nonce: Uint8Array,
  maxBytes: number,
): Decoded | undefined {
  if (key.length !== 32 || ![8, 12, 16].includes(nonce.length)) return undefined;
  const block = new Uint8Array(16);
  block.set(nonce, 16 - nonce.length);
  const plain = run('chacha20', key, block, data.subarray(0, maxBytes + 1));
  return plain === undefined ? undefined : cut(plain, maxBytes);
}

/** Decrypts RC4 (ARC4). */
export function decryptRc4(data: Uint8Array, key: Uint8Array, maxBytes: number): Decoded | undefined {
  if (key.length === 0) return undefined;
  const state = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + state[i]! + key[i % key.length]!) & 255;
    [state[i], state[j]] = [state[j]!, state[i]!];
  }
  const size = Math.min(data.length, maxBytes);
  const output = new Uint8Array(size);
  for (let at = 0, i = 0, j = 0; at < size; at++) {
    i = (i + 1) & 255;
    j = (j + state[i]!) & 255;
    [state[i], state[j]] = [state[j]!, state[i]!];
    output[at] = data[at]! ^ state[(state[i]! + state[j]!) & 255]!;
  }
  return { bytes: output, isTruncated: size < data.length };
}
