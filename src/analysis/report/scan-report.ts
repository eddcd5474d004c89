import type { Finding } from './finding.ts';

/** Why a file could not be scanned. Only deterministic causes: a child that died or came late is not one of them. */
export interface Unscannable {
  readonly cause: 'format' | 'budget' | 'encrypted' | 'unsupported';
  /** one sentence for a person: what could not be read, and where */
  readonly message: string;
}

/** What compare-releases needs to know of a file; facts about bytes only. Hashes are hex sha256. */
export interface ReleaseSummary {
  /** member path (version and top folder removed) → hash of its normalised code or bytes; at most 20,000 */
  readonly members: Readonly<Record<string, string>>;
  /**
   * the largest modules: local path → 16 hex digits of the code without comments, blanks and the project's own names; the
   * largest first, at most 64. Absent in reports of an older engine.
   */
  readonly modules?: Readonly<Record<string, string>>;
  /** prints of long lines of the description, at most 12; absent in reports of an older engine */
  readonly description?: readonly string[];
  readonly startUpFiles: readonly string[];
  readonly nativeBinaries: readonly string[];
  /** lower-case hosts of literal URLs, at most 500 */
  readonly hosts: readonly string[];
  /** `context:sink` pairs that were reached, e.g. `import:network` */
  readonly sinks: readonly string[];
  /** longest string literal of the Python members, characters */
  readonly longestLiteral: number;
  readonly pythonBytes: number;
  readonly unpackedBytes: number;
  readonly memberCount: number;
}

/** Facts about the bytes of one file under one ruleset. Keyed by (sha256, filename, ruleset). Holds no verdict. */
export interface ScanReport {
  readonly schema: 1;
  readonly sha256: string;
  readonly filename: string;
  readonly sizeBytes: number;
  /** digest of everything that can change a finding: detectors, rules, engine */
  readonly ruleset: string;
  readonly unscannable?: Unscannable;
  /** combined score, 0 to 100 with one decimal (report/score.ts) */
  readonly score: number;
  /** strongest first; at most 200 */
  readonly findings: readonly Finding[];
  readonly summary: ReleaseSummary;
  /** the archive's own METADATA or PKG-INFO: hex sha256 of its bytes; the bytes travel beside the report */
  readonly coreMetadataSha256?: string;
  readonly elapsedMs: number;
}
