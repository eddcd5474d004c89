// Owns how a failure on the wire becomes a failure of ours. Imports errors alone. Start at toCordonError.
import { CordonError, type ErrorCode } from '../errors.ts';

/** A failure that another try may cure. */
export class TransientError extends CordonError {
  /** what the upstream asked us to wait (Retry-After) */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown; readonly retryAfterMs?: number }) {
    super(code, message, options.cause === undefined ? {} : { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code === 'string') return code;
  return error instanceof AggregateError ? codeOf(error.errors[0]) : codeOf(error.cause);
}

/** The CordonError inside a wrapped one, e.g. thrown by our DNS lookup and wrapped by the HTTP client. */
function findCordonError(error: unknown, depth = 0): CordonError | undefined {
  if (error instanceof CordonError) return error;
  if (depth > 4 || !(error instanceof Error)) return undefined;
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  for (const each of inner) {
    const found = findCordonError(each, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Wraps whatever the HTTP client threw. Its own errors never leave this folder; what is already ours passes unchanged.
 *
 * @param upstream id, for the message
 */
export function toCordonError(error: unknown, upstream: string): CordonError {
  const ours = findCordonError(error);
  if (ours !== undefined) return ours;
  const code = codeOf(error) ?? 'no code';
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return new TransientError('UPSTREAM_SLOW', `${upstream} did not accept a connection in time.`, { cause: error });
  }
  return new TransientError('UPSTREAM_DOWN', `${upstream} could not be reached (${code}).`, { cause: error });
}

/** A body that ended before it should, or broke on the way. */
export function toBodyError(error: unknown, upstream: string): CordonError {
  const ours = findCordonError(error);
  if (ours !== undefined) return ours;
  return new TransientError('UPSTREAM_DOWN', `${upstream} broke off its answer (${codeOf(error) ?? 'no code'}).`, {
    cause: error,
  });
}
