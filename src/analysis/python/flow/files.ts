// Owns files: what reading one gives, what writing one leaves. May import machine. Start at fileContent.
import { writeBuffer } from './carriers.ts';
import { emit } from './events.ts';
import { LIBRARY } from './library.ts';
import { type Machine, NO_KEYWORDS, originTaint } from './machine.ts';
import { pathLabel } from './models.ts';
import { heldAt } from './stored.ts';
import { CLEAN, LABEL, type Taint, unite, without } from './taint.ts';
import { textOf } from './text.ts';
import {
  bytes,
  type ExternalCall,
  isConstant,
  list,
  NONE,
  type RefValue,
  ref,
  type Site,
  str,
  taintOf,
  unknown,
  type Value,
  withTaint,
} from './value.ts';

const READS =
  /^(?:open\(\)|pathlib\.Path\(\)|tempfile\.NamedTemporaryFile\(\)|tempfile\.TemporaryFile\(\))\.(?:read|read_text|read_bytes|readline|readlines|getvalue)$/;
const WRITES =
  /^(?:open\(\)|pathlib\.Path\(\)|tempfile\.NamedTemporaryFile\(\)|tempfile\.TemporaryFile\(\)|open\(\)\.buffer)\.(?:write|write_text|write_bytes|writelines)$/;
const PACKAGED =
  /^(?:pkgutil\.get_data|importlib\.resources\.(?:read_text|read_binary)|importlib_resources\.read_text|pkg_resources\.resource_string|importlib\.resources\.files\(\)\.joinpath\(\)\.read_(?:text|bytes)|importlib\.resources\.files\(\)\.read_text)$/;

/** Functions that write a value to a stream they are handed: the value first, the stream second. */
const DUMPS =
  /^(?:json|pickle|marshal|plistlib|yaml|toml|tomli_w|tomlkit|simplejson|ujson|dill|joblib|msgpack)\.(?:dump|safe_dump|pack)$|^shutil\.copyfileobj$|^print$/;

/** Write to the stream that they were made with. */
const ROWS = /^csv\.(?:writer|DictWriter)\(\)\.writerows?$/;

/** Read a stream that they are handed to its end, and give what its text means. */
const LOADS = /^(?:json|simplejson|ujson)\.load$/;
const MAX_LOADED = 200_000;

/** Whether a call by this name is one of {@link fileContent}'s. */
export function isFileCall(name: string): boolean {
  return (
    name === 'open' ||
    name === 'pathlib.Path().open' ||
    READS.test(name) ||
    WRITES.test(name) ||
    PACKAGED.test(name) ||
    LOADS.test(name) ||
    ROWS.test(name) ||
    DUMPS.test(name)
  );
}

