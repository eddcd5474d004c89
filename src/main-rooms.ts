// Owns the putting together of the rooms, without a port that listens: stores, index, scanner, policy, intake, jobs.
// Start at buildRooms. Used by main.ts alone.
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { AdminDeps } from './admin/admin-deps.ts';
import { createSlowRequests } from './admin/slow-requests.ts';
import { createVerifyWatch } from './admin/verify-progress.ts';
import type { Config } from './config.ts';
import { OSV_FEED } from './feeds/osv-feed.ts';
import { createProjectIndex } from './index/project-index.ts';
import { createIntake } from './intake/intake.ts';
import { evictBlobs } from './jobs/evict.ts';
import { evictJob } from './jobs/evict-job.ts';
import { feedSyncJob } from './jobs/feed-sync.ts';
import { prune, pruneJob } from './jobs/prune.ts';
import { rescanJob } from './jobs/rescan.ts';
import { type Job, startJobs } from './jobs/scheduler.ts';
import { openPolicy } from './main-policy.ts';
import { openScanner } from './main-scanner.ts';
import { intakeLimits, keptOriginOf, pageBounds, upstreamSettings } from './main-settings.ts';
import { makeTools, type Tools } from './main-tools.ts';
import type { MetricsRegistry } from './metrics.ts';
import type { DecisionStore } from './ports/decision-store.ts';
import type { Log } from './ports/log.ts';
import type { Sha256, UpstreamId } from './pypi/model.ts';
import { openFsBlobStore } from './storage/fs/fs-blob-store.ts';
import { openSqliteStore } from './storage/sqlite/sqlite-store.ts';
import { systemTimers } from './system-timers.ts';
import { createUpstream } from './upstream/upstream.ts';
import { readVersion } from './version.ts';

const GIB = 1024 ** 3;

/** What tests replace; no setting reaches it. */
export interface RoomSeams {
  /** the module that scan children run */
  readonly scanChildPath?: string;
}

/** Opens and connects every room of a data folder; whoever calls closes them. */
export async function buildRooms(config: Config, log: Log, seams: RoomSeams = {}) {
  const tools = makeTools(config, log);
  try {
    return await connectRooms(config, tools, seams);
  } catch (error) {
    await tools.closing.closeAll();
    throw error;
  }
}

async function connectRooms(config: Config, tools: Tools, seams: RoomSeams) {
  const { clock, log, metrics, notifier, closing } = tools;
  const { store, blobs } = await openStores(config, tools);
  const { findSource, index } = openIndex(config, store, tools);
  const scanner = openScanner(config, log, seams.scanChildPath);
  closing.add(() => scanner.close());
  const { policy, policyFile, feeds, judge, compare, onBegin } = await openPolicy(
    config,
    scanner.ruleset,
    store,
    findSource,
    tools,
  );
  const limits = intakeLimits(config);
  const intake = createIntake({
    limits,
    findSource,
    index,
    store,
    blobs,
    scanner,
    judge,
    compare,
    onBegin,
    notifier,
    clock,
    log,
    metrics,
  });
  closing.add(() => intake.close());

  const budgetBytes = config.diskBudgetGiB * GIB;
  const isInUse = (sha256: Sha256): boolean => intake.isInUse(sha256);
  const evict = () => evictBlobs(budgetBytes, { blobs, clock, log, isInUse });
  const jobs: readonly Job[] = [
    rescanJob({ store, blobs, intake, log, ruleset: scanner.ruleset }),
    pruneJob(config.retention, { store, clock, log }),
    evictJob(async () => {
      await evict();
    }),
    ...(config.feeds.osv.enabled ? [feedSyncJob(OSV_FEED, config.feeds.osv.intervalMinutes * 60_000, feeds.sync)] : []),
  ];
  const slow = createSlowRequests();
  const admin: AdminDeps = {
    store,
    index,
    judge,
    blobs,
    clock,
    intake,
    scanner,
    policy: { current: policy.current, problem: policyFile.problem },
    slow,
    verifyWatch: createVerifyWatch(),
    feeds,
    collectGarbage: async () => {
      const { removedBlobs, removedBytes, excessBytes } = await evict();
      await prune(config.retention, { store, clock, log });
      return { evictedFiles: removedBlobs, freedBytes: removedBytes, excessBytes };
    },
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(config.dataFolder);
      return bavail * bsize;
    },
    facts: {
      version: readVersion(),
      startedAt: clock.now(),
      dataFolder: config.dataFolder,
      policyFile: config.policyFile,
      configFile: config.configFile,
      diskBudgetBytes: budgetBytes,
      upstreams: config.upstreams.map(({ id, url }) => ({ id, url })),
      configured: {
        mode: config.mode,
        freezeAt: config.freezeAt === null ? undefined : Date.parse(config.freezeAt),
      },
    },
  };
  watchRooms(admin, metrics);
  return {
    admin,
    metrics,
    gate: { index, judge, intake, store, blobs, findSource, clock, timers: systemTimers, log, metrics },
    slow,
    startJobs: () => {
      const running = startJobs(jobs, { timers: systemTimers, clock, log });
      closing.add(running.close);
    },
    close: closing.closeAll,
  };
}

async function openStores(config: Config, { clock, log, closing }: Tools) {
  const store = openSqliteStore({
    folder: config.dataFolder,
    clock,
    onAccessLost: (err) => log.warn({ err }, 'access records could not be written yet'),
  });
  closing.add(() => store.close());
  const blobs = await openFsBlobStore({ root: join(config.dataFolder, 'blobs'), clock });
  closing.add(() => blobs.close());
  return { store, blobs };
}

function openIndex(config: Config, store: DecisionStore, { closing, ...tools }: Tools) {
  const upstreams = upstreamSettings(config).map((settings) => ({ settings, source: createUpstream(settings) }));
  closing.add(() => Promise.all(upstreams.map(({ source }) => source.close())));
  const routes = upstreams.map(({ settings: { id, url, projects }, source }) => {
    const keptOrigin = keptOriginOf(config, id);
    return { source, url, projects, ...(keptOrigin === undefined ? {} : { keptOrigin }) };
  });
  const { privateNames } = config;
  return {
    findSource: (id: UpstreamId) => upstreams.find(({ source }) => source.id === id)?.source,
    index: createProjectIndex({ routes, privateNames, bounds: pageBounds(config), store, ...tools }),
  };
}

/** Shows the rooms' own figures among the metrics. */
function watchRooms({ scanner, intake, blobs, policy }: AdminDeps, metrics: MetricsRegistry): void {
  metrics.watch('scan_queue', 'Files that wait for a scan child.', () => scanner.stats().queued);
  metrics.watch('scans_running', 'Scans under way.', () => scanner.stats().running);
  metrics.watch('intake_jobs', 'Files being fetched or scanned.', () => intake.stats().jobs);
  metrics.watch('stored_bytes', 'Bytes of stored files.', () => blobs.usedBytes());
  metrics.watch('policy_broken', '1 while the policy file on disk is not in force.', () =>
    policy.problem() === undefined ? 0 : 1,
  );
}
