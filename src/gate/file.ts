// Owns the path of a file request, top to bottom. Imports intake, judge, index and stores by their ports. Start at serveFile.
import type { StoredFile } from '../ports/decision-store.ts';
import type { JobOutcome } from '../ports/intake.ts';
import type { Sha256 } from '../pypi/model.ts';
import type { AllowVerdict, FileAnswer, RefusalVerdict, Served, Timing } from './answers.ts';
import type { Client, GateDeps } from './deps.ts';
import { agreesWithMetadata } from './metadata-agreement.ts';
import { NOT_HELD, refuse } from './refuse.ts';
import { findPredictablePath, findRequestedFile } from './requested-file.ts';
import { findStoredSize, openStored } from './stored-size.ts';

export interface FileRequest {
  /** decoded path below our root, `packages/…` */
  readonly path: string;
  /** hops taken so far, from `?h=`; it only counts, the job is the file's */
  readonly hop: number;
  readonly client: Client;
  /** aborted when the client leaves; its place among the waiting is free then, the work goes on */
  readonly signal: AbortSignal;
}

/** What may be done with a file at this moment. */
type FileState =
  | {
      readonly kind: 'ready';
      readonly file: StoredFile;
      readonly verdict: AllowVerdict;
      readonly sha256: Sha256;
      readonly sizeBytes: number;
    }
  | { readonly kind: 'refused'; readonly file: StoredFile; readonly verdict: RefusalVerdict }
  /** no verdict yet, or allowed and its bytes are gone */
  | { readonly kind: 'wait'; readonly file: StoredFile };

/** GET, HEAD and Range of /packages/…/{filename}: not one byte leaves before the verdict, and it is judged again after a hold. */
export async function serveFile(request: FileRequest, deps: GateDeps): Promise<FileAnswer> {
  const file = await findRequestedFile(request.path, deps);
  if (file === undefined) return answerUnknown(request.path, deps);
  let state = await readState(file, deps);
  let timing = NOT_HELD;
  if (state.kind === 'wait') {
    timing = await hold(state.file, request, deps);
    state = await readState(await reread(file, deps), deps); // again: the policy may have changed while we held
  }
  switch (state.kind) {
    case 'wait':
      return answerWaiting(state.file, request, timing, deps);
    case 'refused':
      return refuse(state.file, state.verdict, timing, deps);
    case 'ready':
      return serve(state, timing, deps);
  }
}

async function readState(found: StoredFile, deps: GateDeps): Promise<FileState> {
  const file = (await agreesWithMetadata(found, deps)) ? found : await reread(found, deps);
  const { verdict } = await deps.judge.judgeFile(file);
  if (verdict.kind === 'needs-scan') return { kind: 'wait', file };
  if (verdict.kind !== 'allow') return { kind: 'refused', file, verdict };
  const sizeBytes = file.sha256 === undefined ? undefined : await findStoredSize(file.sha256, deps);
  if (file.sha256 === undefined || sizeBytes === undefined) return { kind: 'wait', file };
  return { kind: 'ready', file, verdict, sha256: file.sha256, sizeBytes };
}

/** The file's row as it is now: its digest may have been pinned, or a mismatch recorded. */
async function reread(file: StoredFile, deps: GateDeps): Promise<StoredFile> {
  return (await deps.store.files.findByKey(file.key)) ?? file;
}

/** Joins the job of this file, whoever started it, and waits in silence: pip gives up after 15 s of it. */
async function hold(file: StoredFile, request: FileRequest, deps: GateDeps): Promise<Timing> {
  const { holdMs, lastHoldMs, hops } = deps.settings;
  const leave = deps.holds.enter(request.client.address);
  const startedAt = deps.clock.now();
  try {
    const outcome = await untilLeft(deps.intake.join(file, request.hop < hops ? holdMs : lastHoldMs), request.signal);
    const heldMs = deps.clock.now() - startedAt;
    deps.metrics.countHold(toHoldOutcome(outcome, request.hop < hops), heldMs);
    return { holdMs: heldMs, ...(outcome?.kind === 'done' ? { times: outcome.times } : {}) };
  } finally {
    leave();
  }
}

function toHoldOutcome(outcome: JobOutcome | undefined, hasHops: boolean) {
  if (outcome === undefined) return 'client-left';
  if (outcome.kind === 'done') return 'verdict';
  return hasHops ? 'next-hop' : 'gave-up';
}

/** undefined when the client left first. */
async function untilLeft(joined: Promise<JobOutcome>, signal: AbortSignal): Promise<JobOutcome | undefined> {
  let onAbort: () => void = () => undefined;
  const left = new Promise<undefined>((resolve) => {
    onAbort = () => {
      resolve(undefined);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  joined.catch(() => undefined); // a failure after the client left is nobody's
  try {
    return await Promise.race([joined, left]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function answerWaiting(file: StoredFile, request: FileRequest, timing: Timing, deps: GateDeps): FileAnswer {
  if (request.hop < deps.settings.hops) return { kind: 'next-hop', file, hop: request.hop + 1, timing };
  return { kind: 'unfinished', file, phase: deps.intake.findPhase(file), timing };
}

function serve(state: Extract<FileState, { kind: 'ready' }>, timing: Timing, deps: GateDeps): Served {
  const { file, verdict, sha256, sizeBytes } = state;
  return {
    kind: 'file',
    file,
    verdict,
    sha256,
    sizeBytes,
    open: (range) => openStored(sha256, range, deps),
    timing,
  };
}

async function answerUnknown(path: string, deps: GateDeps): Promise<FileAnswer> {
  const known = await findPredictablePath(path, deps);
  return known === undefined
    ? { kind: 'absent', detail: 'no project lists this file' }
    : { kind: 'moved', path: known };
}
