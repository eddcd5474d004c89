import type { ByteSource } from '../byte-source.ts';
import { AnomalyLog } from './anomalies.ts';
import { findUnscannable } from './anomaly-findings.ts';
import {
  type ArchiveKind,
  type ArchiveLimits,
  BudgetError,
  type Member,
  NESTED_LIMITS,
  type NestedArchive,
  type OpenedArchive,
  type OpenResult,
} from './archive.ts';
import { bytesSource } from './bytes.ts';
import { bunzip2Chunks } from './bzip2.ts';
import { Bzip2Error } from './bzip2-codes.ts';
import { findCoreMetadata } from './core-metadata.ts';
import { gunzipChunks } from './gzip.ts';
import { chunksOf } from './inflate.ts';
import { LzmaError, unlzma } from './lzma.ts';
import { inspectRecord } from './record.ts';
import {
  archiveKind,
  type Container,
  isUnreadCompression,
  promisedContainer,
  sniffContainer,
  startsLikeTar,
} from './sniff.ts';
import { openTar } from './tar.ts';
import { UnreadableError } from './unreadable.ts';
import { openZip } from './zip.ts';
import { looksLikeZip } from './zip-end.ts';
import { EXTRA_METHODS } from './zip-methods.ts';

/** compressed bytes of a container whose decompressor works in memory */
const IN_MEMORY_BYTES = 64 * 2 ** 20;
/** and what it may yield */
const IN_MEMORY_UNPACKED_BYTES = 192 * 2 ** 20;

/**
 * Opens a distribution file: finds out what its bytes are, reads every member once, and lists whatever installers could
 * read differently. What it is to an installer (`kind`) comes from the filename, how it is read from the bytes.
 *
 * @param filename last path segment, as the index gives it
 * @returns `unscannable` when it cannot be read at all; deterministic. A part that cannot be read is an anomaly instead.
 */
export async function openArchive(source: ByteSource, filename: string, limits: ArchiveLimits): Promise<OpenResult> {
  const log = new AnomalyLog();
  const kind = archiveKind(filename);
  try {
    return { kind: 'opened', archive: await open(source, filename, kind, limits, log) };
  } catch (error) {
    if (!(error instanceof UnreadableError)) {
      throw error;
    }
    return {
      kind: 'unscannable',
      unscannable: { cause: error.reason, message: error.message },
      anomalies: log.list(),
    };
  }
}

/**
 * Opens a member that is itself an archive, by its first bytes. undefined: it is none, or so damaged that nobody reads it.
 * Throws BudgetError when the member cannot be held in memory.
 */
export async function openNested(
  member: Member,
  limits: ArchiveLimits = NESTED_LIMITS,
): Promise<NestedArchive | undefined> {
  if (!startsAsArchive(member)) {
    return undefined;
  }
  const result = await openArchive(bytesSource(member.read()), member.path, limits);
  if (result.kind === 'opened') {
    const unscannable = findUnscannable(result.archive.anomalies);
    const archive = { ...result.archive, anomalies: [] };
    return { path: member.path, archive, ...(unscannable === undefined ? {} : { unscannable }) };
  }
  // a compressed file that is no tar is content, not an archive
  return result.unscannable.cause === 'format' ? undefined : { path: member.path, unscannable: result.unscannable };
}

/** By its first bytes; a zip application has a line for the system's loader in front. */
function startsAsArchive({ head }: Member): boolean {
  if (sniffContainer(bytesSource(head)) !== undefined) {
    return true;
  }
  const isScript = head[0] === 0x23 && head[1] === 0x21;
  return isScript && Buffer.from(head).includes('\nPK\x03\x04', 0, 'latin1');
}

/** Opens the archives among the members, smallest first, until the budget is used up. */
async function openAllNested(members: readonly Member[], limits: ArchiveLimits): Promise<readonly NestedArchive[]> {
  const candidates = members
    .filter((member) => member.aliasOf === undefined && member.sizeBytes <= limits.memberBytes)
    .filter(startsAsArchive)
    .toSorted((a, b) => a.sizeBytes - b.sizeBytes);
  const inner: ArchiveLimits = { ...NESTED_LIMITS, nestedLevels: limits.nestedLevels - 1 };
  const found: NestedArchive[] = [];
  let bytes = 0;
  for (const member of candidates.slice(0, limits.nestedCount)) {
    bytes += member.sizeBytes;
    if (bytes > limits.nestedBytes) {
      break;
    }
    const nested = await openNestedWithin(member, inner);
    if (nested !== undefined) {
      found.push(nested);
    }
  }
  return found;
}

