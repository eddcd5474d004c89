// Owns what is taken of bytes on their way and how it is held against what an index announced. Does no I/O. Start at checkTransfer.
import { createHash, getHashes, type Hash } from 'node:crypto';
import type { StoredFile } from '../ports/decision-store.ts';
import type { Hashes, Sha256 } from '../pypi/model.ts';

/** spelling of an index → of OpenSSL */
const ALGORITHMS: Readonly<Record<string, string>> = {
  md5: 'md5',
  sha1: 'sha1',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
  sha3_256: 'sha3-256',
  'sha3-256': 'sha3-256',
  sha3_384: 'sha3-384',
  'sha3-384': 'sha3-384',
  sha3_512: 'sha3-512',
  'sha3-512': 'sha3-512',
  blake2b: 'blake2b512',
  blake2s: 'blake2s256',
};

/** What a finished transfer was. */
export interface Received {
  readonly sha256: Sha256;
  /** hex, of every announced algorithm that can be computed here, and sha256 */
  readonly hashes: Hashes;
  readonly sizeBytes: number;
  /** Content-Length; undefined: the end of the connection was the end of the body */
  readonly declaredBytes: number | undefined;
}

export interface Digester {
  update(chunk: Uint8Array): void;
  finish(declaredBytes: number | undefined): Received;
}

/** Takes sha256, and whatever else was announced, in one pass. An unknown algorithm is left out: it proves nothing here. */
export function createDigester(announced: Hashes): Digester {
  const available = new Set(getHashes());
  const hashes = new Map<string, Hash>();
  for (const name of new Set(['sha256', ...Object.keys(announced)])) {
    const algorithm = ALGORITHMS[name];
    if (algorithm !== undefined && available.has(algorithm)) hashes.set(name, createHash(algorithm));
  }
  let sizeBytes = 0;
  return {
    update(chunk) {
      sizeBytes += chunk.length;
      for (const hash of hashes.values()) hash.update(chunk);
    },
    finish(declaredBytes) {
      const digests = Object.fromEntries([...hashes].map(([name, hash]) => [name, hash.digest('hex')]));
      return { sha256: (digests['sha256'] ?? '') as Sha256, hashes: digests, sizeBytes, declaredBytes };
    },
  };
}

/** How a transfer stands against what was announced. */
export type Check =
  | { readonly kind: 'same' }
  /** the connection ended early: says nothing about the file */
  | { readonly kind: 'cut'; readonly detail: string }
  /** other bytes than the index announced, or than were pinned at the first fetch */
  | { readonly kind: 'mismatch'; readonly against: 'announced' | 'pinned'; readonly detail: string };

/** Holds a finished transfer against size and digests of the row. A digest that cannot be computed here is passed over. */
export function checkTransfer(row: StoredFile, received: Received): Check {
  const { sizeBytes, hashes } = row.file;
  if (sizeBytes !== undefined && received.sizeBytes !== sizeBytes) {
    const detail = `${String(received.sizeBytes)} bytes came instead of ${String(sizeBytes)}`;
    // a server that says how much it sends, and sends that, means it
    const isCut = received.sizeBytes < sizeBytes && received.declaredBytes !== received.sizeBytes;
    return isCut ? { kind: 'cut', detail } : { kind: 'mismatch', against: 'announced', detail };
  }
  for (const [name, announced] of Object.entries(hashes)) {
    const actual = received.hashes[name];
    if (actual !== undefined && actual !== announced) {
      return { kind: 'mismatch', against: 'announced', detail: `the ${name} is ${actual} instead of ${announced}` };
    }
  }
  if (hashes['sha256'] === undefined && row.sha256 !== undefined && row.sha256 !== received.sha256) {
    const detail = `the sha256 is ${received.sha256}; it was ${row.sha256} at the first fetch`;
    return { kind: 'mismatch', against: 'pinned', detail };
  }
  return { kind: 'same' };
}
