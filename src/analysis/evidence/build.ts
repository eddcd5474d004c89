// Owns what the configuration of a build names as code beside setup.py: backends, hooks, scripts, command classes, `attr:`.
// May import layout and sources. Start at buildFacts; install.ts runs what it finds.
import type { FunctionDef, Module, Node } from '../python/ast.ts';
import { walk } from '../python/walk.ts';
import type { PlacedMember } from './layout.ts';
import type { Sources } from './sources.ts';

/** Reads too much rather than too little: TOML and INI have many spellings, and what is named in vain is not in the archive. */
export interface BuildFacts {
  /** dotted modules that a build imports */
  readonly modules: readonly string[];
  /** members that a build runs as programs: path, and the member that names it */
  readonly scripts: readonly { readonly path: string; readonly from: PlacedMember }[];
  /** members, and modules below a package, all of whose functions and classes a build may call */
  readonly plugins: readonly string[];
  readonly commandPackages: readonly string[];
  /** functions and classes by dotted module */
  readonly hooks: readonly { readonly module: string; readonly name: string }[];
  readonly commands: readonly { readonly command: string; readonly module: string; readonly name: string }[];
}

type Found = { -readonly [K in keyof BuildFacts]: BuildFacts[K][number][] };

const BACKEND_HOOKS = [
  'build_wheel',
  'build_sdist',
  'build_editable',
  'get_requires_for_build_wheel',
  'get_requires_for_build_sdist',
  'get_requires_for_build_editable',
  'prepare_metadata_for_build_wheel',
  'prepare_metadata_for_build_editable',
];

/** Reads pyproject.toml, setup.cfg, hatch.toml, and the build files of other languages, as far as they name code. */
export function buildFacts(members: readonly PlacedMember[], sources: Sources): BuildFacts {
  const found: Found = { modules: [], scripts: [], plugins: [], commandPackages: [], hooks: [], commands: [] };
  for (const placed of members) {
    if (OTHER_BUILDS.test(placed.local)) addNamedScripts(placed, sources, found);
    if (placed.role !== 'configuration') continue;
    const text = decodeEscapes(sources.textOf(placed) ?? '');
    addAttributes(text, found);
    addCommands(text, found);
    addBackend(text, members, sources, found);
    addPlugins(text, placed, found);
  }
  return {
    ...found,
    modules: [...new Set(found.modules.filter((m) => m !== ''))],
    plugins: [...new Set(found.plugins)],
  };
}

