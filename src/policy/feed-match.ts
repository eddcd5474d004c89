// Owns which records of a feed of malicious packages name a release. Pure. Start at matchFeed.
// A record lists versions, or ranges, or neither: then it means the whole project.
// @see https://ossf.github.io/osv-schema/#affected-fields

import { compareVersions } from '../pypi/version.ts';
import type { AffectedRange, FeedRecord } from './facts.ts';
import { releaseKey } from './release-key.ts';

/**
 * The records that name a release.
 *
 * @param records those of the file's project
 * @param version as written in the filename; undefined: it says none. Such a file of a project with malicious releases may
 *   be one of them, so every record names it.
 */
export function matchFeed(records: readonly FeedRecord[], version: string | undefined): readonly FeedRecord[] {
  const release = releaseKey(version);
  if (version === undefined || release === undefined) return records;
  return records.filter((record) => isNamed(record, version, release));
}

function isNamed({ versions, ranges }: FeedRecord, version: string, release: string): boolean {
  if (versions === undefined && ranges === undefined) return true;
  if (versions?.some((listed) => releaseKey(listed) === release) === true) return true;
  return ranges?.some((range) => isInRange(range, version)) === true;
}

/** `introduced: "0"` is before every version. */
function isInRange({ introduced, fixed, lastAffected }: AffectedRange, version: string): boolean {
  if (introduced !== '0' && compareVersions(version, introduced) < 0) return false;
  if (fixed !== undefined && compareVersions(version, fixed) >= 0) return false;
  return lastAffected === undefined || compareVersions(version, lastAffected) <= 0;
}
