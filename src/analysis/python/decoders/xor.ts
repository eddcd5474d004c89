// Owns XOR, with the key known or found. May import decoded.ts. Start at decodeXor; findXorKey guesses one byte.
import { cut, type Decoded } from './decoded.ts';

/** Bytes looked at when a key is guessed. */
const SAMPLE_BYTES = 2048;
/** Mean weight of a byte of code or prose, and how much better than the input itself it must be. */
const MIN_SCORE = 1.4;
const MIN_GAIN = 0.6;

/** Every byte combined with the key, which repeats. undefined without a key. */
export function decodeXor(input: Uint8Array, key: Uint8Array, maxBytes: number): Decoded | undefined {
  if (key.length === 0) return undefined;
  const size = Math.min(input.length, maxBytes);
  const output = new Uint8Array(size);
  for (let i = 0, at = 0; i < size; i++) {
    output[i] = input[i]! ^ key[at]!;
    if (++at === key.length) at = 0;
  }
  return { bytes: output, isTruncated: size < input.length };
}

/** Weights of bytes in code and prose; control characters are as good as impossible. */
const WEIGHTS = new Int8Array(256).fill(-4);
for (let byte = 33; byte < 127; byte++) WEIGHTS[byte] = 1;
for (let letter = 97; letter < 123; letter++) WEIGHTS[letter] = 2;
for (const frequent of ' etaonirsl\n()."\'=_,') WEIGHTS[frequent.charCodeAt(0)] = 3;
for (const other of '\t\r') WEIGHTS[other.charCodeAt(0)] = 1;

function scoreOf(sample: Uint8Array, key: number): number {
  let score = 0;
  for (const byte of sample) score += WEIGHTS[byte ^ key]!;
  return score / sample.length;
}

function startsExecutable(input: Uint8Array, key: number): boolean {
  const at = (i: number): number => (input[i] ?? 0) ^ key;
  if (at(0) === 0x7f && at(1) === 0x45 && at(2) === 0x4c && at(3) === 0x46) return true;
  if (at(0) !== 0x4d || at(1) !== 0x5a || input.length < 64) return false;
  const header = at(60) | (at(61) << 8) | (at(62) << 16);
  return header + 1 < input.length && at(header) === 0x50 && at(header + 1) === 0x45;
}

/**
 * The one byte (1 to 255) under which the input is an executable, or reads like text far better than it does itself;
 * undefined when none stands out.
 */
export function findXorKey(input: Uint8Array): number | undefined {
  if (input.length < 16) return undefined;
  const sample = cut(input, SAMPLE_BYTES).bytes;
  let best: number | undefined;
  let bestScore = Math.max(MIN_SCORE, scoreOf(sample, 0) + MIN_GAIN);
  for (let key = 1; key < 256; key++) {
    if (startsExecutable(input, key)) return key;
    const score = scoreOf(sample, key);
    if (score <= bestScore) continue;
    bestScore = score;
    best = key;
  }
  return best;
}
