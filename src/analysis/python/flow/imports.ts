// Owns import statements and dynamic imports. May import machine and names. Start at importName.
import type { Import, ImportFrom } from '../ast.ts';
import { emit } from './events.ts';
import { type Machine, NO_KEYWORDS, type WrittenFile, write } from './machine.ts';
import { canonicalName } from './names.ts';
import { type Scope, scopeOf } from './scope.ts';
import { ref, type Site, taintOf, type Unit, type Value } from './value.ts';

/**
 * The module that an absolute dotted name means: one of the archive (read now, if it was not yet), or a reference.
 * A name that Python's own library or a well-known client has stays a reference, whatever file of the archive shadows it.
 */
export function importName(machine: Machine, name: string, from: Unit): Value {
  const parsed = machine.program.findModule(name, from);
  if (parsed === undefined) return ref(canonicalName(name));
  // The packages above run first.
  const dot = name.lastIndexOf('.');
  if (dot > 0) importName(machine, name.slice(0, dot), from);
  const module = machine.load(parsed);
  return isForeign(name, from) ? ref(canonicalName(name)) : module;
}

const KNOWN =
  /^(?:os|sys|re|io|json|time|socket|subprocess|base64|zlib|ctypes|urllib|http|ssl|shutil|platform|getpass|uuid|random|string|struct|tempfile|pathlib|threading|hashlib|requests|httpx|urllib3|aiohttp|importlib|builtins|codecs|binascii|marshal|pickle|logging|typing|types|functools|itertools|collections|setuptools|distutils|pip)$/;

function isForeign(name: string, from: Unit): boolean {
  const top = name.split('.', 1)[0] ?? name;
  return KNOWN.test(top) && from.module.split('.', 1)[0] !== top;
}

/**
 * A module that the program wrote into a file before, or that lies in a folder which it put on `sys.path`: read where it
 * is imported. Undefined: the archive has a module of that name, or nothing is known of one.
 */
export function importLeft(machine: Machine, name: string, site: Site): Value | undefined {
  const { written, searchFolders, program } = machine;
  if ((written.length === 0 && searchFolders.size === 0) || !/^\w+(?:\.\w+)*$/.test(name)) return undefined;
  if (program.findModule(name, site.unit) !== undefined) return undefined;
  const isDotted = name.includes('.');
  if (!isDotted)
    for (const folder of searchFolders) {
      const parsed = program.findScript(`${folder}/${name}.py`, site.unit);
      if (parsed !== undefined) return machine.load(parsed);
    }
  const left = isDotted
    ? leftInPackage(machine, name)
    : written.findLast(({ path }) => path === `${name}.py` || path.endsWith(`/${name}.py`));
  if (left === undefined) return undefined;
  const { content } = left;
  emit(machine, { sink: 'exec', name: 'exec', args: [content], keywords: NO_KEYWORDS, receiver: undefined, site });
  if (content.kind === 'str' || content.kind === 'bytes')
    machine.runText(content.value, 'import of a file written before', taintOf(content), undefined, site, 'exec');
  return undefined;
}

/** A module of a package that code of the same package put beside itself. */
function leftInPackage({ written }: Machine, name: string): WrittenFile | undefined {
  const [top = '', ...rest] = name.split('.');
  const last = rest.at(-1) ?? '';
  return written.findLast(
    ({ path, event }) =>
      path.startsWith('‹here›') && path.endsWith(`/${last}.py`) && event.site.unit.module.split('.', 1)[0] === top,
  );
}

/** `import a.b as c`. */
export function runImport(machine: Machine, node: Import, scope: Scope): void {
  for (const alias of node.names) {
    const left = importLeft(machine, alias.name, { unit: scope.unit, node });
    const value = left ?? importName(machine, alias.name, scope.unit);
    if (alias.asname !== undefined) bind(machine, scope, alias.asname, value);
    else {
      const top = alias.name.split('.', 1)[0] ?? alias.name;
      bind(machine, scope, top, top === alias.name ? value : importName(machine, top, scope.unit));
    }
  }
}

function bind(machine: Machine, scope: Scope, name: string, value: Value): void {
  write(machine, scopeOf(scope, name).names, name, value);
}

/** The absolute dotted name of a relative import; undefined outside a package. */
export function absoluteName(unit: Unit, module: string | undefined, level: number): string | undefined {
  if (level === 0) return module;
  const parts = unit.module === '' ? [] : unit.module.split('.');
  const cut = unit.isPackage ? level - 1 : level;
  if (cut > parts.length) return undefined;
  const base = parts.slice(0, parts.length - cut).join('.');
  if (module === undefined) return base;
  return base === '' ? module : `${base}.${module}`;
}

/** `from a import b`. */
export function runImportFrom(machine: Machine, node: ImportFrom, scope: Scope): void {
  const name = absoluteName(scope.unit, node.module, node.level) ?? node.module ?? '';
  const site: Site = { unit: scope.unit, node };
  const module = importLeft(machine, name, site) ?? importName(machine, name, scope.unit);
  for (const alias of node.names) {
    if (alias.name === '*') {
      takeAll(machine, module, scope);
      continue;
    }
    bind(machine, scope, alias.asname ?? alias.name, importedMember(machine, module, name, alias.name, site));
  }
}

/** `from a import *`: what the archive's module has; of another one the name alone is known. */
function takeAll(machine: Machine, from: Value, scope: Scope): void {
  const { module } = scope;
  if (from.kind === 'ref') module.stars = [...module.stars, from.name];
  if (from.kind !== 'module') return;
  for (const [key, value] of from.scope.names) if (!key.startsWith('_')) bind(machine, scope, key, value);
  if (from.scope !== module) module.stars = [...module.stars, ...from.scope.stars];
}

function importedMember(machine: Machine, module: Value, moduleName: string, name: string, site: Site): Value {
  if (module.kind === 'module') {
    const known = module.scope.names.get(name);
    if (known !== undefined) return known;
  }
  // A folder without an `__init__` is a package too (PEP 420), and the module below it is all there is of it.
  const inner = `${moduleName}.${name}`;
  if (machine.program.findModule(inner, site.unit) !== undefined) return importName(machine, inner, site.unit);
  if (moduleName !== '' && module.kind === 'module') importLeft(machine, inner, site);
  return machine.attribute(module, name, site);
}
