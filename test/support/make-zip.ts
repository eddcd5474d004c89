// Owns: writing zip archives for tests, correct by default and wrong on request.
// May import: node:zlib and nothing else. No I/O; the same input always gives the same bytes.
// Start here: makeZip.
import { crc32, deflateRawSync } from 'node:zlib';

/** Text is written as UTF-8. */
export type MemberContent = string | Uint8Array;

/** One member; every field beyond `name` and `content` exists to build archives that a correct writer would not. */
export interface ZipMember {
  readonly name: string;
  readonly content: MemberContent;
  /** default `deflate`, `store` when empty */
  readonly method?: 'deflate' | 'store';
  /** the name's bytes as written, when it is not UTF-8 of `name` */
  readonly nameBytes?: Uint8Array;
  /** the name in the local header when it should differ from the central one */
  readonly localName?: string;
  /** general purpose flags; default: bit 11 (UTF-8) when the name is not ASCII */
  readonly flags?: number;
  /** Unix mode, e.g. 0o100644 (default) or 0o120777 for a link */
  readonly mode?: number;
  /** raw method number written in both headers, e.g. 99; the bytes stay as `method` made them */
  readonly methodNumber?: number;
  /** crc written instead of the true one */
  readonly crc?: number;
  /** uncompressed size written instead of the true one */
  readonly claimedSizeBytes?: number;
  /** sizes and crc follow the data (bit 3), as streaming writers do */
  readonly dataDescriptor?: boolean;
  /** extra field of both headers */
  readonly extra?: Uint8Array;
  /** `local-only`: left out of the central directory; `central-only`: no local header is written for it */
  readonly present?: 'both' | 'local-only' | 'central-only';
}

export interface ZipOptions {
  /** bytes before the first local header (offsets account for them) */
  readonly prefix?: Uint8Array;
  /** bytes between the last member and the central directory */
  readonly gap?: Uint8Array;
  /** bytes after the end record, outside its comment */
  readonly suffix?: Uint8Array;
  readonly comment?: Uint8Array;
  /** end-record count of members, when it should lie */
  readonly claimedCount?: number;
  /** zlib level, default 6 */
  readonly level?: number;
}

const LOCAL_HEADER = 0x04034b50;
const DATA_DESCRIPTOR = 0x08074b50;
const CENTRAL_HEADER = 0x02014b50;
const END_RECORD = 0x06054b50;
/** 2020-01-01 00:00:00 in DOS form. */
const DOS_DATE = ((2020 - 1980) << 9) | (1 << 5) | 1;
const VERSION = 20;
const MADE_BY_UNIX = (3 << 8) | VERSION;

/** Bytes of a member's content. */
export function contentBytes(content: MemberContent): Buffer {
  return typeof content === 'string'
    ? Buffer.from(content, 'utf8')
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

/** Writes a zip archive (APPNOTE 6.3, no zip64, no encryption) with the members in the order given. */
export function makeZip(members: readonly ZipMember[], options: ZipOptions = {}): Uint8Array {
  const chunks: Buffer[] = [Buffer.from(options.prefix ?? [])];
  let offset = chunks[0]?.length ?? 0;
  const central: Buffer[] = [];
  let listed = 0;

  for (const member of members) {
    const encoded = encodeMember(member, options.level ?? 6);
    if (member.present !== 'local-only') {
      central.push(centralHeader(member, encoded, offset));
      listed += 1;
    }
    if (member.present !== 'central-only') {
      const local = localRecord(member, encoded);
      chunks.push(local);
      offset += local.length;
    }
  }

  const gap = Buffer.from(options.gap ?? []);
  const directory = Buffer.concat(central);
  const end = endRecord(options.claimedCount ?? listed, directory.length, offset + gap.length, options.comment);
  return new Uint8Array(Buffer.concat([...chunks, gap, directory, end, Buffer.from(options.suffix ?? [])]));
}

interface EncodedMember {
  readonly name: Buffer;
  readonly localName: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly sizeBytes: number;
  readonly compressed: Buffer;
  readonly extra: Buffer;
}

function encodeMember(member: ZipMember, level: number): EncodedMember {
  const content = contentBytes(member.content);
  const stored = member.method === 'store' || (member.method === undefined && content.length === 0);
  const name = Buffer.from(member.nameBytes ?? Buffer.from(member.name, 'utf8'));
  const isAscii = name.every((byte) => byte < 0x80);
  const descriptor = member.dataDescriptor === true ? 0x08 : 0;
  return {
    name,
    localName: member.localName === undefined ? name : Buffer.from(member.localName, 'utf8'),
    flags: (member.flags ?? (isAscii ? 0 : 0x800)) | descriptor,
    method: member.methodNumber ?? (stored ? 0 : 8),
    crc: member.crc ?? crc32(content),
    sizeBytes: member.claimedSizeBytes ?? content.length,
    compressed: stored ? content : deflateRawSync(content, { level }),
    extra: Buffer.from(member.extra ?? []),
  };
}

function localRecord(member: ZipMember, encoded: EncodedMember): Buffer {
  const deferred = member.dataDescriptor === true;
  const header = Buffer.alloc(30);
  header.writeUInt32LE(LOCAL_HEADER, 0);
  header.writeUInt16LE(VERSION, 4);
  writeShared(header, 6, encoded, deferred);
  header.writeUInt16LE(encoded.localName.length, 26);
  header.writeUInt16LE(encoded.extra.length, 28);
  const parts = [header, encoded.localName, encoded.extra, encoded.compressed];
  if (deferred) {
    const descriptor = Buffer.alloc(16);
    descriptor.writeUInt32LE(DATA_DESCRIPTOR, 0);
    descriptor.writeUInt32LE(encoded.crc, 4);
    descriptor.writeUInt32LE(encoded.compressed.length, 8);
    descriptor.writeUInt32LE(encoded.sizeBytes, 12);
    parts.push(descriptor);
  }
  return Buffer.concat(parts);
}

function centralHeader(member: ZipMember, encoded: EncodedMember, offset: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(CENTRAL_HEADER, 0);
  header.writeUInt16LE(MADE_BY_UNIX, 4);
  header.writeUInt16LE(VERSION, 6);
  writeShared(header, 8, encoded, false);
  header.writeUInt16LE(encoded.name.length, 28);
  header.writeUInt16LE(encoded.extra.length, 30);
  header.writeUInt32LE(((member.mode ?? 0o100644) << 16) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, encoded.name, encoded.extra]);
}

/** Flags to uncompressed size: the run of fields that both headers share. */
function writeShared(header: Buffer, at: number, encoded: EncodedMember, deferred: boolean): void {
  header.writeUInt16LE(encoded.flags, at);
  header.writeUInt16LE(encoded.method, at + 2);
  header.writeUInt16LE(0, at + 4);
  header.writeUInt16LE(DOS_DATE, at + 6);
  header.writeUInt32LE(deferred ? 0 : encoded.crc, at + 8);
  header.writeUInt32LE(deferred ? 0 : encoded.compressed.length, at + 12);
  header.writeUInt32LE(deferred ? 0 : encoded.sizeBytes, at + 16);
}

function endRecord(count: number, sizeBytes: number, offset: number, comment: Uint8Array | undefined): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END_RECORD, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(sizeBytes, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment?.length ?? 0, 20);
  return Buffer.concat([end, Buffer.from(comment ?? [])]);
}
