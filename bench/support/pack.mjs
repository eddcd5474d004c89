// Writes small wheels and sdists for benchmarks and fuzzing: correct, plain, nothing more.
import { createHash } from 'node:crypto';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

const DOS_DATE = ((2024 - 1980) << 9) | (1 << 5) | 1;

/** A zip of `{ path: text or bytes }`. */
export function packZip(files) {
  const locals = [];
  const central = [];
  let offset = 0;
  for (const [path, content] of Object.entries(files)) {
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain);
    const name = Buffer.from(path);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x800, 2);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt16LE(DOS_DATE, 8);
    shared.writeUInt32LE(crc32(plain), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(plain.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), shared, name, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0003', 'latin1'), shared, rest, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

function tarHeader(path, sizeBytes) {
  const block = Buffer.alloc(512);
  block.write(path, 0, 100);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
  block.write('14000000000\0', 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\u000000', 257, 'latin1');
  fixTarChecksum(block);
  return block;
}

/** Writes the right checksum into a tar header block. */
export function fixTarChecksum(block) {
  block.fill(0x20, 148, 156);
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}

/** A plain tar of `{ path: text or bytes }`. */
export function packTar(files) {
  const blocks = [];
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    blocks.push(tarHeader(path, bytes.length), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** An sdist in gzip, all below `<name>-<version>/`. */
export function packSdist(name, version, files) {
  const top = `${name}-${version}`;
  const metadata = { 'PKG-INFO': `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n` };
  const all = Object.entries({ ...metadata, ...files }).map(([path, content]) => [`${top}/${path}`, content]);
  return gzipSync(packTar(Object.fromEntries(all)), { level: 1 });
}

/** A wheel with METADATA, WHEEL and RECORD. */
export function packWheel(name, version, files) {
  const folder = `${name}-${version}.dist-info`;
  const all = {
    ...files,
    [`${folder}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${folder}/WHEEL`]: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  const rows = Object.entries(all).map(([path, content]) => {
    const bytes = Buffer.from(content);
    return `${path},sha256=${createHash('sha256').update(bytes).digest('base64url')},${bytes.length}`;
  });
  return packZip({ ...all, [`${folder}/RECORD`]: `${rows.join('\n')}\n${folder}/RECORD,,\n` });
}
