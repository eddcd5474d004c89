// Owns the record of calls that do something. May import machine. Start at emit.
import type { CallEvent, Machine } from './machine.ts';
import type { SinkKind } from './models.ts';
import type { Site, Value } from './value.ts';

const MAX_OF_A_SITE = 24;
const MAX_EVENTS = 60_000;

export interface Happening {
  readonly sink: SinkKind;
  readonly name: string;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  readonly receiver: Value | undefined;
  readonly site: Site;
}

/** Notes a call; undefined when this place has been noted often enough. */
export function emit(machine: Machine, happening: Happening): CallEvent | undefined {
  const { site } = happening;
  const key = `${machine.context}\0${site.unit.path}\0${site.node.start}`;
  const count = machine.eventCounts.get(key) ?? 0;
  if (count >= MAX_OF_A_SITE || machine.events.length >= MAX_EVENTS) return undefined;
  machine.eventCounts.set(key, count + 1);
  const event: CallEvent = {
    ...happening,
    order: machine.events.length,
    context: machine.context,
    root: machine.root,
    frames: [...machine.frames],
    guards: [...machine.guards],
    layers: [...machine.layers],
  };
  machine.events.push(event);
  return event;
}
