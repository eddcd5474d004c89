// A wheel of gigabytes that is never held: its bytes are made again, the same ones, each time somebody reads them.
// Laid out as Python's zipfile writes it: stored members, zip64 fields where a member or an offset is beyond 2 GiB.
import { createCipheriv, createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

const CHUNK = 1024 * 1024;
const ZIP64_FROM = 2 ** 31 - 1;
const MAX_32 = 0xffffffff;

/** Noise that no compressor shortens, the same for the same seed. */
function* noise(seed, sizeBytes) {
  const stream = createCipheriv('aes-128-ctr', createHash('md5').update(seed).digest(), Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK);
  for (let left = sizeBytes; left > 0; left -= CHUNK) yield stream.update(zeros.subarray(0, Math.min(left, CHUNK)));
}

const textMember = (name, text) => ({
  name,
  sizeBytes: Buffer.byteLength(text),
  read: function* () {
    yield Buffer.from(text);
  },
});
const noiseMember = (name, sizeBytes) => ({ name, sizeBytes, read: () => noise(name, sizeBytes) });

function digestMember(member) {
  let crc = 0;
  const hash = createHash('sha256');
  for (const chunk of member.read()) {
    crc = crc32(chunk, crc);
    hash.update(chunk);
  }
  return { ...member, crc, digest: hash.digest('base64url') };
}

/** `PK 01 00 16 00` and the sizes (and the offset) that do not fit; empty when all fit. */
function zip64Extra(values) {
  if (values.length === 0) return Buffer.alloc(0);
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return extra;
}

function commonFields(member, isLarge) {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(isLarge ? 45 : 20, 0);
  fields.writeUInt16LE(0x21, 8);
  fields.writeUInt32LE(member.crc, 10);
  fields.writeUInt32LE(isLarge ? MAX_32 : member.sizeBytes, 14);
  fields.writeUInt32LE(isLarge ? MAX_32 : member.sizeBytes, 18);
  fields.writeUInt16LE(Buffer.byteLength(member.name), 22);
  return fields;
}

function localHeader(member) {
  const isLarge = member.sizeBytes > ZIP64_FROM;
  const extra = zip64Extra(isLarge ? [member.sizeBytes, member.sizeBytes] : []);
  const fields = commonFields(member, isLarge);
  fields.writeUInt16LE(extra.length, 24);
  return Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(member.name), extra]);
}

function centralHeader(member, offset) {
  const isLarge = member.sizeBytes > ZIP64_FROM;
  const isFar = offset > ZIP64_FROM;
  const extra = zip64Extra([...(isLarge ? [member.sizeBytes, member.sizeBytes] : []), ...(isFar ? [offset] : [])]);
  const fields = commonFields(member, isLarge);
  fields.writeUInt16LE(isLarge || isFar ? 45 : 20, 0);
  fields.writeUInt16LE(extra.length, 24);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE((0o100644 << 16) >>> 0, 6);
  rest.writeUInt32LE(isFar ? MAX_32 : offset, 10);
  const madeBy = Buffer.from([isLarge || isFar ? 45 : 20, 3]);
  return Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), madeBy, fields, rest, Buffer.from(member.name), extra]);
}

function endRecords(count, sizeBytes, offset) {
  const isFar = offset > ZIP64_FROM;
  const end64 = Buffer.alloc(isFar ? 76 : 0);
  if (isFar) {
    end64.write('PK\x06\x06', 0, 'latin1');
    end64.writeBigUInt64LE(44n, 4);
    end64.writeUInt16LE(45, 12);
    end64.writeUInt16LE(45, 14);
    for (const [at, value] of [
      [24, count],
      [32, count],
      [40, sizeBytes],
      [48, offset],
      [64, offset + sizeBytes],
    ])
      end64.writeBigUInt64LE(BigInt(value), at);
    end64.write('PK\x06\x07', 56, 'latin1');
    end64.writeUInt32LE(1, 72);
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(sizeBytes, 12);
  end.writeUInt32LE(isFar ? MAX_32 : offset, 16);
  return Buffer.concat([end64, end]);
}

/**
 * Describes a wheel of about `sizeBytes`: a small module, one member with most of the bytes, and smaller ones around it.
 * @returns filename, exact size, sha256, and `read()`: its bytes, a chunk at a time
 */
export function describeLargeWheel(project, sizeBytes) {
  const pkg = project.replaceAll('-', '_');
  const info = `${pkg}-1.0.dist-info`;
  const large = Math.floor(sizeBytes * 0.9);
  const small = Math.floor((sizeBytes - large) / 2);
  const members = [
    textMember(`${pkg}/__init__.py`, '"""A project with large weights."""\n\n__version__ = "1.0"\n'),
    noiseMember(`${pkg}/vocabulary.bin`, small),
    noiseMember(`${pkg}/weights.bin`, large),
    noiseMember(`${pkg}/head.bin`, small),
    textMember(`${info}/METADATA`, `Metadata-Version: 2.1\nName: ${project}\nVersion: 1.0\nSummary: Large\n`),
    textMember(`${info}/WHEEL`, 'Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n'),
  ].map(digestMember);
  const rows = members.map(({ name, digest, sizeBytes }) => `${name},sha256=${digest},${sizeBytes}`);
  members.push(digestMember(textMember(`${info}/RECORD`, [...rows, `${info}/RECORD,,`, ''].join('\n'))));

  const directory = [];
  let offset = 0;
  for (const member of members) {
    directory.push(centralHeader(member, offset));
    offset += localHeader(member).length + member.sizeBytes;
  }
  const central = Buffer.concat(directory);
  const tail = Buffer.concat([central, endRecords(members.length, central.length, offset)]);
  function* read() {
    for (const member of members) {
      yield localHeader(member);
      yield* member.read();
    }
    yield tail;
  }
  const hash = createHash('sha256');
  for (const chunk of read()) hash.update(chunk);
  return {
    filename: `${pkg}-1.0-py3-none-any.whl`,
    sizeBytes: offset + tail.length,
    sha256: hash.digest('hex'),
    read,
  };
}
