/** Table of CRC-64/XZ as low and high halves: JavaScript's integers have 32 bits. */
const LOW = new Uint32Array(256);
const HIGH = new Uint32Array(256);

for (let byte = 0; byte < 256; byte += 1) {
  let low = byte;
  let high = 0;
  for (let bit = 0; bit < 8; bit += 1) {
    const carry = low & 1;
    low = ((low >>> 1) | (high << 31)) >>> 0;
    high >>>= 1;
    if (carry === 1) {
      low = (low ^ 0xd7870f42) >>> 0;
      high = (high ^ 0xc96c5795) >>> 0;
    }
  }
  LOW[byte] = low;
  HIGH[byte] = high;
}

/** CRC-64 as xz uses it (ECMA-182, reflected), as two unsigned halves. */
export function crc64(bytes: Uint8Array): readonly [low: number, high: number] {
  let low = 0xffffffff;
  let high = 0xffffffff;
  for (const byte of bytes) {
    const index = (low ^ byte) & 0xff;
    low = ((((low >>> 8) | (high << 24)) >>> 0) ^ (LOW[index] ?? 0)) >>> 0;
    high = ((high >>> 8) ^ (HIGH[index] ?? 0)) >>> 0;
  }
  return [~low >>> 0, ~high >>> 0];
}
