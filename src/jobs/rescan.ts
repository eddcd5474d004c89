import { isCordonError } from '../errors.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { DecisionStore, StoredFile } from '../ports/decision-store.ts';
import type { Intake } from '../ports/intake.ts';
import type { Log } from '../ports/log.ts';
import type { Sha256 } from '../pypi/model.ts';
import type { Job } from './scheduler.ts';

export interface RescanDeps {
  readonly store: Pick<DecisionStore, 'reports' | 'files'>;
  readonly blobs: Pick<BlobStore, 'findSize'>;
  readonly intake: Pick<Intake, 'rescan'>;
  readonly log: Log;
  /** the rules in force */
  readonly ruleset: string;
}

/** Files per run: with the pause between two busy runs this bounds what a new ruleset costs while clients are served. */
const FILES_PER_RUN = 50;
const BUSY_PAUSE_MS = 1_000;
const PAUSE_MS = 10 * 60_000;
const FIRST_AFTER_MS = 15_000;

interface OutdatedFile {
  readonly sha256: Sha256;
  readonly filename: string;
}

/** Files per question: answering it walks all reports. */
const QUEUE_LENGTH = 1_000;

/**
 * Scans again what was scanned by other rules than those in force, most recently served first, one file after the other.
 * What a new report changes (events, notices) is told by intake. Files whose bytes were evicted are left alone: the next
 * request fetches and scans them. The rules of a process never change, so once nothing is outdated nothing will be.
 */
export function rescanJob(deps: RescanDeps): Job {
  const queue: OutdatedFile[] = [];
  // what cannot be scanned now would otherwise stand in front of the queue for ever
  const skipped = new Set<string>();
  let isDone = false;

  const refill = async (): Promise<void> => {
    const outdated = await deps.store.reports.findOutdated(deps.ruleset, skipped.size + QUEUE_LENGTH);
    queue.push(...outdated.filter((file) => !skipped.has(idOf(file))).slice(0, QUEUE_LENGTH));
    isDone = queue.length === 0;
  };

  return {
    name: 'rescan',
    firstAfterMs: FIRST_AFTER_MS,
    pauseMs: PAUSE_MS,
    busyPauseMs: BUSY_PAUSE_MS,
    run: async (signal) => {
      if (!isDone && queue.length === 0) await refill();
      let scanned = 0;
      while (queue.length > 0 && scanned < FILES_PER_RUN && !signal.aborted) {
        const [file] = queue;
        if (file === undefined) break;
        // it leaves the queue when it is dealt with: a scanner without room throws, and the file comes again
        if ((await rescanOne(file, deps)) === 'skip') skipped.add(idOf(file));
        queue.shift();
        scanned += 1;
      }
      if (scanned > 0) deps.log.info({ files: scanned }, 'files were scanned again by the rules in force');
      return !isDone && !signal.aborted;
    },
  };
}

function idOf({ sha256, filename }: OutdatedFile): string {
  return `${sha256} ${filename}`;
}

/** Throws OVERLOADED when the scanner has no room: the run ends and is tried again later. */
async function rescanOne({ sha256, filename }: OutdatedFile, deps: RescanDeps): Promise<'done' | 'skip'> {
  const file = await findFile(sha256, filename, deps.store);
  if (file === undefined || (await deps.blobs.findSize(sha256)) === undefined) return 'skip';
  try {
    await deps.intake.rescan(file);
    return 'done';
  } catch (error) {
    if (isCordonError(error, 'OVERLOADED', 'STORE_DOWN')) throw error;
    deps.log.warn({ filename, sha256, err: error }, 'a file could not be scanned again; its old report stays');
    return 'skip';
  }
}

/** One report belongs to all rows of these bytes under this name; any of them will do. */
async function findFile(sha256: Sha256, filename: string, store: RescanDeps['store']): Promise<StoredFile | undefined> {
  const files = await store.files.findBySha256(sha256);
  return files.find(({ file }) => file.filename === filename);
}
