// Owns guarded data that waits in files and folders: collected, copied, packed, and read again. May import taint, text, value, models.
// Start at heldAt.
import { shellWords } from './commands.ts';
import { type Machine, originTaint } from './machine.ts';
import { pathLabel, type SinkKind } from './models.ts';
import { CLEAN, LABEL, PRIVATE, type Taint, unite, without } from './taint.ts';
import { archivePath, textOf } from './text.ts';
import { type ExternalCall, type RefValue, type Site, taintOf, type Value } from './value.ts';

/** What may not leave, whatever file or buffer it is put into first. */
const GUARDED = PRIVATE | LABEL.host;

const MAX_STORED = 500;
const MAX_PATH = 300;
const INTO_ARCHIVE = /^(?:zipfile\.ZipFile|tarfile\.open|tarfile\.TarFile)\(\)\.(?:write|writestr|add|addfile)$/;
const PATHS = /^(?:os\.path\.|pathlib\.|tempfile\.(?:mkdtemp|mktemp|TemporaryDirectory)\(\))/;
/** Guarded data at a path, and that path as a place: what {@link placeOf} makes of it. */
export interface Stored {
  readonly place: string;
  readonly taint: Taint;
}

/** A value that names a place in the file system, as far as anything tells. */
export function isPathLike(value: Value): boolean {
  return (
    value.kind === 'str' ||
    value.kind === 'template' ||
    (value.kind === 'ref' && PATHS.test(value.name)) ||
    // `os.path.join(os.environ.get('APPDATA', ''), …)`
    (value.kind === 'union' && value.options.some(isPathLike))
  );
}

/** Guarded data in the file at a path, in the files of that folder, or in a folder around it. */
export function heldAt({ spilled }: Machine, path: string): Taint {
  if (spilled.size === 0 || path.length > MAX_PATH) return CLEAN;
  let held = spilled.get(path)?.taint ?? CLEAN;
  const place = placeOf(path);
  if (!isTelling(place)) return held;
  const inside = `${place}/`;
  for (const { place: other, taint } of spilled.values())
    if (other === place || other.startsWith(inside) || (place.startsWith(`${other}/`) && isTelling(other)))
      held = unite(held, taint);
  return held;
}

