// Owns the putting together: this file and main-*.ts are the only places where adapters are created. May import everything.
// Start at startServer, which listens to what main-rooms.ts has built.
import { join } from 'node:path';
import { answerAdmin } from './admin/admin.ts';
import type { AdminAnswer, AdminRequest } from './admin/admin-request.ts';
import type { Config } from './config.ts';
import { CordonError } from './errors.ts';
import { controlSocketPath, openControlServer } from './http/control-server.ts';
import { drain, listen } from './http/listen.ts';
import { listMounts } from './http/mounts.ts';
import { createServer } from './http/server.ts';
import { createLog } from './log.ts';
import { buildRooms, type RoomSeams } from './main-rooms.ts';
import { httpSettings, passThroughOf } from './main-settings.ts';
import { hasSqliteStore } from './storage/sqlite/sqlite-store.ts';

/** Everything but the port that listens. */
export interface Rooms {
  readonly answer: (request: AdminRequest) => Promise<AdminAnswer>;
  readonly close: () => Promise<void>;
}

/**
 * Opens a data folder for this process alone, without listening: for the CLI when no server runs.
 *
 * @throws CordonError STORE_DOWN when there is none and `mayMake` is false
 */
export async function openRooms(config: Config, { mayMake }: { readonly mayMake: boolean }): Promise<Rooms> {
  if (!mayMake && !hasSqliteStore(config.dataFolder)) {
    throw new CordonError(
      'STORE_DOWN',
      `there is no data folder of Cordon at ${config.dataFolder}, and nothing was made. The first start (cordon serve) makes it. For another one: --data-folder, CORDON_DATA_FOLDER, or dataFolder in the settings; for a server elsewhere: --url or CORDON_URL.`,
    );
  }
  const rooms = await buildRooms(config, createLog({ ...config.log, level: 'warn' }));
  return { answer: (request) => answerAdmin(request, rooms.admin), close: rooms.close };
}

export interface RunningServer {
  readonly port: number;
  readonly version: string;
  /** in force at the start; an administrator may have set another one than the configuration */
  readonly mode: Config['mode'];
  /** Stops taking requests, lets those under way end within a bound, and closes the rooms. */
  close(): Promise<void>;
}

/** Requests under way may end within this time after a stop was asked for; `docker stop` kills after 10 s, and rooms close after it. */
const DRAIN_MS = 8_000;

/**
 * Runs the server.
 *
 * @throws CordonError CONFIG_INVALID when the port cannot be had, CONFLICT when another server uses the data folder
 */
export async function startServer(config: Config, seams: RoomSeams = {}): Promise<RunningServer> {
  const log = createLog(config.log);
  const rooms = await buildRooms(config, log, seams);
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
    const { mode } = await rooms.admin.policy.current();
    isReady = true;
    log.info({ host: config.listen.host, port }, 'cordon answers');
    return {
      port,
      version: rooms.admin.facts.version,
      mode,
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
