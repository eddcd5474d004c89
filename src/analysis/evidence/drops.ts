// Owns files that a program puts on the disk out of the network or out of text: written, moved, unpacked, fetched, cloned. Start at dropsOf.
import { placeOfAnswer } from '../python/flow/downloads.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { CLEAN, LABEL, type Taint, taintFrom } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { NONE, taintOf, type Value } from '../python/flow/value.ts';
import { type Fetched, fetchedIn } from './downloads.ts';
import { type Evidence, SMALL_BYTES } from './evidence.ts';

/** A file, or a folder of files, that came from elsewhere. */
export interface Drop {
  /** the call that put it there */
  readonly event: CallEvent;
  /** as the program names it, holes as `‹…›` */
  readonly path: string;
  readonly taint: Taint;
  /** it is a literal of the code that begins as a program does */
  readonly isBinary: boolean;
  /** it comes out of an archive under a password that stands in the code */
  readonly isLocked?: boolean;
  /** what is written was deciphered first */
  readonly isOpened?: boolean;
  /** the name ends in `.exe` on one system, and has no ending on the others */
  readonly isOfEverySystem?: boolean;
}

/** A place that is chosen among `tool.exe` and `tool`: the same program for every system. */
function hasPlainTwin(path: Value, depth = 0): boolean {
  if (depth > 6) return false;
  switch (path.kind) {
    case 'union': {
      const texts = path.options.map((option) => textOf(option));
      const programs = path.options.filter((_option, i) => /\.exe$/i.test(texts[i] ?? ''));
      return (
        programs.length > 0 &&
        programs.every((one) => texts.includes(textOf(one).slice(0, -'.exe'.length)) || hasPlainTwin(one, depth + 1))
      );
    }
    case 'template':
      return path.parts.some((part) => typeof part !== 'string' && hasPlainTwin(part, depth + 1));
    case 'ref':
      return path.call?.args.some((arg) => hasPlainTwin(arg, depth + 1)) ?? false;
    default:
      return false;
  }
}

/** The folder that a repository is cloned into, or an archive unpacked from the network. */
function cloneTarget(archive: Evidence, event: CallEvent): string | undefined {
  if (event.sink === 'network' && /clone/.test(event.name)) {
    const to = event.args[1] ?? event.keywords.get('to_path') ?? event.keywords.get('target');
    return to === undefined ? undefined : textOf(to);
  }
  const words = event.sink === 'process' ? (archive.commands.get(event)?.words ?? []) : [];
  const at = words.indexOf('clone');
  if (at < 1 || !/git$/.test(words[at - 1] ?? '')) return undefined;
  const plain = words.slice(at + 1).filter((w) => !w.startsWith('-') && !/^\d+$/.test(w));
  return plain[1];
}

/** Where a command line puts what it fetches. */
function fetchedBy(archive: Evidence, event: CallEvent): Fetched | undefined {
  const command = event.sink === 'process' ? archive.commands.get(event) : undefined;
  return command === undefined ? undefined : fetchedIn(command.text);
}

/** A text of the archive's own, from its first word to its last, in which some values are filled in: that was not fetched. */
function isForm(content: Value): boolean {
  if (content.kind !== 'template') return false;
  const [first] = content.parts;
  const last = content.parts.at(-1);
  const own = content.parts.reduce<number>((sum, part) => sum + (typeof part === 'string' ? part.length : 0), 0);
  return (
    typeof first === 'string' && typeof last === 'string' && last.trim().length >= 3 && own >= 40 && !MAGIC.test(first)
  );
}

const MAGIC = /^(?:MZ|\x7fELF|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe)/;

/** A member taken out of an archive that was fetched: `ZipFile(BytesIO(response.read())).extract('tool', '/tmp')`. */
function unpacked(event: CallEvent): Drop | undefined {
  if (!/\.extract(?:all)?$/.test(event.name) || event.receiver?.kind !== 'ref') return undefined;
  const packed = event.receiver.call?.args[0] ?? event.receiver.call?.keywords.get('fileobj');
  const taint = packed === undefined ? CLEAN : taintOf(packed);
  const isLocked = hasPassword(event);
  if ((taint.bits & LABEL.network) === 0 && !isLocked) return undefined;
  const isOne = event.name.endsWith('.extract');
  const folder = event.args[isOne ? 1 : 0] ?? event.keywords.get('path');
  const at = folder === undefined ? '' : `${textOf(folder)}/`;
  const member = isOne && event.args[0] !== undefined ? textOf(event.args[0]) : '';
  return { event, path: at + member, taint, isBinary: false, isLocked };
}

