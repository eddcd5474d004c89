// Owns PEP 440 versions: reading, normal form and order. Imports nothing. Start at parseVersion; specifier.ts builds on it.

/** A number of a version as its digits without leading zeros: release numbers made of dates outgrow doubles. */
type Digits = string;

/** The parts of a PEP 440 version; numbers are digit strings without leading zeros. */
export interface Version {
  /** normal form, e.g. `1!2.0rc1.post2.dev3+ubuntu.1` */
  readonly normal: string;
  readonly epoch: Digits;
  readonly release: readonly Digits[];
  readonly pre: { readonly letter: 'a' | 'b' | 'rc'; readonly number: Digits } | undefined;
  readonly post: Digits | undefined;
  readonly dev: Digits | undefined;
  /** lower-case segments; those of digits alone without leading zeros */
  readonly local: readonly string[] | undefined;
}

const MAX_VERSION_LENGTH = 512;
const PATTERN =
  /^v?(?:(?<epoch>[0-9]+)!)?(?<release>[0-9]+(?:\.[0-9]+)*)(?:[-_.]?(?<preLetter>alpha|beta|preview|pre|rc|a|b|c)[-_.]?(?<preNumber>[0-9]+)?)?(?:-(?<postBare>[0-9]+)|[-_.]?(?<postWord>post|rev|r)[-_.]?(?<postNumber>[0-9]+)?)?(?:[-_.]?(?<devWord>dev)[-_.]?(?<devNumber>[0-9]+)?)?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;
const PRE_LETTERS: Readonly<Record<string, 'a' | 'b' | 'rc'>> = {
  a: 'a',
  alpha: 'a',
  b: 'b',
  beta: 'b',
  c: 'rc',
  rc: 'rc',
  pre: 'rc',
  preview: 'rc',
};

function toDigits(text: string | undefined): Digits {
  const digits = (text ?? '').replace(/^0+/, '');
  return digits === '' ? '0' : digits;
}

function toLocal(text: string): readonly string[] {
  return text.split(/[-_.]/).map((segment) => (/^[0-9]+$/.test(segment) ? toDigits(segment) : segment));
}

function toNormal(version: Omit<Version, 'normal'>): string {
  const epoch = version.epoch === '0' ? '' : `${version.epoch}!`;
  const pre = version.pre === undefined ? '' : version.pre.letter + version.pre.number;
  const post = version.post === undefined ? '' : `.post${version.post}`;
  const dev = version.dev === undefined ? '' : `.dev${version.dev}`;
  const local = version.local === undefined ? '' : `+${version.local.join('.')}`;
  return epoch + version.release.join('.') + pre + post + dev + local;
}

/** A page repeats each version for dozens of files, and each file is asked about several times. */
const MAX_REMEMBERED = 4096;
let remembered = new Map<string, Version | undefined>();

/**
 * Reads a version in any spelling that PEP 440 accepts, surrounding white space included.
 *
 * @returns undefined for anything else (legacy versions such as `2004d`); never throws
 * @see https://packaging.python.org/en/latest/specifications/version-specifiers/#public-version-identifiers
 */
export function parseVersion(text: string): Version | undefined {
  if (text.length > MAX_VERSION_LENGTH) return undefined;
  const known = remembered.get(text);
  if (known !== undefined || remembered.has(text)) return known;
  const version = readVersion(text);
  if (remembered.size >= MAX_REMEMBERED) remembered = new Map();
  remembered.set(text, version);
  return version;
}

