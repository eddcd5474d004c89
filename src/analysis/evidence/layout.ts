// Owns the role of every member by what installers do with it. May import archive and report. Start at layoutOf.
import type { Member, OpenedArchive } from '../archive/archive.ts';
import type { ExecutionContext } from '../report/finding.ts';
import { normalised } from './metadata.ts';
import { EVERYTHING, type Taken, TEST_FOLDERS, takenBy } from './taken.ts';

/** What a member is once an installer or an interpreter has met it. */
export type Role =
  | 'start-up'
  | 'build'
  | 'module'
  | 'script'
  | 'loose'
  | 'test'
  | 'metadata'
  | 'configuration'
  | 'data';

export interface PlacedMember {
  readonly member: Member;
  /** path as in the archive */
  readonly path: string;
  /** path below the folder that ends in `sys.path` (wheel root, purelib) or below an sdist's top folder */
  readonly local: string;
  readonly role: Role;
  /** lies and is named like a test; what it weighs is another matter */
  readonly isTestLike: boolean;
}

export interface Layout {
  /** `wheel` whenever the content is laid out as one and nothing would be built */
  readonly kind: 'wheel' | 'sdist';
  readonly members: readonly PlacedMember[];
  /** by local path; the first of duplicates */
  readonly byPath: ReadonlyMap<string, PlacedMember>;
  /** folders that absolute imports start from, `''` for the root; longest first */
  readonly roots: readonly string[];
  /** says of a member that lies in a package which the build of an sdist is not told to take */
  readonly isLeftOut: (local: string) => boolean;
  /** name as the archive's own metadata folder says; empty: unknown */
  readonly projectName: string;
}

/** the data scheme reaches site-packages too: it starts from the environment's folder */
const DATA_SITE = /^[^/]+\.data\/data\/(?:lib(?:64)?\/python[\d.]*\/|Lib\/)(?:site-packages|dist-packages)\//i;
/** below a package the others may hold shipped code */
const PACKAGE_TESTS = /^(?:tests?|testing|unit_?tests?)$/i;
const TEST_FILES = /^(?:test_.*|.*_tests?|conftest|setup_?tests?|runtests)\.py$/i;
/** at the top of a project these drive it; inside a package they are modules like others */
const CHORES = /^(?:noxfile|fabfile|dodo|tasks)\.py$/i;

