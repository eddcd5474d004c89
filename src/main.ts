// Owns the putting together: the only place where adapters are created. May import everything. Start at startServer, which
// listens to what openRooms has built.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answerAdmin } from './admin/admin.ts';
import type { AdminDeps, FeedActions } from './admin/admin-deps.ts';
import type { AdminAnswer, AdminRequest } from './admin/admin-request.ts';
import { createSlowRequests } from './admin/slow-requests.ts';
import { type Closing, createClosing } from './closing.ts';
import type { Config } from './config.ts';
import { fetchArchive } from './feeds/fetch-archive.ts';
import { createOsvFeed, OSV_FEED } from './feeds/osv-feed.ts';
import { openPolicyFile } from './feeds/policy-file-watcher.ts';
import { postJson } from './feeds/post-json.ts';
import { controlSocketPath, openControlServer } from './http/control-server.ts';
import { drain, listen } from './http/listen.ts';
import { listMounts } from './http/mounts.ts';
import { createServer } from './http/server.ts';
import { createProjectIndex } from './index/project-index.ts';
import { createIntake } from './intake/intake.ts';
import { evictBlobs } from './jobs/evict.ts';
import { evictJob } from './jobs/evict-job.ts';
import { feedSyncJob } from './jobs/feed-sync.ts';
import { createNotifier } from './jobs/notify.ts';
import { prune, pruneJob } from './jobs/prune.ts';
import { rescanJob } from './jobs/rescan.ts';
import { type Job, startJobs } from './jobs/scheduler.ts';
import { applyFeed } from './judge/apply-feed.ts';
import { createComparer } from './judge/compare-on-scan.ts';
import { createFeedBook, loadFeeds } from './judge/feed-book.ts';
import { createJudge } from './judge/judge.ts';
import { createPolicySnapshot } from './judge/policy-snapshot.ts';
import { createLog } from './log.ts';
import {
  httpSettings,
  intakeLimits,
  keptOriginOf,
  pageBounds,
  passThroughOf,
  policySettings,
  upstreamSettings,
} from './main-settings.ts';
import { createMetrics, type MetricsRegistry } from './metrics.ts';
import { parsePopularNames } from './policy/name-confusion.ts';
import type { Clock } from './ports/clock.ts';
import type { DecisionStore } from './ports/decision-store.ts';
import type { Log } from './ports/log.ts';
import type { Notifier } from './ports/notifier.ts';
import type { Scanner } from './ports/scanner.ts';
import type { Sha256, UpstreamId } from './pypi/model.ts';
import { digestRuleset } from './ruleset.ts';
import { createScanPool } from './scan/scan-pool.ts';
import { openFsBlobStore } from './storage/fs/fs-blob-store.ts';
import { openSqliteStore } from './storage/sqlite/sqlite-store.ts';
import { systemTimers } from './system-timers.ts';
import { createUpstream } from './upstream/upstream.ts';
import { readVersion } from './version.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const SCAN_BACKOFF_MS = 1_000;

/** The folder of the built modules: this one's. */
const BUILT_FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Starts the pool of scan children under the rules of this installation. */
export function openScanner(config: Config, log: Log = createLog(config.log)): Scanner {
  return createScanPool(
    {
      ruleset: digestRuleset(BUILT_FOLDER, join(config.installFolder, 'config', 'rules')),
      children: config.scan.children === 0 ? availableParallelism() : config.scan.children,
      deadlineMs: config.scan.deadlineSeconds * 1000,
      memoryBytes: config.scan.memoryMiB * MIB,
      retries: config.scan.retries,
      backoffMs: SCAN_BACKOFF_MS,
      maxQueue: config.scan.maxQueue,
    },
    { log },
  );
}

/** Everything but the port that listens. */
export interface Rooms {
  readonly answer: (request: AdminRequest) => Promise<AdminAnswer>;
  readonly close: () => Promise<void>;
}

/** What every room is given. */
interface Tools {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MetricsRegistry;
  readonly notifier: Notifier;
  readonly closing: Closing;
}

/** Opens a data folder for this process alone, without listening: for the CLI when no server runs. */
export async function openRooms(config: Config): Promise<Rooms> {
  const rooms = await buildRooms(config, createLog({ ...config.log, level: 'warn' }));
  return { answer: (request) => answerAdmin(request, rooms.admin), close: rooms.close };
}

async function buildRooms(config: Config, log: Log) {
  const tools: Tools = {
    clock: { now: () => Date.now() },
    log,
    metrics: createMetrics(),
    notifier: createNotifier({ log, webhookUrl: config.notify.webhookUrl ?? undefined, post: postJson }),
    closing: createClosing(),
  };
  try {
    return await connectRooms(config, tools);
  } catch (error) {
    await tools.closing.closeAll();
    throw error;
  }
}

