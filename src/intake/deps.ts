// Owns what intake is given. Types alone. Start at IntakeDeps.
import type { ScanReport } from '../analysis/report/scan-report.ts';
import type { ReadAgain } from '../judge/compare-on-scan.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { DecisionStore, FileChange, StoredFile } from '../ports/decision-store.ts';
import type { IndexSource } from '../ports/index-source.ts';
import type { Judge } from '../ports/judge.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { ProjectIndex } from '../ports/project-index.ts';
import type { Scanner } from '../ports/scanner.ts';
import type { UpstreamId } from '../pypi/model.ts';

export interface IntakeLimits {
  /** files that are fetched at the same time */
  readonly fetches: number;
  /** announced bytes of the files that are fetched at the same time; a larger one is fetched alone */
  readonly fetchBytes: number;
  /** files that wait to be fetched; beyond that requests are turned away */
  readonly queue: number;
  /** the largest file that is fetched */
  readonly maxFileBytes: number;
  /** a fetch that takes longer is given up, however steadily it drips */
  readonly fetchMs: number;
  readonly speculative: SpeculativeLimits;
}

/** Work that nobody asked for yet. */
export interface SpeculativeLimits {
  /** false: none is begun */
  readonly isEnabled: boolean;
  /** files under way, in total and for one client */
  readonly jobs: number;
  readonly jobsPerClient: number;
  /** announced bytes under way */
  readonly bytes: number;
  /** a larger file is fetched when it is really asked for */
  readonly maxFileBytes: number;
  /** files that may be fetched for one client in ten minutes without anybody asking for them afterwards */
  readonly unusedPerClient: number;
}

export interface IntakeDeps {
  readonly findSource: (upstream: UpstreamId) => IndexSource | undefined;
  readonly index: Pick<ProjectIndex, 'forget' | 'findUpstreams'>;
  readonly store: Pick<DecisionStore, 'files' | 'reports' | 'events' | 'access'>;
  readonly blobs: BlobStore;
  readonly scanner: Scanner;
  readonly judge: Pick<Judge, 'judgeFile'>;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits: IntakeLimits;
  /**
   * What follows for the file's row from a report that is about to be saved, e.g. what changed since the last accepted release.
   * undefined: nothing is compared
   */
  readonly compare?: (file: StoredFile, report: ScanReport, readAgain: ReadAgain) => Promise<FileChange | undefined>;
  /** Told of each file that is about to be fetched and scanned, so that what the comparison needs comes beside it. */
  readonly onBegin?: (file: StoredFile) => void;
}
