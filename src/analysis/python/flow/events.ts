// Owns the record of calls that do something. May import machine. Start at emit.
import { type CallEvent, type Machine, NO_KEYWORDS } from './machine.ts';
import type { SinkKind } from './models.ts';
import { LABEL } from './taint.ts';
import { textOf } from './text.ts';
import { type Site, taintOf, type Value } from './value.ts';

const MAX_OF_A_SITE = 24;
/** One function that sends often serves all others: whose value it was handed makes another call of it. */
const MAX_SENT_OF_A_SITE = 48;
const MAX_EVENTS = 60_000;

export interface Happening {
  readonly sink: SinkKind;
  readonly name: string;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  readonly receiver: Value | undefined;
  readonly site: Site;
}

/** What tells one call of a place from another. */
function printOf({ args, keywords, sink }: Happening): string {
  let print = '';
  for (const arg of args.slice(0, 3)) print += `${textOf(arg).slice(0, 120)}\0${taintOf(arg).bits}\0`;
  for (const [key, arg] of keywords) print += `${key}${taintOf(arg).bits}\0`;
  return sink === 'network' ? print + givenOf([...args, ...keywords.values()]) : print;
}

/** Which parameters of which functions are in values. */
function givenOf(values: readonly Value[]): string {
  let print = '';
  for (const value of values)
    for (const { label, line, text } of taintOf(value).origins)
      if (label === LABEL.parameter || label === LABEL.secretParameter) print += `${String(line)}${text}\0`;
  return print;
}

/** Notes a call; undefined when this place has been noted often enough. */
export function emit(machine: Machine, happening: Happening): CallEvent | undefined {
  const { site } = happening;
  const key = `${machine.context}\0${site.unit.path}\0${site.node.start}`;
  const print = `${key}\0${printOf(happening)}`;
  if (machine.eventCounts.has(print)) return undefined;
  machine.eventCounts.set(print, 1);
  const count = machine.eventCounts.get(key) ?? 0;
  const most = happening.sink === 'network' ? MAX_SENT_OF_A_SITE : MAX_OF_A_SITE;
  if (count >= most || machine.events.length >= MAX_EVENTS) return undefined;
  machine.eventCounts.set(key, count + 1);
  const event: CallEvent = {
    ...happening,
    order: machine.events.length,
    context: machine.context,
    root: machine.root,
    frames: [...machine.frames],
    guards: [...machine.guards],
    layers: [...machine.layers],
    isDiscarded: machine.discarded.has(site.node),
  };
  machine.events.push(event);
  return event;
}

const MAX_VARIABLES = 500;

/** `os.environ[key] = value`. */
export function emitVariable(machine: Machine, key: Value, value: Value, site: Site): void {
  if (key.kind === 'str' && machine.variables.size < MAX_VARIABLES) machine.variables.set(key.value, value);
  emit(machine, {
    sink: 'environment',
    name: 'os.environ',
    args: [key, value],
    keywords: NO_KEYWORDS,
    receiver: undefined,
    site,
  });
}
