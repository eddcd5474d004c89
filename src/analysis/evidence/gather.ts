// Owns the order in which an archive's code is read: start-up, install, import, entry points, calls. Start at gather.
// May import archive, python, report.
import type { OpenedArchive } from '../archive/archive.ts';
import { type CallEvent, isUnasked, type Machine } from '../python/flow/machine.ts';
import { callAsStranger, createMachine, runRoot } from '../python/flow/reading.ts';
import { moduleScope } from '../python/flow/scope.ts';
import { CLEAN } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import type { ClassValue, FunctionValue, Unit } from '../python/flow/value.ts';
import type { ExecutionContext } from '../report/finding.ts';
import { commandOf } from './command.ts';
import { entryPointsOf, loadEntryPoints, readEntryPoints } from './entry-points.ts';
import type { CutShort, Evidence, FileContext, StartUpLine } from './evidence.ts';
import { installedBySetup, ROOT_STEPS, type Run, readInstall } from './install.ts';
import { createInterest, type FunctionPlace } from './interest.ts';
import { contextOf, type Layout, layoutOf, type PlacedMember } from './layout.ts';
import { leftFiles } from './left-files.ts';
import { parseMetadata } from './metadata.ts';
import { createPrefilter } from './prefilter.ts';
import { readScripts } from './scripts.ts';
import { openSources, type Source } from './sources.ts';
import { isAimOnly, trafficOf } from './traffic.ts';

/** Steps (one is about a node evaluated) of a whole archive. */
const ARCHIVE_STEPS = 6_000_000;
const STEPS_PER_BYTE = 12;
const MAX_ARCHIVE_STEPS = 60_000_000;
const SWEEP_STEPS = 60_000;
/** In archives with more Python than this, only what leads to something is read beyond the code that runs by itself. */
const EAGER_BYTES = 80_000;
const LAZY_SWEEP_STEPS = 12_000;
const LAZY_ROOT_STEPS = 150_000;

/** Steps for a function that nothing is known to call; 0: it is passed over. */
type StepsOf = (unit: Unit, node: FunctionValue['node']) => number;

