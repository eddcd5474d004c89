// Owns the answers of the gate as values; http/answers.ts turns them into status and headers. Types alone.
import type { Readable } from 'node:stream';
import type { ScanReport } from '../analysis/report/scan-report.ts';
import type { Thresholds } from '../policy/report-verdict.ts';
import type { RefusalVerdict, Verdict } from '../policy/verdict.ts';
import type { ByteRange } from '../ports/blob-store.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { JobPhase, JobTimes } from '../ports/intake.ts';
import type { Sha256 } from '../pypi/model.ts';
import type { PageModel } from './page-model.ts';
import type { Transfer } from './revocation.ts';

export type AllowVerdict = Extract<Verdict, { kind: 'allow' }>;

/** What a request waited for. */
export interface Timing {
  /** ms of silence before this answer */
  readonly holdMs: number;
  /** of the job that was waited for, when it is done */
  readonly times?: JobTimes;
}

/** Nothing of that name. */
export interface Absent {
  readonly kind: 'absent';
  /** one plain sentence */
  readonly detail: string;
}

export interface Refused {
  readonly kind: 'refused';
  readonly file: StoredFile;
  readonly verdict: RefusalVerdict;
  /** of the explanation page, `/b/<id>` */
  readonly explanationId: string;
  readonly timing: Timing;
}

/** The same request, again, in a moment: 307. */
export interface NextHop {
  readonly kind: 'next-hop';
  readonly file: StoredFile;
  readonly hop: number;
  readonly timing: Timing;
}

/** No hop is left and there is still no verdict. */
export interface Unfinished {
  readonly kind: 'unfinished';
  readonly file: StoredFile;
  readonly phase: JobPhase | undefined;
  readonly timing: Timing;
}

export interface Served {
  readonly kind: 'file';
  readonly file: StoredFile;
  readonly verdict: AllowVerdict;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** Throws NOT_FOUND when the blob was evicted in this very moment. */
  readonly open: (range?: ByteRange) => Promise<Readable>;
  /** Breaks off what is sent otherwise than from `open`, once the file is refused; `open` does so by itself. */
  readonly watch: (transfer: Transfer) => void;
  readonly timing: Timing;
}

export type FileAnswer =
  | Served
  | Refused
  | NextHop
  | Unfinished
  | Absent
  /** a predictable path (`packages/source/s/six/…`): the file's own path, decoded */
  | { readonly kind: 'moved'; readonly path: string };

export type MetadataAnswer =
  | {
      readonly kind: 'metadata';
      readonly file: StoredFile;
      readonly bytes: Uint8Array;
      /** of the bytes, hex */
      readonly sha256: string;
    }
  | Refused
  | NextHop
  | Unfinished
  | Absent;

export type PageAnswer = { readonly kind: 'page'; readonly model: PageModel; readonly timing: Timing } | Absent;

/** A document of the JSON API that may be in a cache already: `key` names it, `load` makes it. */
export interface DocumentAnswer {
  readonly kind: 'document';
  /** names this very content; the base URL comes on top */
  readonly key: string;
  /** UTC ms: ask again then */
  readonly validUntil: number;
  /**
   * Fetches and filters the upstream's document. undefined: there is none (any more).
   *
   * @param baseUrl absolute, without a slash at the end
   */
  readonly load: (baseUrl: string) => Promise<LoadedDocument | undefined>;
}

export interface LoadedDocument {
  readonly value: unknown;
  /** UTC ms: a verdict in it may change by time alone */
  readonly validUntil?: number;
}

export type JsonAnswer = DocumentAnswer | Absent;

/** Why a file is what it is, for a person. */
export interface Explanation {
  readonly kind: 'explanation';
  readonly id: string;
  readonly file: StoredFile;
  readonly verdict: Verdict;
  /** UTC ms: time alone may change the verdict then */
  readonly validUntil?: number;
  /** undefined: not scanned yet */
  readonly report?: ScanReport;
  /** in force now */
  readonly thresholds: Thresholds;
}

export type ExplanationAnswer =
  | Explanation
  /** the file is a private upstream's: a link says nothing of it, not even its name */
  | { readonly kind: 'private'; readonly id: string }
  | Absent;
