import type { Unscannable } from '../report/scan-report.ts';

/**
 * Thrown by the readers of this folder where reading cannot go on; openArchive turns it into an `unscannable` result.
 * Always deterministic: the same bytes throw the same again.
 */
export class UnreadableError extends Error {
  readonly reason: Unscannable['cause'];

  constructor(reason: Unscannable['cause'], message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'UnreadableError';
    this.reason = reason;
  }
}
