import { createHash } from 'node:crypto';

/** `packages/<2>/<2>/<60>/<filename>`, as pypi.org derives it from a digest of the bytes. */
export function blake2bPath(bytes: Uint8Array, filename: string): string {
  // Node has no 256-bit BLAKE2b; the shape of the path is what matters
  const hex = createHash('blake2s256').update(bytes).digest('hex');
  return `packages/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex.slice(4)}/${encodeURIComponent(filename)}`;
}
