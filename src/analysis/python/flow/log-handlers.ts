// Owns what becomes of a line that is logged: handlers that were added to a logger before are called. May import machine.
// Start at LOGGING.
import { emit } from './events.ts';
import { type Machine, NO_KEYWORDS } from './machine.ts';
import { CLEAN, unite } from './taint.ts';
import { textOf } from './text.ts';
import { NONE, type RefValue, ref, type Site, taintOf, type Value } from './value.ts';

/** Handlers of `logging` that send what they are handed, and their subclasses in the archive. */
const REMOTE_HANDLERS =
  /^logging\.handlers\.(?:HTTPHandler|SocketHandler|DatagramHandler|SysLogHandler|SMTPHandler)\(\)$/;
const MAX_HANDLERS = 50;

interface LogCall {
  readonly callee: RefValue;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  readonly site: Site;
}

/** The name of the logger that a method is called on; empty: the root's. */
function loggerOf(callee: RefValue): string {
  const name = callee.call?.name === 'logging.getLogger' ? callee.call.args[0] : undefined;
  return name === undefined ? '' : textOf(name);
}

function addHandler(machine: Machine, { callee, args }: LogCall): Value | undefined {
  const [handler] = args;
  const isKnown = (handler?.kind === 'ref' && REMOTE_HANDLERS.test(handler.name)) || handler?.kind === 'instance';
  if (isKnown && machine.logHandlers.length < MAX_HANDLERS)
    machine.logHandlers.push({ logger: loggerOf(callee), handler });
  return undefined;
}

/** `logging.basicConfig(handlers=[…])`: the root's handlers. */
function configure(machine: Machine, { callee, keywords, site }: LogCall): Value | undefined {
  const handlers = keywords.get('handlers');
  if (handlers?.kind === 'sequence')
    for (const handler of handlers.elements.slice(0, 8))
      addHandler(machine, { callee, args: [handler], keywords: NO_KEYWORDS, site });
  return undefined;
}

/** A line that is logged goes to the handlers of its logger and of those above it. */
function log(machine: Machine, { callee, args, keywords, site }: LogCall): Value | undefined {
  if (machine.logHandlers.length === 0) return undefined;
  const logger = loggerOf(callee);
  for (const { logger: name, handler } of machine.logHandlers) {
    if (name !== '' && name !== logger && !logger.startsWith(`${name}.`)) continue;
    if (handler.kind === 'ref') {
      const receiver = ref(`${handler.name}.emit`, CLEAN, handler.call);
      emit(machine, { sink: 'network', name: `${handler.name}.emit`, args, keywords, receiver, site });
    } else {
      let taint = CLEAN;
      for (const arg of [...args, ...keywords.values()]) taint = unite(taint, taintOf(arg));
      if (taint.bits === 0) continue;
      const send = machine.attribute(handler, 'emit', site);
      if (send.kind === 'function') machine.call(send, [ref('logging.LogRecord()', taint)], NO_KEYWORDS, site);
    }
  }
  return NONE;
}

const LOGGERS = ['logging.getLogger()', 'logging'];
const LEVELS = ['debug', 'info', 'warning', 'warn', 'error', 'critical', 'exception', 'log'];

/** Calls that act through something that was set up before, by canonical name; undefined results fall through. */
export const LOGGING: readonly (readonly [string, (machine: Machine, call: LogCall) => Value | undefined])[] = [
  ['logging.getLogger().addHandler', addHandler],
  ['logging.basicConfig', configure],
  ...LOGGERS.flatMap((logger) => LEVELS.map((level) => [`${logger}.${level}`, log] as const)),
];
