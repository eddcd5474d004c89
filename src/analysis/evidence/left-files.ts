// Owns what the files hold that a program makes: written, copied, packed. May import python. Start at leftFiles.
//
// Files that are written and named later have three readers, which ask at other times: flow/files.ts gives a read back the very value
// that was written, and flow/stored.ts what guarded data lies at a place, both while the program is followed, in its order, where a
// label too many would spread to everything computed from it. Here the reading is over: all labels count, for the few requests and
// commands that hand over a file, and what stored.ts knows is where it starts.
import { KEEPS_ANSWER, placeOfAnswer } from '../python/flow/downloads.ts';
import { elementsOf } from '../python/flow/elements.ts';
import type { CallEvent, Machine } from '../python/flow/machine.ts';
import { pathLabel } from '../python/flow/models.ts';
import { CLEAN, LABEL, type Taint, taintFrom, unite } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { taintOf, type Value } from '../python/flow/value.ts';

/** Path as the program names it, holes as `‹…›` → the data in it. */
export type LeftFiles = ReadonlyMap<string, Taint>;

const MAX_FILES = 2_000;
const MAX_PATH = 400;

/** Files that writes, copies, packed archives and command lines leave behind. */
export function leftFiles({ events, spilled }: Pick<Machine, 'events' | 'spilled'>): LeftFiles {
  const left = new Map([...spilled].map(([path, { taint }]) => [path, taint]));
  const note = (path: Value | undefined, taint: Taint): void => {
    if (path === undefined || taint.bits === 0) return;
    const text = textOf(path);
    if (text.length < 3 || text.length > MAX_PATH || (left.size >= MAX_FILES && !left.has(text))) return;
    left.set(text, unite(left.get(text) ?? CLEAN, taint));
  };
  for (const event of events) {
    const [first, second] = event.args;
    switch (event.sink) {
      case 'write':
        if (second !== undefined) note(first, taintOf(second));
        break;
      case 'copy':
        if (first !== undefined) note(second, contentOf(textOf(first), event, left));
        break;
      case 'network':
        if (KEEPS_ANSWER.test(event.name))
          note(placeOfAnswer(event), taintFrom(LABEL.network, event.site.unit.path, event.site.node.line, event.name));
        break;
      case 'archive':
        note(packedInto(event), packed(event, left));
        break;
      default:
        break;
    }
  }
  return left;
}

/** What a file holds, by its path and by what the program put into it. */
export function contentOf(text: string, { site }: CallEvent, left: LeftFiles): Taint {
  const label = pathLabel(text);
  const made = left.get(text) ?? CLEAN;
  return label === LABEL.file ? made : unite(made, taintFrom(label, site.unit.path, site.node.line, `file ${text}`));
}

/** `ZipFile(path).write(…)`, `tarfile.open(path).add(…)`, `make_archive(base, 'zip', folder)`. */
function packedInto({ name, args, receiver }: CallEvent): Value | undefined {
  if (name === 'shutil.make_archive') return args[0];
  return receiver?.kind === 'ref' && /\.(?:write|writestr|add)$/.test(name) ? receiver.call?.args[0] : undefined;
}

function packed(event: CallEvent, left: LeftFiles): Taint {
  const { name, args, keywords } = event;
  const from = name === 'shutil.make_archive' ? (args[2] ?? keywords.get('root_dir')) : args[0];
  let taint = from === undefined ? CLEAN : contentOf(textOf(from), event, left);
  const content = name.endsWith('.writestr') ? args[1] : undefined;
  if (content !== undefined) taint = unite(taint, taintOf(content));
  for (const one of elementsOf(from) ?? []) taint = unite(taint, contentOf(textOf(one), event, left));
  return taint;
}
