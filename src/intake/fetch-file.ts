// Owns the way of a file's bytes from its upstream into the store: stage, digest, commit gate. May import ports and pypi.
// Start at fetchFile. What it adopts agrees with everything the index announced; nothing else is ever kept.
import { CordonError, isCordonError } from '../errors.ts';
import type { Stage } from '../ports/blob-store.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { IndexSource } from '../ports/index-source.ts';
import type { Sha256 } from '../pypi/model.ts';
import type { IntakeDeps } from './deps.ts';
import { type Check, checkTransfer, createDigester, type Received } from './digests.ts';

/** A transfer that broke off is begun again this often. */
const MAX_TRIES = 3;
/** Other bytes than announced: once may be a bad cache on the way, twice is the index's word against its file server's. */
const MAX_MISMATCHES = 2;

/** Bytes that are in the store now. */
export interface Adopted {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/** Bytes that came twice and were not what was announced. */
export interface Rejected {
  readonly against: 'announced' | 'pinned';
  readonly detail: string;
}

export type FetchOutcome = ({ readonly kind: 'adopted' } & Adopted) | ({ readonly kind: 'rejected' } & Rejected);

/** Told of each piece that came. */
export type OnProgress = (receivedBytes: number, totalBytes: number | undefined) => void;

type FetchDeps = Pick<IntakeDeps, 'findSource' | 'index' | 'blobs' | 'metrics' | 'log' | 'clock' | 'limits'>;

function findOwnSource(row: StoredFile, deps: FetchDeps): IndexSource {
  const isAllowed = deps.index.findUpstreams(row.project).includes(row.upstream);
  const source = isAllowed ? deps.findSource(row.upstream) : undefined;
  if (source === undefined) {
    throw new CordonError('NOT_FOUND', `${row.project} is not asked of ${row.upstream} any more.`);
  }
  return source;
}

function assertFetchable(row: StoredFile, maxBytes: number): void {
  // the bytes of a file that its index took away may still lie at their URL: what was withdrawn is not fetched anew
  if (row.removedAt !== undefined) {
    throw new CordonError('NOT_FOUND', `${row.file.filename} is no longer offered by its index, and no copy is held.`);
  }
  if ((row.file.sizeBytes ?? 0) > maxBytes) throw tooLarge(row, maxBytes);
}

function tooLarge(row: StoredFile, maxBytes: number): CordonError {
  const mebibytes = String(Math.floor(maxBytes / 1024 / 1024));
  return new CordonError(
    'FORBIDDEN',
    `${row.file.filename} is larger than ${mebibytes} MiB, the most that is fetched and scanned (fetch.maxFileMiB).`,
  );
}

/** A transfer that ended: whole, as far as its server says, or broken off on the way. */
type Transfer =
  | { readonly kind: 'ended'; readonly received: Received }
  | { readonly kind: 'broken'; readonly error: CordonError };

/** Reads the body into the stage. Ends it early when more comes than was announced or is allowed. */
async function receive(
  row: StoredFile,
  source: IndexSource,
  stage: Stage,
  signal: AbortSignal,
  findMaxBytes: () => number,
  onProgress: OnProgress,
): Promise<Transfer> {
  // what fails before the body was already tried again by the source
  const answer = await source.fetchFile(row.file.url, signal);
  if (answer.status !== 200) {
    answer.body.on('error', () => undefined).destroy();
    throw new CordonError('NOT_FOUND', `${row.upstream} lists ${row.file.filename} but does not have it.`);
  }
  const announcedBytes = row.file.sizeBytes;
  const totalBytes = announcedBytes ?? answer.sizeBytes;
  const digester = createDigester(row.file.hashes);
  let receivedBytes = 0;
  onProgress(0, totalBytes);
  try {
    for await (const chunk of answer.body) {
      const bytes = chunk as Buffer;
      receivedBytes += bytes.length;
      if (receivedBytes > findMaxBytes()) throw tooLarge(row, findMaxBytes());
      digester.update(bytes);
      // one byte too many settles it; the rest of an endless body is not worth the wait
      if (announcedBytes !== undefined && receivedBytes > announcedBytes) break;
      await stage.write(bytes);
      onProgress(receivedBytes, totalBytes);
    }
  } catch (error) {
    if (signal.aborted || !isCordonError(error, 'UPSTREAM_DOWN')) throw error;
    return { kind: 'broken', error };
  }
  return { kind: 'ended', received: digester.finish(answer.sizeBytes) };
}

type Attempt =
  | { readonly kind: 'adopted'; readonly received: Received }
  | Exclude<Check, { readonly kind: 'same' }>
  | { readonly kind: 'broken'; readonly error: CordonError };

/** One transfer through the commit gate: its bytes are in the store, or gone. */
async function attemptTransfer(
  row: StoredFile,
  source: IndexSource,
  signal: AbortSignal,
  onProgress: OnProgress,
  findMaxBytes: () => number,
  deps: FetchDeps,
): Promise<Attempt> {
  const startedAt = deps.clock.now();
  const stage = await deps.blobs.stage(row.file.filename);
  let outcome: 'adopted' | 'mismatch' | 'failed' = 'failed';
  let receivedBytes = 0;
  try {
    const transfer = await receive(row, source, stage, signal, findMaxBytes, onProgress);
    if (transfer.kind === 'broken') return transfer;
    const { received } = transfer;
    receivedBytes = received.sizeBytes;
    const check = checkTransfer(row, received);
    if (check.kind !== 'same') {
      outcome = check.kind === 'mismatch' ? 'mismatch' : 'failed';
      return check;
    }
    await stage.adopt(received.sha256);
    outcome = 'adopted';
    return { kind: 'adopted', received };
  } finally {
    if (outcome !== 'adopted') await stage.discard();
    deps.metrics.countFetch(outcome, receivedBytes, deps.clock.now() - startedAt);
  }
}

/**
 * Fetches the bytes of a file into the store.
 *
 * @param findMaxBytes more than this is never read; asked again while bytes come, for a job that is promoted may take more
 * @throws UPSTREAM_DOWN or UPSTREAM_SLOW when it breaks off again and again, NOT_FOUND, FORBIDDEN (too large, or a place that is
 *   not allowed), STORE_DOWN; the reason of `signal` when it is given up
 */
export async function fetchFile(
  row: StoredFile,
  findMaxBytes: () => number,
  signal: AbortSignal,
  onProgress: OnProgress,
  deps: FetchDeps,
): Promise<FetchOutcome> {
  const source = findOwnSource(row, deps);
  assertFetchable(row, findMaxBytes());
  const { filename } = row.file;
  let mismatches = 0;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    const result = await attemptTransfer(row, source, signal, onProgress, findMaxBytes, deps);
    if (result.kind === 'adopted') {
      const { sha256, sizeBytes } = result.received;
      return { kind: 'adopted', sha256, sizeBytes };
    }
    deps.log.warn({ project: row.project, filename, attempt, ...describeAttempt(result) }, 'a transfer went wrong');
    if (result.kind === 'mismatch') mismatches += 1;
    if (result.kind === 'mismatch' && mismatches >= MAX_MISMATCHES) {
      return { kind: 'rejected', against: result.against, detail: result.detail };
    }
    if (attempt >= MAX_TRIES) {
      if (result.kind === 'broken') throw result.error;
      throw new CordonError('UPSTREAM_DOWN', `${row.upstream} sends ${filename} in part: ${result.detail}.`);
    }
  }
}

function describeAttempt(result: Exclude<Attempt, { readonly kind: 'adopted' }>): Readonly<Record<string, unknown>> {
  return result.kind === 'broken' ? { kind: result.kind, err: result.error } : { ...result };
}
