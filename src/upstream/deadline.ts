// Owns the end of documents that trickle: requests wait for them. Imports errors alone.
import { CordonError } from '../errors.ts';

export interface Deadline {
  readonly signal: AbortSignal;
  readonly clear: () => void;
}

/** A signal that cuts, after so long, what is still on its way. */
export function createDeadline(upstream: string, ms: number, given?: AbortSignal): Deadline {
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort(new CordonError('UPSTREAM_SLOW', `${upstream} did not send a whole document in time.`));
  }, ms);
  return {
    signal: given === undefined ? deadline.signal : AbortSignal.any([given, deadline.signal]),
    clear: () => clearTimeout(timer),
  };
}

/** Gives an operation so long. */
export async function withinTime<T>(
  upstream: string,
  ms: number,
  operation: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, clear } = createDeadline(upstream, ms);
  return operation(signal).finally(clear);
}
