// Owns the path of one file from its URL to its report, top to bottom. May import ports, index, pypi. Start at runJob.

import { CordonError, isCordonError } from '../errors.ts';
import { createSingleFlight } from '../index/single-flight.ts';
import type { ReadAgain } from '../judge/compare-on-scan.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { JobPhase, JobTimes } from '../ports/intake.ts';
import type { ScanOutcome, ScanRequest } from '../ports/scanner.ts';
import { parseSha256 } from '../pypi/names.ts';
import type { IntakeDeps } from './deps.ts';
import { type Adopted, fetchFile, type OnProgress } from './fetch-file.ts';
import { pinDigest, recordRejection, recordScan } from './record.ts';
import type { Slots, Ticket } from './slots.ts';

/** A job under way; changed in place by runJob and by who promotes it. */
export interface Job {
  readonly row: StoredFile;
  readonly ticket: Ticket;
  readonly abort: AbortController;
  phase: JobPhase;
  /** what is being scanned, so that it can be promoted */
  scanning: Pick<ScanRequest, 'sha256' | 'filename'> | undefined;
}

/** What the jobs of one intake share. */
export interface Workshop {
  readonly deps: IntakeDeps;
  readonly slots: Slots;
  /** one transfer per digest, however many files have it */
  readonly transfers: (key: string, operation: () => Promise<Adopted>) => Promise<Adopted>;
  /** one scan per digest and filename */
  readonly scans: (key: string, operation: () => Promise<ScanOutcome>) => Promise<ScanOutcome>;
}

export function createWorkshop(deps: IntakeDeps, slots: Slots): Workshop {
  return { deps, slots, transfers: createSingleFlight<Adopted>(), scans: createSingleFlight<ScanOutcome>() };
}

type Times = { -readonly [key in keyof JobTimes]: number };

/** Bytes in the store that this row means; undefined: they must be fetched. */
async function findHeld(row: StoredFile, deps: IntakeDeps): Promise<Adopted | undefined> {
  if (row.sha256 === undefined) return undefined;
  const sizeBytes = await deps.blobs.findSize(row.sha256);
  // a blob of another size was damaged where it lies: the next adoption puts it right
  const isWhole = sizeBytes !== undefined && (row.file.sizeBytes ?? sizeBytes) === sizeBytes;
  return isWhole ? { sha256: row.sha256, sizeBytes } : undefined;
}

/** A signal that ends with the job or after so long, and no timer or listener that outlives the operation. */
async function withDeadline<T>(job: Job, ms: number, operation: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new AbortController();
  const late = new CordonError('UPSTREAM_SLOW', `${job.row.file.filename} took too long to arrive.`);
  const timer = setTimeout(() => {
    deadline.abort(late);
  }, ms);
  const forward = (): void => {
    deadline.abort(job.abort.signal.reason);
  };
  job.abort.signal.addEventListener('abort', forward, { once: true });
  try {
    job.abort.signal.throwIfAborted();
    return await operation(deadline.signal);
  } finally {
    clearTimeout(timer);
    job.abort.signal.removeEventListener('abort', forward);
  }
}

async function fetchInTurn(row: StoredFile, job: Job, times: Times, workshop: Workshop): Promise<Adopted> {
  const { deps, slots } = workshop;
  const { limits, clock } = deps;
  const queuedAt = clock.now();
  const release = await slots.acquire(job.ticket);
  const startedAt = clock.now();
  times.queueMs += startedAt - queuedAt;
  const findMaxBytes = (): number =>
    job.ticket.priority === 'speculative' ? limits.speculative.maxFileBytes : limits.maxFileBytes;
  const onProgress: OnProgress = (receivedBytes, totalBytes) => {
    job.phase = { kind: 'fetching', receivedBytes, ...(totalBytes === undefined ? {} : { totalBytes }) };
  };
  try {
    const outcome = await withDeadline(job, limits.fetchMs, (signal) =>
      fetchFile(row, findMaxBytes, signal, onProgress, deps),
    );
    if (outcome.kind === 'adopted') return outcome;
    await recordRejection(row, outcome, deps);
    const { filename } = row.file;
    throw new CordonError('UPSTREAM_MISMATCH', `${filename} is not what its index announces: ${outcome.detail}.`);
  } finally {
    release();
    times.fetchMs += clock.now() - startedAt;
  }
}