/** Opening, reading and writing of files; undefined when the call is none of these. */
export function fileContent(
  machine: Machine,
  name: string,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value | undefined {
  if (name === 'open' || name === 'pathlib.Path().open') return openFile(machine, callee, name, args, keywords, site);
  if (READS.test(name)) return readFile(machine, name, callee, site);
  if (WRITES.test(name)) return writeFile(machine, name, callee, args, keywords, site);
  if (DUMPS.test(name)) {
    const to = name === 'print' ? keywords.get('file') : args[1];
    if (
      to?.kind === 'ref' &&
      to.call !== undefined &&
      /^io\.(?:String|Bytes)IO\(\)$/.test(to.name) &&
      args[0] !== undefined
    )
      writeBuffer(to.call, args[0]);
  }
  if (DUMPS.test(name)) return dump(machine, name, args, keywords, site);
  if (ROWS.test(name)) return writeRows(machine, name, callee, args, site);
  if (LOADS.test(name)) return keywords.size > 0 ? undefined : loadOwn(machine, args[0], site);
  if (PACKAGED.test(name)) {
    // `files(package).joinpath(name).read_text()`: the name was given before.
    const path = textOf(
      (name.startsWith('importlib.resources.files') ? callee.call?.args.at(-1) : args.at(-1)) ?? NONE,
    );
    const content = ownContent(machine, path, !name.includes('text'), site);
    return content ?? ref(`${name}()`, originTaint(LABEL.ownFile, site, path));
  }
  return undefined;
}

/** What a file of the archive, or one that the program wrote, means to a reader of its notation. */
function loadOwn(machine: Machine, stream: Value | undefined, site: Site): Value | undefined {
  if (stream?.kind !== 'ref' || stream.name !== 'open()') return undefined;
  const text = readFile(machine, 'open().read', stream, site);
  if (text.kind !== 'str' || text.value.length > MAX_LOADED) return undefined;
  const loaded = LIBRARY.get('json.loads')?.([text], NO_KEYWORDS);
  return loaded === undefined ? undefined : withTaint(loaded, text.taint);
}

function openFile(
  machine: Machine,
  callee: RefValue,
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value {
  const ofPath = name !== 'open';
  const path = ofPath ? pathOf(callee) : opened(args[0] ?? keywords.get('file') ?? NONE);
  const mode = args[ofPath ? 0 : 1] ?? keywords.get('mode');
  const isWriting = mode?.kind === 'str' && /[wax+]/.test(mode.value);
  const call: ExternalCall = {
    name: 'open',
    args: [path, mode ?? str('r')],
    keywords,
    receiver: undefined,
    site,
    absorbed: CLEAN,
  };
  const read = mode?.kind === 'str' && /^[wax]/.test(mode.value) ? CLEAN : contentTaint(machine, path, site);
  return ref('open()', isWriting && !mode.value.includes('r') ? CLEAN : read, call);
}

/** The path behind a descriptor: `fdopen(os.open(path, …))`. */
function opened(given: Value): Value {
  return given.kind === 'ref' && given.call?.name === 'os.open' ? (given.call.args[0] ?? given) : given;
}

/** The path that a `pathlib.Path` method or an open file is about. */
export function pathOf(callee: RefValue): Value {
  const { call } = callee;
  if (call === undefined) return callee;
  if (call.name === 'open') return call.args[0] ?? NONE;
  if (call.name.startsWith('tempfile.')) return ref(`${call.name}().name`, CLEAN, call);
  return ref('pathlib.Path()', callee.taint, call);
}

/** Stores that a path was found in, by a pattern or a walk: files in them are what they hold. */
const FOUND_IN = LABEL.secretFile | LABEL.browser | LABEL.wallet | LABEL.listing;

/** A path of which nothing is known at all: two of them are no more the same place than any two files. */
const NOWHERE = '‹?›';

function readTaint(machine: Machine, path: Value, site: Site): Taint {
  const text = textOf(path);
  const label = pathLabel(text);
  // Where a file lies may say who the user is, or come from afar; its content is another matter.
  const found = without(taintOf(path), ~FOUND_IN);
  return unite(originTaint(label, site, `file ${text.slice(0, 120)}`), unite(found, heldAt(machine, text)));
}

const OWN_DATA = /^‹here›[\\/][\w ./\\-]{1,200}\.\w{1,6}$/;

/** A cache of compiled code beside the code, for whatever version runs. */
const OWN_CACHE = /^‹here›[\\/]__pycache__[\\/][^\n]{1,200}\.pyc$/;

/** Data of the archive beside the code that opens it, which nothing of the program has written over. */
function isOwnData({ written, program }: Machine, path: string, { unit }: Site): boolean {
  if (written.some((one) => one.path === path)) return false;
  return OWN_CACHE.test(path) || (OWN_DATA.test(path) && program.findBytes(path, unit) !== undefined);
}

/** What reading a file gives, by its name and by what the program wrote into it. */
function contentTaint(machine: Machine, path: Value, site: Site): Taint {
  const text = textOf(path);
  if (isOwnData(machine, text, site)) return originTaint(LABEL.ownFile, site, text);
  const written = text === NOWHERE ? undefined : machine.written.findLast((w) => w.path === text);
  const taint = readTaint(machine, path, site);
  return written === undefined ? taint : unite(taint, taintOf(written.content));
}

function isBinaryRead(name: string, callee: RefValue): boolean {
  const mode = callee.call?.args[1];
  return name.endsWith('bytes') || (mode?.kind === 'str' && mode.value.includes('b'));
}

/** Content of a member, as text or as bytes. */
function ownContent(machine: Machine, path: string, isBinary: boolean, site: Site): Value | undefined {
  const content = isBinary ? machine.program.findBytes(path, site.unit) : machine.program.findText(path, site.unit);
  if (content === undefined) return undefined;
  const taint = originTaint(LABEL.ownFile, site, path);
  return isBinary ? bytes(content, taint) : str(content, taint);
}

function readFile(machine: Machine, name: string, callee: RefValue, site: Site): Value {
  const path = pathOf(callee);
  const text = textOf(path);
  for (let i = text === NOWHERE ? -1 : machine.written.length - 1; i >= 0; i--)
    if (machine.written[i]!.path === text) return machine.written[i]!.content;
  const isOwn = /^‹here›|^[^/~%‹]/.test(text) && text.length < 300;
  const whole = isOwn ? ownContent(machine, text, isBinaryRead(name, callee), site) : undefined;
  const own = whole !== undefined && name.endsWith('readlines') ? linesOf(whole) : whole;
  if (own !== undefined) return name.endsWith('.readline') ? firstLine(own) : own;
  const taint = name.startsWith('pathlib') ? readTaint(machine, path, site) : callee.taint;
  return ref(`${name}()`, taint, callee.call);
}

const MAX_LINES = 200;
const MAX_LINES_TEXT = 30_000;

/** Lines of a member, each with its end; undefined: too many to be walked through one by one. */
function linesOf(content: Value): Value | undefined {
  if (content.kind !== 'str' || content.value.length > MAX_LINES_TEXT) return undefined;
  const lines = content.value.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines.length > MAX_LINES ? undefined : list(lines.map((line) => str(line, content.taint)));
}

/** A file that is walked through: of the archive's own the lines, other values as they are. */
export function openLines(machine: Machine, value: Value, site: Site): Value {
  if (value.kind !== 'ref' || value.name !== 'open()' || value.call?.name !== 'open') return value;
  const lines = readFile(machine, 'open().readlines', value, site);
  return lines.kind === 'sequence' ? lines : value;
}

function firstLine(content: Value): Value {
  if (content.kind !== 'str') return content;
  const end = content.value.indexOf('\n');
  return end < 0 ? content : str(content.value.slice(0, end + 1), content.taint);
}

function writeFile(
  machine: Machine,
  name: string,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value {
  const path = pathOf(callee);
  const event = emit(machine, { sink: 'write', name, args: [path, ...args], keywords, receiver: callee, site });
  const content = args[0];
  if (event !== undefined && content !== undefined) {
    const text = textOf(path);
    const before = machine.written.find((w) => w.path === text && w.event.receiver === callee);
    noteWritten(machine, {
      path: text,
      content: before === undefined ? content : appended(before.content, content),
      event,
    });
  }
  return NONE;
}

const MAX_WRITTEN = 2_000;

/** From now on the file holds this. */
export function noteWritten({ written }: Machine, one: Machine['written'][number]): void {
  if (written.length < MAX_WRITTEN) written.push(one);
}

/** `json.dump(value, stream)`, `copyfileobj(from, stream)`, `print(text, file=stream)`. */
function dump(
  machine: Machine,
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value | undefined {
  const stream =
    name === 'print'
      ? keywords.get('file')
      : (args[1] ?? keywords.get('fp') ?? keywords.get('stream') ?? keywords.get('file'));
  const [given] = args;
  if (given === undefined || stream?.kind !== 'ref' || !/^(?:open\(\)|tempfile\.\w+\(\))/.test(stream.name))
    return undefined;
  const content = isConstant(given) ? str(textOf(given), taintOf(given)) : given;
  return writeFile(machine, name, stream, [content], NO_KEYWORDS, site);
}

/** `csv.writer(stream).writerow(row)`: the row is in the stream from now on. */
function writeRows(
  machine: Machine,
  name: string,
  callee: RefValue,
  [row]: readonly Value[],
  site: Site,
): Value | undefined {
  const stream = callee.call?.args[0];
  if (row === undefined || stream?.kind !== 'ref' || stream.call === undefined) return undefined;
  const content = unknown(taintOf(row));
  if (/^io\.(?:String|Bytes)IO\(\)$/.test(stream.name)) {
    writeBuffer(stream.call, content);
    return NONE;
  }
  if (!/^(?:open\(\)|tempfile\.\w+\(\))/.test(stream.name)) return undefined;
  return writeFile(machine, name, stream, [content], NO_KEYWORDS, site);
}

function appended(before: Value, more: Value): Value {
  if (before.kind === 'str' && more.kind === 'str')
    return str(before.value + more.value, unite(before.taint, more.taint));
  return more;
}
