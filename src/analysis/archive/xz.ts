// Decompresses the containers of LZMA: xz, `.lzma` and zip's method 14. Pure; start at unxz.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { bytesEqual, u16, u32, u64 } from './bytes.ts';
import { crc64 } from './crc64.ts';
import { LzmaDecoder, LzmaError, LzmaOutput } from './lzma.ts';

const MAGIC = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00);
const HEADER_BYTES = 12;
const FILTER_LZMA2 = 0x21;
const UNKNOWN_SIZE = 0xffffffff;

export function isXz(bytes: Uint8Array): boolean {
  return bytesEqual(bytes.subarray(0, MAGIC.length), MAGIC);
}

/** What an xz file held. */
export interface XzContent {
  readonly bytes: Uint8Array;
  /** bytes of the input that belong to its streams and their padding */
  readonly consumedBytes: number;
}

/** Decompresses all streams of an xz file. Throws LzmaError, also beyond `maxBytes` and for filters other than LZMA2. */
export function unxz(input: Uint8Array, maxBytes: number): XzContent {
  const output = new LzmaOutput(maxBytes);
  let at = 0;
  do {
    at = readStream(input, at, output);
    while (at % 4 === 0 && at + 4 <= input.length && u32(input, at) === 0) {
      at += 4; // padding between streams
    }
  } while (isXz(input.subarray(at)));
  return { bytes: output.bytes(), consumedBytes: at };
}

/** @returns position after the stream's footer */
function readStream(input: Uint8Array, start: number, output: LzmaOutput): number {
  const header = input.subarray(start, start + HEADER_BYTES);
  if (!isXz(header) || header[6] !== 0 || u32(header, 8) !== crc32(header.subarray(6, 8))) {
    throw new LzmaError('the xz header is not valid');
  }
  const check = (header[7] ?? 0) & 0x0f;
  let at = start + HEADER_BYTES;
  while (input[at] !== 0) {
    at = readBlock(input, at, check, output);
  }
  at = skipIndex(input, at);
  const footer = input.subarray(at, at + HEADER_BYTES);
  const isFooter = footer.length === HEADER_BYTES && u16(footer, 10) === 0x5a59;
  if (!isFooter || u32(footer, 0) !== crc32(footer.subarray(4, 10)) || u16(footer, 8) !== u16(header, 6)) {
    throw new LzmaError('the xz footer is not valid');
  }
  return at + HEADER_BYTES;
}

/** A number of seven bits a byte. @returns the number and the position after it */
function readNumber(input: Uint8Array, at: number): readonly [value: number, next: number] {
  let value = 0;
  for (let index = 0; index < 9; index += 1) {
    const byte = input[at + index];
    if (byte === undefined) {
      break;
    }
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) {
      return [value, at + index + 1];
    }
  }
  throw new LzmaError('an xz number does not end');
}

function padTo4(at: number, start: number): number {
  return at + ((4 - ((at - start) % 4)) % 4);
}

/** @returns position after the block and its checksum */
function readBlock(input: Uint8Array, start: number, check: number, output: LzmaOutput): number {
  const headerBytes = ((input[start] ?? 0) + 1) * 4;
  const header = input.subarray(start, start + headerBytes);
  if (header.length < headerBytes || u32(header, headerBytes - 4) !== crc32(header.subarray(0, headerBytes - 4))) {
    throw new LzmaError('an xz block header is not valid');
  }
  const dictionaryBytes = readFilter(header);
  const from = output.size;
  const decoder = new LzmaDecoder(output, dictionaryBytes);
  const end = readLzma2(input, start + headerBytes, decoder, output);
  const checkStart = padTo4(end, start);
  const checkBytes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64][check] ?? 0;
  const stored = input.subarray(checkStart, checkStart + checkBytes);
  if (input.subarray(end, checkStart).some((byte) => byte !== 0)) {
    throw new LzmaError('the padding of an xz block is not zero');
  }
  if (stored.length < checkBytes || !isIntact(output.bytes().subarray(from), check, stored)) {
    throw new LzmaError('an xz checksum is wrong');
  }
  return checkStart + checkBytes;
}

/** @returns bytes of the dictionary of the only filter that is read, LZMA2 */
function readFilter(header: Uint8Array): number {
  const flags = header[1] ?? 0;
  let at = 2;
  for (const flag of [0x40, 0x80]) {
    if ((flags & flag) !== 0) {
      at = readNumber(header, at)[1];
    }
  }
  const [id, afterId] = readNumber(header, at);
  const [propertyBytes, properties] = readNumber(header, afterId);
  const bits = header[properties] ?? 0;
  if ((flags & 0x3f) !== 0 || id !== FILTER_LZMA2 || propertyBytes !== 1 || bits > 40) {
    throw new LzmaError('an xz filter is not supported');
  }
  return bits === 40 ? 0xffffffff : (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11);
}

