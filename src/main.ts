// Owns the putting together: the only place where adapters are created. May import everything. Start at startServer, which
// listens to what openRooms has built.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answerAdmin } from './admin/admin.ts';
import type { AdminDeps } from './admin/admin-deps.ts';
import type { AdminAnswer, AdminRequest } from './admin/admin-request.ts';
import { createSlowRequests } from './admin/slow-requests.ts';
import type { Config } from './config.ts';
import { CordonError } from './errors.ts';
import { adminRoutes } from './http/admin-routes.ts';
import { controlSocketPath, openControlServer } from './http/control-server.ts';
import type { Mount } from './http/deps.ts';
import { serveHealth, serveMetrics, serveReadiness } from './http/health-routes.ts';
import { createServer } from './http/server.ts';
import { createProjectIndex } from './index/project-index.ts';
import { createIntake } from './intake/intake.ts';
import { evictBlobs } from './jobs/evict.ts';
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
import { createMetrics } from './metrics.ts';
import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { Notifier } from './ports/notifier.ts';
import type { Scanner } from './ports/scanner.ts';
import type { UpstreamId } from './pypi/model.ts';
import { digestRuleset } from './ruleset.ts';
import { createScanPool } from './scan/scan-pool.ts';
import { openFsBlobStore } from './storage/fs/fs-blob-store.ts';
import { openSqliteStore } from './storage/sqlite/sqlite-store.ts';
import { createUpstream } from './upstream/upstream.ts';
import { readVersion } from './version.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const SCAN_BACKOFF_MS = 1_000;
const OSV_FEED = 'osv';

/** The folder of the built modules: this one's. */
const BUILT_FOLDER = fileURLToPath(new URL('.', import.meta.url));

const systemClock: Clock = { now: () => Date.now() };

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

type OpenRooms = Awaited<ReturnType<typeof buildRooms>>;

/** Opens a data folder for this process alone, without listening: for the CLI when no server runs. */
export async function openRooms(config: Config): Promise<Rooms> {
  const rooms = await buildRooms(config, createLog({ ...config.log, level: 'warn' }));
  return { answer: (request) => answerAdmin(request, rooms.admin), close: rooms.close };
}