/** Places every member. Not pure by name alone: what a build installs is read from its configuration. */
export function layoutOf(archive: OpenedArchive): Layout {
  const files = archive.members.filter((m) => m.linkTarget === undefined);
  const top = archive.kind === 'sdist' || archive.container !== 'zip' ? topFolder(files) : '';
  const locals = files.map((m) => m.path.slice(top.length).replace(/^\.?\/+/, ''));
  const hasBuild = locals.some((l) => l === 'setup.py' || l === 'pyproject.toml' || l === 'setup.cfg');
  const isWheel =
    archive.kind === 'wheel' ||
    archive.kind === 'egg' ||
    (!hasBuild && locals.some((l) => /^[^/]+\.dist-info\//.test(l)));
  const members: PlacedMember[] = [];
  const byPath = new Map<string, PlacedMember>();
  const packages = packageFolders(locals);
  const only = isWheel ? '' : onlyPackage(packages, locals);
  const taken = isWheel ? EVERYTHING : takenBy(files, locals, packages);
  files.forEach((member, i) => {
    const raw = locals[i] ?? member.path;
    const local = isWheel ? raw.replace(/^[^/]+\.data\/(?:purelib|platlib)\//, '').replace(DATA_SITE, '') : raw;
    const role = roleOf(raw, local, isWheel, packages, { ...taken, only });
    const placed: PlacedMember = {
      member,
      path: member.path,
      local,
      role,
      isTestLike: role === 'test' || isTestLike(local),
    };
    members.push(placed);
    if (!byPath.has(local)) byPath.set(local, placed);
  });
  return {
    kind: isWheel ? 'wheel' : 'sdist',
    members,
    byPath,
    roots: rootsOf(locals, packages, isWheel),
    isLeftOut: (local) => taken.isLeftOut(local.split('/')[0] ?? '') && !taken.isMapped(local),
    projectName: nameOf(locals, top),
  };
}

function topFolder(files: readonly Member[]): string {
  const first = files[0]?.path.replace(/^\.\//, '');
  const slash = first?.indexOf('/') ?? -1;
  if (first === undefined || slash < 0) return '';
  const top = first.slice(0, slash + 1);
  const isProject = files.some((m) => m.path === `${top}setup.py` || m.path === `${top}pyproject.toml`);
  const isShared = files.every((m) => m.path.replace(/^\.\//, '').startsWith(top));
  return isShared && !/\.dist-info\/$/.test(top) && (isProject || !files.some((m) => m.path === `${top}__init__.py`))
    ? top
    : '';
}

function packageFolders(locals: readonly string[]): ReadonlySet<string> {
  return new Set(locals.filter((l) => l.endsWith('__init__.py')).map((l) => l.slice(0, -'/__init__.py'.length)));
}

/** What is known of what a build installs. */
interface Installed extends Taken {
  /** see onlyPackage */
  readonly only: string;
}

function roleOf(
  raw: string,
  local: string,
  isWheel: boolean,
  packages: ReadonlySet<string>,
  installed: Installed,
): Role {
  const name = local.slice(local.lastIndexOf('/') + 1);
  const isTop = !local.includes('/');
  if (/^[^/]+\.(?:dist-info|egg-info)\//.test(raw) || /\.egg-info\//.test(raw) || name === 'PKG-INFO')
    return 'metadata';
  if (isWheel && /^[^/]+\.data\/scripts\//.test(raw)) return 'script';
  const isInTests = local
    .split('/')
    .slice(0, -1)
    .some((part) => TEST_FOLDERS.test(part));
  if (name.endsWith('.pth')) return isTop || (!isWheel && !isInTests) ? 'start-up' : 'data';
  if (isTop && isWheel && /^(?:sitecustomize|usercustomize)\.py[cw]?$/.test(name)) return 'start-up';
  if (!isWheel && (local === 'setup.py' || local === 'build.py')) return local === 'setup.py' ? 'build' : 'module';
  if (isTop && /^(?:setup\.cfg|pyproject\.toml|hatch\.toml)$/.test(name)) return 'configuration';
  if (!/\.pyw?$/.test(name)) return 'data';
  const isTool = installed.isTool(local);
  if (!isWheel && !isTool && /^(?:src\/|lib\/|python\/)?(?:sitecustomize|usercustomize)\.py$/.test(local))
    return 'start-up';
  if (!isWheel && isTest(local, packages, installed)) return 'test';
  // No statement imports `my-tool.py`: it is started, or loaded by its name in a text, which is followed.
  if (!/^\w+\.pyw?$/.test(name)) return 'loose';
  return !isWheel && (isTool || isLoose(local, packages)) ? 'loose' : 'module';
}

/** The folder of the only package, when it bears a name that others give their tests: then it is what people import. */
function onlyPackage(packages: ReadonlySet<string>, locals: readonly string[]): string {
  const tops = new Set([...packages].map((p) => p.replace(/^(?:src|lib|python)\//, '').split('/')[0] ?? ''));
  const [top = ''] = tops;
  const hasModule = locals.some((l) => /^(?:src\/)?(?!setup\.py|conftest\.py)[^/]+\.py$/.test(l));
  return tops.size === 1 && TEST_FOLDERS.test(top) && !hasModule ? `${top}/` : '';
}

/** Deep in an sdist, in a folder that is no package: a tool of the project, which nothing installs unless it says so in odd ways. */
function isLoose(local: string, packages: ReadonlySet<string>): boolean {
  const parts = local.split('/').slice(0, -1);
  return parts.length >= 2 && !(parts.length === 2 && parts[0] === 'src') && !packages.has(parts.join('/'));
}

/**
 * Python of an sdist that nothing installs as a rule: tests, examples, chores. A wheel has none: whatever is in site-packages
 * can be imported, by any other distribution as well.
 */
function isTest(path: string, packages: ReadonlySet<string>, { isMapped, only, isLeftOut }: Installed): boolean {
  const local = only === '' ? path : path.replace(only, 'x/');
  const parts = local.split('/');
  const name = parts.pop() ?? '';
  if (TEST_FILES.test(name)) return true;
  if (CHORES.test(name) && !packages.has(parts.join('/'))) return true;
  let folder = '';
  for (const part of parts) {
    const isInPackage = packages.has(folder);
    folder = folder === '' ? part : `${folder}/${part}`;
    // Outside a package a test folder may be where the packages are; `tools/__init__.py` is a package that a search finds.
    if (isInPackage ? PACKAGE_TESTS.test(part) : TEST_FOLDERS.test(part) && !isInstalled(part, folder)) return true;
  }
  return false;

  function isInstalled(part: string, at: string): boolean {
    return isMapped(path) || (packages.has(at) && !PACKAGE_TESTS.test(part) && !isLeftOut(path.split('/')[0] ?? ''));
  }
}

function isTestLike(local: string): boolean {
  const parts = local.split('/');
  return TEST_FILES.test(parts.pop() ?? '') || parts.some((part) => PACKAGE_TESTS.test(part));
}

function rootsOf(locals: readonly string[], packages: ReadonlySet<string>, isWheel: boolean): string[] {
  const roots = new Set<string>(['']);
  if (!isWheel) {
    for (const folder of packages) {
      const parent = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '';
      // An environment that was packed by mistake is on nobody's path.
      const isPath = !parent.split('/').some((part) => /^(?:site-packages|\.[\w-]+)$/.test(part));
      if (parent !== '' && isPath && !packages.has(parent) && parent.split('/').length <= 3) roots.add(`${parent}/`);
    }
    if (locals.some((l) => /^src\/[^/]+\.py$/.test(l))) roots.add('src/');
  }
  return [...roots].sort((a, b) => b.length - a.length).slice(0, 40);
}

function nameOf(locals: readonly string[], top: string): string {
  for (const local of locals) {
    const match = /^([^/]+?)-[^-/]+\.dist-info\//.exec(local) ?? /(?:^|\/)([^/]+?)\.egg-info\//.exec(local);
    if (match?.[1] !== undefined) return normalised(match[1]);
  }
  return normalised(top.replace(/-[^-]*\/$/, ''));
}

/** The context in which the module level of a member runs. */
export function contextOf(role: Role): ExecutionContext {
  switch (role) {
    case 'start-up':
      return 'start-up';
    case 'build':
      return 'install';
    case 'module':
    case 'test':
      // Anybody may import a test module that is installed, and its own statements run then; calling its functions is for tests.
      return 'import';
    case 'script':
    case 'loose':
      return 'entry-point';
    case 'metadata':
    case 'configuration':
    case 'data':
      return 'none';
  }
}
