// Owns the answer to "how is it": one look at policy, rules, work under way, space and what was slow. May import ports.
import type { AccessRecord } from '../ports/decision-store.ts';
import type { AdminDeps, FeedStatus, ServerFacts } from './admin-deps.ts';
import { listSettings, type RuntimeSetting } from './settings.ts';

export interface ServerStatus extends ServerFacts {
  readonly uptimeMs: number;
  readonly installedAt: number;
  readonly policy: {
    readonly mode: 'enforce' | 'monitor';
    readonly revision: number;
    readonly entries: number;
    readonly expiredEntries: number;
    /** why the policy file on disk is not in force */
    readonly problem: string | undefined;
  };
  /** mode and freeze date: what is in force, and whether the configuration or an administrator said so */
  readonly settings: readonly RuntimeSetting[];
  readonly ruleset: string;
  readonly scans: { readonly queued: number; readonly running: number };
  readonly intake: { readonly jobs: number; readonly bytesInFlight: number; readonly speculative: number };
  readonly usedBytes: number;
  /** of the disk that holds the data folder */
  readonly freeBytes: number;
  readonly feeds: readonly FeedStatus[];
  /** the answers of the last hour that cost most: fetch, queue, scan and hold in ms */
  readonly slow: readonly AccessRecord[];
}

/** Gathers the status. */
export async function readStatus(deps: AdminDeps): Promise<ServerStatus> {
  const [policy, usedBytes, freeBytes, feeds, installedAt, settings] = await Promise.all([
    deps.policy.current(),
    deps.blobs.usedBytes(),
    deps.freeBytes(),
    deps.feeds.list(),
    deps.store.installedAt(),
    listSettings(deps),
  ]);
  const now = deps.clock.now();
  return {
    ...deps.facts,
    uptimeMs: now - deps.facts.startedAt,
    installedAt,
    policy: {
      mode: policy.mode,
      revision: policy.revision,
      entries: policy.entries.length,
      expiredEntries: policy.entries.filter((entry) => entry.expiresAt !== undefined && entry.expiresAt <= now).length,
      problem: deps.policy.problem(),
    },
    settings,
    ruleset: deps.scanner.ruleset,
    scans: deps.scanner.stats(),
    intake: deps.intake.stats(),
    usedBytes,
    freeBytes,
    feeds,
    slow: deps.slow.list(now),
  };
}
