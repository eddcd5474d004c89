// Owns the code that a host program or a command of the distribution starts: scripts and entry points, wherever they are declared.
// May import python, install, layout, sources. Start at readEntryPoints.
import { elementsOf } from '../python/flow/elements.ts';
import type { Machine } from '../python/flow/machine.ts';
import { callAsStranger, symbolicInstance } from '../python/flow/reading.ts';
import { textOf } from '../python/flow/text.ts';
import type { Value } from '../python/flow/value.ts';
import type { ExecutionContext } from '../report/finding.ts';
import { ROOT_STEPS, ROOT_UNIT, type Run, runCommand } from './install.ts';
import type { PlacedMember } from './layout.ts';
import type { Sources } from './sources.ts';

/** An entry point as its distribution declares it. */
export interface EntryPoint {
  readonly group: string;
  /** what it is declared as: of a command, what a person types; empty: not told */
  readonly key: string;
  readonly module: string;
  /** first name after the colon; empty: the module itself */
  readonly name: string;
}

/** Every entry point that the archive declares. Those of `setup()` are known once setup.py was read. */
export function entryPointsOf(
  machine: Machine,
  members: readonly PlacedMember[],
  sources: Sources,
): readonly EntryPoint[] {
  const found: EntryPoint[] = [];
  for (const placed of members) {
    if (/etc\/jupyter\/.*\.json$/.test(placed.local))
      for (const match of (sources.textOf(placed) ?? '').matchAll(/"([\w.]+)"\s*:\s*true/g))
        found.push({ group: 'jupyter', key: '', module: match[1] ?? '', name: '' });
    // Metadata of a vendored project lies in no folder that is searched, and no installer makes commands of it.
    const isEntryPoints = /^(?:(?:src|lib|python)\/)?[^/]+\.(?:dist-info|egg-info)\/entry_points\.txt$/.test(
      placed.local,
    );
    if (isEntryPoints || placed.role === 'configuration')
      found.push(...parseSections(sources.textOf(placed) ?? '', !isEntryPoints));
  }
  for (const { keywords } of machine.setups) {
    const points = keywords.get('entry_points');
    if (points?.kind === 'str') found.push(...parseSections(points.value, false));
    if (points?.kind !== 'dict') continue;
    for (const [key, group] of points.entries)
      for (const line of linesOf(group)) {
        const entry = parseEntry(key.slice(1), line);
        if (entry !== undefined) found.push(entry);
      }
  }
  return found;
}

/** Loads what entry points name, whatever its place: a plug-in may lie among the tests. */
export function loadEntryPoints(
  machine: Machine,
  entries: readonly EntryPoint[],
  members: readonly PlacedMember[],
  sources: Sources,
  run: Run,
): void {
  for (const placed of members) {
    const parsed = placed.role === 'script' ? sources.findScript(placed.local, ROOT_UNIT) : undefined;
    if (parsed !== undefined) run(placed.path, 'entry-point', ROOT_STEPS, () => void machine.load(parsed));
  }
  for (const { group, module } of entries) {
    const parsed = sources.findModule(module, ROOT_UNIT);
    if (parsed === undefined || machine.loaded.has(parsed.unit.path)) continue;
    run(
      parsed.unit.path,
      isCommandGroup(group) ? 'entry-point' : 'import',
      ROOT_STEPS,
      () => void machine.load(parsed),
    );
  }
}

/** Calls what entry points name, in the context in which their hosts do. */
export function readEntryPoints(machine: Machine, entries: readonly EntryPoint[], sources: Sources, run: Run): void {
  for (const entry of entries) runEntry(machine, entry, sources, run);
}

function linesOf(group: Value): readonly string[] {
  if (group.kind === 'str') return parseLines(group.value);
  return (elementsOf(group) ?? []).map((line) => textOf(line));
}

function parseLines(text: string): string[] {
  return text.split(/\r?\n/);
}

