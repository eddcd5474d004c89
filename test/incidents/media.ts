// Owns: pictures and sounds for fixtures. May import: node:zlib. Start here: makePng, makeWav.
import { crc32, deflateSync } from 'node:zlib';

/** A true colour PNG whose pixels are `pixels` (three bytes each, row by row, padded with zeros). */
export function makePng(width: number, height: number, pixels: Uint8Array): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let row = 0; row < height; row += 1) {
    Buffer.from(pixels.subarray(row * width * 3, (row + 1) * width * 3)).copy(rows, row * (1 + width * 3) + 1);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const framed = Buffer.alloc(8 + content.length + 4);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), 8 + content.length);
  return framed;
}

/** A mono 16-bit PCM WAV file with these frames. */
export function makeWav(frames: Uint8Array, rate = 44_100): Buffer {
  const even = Buffer.concat([Buffer.from(frames), Buffer.alloc(frames.length % 2)]);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + even.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(even.length, 40);
  return Buffer.concat([header, even]);
}
