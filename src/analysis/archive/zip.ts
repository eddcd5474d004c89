import type { ByteSource } from '../byte-source.ts';
import type { AnomalyLog } from './anomalies.ts';
import { type ArchiveLimits, BudgetError, type Member } from './archive.ts';
import { windowedSource } from './bytes.ts';
import { type Digested, KeepBudget } from './content.ts';
import { isCode, isExecutable, isPython } from './member-kind.ts';
import { cleanPath, inspectDuplicates, inspectPath } from './paths.ts';
import { UnreadableError } from './unreadable.ts';
import { digestContent, type ExtraMethods, readContent } from './zip-content.ts';
import { readDirectory, type ZipEntry } from './zip-directory.ts';
import { readZipEnd } from './zip-end.ts';
import { placeEntries, type ZipPlace } from './zip-layout.ts';

const FILE_TYPE = 0o170000;
const SYMLINK = 0o120000;
/** only members this small are held after the first reading: all others are cheap to inflate again */
const KEEP_MEMBER_BYTES = 2 * 2 ** 20;

/**
 * Reads a zip as CPython's zipfile does, and says where another reader would see something else. Throws UnreadableError.
 *
 * @param methods decompressors for methods beyond stored and deflate
 */
export async function openZip(
  rawSource: ByteSource,
  limits: ArchiveLimits,
  methods: ExtraMethods,
  log: AnomalyLog,
): Promise<readonly Member[]> {
  const source = windowedSource(rawSource);
  const end = readZipEnd(source, log);
  if (end === undefined) {
    throw new UnreadableError('format', 'there is no end record: it is not a zip, or it was cut off');
  }
  const entries = readDirectory(source, end, limits, log);
  inspectTotals(entries, source.sizeBytes, limits);
  const places = placeEntries(source, entries, end.directoryStart, log);
  const budget = new KeepBudget(limits.keptBytes / 2);
  const members = new Map<ZipPlace, Member>();
  // in the order of the file, so that the reading window moves forward
  for (const place of places.toSorted((a, b) => a.entry.headerStart - b.entry.headerStart)) {
    const member = await readMember(source, place, limits, methods, budget, log);
    if (member !== undefined) {
      members.set(place, member);
    }
  }
  const listed = places.map((place) => members.get(place)).filter((member) => member !== undefined);
  inspectDuplicates(listed, false, log);
  return listed;
}

/** Announced sizes bound what is decompressed, because no member is read beyond them. */
function inspectTotals(entries: readonly ZipEntry[], fileBytes: number, limits: ArchiveLimits): void {
  const total = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  if (total > limits.unpackedBytes) {
    throw new UnreadableError('budget', `it unpacks to more than ${String(limits.unpackedBytes)} bytes`);
  }
  if (total > limits.ratioFromBytes && total > fileBytes * limits.ratio) {
    throw new UnreadableError('budget', `it unpacks to more than ${String(limits.ratio)} times its size`);
  }
}

async function readMember(
  source: ByteSource,
  place: ZipPlace,
  limits: ArchiveLimits,
  methods: ExtraMethods,
  budget: KeepBudget,
  log: AnomalyLog,
): Promise<Member | undefined> {
  const { entry } = place;
  if (entry.nameBytes.length > limits.pathBytes) {
    throw new UnreadableError('budget', `a member name is longer than ${String(limits.pathBytes)} bytes`);
  }
  inspectPath(entry.name, log);
  if ((entry.flags & 0x0800) === 0 && entry.nameBytes.some((byte) => byte >= 0x80)) {
    log.add('zip-name-encoding', entry.name);
  }
  if (entry.name.endsWith('/')) {
    if (entry.sizeBytes > 0) {
      log.add('zip-folder-content', entry.name);
    }
    return undefined;
  }
  const isKept = entry.sizeBytes <= KEEP_MEMBER_BYTES && budget.take(entry.sizeBytes, isCode(entry.name));
  const digested = await digestContent(source, place, isKept, methods, log);
  if (isPython(entry.name) && entry.sizeBytes > limits.memberBytes) {
    log.add('member-too-large', entry.name);
  }
  const member = toMember(source, place, digested, limits, methods);
  if ((entry.unixMode & FILE_TYPE) === SYMLINK) {
    inspectLink(member, log);
  }
  return member;
}

/**
 * pip, uv and installer write a link's target as the text of a file, so it is a member like any other here; whoever links
 * instead gets content that was scanned under another path, or content of the machine.
 */
function inspectLink(member: Member, log: AnomalyLog): void {
  const target = Buffer.from(member.head).toString('utf8');
  const folders = member.path.split('/').slice(0, -1);
  const up = target.split('/').filter((part) => part === '..').length;
  if (target.startsWith('/') || up > folders.length) {
    log.add('link-escapes', member.path);
  } else {
    log.add(isExecutable(member.path) ? 'zip-link-code' : 'zip-link', member.path);
  }
}

function toMember(
  source: ByteSource,
  place: ZipPlace,
  digested: Digested,
  limits: ArchiveLimits,
  methods: ExtraMethods,
): Member {
  const { entry } = place;
  const isSound = digested.sizeBytes === entry.sizeBytes;
  return {
    path: cleanPath(entry.name),
    sizeBytes: digested.sizeBytes,
    sha256: digested.sha256,
    head: digested.head,
    ...(entry.unixMode === 0 ? {} : { mode: entry.unixMode & 0o7777 }),
    read: () => {
      if (digested.bytes !== undefined) {
        return digested.bytes;
      }
      if (digested.sizeBytes > limits.memberBytes) {
        throw new BudgetError(`${entry.name} is larger than ${String(limits.memberBytes)} bytes`);
      }
      // content that was not sound is an anomaly already; what could be digested is all there is
      return isSound ? readContent(source, place, methods) : digested.head;
    },
  };
}
