// The simple index as data. Pure types: no parsing, no I/O. Start at ProjectPage.
// Every field is the Simple Repository API's; what an index sends beyond it is kept in `extra`.

/** Normalised project name (PEP 503), e.g. `zope-interface`. Made only by parseProjectName. */
export type ProjectName = string & { readonly __brand: 'ProjectName' };
/** Lower-case hex sha256, 64 characters. Made only by parseSha256. */
export type Sha256 = string & { readonly __brand: 'Sha256' };
/** Name of a configured upstream, e.g. `pypi`: `[a-z0-9][a-z0-9-]*`. */
export type UpstreamId = string & { readonly __brand: 'UpstreamId' };

/** Digest algorithm (lower case) → lower-case hex digest. */
export type Hashes = Readonly<Record<string, string>>;

/** One distribution file as an index announces it. @see https://packaging.python.org/en/latest/specifications/simple-repository-api/ */
export interface DistributionFile {
  /** last path segment of the URL, percent-decoded */
  readonly filename: string;
  /** absolute upstream URL without fragment */
  readonly url: string;
  readonly hashes: Hashes;
  /** undefined: the index did not say; null: it said there is none */
  readonly requiresPython?: string | null;
  /** false or undefined: none announced; true: there, without digest (PEP 658/714) */
  readonly coreMetadata?: boolean | Hashes;
  /** string: the reason (PEP 592) */
  readonly yanked: boolean | string;
  /** PEP 700 */
  readonly sizeBytes?: number;
  /** PEP 700, verbatim as sent: `YYYY-MM-DDTHH:MM:SS[.ffffff]Z` */
  readonly uploadTime?: string;
  /** PEP 740: absolute https URL */
  readonly provenance?: string | null;
  readonly gpgSig?: boolean;
  /** keys this model does not know, passed through */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** PEP 792. Never called plain "quarantine": that word is a verdict of ours. */
export interface UpstreamStatus {
  readonly status: 'active' | 'archived' | 'quarantined' | 'deprecated' | (string & {});
  readonly reason?: string;
}

/** A project page (PEP 503, 691, 700, 714, 740, 792) as read from one upstream. */
export interface ProjectPage {
  readonly name: ProjectName;
  /** as announced by the upstream, e.g. `1.1`; what we announce is the lower of theirs and ours */
  readonly apiVersion: string;
  readonly upstreamStatus?: UpstreamStatus;
  /** PEP 700; undefined when the index does not send it */
  readonly versions?: readonly string[];
  readonly files: readonly DistributionFile[];
  /** `_last-serial` or X-PyPI-Last-Serial */
  readonly lastSerial?: number;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly metaExtra: Readonly<Record<string, unknown>>;
}
