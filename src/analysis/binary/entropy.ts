// Owns the entropy of bytes. May import byte-view.ts. Start at entropyOf.
import type { ByteView } from './byte-view.ts';

const SAMPLE_BYTES = 1 << 16;
const SAMPLES = 4;

/** Bits a byte of a part of a file, from four samples where it is large; 0 for nothing. */
export function entropyOf(view: ByteView, offset: number, sizeBytes: number): number {
  const counts = new Float64Array(256);
  const size = Math.max(0, Math.min(sizeBytes, view.sizeBytes - offset));
  const isSampled = size > SAMPLE_BYTES * SAMPLES;
  const step = isSampled ? Math.floor((size - SAMPLE_BYTES) / (SAMPLES - 1)) : SAMPLE_BYTES;
  for (let at = 0, taken = 0; at < size && taken < SAMPLES; at += step, taken++) {
    for (const byte of view.bytes(offset + at, Math.min(SAMPLE_BYTES, size - at))) counts[byte]!++;
  }
  return shannon(counts);
}

function shannon(counts: Float64Array): number {
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return 0;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / total) * Math.log2(count / total);
  return Math.round(bits * 100) / 100;
}
