// Owns functions of the archive that outside code calls: threads, timers, hooks; and commands that start code of the
// archive. May import machine. Start at followCall.
import { noteDiscarded } from './answers.ts';
import { followCommand } from './commands.ts';
import { elementsOf } from './elements.ts';
import { symbolicArguments } from './functions.ts';
import { isClientStart } from './handlers.ts';
import { callMethod } from './instance-operators.ts';
import { iterated } from './iteration.ts';
import { LIBRARY } from './library.ts';
import { type Machine, NO_KEYWORDS } from './machine.ts';
import { sinkOf, sourceOf } from './models.ts';
import { type FunctionValue, list, namesIn, type RefValue, type Site, UNKNOWN, type Value } from './value.ts';

/** Outside functions that call, sooner or later, what they are handed. */
const CALLERS =
  /(?:^|\.)(?:Thread|Process|Timer|submit|run_in_executor|register|after|call_soon|call_later|call_soon_threadsafe|create_task|ensure_future|start_new_thread|start_new|do|add_job|apply_async|apply|map_async|imap|starmap|starmap_async|signal|run|run_until_complete|to_thread|gather|run_forever|retry|finalize|call|spawn|Greenlet|retry_call|on_press|on_release|hook|Listener|setprofile|settrace|addaudithook|run_sync|start_soon|run_coroutine_threadsafe|add_done_callback|exec_in|daemonize|DaemonContext|Pool|defer|enter|enterabs|walk_packages|sub|iter|accumulate|starmap|takewhile|dropwhile|groupby|filterfalse|walk|excepthook|addCallback|deferToThread|callLater)$/;

/** Call the first argument with the elements of the others: `pool.map(send, paths)`. */
const MAPPERS = /(?:Executor|Pool|pool)\(\)\.(?:map|imap|imap_unordered|map_async)$/;

const STARTERS =
  /^(?:threading\.Thread|multiprocessing\.Process|threading\.Timer|multiprocessing\.context\.Process)\(\)\.(?:start|run)$/;

/** Whether a call by this name may call what it is handed. */
export function isCaller(name: string): boolean {
  return CALLERS.test(name) || STARTERS.test(name) || MAPPERS.test(name) || KEYED.test(name);
}

/** Functions of the library that call at once what they are handed by these names, or in any place. */
const KEYED =
  /^(?:sorted|min|max|heapq\.\w+|bisect\.\w+|json\.(?:loads?|dumps?)|functools\.cmp_to_key|threading\.Barrier|os\.register_at_fork|argparse\.ArgumentParser\(\)\.add_argument|types\.new_class|codecs\.register_error|logging(?:\.getLogger\(\))?\.addFilter|contextlib\.(?:Async)?ExitStack\(\)\.(?:callback|push|push_async_callback|enter_context)|contextlib\.closing|multiprocessing\.(?:pool\.)?(?:Thread)?Pool|concurrent\.futures\.\w+Executor|shutil\.(?:rmtree|copytree))$/;

/** Function first, then what it is handed: `submit(f, a, key=b)`. */
const SPREADERS =
  /(?:\.submit|copy_context\(\)\.run|Context\(\)\.run|^atexit\.register|\.callback|\.push_async_callback|\.call_soon|\.call_soon_threadsafe|^weakref\.finalize|\.run_sync)$/;

/** How a call hands arguments on: those of the function as a sequence, its keywords as a dict. */
function handedOn(
  name: string,
  rest: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): { args: readonly Value[] | undefined; keywords: ReadonlyMap<string, Value> } {
  if (SPREADERS.test(name)) return { args: rest, keywords };
  const args = keywords.get('args') ?? keywords.get('argument') ?? (BUNDLED.test(name) ? rest[0] : undefined);
  const named = keywords.get('kwargs') ?? keywords.get('kwds') ?? (BUNDLED.test(name) ? rest[1] : undefined);
  if (args === undefined && named === undefined)
    return { args: /(?:Thread|Timer)$/.test(name) ? undefined : rest, keywords: NO_KEYWORDS };
  return {
    args: args === undefined ? [] : elementsOf(args),
    keywords: named?.kind === 'dict' ? (namesIn(named) ?? NO_KEYWORDS) : NO_KEYWORDS,
  };
}

/** Call, later or beside the program, and keep nothing of what comes back. */
const DROPS =
  /(?:Thread|Process|Timer|start_new_thread|start_new|call_soon|call_later|call_soon_threadsafe|^atexit\.register)$/;

/** `Thread(target=lambda: post(…))`: nobody gets what the function gives. */
function dropResult(machine: Machine, target: Value): void {
  if (target.kind === 'function' && target.node.kind === 'Lambda') noteDiscarded(machine, target.node.body);
}

