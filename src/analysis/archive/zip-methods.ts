import * as zlib from 'node:zlib';
import { bunzip2 } from './bzip2.ts';
import { unlzmaZip } from './lzma.ts';
import type { Decompress, ExtraMethods } from './zip-content.ts';

type ZstdSync = (input: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

/** Node has zstd from 22.15 on; without it such a member is unscannable. */
function findZstd(): Decompress | undefined {
  const { zstdDecompressSync } = zlib as unknown as { readonly zstdDecompressSync?: ZstdSync };
  return zstdDecompressSync === undefined
    ? undefined
    : (input, maxBytes) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, maxBytes) });
}

const zstd = findZstd();

/** Zip methods beyond stored and deflate that zipfile or uv read: bzip2, LZMA, zstd. */
export const EXTRA_METHODS: ExtraMethods = new Map<number, Decompress>([
  [12, bunzip2],
  [14, unlzmaZip],
  ...(zstd === undefined ? [] : [[93, zstd] as const]),
]);
