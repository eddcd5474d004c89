// Owns functions of the archive that outside code calls: threads, timers, hooks; and commands that start code of the
// archive. May import machine. Start at followCall.
import { followCommand } from './commands.ts';
import { symbolicArguments } from './functions.ts';
import { isClientStart } from './handlers.ts';
import { iterated } from './iteration.ts';
import { elementsOf } from './library.ts';
import { type Machine, NO_KEYWORDS } from './machine.ts';
import { sinkOf } from './models.ts';
import type { FunctionValue, RefValue, Site, Value } from './value.ts';

/** Outside functions that call, sooner or later, what they are handed. */
const CALLERS =
  /(?:^|\.)(?:Thread|Process|Timer|submit|run_in_executor|register|after|call_soon|call_later|call_soon_threadsafe|create_task|ensure_future|start_new_thread|start_new|do|add_job|apply_async|apply|map_async|imap|starmap|starmap_async|signal|run|run_until_complete|to_thread|gather|run_forever|retry|finalize|call|spawn|Greenlet|retry_call|on_press|on_release|hook|Listener|setprofile|settrace|addaudithook|run_sync|start_soon|run_coroutine_threadsafe|add_done_callback|exec_in|daemonize|DaemonContext|Pool|defer|enter|enterabs|walk_packages|sub|iter|accumulate|starmap|takewhile|dropwhile|groupby|filterfalse|walk|excepthook|addCallback|deferToThread|callLater)$/;

/** Call the first argument with the elements of the others: `pool.map(send, paths)`. */
const MAPPERS = /(?:Executor|Pool|pool)\(\)\.(?:map|imap|imap_unordered|map_async)$/;

const STARTERS =
  /^(?:threading\.Thread|multiprocessing\.Process|threading\.Timer|multiprocessing\.context\.Process)\(\)\.(?:start|run)$/;

/** Whether a call by this name may call what it is handed. */
export function isCaller(name: string): boolean {
  return CALLERS.test(name) || STARTERS.test(name) || MAPPERS.test(name);
}

/** Reads what an outside call leads to inside the archive. */
export function followCall(
  machine: Machine,
  name: string,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): void {
  if (sinkOf(name) === 'process') followCommand(machine, name, args, keywords, site);
  if (STARTERS.test(name)) {
    const self = callee.call?.receiver;
    if (self?.kind === 'instance') {
      const run = machine.attribute(self, 'run', site);
      if (run.kind === 'function') machine.call(run, [], NO_KEYWORDS, site);
    }
  }
  if (MAPPERS.test(name)) {
    const [target, ...columns] = args;
    if (target !== undefined)
      callBack(
        machine,
        target,
        columns.map((column) => iterated(machine, column, site)),
        site,
      );
    return;
  }
  if (!CALLERS.test(name)) return;
  const target = keywords.get('target') ?? keywords.get('func') ?? keywords.get('function') ?? keywords.get('on_press');
  const given = keywords.get('args');
  if (target !== undefined) callBack(machine, target, given === undefined ? undefined : elementsOf(given), site);
  args.forEach((arg, i) => {
    const known = given === undefined ? args.slice(i + 1) : elementsOf(given);
    callBack(
      machine,
      arg,
      name.endsWith('Thread') || name.endsWith('Timer') ? (given === undefined ? undefined : known) : known,
      site,
    );
  });
}

function callBack(machine: Machine, target: Value, args: readonly Value[] | undefined, site: Site): void {
  if (target.kind === 'union') {
    for (const option of target.options) callBack(machine, option, args, site);
    return;
  }
  if (target.kind === 'function') {
    const wanted = neededCount(target);
    const symbols = symbolicArguments(target, target.bound.length);
    const known = args !== undefined && args.length >= wanted ? args : symbols.args;
    machine.call(target, known, symbols.keywords, site);
  } else if (
    target.kind === 'ref' &&
    target.call === undefined &&
    args !== undefined &&
    sinkOf(target.name) !== undefined
  )
    machine.call(target, args, NO_KEYWORDS, site);
  else if (target.kind === 'ref' && isClientStart(target.name)) machine.call(target, args ?? [], NO_KEYWORDS, site);
}

function neededCount(target: FunctionValue): number {
  const { args, posonlyargs } = target.node.args;
  return args.length + posonlyargs.length - target.bound.length - target.defaults.length;
}
