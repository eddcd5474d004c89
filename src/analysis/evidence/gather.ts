// Owns the order in which an archive's code is read: start-up, install, import, entry points, calls. Start at gather.
// May import archive, python, report.
import type { OpenedArchive } from '../archive/archive.ts';
import { externalBases, findMember } from '../python/flow/functions.ts';
import { elementsOf } from '../python/flow/library.ts';
import type { CallEvent, Machine } from '../python/flow/machine.ts';
import { callAsStranger, createMachine, runRoot, symbolicInstance } from '../python/flow/reading.ts';
import { moduleScope } from '../python/flow/scope.ts';
import { CLEAN } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import type { ClassValue, FunctionValue, Unit, Value } from '../python/flow/value.ts';
import type { ExecutionContext } from '../report/finding.ts';
import { buildFacts } from './build.ts';
import { commandOf } from './command.ts';
import type { CutShort, Evidence, FileContext, StartUpLine } from './evidence.ts';
import { createInterest, type FunctionPlace } from './interest.ts';
import { contextOf, layoutOf, type PlacedMember } from './layout.ts';
import { leftFiles } from './left-files.ts';
import { parseMetadata } from './metadata.ts';
import { createPrefilter } from './prefilter.ts';
import { openSources, type Source } from './sources.ts';
import { trafficOf } from './traffic.ts';

/** Steps (one is about a node evaluated) of a whole archive. */
const ARCHIVE_STEPS = 6_000_000;
const STEPS_PER_BYTE = 12;
const MAX_ARCHIVE_STEPS = 60_000_000;
const ROOT_STEPS = 2_500_000;
const SWEEP_STEPS = 60_000;
/** In archives with more Python than this, only what leads to something is read beyond the code that runs by itself. */
const EAGER_BYTES = 80_000;
const LAZY_SWEEP_STEPS = 12_000;
const LAZY_ROOT_STEPS = 150_000;

/** Reads everything once. Never throws for what the archive holds. */
export function gather(archive: OpenedArchive, context: FileContext): Evidence {
  const layout = layoutOf(archive);
  const sources = openSources(layout, createPrefilter(layout.members));
  const machine = createMachine(sources);
  const metadata = parseMetadata(archive.coreMetadata, layout.projectName);
  const python = layout.members.filter((p) => p.role !== 'test' && /\.pyw?$/.test(p.local));
  const pythonBytes = python.reduce((sum, p) => sum + p.member.sizeBytes, 0);
  machine.steps = Math.min(MAX_ARCHIVE_STEPS, ARCHIVE_STEPS + STEPS_PER_BYTE * pythonBytes);
  const cutShort: CutShort[] = [];
  const run = (path: string, when: ExecutionContext, steps: number, body: () => void): void => {
    const runsByItself = when === 'start-up' || when === 'install' || when === 'import';
    machine.isEager = runsByItself || pythonBytes <= EAGER_BYTES;
    const share = machine.isEager ? steps : Math.min(steps, steps === SWEEP_STEPS ? LAZY_SWEEP_STEPS : LAZY_ROOT_STEPS);
    if (!runRoot(machine, path, when, share, body)) cutShort.push({ path, context: when, why: 'step budget' });
  };
  const startUpLines = readStartUp(machine, layout.members, sources, run);
  const modules = python.map((p) => sources.sourceOf(p)).filter((s) => s !== undefined);
  if (layout.kind === 'sdist') readInstall(machine, layout.members, sources, run);
  readImports(machine, modules, run);
  if (pythonBytes > EAGER_BYTES) machine.isInteresting = createInterest(placesOf(machine));
  readEntryPoints(machine, layout.members, sources, run);
  readSkipped(machine, run);
  sweep(machine, run, new Map(modules.map((m) => [m.unit.path, m])), pythonBytes > EAGER_BYTES);
  const left = leftFiles(machine.events);
  const traffic = new Map(machine.events.filter(reachesOut).map((e) => [e, trafficOf(e, machine.events, left)]));
  const commands = new Map(machine.events.filter((e) => e.sink === 'process').map((e) => [e, commandOf(e)]));
  return {
    archive,
    context,
    traffic,
    commands,
    left,
    layout,
    sources,
    modules,
    startUpLines,
    reading: machine,
    events: machine.events,
    cutShort,
    metadata,
    pythonBytes,
    pythonFiles: python.length,
  };
}

/** A page that a browser is told to open is a request with everything in its address. */
function reachesOut({ sink, name }: CallEvent): boolean {
  return sink === 'network' || sink === 'dns' || (sink === 'browser' && name.startsWith('webbrowser'));
}

type Run = (path: string, when: ExecutionContext, steps: number, body: () => void) => void;

