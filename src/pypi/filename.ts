// Owns what a filename says: kind, project, version, tags. Imports names, version and the model. Start at parseFilename.
import type { ProjectName } from './model.ts';
import { parseProjectName } from './names.ts';
import { parseVersion } from './version.ts';

/** `installer`: bdist_wininst, bdist_msi, bdist_dmg; `dumb`: bdist_dumb, an archive named for one platform. */
export type FileKind = 'wheel' | 'sdist' | 'egg' | 'installer' | 'rpm' | 'dumb';

/** Compatibility tags of a wheel, each as its set. */
export interface WheelTags {
  readonly build?: string;
  readonly pythons: readonly string[];
  readonly abis: readonly string[];
  readonly platforms: readonly string[];
  /** label of a wheel variant (PEP 825, draft) */
  readonly variant?: string;
}

export interface ParsedFilename {
  readonly kind: FileKind;
  readonly project: ProjectName;
  /** as written, not normalised; any text in old files */
  readonly version: string;
  /** lower case, with its dot, e.g. `.tar.gz` */
  readonly extension: string;
  /** only with wheels */
  readonly tags?: WheelTags;
}

interface NameAndVersion {
  readonly project: ProjectName;
  readonly version: string;
}

const MAX_FILENAME_LENGTH = 300;
const EXTENSION = /\.(?:whl|egg|exe|msi|dmg|rpm|zip|tgz|tbz|txz|tlz|tar(?:\.(?:gz|bz2|xz|lz|lzma|z|zst))?)$/i;
const PLATFORM_SUFFIX =
  /[.-](?:win32|win-(?:amd64|arm32|arm64|ia64)|amd64|(?:linux|macosx|darwin|cygwin|freebsd|openbsd|netbsd|solaris|sunos|aix|hp-ux|irix)(?:[-_.][\w.-]+)?)$/i;
const PYTHON_SUFFIX = /-py[0-9](?:\.[0-9]+)?$/i;
const RPM_SUFFIX = /(?:-[0-9][^-]*?)?\.(?:noarch|src|i[3-6]86|x86_64|aarch64|ppc64(?:le)?|s390x)$/i;

/** Says whether a text can be the last segment of a path: not empty, no separator, no control character, no `.` or `..`. */
export function isPlainFilename(text: string): boolean {
  if (text === '' || text === '.' || text === '..' || text.length > MAX_FILENAME_LENGTH) return false;
  return !/[/\\\p{Cc}\p{Cs}]/u.test(text);
}

/** Each way to cut `name-version` in two, the likeliest first: versions of PEP 440 before others, the last dash before earlier ones. */
function listSplits(stem: string): readonly NameAndVersion[] {
  const splits: NameAndVersion[] = [];
  for (let dash = stem.lastIndexOf('-'); dash > 0; dash = stem.lastIndexOf('-', dash - 1)) {
    const project = parseProjectName(stem.slice(0, dash));
    const version = stem.slice(dash + 1);
    if (project !== undefined && version !== '') splits.push({ project, version });
  }
  const isKnown = (split: NameAndVersion) => parseVersion(split.version) !== undefined;
  const startsWithDigit = (split: NameAndVersion) => /^[0-9]/.test(split.version);
  return [
    ...splits.filter(isKnown),
    ...splits.filter((split) => !isKnown(split) && startsWithDigit(split)),
    ...splits.filter((split) => !isKnown(split) && !startsWithDigit(split)),
  ];
}

/** Like pip: for a known project, the first dash before which its name stands in any spelling. */
function splitStem(stem: string, project: ProjectName | undefined): NameAndVersion | undefined {
  const splits = listSplits(stem);
  if (project === undefined) return splits[0];
  const own = splits.filter((split) => split.project === project);
  return own.reduce<NameAndVersion | undefined>(
    (longest, split) => (split.version.length > (longest?.version.length ?? 0) ? split : longest),
    undefined,
  );
}

function isOwn(found: ProjectName | undefined, wanted: ProjectName | undefined): found is ProjectName {
  return found !== undefined && (wanted === undefined || found === wanted);
}

/** Old wheels and eggs write `_` where the version had `-`. */
function readEscapedVersion(text: string): string {
  const unescaped = text.replaceAll('_', '-');
  return parseVersion(text) === undefined && parseVersion(unescaped) !== undefined ? unescaped : text;
}