async function openNestedWithin(member: Member, limits: ArchiveLimits): Promise<NestedArchive | undefined> {
  try {
    return await openNested(member, limits);
  } catch (error) {
    if (error instanceof BudgetError) {
      return { path: member.path, unscannable: { cause: 'budget', message: error.message } };
    }
    throw error;
  }
}

async function open(
  source: ByteSource,
  filename: string,
  kind: ArchiveKind,
  limits: ArchiveLimits,
  log: AnomalyLog,
): Promise<OpenedArchive> {
  if (isUnreadCompression(filename)) {
    throw new UnreadableError('unsupported', 'its name promises a compression that is not read here');
  }
  const container = sniffContainer(source) ?? (looksLikeZip(source) ? 'zip' : undefined);
  if (container === undefined) {
    throw new UnreadableError('unsupported', 'it is neither a zip nor a tar');
  }
  inspectContainer(source, filename, container, log);
  const members =
    container === 'zip'
      ? await openZip(source, limits, EXTRA_METHODS, log)
      : await openTar(tarChunks(source, container, log), source.sizeBytes, limits, log);
  if (kind === 'wheel') {
    inspectRecord(members, filename, log);
  }
  const coreMetadata = findCoreMetadata(kind, members, filename);
  return {
    kind,
    container,
    members,
    anomalies: log.list(),
    nested: limits.nestedLevels > 0 ? await openAllNested(members, limits) : [],
    unpackedBytes: members.reduce((sum, member) => sum + (member.aliasOf === undefined ? member.sizeBytes : 0), 0),
    ...(coreMetadata === undefined ? {} : { coreMetadata }),
  };
}

/** Names files that one installer takes for this and another for that: old pip looks for an end of zip first, new pip at the name. */
function inspectContainer(source: ByteSource, filename: string, container: Container, log: AnomalyLog): void {
  if (container !== 'zip' && looksLikeZip(source)) {
    log.add('polyglot', '');
  }
  if (container === 'zip' && startsLikeTar(source)) {
    log.add('polyglot', '');
  }
  const promised = promisedContainer(filename);
  if (promised !== undefined && promised !== container) {
    log.add('container-differs', '', `${promised} promised, ${container} found`);
  }
}

async function* tarChunks(source: ByteSource, container: Container, log: AnomalyLog): AsyncGenerator<Uint8Array> {
  switch (container) {
    case 'tar':
      yield* chunksOf(source, 0, source.sizeBytes);
      return;
    case 'tar.gz':
      yield* gunzipChunks(source, log);
      return;
    case 'tar.bz2':
      yield* readInMemory(source, (bytes) => bunzip2Tar(bytes, log));
      return;
    case 'tar.xz':
    case 'tar.lzma':
      yield* readInMemory(source, (bytes) => unlzmaTar(bytes, log));
      return;
    case 'zip':
      throw new UnreadableError('format', 'it is not a tar');
  }
}

/** For the old compressions, whose decompressors want all of their input. */
function* readInMemory(
  source: ByteSource,
  decompress: (bytes: Uint8Array) => Iterable<Uint8Array>,
): Generator<Uint8Array> {
  if (source.sizeBytes > IN_MEMORY_BYTES) {
    throw new UnreadableError('budget', `it has more than ${String(IN_MEMORY_BYTES)} bytes in an old compression`);
  }
  try {
    yield* decompress(source.readAt(0, source.sizeBytes));
  } catch (cause) {
    if (cause instanceof Bzip2Error || cause instanceof LzmaError) {
      throw new UnreadableError('format', cause.message, { cause });
    }
    throw cause;
  }
}

function* bunzip2Tar(bytes: Uint8Array, log: AnomalyLog): Generator<Uint8Array> {
  const end = yield* bunzip2Chunks(bytes);
  if (end.streams > 1) {
    log.add('bzip2-streams', '');
  }
  if (end.consumedBytes < bytes.length) {
    log.add('bzip2-trailing-data', '');
  }
}

function* unlzmaTar(bytes: Uint8Array, log: AnomalyLog): Generator<Uint8Array> {
  const content = unlzma(bytes, IN_MEMORY_UNPACKED_BYTES);
  if (content?.isComplete !== true) {
    throw new LzmaError(content?.problem ?? 'it is neither xz nor lzma');
  }
  if (content.consumedBytes < bytes.length) {
    log.add('xz-trailing-data', '');
  }
  yield* chunksOf(bytesSource(content.bytes), 0, content.bytes.length);
}