function readStartUp(
  machine: Machine,
  members: readonly PlacedMember[],
  sources: Evidence['sources'],
  run: Run,
): StartUpLine[] {
  const lines: StartUpLine[] = [];
  for (const placed of members) {
    if (placed.role !== 'start-up') continue;
    if (!placed.local.endsWith('.pth')) {
      const source = sources.sourceOf(placed);
      if (source !== undefined) run(placed.path, 'start-up', ROOT_STEPS, () => void machine.load(source));
      continue;
    }
    const text = sources.textOf(placed) ?? '';
    text.split(/\r\n|\r|\n/).forEach((line, i) => {
      // site.py: only a line that begins with import and a space or tab is executed
      if (!/^import[ \t]/.test(line) || lines.length >= 1000) return;
      lines.push({ placed, line: i + 1, text: line });
      const unit: Unit = { path: placed.path, module: '', text, isPackage: false };
      const site = { unit, node: { kind: 'Pass' as const, start: 0, end: 0, line: i + 1 } };
      run(
        placed.path,
        'start-up',
        ROOT_STEPS,
        () => void machine.runText(line, '.pth', CLEAN, moduleScope(unit), site, 'exec'),
      );
    });
  }
  return lines;
}

function readInstall(machine: Machine, members: readonly PlacedMember[], sources: Evidence['sources'], run: Run): void {
  for (const placed of members) {
    if (placed.role !== 'build') continue;
    const source = sources.sourceOf(placed);
    if (source !== undefined) run(placed.path, 'install', ROOT_STEPS * 2, () => void machine.load(source));
  }
  const facts = buildFacts(members, sources);
  for (const name of facts.modules) {
    const parsed = sources.findModule(name, ROOT_UNIT);
    if (parsed !== undefined) run(parsed.unit.path, 'install', ROOT_STEPS, () => void machine.load(parsed));
  }
  for (const hook of facts.hooks) {
    const parsed = sources.findModule(hook.module, ROOT_UNIT);
    const value = parsed === undefined ? undefined : machine.loaded.get(parsed.unit.path)?.scope.names.get(hook.name);
    if (value?.kind === 'function')
      run(`${hook.module}:${hook.name}`, 'install', ROOT_STEPS, () => void callAsStranger(machine, value));
  }
  for (const { keywords, context } of machine.setups) {
    if (context !== 'install') continue;
    const commands = keywords.get('cmdclass');
    if (commands?.kind === 'dict')
      for (const [key, value] of commands.entries) runCommand(machine, key.slice(1), value, run);
  }
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

const ROOT_UNIT: Unit = { path: 'setup.py', module: '', text: '', isPackage: false };

/** Commands that pip runs while it builds or installs; the others run when a developer asks. */
const INSTALL_COMMANDS =
  /^(?:install|develop|egg_info|build|build_py|build_ext|build_clib|build_scripts|install_lib|install_scripts|install_data|install_headers|install_egg_info|bdist_wheel|dist_info|editable_wheel|bdist_egg|bdist|sdist|easy_install)$/;

function runCommand(machine: Machine, command: string, value: Value, run: Run): void {
  const options = value.kind === 'union' ? value.options : [value];
  for (const option of options) {
    if (option.kind !== 'class') continue;
    const when: ExecutionContext = INSTALL_COMMANDS.test(command) ? 'install' : 'call';
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

function readImports(machine: Machine, modules: readonly Source[], run: Run): void {
  const ordered = modules
    .filter((m) => m.placed.role === 'module' || m.placed.role === 'loose')
    .sort((a, b) => depthOf(a) - depthOf(b));
  for (const source of ordered) {
    if (machine.loaded.has(source.unit.path)) continue;
    const isMain = /(?:^|\/)__main__\.py$/.test(source.placed.local);
    const when: ExecutionContext = isMain ? 'entry-point' : contextOf(source.placed.role);
    run(source.unit.path, when, Math.max(ROOT_STEPS, source.unit.text.length * 4), () => {
      const made = machine.load(source);
      // Any attribute that is not there asks it: hasattr, from-imports, tools that look around.
      for (const name of ['__getattr__', '__dir__']) {
        const hook = made.scope.names.get(name);
        if (hook?.kind === 'function' && !machine.visited.has(hook.node)) callAsStranger(machine, hook);
      }
    });
  }
}

function depthOf(source: Source): number {
  return source.placed.local.split('/').length * 2 - (source.unit.isPackage ? 1 : 0);
}

function readEntryPoints(
  machine: Machine,
  members: readonly PlacedMember[],
  sources: Evidence['sources'],
  run: Run,
): void {
  for (const placed of members) {
    if (placed.role === 'script') {
      const parsed = sources.findScript(placed.local, ROOT_UNIT);
      if (parsed !== undefined) run(placed.path, 'entry-point', ROOT_STEPS, () => void machine.load(parsed));
    }
    if (/etc\/jupyter\/.*\.json$/.test(placed.local)) {
      for (const match of (sources.textOf(placed) ?? '').matchAll(/"([\w.]+)"\s*:\s*true/g))
        runEntry(machine, match[1] ?? '', '', false, sources, run);
    }
    if (!/(?:^|\/)[^/]+\.(?:dist-info|egg-info)\/entry_points\.txt$/.test(placed.local)) continue;
    let group = '';
    for (const line of (sources.textOf(placed) ?? '').split(/\r?\n/)) {
      group = /^\s*\[([^\]]+)\]/.exec(line)?.[1]?.trim() ?? group;
      const match = /=\s*([\w.]+)\s*(?::\s*(\w+))?/.exec(line);
      if (match !== null) runEntry(machine, match[1] ?? '', match[2] ?? '', isCommandGroup(group), sources, run);
    }
  }
  for (const { keywords } of machine.setups) {
    const points = keywords.get('entry_points');
    if (points?.kind !== 'dict') continue;
    for (const [key, group] of points.entries)
      for (const line of elementsOf(group) ?? []) {
        const match = /=\s*([\w.]+)\s*(?::\s*(\w+))?/.exec(textOf(line));
        if (match !== null)
          runEntry(machine, match[1] ?? '', match[2] ?? '', isCommandGroup(key.slice(1)), sources, run);
      }
  }
}

function isCommandGroup(group: string): boolean {
  return group === 'console_scripts' || group === 'gui_scripts';
}

/** Functions that a host program calls by their names when it loads a plug-in. */
const HOOKS = /^(?:pytest_\w+|_?load_\w+|_jupyter_\w+|setup|register|activate|init\w*|main|plugin|on_\w+|configure)$/;

/** A command starts when a person asks for it; a plug-in is loaded by every run of its host, whether it is wanted or not. */
function runEntry(
  machine: Machine,
  module: string,
  name: string,
  isCommand: boolean,
  sources: Evidence['sources'],
  run: Run,
): void {
  const parsed = sources.findModule(module, ROOT_UNIT);
  const names = parsed === undefined ? undefined : machine.loaded.get(parsed.unit.path)?.scope.names;
  if (names === undefined) return;
  const when: ExecutionContext = isCommand ? 'entry-point' : 'import';
  for (const [key, value] of names) {
    const isNamed = key === name;
    if (!isNamed && (isCommand || !HOOKS.test(key))) continue;
    if (value.kind === 'function') run(`${module}:${key}`, when, ROOT_STEPS, () => void callAsStranger(machine, value));
    else if (value.kind === 'class' && isNamed && !isCommand)
      run(`${module}:${key}`, when, ROOT_STEPS, () => void symbolicInstance(machine, value));
  }
}

function readSkipped(machine: Machine, run: Run): void {
  for (let i = 0; i < machine.skipped.length; i++) {
    const skipped = machine.skipped[i];
    if (skipped === undefined) continue;
    const { body, scope, context } = skipped;
    const when = machine.loaded.has(scope.unit.path) && /(?:^|\/)tests?\//.test(scope.unit.path) ? 'test' : context;
    run(
      scope.unit.path,
      when,
      context === 'entry-point' ? ROOT_STEPS : SWEEP_STEPS,
      () => void machine.execute(body, scope),
    );
  }
}

function placesOf(machine: Machine): FunctionPlace[] {
  const places: FunctionPlace[] = [...machine.functions];
  for (const made of machine.classes)
    for (const member of made.members.values())
      if (member.kind === 'function' && member.owner === made) places.push(member);
  return places;
}

/** Every function and method that nothing is known to call. */
function sweep(machine: Machine, run: Run, modules: ReadonlyMap<string, Source>, isLarge: boolean): void {
  const seen = new Set<unknown>();
  const contextFor = (unit: Unit): ExecutionContext => {
    const role = modules.get(unit.path.replace(/#.*$/, ''))?.placed.role;
    return role === 'test' ? 'test' : 'call';
  };
  const one = (callee: FunctionValue): void => {
    if (seen.has(callee.node)) return;
    seen.add(callee.node);
    if (isLarge && !machine.isInteresting(callee.unit, callee.node)) return;
    // A function without parameters that was read is not read again.
    if (machine.visited.has(callee.node) && callee.node.args.args.length === 0 && callee.node.args.vararg === undefined)
      return;
    run(callee.unit.path, contextFor(callee.unit), SWEEP_STEPS, () => void callAsStranger(machine, callee));
  };
  for (let i = 0; i < machine.classes.length; i++) {
    const made: ClassValue | undefined = machine.classes[i];
    if (made === undefined) continue;
    for (const member of made.members.values()) if (member.kind === 'function' && member.owner === made) one(member);
  }
  // Reading one may define more.
  for (let i = 0; i < machine.functions.length && i < 200_000; i++) {
    const callee = machine.functions[i];
    if (callee !== undefined) one(callee);
  }
}