/**
 * `name-version(-build)?-python-abi-platform(-variant)?`.
 * @see https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention
 */
function parseWheelStem(stem: string, wanted: ProjectName | undefined): Omit<ParsedFilename, 'extension'> | undefined {
  const parts = stem.split('-');
  if (parts.length < 5 || parts.length > 7 || parts.includes('')) return undefined;
  const [name = '', version = '', third = ''] = parts;
  const project = name.includes('__') ? undefined : parseProjectName(name);
  if (!isOwn(project, wanted)) return undefined;
  const hasBuild = parts.length > 5 && /^[0-9]/.test(third);
  const [pythons = '', abis = '', platforms = '', variant, ...rest] = parts.slice(hasBuild ? 3 : 2);
  if (rest.length > 0 || !/^[a-z]/i.test(pythons)) return undefined;
  const tags: WheelTags = {
    ...(hasBuild ? { build: third } : {}),
    pythons: pythons.split('.'),
    abis: abis.split('.'),
    platforms: platforms.split('.'),
    ...(variant === undefined ? {} : { variant }),
  };
  return { kind: 'wheel', project, version: readEscapedVersion(version), tags };
}

/** `name-version(-pyX.Y(-platform)?)?`, with `_` for `-` inside name and version. */
function parseEggStem(stem: string, wanted: ProjectName | undefined): Omit<ParsedFilename, 'extension'> | undefined {
  const [name = '', version = '', python] = stem.split('-');
  const project = parseProjectName(name);
  if (!isOwn(project, wanted) || version === '') return undefined;
  if (python !== undefined && !/^py[0-9]/i.test(python)) return undefined;
  return { kind: 'egg', project, version: readEscapedVersion(version) };
}

function parseArchiveStem(
  stem: string,
  wanted: ProjectName | undefined,
): Omit<ParsedFilename, 'extension'> | undefined {
  const split = splitStem(stem, wanted);
  if (split === undefined) return undefined;
  if (parseVersion(split.version) === undefined && PLATFORM_SUFFIX.test(stem)) {
    const named = splitStem(stem.replace(PLATFORM_SUFFIX, ''), wanted);
    if (named !== undefined) return { kind: 'dumb', ...named };
  }
  return { kind: 'sdist', ...split };
}

function parseStem(extension: string, stem: string, wanted: ProjectName | undefined) {
  switch (extension) {
    case '.whl':
      return parseWheelStem(stem, wanted);
    case '.egg':
      return parseEggStem(stem, wanted);
    case '.exe':
    case '.msi':
    case '.dmg': {
      const split = splitStem(stem.replace(PYTHON_SUFFIX, '').replace(PLATFORM_SUFFIX, ''), wanted);
      return split === undefined ? undefined : { kind: 'installer' as const, ...split };
    }
    case '.rpm': {
      const split = splitStem(stem.replace(RPM_SUFFIX, ''), wanted);
      return split === undefined ? undefined : { kind: 'rpm' as const, ...split };
    }
    default:
      return parseArchiveStem(stem, wanted);
  }
}

/**
 * Reads the filename of a distribution file.
 *
 * @param filename last path segment, percent-decoded
 * @param project of the page that lists it. An sdist's name cannot be cut into name and version without it where both hold
 *   dashes; given, the filename must speak for this very project.
 * @returns undefined for an unknown kind, a broken name, or another project; never throws
 */
export function parseFilename(filename: string, project?: ProjectName): ParsedFilename | undefined {
  if (!isPlainFilename(filename)) return undefined;
  const extension = EXTENSION.exec(filename)?.[0];
  if (extension === undefined) return undefined;
  const parsed = parseStem(extension.toLowerCase(), filename.slice(0, -extension.length), project);
  return parsed === undefined ? undefined : { ...parsed, extension: extension.toLowerCase() };
}

/** Projects that a file of this name may belong to, the likeliest first; several where an old sdist's name can be cut in more than one place. */
export function listPossibleProjects(filename: string): readonly ProjectName[] {
  const parsed = parseFilename(filename);
  if (parsed === undefined) return [];
  const isSure = parsed.kind === 'wheel' || parsed.kind === 'egg';
  const others = isSure ? [] : listSplits(filename.slice(0, -parsed.extension.length)).map((split) => split.project);
  return [...new Set([parsed.project, ...others])];
}
