// Owns the spelling of names and digests. Imports the model alone. Start at parseProjectName.
import type { ProjectName, Sha256, UpstreamId } from './model.ts';

/** No index accepts longer names, and a filename could not hold one. */
const MAX_NAME_LENGTH = 200;
// Not /i alone with \w: Unicode case folding would let U+017F and U+212A in.
const VALID_NAME = /^(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9])$/;

/**
 * Reads any spelling of a project name and returns the normalised one: runs of `-`, `_` and `.` become one `-`, lower case.
 *
 * @returns undefined when no project can have this name; never throws
 * @see https://packaging.python.org/en/latest/specifications/name-normalization/
 */
export function parseProjectName(text: string): ProjectName | undefined {
  if (text.length > MAX_NAME_LENGTH || !VALID_NAME.test(text)) return undefined;
  return text.replace(/[-_.]+/g, '-').toLowerCase() as ProjectName;
}

/** Reads a hex sha256 in either case. */
export function parseSha256(text: string): Sha256 | undefined {
  return /^[0-9a-fA-F]{64}$/.test(text) ? (text.toLowerCase() as Sha256) : undefined;
}

/** Reads the name of a configured upstream: lower-case letters, digits and dashes, beginning with no dash. */
export function parseUpstreamId(text: string): UpstreamId | undefined {
  return text.length <= 64 && /^[a-z0-9][a-z0-9-]*$/.test(text) ? (text as UpstreamId) : undefined;
}