const BUNDLED = /(?:Timer|\.apply|\.apply_async|\.enter|\.enterabs|start_new_thread|start_new)$/;

/** Reads what an outside call leads to inside the archive; what the function gives back, where the call gives it on. */
export function followCall(
  machine: Machine,
  name: string,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value | undefined {
  if (sinkOf(name) === 'process') followCommand(machine, name, args, keywords, site, callee.call);
  if (STARTERS.test(name)) {
    const self = callee.call?.receiver;
    if (self?.kind === 'instance') {
      const run = machine.attribute(self, 'run', site);
      if (run.kind === 'function') machine.call(run, [], NO_KEYWORDS, site);
    }
  }
  if (MAPPERS.test(name)) {
    const [target, ...columns] = args;
    if (target === undefined) return undefined;
    const given = columns.map((column) => iterated(machine, column, site));
    const element = callBack(machine, target, given, NO_KEYWORDS, site);
    return element === undefined ? undefined : list([element], true);
  }
  if (KEYED.test(name)) return callKeyed(machine, name, args, keywords, site);
  if (!CALLERS.test(name)) return undefined;
  if (DROPS.test(name)) for (const one of [...args, ...keywords.values()]) dropResult(machine, one);
  let result: Value | undefined;
  const target = keywords.get('target') ?? keywords.get('func') ?? keywords.get('function') ?? keywords.get('on_press');
  if (target !== undefined) {
    const handed = handedOn(name, [], keywords);
    result = callBack(machine, target, keywords.has('args') ? handed.args : undefined, handed.keywords, site);
  }
  args.forEach((arg, i) => {
    const handed = handedOn(name, args.slice(i + 1), keywords);
    result = callBack(machine, arg, handed.args, handed.keywords, site) ?? result;
  });
  return result;
}

/** Keys, hooks, converters: called with elements where there are any. */
function callKeyed(
  machine: Machine,
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value | undefined {
  const isOrder = /^(?:sorted|min|max|heapq|bisect)/.test(name);
  const [first] = args;
  const element = first === undefined ? UNKNOWN : iterated(machine, first, site);
  for (const [key, value] of keywords)
    if (isOrder ? key === 'key' : true) callBack(machine, value, isOrder ? [element] : undefined, NO_KEYWORDS, site);
  if (isOrder) {
    if (element.kind === 'instance') callMethod(machine, element, '__lt__', [element], site);
    if (first?.kind !== 'sequence') return undefined;
    return name === 'sorted' ? { ...first, type: 'list', elements: [...first.elements], isOpen: true } : element;
  }
  args.forEach((arg, i) => {
    const handed = SPREADERS.test(name)
      ? { args: args.slice(i + 1), keywords }
      : { args: undefined, keywords: NO_KEYWORDS };
    callBack(machine, arg, handed.args, handed.keywords, site);
  });
  return undefined;
}

const MAX_WORKERS = 40;

function callBack(
  machine: Machine,
  target: Value,
  args: readonly Value[] | undefined,
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value | undefined {
  if (target.kind === 'union') {
    let result: Value | undefined;
    for (const option of target.options) result = callBack(machine, option, args, keywords, site) ?? result;
    return result;
  }
  if (target.kind === 'function') {
    const wanted = neededCount(target);
    const symbols = symbolicArguments(target, target.bound.length);
    const isEnough = args !== undefined && args.length + keywords.size >= wanted;
    const named = keywords.size === 0 ? symbols.keywords : new Map([...symbols.keywords, ...keywords]);
    const before = machine.emptyTakes;
    const handed = isEnough ? args : symbols.args;
    const result = machine.call(target, handed, named, site);
    // A worker that waits for what comes later is read again when all of it is there.
    if (machine.emptyTakes > before && machine.finalizers.length < MAX_WORKERS)
      machine.finalizers.push({ callee: { ...target, bound: [...target.bound, ...handed] }, site });
    return result;
  }
  if (target.kind !== 'ref') return undefined;
  if (isTelling(target.name) && (args !== undefined || sinkOf(target.name) === 'server'))
    return machine.call(target, args ?? [], keywords, site);
  return isClientStart(target.name) ? machine.call(target, args ?? [], keywords, site) : undefined;
}

/** Whether a function outside does something that is worth a call: acts, tells something, computes. */
function isTelling(name: string): boolean {
  return (
    !name.endsWith(')') && (sinkOf(name) !== undefined || sourceOf(`${name}()`) !== undefined || LIBRARY.has(name))
  );
}

function neededCount(target: FunctionValue): number {
  const { args, posonlyargs } = target.node.args;
  return args.length + posonlyargs.length - target.bound.length - target.defaults.length;
}
