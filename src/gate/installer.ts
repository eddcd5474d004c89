// Owns what a User-Agent says of an installer, and the file it would likely pick. Imports pypi and ports' types; pure.
// Used for scan-ahead alone: it identifies, it never authorises.
import type { StoredFile } from '../ports/decision-store.ts';
import { parseFilename, type WheelTags } from '../pypi/filename.ts';
import { matchesSpecifier, parseSpecifier } from '../pypi/specifier.ts';
import { parseVersion } from '../pypi/version.ts';

/** An installer and where it runs, as far as it says. */
export interface Installer {
  readonly tool: string;
  /** `[3, 11]` */
  readonly python?: readonly [number, number];
  /** `3.11.7`, as it says */
  readonly pythonVersion?: string;
  readonly system?: 'linux' | 'darwin' | 'windows';
  /** lower case, e.g. `x86_64`, `arm64`, `amd64` */
  readonly machine?: string;
  readonly isMusl: boolean;
}

const TOOLS = /^(pip|uv|poetry|pdm|unearth|pipenv|hatch|pixi)\//i;
const MAX_LENGTH = 4000;

function parseSystem(text: string): Installer['system'] {
  const lower = text.toLowerCase();
  return (['linux', 'darwin', 'windows'] as const).find((system) => lower === system);
}

function parsePython(text: string): readonly [number, number] | undefined {
  const match = /^([23])\.([0-9]{1,2})(?:[.a-z+]|$)/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

function parseDetails(userAgent: string): Readonly<Record<string, unknown>> {
  const start = userAgent.indexOf('{');
  try {
    const details: unknown = start === -1 ? {} : JSON.parse(userAgent.slice(start));
    return typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {};
  } catch {
    return {}; // whatever it is, it is not a description of an installer
  }
}

function readText(details: unknown, ...path: readonly string[]): string | undefined {
  let value: unknown = details;
  for (const key of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }
  return typeof value === 'string' ? value : undefined;
}

/** Reads the User-Agent of an installer; undefined for browsers, crawlers and update bots. */
export function parseInstaller(userAgent: string): Installer | undefined {
  const tool = TOOLS.exec(userAgent)?.[1]?.toLowerCase();
  if (tool === undefined || userAgent.length > MAX_LENGTH) return undefined;
  const details = parseDetails(userAgent);
  // pip and uv send JSON; Poetry writes `CPython/3.11.7 Linux/6.1.0`.
  const pythonVersion = readText(details, 'python') ?? /\bC?Py(?:thon|Py)\/([0-9.]+)/.exec(userAgent)?.[1];
  const python = parsePython(pythonVersion ?? '');
  const system = parseSystem(
    readText(details, 'system', 'name') ?? /\b(Linux|Darwin|Windows)\//.exec(userAgent)?.[1] ?? '',
  );
  const machine = readText(details, 'cpu')?.toLowerCase();
  return {
    tool,
    ...(python === undefined ? {} : { python }),
    ...(pythonVersion === undefined ? {} : { pythonVersion }),
    ...(system === undefined ? {} : { system }),
    ...(machine === undefined ? {} : { machine }),
    isMusl: readText(details, 'distro', 'libc', 'lib') === 'musl',
  };
}

const MACHINE_ALIASES: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['x86_64', 'amd64', 'universal2', 'intel'],
  amd64: ['x86_64', 'amd64', 'universal2', 'intel'],
  arm64: ['arm64', 'aarch64', 'universal2'],
  aarch64: ['arm64', 'aarch64', 'universal2'],
};
const SYSTEM_PREFIX = { linux: /linux/, darwin: /^macosx/, windows: /^win/ } as const;

function fitsPlatform(platform: string, installer: Installer): boolean {
  if (platform === 'any') return true;
  const { system, machine = '' } = installer;
  if (system === undefined || !SYSTEM_PREFIX[system].test(platform)) return false;
  if (system === 'linux' && platform.startsWith('musllinux') !== installer.isMusl) return false;
  return (MACHINE_ALIASES[machine] ?? [machine]).some((name) => name !== '' && platform.endsWith(name));
}

/** 3: made for this Python; 2: stable ABI of it or an older one; 1: any Python 3; 0: does not fit. */
function rankPython(tags: WheelTags, installer: Installer): 0 | 1 | 2 | 3 {
  const [major, minor] = installer.python ?? [3, undefined];
  const wanted = minor === undefined ? undefined : `cp${major}${minor}`;
  if (wanted !== undefined && tags.pythons.includes(wanted)) return 3;
  const isStable = tags.abis.includes('abi3');
  const isOlder = tags.pythons.some((python) => /^cp3[0-9]+$/.test(python) && Number(python.slice(3)) <= (minor ?? -1));
  if (isStable && isOlder) return 2;
  return tags.pythons.some((python) => python === `py${major}` || python === `py${major}${minor ?? ''}`) ? 1 : 0;
}

/** A release that has left this Python behind is passed over whole, its sdist too. */
function isForPython({ requiresPython }: StoredFile['file'], { pythonVersion }: Installer): boolean {
  if (requiresPython === undefined || requiresPython === null || pythonVersion === undefined) return true;
  const specifier = parseSpecifier(requiresPython);
  return specifier === undefined || parseVersion(pythonVersion) === undefined
    ? true
    : matchesSpecifier(pythonVersion, specifier);
}

function rankFile(file: StoredFile, installer: Installer): number {
  if (!isForPython(file.file, installer)) return 0;
  const parsed = parseFilename(file.file.filename, file.project);
  if (parsed?.kind === 'sdist') return 1;
  if (parsed?.tags === undefined) return 0;
  const { tags } = parsed;
  const python = rankPython(tags, installer);
  const fits = python > 0 && tags.platforms.some((platform) => fitsPlatform(platform, installer));
  return fits ? 1 + python + (tags.platforms.includes('any') ? 0 : 3) : 0;
}

/** Of the files of one release, the one that this installer would download; undefined when none fits. */
export function findLikelyFile(files: readonly StoredFile[], installer: Installer): StoredFile | undefined {
  let best: { readonly file: StoredFile; readonly rank: number } | undefined;
  for (const file of files) {
    const rank = rankFile(file, installer);
    if (rank > (best?.rank ?? 0)) best = { file, rank };
  }
  return best?.file;
}
