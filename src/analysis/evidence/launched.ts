// Owns which members run as programs of their own although nobody asked: started by code that runs by itself, or by what
// that started. May import layout, python, script. Start at launchedIn.
import type { CallEvent } from '../python/flow/machine.ts';
import type { ExecutionContext } from '../report/finding.ts';
import { endingPattern, SHELL_SCRIPTS, WINDOWS_SCRIPTS } from '../vocabulary/endings.ts';
import { membersIn } from './copied.ts';
import type { Evidence } from './evidence.ts';
import type { PlacedMember } from './layout.ts';

export interface Launched {
  readonly placed: PlacedMember;
  /** the call of the archive's own code that began it */
  readonly event: CallEvent;
  /** members that were started in between, in order */
  readonly through: readonly PlacedMember[];
  /** no window, no output, or detached, somewhere on the way */
  readonly isHidden: boolean;
}

/** Scripts that another program than Python runs. */
export const STARTED_SCRIPT = endingPattern(SHELL_SCRIPTS, WINDOWS_SCRIPTS, '[mc]?js');

const UNASKED: ReadonlySet<ExecutionContext> = new Set(['start-up', 'install', 'import']);
/** Run a file by its path, whatever its place or name. */
const LOADERS =
  /(?:spec_from_file_location|SourceFileLoader|SourcelessFileLoader|load_source|load_module|run_path|execfile)$/;
const MAX_LAUNCHED = 200;
const MAX_HOPS = 4;

/** Each member once, with the first way that leads to it. */
export function launchedIn(archive: Evidence): Launched[] {
  const starts = archive.events.filter((e) => e.sink === 'process' || (e.sink === 'exec' && LOADERS.test(e.name)));
  const found = new Map<PlacedMember, Launched>();
  const add = (event: CallEvent, by: Launched | undefined): void => {
    for (const placed of membersIn(archive, event)) {
      if (found.has(placed) || found.size >= MAX_LAUNCHED) continue;
      found.set(placed, {
        placed,
        event: by?.event ?? event,
        through: by === undefined ? [] : [...by.through, by.placed],
        isHidden: by?.isHidden === true || isHidden(archive, event),
      });
    }
  };
  for (const event of starts) if (UNASKED.has(event.context)) add(event, undefined);
  for (const launched of found.values())
    if (launched.through.length < MAX_HOPS)
      for (const event of starts) if (event.site.unit.path === launched.placed.path) add(event, launched);
  return [...found.values()];
}

function isHidden(archive: Evidence, event: CallEvent): boolean {
  if (archive.commands.get(event)?.isHidden === true) return true;
  const output = event.keywords.get('stdout') ?? event.keywords.get('stderr');
  return output?.kind === 'ref' && /DEVNULL/.test(output.name);
}
