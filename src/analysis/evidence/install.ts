// Owns the code that a build or an installer of an sdist runs: setup.py, its commands, and what the configuration names.
// May import python, build, layout, sources. Start at readInstall.

import { elementsOf } from '../python/flow/elements.ts';
import { externalBases, findMember } from '../python/flow/functions.ts';
import type { Machine, ParsedUnit } from '../python/flow/machine.ts';
import { isInstallCommand } from '../python/flow/models.ts';
import { callAsStranger, symbolicInstance } from '../python/flow/reading.ts';
import { textOf } from '../python/flow/text.ts';
import type { ClassValue, Unit, Value } from '../python/flow/value.ts';
import type { ExecutionContext } from '../report/finding.ts';
import { type BuildFacts, buildFacts } from './build.ts';
import type { Layout } from './layout.ts';
import type { Sources } from './sources.ts';
import { isBelowOneOf } from './taken.ts';

/** Runs a root in its context with at most so many steps. */
export type Run = (path: string, when: ExecutionContext, steps: number, body: () => void) => void;

/** Steps of one root. */
export const ROOT_STEPS = 2_500_000;
/** The importer of what no module imports. */
export const ROOT_UNIT: Unit = { path: 'setup.py', module: '', text: '', isPackage: false };

/** Reads everything that runs at install, in the order in which it would run. */
export function readInstall(machine: Machine, layout: Layout, sources: Sources, run: Run): void {
  for (const placed of layout.members) {
    if (placed.role !== 'build') continue;
    const source = sources.sourceOf(placed);
    if (source !== undefined) run(placed.path, 'install', ROOT_STEPS * 2, () => void machine.load(source));
  }
  readConfiguration(machine, layout, sources, run);
  for (const { keywords, context } of machine.setups)
    if (context === 'install') readSetup(machine, keywords, layout, sources, run);
  // A command class that no known cmdclass names may be registered in ways that were not followed.
  for (const made of [...machine.classes]) {
    if (machine.instances.has(made) || !made.unit.path.endsWith('setup.py')) continue;
    const base = externalBases(made).find((b) =>
      /\bcommand\b|\b(?:install|develop|egg_info|build_py|build_ext|bdist_egg|build)$/.test(b),
    );
    if (base !== undefined && machine.setups.every((s) => s.keywords.get('cmdclass')?.kind !== 'dict'))
      runCommand(machine, base.slice(base.lastIndexOf('.') + 1), made, run);
  }
}

function readConfiguration(machine: Machine, layout: Layout, sources: Sources, run: Run): void {
  const facts = buildFacts(layout.members, sources);
  const load = (parsed: ParsedUnit): void => {
    run(parsed.unit.path, 'install', ROOT_STEPS, () => void machine.load(parsed));
  };
  for (const { path, from } of facts.scripts) {
    const parsed = sources.findScript(path, { ...ROOT_UNIT, path: from.path });
    // started as a program: what stands behind the test for `__main__` runs
    if (parsed !== undefined) load({ ...parsed, unit: { ...parsed.unit, module: '' } });
  }
  for (const name of facts.modules)
    for (const parsed of findModules(name, layout, sources)) {
      load(parsed);
      // `attr:` asks for an attribute: one that is not there is the module's own function's to answer
      const hook = machine.loaded.get(parsed.unit.path)?.scope.names.get('__getattr__');
      if (hook?.kind === 'function')
        run(`${name}:__getattr__`, 'install', ROOT_STEPS, () => void callAsStranger(machine, hook));
    }
  for (const path of facts.plugins) {
    const parsed = sources.findScript(path, ROOT_UNIT);
    if (parsed === undefined) continue;
    load(parsed);
    runEverythingIn(machine, parsed, run);
  }
  readNamed(machine, facts, layout, sources, run, load);
  for (const folder of facts.commandPackages)
    for (const placed of layout.members) {
      const isInside = `/${placed.local}`.includes(`/${folder.replaceAll('.', '/')}/`) && placed.local.endsWith('.py');
      const parsed = isInside ? sources.sourceOf(placed) : undefined;
      if (parsed === undefined) continue;
      load(parsed);
      runEverythingIn(machine, parsed, run);
    }
}

function readNamed(
  machine: Machine,
  facts: BuildFacts,
  layout: Layout,
  sources: Sources,
  run: Run,
  load: (parsed: ParsedUnit) => void,
): void {
  for (const hook of facts.hooks)
    for (const parsed of findModules(hook.module, layout, sources)) {
      load(parsed);
      const value = machine.loaded.get(parsed.unit.path)?.scope.names.get(hook.name);
      if (value?.kind === 'function')
        run(`${hook.module}:${hook.name}`, 'install', ROOT_STEPS, () => void callAsStranger(machine, value));
    }
  for (const { command, module, name } of facts.commands)
    for (const parsed of findModules(module, layout, sources)) {
      load(parsed);
      const value = machine.loaded.get(parsed.unit.path)?.scope.names.get(name);
      if (value !== undefined) runCommand(machine, command, value, run);
    }
}

const MAX_MODULES = 20;

/** The module of that name; where there is none, `package_dir` may put it into any folder. */
function findModules(name: string, layout: Layout, sources: Sources): ParsedUnit[] {
  const found = sources.findModule(name, ROOT_UNIT);
  if (found !== undefined) return [found];
  const path = name.replaceAll('.', '/');
  if (path === '' || path.length > 200) return [];
  return layout.members
    .filter(({ local }) => local.endsWith(`/${path}.py`) || local.endsWith(`/${path}/__init__.py`))
    .slice(0, MAX_MODULES)
    .map((placed) => sources.sourceOf(placed))
    .filter((source) => source !== undefined);
}