/** The bytes of the row, from the store or from upstream. */
async function obtain(row: StoredFile, job: Job, times: Times, workshop: Workshop): Promise<Adopted> {
  const held = await findHeld(row, workshop.deps);
  if (held !== undefined) return held;
  const key = parseSha256(row.file.hashes['sha256'] ?? '') ?? row.key;
  const turn: { isOwn: boolean } = { isOwn: false };
  const fetchOwn = async (): Promise<Adopted> => {
    turn.isOwn = true;
    // another file with the same digest may have brought them while this one was looked up
    return (await findHeld(row, workshop.deps)) ?? fetchInTurn(row, job, times, workshop);
  };
  try {
    return await workshop.transfers(key, fetchOwn);
  } catch (error) {
    if (turn.isOwn) throw error;
    // what failed was the transfer of another file with this digest: of another upstream, or one nobody had asked for
    return workshop.transfers(key, fetchOwn);
  }
}

async function hasReport(row: StoredFile, deps: IntakeDeps): Promise<boolean> {
  if (row.sha256 === undefined) return false;
  const wanted = { sha256: row.sha256, filename: row.file.filename };
  const facts = await deps.store.reports.findFacts([wanted], deps.scanner.ruleset);
  return facts.some((each) => each.ruleset === deps.scanner.ruleset);
}

/** Scans bytes that are in the store. */
export async function scanHeld(
  row: StoredFile,
  held: Adopted,
  priority: ScanRequest['priority'],
  signal: AbortSignal,
  onStart: () => void,
  workshop: Workshop,
): Promise<ScanOutcome> {
  const { deps, scans } = workshop;
  const { filename } = row.file;
  return scans(`${held.sha256}/${filename}`, async () => {
    const path = await deps.blobs.findPath(held.sha256);
    if (path === undefined) throw new CordonError('NOT_FOUND', `The stored bytes of ${filename} are gone.`);
    const request = { path, filename, sha256: held.sha256, sizeBytes: held.sizeBytes, priority, onStart };
    return deps.scanner.scan(request, signal);
  });
}

/** How other files of the project are read again beside a scan: at its priority, and never at the price of it. */
export function readerOf(priority: ScanRequest['priority'], signal: AbortSignal, workshop: Workshop): ReadAgain {
  return async (row) => {
    try {
      const held = await findHeld(row, workshop.deps);
      if (held === undefined) return undefined;
      return (await scanHeld(row, held, priority, signal, () => undefined, workshop)).report;
    } catch (error) {
      if (!isCordonError(error)) throw error;
      const { project, file } = row;
      workshop.deps.log.debug({ project, filename: file.filename, err: error }, 'a file could not be read again');
      return undefined;
    }
  };
}

async function scanInTurn(row: StoredFile, held: Adopted, job: Job, times: Times, workshop: Workshop): Promise<void> {
  const { clock, metrics } = workshop.deps;
  const queuedAt = clock.now();
  let startedAt: number | undefined;
  job.phase = { kind: 'scan-queued' };
  job.scanning = { sha256: held.sha256, filename: row.file.filename };
  const onStart = (): void => {
    startedAt ??= clock.now();
    job.phase = { kind: 'scanning' };
  };
  let outcome: 'report' | 'unscannable' | 'failed' = 'failed';
  try {
    const scanning = scanHeld(row, held, job.ticket.priority, job.abort.signal, onStart, workshop);
    // the same bytes may be waiting already for a file that nobody asked for
    if (job.ticket.priority === 'requested') workshop.deps.scanner.promote(job.scanning, 'requested');
    const scanned = await scanning;
    outcome = scanned.report.unscannable === undefined ? 'report' : 'unscannable';
    await recordScan(row, scanned, workshop.deps, readerOf(job.ticket.priority, job.abort.signal, workshop));
  } finally {
    job.scanning = undefined;
    const endedAt = clock.now();
    times.scanQueueMs = (startedAt ?? endedAt) - queuedAt;
    times.scanMs = endedAt - (startedAt ?? endedAt);
    metrics.countScan(outcome, times.scanMs, times.scanQueueMs);
  }
}

/**
 * Locate → fetch → stage → commit gate → scan → record. What is already there is not done again, so that a job which a crash
 * cut anywhere is simply begun anew.
 */
export async function runJob(job: Job, workshop: Workshop): Promise<JobTimes> {
  const { deps } = workshop;
  const times: Times = { queueMs: 0, fetchMs: 0, scanQueueMs: 0, scanMs: 0 };
  const row = (await deps.store.files.findByKey(job.row.key)) ?? job.row;
  if (!(await hasReport(row, deps))) deps.onBegin?.(row);
  const held = await obtain(row, job, times, workshop);
  const pinned = await pinDigest(row, held.sha256, deps);
  if (await hasReport(pinned, deps)) return times;
  await scanInTurn(pinned, held, job, times, workshop);
  return times;
}
