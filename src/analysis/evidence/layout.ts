// Owns the role of every member by what installers do with it. May import archive and report. Start at layoutOf.
import type { Member, OpenedArchive } from '../archive/archive.ts';
import type { ExecutionContext } from '../report/finding.ts';

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
}

export interface Layout {
  /** `wheel` whenever the content is laid out as one and nothing would be built */
  readonly kind: 'wheel' | 'sdist';
  readonly members: readonly PlacedMember[];
  /** by local path; the first of duplicates */
  readonly byPath: ReadonlyMap<string, PlacedMember>;
  /** folders that absolute imports start from, `''` for the root; longest first */
  readonly roots: readonly string[];
  /** name as the archive's own metadata folder says; empty: unknown */
  readonly projectName: string;
}

/** the data scheme reaches site-packages too: it starts from the environment's folder */
const DATA_SITE = /^[^/]+\.data\/data\/(?:lib(?:64)?\/python[\d.]*\/|Lib\/)(?:site-packages|dist-packages)\//i;
const TEST_FOLDERS =
  /^(?:tests?|testing|unit_?tests?|integration_?tests?|docs?|examples?|samples?|demos?|benchmarks?|bench|perf|fuzz(?:ing)?|ci|\.ci|\.github|\.circleci|\.devcontainer|tools?|scripts?|dev|contrib|notebooks?|tutorials?|_?vendor_tests)$/i;
/** below a package these may hold shipped code: only tests proper are set aside */
const PACKAGE_TESTS = /^(?:tests?|testing|unit_?tests?)$/i;
const TEST_FILES = /^(?:test_.*|.*_tests?|conftest|noxfile|fabfile|dodo|tasks|setup_?tests?|runtests)\.py$/i;

/** Places every member. */
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
  const only = onlyPackage(packages, locals);
  files.forEach((member, i) => {
    const raw = locals[i] ?? member.path;
    const local = isWheel ? raw.replace(/^[^/]+\.data\/(?:purelib|platlib)\//, '').replace(DATA_SITE, '') : raw;
    const placed: PlacedMember = {
      member,
      path: member.path,
      local,
      role: roleOf(raw, local, isWheel, packages, only),
    };
    members.push(placed);
    if (!byPath.has(local)) byPath.set(local, placed);
  });
  return {
    kind: isWheel ? 'wheel' : 'sdist',
    members,
    byPath,
    roots: rootsOf(locals, packages, isWheel),
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

function roleOf(raw: string, local: string, isWheel: boolean, packages: ReadonlySet<string>, only: string): Role {
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
  if (isTop && /^(?:setup\.cfg|pyproject\.toml)$/.test(name)) return 'configuration';
  if (!/\.pyw?$/.test(name)) return 'data';
  if (!isWheel && /^(?:src\/|lib\/|python\/)?(?:sitecustomize|usercustomize)\.py$/.test(local)) return 'start-up';
  if (isTest(only === '' ? local : local.replace(only, 'x/'), isWheel, packages)) return 'test';
  return !isWheel && isLoose(local, packages) ? 'loose' : 'module';
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

function isTest(local: string, isWheel: boolean, packages: ReadonlySet<string>): boolean {
  const parts = local.split('/');
  const name = parts.pop() ?? '';
  if (TEST_FILES.test(name) && (parts.length > 0 || !isWheel)) return true;
  let folder = '';
  for (const [depth, part] of parts.entries()) {
    folder = folder === '' ? part : `${folder}/${part}`;
    const isInPackage = depth > 0 && packages.has(folder.slice(0, -part.length - 1));
    if (isWheel || isInPackage) {
      if (PACKAGE_TESTS.test(part) && parts.length > 1) return true;
      if (isWheel && depth === 0 && TEST_FOLDERS.test(part) && PACKAGE_TESTS.test(part)) return true;
    } else if (TEST_FOLDERS.test(part)) return true;
  }
  return false;
}

function rootsOf(locals: readonly string[], packages: ReadonlySet<string>, isWheel: boolean): string[] {
  const roots = new Set<string>(['']);
  if (!isWheel) {
    for (const folder of packages) {
      const parent = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '';
      if (parent !== '' && !packages.has(parent) && parent.split('/').length <= 3) roots.add(`${parent}/`);
    }
    if (locals.some((l) => /^src\/[^/]+\.py$/.test(l))) roots.add('src/');
  }
  return [...roots].sort((a, b) => b.length - a.length).slice(0, 40);
}

function nameOf(locals: readonly string[], top: string): string {
  for (const local of locals) {
    const match = /^([^/]+?)-[^-/]+\.dist-info\//.exec(local) ?? /(?:^|\/)([^/]+?)\.egg-info\//.exec(local);
    if (match?.[1] !== undefined) return match[1].toLowerCase().replaceAll(/[-_.]+/g, '-');
  }
  return top
    .replace(/-[^-]*\/$/, '')
    .toLowerCase()
    .replaceAll(/[-_.]+/g, '-');
}

/** The context in which the module level of a member runs. */
export function contextOf(role: Role): ExecutionContext {
  switch (role) {
    case 'start-up':
      return 'start-up';
    case 'build':
      return 'install';
    case 'module':
      return 'import';
    case 'script':
    case 'loose':
      return 'entry-point';
    case 'test':
      return 'test';
    case 'metadata':
    case 'configuration':
    case 'data':
      return 'none';
  }
}
