// Owns what Python's import machinery calls: finders that a program puts on `sys.meta_path`, loaders that give code.
// May import machine. Start at IMPORT_HOOKS.
import { externalBases, findMember, symbolicArguments } from './functions.ts';
import { type Machine, NO_KEYWORDS } from './machine.ts';
import { CLEAN } from './taint.ts';
import {
  type ClassValue,
  type InstanceValue,
  NONE,
  optionsOf,
  type RefValue,
  ref,
  type Site,
  str,
  type Value,
} from './value.ts';

interface HookCall {
  readonly callee: RefValue;
  readonly args: readonly Value[];
  readonly site: Site;
}

/** A module of others that passes through a hook of the archive. */
const IMPORTED = 'imported';

function callMember(machine: Machine, owner: InstanceValue | ClassValue, name: string, site: Site): Value | undefined {
  const member = findMember(owner.kind === 'class' ? owner : owner.of, name);
  if (member?.kind !== 'function') return undefined;
  const bound = member.decoration === 'static' ? [] : [owner];
  const symbols = symbolicArguments(member, bound.length);
  const args = symbols.args.map((arg) =>
    arg.kind === 'ref' && /^\?mod(?:ule)?$/.test(arg.name) ? ref(IMPORTED) : arg,
  );
  return machine.call({ ...member, bound }, args, symbols.keywords, site);
}

/** From now on every import asks the finder: it is asked here, and what it finds is loaded. */
function addFinder(machine: Machine, { args, site }: HookCall): Value | undefined {
  const finder = args.at(-1);
  if (finder !== undefined && machine.frames.length < 12)
    for (const option of optionsOf(finder)) askFinder(machine, option, site);
  return undefined;
}

function askFinder(machine: Machine, finder: Value, site: Site): void {
  if (finder.kind === 'function') {
    const symbols = symbolicArguments(finder, finder.bound.length);
    const made = machine.call(finder, symbols.args, symbols.keywords, site);
    if (made.kind === 'instance') askFinder(machine, made, site);
    return;
  }
  if (finder.kind !== 'instance' && finder.kind !== 'class') return;
  for (const name of ['find_spec', 'find_module']) {
    const found = callMember(machine, finder, name, site);
    if (found === undefined) continue;
    for (const option of optionsOf(found)) {
      const loader = option.kind === 'ref' ? machine.attribute(option, 'loader', site) : option;
      for (const one of optionsOf(loader)) if (one.kind === 'instance') runLoader(machine, one, site);
    }
  }
}

function runLoader(machine: Machine, loader: InstanceValue, site: Site): void {
  callMember(machine, loader, 'create_module', site);
  for (const name of ['exec_module', 'load_module']) if (callMember(machine, loader, name, site) !== undefined) return;
  if (externalBases(loader.of).some((base) => LOADER_BASES.includes(base))) giveCode(machine, loader, site);
}

/** What a loader of the library does with the methods that a class of the archive gives it: the code runs. */
function giveCode(machine: Machine, loader: InstanceValue, site: Site): void {
  const path = callMember(machine, loader, 'get_filename', site);
  for (const name of ['get_code', 'get_source', 'get_data']) {
    const member = findMember(loader.of, name);
    if (member?.kind !== 'function') continue;
    const given = name === 'get_data' ? (path ?? ref('?path')) : str(IMPORTED);
    const code = machine.call({ ...member, bound: [loader] }, [given], NO_KEYWORDS, site);
    machine.call(ref('exec', CLEAN), [code], NO_KEYWORDS, site);
    return;
  }
}

function execModule(machine: Machine, { callee, site }: HookCall): Value | undefined {
  const loader = callee.call?.receiver;
  if (loader?.kind !== 'instance') return undefined;
  giveCode(machine, loader, site);
  return NONE;
}

const LOADER_BASES = [
  'importlib.abc.SourceLoader',
  'importlib.abc.FileLoader',
  'importlib.abc.InspectLoader',
  'importlib.abc.ExecutionLoader',
  'importlib.abc.Loader',
  'importlib.machinery.SourceFileLoader',
  'importlib.machinery.SourcelessFileLoader',
];

/** By canonical name; undefined results fall through to the general treatment. */
export const IMPORT_HOOKS: readonly (readonly [string, (machine: Machine, call: HookCall) => Value | undefined])[] = [
  ...['sys.meta_path', 'sys.path_hooks'].flatMap((list) =>
    ['insert', 'append', 'extend'].map((method) => [`${list}.${method}`, addFinder] as const),
  ),
  ...LOADER_BASES.flatMap((base) =>
    ['exec_module', 'load_module'].map((method) => [`${base}().${method}`, execModule] as const),
  ),
];

/** The loader that a specification was made with; undefined for other attributes and other things. */
export function loaderOf(value: RefValue, name: string): Value | undefined {
  if (name !== 'loader' || value.call === undefined || !/(?:spec_from_loader|ModuleSpec)\(\)$/.test(value.name))
    return undefined;
  return value.call.args[1] ?? value.call.keywords.get('loader');
}
