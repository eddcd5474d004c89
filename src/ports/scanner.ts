import type { ScanReport } from '../analysis/report/scan-report.ts';
import type { Sha256 } from '../pypi/model.ts';

export interface ScanRequest {
  /** local path of the staged or adopted bytes */
  readonly path: string;
  readonly filename: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly priority: 'requested' | 'speculative' | 'rescan';
  /** called once when a child takes the file: the wait is over, the scan begins (also for a retry's first child only) */
  readonly onStart?: () => void;
}

export interface ScanOutcome {
  readonly report: ScanReport;
  /** bytes of the archive's own METADATA (wheel) or PKG-INFO (sdist) */
  readonly coreMetadata?: Uint8Array;
}

/** Runs the analysis in isolation. */
export interface Scanner {
  /** digest of the rules and engine in force */
  readonly ruleset: string;
  /** Throws OVERLOADED when the child died or came late more often than the cap allows: never a report by accident. */
  scan(request: ScanRequest, signal?: AbortSignal): Promise<ScanOutcome>;
  /** Moves a waiting scan up to this priority; nothing when it is not waiting, or waits in a higher one. */
  promote(file: Pick<ScanRequest, 'sha256' | 'filename'>, priority: ScanRequest['priority']): void;
  stats(): { readonly queued: number; readonly running: number };
  close(): Promise<void>;
}
