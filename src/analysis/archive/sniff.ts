import type { ByteSource } from '../byte-source.ts';
import { AnomalyLog } from './anomalies.ts';
import type { ArchiveKind, OpenedArchive } from './archive.ts';
import { isBzip2 } from './bzip2.ts';
import { isGzip } from './gzip.ts';
import { isLzmaAlone, isXz } from './lzma.ts';
import { BLOCK_BYTES, isZeroBlock, parseTarHeader } from './tar-header.ts';

export type Container = OpenedArchive['container'];

function isTar(block: Uint8Array): boolean {
  const isHeader = block.length === BLOCK_BYTES && !isZeroBlock(block);
  return isHeader && parseTarHeader(block, new AnomalyLog()) !== undefined;
}

/** What the first bytes say the file is; undefined: nothing that is read here, or a zip with something in front. */
export function sniffContainer(source: ByteSource): Container | undefined {
  const head = source.readAt(0, BLOCK_BYTES);
  if (head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6))) {
    return 'zip';
  }
  if (isGzip(head)) {
    return 'tar.gz';
  }
  if (isBzip2(head)) {
    return 'tar.bz2';
  }
  if (isXz(head)) {
    return 'tar.xz';
  }
  if (isTar(head)) {
    return 'tar';
  }
  return isLzmaAlone(head) ? 'tar.lzma' : undefined;
}

/** Says whether a file that is something else could be taken for a plain tar as well. */
export function startsLikeTar(source: ByteSource): boolean {
  return isTar(source.readAt(0, BLOCK_BYTES));
}

/** pip's lists of extensions, and what each makes it expect. */
const CONTAINER_BY_ENDING: readonly (readonly [ending: string, container: Container])[] = [
  ['.whl', 'zip'],
  ['.egg', 'zip'],
  ['.zip', 'zip'],
  ['.tar.gz', 'tar.gz'],
  ['.tgz', 'tar.gz'],
  ['.tar.bz2', 'tar.bz2'],
  ['.tbz', 'tar.bz2'],
  ['.tbz2', 'tar.bz2'],
  ['.tar.xz', 'tar.xz'],
  ['.txz', 'tar.xz'],
  ['.tar.lzma', 'tar.lzma'],
  ['.tar.lz', 'tar.lzma'],
  ['.tlz', 'tar.lzma'],
  ['.tar', 'tar'],
];

/** The container that a filename promises; undefined for endings that installers do not know. */
export function promisedContainer(filename: string): Container | undefined {
  const name = filename.toLowerCase();
  return CONTAINER_BY_ENDING.find(([ending]) => name.endsWith(ending))?.[1];
}

/** Endings that an installer (uv) unpacks by a compression that is not read here. */
const UNREAD_ENDING = /\.(?:tar\.zst|tzst|tar\.z)$/iu;

/** Says whether the name makes an installer see other content than the bytes show here: zstd may stand inside a plain tar. */
export function isUnreadCompression(filename: string): boolean {
  return UNREAD_ENDING.test(filename);
}

/** What an installer does with the file, which its name alone decides. */
export function archiveKind(filename: string): ArchiveKind {
  const name = filename.toLowerCase();
  if (name.endsWith('.whl')) {
    return 'wheel';
  }
  if (name.endsWith('.egg')) {
    return 'egg';
  }
  return promisedContainer(name) === undefined ? 'unknown' : 'sdist';
}
