import type { Request } from 'express';
import type { FileAnswer, MetadataAnswer, Timing } from '../gate/answers.ts';
import type { AccessRecord, StoredFile } from '../ports/decision-store.ts';
import type { HttpDeps } from './deps.ts';
import { getContext, tameUserAgent } from './request-context.ts';

/** What is written down of an answer about a file; undefined: nothing (a hop, a 404, metadata that was served). */
function describe(
  answer: FileAnswer | MetadataAnswer,
):
  | (Pick<AccessRecord, 'outcome' | 'verdict' | 'reason'> & { readonly file: StoredFile; readonly timing: Timing })
  | undefined {
  switch (answer.kind) {
    case 'file':
    case 'refused': {
      const { kind: verdict, reason } = answer.verdict;
      return {
        outcome: answer.kind === 'file' ? 'served' : 'refused',
        verdict,
        reason,
        file: answer.file,
        timing: answer.timing,
      };
    }
    case 'unfinished':
      return { outcome: 'held', verdict: 'needs-scan', reason: 'unscanned', file: answer.file, timing: answer.timing };
    case 'next-hop':
    case 'moved':
    case 'absent':
    case 'metadata':
      return undefined;
  }
}

/**
 * Records who got which file when, and each refusal and hold. The store takes the records at once and writes them later.
 * A file is on record before its first byte leaves: who worsens its verdict meanwhile finds everybody.
 *
 * @returns the record; undefined when nothing was recorded
 */
export function recordAccess(
  request: Request,
  answer: FileAnswer | MetadataAnswer,
  deps: HttpDeps,
): AccessRecord | undefined {
  const described = describe(answer);
  if (described === undefined) return undefined;
  deps.metrics.countVerdict(described.verdict, described.reason);
  // HEAD moves no bytes; who only looked did not get the file.
  if (described.outcome === 'served' && request.method === 'HEAD') return undefined;
  const { client } = getContext(request);
  const { file, timing, ...words } = described;
  const { holdMs, times } = timing;
  const record: AccessRecord = {
    at: deps.clock.now(),
    ...words,
    project: file.project,
    filename: file.file.filename,
    ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
    client: client.address,
    userAgent: tameUserAgent(client),
    ...(holdMs === 0 ? {} : { holdMs }),
    ...(times === undefined
      ? {}
      : { fetchMs: times.fetchMs, queueMs: times.queueMs + times.scanQueueMs, scanMs: times.scanMs }),
  };
  deps.onAccess?.(record);
  keep(deps.store.access.record([record]), record, deps);
  return record;
}

/** Records that a transfer did not come to its end; of a record that recordAccess gave. */
export function recordBreak(record: AccessRecord, sentBytes: number | undefined, deps: HttpDeps): void {
  keep(deps.store.access.breakOff(record, sentBytes), record, deps);
}

function keep(writing: Promise<void>, { project, filename }: AccessRecord, { log }: HttpDeps): void {
  writing.catch((error: unknown) => log.error({ err: error, project, filename }, 'an access record was lost'));
}
