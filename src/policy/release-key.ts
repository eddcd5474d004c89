import { parseVersion } from '../pypi/version.ts';

/**
 * Text that is equal for versions that are the same release: `1.0`, `1.0.0` and `v1.0` of one project.
 * What PEP 440 does not know is its own release, compared as written, without case.
 *
 * @returns undefined for an unknown version: nobody knows which release such a file belongs to
 */
export function releaseKey(version: string | undefined): string | undefined {
  if (version === undefined) return undefined;
  const parsed = parseVersion(version);
  if (parsed === undefined) return `=${version.trim().toLowerCase()}`;
  const release = [...parsed.release];
  while (release.length > 1 && release.at(-1) === '0') release.pop();
  const start = parsed.normal.indexOf('!') + 1;
  const end = start + parsed.release.join('.').length;
  return parsed.normal.slice(0, start) + release.join('.') + parsed.normal.slice(end);
}
