import { randomBytes } from 'node:crypto';

// no 0, 1, i, l, o, u: read over the telephone without a mistake
const ALPHABET = '23456789abcdefghjkmnpqrstvwxyz';

/** A new unguessable id of an explanation page: 14 characters, about 68 bits. */
export function newExplanationId(): string {
  let id = '';
  while (id.length < 14) {
    for (const byte of randomBytes(16)) {
      // 240 = 8 × 30: larger bytes would favour the first characters
      if (byte < 240 && id.length < 14) id += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return id;
}