function isIntact(content: Uint8Array, check: number, stored: Uint8Array): boolean {
  switch (check) {
    case 1:
      return u32(stored, 0) === crc32(content);
    case 4: {
      const [low, high] = crc64(content);
      return u32(stored, 0) === low && u32(stored, 4) === high;
    }
    case 10:
      return bytesEqual(stored, createHash('sha256').update(content).digest());
    default:
      return true; // none, or one that no writer uses
  }
}

/** Decodes the chunks of an LZMA2 stream. @returns position after its end mark */
function readLzma2(input: Uint8Array, start: number, decoder: LzmaDecoder, output: LzmaOutput): number {
  let at = start;
  let needs: 'dictionary' | 'properties' | 'nothing' = 'dictionary';
  for (;;) {
    const control = input[at];
    if (control === undefined || (control > 2 && control < 0x80)) {
      throw new LzmaError('an LZMA2 chunk is cut off or not valid');
    }
    if (control === 0) {
      return at + 1;
    }
    const size = (((control & 0x1f) << 16) | bigEndian16(input, at + 1)) + 1;
    if (control === 1 || control >= 0xe0) {
      output.dictionaryStart = output.size;
      needs = needs === 'dictionary' ? 'properties' : needs;
    } else if (needs === 'dictionary') {
      throw new LzmaError('an LZMA2 stream does not begin with a new dictionary');
    }
    if (control < 0x80) {
      const plain = bigEndian16(input, at + 1) + 1;
      const bytes = input.subarray(at + 3, at + 3 + plain);
      if (bytes.length < plain) {
        throw new LzmaError('an LZMA2 chunk is cut off');
      }
      output.append(bytes);
      at += 3 + plain;
      continue;
    }
    const packed = bigEndian16(input, at + 3) + 1;
    const hasProperties = control >= 0xc0;
    if (hasProperties) {
      setLzma2Properties(decoder, input[at + 5] ?? 0xff);
      needs = 'nothing';
    } else if (needs !== 'nothing') {
      throw new LzmaError('an LZMA2 stream does not begin with properties');
    } else if (control >= 0xa0) {
      decoder.resetState();
    }
    const data = at + (hasProperties ? 6 : 5);
    const used = decoder.decode(input.subarray(data, data + packed), size);
    if (used !== packed || !decoder.isFinished) {
      throw new LzmaError('an LZMA2 chunk is longer than its content');
    }
    at = data + packed;
  }
}

function setLzma2Properties(decoder: LzmaDecoder, properties: number): void {
  if ((properties % 9) + (Math.floor(properties / 9) % 5) > 4) {
    throw new LzmaError('the LZMA2 properties are not valid');
  }
  decoder.setProperties(properties);
}

function bigEndian16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** @returns position after the index, which repeats the sizes of the blocks */
function skipIndex(input: Uint8Array, start: number): number {
  let [count, at] = readNumber(input, start + 1);
  for (; count > 0; count -= 1) {
    at = readNumber(input, at)[1];
    at = readNumber(input, at)[1];
  }
  at = padTo4(at, start);
  if (at + 4 > input.length || u32(input, at) !== crc32(input.subarray(start, at))) {
    throw new LzmaError('the xz index is not valid');
  }
  return at + 4;
}

/** Decompresses `.lzma` (LZMA without a container: properties, dictionary size, size or end mark). Throws LzmaError. */
export function unlzma(input: Uint8Array, maxBytes: number): XzContent {
  if (input.length < 13) {
    throw new LzmaError('the LZMA header is cut off');
  }
  const isUnknown = u32(input, 5) === UNKNOWN_SIZE && u32(input, 9) === UNKNOWN_SIZE;
  const size = isUnknown ? undefined : u64(input, 5);
  const { bytes, consumedBytes } = decodeRaw(input.subarray(0, 5), input.subarray(13), size, maxBytes);
  return { bytes, consumedBytes: 13 + consumedBytes };
}

/** Decompresses a zip member of method 14: version, length of the properties, properties, data. Throws LzmaError. */
export function unlzmaZip(input: Uint8Array, sizeBytes: number): Uint8Array {
  const propertyBytes = input.length < 4 ? 0 : u16(input, 2);
  if (propertyBytes !== 5 || input.length < 9) {
    throw new LzmaError('the LZMA properties of a zip member are not valid');
  }
  return decodeRaw(input.subarray(4, 9), input.subarray(9), sizeBytes, sizeBytes).bytes;
}

function decodeRaw(properties: Uint8Array, data: Uint8Array, size: number | undefined, maxBytes: number): XzContent {
  if (size !== undefined && size > maxBytes) {
    throw new LzmaError(`it decompresses to more than ${String(maxBytes)} bytes`);
  }
  const output = new LzmaOutput(maxBytes);
  const decoder = new LzmaDecoder(output, u32(properties, 1));
  decoder.setProperties(properties[0] ?? 0xff);
  const consumedBytes = decoder.decode(data, size);
  return { bytes: output.bytes(), consumedBytes };
}
