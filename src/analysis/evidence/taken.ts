// Owns what the configuration of an sdist's build says is installed, as far as its text tells. May import archive. Start at takenBy.
import type { Member } from '../archive/archive.ts';

/** What a build takes of the members of an sdist. Where the text leaves it open, everything is taken. */
export interface Taken {
  /** of a path: the configuration names it, or a folder above it, where it says what is installed */
  readonly isMapped: (local: string) => boolean;
  /** of a module beside the packages: no build installs it */
  readonly isTool: (local: string) => boolean;
  /** of a folder at the top, a package or not: the build is told which it may take, and not this one */
  readonly isLeftOut: (folder: string) => boolean;
}

/** What an installer takes of a wheel, and a build of which nothing is known. */
export const EVERYTHING: Taken = { isMapped: () => true, isTool: () => false, isLeftOut: () => false };

/** Folders beside the packages that hold tests, documents and tools. */
export const TEST_FOLDERS =
  /^(?:tests?|testing|unit_?tests?|integration_?tests?|docs?|examples?|samples?|demos?|benchmarks?|bench|perf|fuzz(?:ing)?|ci|\.ci|\.github|\.circleci|\.devcontainer|tools?|scripts?|dev|contrib|notebooks?|tutorials?|_?vendor_tests|venv|virtualenv|\.[\w-]+)$/i;

/** Reads the configuration. `packages`: folders with an `__init__.py`. */
export function takenBy(files: readonly Member[], locals: readonly string[], packages: ReadonlySet<string>): Taken {
  const configuration = configurationOf(files, locals);
  if (configuration === undefined) return EVERYTHING;
  return {
    isMapped: mappedPaths(configuration),
    isTool: toolsBeside(packages, configuration),
    isLeftOut: leavesOut(configuration.replaceAll(EXCLUSIONS, '')),
  };
}

