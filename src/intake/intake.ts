// Owns the jobs that bring files in: one per file, whoever asks, detached from every client. May import ports, index, judge, pypi.
// Start at createIntake; job.ts is the path of one file, slots.ts the line, speculation.ts the budget for work ahead.
import { CordonError, type ErrorCode, isCordonError } from '../errors.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { Intake, JobOutcome, JobTimes } from '../ports/intake.ts';
import type { Sha256 } from '../pypi/model.ts';
import type { IntakeDeps } from './deps.ts';
import { createWorkshop, type Job, readerOf, runJob, scanHeld } from './job.ts';
import { recordScan } from './record.ts';
import { createSlots, type Priority } from './slots.ts';
import { createSpeculation } from './speculation.ts';

/** How long a failure is the answer before the file is tried again, ms. */
const FAILURE_MS: Readonly<Partial<Record<ErrorCode, number>>> = {
  UPSTREAM_MISMATCH: 60_000,
  FORBIDDEN: 60_000,
  NOT_FOUND: 10_000,
};
const OTHER_FAILURE_MS = 2_000;
/** Failures that are remembered; the oldest are forgotten first. */
const MAX_FAILURES = 10_000;
/** A file of unknown size weighs this much in the line. */
const UNKNOWN_BYTES = 8 * 1024 * 1024;

export interface IntakeService extends Intake {
  /** Says whether a job needs these bytes, so that eviction leaves them alone. */
  isInUse(sha256: Sha256): boolean;
}

interface Running {
  readonly job: Job;
  readonly done: Promise<JobTimes>;
}

interface Failure {
  readonly error: CordonError;
  readonly until: number;
}

/** Waits for a promise at most so long; undefined when it takes longer. */
async function within<T>(promise: Promise<T>, waitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, waitMs, undefined);
  });
  try {
    return await Promise.race([promise, patience]);
  } finally {
    clearTimeout(timer);
  }
}

function toFailure(error: unknown): CordonError {
  if (isCordonError(error)) return error;
  // a bug: its text stays inside
  return new CordonError('STORE_DOWN', 'The file could not be taken in.', { cause: error, expose: false });
}

export function createIntake(deps: IntakeDeps): IntakeService {
  const { clock, log, limits } = deps;
  const slots = createSlots({
    total: limits.fetches,
    // what nobody asked for leaves most of the line free
    speculative: Math.max(1, Math.floor(limits.fetches / 2)),
    weight: limits.fetchBytes,
    queue: limits.queue,
  });
  const speculation = createSpeculation(limits.speculative, clock);
  const workshop = createWorkshop(deps, slots);
  const running = new Map<string, Running>();
  const failures = new Map<string, Failure>();
  const rescans = new Map<AbortController, Sha256>();
  let isClosed = false;

  function rememberFailure(key: string, error: CordonError): void {
    failures.delete(key);
    failures.set(key, { error, until: clock.now() + (FAILURE_MS[error.code] ?? OTHER_FAILURE_MS) });
    const oldest = failures.size > MAX_FAILURES ? failures.keys().next().value : undefined;
    if (oldest !== undefined) failures.delete(oldest);
  }

  function findFailure(key: string): CordonError | undefined {
    const failure = failures.get(key);
    if (failure === undefined) return undefined;
    if (clock.now() < failure.until) return failure.error;
    failures.delete(key);
    return undefined;
  }

  async function finish(job: Job): Promise<JobTimes> {
    const { key, project, file } = job.row;
    try {
      return await runJob(job, workshop);
    } catch (error) {
      const failure = toFailure(error);
      // dropped for others, or too large to fetch ahead: no answer to who really asks
      const isMoot = job.ticket.priority === 'speculative' && isCordonError(failure, 'OVERLOADED', 'FORBIDDEN');
      if (!isMoot && !isClosed) {
        rememberFailure(key, failure);
        const fields = { project, filename: file.filename, err: failure };
        if (isCordonError(error) && error.code !== 'STORE_DOWN') log.warn(fields, 'a file could not be taken in');
        else log.error(fields, 'a file could not be taken in');
      }
      throw failure;
    } finally {
      running.delete(key);
      speculation.end(key);
    }
  }

  function start(row: StoredFile, priority: Priority): Running {
    const job: Job = {
      row,
      ticket: { priority, weight: row.file.sizeBytes ?? UNKNOWN_BYTES },
      abort: new AbortController(),
      phase: { kind: 'queued' },
      scanning: undefined,
    };
    const started: Running = { job, done: finish(job) };
    // a job nobody waits for fails in silence; the log has it
    started.done.catch(() => undefined);
    running.set(row.key, started);
    return started;
  }

  function promote(job: Job): void {
    if (job.ticket.priority === 'requested') return;
    slots.promote(job.ticket);
    if (job.scanning !== undefined) deps.scanner.promote(job.scanning, 'requested');
  }

  /** A file that somebody asks for takes along those that bring the same bytes. */
  function promoteTwins(row: StoredFile): void {
    if (row.sha256 === undefined) return;
    for (const { job } of running.values()) {
      if (job.row.sha256 === row.sha256) promote(job);
    }
  }

  function assertOpen(): void {
    if (isClosed) throw new CordonError('OVERLOADED', 'The server is stopping.');
  }

  return {
    async join(file, waitMs): Promise<JobOutcome> {
      assertOpen();
      const held = running.get(file.key);
      if (held !== undefined) promote(held.job);
      promoteTwins(file);
      speculation.use(file.key);
      const failure = held === undefined ? findFailure(file.key) : undefined;
      if (failure !== undefined) throw failure;
      const { job, done } = held ?? start(file, 'requested');
      const times = await within(done, waitMs);
      return times === undefined ? { kind: 'waiting', phase: job.phase } : { kind: 'done', times };
    },
    speculate(file, client) {
      if (isClosed || running.has(file.key) || findFailure(file.key) !== undefined) return;
      if (!speculation.begin(file.key, client, file.file.sizeBytes)) return;
      start(file, 'speculative');
    },
    findPhase: (file) => running.get(file.key)?.job.phase,
    async rescan(file) {
      assertOpen();
      const { sha256 } = file;
      const sizeBytes = sha256 === undefined ? undefined : await deps.blobs.findSize(sha256);
      if (sha256 === undefined || sizeBytes === undefined) {
        throw new CordonError('NOT_FOUND', `The stored bytes of ${file.file.filename} are gone.`);
      }
      const abort = new AbortController();
      rescans.set(abort, sha256);
      try {
        const held = { sha256, sizeBytes };
        const outcome = await scanHeld(file, held, 'rescan', abort.signal, () => undefined, workshop);
        await recordScan(file, outcome, deps, readerOf('rescan', abort.signal, workshop));
      } finally {
        rescans.delete(abort);
      }
    },
    isInUse: (sha256) =>
      [...rescans.values()].includes(sha256) || [...running.values()].some(({ job }) => job.row.sha256 === sha256),
    stats: () => ({
      jobs: running.size,
      bytesInFlight: slots.stats().weight,
      speculative: speculation.stats().jobs,
    }),
    async close() {
      isClosed = true;
      const reason = new CordonError('OVERLOADED', 'The server is stopping.');
      for (const abort of rescans.keys()) abort.abort(reason);
      for (const { job } of running.values()) job.abort.abort(reason);
      await Promise.allSettled([...running.values()].map(({ done }) => done));
    },
  };
}
