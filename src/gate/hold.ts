// Owns the wait of a request for the job of its file. Imports intake by its port. Start at hold.
import type { StoredFile } from '../ports/decision-store.ts';
import type { JobOutcome } from '../ports/intake.ts';
import type { NextHop, Timing, Unfinished } from './answers.ts';
import type { Client, GateDeps } from './deps.ts';

/** A request that may wait. */
export interface HoldRequest {
  /** hops taken so far, from `?h=`; it only counts, the job is the file's */
  readonly hop: number;
  readonly client: Client;
  /** aborted when the client leaves; its place among the waiting is free then, the work goes on */
  readonly signal: AbortSignal;
}

/** Joins the job of this file, whoever started it, and waits in silence: pip gives up after 15 s of it. */
export async function hold(file: StoredFile, request: HoldRequest, deps: GateDeps): Promise<Timing> {
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

/** The answer of a request that waited and still has no verdict. */
export function answerWaiting(
  file: StoredFile,
  request: HoldRequest,
  timing: Timing,
  deps: GateDeps,
): NextHop | Unfinished {
  if (request.hop < deps.settings.hops) return { kind: 'next-hop', file, hop: request.hop + 1, timing };
  return { kind: 'unfinished', file, phase: deps.intake.findPhase(file), timing };
}