/** Where a build is told to look for packages and modules. */
const MAPPINGS =
  /\b(?:package[-_]dir|packages|py[-_]modules|where|only-include|force-include|sources|from|include|script|modules?|name)\b["']?\s{0,20}[=:](?:[^\n]{0,400}(?:\n[ \t]{1,40}[^\n]{0,400}){0,20})/g;
const EXCLUSIONS =
  /\bexclude\w{0,20}["']?\s{0,20}=\s{0,20}(?:\[[^\]]{0,2000}\]|\([^)]{0,2000}\)|\{[^}]{0,2000}\}|[^\n]{0,400})/g;
const MAX_CONFIGURATION = 1_000_000;

/** Text of what configures the build; undefined: too large to be asked. */
function configurationOf(files: readonly Member[], locals: readonly string[]): string | undefined {
  let text = '';
  for (const [i, local] of locals.entries()) {
    const member = files[i];
    if (member === undefined || !/^(?:setup\.py|setup\.cfg|pyproject\.toml|hatch\.toml)$/.test(local)) continue;
    if (member.sizeBytes > MAX_CONFIGURATION) return undefined;
    const own = Buffer.from(member.read()).toString('utf8');
    text += `${local === 'pyproject.toml' ? withoutOthers(own) : own}\n`;
  }
  return text;
}

/** Tables of `pyproject.toml` that say nothing of what is installed: what is required, and what checkers and formatters look at. */
const OF_OTHERS =
  /^(?:project\.(?:optional-dependencies|urls)|dependency-groups|tool\.poetry\.(?:(?:[\w-]+\.)*dependencies|dev-dependencies|extras|urls|source)|tool\.(?:black|isort|ruff|flake8|mypy|pytest|coverage|pyright|basedpyright|pylint|tox|bandit|commitizen|semantic_release|bumpversion|towncrier|interrogate|codespell|cibuildwheel|vulture|pydocstyle|docformatter|autoflake|typos)(?:\..*)?)$/;

/** Text of the tables that a build reads. A text over several lines could hold what looks like the head of a table. */
function withoutOthers(text: string): string {
  if (/"""|'''/.test(text)) return text;
  let isKept = true;
  return text
    .split('\n')
    .filter((line) => {
      const head = /^\s*\[{1,2}([^\]]{1,200})\]{1,2}\s*(?:#.*)?$/.exec(line)?.[1];
      if (head !== undefined) isKept = !OF_OTHERS.test(head.trim());
      return isKept;
    })
    .join('\n');
}

/** Says of a path whether the configuration of the build names it, or a folder above it, where it says what is installed. */
function mappedPaths(text: string): (local: string) => boolean {
  const values = (text.replaceAll(EXCLUSIONS, '').match(MAPPINGS) ?? []).join('\n');
  return isBelowOneOf(values.match(/[\w./-]+/g) ?? []);
}

/** A build that is told to take modules beside its packages, by name or by a pattern that Python fits, or that may compute them. */
const TAKES_MODULES =
  /py[-_]modules|\bmodules\b|\*\*\w+(?:\(\))?\s{0,20},?\s{0,20}\)(?!\s*:)|\*(?:\.pyw?|\.\*|py)?["']?\s{0,40}(?:[,\])}]|$)|glob|listdir|iterdir|scandir|os\.walk|\bpackages["']?\s{0,20}[=:]\s{0,20}\[[^\]]{0,2000}?["']\.?["']\s{0,20}[,\]]/m;

/**
 * Says of a module at the top of an sdist that no build installs it: there are packages, and a build takes those alone
 * unless it is told more. Whatever in the configuration could name the module, or a pattern for it, makes it installed.
 */
function toolsBeside(packages: ReadonlySet<string>, configuration: string): (local: string) => boolean {
  const hasPackage = [...packages].some(
    (p) => !TEST_FOLDERS.test(p.replace(/^(?:src|lib|python)\//, '').split('/')[0] ?? ''),
  );
  // `# -*- coding: utf-8 -*-` and the like; no module has such a name.
  const told = configuration.replaceAll('-*-', '').replaceAll(EXCLUSIONS, '');
  // What a search for packages is told are names of packages.
  const beyond = told
    .replaceAll(/find_(?:namespace_)?packages\s{0,20}\([^()]{0,2000}\)/g, '')
    .replaceAll(SEARCHES_FOR, '');
  if (!hasPackage || configuration === '' || TAKES_MODULES.test(beyond)) return () => false;
  const words = new Set(configuration.match(/\w+/g));
  const findsFolder = folderSearch(told);
  return (local) => {
    const [name = '', inner] = local.split('/');
    if (inner === undefined) return /^\w+\.pyw?$/.test(name) && !words.has(name.replace(/\.pyw?$/, ''));
    // A folder that is no package: only a search for namespaces finds it.
    return /^[\w-]+\/\w+\.pyw?$/.test(local) && !packages.has(name) && !findsFolder(name) && !words.has(name);
  };
}

/** A search for packages, and the same where it is told which names it may take. */
const SEARCHES = /find(?:_namespace)?_packages\s{0,20}\(|tool\.setuptools\.packages\.find\]/g;
const SEARCHES_FOR =
  /(?:find(?:_namespace)?_packages\s{0,20}\((?:\s{0,20}["'][\w./-]{0,80}["'],)?\s{0,20}|tool\.setuptools\.packages\.find\](?:\s*\n(?!\[)[^\n]{0,200}){0,8}?\s*\n)include\s{0,20}=\s{0,20}[[(]([^\])]{0,2000})[\])]/g;

/** Backends that install the package named like the project, or what the configuration names, and look for no others. */
const NAMED_ALONE =
  /\bbuild-backend\s{0,20}=\s{0,20}["'](?:flit_core\.buildapi|poetry\.core\.masonry\.api|hatchling\.build|uv_build)["']/;

/** Whether setuptools finds the packages by itself: of such layouts it leaves folders of tests and tools alone, or gives up. */
function isDiscovered(told: string): boolean {
  const backend = /\bbuild-backend\s{0,20}=\s{0,20}["']([^"'\n]*)["']/.exec(told)?.[1] ?? '';
  const isBare = !/\bsetup\s{0,20}\(/.test(told) || /\bsetup\s{0,20}\(\s{0,20}\)/.test(told);
  return /^(?:setuptools\.build_meta)?$/.test(backend) && isBare && !/\bpackages?\b|py[-_]modules/.test(told);
}

/** pbr takes the package named like the project, where `[files]` names no others. */
function isOfPbr(told: string): boolean {
  return /\bpbr\s{0,20}=\s{0,20}True\b/.test(told) && !/\bpackages?\b|py[-_]modules|\*\*\w/.test(told);
}

/**
 * Says of a folder at the top that the build is told which packages it may take, and not this one: by a search for names, or
 * by a backend that searches for none or leaves them alone, as far as folders of tests and tools go.
 */
function leavesOut(told: string): (folder: string) => boolean {
  const isNamed =
    isDiscovered(told) ||
    isOfPbr(told) ||
    (NAMED_ALONE.test(told) && !/\bsetup\s{0,20}\(|["'][^"'\n]{0,200}\*/.test(told));
  const lists = [...told.matchAll(SEARCHES_FOR)].map(([, list = '']) => list);
  const patterns = lists.flatMap((list) => [...list.matchAll(/["']([^"'\n]*)["']/g)].map(([, p = '']) => p));
  const beginnings = patterns.map((p) => /^[\w-]*/.exec(p)?.[0] ?? '');
  const isClosed =
    lists.length === (told.match(SEARCHES)?.length ?? 0) && patterns.length > 0 && !beginnings.includes('');
  return (folder) =>
    (isNamed && !told.includes('backend-path') && TEST_FOLDERS.test(folder)) ||
    (isClosed && !beginnings.some((b) => folder.startsWith(b)));
}

/** Says of a folder at the top that is no package whether a search for packages takes it. */
function folderSearch(told: string): (folder: string) => boolean {
  // Told of no packages, a build looks for them by itself, and takes folders as well.
  if (!/packages/.test(told)) return () => true;
  if (!/find_namespace|namespaces["']?\s*=|tool\.setuptools\.packages\.find\]/.test(told)) return () => false;
  const isLeftOut = leavesOut(told);
  return (folder) => !isLeftOut(folder);
}

/** Says of a path whether one of these names it: a folder, a module's file, or a package in dots. */
export function isBelowOneOf(names: readonly string[]): (local: string) => boolean {
  const named = new Set<string>();
  for (const name of names) {
    const path = name.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '');
    if (path !== '') named.add(path).add(path.replaceAll('.', '/'));
  }
  return (local) => {
    for (let at = local.indexOf('/'); at > 0; at = local.indexOf('/', at + 1))
      if (named.has(local.slice(0, at))) return true;
    return named.has(local) || named.has(local.replace(/\.pyw?$/, ''));
  };
}
