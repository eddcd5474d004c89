// Owns every failure that crosses a module border. Imports nothing. Start at CordonError.
// A refusal of a file is a verdict (policy/verdict.ts), never an exception.

/** Stable code of a failure; log lines, problem bodies and tests match on it, never on message text. */
export type ErrorCode =
  | 'BAD_REQUEST'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'METHOD'
  | 'CONFLICT'
  | 'PRECONDITION'
  | 'RANGE'
  | 'RATE_LIMITED'
  | 'UPSTREAM_DOWN'
  | 'UPSTREAM_MISMATCH'
  | 'UPSTREAM_SLOW'
  | 'STORE_DOWN'
  | 'OVERLOADED'
  | 'CONFIG_INVALID';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD: 405,
  CONFLICT: 409,
  PRECONDITION: 412,
  RANGE: 416,
  RATE_LIMITED: 429,
  UPSTREAM_DOWN: 502,
  UPSTREAM_MISMATCH: 502,
  UPSTREAM_SLOW: 504,
  STORE_DOWN: 503,
  OVERLOADED: 503,
  CONFIG_INVALID: 500,
};

export interface CordonErrorOptions {
  readonly cause?: unknown;
  /** false hides the message from clients (they see the code alone); default true */
  readonly expose?: boolean;
}

/** A failure with a stable code. The message says what, why and what to do. */
export class CordonError extends Error {
  readonly code: ErrorCode;
  /** HTTP status at the edge */
  readonly status: number;
  readonly expose: boolean;

  constructor(code: ErrorCode, message: string, options: CordonErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CordonError';
    this.code = code;
    this.status = STATUS[code];
    this.expose = options.expose ?? true;
  }
}

/** Says whether a thrown value is a CordonError with one of the codes. */
export function isCordonError(error: unknown, ...codes: readonly ErrorCode[]): error is CordonError {
  return error instanceof CordonError && (codes.length === 0 || codes.includes(error.code));
}
