// Owns what the gate's routes are given. Imports ports; types alone. Start at GateDeps.
// gate/ holds one file per route and no Express: each takes values and gives an answer value (answers.ts).
import type { Thresholds } from '../policy/report-verdict.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { DecisionStore } from '../ports/decision-store.ts';
import type { IndexSource } from '../ports/index-source.ts';
import type { Intake } from '../ports/intake.ts';
import type { Judge } from '../ports/judge.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { ProjectIndex } from '../ports/project-index.ts';
import type { Timers } from '../ports/timers.ts';
import type { UpstreamId } from '../pypi/model.ts';
import type { HoldLimits } from './hold-limits.ts';
import type { MetadataOrigins } from './metadata-origins.ts';
import type { PageModel } from './page-model.ts';
import type { WaitBudget } from './wait-budget.ts';

/** Who asks, as far as budgets, records and scan-ahead are concerned; never a reason to allow anything. */
export interface Client {
  /** address, through trusted proxies */
  readonly address: string;
  readonly userAgent: string;
}

export interface GateSettings {
  /** a file request waits this long before its next hop */
  readonly holdMs: number;
  /** 307 hops to itself; at most 9, or uv takes the redirect for the file */
  readonly hops: number;
  /** the wait of the last hop, after which the answer is "still scanning" */
  readonly lastHoldMs: number;
  /** longest wait of a project page for the verdict of its newest release; 0: never */
  readonly pageWaitMs: number;
  /** a release younger than this may use all of a client's waits, an older one half of them */
  readonly youngMs: number;
  /** a document of the JSON API is asked for again after this long */
  readonly jsonFreshMs: number;
  /** upstreams whose files' evidence is not for everybody who has the link */
  readonly privateUpstreams: readonly UpstreamId[];
  /** points from which a file is held or refused */
  readonly thresholds: Thresholds;
}

/** A cache bounded by bytes; entries may vanish at any time. */
export interface Cache<T> {
  get(key: string): T | undefined;
  /** @param validUntil UTC ms after which the entry is not returned; undefined: as long as there is room */
  set(key: string, value: T, sizeBytes: number, validUntil?: number): void;
}

/** What every route needs from outside. */
export interface GatePorts {
  readonly index: ProjectIndex;
  readonly judge: Judge;
  readonly intake: Intake;
  readonly store: DecisionStore;
  readonly blobs: BlobStore;
  /** the configured upstream of this name */
  readonly findSource: (upstream: UpstreamId) => IndexSource | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The ports, the settings, and what the routes share in memory. */
export interface GateDeps extends GatePorts {
  readonly settings: GateSettings;
  readonly holds: HoldLimits;
  readonly waits: WaitBudget;
  readonly models: Cache<PageModel>;
  /** the making of a page model, once for all who ask at the same time */
  readonly modelFlights: (key: string, make: () => Promise<PageModel>) => Promise<PageModel>;
  readonly origins: MetadataOrigins;
  readonly originFlights: (key: string, probe: () => Promise<undefined>) => Promise<undefined>;
  /** upstream `.metadata`, checked against its digest, by file key */
  readonly metadata: Cache<Uint8Array>;
  readonly metadataFlights: (
    key: string,
    fetch: () => Promise<Uint8Array | undefined>,
  ) => Promise<Uint8Array | undefined>;
  /** sizes of blobs that were there a moment ago, by sha256 */
  readonly sizes: Cache<number>;
  /** files whose announced metadata was found to agree with the wheel's, by file key and sha256 */
  readonly agreements: Cache<true>;
}
