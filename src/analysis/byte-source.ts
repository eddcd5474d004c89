/** Random access to the bytes of one file. Reads are synchronous: the scan child has nothing else to do meanwhile. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Returns exactly the bytes of [position, position + length) that exist; shorter only at the end of the file. */
  readAt(position: number, length: number): Uint8Array;
}
