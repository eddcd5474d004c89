// Owns which of two entries is the narrower one. Pure. Start at overrides.
// Both entries match the file at hand, so equal conditions are known to agree; what is asked is whether one of them
// always speaks of no more files than the other.
import { parseSpecifier } from '../pypi/specifier.ts';
import type { EntryScope, PolicyEntry } from './entry.ts';
import { isExact } from './name-pattern.ts';

/** A waiver: an allow for one file and its very bytes, and nothing else. */
export function isWaiver({ effect, scope }: PolicyEntry): boolean {
  const { project, filename, sha256 } = scope;
  return (
    effect === 'allow' && project !== undefined && sha256 !== undefined && filename !== undefined && isExact(filename)
  );
}

/** Says whether an allow beats a deny. Where the two cannot be ordered by width, or are equally wide, it does not. */
export function overrides(allow: PolicyEntry, deny: PolicyEntry): boolean {
  if (deny.final || deny.scope.sha256 !== undefined) return false;
  if (isWaiver(allow)) return true;
  return isWithin(allow.scope, deny.scope) && !isWithin(deny.scope, allow.scope);
}

/** Of `others`, those of the other effect that decide instead of this entry wherever both apply. */
export function listStronger(entry: PolicyEntry, others: readonly PolicyEntry[]): readonly PolicyEntry[] {
  return others.filter((other) => {
    if (other.effect === entry.effect || !mayMeet(entry.scope, other.scope)) return false;
    return entry.effect === 'allow' ? !overrides(entry, other) : overrides(other, entry);
  });
}

/** Says whether there may be a file that both speak of. */
function mayMeet(one: EntryScope, other: EntryScope): boolean {
  const isSplit = (key: 'project' | 'sha256' | 'upstream'): boolean =>
    one[key] !== undefined && other[key] !== undefined && one[key] !== other[key];
  if (isSplit('project') || isSplit('sha256') || isSplit('upstream')) return false;
  return !areTwo(one.filename, other.filename, isExact) && !areTwo(one.version, other.version, isPin);
}

function areTwo(one: string | undefined, other: string | undefined, isOne: (text: string) => boolean): boolean {
  return one !== undefined && other !== undefined && isOne(one) && isOne(other) && one.trim() !== other.trim();
}

/** Says whether every file that `inner` takes is taken by `outer` as well. */
function isWithin(inner: EntryScope, outer: EntryScope): boolean {
  return (
    isImplied(outer.project, inner.project) &&
    isImplied(outer.sha256, inner.sha256) &&
    isImplied(outer.upstream, inner.upstream) &&
    (outer.filename === undefined || isFilenameWithin(inner, outer.filename)) &&
    (outer.version === undefined || isVersionWithin(inner, outer.version))
  );
}

function isImplied(wanted: string | undefined, given: string | undefined): boolean {
  return wanted === undefined || given !== undefined;
}

function isFilenameWithin(inner: EntryScope, outer: string): boolean {
  return inner.filename !== undefined && (isExact(inner.filename) || inner.filename === outer);
}

function isVersionWithin(inner: EntryScope, outer: string): boolean {
  // one filename of one project is one version
  if (inner.filename !== undefined && isExact(inner.filename) && inner.project !== undefined) return true;
  if (inner.version === undefined) return false;
  return inner.version.trim() === outer.trim() || (isPin(inner.version) && isPublicSpecifier(outer));
}

/** `==1.2`, without a wildcard. */
function isPin(version: string): boolean {
  const clauses = parseSpecifier(version)?.clauses ?? [];
  return clauses.some((clause) => clause.operator === '==' && !clause.isPrefix);
}

/** No clause looks at local versions (`+cpu`), so that whatever `==1.2` takes is treated alike. */
function isPublicSpecifier(version: string): boolean {
  const clauses = parseSpecifier(version)?.clauses ?? [];
  return clauses.every((clause) => clause.operator !== '===' && clause.version.local === undefined);
}