/** TOML may write any character of a quoted key or value as an escape. */
function decodeEscapes(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|x([0-9a-f]{2}))/gi,
    (whole, short?: string, long?: string, byte?: string) => {
      const code = Number.parseInt(short ?? long ?? byte ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** `a.b.C` as module and name. */
function splitDotted(dotted: string): { readonly module: string; readonly name: string } {
  const at = dotted.lastIndexOf('.');
  return { module: dotted.slice(0, Math.max(0, at)), name: dotted.slice(at + 1) };
}

/** Also where the value is a literal, which newer versions of setuptools read without an import: the build may pin an older one. */
function addAttributes(text: string, { modules }: Found): void {
  for (const [, dotted = ''] of text.matchAll(/attr["']?\s{0,20}[:=]\s{0,20}["']{0,3}([\w.]+)/g))
    modules.push(dotted, splitDotted(dotted).module);
}

/** The value of a key in INI: the rest of the line and the indented lines after it. */
function iniValues(text: string, key: RegExp): string[] {
  const pattern = new RegExp(`^(?:${key.source})[ \\t]*[=:]([^\\n]*(?:\\n[ \\t]+[^\\n]*)*)`, 'gim');
  return [...text.matchAll(pattern)].map((m) => m[1] ?? '');
}

/** `cmdclass` of setuptools in both files; `command_packages` of distutils; the hooks that distutils2 and pbr read. */
function addCommands(text: string, found: Found): void {
  if (/\bcmdclass\b/.test(text))
    for (const [, command = '', dotted = ''] of text.matchAll(
      /([\w-]+)["']?[ \t]*=[ \t]*["']{0,3}((?:\w+\.)+\w+)["']{0,3}[ \t]*(?=[,}\r\n#]|$)/g,
    ))
      found.commands.push({ command, ...splitDotted(dotted) });
  for (const value of iniValues(text, /command[-_]packages/))
    found.commandPackages.push(...(value.match(/[A-Za-z_][\w.]*/g) ?? []));
  for (const value of iniValues(text, /setup[-_]hooks?|pre[-_]hook[\w.]*|post[-_]hook[\w.]*|commands|compilers/))
    for (const dotted of value.match(/(?:\w+\.)+\w+/g) ?? []) {
      found.hooks.push(splitDotted(dotted));
      found.commands.push({ command: 'install', ...splitDotted(dotted) });
    }
}

/** `build-backend`, wherever it stands, with and without the folders of `backend-path`. */
function addBackend(text: string, members: readonly PlacedMember[], sources: Sources, found: Found): void {
  const paths = [...text.matchAll(/backend-path["']?\s{0,20}=\s{0,20}\[([^\]]*)\]/g)].flatMap((array) =>
    [...(array[1] ?? '').matchAll(/["']([^"']*)["']/g)].map((m) => m[1] ?? ''),
  );
  if (text.includes('backend-path')) addInTree(members, sources, found);
  for (const [, backend = ''] of text.matchAll(/build-backend["']?\s{0,20}=\s{0,20}["']{1,3}([\w.]+)/g))
    for (const path of ['', ...paths]) {
      const folder = path.replaceAll(/^\.\/?|\/$/g, '').replaceAll('/', '.');
      const module = folder === '' ? backend : `${folder}.${backend}`;
      found.modules.push(module);
      for (const name of BACKEND_HOOKS) found.hooks.push({ module, name });
    }
}

const HOOK_AT_TOP = new RegExp(`^[ \\t]*(?:def[ \\t]+)?(?:${BACKEND_HOOKS.join('|')})[ \\t]*[(=]`, 'm');

/** By these a function of a function becomes one of the module: `global build_wheel`, `globals()['build_wheel'] = …`. */
const GIVEN_TO_MODULE = new RegExp(
  `\\bglobal\\b[^\\n]{0,400}\\b(?:${BACKEND_HOOKS.join('|')})\\b|\\b(?:globals|vars|locals|setattr|exec|eval)\\b|__dict__|\\bsys\\.modules\\b`,
);

/** What a front end hands to a hook at most: a folder, settings and metadata. */
const MAX_HANDED = 3;

/** No front end could call it: it asks for more than it is handed, or takes no folder. */
function isUncallable({ name, args, decorator_list }: FunctionDef): boolean {
  const places = args.posonlyargs.length + args.args.length;
  const takesFolder = places > 0 || args.vararg !== undefined;
  return (
    decorator_list.length === 0 &&
    (places - args.defaults.length > MAX_HANDED || (/^build_/.test(name) && !takesFolder))
  );
}

/** A hook that is called, at the beginning of a line. */
function isCallOfHook(node: Node, text: string): boolean {
  return (
    node.kind === 'Call' &&
    node.func.kind === 'Name' &&
    BACKEND_HOOKS.includes(node.func.id) &&
    /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, node.start - 200), node.start))
  );
}

/** Whether everything that is named like a hook is another matter: a call, a function of a function's or a class's, or one for other callers. */
function isOfOtherUse(text: string, module: Module | undefined): boolean {
  const named = text.match(new RegExp(HOOK_AT_TOP, 'gm')) ?? [];
  let others = 0;
  const look = (at: Node, isWithin: boolean): void => {
    walk(at, (node) => {
      if (isCallOfHook(node, text)) others++;
      if (node === at || (node.kind !== 'FunctionDef' && node.kind !== 'ClassDef')) return undefined;
      const isNamed = node.kind === 'FunctionDef' && BACKEND_HOOKS.includes(node.name);
      if (isNamed && (isWithin || isUncallable(node))) others++;
      look(node, true);
      return false;
    });
  };
  if (module !== undefined && !GIVEN_TO_MODULE.test(text)) look(module, false);
  return named.length === others;
}

/**
 * A backend inside the archive needs the key `backend-path`. What it names can be spelled in many ways (inline tables, quoted
 * and dotted keys, decoys in other tables), so each module that has a hook at its top counts as the backend.
 */
function addInTree(members: readonly PlacedMember[], sources: Sources, found: Found): void {
  for (const placed of members) {
    if (!placed.local.endsWith('.py')) continue;
    const text = sources.textOf(placed) ?? '';
    if (!HOOK_AT_TOP.test(text) || isOfOtherUse(text, sources.sourceOf(placed)?.module)) continue;
    const module = placed.local.replace(/(?:\/__init__)?\.py$/, '').replaceAll('/', '.');
    found.modules.push(module);
    for (const name of BACKEND_HOOKS) found.hooks.push({ module, name });
  }
}

/** Keys of these backends whose files are packed, not run. */
const NO_CODE = /^(?:include|exclude|only-include|readme)$/;

/** Hooks of hatchling, pdm-backend and poetry-core: a file of the project, at a path of its choice or at the usual one. */
function addPlugins(text: string, placed: PlacedMember, found: Found): void {
  const isHatch = /\bhatch/.test(text) || placed.local === 'hatch.toml';
  const isPdm = /\bpdm\b/.test(text);
  const isPoetry = /\bpoetry\b/.test(text);
  if (isHatch && /\bcustom\b/.test(text)) found.plugins.push('hatch_build.py');
  if (isPdm) found.plugins.push('pdm_build.py');
  if (isPdm || isPoetry)
    for (const [, module = '', name = ''] of text.matchAll(/["']([\w.]+):(\w+)/g))
      if (/\bgetter\b/.test(text)) found.hooks.push({ module, name });
  const runsFiles =
    (isHatch && (/\bcustom\b/.test(text) || /source["']?\s{0,20}=\s{0,20}["']{1,3}code/.test(text))) ||
    (isPdm && /(?:custom-hook|setup-script|run-setup)/.test(text)) ||
    (isPoetry && /\b(?:build|script|generate-setup-file)\b/.test(text));
  if (!runsFiles) return;
  for (const [, key = '', path = ''] of text.matchAll(/([\w-]*)["']?\s{0,20}=\s{0,20}["']{1,3}([\w./-]+\.py)["']/g)) {
    if (NO_CODE.test(key)) continue;
    found.plugins.push(path);
    if (isPoetry || isPdm) found.scripts.push({ path, from: placed });
  }
}

/** Builds of other languages that start programs. */
const OTHER_BUILDS =
  /(?:^|\/)(?:meson\.build|CMakeLists\.txt|[^/]+\.cmake|build\.rs|binding\.gyp|SConstruct|wscript)$/i;
const STARTS =
  /\brun_command\b|\bcustom_target\b|\bfind_program\b|\badd_(?:install|postconf|dist)_script\b|\bexecute_process\b|\badd_custom_(?:command|target)\b|Command::new|<!/i;
const MAX_NAMED = 60;

function addNamedScripts(placed: PlacedMember, sources: Sources, { scripts }: Found): void {
  if (placed.member.sizeBytes > 1_000_000) return;
  const text = (sources.textOf(placed) ?? '').replaceAll(/^\s*(?:#|\/\/).*$/gm, '');
  if (!STARTS.test(text)) return;
  for (const [path] of text.matchAll(/[\w./-]{1,200}\.py\b/g)) {
    if (scripts.length >= MAX_NAMED) return;
    scripts.push({ path: path.replace(/^\/+/, ''), from: placed });
  }
}
