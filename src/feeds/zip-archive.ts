// Owns the reading of a feed's zip archive: members by name, inflated one at a time, bounded. Imports node:zlib and errors.
// Start at readZipMembers. Archives of packages are not read here: those are hostile and belong to analysis/archive.
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { CordonError } from '../errors.ts';

export interface ZipLimits {
  readonly members: number;
  /** of one member, inflated */
  readonly memberBytes: number;
}

export interface ZipMember {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface DirectoryEntry {
  readonly name: string;
  readonly method: number;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly inflatedBytes: number;
  readonly headerAt: number;
}

const END_SIGNATURE = 0x06054b50;
const END64_LOCATOR_SIGNATURE = 0x07064b50;
const END64_SIGNATURE = 0x06064b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const SATURATED_16 = 0xffff;
const SATURATED_32 = 0xffffffff;

const inflateRawAsync = promisify(inflateRaw) as (
  bytes: Uint8Array,
  options: { maxOutputLength: number },
) => Promise<Buffer>;

/**
 * The members whose names are wanted, in the order of the archive.
 *
 * @throws CordonError BAD_REQUEST when it is no zip archive, is damaged or exceeds a limit
 */
export async function* readZipMembers(
  archive: Buffer,
  isWanted: (name: string) => boolean,
  limits: ZipLimits,
): AsyncGenerator<ZipMember> {
  for (const entry of listEntries(archive, limits)) {
    if (!isWanted(entry.name)) continue;
    yield { name: entry.name, bytes: await readMember(archive, entry, limits) };
  }
}

function damaged(what: string): CordonError {
  return new CordonError('BAD_REQUEST', `The archive is not a readable zip: ${what}.`);
}

/** An offset outside of the archive is damage. */
function slice(archive: Buffer, start: number, length: number, what: string): Buffer {
  if (!Number.isSafeInteger(start) || start < 0 || start + length > archive.length) throw damaged(`${what} is cut off`);
  return archive.subarray(start, start + length);
}

function* listEntries(archive: Buffer, limits: ZipLimits): Generator<DirectoryEntry> {
  const { count, directoryAt } = findDirectory(archive);
  if (count > limits.members) throw damaged(`it has ${count} members, more than ${limits.members}`);
  let at = directoryAt;
  for (let index = 0; index < count; index++) {
    const head = slice(archive, at, ENTRY_BYTES, 'its directory');
    if (head.readUInt32LE(0) !== ENTRY_SIGNATURE) throw damaged('its directory is broken');
    const [nameBytes, extraBytes, commentBytes] = [head.readUInt16LE(28), head.readUInt16LE(30), head.readUInt16LE(32)];
    const packedBytes = head.readUInt32LE(20);
    const inflatedBytes = head.readUInt32LE(24);
    const headerAt = head.readUInt32LE(42);
    if ([packedBytes, inflatedBytes, headerAt].includes(SATURATED_32)) throw damaged('a member is larger than 4 GiB');
    yield {
      name: slice(archive, at + ENTRY_BYTES, nameBytes, 'a name').toString('utf8'),
      method: head.readUInt16LE(10),
      crc32: head.readUInt32LE(16),
      packedBytes,
      inflatedBytes,
      headerAt,
    };
    at += ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
  }
}

/** The directory as the record at the end names it; beyond 65,535 members as the zip64 record before that does. */
function findDirectory(archive: Buffer): { readonly count: number; readonly directoryAt: number } {
  for (let at = archive.length - END_BYTES; at >= Math.max(0, archive.length - END_BYTES - SATURATED_16); at--) {
    if (archive.readUInt32LE(at) !== END_SIGNATURE) continue;
    const count = archive.readUInt16LE(at + 10);
    const directoryAt = archive.readUInt32LE(at + 16);
    if (count !== SATURATED_16 && directoryAt !== SATURATED_32) return { count, directoryAt };
    return findDirectory64(archive, at);
  }
  throw damaged('it has no directory');
}

function findDirectory64(archive: Buffer, endAt: number): { readonly count: number; readonly directoryAt: number } {
  const locator = slice(archive, endAt - 20, 20, 'its zip64 locator');
  if (locator.readUInt32LE(0) !== END64_LOCATOR_SIGNATURE) throw damaged('its zip64 locator is missing');
  const end = slice(archive, Number(locator.readBigUInt64LE(8)), 56, 'its zip64 record');
  if (end.readUInt32LE(0) !== END64_SIGNATURE) throw damaged('its zip64 record is missing');
  return { count: Number(end.readBigUInt64LE(32)), directoryAt: Number(end.readBigUInt64LE(48)) };
}

async function readMember(archive: Buffer, entry: DirectoryEntry, limits: ZipLimits): Promise<Uint8Array> {
  if (entry.inflatedBytes > limits.memberBytes)
    throw damaged(`${entry.name} is larger than ${limits.memberBytes} bytes`);
  const local = slice(archive, entry.headerAt, LOCAL_BYTES, entry.name);
  if (local.readUInt32LE(0) !== LOCAL_SIGNATURE) throw damaged(`${entry.name} is not where the directory says`);
  const start = entry.headerAt + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  const packed = slice(archive, start, entry.packedBytes, entry.name);
  const bytes = await inflateMember(packed, entry);
  if (bytes.length !== entry.inflatedBytes || crc32(bytes) !== entry.crc32) throw damaged(`${entry.name} is damaged`);
  return bytes;
}

async function inflateMember(packed: Buffer, { method, name, inflatedBytes }: DirectoryEntry): Promise<Buffer> {
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw damaged(`${name} is packed by method ${method}`);
  try {
    return await inflateRawAsync(packed, { maxOutputLength: Math.max(1, inflatedBytes) });
  } catch (error) {
    throw new CordonError('BAD_REQUEST', `The archive is not a readable zip: ${name} cannot be inflated.`, {
      cause: error,
    });
  }
}