/** Reads everything once. Never throws for what the archive holds. */
export function gather(archive: OpenedArchive, context: FileContext): Evidence {
  const layout = layoutOf(archive);
  const sources = openSources(layout, createPrefilter(layout.members));
  const machine = createMachine(sources);
  const requiresTxt = layout.members.find(({ local }) => /(?:^|\/)[^/]+\.egg-info\/requires\.txt$/.test(local));
  const metadata = parseMetadata(
    archive.coreMetadata,
    requiresTxt === undefined ? '' : (sources.textOf(requiresTxt) ?? ''),
    layout.projectName,
  );
  const all = layout.members.filter((p) => /\.pyw?$/.test(p.local));
  const python = all.filter((p) => p.role !== 'test');
  const pythonBytes = sizeOf(python);
  machine.steps = Math.min(MAX_ARCHIVE_STEPS, ARCHIVE_STEPS + STEPS_PER_BYTE * sizeOf(all));
  machine.skimReserve = machine.steps / 2;
  const cutShort: CutShort[] = [];
  const run = (path: string, when: ExecutionContext, steps: number, body: () => void): void => {
    machine.isEager = isUnasked(when) || pythonBytes <= EAGER_BYTES;
    const share = machine.isEager ? steps : Math.min(steps, steps === SWEEP_STEPS ? LAZY_SWEEP_STEPS : LAZY_ROOT_STEPS);
    if (!runRoot(machine, path, when, share, body)) cutShort.push({ path, context: when, why: 'step budget' });
  };
  const startUpLines = readStartUp(machine, layout.members, sources, run);
  if (layout.kind === 'sdist') readInstall(machine, layout, sources, run);
  const read = all.map((p) => sources.sourceOf(p)).filter((s) => s !== undefined);
  const isInstalled = installedBySetup(machine);
  const modules = read.filter(({ placed }) => placed.role !== 'test' || isInstalled(placed.local));
  const tests = new Set(read.filter((source) => !modules.includes(source)).map(({ unit }) => unit.path));
  readImports(
    machine,
    read.filter(({ placed }) => !placed.isTestLike),
    run,
  );
  const entries = entryPointsOf(machine, layout.members, sources);
  loadEntryPoints(machine, entries, layout.members, sources, run);
  const idle = read.filter(({ placed, unit }) => placed.isTestLike && !machine.loaded.has(unit.path));
  const idleTests = new Set(idle.map(({ placed }) => placed.path));
  const strays = new Set(
    idle.filter(
      ({ placed: { path, local } }) =>
        tests.has(path) && (isEnvironment(local) || !isInPackage(layout, local) || layout.isLeftOut(local)),
    ),
  );
  readImports(
    machine,
    read.filter((source) => !strays.has(source)),
    run,
  );
  const isInteresting = createInterest(placesOf(machine));
  const isLarge = pythonBytes > EAGER_BYTES;
  if (isLarge) machine.isInteresting = isInteresting;
  const idleSteps = isLarge ? 0 : LAZY_SWEEP_STEPS;
  const stepsOf: StepsOf = (unit, node) => (isInteresting(unit, node) ? SWEEP_STEPS : idleSteps);
  readEntryPoints(machine, entries, sources, run);
  readScripts(machine, layout, sources, run);
  readSkipped(machine, run, tests);
  sweep(machine, run, tests, [...strays], stepsOf);
  const left = leftFiles(machine);
  const traffic = new Map(machine.events.filter(reachesOut).map((e) => [e, trafficOf(e, machine.events, left)]));
  const commands = new Map(machine.events.filter((e) => e.sink === 'process').map((e) => [e, commandOf(e)]));
  return {
    archive,
    context,
    traffic,
    commands,
    left,
    entryPoints: entries,
    layout,
    sources,
    modules,
    idleTests,
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
function reachesOut(event: CallEvent): boolean {
  const { sink, name } = event;
  if (sink === 'network') return (!isAimOnly(event) || isInstalling(event)) && !isOwnFile(event);
  return sink === 'dns' || (sink === 'browser' && name.startsWith('webbrowser'));
}

/** A function that opens files and addresses alike, handed a file that lies beside the module. */
function isOwnFile({ name, args: [first] }: CallEvent): boolean {
  return /\.(?:urlopen|urlretrieve)$/.test(name) && first !== undefined && textOf(first).startsWith('‹here›');
}

/** Nobody asks for the address of this end in order to install something. */
function isInstalling({ context }: CallEvent): boolean {
  return context === 'install' || context === 'start-up';
}

function sizeOf(members: readonly PlacedMember[]): number {
  return members.reduce((sum, p) => sum + p.member.sizeBytes, 0);
}

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

function readImports(machine: Machine, modules: readonly Source[], run: Run): void {
  const ordered = modules
    .filter(({ placed: { role } }) => role === 'module' || role === 'loose' || role === 'test')
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
  // What nobody installs comes last: a package that imports it runs it sooner.
  const late = source.placed.role === 'loose' ? 1000 : 0;
  return late + source.placed.local.split('/').length * 2 - (source.unit.isPackage ? 1 : 0);
}

function readSkipped(machine: Machine, run: Run, tests: ReadonlySet<string>): void {
  for (let i = 0; i < machine.skipped.length; i++) {
    const skipped = machine.skipped[i];
    if (skipped === undefined) continue;
    const { body, scope, context } = skipped;
    const when = tests.has(memberOf(scope.unit)) ? 'test' : context;
    run(
      scope.unit.path,
      when,
      context === 'entry-point' ? ROOT_STEPS : SWEEP_STEPS,
      () => void machine.execute(body, scope),
    );
  }
}

/** The member in which a unit stands; of decoded code, that which holds it. */
function memberOf(unit: Unit): string {
  return unit.path.includes('#') ? unit.path.replace(/#.*$/, '') : unit.path;
}

function placesOf(machine: Machine): FunctionPlace[] {
  const places: FunctionPlace[] = [...machine.functions];
  for (const made of machine.classes)
    for (const member of made.members.values())
      if (member.kind === 'function' && member.owner === made) places.push(member);
  return places;
}

/** What a decorator put in the place of a method: it is handed the object first. */
function isWrapper({ owner, bound, decoration, node }: FunctionValue): boolean {
  if (owner !== undefined || bound.length > 0 || decoration !== 'none' || node.kind === 'Lambda') return false;
  const [first] = node.args.args;
  return first === undefined ? node.args.vararg !== undefined : first.arg === 'self';
}

/** An environment packed by mistake, or a folder that no import can name: whatever is a package in there, no build finds it. */
function isEnvironment(local: string): boolean {
  return /^(?:\.[\w-]+|(?:[^/]+\/)*(?:site-packages|dist-packages))\//.test(local);
}

/** A search for packages finds the module, so that a build may install it. */
function isInPackage({ byPath }: Layout, local: string): boolean {
  const folder = local.slice(0, local.lastIndexOf('/') + 1);
  return folder !== '' && byPath.has(`${folder}__init__.py`);
}

/**
 * Every function and method that nothing is known to call. Tests come last: what they alone call has been read by then.
 * @param strays files of an sdist that no build installs and nothing imports (examples, most tests): even their own
 *   statements run only when a developer starts them
 */
function sweep(
  machine: Machine,
  run: Run,
  tests: ReadonlySet<string>,
  strays: readonly Source[],
  stepsOf: StepsOf,
): void {
  const seen = new Set<unknown>();
  sweepOnce(machine, run, seen, stepsOf, 'call', (unit) => !tests.has(memberOf(unit)));
  for (const source of strays)
    if (!machine.loaded.has(source.unit.path))
      run(source.unit.path, 'test', ROOT_STEPS, () => void machine.load(source));
  if (tests.size > 0) sweepOnce(machine, run, seen, stepsOf, 'test', () => true);
}

function sweepOnce(
  machine: Machine,
  run: Run,
  seen: Set<unknown>,
  stepsOf: StepsOf,
  when: ExecutionContext,
  isWanted: (unit: Unit) => boolean,
): void {
  const one = (callee: FunctionValue): void => {
    if (seen.has(callee.node) || !isWanted(callee.unit)) return;
    seen.add(callee.node);
    const steps = stepsOf(callee.unit, callee.node);
    if (steps === 0) return;
    // A function without parameters that was read is not read again.
    if (machine.visited.has(callee.node) && callee.node.args.args.length === 0 && callee.node.args.vararg === undefined)
      return;
    run(callee.unit.path, when, steps, () => void callAsStranger(machine, callee));
  };
  for (let i = 0; i < machine.classes.length; i++) {
    const made: ClassValue | undefined = machine.classes[i];
    if (made === undefined) continue;
    for (const member of made.members.values())
      if (member.kind === 'function' && member.owner === made) one(member);
      else if (member.kind === 'function' && isWrapper(member)) one({ ...member, owner: made });
  }
  // Reading one may define more.
  for (let i = 0; i < machine.functions.length && i < 200_000; i++) {
    const callee = machine.functions[i];
    if (callee !== undefined) one(callee);
  }
}
