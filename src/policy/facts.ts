// Owns the facts that a decision is made from: what is known of a file, its project, its report, its release. Pure types.
// May import pypi and analysis/report. Start at FileFacts. Stored through ports/decision-store.ts. Times are UTC ms.
import type { DistributionFile, ProjectName, Sha256, UpstreamId } from '../pypi/model.ts';
import type { Publisher } from '../pypi/provenance.ts';

/** A file we know of. Before its bytes are known it is (upstream, url). */
export interface StoredFile {
  /** hex sha256 of `<upstream>\n<url>` */
  readonly key: string;
  readonly upstream: UpstreamId;
  readonly project: ProjectName;
  /** as written in the filename; undefined when the filename cannot be parsed */
  readonly version?: string;
  readonly file: DistributionFile;
  /** our own path below the root, e.g. `packages/aa/bb/…/six-1.0.tar.gz` (decoded); unique */
  readonly path: string;
  /** announced by the index, or pinned at the first fetch; undefined before that */
  readonly sha256?: Sha256;
  /** hex sha256 of the core metadata that its upstream sent first, where the index announces no digest of it */
  readonly metadataSha256?: string;
  readonly firstSeenAt: number;
  /** a page of this project once listed it and no longer does */
  readonly removedAt?: number;
  /** something announced about it changed after it was first seen (digest, size), in words */
  readonly changed?: string;
  /** the bytes or metadata disagreed with what was announced, in words */
  readonly mismatch?: { readonly kind: 'digest' | 'metadata'; readonly detail: string; readonly at: number };
  /** when a scan first accepted the content on its own merits: no entry, no monitor mode */
  readonly acceptedAt?: number;
  /** what changed since earlier releases; made when the file was scanned */
  readonly comparison?: ComparisonFacts;
}

export type ReleaseChangeKind =
  | 'new-start-up-file'
  | 'new-sink'
  | 'new-host'
  | 'new-binary'
  | 'new-oversized-literal'
  | 'size-jump'
  | 'lost-provenance'
  | 'changed-publisher'
  | 'dormant-project'
  | 'wheel-differs-from-sdist'
  | 'name-confusion'
  | 'copied-project'
  | 'copied-description'
  | 'odd-first-release';

/** One thing that is new against earlier releases, or odd about the release. */
export interface ReleaseChange {
  readonly kind: ReleaseChangeKind;
  /** points added to the score of the report */
  readonly score: number;
  /** one sentence; names from the archive in it are hostile text */
  readonly message: string;
  /** member path, where one shows it */
  readonly path?: string;
}

/** How a file differs from what its project shipped before. Its scan report stays free of it. */
export interface ComparisonFacts {
  /** digest of the bytes that were compared; the comparison says nothing of others */
  readonly sha256: Sha256;
  readonly ruleset: string;
  readonly comparedAt: number;
  /** what it was compared with, the baseline first; empty: the project had nothing accepted */
  readonly baselines: readonly { readonly filename: string; readonly sha256: string; readonly version?: string }[];
  /** strongest first; at most 20 */
  readonly changes: readonly ReleaseChange[];
  /** score of the report without the findings that earlier releases explain; undefined: nothing was calmed */
  readonly calmedScore?: number;
  /** who attested these bytes (PEP 740); empty: a document that is not about them; undefined: not known */
  readonly publishers?: readonly Publisher[];
  /** the project that most of its code was taken from */
  readonly copied?: CopiedProject;
}

/** A project under another name that most of a release's code stands in. */
export interface CopiedProject {
  readonly project: string;
  /** the file of it that was compared */
  readonly filename: string;
  readonly sha256: string;
  /** members with the same content, names, comments and line ends aside, and members that were compared */
  readonly same: number;
  readonly compared: number;
  /** members that are not like the original's, at most 50; hostile text */
  readonly differing: readonly string[];
}

/** Facts about a project that decide needs besides its files. */
export interface StoredProject {
  readonly upstream: UpstreamId;
  readonly project: ProjectName;
  readonly firstSeenAt: number;
  /** earliest upload time ever seen on its page */
  readonly firstUploadAt?: number;
  /** when PEP 792 `quarantined` was last seen; undefined: not */
  readonly upstreamQuarantinedAt?: number;
}

/** The part of a report that decide reads; small, so that a page of 10,000 files is one quick query. */
export interface ReportFacts {
  readonly sha256: Sha256;
  readonly filename: string;
  readonly ruleset: string;
  readonly scannedAt: number;
  readonly score: number;
  /** highest single score among findings of class malware; 0 without one */
  readonly malwareScore: number;
  /** first strong finding, for one-line reasons: detector and message (hostile text) */
  readonly headline?: {
    readonly detector: string;
    readonly message: string;
    readonly path: string;
    readonly line: number;
  };
  readonly unscannable?: string;
  /** container findings on which Python and we could read different bytes */
  readonly ambiguous?: string;
}

/** Versions from `introduced` on, up to but without `fixed` (or up to and with `lastAffected`). */
export interface AffectedRange {
  readonly introduced: string;
  readonly fixed?: string;
  readonly lastAffected?: string;
}

export interface FeedRecord {
  /** `MAL-2026-1` */
  readonly id: string;
  readonly project: ProjectName;
  /** PEP 440-normalised; with neither versions nor ranges: the whole project */
  readonly versions?: readonly string[];
  readonly ranges?: readonly AffectedRange[];
  readonly summary: string;
  readonly modifiedAt: number;
}

/** A file of a release with the newest report there is of it. */
export interface JudgedFile {
  readonly file: StoredFile;
  readonly report?: ReportFacts;
}

/** Everything about a file that decide reads. */
export interface FileFacts extends JudgedFile {
  readonly project: StoredProject;
  /** other files of the same release; those without a report, or with a clean one, may be left out */
  readonly siblings: readonly JudgedFile[];
  /** records of malicious packages that name this release */
  readonly feedMatches: readonly FeedRecord[];
}
