import type { StoredFile } from './facts.ts';

/**
 * Hex sha256 of the core metadata that resolvers read for this file: as its index announces it, else as its upstream sent it
 * first. undefined: nobody knows yet.
 */
export function findMetadataDigest({ file, metadataSha256 }: StoredFile): string | undefined {
  const { coreMetadata } = file;
  const announced = typeof coreMetadata === 'object' ? coreMetadata['sha256'] : undefined;
  return announced ?? metadataSha256;
}

/** The difference between what resolvers read and what the wheel holds, in words. */
export function describeMetadataMismatch(announced: string, own: string): string {
  return `the index announces core metadata ${announced.slice(0, 12)}, the wheel holds ${own.slice(0, 12)}`;
}