/** A backend calls some of it: which, is its own matter. */
function runEverythingIn(machine: Machine, { unit }: ParsedUnit, run: Run): void {
  for (const [name, value] of machine.loaded.get(unit.path)?.scope.names ?? []) {
    if (value.kind === 'function' && value.unit.path === unit.path)
      run(`${unit.path}:${name}`, 'install', ROOT_STEPS, () => void callAsStranger(machine, value));
    if (value.kind === 'class' && value.unit.path === unit.path) runMethods(machine, value, run);
  }
}

function runMethods(machine: Machine, made: ClassValue, run: Run): void {
  run(`${made.unit.path}:${made.name}`, 'install', ROOT_STEPS, () => {
    symbolicInstance(machine, made);
    for (const method of [...made.members.values()]) if (method.kind === 'function') callAsStranger(machine, method);
  });
}

/** What `setup()` is handed: command classes, the class of the distribution, functions for plug-ins, scripts for cffi. */
function readSetup(
  machine: Machine,
  keywords: ReadonlyMap<string, Value>,
  layout: Layout,
  sources: Sources,
  run: Run,
): void {
  const isAsked = askedCommands(layout, sources);
  const commands = keywords.get('cmdclass');
  if (commands?.kind === 'dict')
    for (const [key, value] of commands.entries) {
      const command = key.slice(1);
      runCommand(machine, isAsked(command) ? 'install' : command, value, run);
    }
  const own = keywords.get('distclass');
  for (const option of own?.kind === 'union' ? own.options : [own])
    if (option?.kind === 'class') runMethods(machine, option, run);
  for (const [key, value] of keywords)
    if (key !== 'cmdclass' && key !== 'entry_points')
      for (const inner of innerOf(value)) callHanded(machine, inner, run);
  const modules = keywords.get('cffi_modules');
  for (const element of modules === undefined ? [] : innerOf(modules)) {
    const parsed = sources.findScript(textOf(element).replace(/:\w+$/, ''), ROOT_UNIT);
    if (parsed !== undefined) run(parsed.unit.path, 'install', ROOT_STEPS, () => void machine.load(parsed));
  }
}

/** A value, and what is in it where it is a container. */
function innerOf(value: Value): readonly Value[] {
  if (value.kind === 'dict') return [...value.entries.values()];
  return value.kind === 'sequence' ? (elementsOf(value) ?? [value]) : [value];
}

function callHanded(machine: Machine, value: Value, run: Run): void {
  if (value.kind === 'function')
    run(`${value.unit.path}:${value.name}`, 'install', ROOT_STEPS, () => void callAsStranger(machine, value));
}

const MAPS = ['package_dir', 'packages', 'py_modules'];

/** Says of a member below a folder for tests or tools whether `setup()` was told to install it; all, where folders are unknown. */
export function installedBySetup(machine: Machine): (local: string) => boolean {
  const named: string[] = [];
  const isUnknown = machine.setups.some(({ keywords }) => {
    const folders = keywords.get('package_dir');
    return folders !== undefined && innerOf(folders).some((folder) => folder.kind !== 'str');
  });
  if (isUnknown) return () => true;
  for (const { keywords } of machine.setups)
    for (const value of MAPS.map((key) => keywords.get(key))) {
      if (value === undefined) continue;
      for (const inner of innerOf(value)) {
        if (inner.kind === 'str') named.push(inner.value.replaceAll('\\', '/'));
      }
    }
  return isBelowOneOf(named);
}

/** Says of a command whether setup.py tells another command to run it. */
function askedCommands(layout: Layout, sources: Sources): (command: string) => boolean {
  const text = layout.members
    .filter((placed) => placed.role === 'build')
    .map((placed) => sources.textOf(placed) ?? '')
    .join('\n');
  const asked = [
    ...text.matchAll(/\brun_command\s{0,5}\(\s{0,20}['"]([\w-]+)['"]/g),
    ...[...text.matchAll(/\bsub_commands\b.{0,200}/gs)].flatMap((part) => [...part[0].matchAll(/['"]([\w-]+)['"]/g)]),
  ].map((match) => match[1]);
  return (command) => asked.includes(command);
}

/** Reads a command class as distutils would run it. */
export function runCommand(machine: Machine, command: string, value: Value, run: Run): void {
  const options = value.kind === 'union' ? value.options : [value];
  for (const option of options) {
    if (option.kind !== 'class') continue;
    const when: ExecutionContext = isInstallCommand(command) ? 'install' : 'call';
    run(`${option.unit.path}:${option.name}`, when, ROOT_STEPS, () => {
      symbolicInstance(machine, option);
      const methods =
        when === 'install'
          ? [
              ...COMMAND_METHODS,
              ...[...option.members.keys()].filter((k) =>
                /^(?:build_|byte_|copy_|do_|get_|write_|make_|swig_)/.test(k),
              ),
            ]
          : ['run'];
      for (const name of methods) {
        const method = findMember(option, name);
        if (method?.kind === 'function') callAsStranger(machine, method);
      }
    });
  }
}

const COMMAND_METHODS = [
  'initialize_options',
  'finalize_options',
  'run',
  'finalize',
  'get_outputs',
  'run_command',
  'execute',
  '__del__',
];
