// Owns calls that leave the archive: builtins that reach code or names, decoders, sources and sinks. Start at callExternal.
// May import machine and the rest of this folder below it.
import { followCall, isCaller } from './callbacks.ts';
import { promise, promised } from './carriers.ts';
import {
  hasKeyBehind,
  isBroadcast,
  isDelivery,
  isDrain,
  isFilling,
  isReport,
  noteAnswer,
  noteConnection,
} from './clients.ts';
import { isPickedShell, wordsOf } from './commands.ts';
import { KEEPS_ANSWER, placeOfAnswer } from './downloads.ts';
import { byteText, type PureFunction } from './elements.ts';
import { emit } from './events.ts';
import { fileContent, isFileCall, noteWritten, pathOf } from './files.ts';
import { followFixedSenders, followHandlers, isClientStart, noteHandlers, noteSenders } from './handlers.ts';
import { viewed } from './instance-operators.ts';
import { iterated } from './iteration.ts';
import { LIBRARY } from './library.ts';
import { type Machine, originTaint } from './machine.ts';
import {
  commandLabels,
  FILE_LOADERS,
  isAddress,
  isAddressService,
  isClientMethod,
  isMetadataService,
  pathLabel,
  type SinkKind,
  sinkOf,
  sourceOf,
} from './models.ts';
import { canonicalName } from './names.ts';
import { codecCall, isCodecCall } from './registered-codecs.ts';
import { SPECIAL } from './specials.ts';
import { fillMemory, heldAt, isPathLike, spill, spillCommand } from './stored.ts';
import { entryTaint } from './subscripts.ts';
import { CLEAN, LABEL, PRIVATE, type Taint, unite } from './taint.ts';
import { textOf } from './text.ts';
import { isConnection, noteSignIn, noteUse } from './uses.ts';
import { type ExternalCall, join, type RefValue, ref, type Site, taintOf, type Value, withTaint } from './value.ts';

/** What is known of a function outside, by its canonical name: looked up once. */
interface Outside {
  readonly name: string;
  readonly special: ReturnType<typeof SPECIAL.get>;
  readonly pure: PureFunction | undefined;
  readonly isDecoder: boolean;
  readonly isFile: boolean;
  readonly isCodec: boolean;
  readonly isEntry: boolean;
  readonly sink: SinkKind | undefined;
  readonly isClient: boolean;
  readonly isCaller: boolean;
  readonly isClientStart: boolean;
  readonly label: ReturnType<typeof sourceOf>;
  readonly resultName: string;
  readonly isDataless: boolean;
  readonly isFilling: boolean;
  /** told the file that it works on */
  readonly isOpening: boolean;
  /** what it is handed is no path */
  readonly isOnText: boolean;
}

const outsides = new Map<string, Outside>();
const OUTSIDE_LIMIT = 20_000;

function outsideOf(given: string): Outside {
  const known = outsides.get(given);
  if (known !== undefined) return known;
  const name = canonicalName(given);
  const made: Outside = {
    name,
    special: SPECIAL.get(name),
    pure: LIBRARY.get(name),
    isDecoder: DECODERS.test(name),
    isFile: isFileCall(name),
    isCodec: isCodecCall(name),
    isEntry: (name.startsWith('?') || /\brequest\.\w+\.\w+$/.test(name)) && /\.(?:get|pop|getlist)$/.test(name),
    sink: sinkOf(name),
    isClient: isClientMethod(name),
    isCaller: isCaller(name),
    isClientStart: isClientStart(name),
    label: sourceOf(`${name}()`),
    resultName: canonicalName(`${name}()`),
    isDataless: NO_DATA.test(name),
    isFilling: isFilling(name),
    isOpening: OPENS.test(name),
    isOnText: WORKS_ON_TEXT.test(name),
  };
  if (outsides.size >= OUTSIDE_LIMIT) outsides.clear();
  outsides.set(given, made);
  return made;
}