/** A path without what only a walk through a folder fills in: `box/‹?files[]›` and `box/*` are the folder. */
function placeOf(path: string): string {
  return path
    .replaceAll('\\', '/')
    .replace(/^\.\//, '')
    .replace(/(?:\/(?:‹[^‹›]*›|\*[\w.*]*))+\/?$/, '')
    .replace(/\/+$/, '');
}

/** Enough of it is known that the same text means the same place. */
function isTelling(place: string): boolean {
  return place.length >= 3 && !/^(?:~|‹here›|\/tmp|\/home|[A-Za-z]:)$/.test(place);
}

/** A call that is handed guarded data and a place to put it (`image.save(path)`, `archive.write(profile)`): the place holds it from now on. */
export function spill(
  machine: Machine,
  name: string,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  given: Taint,
  sink: SinkKind | undefined,
): void {
  if (INTO_ARCHIVE.test(name) && callee.call !== undefined) packFound(machine, callee.call, args[0]);
  if ((given.bits & GUARDED) === 0) return;
  const kept = without(given, ~GUARDED);
  fillMemory(args, keywords, kept);
  const made = callee.call;
  if (made !== undefined && INTO_ARCHIVE.test(name)) {
    const path = made.args[0] ?? made.keywords.get('file') ?? made.keywords.get('name');
    if (path !== undefined) keep(machine, textOf(path), kept);
    // an archive that is put together in a buffer
    fillMemory(made.args, made.keywords, kept);
  }
  if (name === 'shutil.make_archive' && args[0] !== undefined) {
    keep(machine, archivePath({ args, keywords }, 0), kept);
  }
  for (const arg of [...args.slice(0, 3), ...keywords.values()]) if (isPathLike(arg)) keep(machine, textOf(arg), kept);
  // a copy needs no kind of name
  const copy = sink === 'copy' && args[1] !== undefined ? textOf(args[1]) : '';
  if (isTelling(placeOf(copy))) note(machine, copy, kept);
}

/** Files that a walk through folders found are in the archive from now on, whatever they are. */
function packFound(machine: Machine, into: ExternalCall, found: Value | undefined): void {
  if (found === undefined || (taintOf(found).bits & LABEL.listing) === 0) return;
  const listed = without(taintOf(found), ~LABEL.listing);
  const taint = unite(originTaint(LABEL.file, into.site, `file ${textOf(found).slice(0, 120)}`), listed);
  const [path] = into.args;
  if (path !== undefined) keep(machine, textOf(path), taint);
  fillMemory(into.args, into.keywords, taint);
}

/** A request that writes its answer into a buffer. */
export function fillMemory(args: readonly Value[], keywords: ReadonlyMap<string, Value>, received: Taint): void {
  for (const arg of [...args, ...keywords.values()]) {
    const call = arg.kind === 'ref' ? arg.call : undefined;
    if (call !== undefined && /^io\.(?:BytesIO|StringIO)$|^tempfile\./.test(call.name))
      call.absorbed = unite(call.absorbed, received);
  }
}

/** Programs that put what they are shown somewhere else, and what a shell does for any program. */
const PUTS =
  /(?:^|[\s;&|("'\\/])(?:tar|zip|7z[azr]?|rar|gzip|cp|mv|copy|xcopy|robocopy|rsync|ditto|tee|dd|Compress-Archive|Copy-Item)(?:\.exe)?\s|[^<>]>{1,2}\s*[^&\s]/i;

/** A command line that copies, packs or redirects what is guarded: `tar czf box.tgz ~/.ssh`, `hostname > note`. */
export function spillCommand(machine: Machine, words: readonly Value[], said: Taint, site: Site): void {
  const line = words.slice(0, 40).flatMap((word) => wordsIn(textOf(word)));
  if (!PUTS.test(` ${line.join(' ')} `)) return;
  const texts = pathsOf(line);
  let held = without(said, ~GUARDED);
  for (const text of texts) {
    const label = pathLabel(text);
    const own = label === LABEL.file ? CLEAN : originTaint(label, site, `file ${text.slice(0, 120)}`);
    held = unite(held, unite(own, heldAt(machine, text)));
  }
  if (held.bits === 0) return;
  for (const path of texts.slice(1))
    if (/[\\/.]/.test(path) && !path.startsWith('-') && pathLabel(path) === LABEL.file && isTelling(placeOf(path)))
      note(machine, path, held);
}

/** A line for another shell is words as well: `powershell -Command "Compress-Archive …"`. */
function wordsIn(text: string): string[] {
  return /\s/.test(text) ? shellWords(text) : [text];
}

/** What words may name; behind the folder that a program is told to work in (`-C`), names in that folder too. */
function pathsOf(line: readonly string[]): string[] {
  const flag = line.indexOf('-C');
  const folder = flag < 0 ? '' : (line[flag + 1] ?? '');
  return line.slice(0, 80).flatMap((text, at) => {
    const path = text.replace(/^\d?>+|^(?:of=|-o)(?=.)/, '').replace(/[;&|]+$/, '');
    return folder.length > 1 && at > flag + 1 && /^\w/.test(path) ? [path, `${folder}/${path}`] : [path];
  });
}

function keep(machine: Machine, path: string, taint: Taint): void {
  if (/[^\s\\/]\.\w{1,6}$/.test(path) && !path.includes('://')) note(machine, path, taint);
}

function note({ spilled }: Machine, path: string, taint: Taint): void {
  if (path.length > MAX_PATH || (spilled.size >= MAX_STORED && !spilled.has(path))) return;
  spilled.set(path, { place: placeOf(path), taint: unite(spilled.get(path)?.taint ?? CLEAN, taint) });
}
