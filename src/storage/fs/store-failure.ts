import { CordonError } from '../../errors.ts';

function codeOf(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? 'no code') : 'no code';
}

/** Says whether a failure means that the file or folder is not there. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** Wraps a failure of the file system, saying what to do about the usual ones. */
export function toStoreDown(error: unknown): CordonError {
  if (error instanceof CordonError) return error;
  const code = codeOf(error);
  const text: Readonly<Record<string, string>> = {
    ENOSPC: 'The disk of the data folder is full. Free space, or lower diskBudgetGiB.',
    EDQUOT: 'The disk quota of the data folder is used up. Raise it, or lower diskBudgetGiB.',
    EROFS: 'The data folder is on a read-only file system.',
    EACCES: 'The data folder cannot be written by this user.',
    EPERM: 'The data folder cannot be written by this user.',
    EMFILE: 'Too many files are open. Raise the limit of open files of the server.',
    ENFILE: 'Too many files are open on this machine.',
  };
  return new CordonError('STORE_DOWN', text[code] ?? `The data folder cannot be used (${code}).`, { cause: error });
}
