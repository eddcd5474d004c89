// Owns reading numbers and texts from a ByteSource at any offset. May import byte-source.ts. Start at ByteView.
import type { ByteSource } from '../byte-source.ts';

const WINDOW = 1 << 16;

/** Beyond the end everything is zero, so that a table that leads nowhere ends its reader, not the scan. */
export class ByteView {
  readonly sizeBytes: number;
  private readonly source: ByteSource;
  private readonly isLittle: boolean;
  private window: Buffer = Buffer.alloc(0);
  private windowStart = 0;

  constructor(source: ByteSource, isLittle: boolean) {
    this.source = source;
    this.sizeBytes = source.sizeBytes;
    this.isLittle = isLittle;
  }

  /** The same bytes with the other order of bytes. */
  ordered(isLittle: boolean): ByteView {
    return new ByteView(this.source, isLittle);
  }

  /** The bytes that exist of [offset, offset + length). */
  bytes(offset: number, length: number): Buffer {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset >= this.sizeBytes || length <= 0) return Buffer.alloc(0);
    const inWindow = offset - this.windowStart;
    if (inWindow >= 0 && inWindow + length <= this.window.length)
      return this.window.subarray(inWindow, inWindow + length);
    if (length > WINDOW / 2) {
      const read = this.source.readAt(offset, Math.min(length, this.sizeBytes - offset));
      return Buffer.from(read.buffer, read.byteOffset, read.byteLength);
    }
    const read = this.source.readAt(offset, Math.min(WINDOW, this.sizeBytes - offset));
    this.window = Buffer.from(read.buffer, read.byteOffset, read.byteLength);
    this.windowStart = offset;
    return this.window.subarray(0, Math.min(length, this.window.length));
  }

  u8(offset: number): number {
    return this.bytes(offset, 1)[0] ?? 0;
  }

  u16(offset: number): number {
    const bytes = this.bytes(offset, 2);
    if (bytes.length < 2) return 0;
    return this.isLittle ? bytes.readUInt16LE(0) : bytes.readUInt16BE(0);
  }

  u32(offset: number): number {
    const bytes = this.bytes(offset, 4);
    if (bytes.length < 4) return 0;
    return this.isLittle ? bytes.readUInt32LE(0) : bytes.readUInt32BE(0);
  }

  /** Beyond 2^53 the number is not exact: such an offset leads nowhere anyway. */
  u64(offset: number): number {
    const first = this.u32(offset);
    const second = this.u32(offset + 4);
    return this.isLittle ? second * 2 ** 32 + first : first * 2 ** 32 + second;
  }

  /** Text up to a NUL byte, at most `maxLength` bytes, as Latin-1. */
  text(offset: number, maxLength = 256): string {
    const bytes = this.bytes(offset, maxLength);
    const end = bytes.indexOf(0);
    return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
  }
}
