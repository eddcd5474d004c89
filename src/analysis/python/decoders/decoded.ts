// Owns the shape every decoder shares: bytes in, bytes out, never more than the caller allows. Imports nothing.
// Start at Decoder. One file a family: base64, base32, base85, hex, text-codings, compression, xor, aes, fernet …;
// by-name.ts finds a decoder by the name under which Python code calls it.

/** What came out of a decoder. */
export interface Decoded {
  readonly bytes: Uint8Array;
  /** more would have followed: the limit was met, or the input ended inside the data. Never treat as all there is. */
  readonly isTruncated: boolean;
}

/**
 * Undoes one encoding. Never throws.
 *
 * @param maxBytes most bytes of output; what would be more is cut, or left out where the decoder cannot stop midway
 * @returns undefined when the input is not of this encoding (Python would raise)
 */
export type Decoder = (input: Uint8Array, maxBytes: number) => Decoded | undefined;

/** All of an output that is in memory already, cut to the limit. */
export function cut(bytes: Uint8Array, maxBytes: number): Decoded {
  const isTruncated = bytes.length > maxBytes;
  return { bytes: isTruncated ? bytes.subarray(0, maxBytes) : bytes, isTruncated };
}

/** The same memory as a Buffer, for its methods. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