function parseEntry(group: string, line: string): EntryPoint | undefined {
  const match = /([\w.-]{0,100})["']?\s{0,20}=\s{0,20}["']?([\w.]+)\s{0,20}(?::\s{0,20}(\w+))?/.exec(line);
  if (match === null) return undefined;
  const [, key = '', module = '', name = ''] = match;
  return { group, key, module, name };
}

/** Sections of pyproject.toml that declare commands. */
const COMMAND_SECTIONS = /^(?:project\.(?:gui-)?scripts|tool\.(?:poetry|flit)\.scripts)$/;
/** Sections of pyproject.toml whose last part is the group. */
const PLUGIN_SECTIONS = /^(?:project\.entry-points|tool\.poetry\.plugins|tool\.flit\.entrypoints)\.(.+)$/;

/**
 * Entries of entry_points.txt, and of the sections of setup.cfg and pyproject.toml that become one. Every other section of
 * a configuration holds values that name no module of the archive, or none that anybody calls.
 */
function* parseSections(text: string, isConfiguration: boolean): Generator<EntryPoint> {
  let group = '';
  let isSetupCfg = false;
  for (const line of parseLines(text)) {
    const section = /^\s*\[([^\]]+)\]/.exec(line)?.[1]?.replaceAll(/["'\s]/g, '');
    if (section !== undefined) {
      // `entry_points` alone is how pbr reads it
      isSetupCfg = isConfiguration && /^(?:options\.)?entry_points$/.test(section);
      group = isConfiguration ? groupOf(section) : section;
      continue;
    }
    const own = isSetupCfg ? /^([\w.-]+)[ \t]*=/.exec(line)?.[1] : undefined;
    if (own !== undefined) group = own;
    const entry = group === '' ? undefined : parseEntry(group, line);
    if (entry !== undefined && entry.module !== '') yield entry;
  }
}

function groupOf(section: string): string {
  return COMMAND_SECTIONS.test(section) ? 'console_scripts' : (PLUGIN_SECTIONS.exec(section)?.[1] ?? '');
}

/** Whether what a group names are commands of the distribution. */
export function isCommandGroup(group: string): boolean {
  return group === 'console_scripts' || group === 'gui_scripts' || group === 'pipx.run';
}

/** Groups that build backends and installers load while they build something else that requires this distribution. */
const BUILD_GROUPS =
  /^(?:distutils\.|setuptools\.|egg_info\.writers$|setuptools_scm\.|hatch$|hatch\.|pdm\.build|pdm$|poetry\.|flit|scikit_build|validate_pyproject\.|pip\.)/;

/** Functions that a host program calls by their names when it loads a plug-in. */
const HOOKS =
  /^(?:pytest_\w+|hatch_\w+|pdm_\w+|_?load_\w+|_jupyter_\w+|setup|register|activate|init\w*|main|plugin|on_\w+|configure)$/;

/** A command starts when a person asks for it; a plug-in is loaded by every run of its host, whether it is wanted or not. */
function runEntry(machine: Machine, { group, module, name }: EntryPoint, sources: Sources, run: Run): void {
  const parsed = sources.findModule(module, ROOT_UNIT);
  const names = parsed === undefined ? undefined : machine.loaded.get(parsed.unit.path)?.scope.names;
  if (names === undefined) return;
  const isCommand = isCommandGroup(group);
  const isBuild = BUILD_GROUPS.test(group);
  const when: ExecutionContext = isCommand ? 'entry-point' : isBuild ? 'install' : 'import';
  for (const [key, value] of names) {
    const isNamed = key === name;
    if (!isNamed && (isCommand || !HOOKS.test(key))) continue;
    if (value.kind === 'function') run(`${module}:${key}`, when, ROOT_STEPS, () => void callAsStranger(machine, value));
    if (value.kind !== 'class' || !isNamed || isCommand) continue;
    if (isBuild) runCommand(machine, 'install', value, run);
    else run(`${module}:${key}`, when, ROOT_STEPS, () => void symbolicInstance(machine, value));
  }
}
