// Owns what is odd about the first release of a project. Pure. Start at findFirstReleaseOddity.
import { parseVersion } from '../pypi/version.ts';
import type { ReleaseChange } from './facts.ts';

/** Projects begin small; whoever wants to win against a private project of the same name begins here. */
const HIGH_MAJOR = 50;
/** years, as in `2026.1` or `26.1` */
const YEARS = { from: 1990, to: 2100 };
const ODD_SCORE = 2;

/** A first release with a version that only makes sense where it must be higher than another project's. */
export function findFirstReleaseOddity(version: string | undefined): ReleaseChange | undefined {
  const parsed = parseVersion(version ?? '')?.release[0];
  const major = parsed === undefined ? undefined : Number(parsed);
  if (major === undefined || major < HIGH_MAJOR || (major >= YEARS.from && major < YEARS.to)) return undefined;
  // dates written in one go: 20260115
  if (major >= YEARS.from * 10_000) return undefined;
  const message = `the first release of a young project has the version ${String(version).slice(0, 60)}`;
  return { kind: 'odd-first-release', score: ODD_SCORE, message };
}