/** `archive.extractall(folder, pwd=b'…')`: who ships an archive and its password in one wants nobody to look into it. */
function hasPassword({ args, keywords }: CallEvent): boolean {
  const password = keywords.get('pwd') ?? args[2];
  return password?.kind === 'bytes' && password.value.length > 0;
}

/** On call, archives that are fetched and unpacked are tools; a few lines that put one among temporary files want no tool. */
function isSmallToTemp({ pythonBytes }: Evidence, { args, keywords }: CallEvent): boolean {
  const folder = args[0] ?? keywords.get('path');
  return (
    pythonBytes < SMALL_BYTES && folder !== undefined && /temp|\/tmp\b|appdata|[\\/]public\b/i.test(textOf(folder))
  );
}

/** The path that a file was written to: of a `pathlib.Path`'s method, the path that it was made with. */
function pathText(from: Value): string {
  return from.kind === 'ref' && from.call !== undefined && /^pathlib\.Path\(\)\.\w+$/.test(from.name)
    ? textOf({ ...from, name: 'pathlib.Path()' })
    : textOf(from);
}

/** All that an archive's code puts on the disk, in the order of its calls. */
export function dropsOf(archive: Evidence): Drop[] {
  const drops: Drop[] = [];
  for (const event of archive.events) {
    const drop =
      event.sink === 'write' ? writtenBy(event) : event.sink === 'copy' ? movedBy(event, drops) : gotBy(archive, event);
    if (drop !== undefined) drops.push(drop);
  }
  return drops;
}

function writtenBy(event: CallEvent): Drop | undefined {
  const [path, content] = event.args;
  if (path === undefined || content === undefined) return undefined;
  if (!isUnasked(event.context) && isForm(content)) return undefined;
  const taint = taintOf(content);
  const isBinary = content.kind === 'bytes' && MAGIC.test(content.value);
  const isForeign = (taint.bits & (LABEL.network | LABEL.decoded)) !== 0;
  const isOpened = content.kind === 'ref' && /decrypt|decipher|unseal/i.test(content.name);
  const isOfEverySystem = hasPlainTwin(path);
  return isForeign || isBinary ? { event, path: textOf(path), taint, isBinary, isOpened, isOfEverySystem } : undefined;
}

function movedBy(event: CallEvent, drops: readonly Drop[]): Drop | undefined {
  const [from, to] = event.name.startsWith('pathlib.') ? [event.receiver, event.args[0]] : event.args;
  const moved = from === undefined ? undefined : drops.findLast((drop) => drop.path === pathText(from));
  return moved === undefined || to === undefined
    ? undefined
    : { ...moved, path: textOf(to), isOfEverySystem: hasPlainTwin(to) };
}

/** What an event unpacks, fetches or clones. */
function gotBy(archive: Evidence, event: CallEvent): Drop | undefined {
  if (event.sink === 'archive' && (isUnasked(event.context) || isSmallToTemp(archive, event))) return unpacked(event);
  const fetched = fetchedBy(archive, event);
  if (fetched !== undefined) return received(event, fetched.path, fetched.address);
  const clone = cloneTarget(archive, event);
  if (clone !== undefined) return received(event, clone, event.name);
  if (event.sink !== 'network' || !/urlretrieve|retrieve$|wget\.download|download/.test(event.name)) return undefined;
  const path = placeOfAnswer(event);
  const named =
    path === undefined
      ? (textOf(event.args[0] ?? NONE)
          .split('/')
          .at(-1) ?? '')
      : textOf(path);
  const drop = received(event, named, `${event.name}(${archive.traffic.get(event)?.address.slice(0, 120) ?? ''})`);
  return path === undefined ? drop : { ...drop, isOfEverySystem: hasPlainTwin(path) };
}

function received(event: CallEvent, path: string, from: string): Drop {
  const { unit, node } = event.site;
  return { event, path, taint: taintFrom(LABEL.network, unit.path, node.line, from), isBinary: false };
}
