// Owns: bytes that look like programs and pictures, and do nothing. Start here: elf, png.
import { crc32, deflateSync } from 'node:zlib';

/** An ELF header, and texts behind it, each between zero bytes. Its code is missing. */
export function elf(...texts: readonly string[]): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  return Buffer.concat([header, Buffer.from(`\0${texts.join('\0')}\0`, 'latin1')]);
}

/** A picture of one white point. */
export function png(): Buffer {
  const chunk = (type: string, content: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(content.length, 0);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const head = Buffer.from('00000001000000010802000000', 'hex');
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.from([0, 255, 255, 255]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
