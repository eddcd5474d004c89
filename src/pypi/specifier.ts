// Owns PEP 440 version specifiers. Imports version.ts alone. Start at parseSpecifier.
import { compareParsedVersions, parseVersion, type Version } from './version.ts';

type Operator = '===' | '~=' | '==' | '!=' | '<=' | '>=' | '<' | '>';

/** One comma-separated clause. */
type Clause =
  | { readonly operator: '==='; readonly text: string }
  | { readonly operator: Exclude<Operator, '==='>; readonly version: Version; readonly isPrefix: boolean };

/** A specifier set; every clause must hold, none: any version. */
export interface Specifier {
  /** as written, trimmed */
  readonly text: string;
  readonly clauses: readonly Clause[];
}

function isFinal(version: Version): boolean {
  return [version.pre, version.post, version.dev, version.local].every((part) => part === undefined);
}

function parseClause(text: string): Clause | undefined {
  const match = /^(===|~=|==|!=|<=|>=|<|>)\s*(\S+)$/.exec(text.trim());
  const operator = match?.[1] as Operator | undefined;
  const operand = match?.[2];
  if (operator === undefined || operand === undefined) return undefined;
  if (operator === '===') return { operator, text: operand.toLowerCase() };
  const isPrefix = operand.endsWith('.*');
  const version = parseVersion(isPrefix ? operand.slice(0, -2) : operand);
  if (version === undefined) return undefined;
  const isEquality = operator === '==' || operator === '!=';
  if (!isEquality && (isPrefix || version.local !== undefined)) return undefined;
  if (isPrefix && !isFinal(version)) return undefined;
  if (operator === '~=' && version.release.length < 2) return undefined;
  return { operator, version, isPrefix };
}

/**
 * Reads a specifier set such as `>=1.0,<2`; empty text matches every version.
 *
 * @returns undefined when a clause breaks PEP 440; never throws
 * @see https://packaging.python.org/en/latest/specifications/version-specifiers/#version-specifiers
 */
export function parseSpecifier(text: string): Specifier | undefined {
  const trimmed = text.trim();
  if (trimmed.length > 2000) return undefined;
  const clauses = trimmed === '' ? [] : trimmed.split(',').map(parseClause);
  return clauses.every((clause) => clause !== undefined) ? { text: trimmed, clauses } : undefined;
}

function withoutLocal(version: Version): Version {
  return { ...version, local: undefined };
}

/** `==1.0.*`: the release begins with these numbers, missing ones count as 0. */
function hasPrefix(version: Version, prefix: Pick<Version, 'epoch' | 'release'>): boolean {
  const head = prefix.release.map((_digits, index) => version.release[index] ?? '0');
  return version.epoch === prefix.epoch && head.every((digits, index) => digits === prefix.release[index]);
}

/** `<2` takes no pre-release of 2: its upper end is 2.dev0. A bound that is a pre-release is taken as it stands. */
function isBefore(version: Version, bound: Version): boolean {
  const isPrerelease = bound.pre !== undefined || bound.dev !== undefined;
  return compareParsedVersions(withoutLocal(version), isPrerelease ? bound : { ...bound, dev: '0' }) < 0;
}

/** `>1` takes no post-release of 1, unless it names one, and no local version of 1. */
function isAfter(version: Version, bound: Version): boolean {
  const shared = withoutLocal(version);
  if (compareParsedVersions(shared, bound) <= 0) return false;
  if (version.post === undefined || bound.post !== undefined || bound.dev !== undefined) return true;
  return compareParsedVersions({ ...shared, post: undefined, dev: undefined }, bound) !== 0;
}

function isCompatible(version: Version, bound: Version): boolean {
  const prefix = { epoch: bound.epoch, release: bound.release.slice(0, -1) };
  return compareParsedVersions(withoutLocal(version), bound) >= 0 && hasPrefix(version, prefix);
}

function isEqual(version: Version, clause: { readonly version: Version; readonly isPrefix: boolean }): boolean {
  if (clause.isPrefix) return hasPrefix(version, clause.version);
  const compared = clause.version.local === undefined ? withoutLocal(version) : version;
  return compareParsedVersions(compared, clause.version) === 0;
}

function matchesClause(text: string, version: Version | undefined, clause: Clause): boolean {
  if (clause.operator === '===') return text.trim().toLowerCase() === clause.text;
  if (version === undefined) return false;
  switch (clause.operator) {
    case '==':
      return isEqual(version, clause);
    case '!=':
      return !isEqual(version, clause);
    case '~=':
      return isCompatible(version, clause.version);
    case '>=':
      return compareParsedVersions(withoutLocal(version), clause.version) >= 0;
    case '<=':
      return compareParsedVersions(withoutLocal(version), clause.version) <= 0;
    case '<':
      return isBefore(version, clause.version);
    case '>':
      return isAfter(version, clause.version);
  }
}

/**
 * Says whether a version is in a specifier set. Pre-releases count like any version: a rule for `>=1.0` is meant for 2.0rc1 too.
 * A text that is no PEP 440 version is matched by `===` and by the empty set alone.
 */
export function matchesSpecifier(version: string, specifier: Specifier): boolean {
  const parsed = parseVersion(version);
  return specifier.clauses.every((clause) => matchesClause(version, parsed, clause));
}
