// Owns the file of popular names: read at the start, and again when it has changed. May import policy and ports.
// Start at openPopularNames.
import { readFileSync, statSync } from 'node:fs';
import { CordonError } from '../errors.ts';
import { type PopularNames, parsePopularNames } from '../policy/name-confusion.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

/** The file is looked at once in this time at most. */
const LOOK_AFTER_MS = 60_000;

/**
 * Gives the names as the file has them now, within a minute. A file that is gone or empty later changes nothing.
 *
 * @throws CONFIG_INVALID when the file cannot be read at the start, or names nothing
 */
export function openPopularNames(path: string, { clock, log }: { clock: Clock; log: Log }): () => PopularNames {
  let { names, changedAt } = read(path);
  let lookedAt = clock.now();
  return () => {
    const now = clock.now();
    if (now - lookedAt < LOOK_AFTER_MS) return names;
    lookedAt = now;
    try {
      if (statSync(path).mtimeMs === changedAt) return names;
      ({ names, changedAt } = read(path));
      log.info({ path, names: names.names.size }, 'the popular names were read again');
    } catch (err) {
      log.warn({ path, err }, 'the popular names cannot be read; the last ones stay in force');
    }
    return names;
  };
}

function read(path: string): { readonly names: PopularNames; readonly changedAt: number } {
  try {
    const changedAt = statSync(path).mtimeMs;
    const names = parsePopularNames(readFileSync(path, 'utf8'));
    if (names.names.size > 0) return { names, changedAt };
  } catch (cause) {
    throw new CordonError('CONFIG_INVALID', `popularProjectsFile: ${path} cannot be read`, { cause });
  }
  throw new CordonError('CONFIG_INVALID', `popularProjectsFile: ${path} names no project`);
}
