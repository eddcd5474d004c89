// Owns: the layers a payload hides in, as Python expressions around bytes encoded here, and made-up bytes to hide.
// May import: node:zlib, node:crypto, python-text.ts. Pure and deterministic.
// Start here: ENCODERS.
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { pyBytes, pyString, reversed } from './python-text.ts';

/** A Python expression that evaluates to the hidden bytes, and the modules it needs imported by their own names. */
export interface Layer {
  readonly imports: readonly string[];
  readonly expression: string;
}

export type EncoderName = 'base64' | 'base85' | 'hex' | 'zlib' | 'xor' | 'gzip' | 'reversed' | 'integers' | 'ascii85';

type Encoder = (bytes: Uint8Array) => Layer;

/** Encoders by name; all need nothing but the standard library at run time. */
export const ENCODERS: Readonly<Record<EncoderName, Encoder>> = {
  base64: (bytes) => ({ imports: ['base64'], expression: `base64.b64decode(${pyString(base64(bytes))})` }),
  base85: (bytes) => ({ imports: ['base64'], expression: `base64.b85decode(${pyString(base85(bytes))})` }),
  ascii85: (bytes) => ({ imports: ['base64'], expression: `base64.a85decode(${pyString(ascii85(bytes))})` }),
  hex: (bytes) => ({ imports: [], expression: `bytes.fromhex(${pyString(Buffer.from(bytes).toString('hex'))})` }),
  zlib: (bytes) => ({
    imports: ['zlib', 'base64'],
    expression: `zlib.decompress(base64.b64decode(${pyString(base64(deflateSync(bytes, { level: 9 })))}))`,
  }),
  gzip: (bytes) => ({
    imports: ['gzip', 'base64'],
    expression: `gzip.decompress(base64.b64decode(${pyString(base64(gzipSync(bytes)))}))`,
  }),
  xor: (bytes) => {
    const key = blob('xor key', 11);
    const masked = pyString(base64(xor(bytes, key)));
    return {
      imports: ['base64'],
      expression: `(lambda d, k: bytes(b ^ k[i % len(k)] for i, b in enumerate(d)))(base64.b64decode(${masked}), ${pyBytes(key)})`,
    };
  },
  reversed: (bytes) => ({
    imports: ['base64'],
    expression: `base64.b64decode(${pyString(reversed(base64(bytes)))}[::-1])`,
  }),
  integers: (bytes) => ({ imports: [], expression: `bytes([${[...bytes].join(', ')}])` }),
};

export function base64(bytes: Uint8Array | string): string {
  return Buffer.from(bytes as Uint8Array).toString('base64');
}

export function xor(bytes: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ (key[index % key.length] ?? 0)));
}

/** `sizeBytes` bytes that look random and are the same for the same seed. */
export function blob(seed: string, sizeBytes: number): Buffer {
  // a stream cipher over zeros: megabytes in milliseconds
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
}

const BASE85 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';

/** Python's base64.b85encode. */
export function base85(bytes: Uint8Array): string {
  return groupsOf85(bytes, (digits) => digits.map((digit) => BASE85[digit]).join(''));
}

/** Python's base64.a85encode, without folding of spaces. */
export function ascii85(bytes: Uint8Array): string {
  return groupsOf85(bytes, (digits) =>
    digits.length === 5 && digits.every((digit) => digit === 0)
      ? 'z'
      : String.fromCharCode(...digits.map((digit) => digit + 33)),
  );
}

function groupsOf85(bytes: Uint8Array, render: (digits: number[]) => string): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const group = bytes.subarray(at, at + 4);
    let value = 0;
    for (let index = 0; index < 4; index += 1) value = value * 256 + (group[index] ?? 0);
    const digits: number[] = [];
    for (let index = 0; index < 5; index += 1) {
      digits.unshift(value % 85);
      value = Math.floor(value / 85);
    }
    parts.push(render(digits.slice(0, group.length + 1)));
  }
  return parts.join('');
}

/** A Fernet token (128-bit AES-CBC, HMAC-SHA256, version 0x80) and its key, both url-safe base64. */
export function fernet(bytes: Uint8Array, seed: string): { readonly key: string; readonly token: string } {
  const key = blob(`${seed} fernet key`, 32);
  const iv = blob(`${seed} fernet iv`, 16);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), iv);
  const head = Buffer.concat([Buffer.from([0x80]), Buffer.from('000000005e0be100', 'hex'), iv]);
  const body = Buffer.concat([head, cipher.update(bytes), cipher.final()]);
  const mac = createHmac('sha256', key.subarray(0, 16)).update(body).digest();
  const urlSafe = (buffer: Buffer): string => base64(buffer).replaceAll('+', '-').replaceAll('/', '_');
  return { key: urlSafe(key), token: urlSafe(Buffer.concat([body, mac])) };
}

/** AES-256-CBC with PKCS#7 padding; key and IV come with it. */
export function aes256cbc(
  bytes: Uint8Array,
  seed: string,
): { readonly key: Buffer; readonly iv: Buffer; readonly sealed: Buffer } {
  const key = blob(`${seed} aes key`, 32);
  const iv = blob(`${seed} aes iv`, 16);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return { key, iv, sealed: Buffer.concat([cipher.update(bytes), cipher.final()]) };
}
