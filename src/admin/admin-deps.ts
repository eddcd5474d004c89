// Owns what the admin resources need: ports, and a few questions that the composition root answers. Types alone.
import type { Policy } from '../policy/entry.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { DecisionStore } from '../ports/decision-store.ts';
import type { Intake } from '../ports/intake.ts';
import type { Judge } from '../ports/judge.ts';
import type { ProjectIndex } from '../ports/project-index.ts';
import type { Scanner } from '../ports/scanner.ts';
import type { SlowRequests } from './slow-requests.ts';
import type { VerifyWatch } from './verify-progress.ts';

/** The policy in force and what is wrong with the file that should have replaced it. */
export interface PolicyView {
  readonly current: () => Promise<Policy>;
  /** undefined: the policy file is good (or absent) */
  readonly problem: () => string | undefined;
}

export interface FeedStatus {
  readonly feed: string;
  readonly isEnabled: boolean;
  readonly records: number;
  /** UTC ms; undefined: never */
  readonly syncedAt?: number;
  /** why the last look failed */
  readonly problem?: string;
}

export interface FeedActions {
  readonly list: () => Promise<readonly FeedStatus[]>;
  /** Looks now. Throws UPSTREAM_DOWN. */
  readonly sync: () => Promise<void>;
  /** Reads a zip archive of records from this machine's disk; gives the number of records. */
  readonly importArchive: (path: string, actor: string) => Promise<number>;
  /** Takes all its records out of force, until the next look or import. */
  readonly clear: (who: { readonly actor: string; readonly reason: string }) => Promise<void>;
}

/** Fixed facts of this server. */
export interface ServerFacts {
  readonly version: string;
  readonly startedAt: number;
  readonly dataFolder: string;
  readonly policyFile: string;
  readonly configFile: string | undefined;
  readonly diskBudgetBytes: number;
  readonly upstreams: readonly { readonly id: string; readonly url: string }[];
  /** what the configuration says where a runtime setting may say otherwise; freezeAt in UTC ms, undefined: off */
  readonly configured: { readonly mode: Policy['mode']; readonly freezeAt: number | undefined };
}

export interface AdminDeps {
  readonly store: DecisionStore;
  readonly index: ProjectIndex;
  readonly judge: Judge;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly intake: Intake;
  readonly scanner: Scanner;
  readonly policy: PolicyView;
  readonly slow: SlowRequests;
  readonly verifyWatch: VerifyWatch;
  readonly feeds: FeedActions;
  /** Evicts files beyond the budget and prunes old records. */
  readonly collectGarbage: () => Promise<{
    readonly evictedFiles: number;
    readonly freedBytes: number;
    readonly excessBytes: number;
  }>;
  /** free bytes of the disk that holds the data folder, for this user */
  readonly freeBytes: () => Promise<number>;
  readonly facts: ServerFacts;
}
