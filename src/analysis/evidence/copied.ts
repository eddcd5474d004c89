// Owns members that the program put somewhere else first, by the place they are at then. May import layout and python.
// Start at membersIn.
import { wordsOf } from '../python/flow/commands.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import type { Value } from '../python/flow/value.ts';
import { bundledAt, bundledIn, bundledSources } from './bundled.ts';
import type { Evidence } from './evidence.ts';
import type { PlacedMember } from './layout.ts';

const MAX_COPIES = 200;
const copies = new WeakMap<Evidence, ReadonlyMap<string, PlacedMember>>();

/** Path as the program names it → the member whose bytes were copied or written there. */
function copiesOf(archive: Evidence): ReadonlyMap<string, PlacedMember> {
  let made = copies.get(archive);
  if (made === undefined) {
    made = readCopies(archive);
    copies.set(archive, made);
  }
  return made;
}

function readCopies(archive: Evidence): Map<string, PlacedMember> {
  const made = new Map<string, PlacedMember>();
  for (const event of archive.events) {
    if (made.size >= MAX_COPIES) break;
    const [first, second] = event.args;
    if (first === undefined || second === undefined) continue;
    if (event.sink === 'copy') {
      const placed = bundledAt(archive.layout, textOf(first), event.site.unit.path);
      if (placed !== undefined) note(made, second, placed);
    } else if (event.sink === 'write') {
      const [placed] = bundledSources(archive.layout, second);
      if (placed !== undefined) note(made, first, placed);
    }
  }
  return made;
}

function note(made: Map<string, PlacedMember>, path: Value, placed: PlacedMember): void {
  const text = textOf(path);
  // Enough of it has to be known that the same text means the same file.
  if (text.length <= 400 && text.replaceAll(/‹[^›]*›|[\\/.]/g, '').length >= 4) made.set(text, placed);
}

/** Members that an event is handed by their path: where they came to, or where the program put them. */
export function membersIn(archive: Evidence, event: CallEvent): PlacedMember[] {
  return [...bundledIn(archive.layout, event), ...copiedIn(archive, event)];
}

/** Members that an event starts or loads at another place than they came to. */
function copiedIn(archive: Evidence, event: CallEvent): PlacedMember[] {
  if (event.sink !== 'process' && event.sink !== 'native' && event.sink !== 'exec') return [];
  const made = copiesOf(archive);
  if (made.size === 0) return [];
  const values = event.sink === 'process' ? wordsOf(event.name, event.args, event.keywords) : event.args;
  const found = new Set<PlacedMember>();
  for (const value of values.slice(0, 8)) {
    const placed = made.get(textOf(value));
    if (placed !== undefined) found.add(placed);
  }
  return [...found];
}