function readVersion(text: string): Version | undefined {
  const groups = PATTERN.exec(text.trim().toLowerCase())?.groups;
  if (groups === undefined) return undefined;
  const letter = PRE_LETTERS[groups['preLetter'] ?? ''];
  const hasPost = groups['postBare'] !== undefined || groups['postWord'] !== undefined;
  const parts = {
    epoch: toDigits(groups['epoch']),
    release: (groups['release'] ?? '0').split('.').map(toDigits),
    pre: letter === undefined ? undefined : { letter, number: toDigits(groups['preNumber']) },
    post: hasPost ? toDigits(groups['postBare'] ?? groups['postNumber']) : undefined,
    dev: groups['devWord'] === undefined ? undefined : toDigits(groups['devNumber']),
    local: groups['local'] === undefined ? undefined : toLocal(groups['local']),
  };
  return { normal: toNormal(parts), ...parts };
}

/** The normal form of a version, with the number of its release segments kept (`1.0` stays `1.0`); undefined: not PEP 440. */
export function normaliseVersion(text: string): string | undefined {
  return parseVersion(text)?.normal;
}

/** Says whether a version is a pre-release or a development release; false for what is no version. */
export function isPrerelease(text: string): boolean {
  const version = parseVersion(text);
  return version?.pre !== undefined || version?.dev !== undefined;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareDigits(a: Digits, b: Digits): number {
  return a.length === b.length ? compareText(a, b) : a.length - b.length;
}

/** Compares release segments as if the shorter one ended in zeros. */
function compareReleases(a: readonly Digits[], b: readonly Digits[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = compareDigits(a[index] ?? '0', b[index] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}

/** -1: a development release of a final version, which sorts before its pre-releases; 0: a pre-release; 1: neither. */
function rankOfPre(version: Version): number {
  if (version.pre !== undefined) return 0;
  return version.dev !== undefined && version.post === undefined ? -1 : 1;
}

function comparePre(a: Version, b: Version): number {
  const rank = rankOfPre(a) - rankOfPre(b);
  if (rank !== 0 || a.pre === undefined || b.pre === undefined) return rank;
  const letters = compareText(a.pre.letter, b.pre.letter);
  return letters !== 0 ? letters : compareDigits(a.pre.number, b.pre.number);
}

/** Orders numbers of which one may be absent; `absent` is the sign of an absent one against any number. */
function compareOptional(a: Digits | undefined, b: Digits | undefined, absent: 1 | -1): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? absent : -absent;
  return compareDigits(a, b);
}

function compareLocalSegments(a: string, b: string): number {
  const aIsNumber = /^[0-9]+$/.test(a);
  const bIsNumber = /^[0-9]+$/.test(b);
  if (aIsNumber !== bIsNumber) return aIsNumber ? 1 : -1;
  return aIsNumber ? compareDigits(a, b) : compareText(a, b);
}

function compareLocal(a: readonly string[] | undefined, b: readonly string[] | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareLocalSegments(a[index] ?? '', b[index] ?? '');
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** In this order; the first difference decides. @see https://packaging.python.org/en/latest/specifications/version-specifiers/#summary-of-permitted-suffixes-and-relative-ordering */
const COMPARISONS: readonly ((a: Version, b: Version) => number)[] = [
  (a, b) => compareDigits(a.epoch, b.epoch),
  (a, b) => compareReleases(a.release, b.release),
  comparePre,
  (a, b) => compareOptional(a.post, b.post, -1),
  (a, b) => compareOptional(a.dev, b.dev, 1),
  (a, b) => compareLocal(a.local, b.local),
];

/** Orders two parsed versions; negative: `a` is older. Local versions count. */
export function compareParsedVersions(a: Version, b: Version): number {
  for (const compare of COMPARISONS) {
    const order = compare(a, b);
    if (order !== 0) return order;
  }
  return 0;
}

/** Orders any two version texts; what PEP 440 does not know sorts before everything it knows, by code point. */
export function compareVersions(a: string, b: string): number {
  const parsedA = parseVersion(a);
  const parsedB = parseVersion(b);
  if (parsedA === undefined || parsedB === undefined) {
    if (parsedA === parsedB) return compareText(a, b);
    return parsedA === undefined ? -1 : 1;
  }
  return compareParsedVersions(parsedA, parsedB);
}
