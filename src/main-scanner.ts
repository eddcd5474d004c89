// Owns the opening of the scanner: its children and the digest of the rules they work by. Used by main-rooms.ts, and by the
// commands that scan without a server: they need neither store nor network.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from './config.ts';
import { createLog } from './log.ts';
import type { Log } from './ports/log.ts';
import type { Scanner } from './ports/scanner.ts';
import { digestRuleset } from './ruleset.ts';
import { createScanPool } from './scan/scan-pool.ts';

const MIB = 1024 * 1024;
const SCAN_BACKOFF_MS = 1_000;

/** The folder of the built modules: this one's. */
const BUILT_FOLDER = fileURLToPath(new URL('.', import.meta.url));

/**
 * Starts the pool of scan children under the rules of this installation.
 *
 * @param childPath replaced by tests whose scans take their time
 */
export function openScanner(config: Config, log: Log = createLog(config.log), childPath?: string): Scanner {
  return createScanPool(
    {
      ruleset: digestRuleset(BUILT_FOLDER, join(config.installFolder, 'config', 'rules')),
      children: config.scan.children === 0 ? availableParallelism() : config.scan.children,
      deadlineMs: config.scan.deadlineSeconds * 1000,
      memoryBytes: config.scan.memoryMiB * MIB,
      retries: config.scan.retries,
      backoffMs: SCAN_BACKOFF_MS,
      maxQueue: config.scan.maxQueue,
      ...(childPath === undefined ? {} : { childPath }),
    },
    { log },
  );
}