async function buildRooms(config: Config, log: Log) {
  const clock = systemClock;
  const budgetBytes = config.diskBudgetGiB * GIB;
  const metrics = createMetrics();
  const store = openSqliteStore({
    folder: config.dataFolder,
    clock,
    onAccessLost: (err) => log.warn({ err }, 'access records could not be written yet'),
  });
  const blobs = await openFsBlobStore({ root: join(config.dataFolder, 'blobs'), clock });
  const notifier: Notifier = {
    notify: async ({ kind, title, fields }) => log.warn({ kind, ...fields }, title),
  };

  const upstreams = upstreamSettings(config).map((settings) => ({ settings, source: createUpstream(settings) }));
  const findSource = (id: UpstreamId) => upstreams.find(({ source }) => source.id === id)?.source;
  const index = createProjectIndex({
    routes: upstreams.map(({ settings, source }) => {
      const keptOrigin = keptOriginOf(config, settings.id);
      return {
        source,
        url: settings.url,
        projects: settings.projects,
        ...(keptOrigin === undefined ? {} : { keptOrigin }),
      };
    }),
    privateNames: config.privateNames,
    bounds: pageBounds(config),
    store,
    clock,
    log,
    metrics,
    notifier,
  });

  const scanner = openScanner(config, log);
  const since = await store.ruleset.noteRuleset(scanner.ruleset, clock.now());
  const policy = createPolicySnapshot(
    policySettings(config, {
      installedAt: await store.installedAt(),
      ruleset: { inForce: scanner.ruleset, since },
    }),
    { store, log },
  );
  const feedBook = createFeedBook();
  if (config.feeds.osv.enabled) await loadFeeds(feedBook, [OSV_FEED], store);
  const judge = createJudge({ store, policy, feeds: feedBook, clock });
  const intake = createIntake({
    limits: intakeLimits(config),
    findSource,
    index,
    store,
    blobs,
    scanner,
    judge,
    notifier,
    clock,
    log,
    metrics,
  });

  const slow = createSlowRequests();
  const admin: AdminDeps = {
    store,
    index,
    judge,
    blobs,
    clock,
    intake,
    scanner,
    policy: { current: policy.current, problem: () => undefined },
    slow,
    feeds: {
      list: async () => [],
      sync: async () => {},
      importArchive: async () => 0,
    },
    collectGarbage: async () => {
      const { removedBlobs, removedBytes } = await evictBlobs(budgetBytes, {
        blobs,
        clock,
        log,
        isInUse: intake.isInUse,
      });
      return { evictedFiles: removedBlobs, freedBytes: removedBytes };
    },
    facts: {
      version: readVersion(),
      startedAt: clock.now(),
      dataFolder: config.dataFolder,
      policyFile: config.policyFile,
      configFile: config.configFile,
      diskBudgetBytes: budgetBytes,
      upstreams: upstreams.map(({ settings }) => ({ id: settings.id, url: settings.url })),
    },
  };
  metrics.watch('scan_queue', 'Files that wait for a scan child.', () => scanner.stats().queued);
  metrics.watch('scans_running', 'Scans under way.', () => scanner.stats().running);
  metrics.watch('intake_jobs', 'Files being fetched or scanned.', () => intake.stats().jobs);
  metrics.watch('stored_bytes', 'Bytes of stored files.', () => blobs.usedBytes());
  metrics.watch('policy_broken', '1 while the policy file on disk is not in force.', () =>
    admin.policy.problem() === undefined ? 0 : 1,
  );

  return {
    admin,
    metrics,
    gate: { index, judge, intake, store, blobs, findSource, clock, log, metrics },
    slow,
    close: async () => {
      await intake.close();
      await scanner.close();
      await Promise.all(upstreams.map(({ source }) => source.close()));
      policy.close();
      await blobs.close();
      await store.close();
    },
  };
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
      mounts: listMounts(config, rooms, { answer, isReady: () => isReady, log }),
      onAccess: rooms.slow.note,
      ...passThroughOf(config),
    });
    await listen(server, config.listen);
    const control = await openControlServer(controlSocketPath(config.dataFolder), { answer, log });
    isReady = true;
    const { port } = server.address() as AddressInfo;
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

function listMounts(
  config: Config,
  rooms: OpenRooms,
  { answer, isReady, log }: { answer: Rooms['answer']; isReady: () => boolean; log: Log },
): readonly Mount[] {
  const { tokens } = config.admin;
  const health = { isReady, policyProblem: rooms.admin.policy.problem };
  const mounts: Mount[] = [
    { path: '/healthz', handler: serveHealth(health), isForPeople: false },
    { path: '/readyz', handler: serveReadiness(health), isForPeople: false },
  ];
  if (config.metrics.enabled) {
    const { contentType, render } = rooms.metrics;
    const handler = serveMetrics({ contentType, render, tokens: config.metrics.requireToken ? tokens : undefined });
    mounts.push({ path: '/metrics', handler, isForPeople: false });
  }
  if (tokens.length > 0)
    mounts.push({ path: '/-/api', handler: adminRoutes({ answer, tokens, log }), isForPeople: true });
  return mounts;
}

/** Listens, or says plainly why not. */
function listen(server: Server, { host, port }: Config['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `port ${String(port)} on ${host} is in use: stop what uses it, or take another port (--port 8081)`
          : `cannot listen on ${host}:${String(port)}`;
      reject(new CordonError('CONFIG_INVALID', why, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}

/** Stops taking connections and waits for the answers under way, then cuts the rest. */
async function drain(server: Server, waitMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), waitMs);
  await closed;
  clearTimeout(timer);
}
