// Owns what an archive is to the rest of the analysis: members, anomalies, limits; and opens one whatever its container.
// May import byte-source, report and its siblings in this folder; no I/O. Start at openArchive (open-archive.ts).
// Reading is strict and bounded: where installers could read other bytes than we do, an `ambiguous` anomaly says so.
import type { Unscannable } from '../report/scan-report.ts';
import type { AnomalyCode } from './anomaly-codes.ts';

/**
 * A file inside an archive, folders left out. Its content was decompressed, checked (CRC) and digested once when the
 * archive was opened.
 */
export interface Member {
  /** as an installer would write it: `/` between parts, not cleaned (an escaping path is an anomaly as well) */
  readonly path: string;
  readonly sizeBytes: number;
  /** hex sha256 of the content; of no bytes for a link to nothing */
  readonly sha256: string;
  /** the first bytes, at most 4,096, whatever the size: enough for magic numbers */
  readonly head: Uint8Array;
  /** Unix permission bits; undefined when the container does not say */
  readonly mode?: number;
  /** target of a link that leads to nothing in the archive, as stored. A link that leads to a file is that file once more. */
  readonly linkTarget?: string;
  /** reached through a link: path of the member whose content this is */
  readonly aliasOf?: string;
  /**
   * The whole content. Throws BudgetError when it is larger than `limits.memberBytes`, or when the container has no
   * random access (a compressed tar) and the content did not fit the budget of kept bytes.
   */
  read(): Uint8Array;
}

/**
 * What follows from an anomaly.
 * - `ambiguous`: two installers, or an installer and this reader, could read different bytes: refused
 * - `unscannable`: a part of the content could not be read at all: never allowed
 * - `suspicious`: read the same by everybody, but no honest tool writes it
 * - `note`: honest tools do it; worth showing, weighs nothing
 */
export type AnomalyEffect = 'ambiguous' | 'unscannable' | 'suspicious' | 'note';

/** Something about the container that is not as the formats or the installers want it. */
export interface ContainerAnomaly {
  /** docs/archives.md lists them all */
  readonly code: AnomalyCode;
  /** member path; empty: the container itself */
  readonly path: string;
  /** one sentence for a person; names from the archive in it are hostile text */
  readonly message: string;
  readonly effect: AnomalyEffect;
}

/** `wheel` and `egg` by filename (their content is not built), `sdist` for everything an installer builds. */
export type ArchiveKind = 'wheel' | 'sdist' | 'egg' | 'unknown';

/** An archive found inside another one. Its own anomalies say nothing about what installers do, and are left out. */
export interface NestedArchive {
  /** path of the member that it is; members inside are called `<path>!/<their path>` in findings */
  readonly path: string;
  /** undefined: it is one, and could not be opened */
  readonly archive?: OpenedArchive;
  /** why it, or a part of it, could not be read, e.g. because it is encrypted */
  readonly unscannable?: Unscannable;
}

/** An archive whose every member was read once. */
export interface OpenedArchive {
  readonly kind: ArchiveKind;
  /** what the bytes are, whatever the filename says */
  readonly container: 'zip' | 'tar' | 'tar.gz' | 'tar.bz2' | 'tar.xz' | 'tar.lzma';
  /** in the order of the container. Of tar members that share a path the last; a zip may have a path twice (it is refused) */
  readonly members: readonly Member[];
  readonly anomalies: readonly ContainerAnomaly[];
  /** archives among the members, opened too, within a budget for all of them; two levels deep */
  readonly nested: readonly NestedArchive[];
  /** METADATA of a wheel, top PKG-INFO of an sdist or egg; absent: not found or larger than 4 MiB */
  readonly coreMetadata?: Uint8Array;
  /** sum of member sizes, each content once */
  readonly unpackedBytes: number;
}

export type OpenResult =
  | { readonly kind: 'opened'; readonly archive: OpenedArchive }
  | {
      readonly kind: 'unscannable';
      readonly unscannable: Unscannable;
      readonly anomalies: readonly ContainerAnomaly[];
    };

/** Bounds of one opening. Nothing here is policy: what is beyond them is not read, and so never allowed. */
export interface ArchiveLimits {
  readonly memberCount: number;
  /** levels of archives inside archives that are opened; 0: none */
  readonly nestedLevels: number;
  /** archives inside this one that are opened, and the sum of their packed bytes */
  readonly nestedCount: number;
  readonly nestedBytes: number;
  /** bytes of one member path, UTF-8 */
  readonly pathBytes: number;
  /** sum of decompressed member bytes */
  readonly unpackedBytes: number;
  /** decompressed bytes may be this many times the compressed ones once they exceed `ratioFromBytes` */
  readonly ratio: number;
  readonly ratioFromBytes: number;
  /** the largest member that read() returns */
  readonly memberBytes: number;
  /** bytes of members held in memory for read() where the container has no random access */
  readonly keptBytes: number;
}

/** For the files of an index: the largest wheels of the world fit, no bomb does. */
export const DEFAULT_LIMITS: ArchiveLimits = {
  memberCount: 200_000,
  nestedLevels: 2,
  nestedCount: 100,
  nestedBytes: 48 * 2 ** 20,
  pathBytes: 4_096,
  unpackedBytes: 16 * 2 ** 30,
  ratio: 200,
  ratioFromBytes: 64 * 2 ** 20,
  memberBytes: 32 * 2 ** 20,
  keptBytes: 160 * 2 ** 20,
};

/** For an archive found inside another one: it has to be in memory already, so it is smaller. */
export const NESTED_LIMITS: ArchiveLimits = {
  ...DEFAULT_LIMITS,
  memberCount: 20_000,
  nestedLevels: 1,
  nestedCount: 20,
  nestedBytes: 16 * 2 ** 20,
  unpackedBytes: 256 * 2 ** 20,
  ratioFromBytes: 16 * 2 ** 20,
  memberBytes: 16 * 2 ** 20,
  keptBytes: 24 * 2 ** 20,
};

/** The content exists and is sound, but reading it would exceed a limit. */
export class BudgetError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BudgetError';
  }
}