/** Calls something that is not in the archive. */
export function callExternal(
  machine: Machine,
  callee: RefValue,
  given: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value {
  const outside = outsideOf(callee.name);
  const { name } = outside;
  const args = viewed(machine, name, given, site);
  if (outside.special !== undefined) {
    const value = outside.special(machine, { callee, args, keywords, site });
    if (value !== undefined) return value;
  }
  if (outside.isCodec) {
    const own = codecCall(machine, name, callee, args, keywords, site);
    if (own !== undefined) return own;
  }
  if (outside.isEntry && args[0]?.kind === 'str') {
    const own = entryTaint(holderOf(callee), args[0], site);
    if (own !== callee.taint) return ref(`${name}()`, own, callee.call);
  }
  const taint = argumentsTaint(args, keywords);
  if (outside.pure !== undefined) {
    const value = computed(outside.pure, args, keywords);
    if (value !== undefined) {
      if (name === 'chr') return withTaint(value, letterTaint(site));
      if (DISGUISES.test(name) || isSpelledOut(name, args, value))
        return withTaint(withTaint(value, taint), originTaint(LABEL.decoded, site, `${name}()`));
      return carries(value) ? value : withTaint(value, taint);
    }
  }
  if (outside.isDecoder) {
    const decoded = decode(machine, name, callee, args, keywords, site);
    if (decoded !== undefined) return withTaint(decoded, taint);
  }
  if (outside.isFile) {
    const read = fileContent(machine, name, callee, args, keywords, site);
    if (read !== undefined) return read;
  }
  return callUnknown(machine, outside, callee, args, keywords, site, taint);
}

/** Calls that give what the function gives that they are handed. */
const GIVES_ON =
  /(?:^sorted|^min|^max|copy_context\(\)\.run|Context\(\)\.run|\.apply|\.map|\.imap|\.imap_unordered|\.run_sync)$/;
/** Asking for what a call gives later. */
const PROMISED = /\.(?:submit\(\)\.result|apply_async\(\)\.get|map_async\(\)\.get|run_in_executor\(\)\.result)$/;

const MIN_SPELLED = 8;

/** Pure functions that make text out of what does not read as it. */
const DISGUISES = /^(?:bytes|bytearray)\.fromhex$/;

/** Bytes that are written as a list of numbers, and read as text. */
function isSpelledOut(name: string, args: readonly Value[], value: Value): boolean {
  if ((name !== 'bytes' && name !== 'bytearray') || args[0]?.kind !== 'sequence') return false;
  const text = value.kind === 'bytes' ? value.value : value.kind === 'sequence' ? (byteText(value) ?? '') : '';
  return text.length >= MIN_SPELLED && /^[\t\n\r\x20-\x7e]+$/.test(text);
}

const letters = new WeakMap<object, Taint>();

/** Text put together of code points: one taint for each place, for there may be thousands of letters. */
function letterTaint(site: Site): Taint {
  let taint = letters.get(site.node);
  if (taint === undefined) {
    taint = originTaint(LABEL.decoded, site, 'chr()');
    letters.set(site.node, taint);
  }
  return taint;
}

/** Containers already carry what their elements do. */
function carries(value: Value): boolean {
  return value.kind === 'sequence' || value.kind === 'dict' || value.kind === 'bool';
}

function argumentsTaint(args: readonly Value[], keywords: ReadonlyMap<string, Value>): Taint {
  let taint = CLEAN;
  for (const arg of args) taint = unite(taint, taintOf(arg));
  if (keywords.size > 0) for (const arg of keywords.values()) taint = unite(taint, taintOf(arg));
  return taint;
}

function isUnion({ kind }: Value): boolean {
  return kind === 'union';
}

function computed(
  pure: (args: readonly Value[], keywords: ReadonlyMap<string, Value>) => Value | undefined,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): Value | undefined {
  const at = args.findIndex(isUnion);
  const choice = args[at];
  if (choice?.kind !== 'union') return pure(args, keywords);
  let result: Value | undefined;
  for (const option of choice.options) {
    const value = computed(pure, args.with(at, option), keywords);
    if (value === undefined) return undefined;
    result = result === undefined ? value : join(result, value);
  }
  return result;
}

const DECODERS =
  /^(?:base64|binascii|zlib|gzip|bz2|lzma|codecs|quopri|uu|marshal|pickle|cryptography|Crypto|pyaes|nacl|zstandard|brotli|lz4|snappy|base58|base91|based58|itsdangerous|rsa|Cryptodome|pyDes|simplecrypt|ascii85|base45|base62|z85|json|blackboxprotobuf)\b/;

function decode(
  machine: Machine,
  name: string,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value | undefined {
  const value = machine.program.decode(name, args, keywords, name.includes('()') ? callee.call : undefined);
  return value === undefined ? undefined : withTaint(value, originTaint(LABEL.decoded, site, name));
}

function callUnknown(
  machine: Machine,
  outside: Outside,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
  taint: Taint,
): Value {
  const { name, label, isCaller: calls } = outside;
  const answer = PROMISED.test(name) ? promised(callee) : undefined;
  if (answer !== undefined) return answer;
  // The object that a method is of, where it may hand over what it is given.
  const client = outside.isDataless || outside.isFilling ? undefined : callee.call;
  const sink =
    outside.sink ??
    (isRequest(outside, callee, args, keywords) ||
    (client !== undefined && (taint.bits & PRIVATE) !== 0 && isDelivery(client)) ||
    ((taint.bits & PRIVATE) !== 0 && isReport(name)) ||
    (client !== undefined && (taint.bits & LABEL.host) !== 0 && hasKeyBehind(client)) ||
    isDrain(name, args, site) ||
    (isBroadcast(name, callee.call) && (taint.bits & LABEL.parameter) !== 0 && isPatch(machine))
      ? 'network'
      : isPickedShell(name, args, site)
        ? 'process'
        : undefined);
  const call: ExternalCall = {
    name,
    args,
    keywords,
    receiver: callee.call === undefined ? undefined : callee,
    site,
    absorbed: CLEAN,
  };
  let given =
    outside.isDataless && sink === undefined
      ? CLEAN
      : resultTaint(machine, outside, sink, callee, args, keywords, taint, site);
  if (
    sink === undefined &&
    !outside.isDataless &&
    hasAddress(args, keywords) &&
    !/Request$|^yarl|urlparse|urlsplit|quote|^re\.|setup$|validate/i.test(name)
  )
    given = unite(originTaint(LABEL.network, site, `${name}()`), given);
  // What an account of the author's answers is what the author says.
  if (sink === undefined && client !== undefined && hasKeyBehind(client))
    given = unite(originTaint(LABEL.network, site, `an account of the author's, ${name}()`), given);
  if ((taint.bits & LABEL.parameter) !== 0) noteSignIn(machine, keywords);
  if ((sink === undefined || isConnection(name)) && (taint.bits & LABEL.parameter) !== 0)
    noteUse(machine, name, args, keywords);
  // letters out of a file that is read as numbers
  if (name === 'chr' && (taint.bits & (LABEL.file | LABEL.ownFile)) !== 0) given = unite(letterTaint(site), given);
  if (label === LABEL.input) machine.hasAsked = true;
  if (label === LABEL.clipboard || (sink === 'process' && (given.bits & LABEL.clipboard) !== 0))
    machine.clipboardReaders.add(site.unit.path);
  if (label !== undefined) given = unite(originTaint(label, site, `${name}()`), given);
  const kept = callee.call;
  if (kept !== undefined && sink === undefined && !outside.isDataless) {
    // `config.read('~/.aws/credentials')`: what the file holds is asked of the object from now on.
    const read = outside.isOpening ? pathTaint(machine, outside, args, site) : CLEAN;
    kept.absorbed = unite(kept.absorbed, unite(taint, read));
  }
  if (sink === 'network') fillMemory(args, keywords, given);
  else if (sink === undefined || sink === 'archive' || sink === 'copy')
    spill(machine, name, callee, args, keywords, given, sink);
  else if (sink === 'process') spillCommand(machine, wordsOf(name, args, keywords), given, site);
  const result = ref(outside.resultName, given, call);
  if (sink === 'copy') keepWritten(machine, name, callee, args);
  if (sink !== undefined && !FILE_LOADERS.has(name)) {
    const event = emit(machine, { sink, name, args, keywords, receiver: callee, site });
    const kept = KEEPS_ANSWER.test(name) ? placeOfAnswer({ args, keywords }) : undefined;
    if (event !== undefined && kept !== undefined) noteWritten(machine, { path: textOf(kept), content: result, event });
  }
  const called = calls || sink === 'process' ? followCall(machine, name, callee, args, keywords, site) : undefined;
  if (called !== undefined) {
    if (GIVES_ON.test(name)) return called;
    promise(call, called);
  }
  noteSenders(name, args, keywords, site);
  followFixedSenders(machine, name, args, site);
  if (kept !== undefined) {
    noteConnection(kept, name, args);
    if (!machine.discarded.has(site.node)) noteAnswer(name, site);
    noteHandlers(callee, args, keywords);
    if (outside.isClientStart) followHandlers(machine, name, callee, args, keywords, site);
  }
  if (name === 'next' || name === 'random.choice' || name === 'secrets.choice') {
    const [from] = args;
    if (from !== undefined) return iterated(machine, from, site);
  }
  return result;
}

/** What `.get` is a method of. */
function holderOf(callee: RefValue): RefValue {
  return { ...callee, name: callee.name.replace(/\.\w+$/, '') };
}

/** What a function that was put in the place of another sends to a chain is read there by whoever knows where. */
function isPatch(machine: Machine): boolean {
  return machine.frames.some((frame) => frame.name.startsWith('patch of'));
}

/** A client's method that is handed an address, or that sends through something that was. */
function isRequest(
  outside: Outside,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): boolean {
  if (!outside.isClient) return false;
  if (hasAddress(args, keywords)) return true;
  const { call } = callee;
  return (
    call !== undefined && SENDS.test(outside.name) && call.name.startsWith('?') && hasAddress(call.args, call.keywords)
  );
}

const SENDS = /\.(?:send|post|execute|emit|push|publish|sendall|put)$/;

const MAX_MOVED = 500;

/** What was written to one path is at the other from now on. */
function keepWritten({ written }: Machine, name: string, callee: RefValue, args: readonly Value[]): void {
  const ofPath = name.startsWith('pathlib.');
  const from = ofPath ? pathOf(callee) : args[0];
  const to = args[ofPath ? 0 : 1];
  if (from === undefined || to === undefined || written.length >= MAX_MOVED) return;
  const path = textOf(from);
  const moved = written.findLast((one) => one.path === path);
  if (moved !== undefined) written.push({ ...moved, path: textOf(to) });
}

/** Pictures, sounds and tables that lie beside the code: what a library reads out of them came with the archive. */
const OWN_MEDIA =
  /^‹here›[^\n]{1,250}\.(?:png|jpe?g|gif|bmp|webp|ico|tiff?|tga|ppm|wav|mp3|ogg|flac|aiff?|mp4|avi|ttf|otf|pdf|docx?|xlsx?|csv|npy|npz|h5|hdf5|parquet|sqlite3?|db|bin|dat|mo|zip|tar|tgz|gz|bz2|xz|7z)$/i;

/** What these are handed is text: a pattern or a question that speaks of `.ssh` opens no file. */
const WORKS_ON_TEXT = /^(?:re|urllib\.parse|html|textwrap|fnmatch)\.\w+$/;

/** Methods by which an object is told the file that it works on. */
const OPENS = /\.(?:read|load|open|parse|connect|from_file|read_file|load_file)$/;

/** A function handed the path of a secret store gives what is in it. */
function pathTaint(machine: Machine, { isOnText }: Outside, args: readonly Value[], site: Site): Taint {
  let taint = CLEAN;
  if (isOnText) return taint;
  for (const arg of args.slice(0, 3)) {
    if (!isPathLike(arg)) continue;
    if (machine.spilled.size > 0) taint = unite(taint, heldAt(machine, textOf(arg)));
    if (arg.kind === 'str' && (arg.value.length > 300 || !/[\\/.]/.test(arg.value) || arg.value.includes('://')))
      continue;
    const text = textOf(arg);
    const label = text.length > 300 || text.includes('://') ? LABEL.file : pathLabel(text);
    if (label !== LABEL.file) taint = unite(taint, originTaint(label, site, `file ${text.slice(0, 120)}`));
    if (OWN_MEDIA.test(text)) taint = unite(taint, originTaint(LABEL.ownFile, site, text));
  }
  return taint;
}

function hasAddress(args: readonly Value[], keywords: ReadonlyMap<string, Value>): boolean {
  const given = keywords.get('url');
  const [first, second] = args;
  if (first !== undefined && isAddress(textOf(first))) return true;
  if (second !== undefined && isAddress(textOf(second))) return true;
  return given !== undefined && isAddress(textOf(given));
}

function resultTaint(
  machine: Machine,
  outside: Outside,
  sink: SinkKind | undefined,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  taint: Taint,
  at: Site,
): Taint {
  const site = { path: at.unit.path, line: at.node.line };
  const { name } = outside;
  switch (sink) {
    case 'network': {
      const address = textOfAll(args.slice(0, 2), keywords.get('url'));
      const bits =
        LABEL.network |
        (isAddressService(address) ? LABEL.host : 0) |
        (isMetadataService(address) ? LABEL.secretFile : 0);
      return { bits, origins: originsOf(bits, site, excerptOf(name, address)) };
    }
    case 'process': {
      const command = textOfAll(args, keywords.get('args'));
      const bits = commandLabels(command);
      const given = { bits, origins: originsOf(bits, site, excerptOf(name, command)) };
      // `Popen('cat ~/.netrc').communicate()`
      return callee.call?.name === 'subprocess.Popen' ? unite(taintOf(callee), given) : given;
    }
    case 'dns':
      return (taint.bits & LABEL.host) === 0 ? CLEAN : taint;
    default:
      break;
  }
  return unite(taintOf(callee), unite(taint, pathTaint(machine, outside, args, at)));
}

/** Lengths, tests and checks say one bit of what they look at; paths of files are not their content. */
const NO_DATA =
  /^(?:len|isinstance|issubclass|hasattr|callable|id|hash|print|os\.path\.(?:exists|isfile|isdir|getsize|islink|getmtime)|pathlib\.Path\(\)\.(?:exists|is_file|is_dir|stat|mkdir)|os\.(?:mkdir|makedirs|remove|access|stat|chmod|chdir|kill)|time\.(?:sleep|time)|logging\..*|re\.compile|shutil\.which|socket\.socket|threading\..*|warnings\.warn|random\..*)$/;

function textOfAll(args: readonly Value[], named: Value | undefined): string {
  return [...args, ...(named === undefined ? [] : [named])].map((a) => textOf(a)).join(' ');
}

function excerptOf(name: string, text: string): string {
  return `${name}(${text.length > 80 ? `${text.slice(0, 80)}…` : text})`;
}

function originsOf(bits: number, at: { path: string; line: number }, text: string): Taint['origins'] {
  const origins = [];
  for (const label of Object.values(LABEL)) if ((bits & label) !== 0) origins.push({ label, ...at, text });
  return origins;
}