async function connectRooms(config: Config, tools: Tools) {
  const { clock, log, metrics, notifier, closing } = tools;
  const { store, blobs } = await openStores(config, tools);
  const { findSource, index } = openIndex(config, store, tools);
  const scanner = openScanner(config, log);
  closing.add(() => scanner.close());
  const { policy, policyFile, feeds, judge, compare } = await openPolicy(config, scanner.ruleset, store, tools);
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
    feeds,
    collectGarbage: async () => {
      const { removedBlobs, removedBytes } = await evict();
      await prune(config.retention, { store, clock, log });
      return { evictedFiles: removedBlobs, freedBytes: removedBytes };
    },
    facts: {
      version: readVersion(),
      startedAt: clock.now(),
      dataFolder: config.dataFolder,
      policyFile: config.policyFile,
      configFile: config.configFile,
      diskBudgetBytes: budgetBytes,
      upstreams: config.upstreams.map(({ id, url }) => ({ id, url })),
    },
  };
  watchRooms(admin, metrics);
  return {
    admin,
    metrics,
    gate: { index, judge, intake, store, blobs, findSource, clock, log, metrics },
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

async function openPolicy(config: Config, ruleset: string, store: DecisionStore, { closing, ...tools }: Tools) {
  const { clock, log } = tools;
  const since = await store.ruleset.noteRuleset(ruleset, clock.now());
  const facts = { installedAt: await store.installedAt(), ruleset: { inForce: ruleset, since } };
  const policy = createPolicySnapshot(policySettings(config, facts), { store, log });
  closing.add(policy.close);
  const policyFile = await openPolicyFile({
    path: config.policyFile,
    apply: policy.replaceFile,
    timers: systemTimers,
    ...tools,
  });
  closing.add(policyFile.close);
  const book = createFeedBook();
  const { enabled: isEnabled, url } = config.feeds.osv;
  if (isEnabled) await loadFeeds(book, [OSV_FEED], store);
  const osv = createOsvFeed({
    url,
    store,
    fetchArchive,
    apply: (feed, records, state) => applyFeed(feed, records, state, { store, policy, feeds: book, ...tools }),
    ...tools,
  });
  const feeds: FeedActions = {
    list: async () => [{ feed: OSV_FEED, isEnabled, ...(await osv.state()) }],
    sync: osv.sync,
    importArchive: osv.importArchive,
  };
  const deps = { store, policy, feeds: book, clock };
  const popular = parsePopularNames(
    readFileSync(join(config.installFolder, 'config', 'rules', 'popular-projects.txt'), 'utf8'),
  );
  return { policy, policyFile, feeds, judge: createJudge(deps), compare: createComparer({ ...deps, popular }) };
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

export interface RunningServer {
  readonly port: number;
  readonly version: string;
  /** Stops taking requests, lets those under way end within a bound, and closes the rooms. */
  close(): Promise<void>;
}

/** Requests under way may end within this time after a stop was asked for. */
const DRAIN_MS = 10_000;

/**
 * Runs the server.
 *
 * @throws CordonError CONFIG_INVALID when the port cannot be had, CONFLICT when another server uses the data folder
 */
export async function startServer(config: Config): Promise<RunningServer> {
  const log = createLog(config.log);
  const rooms = await buildRooms(config, log);
  let isReady = false;
  const answer = (request: AdminRequest): Promise<AdminAnswer> => answerAdmin(request, rooms.admin);
  try {
    const server = createServer({
      ...rooms.gate,
      settings: httpSettings(config, join(config.dataFolder, 'lists')),
      mounts: listMounts({
        health: { isReady: () => isReady, policyProblem: rooms.admin.policy.problem },
        metrics: config.metrics.enabled ? { ...rooms.metrics, requireToken: config.metrics.requireToken } : undefined,
        tokens: config.admin.tokens,
        answer,
        log,
      }),
      onAccess: rooms.slow.note,
      ...passThroughOf(config),
    });
    const port = await listen(server, config.listen);
    const control = await openControlServer(controlSocketPath(config.dataFolder), { answer, log });
    rooms.startJobs();
    isReady = true;
    log.info({ host: config.listen.host, port }, 'cordon answers');
    return {
      port,
      version: rooms.admin.facts.version,
      close: async () => {
        isReady = false;
        log.info({}, 'cordon is stopping');
        await drain(server, DRAIN_MS);
        await control.close();
        await rooms.close();
      },
    };
  } catch (error) {
    await rooms.close();
    throw error;
  }
}
