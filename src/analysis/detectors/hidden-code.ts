// Owns code that was hidden in a value and then run. Start at hiddenCode.
import { isReadable, memberRead } from '../evidence/bundled.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { hostKind, hostsIn } from '../evidence/hosts.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { LABEL, type Taint } from '../python/flow/taint.ts';
import { excerpt, textOf } from '../python/flow/text.ts';
import { type TemplateValue, taintOf, type Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { contextFactor, type Detector, findingOf } from './detector.ts';

const ID = 'hidden-code';

/** What run-of-the-mill generated code does not do. */
const ACTS = new Set([
  'network',
  'process',
  'dns',
  'native',
  'registry',
  'persist',
  'install-package',
  'clipboard-write',
  'listener',
  'write',
  'deserialise',
  'descriptor',
  'hook',
]);

/** Printable text written in escapes: to be run, not to be read. */
function isEscaped({ site }: CallEvent): boolean {
  const source = site.unit.text.slice(site.node.start, Math.min(site.node.end, site.node.start + 2_000));
  return /(?:\\x[2-7][0-9a-fA-F]){4}/.test(source);
}

const MAX_WORDS = 60;

/** Whether the words of code can be read where it comes from: templates of generated code can, hidden code cannot. */
function standsIn(sources: readonly string[], code: string): boolean {
  const words = new Set<string>();
  for (const match of code.slice(0, 6_000).matchAll(/[A-Za-z_]\w{3,}/g)) {
    words.add(match[0]);
    if (words.size >= MAX_WORDS) break;
  }
  if (words.size === 0) return true;
  let found = 0;
  for (const word of words) if (sources.some((s) => s.includes(word))) found++;
  return found >= words.size * 0.6;
}

/** Texts that are in the archive as they are: of the place itself, of its callers, of the code around it. */
function sourcesOf(event: CallEvent): string[] {
  const units = new Set([...event.frames.map((f) => f.site.unit), ...event.layers.map((l) => l.site.unit)]);
  const inner = event.layers.at(-1);
  if (inner === undefined || !isHiddenLayer(event)) units.add(event.site.unit);
  return [...units].map((u) => u.text);
}

function isHiddenLayer(event: CallEvent): boolean {
  return event.layers.some((l) => (l.taint.bits & LABEL.decoded) !== 0);
}

/** Whether the outermost text stands in the source as it ran: then nothing was hidden. */
function isVerbatim(archive: Evidence, event: CallEvent): boolean {
  const layer = event.layers[0];
  if (layer === undefined) return true;
  if ((layer.taint.bits & LABEL.decoded) !== 0 || isFromData(archive, layer.taint)) return false;
  return standsIn([layer.site.unit.text, ...event.frames.map((f) => f.site.unit.text)], layer.text);
}

function openedFinding(archive: Evidence, event: CallEvent): Finding | undefined {
  const layer = event.layers[0];
  if (layer === undefined || !ACTS.has(event.sink) || layer.by === '.pth') return undefined;
  if ((layer.taint.bits & LABEL.ownFile) !== 0 && !isFromData(archive, layer.taint)) return undefined;
  const isPlain = isVerbatim(archive, event);
  const unasked = isUnasked(event.context);
  const isSure = unasked || event.context === 'entry-point' || reachesOut(archive, event);
  const score = isPlain ? (unasked ? 5 : 2) : isSure ? 10 : 8;
  if (event.context === 'test' || event.context === 'none') return undefined;
  return findingOf(ID, event, {
    score,
    class: isPlain ? 'suspicious' : 'malware',
    message: `${isPlain ? 'Code kept in a string' : 'Code that had to be decoded'} is run by ${layer.by} and calls ${event.name}.`,
    sources: layer.taint,
    decoded: layer.text,
  });
}

/** Whether a program is started that is told a host which is neither a vendor's nor this machine. */
function reachesOut({ commands }: Evidence, event: CallEvent): boolean {
  const line = commands.get(event)?.text ?? '';
  return hostsIn(line, 10).some((host) => !['index', 'code-host', 'local', 'unknown'].includes(hostKind(host)));
}

/** Code that lay in a picture, a sound or another file of the archive that nobody reads. */
function isFromData({ layout }: Evidence, taint: Taint): boolean {
  const isDecoded = (taint.bits & LABEL.decoded) !== 0;
  return taint.origins.some((o) => {
    if (o.label !== LABEL.ownFile || SOURCES.test(o.text) || !/\.\w+$/.test(o.text)) return false;
    const placed = memberRead(layout, o);
    return isDecoded || placed === undefined || !isReadable(placed);
  });
}

const SOURCES = /\.(?:pyw?|pyi|txt|in|cfg|toml|md|rst|tmpl|template|j2|mako|ipynb|pth)$/i;

/** Words of code that reaches out. */
const REACHES =
  /\b(?:requests|urlopen|urlretrieve|urllib|httpx|aiohttp|socket|subprocess|os\.system|popen|Popen|exec|ctypes|windll|b64decode|marshal|webhook|winreg|pyperclip|CryptUnprotectData|powershell)\b/;

/**
 * Names and numbers with operators between them. Nothing in it is called, imported or looked up: whatever it was put
 * together from, it can only compute.
 */
function isSum(text: string): boolean {
  return /^[\w\s+*/%<>=!&|^~().,-]+$/.test(text) && !/[\w)]\s*\(|[A-Za-z_)]\s*\.|\.\s*[A-Za-z_]/.test(text);
}

/** An argument of exec that was decoded, or that could not be opened. */
function argumentFinding(archive: Evidence, event: CallEvent): Finding | undefined {
  const [code] = event.args;
  if (code === undefined || event.context === 'test' || event.context === 'none') return undefined;
  const taint = taintOf(code);
  const isOwnText = (taint.bits & LABEL.ownFile) !== 0 && !isFromData(archive, taint);
  // A file that can be read is judged as it stands, unless what runs has to be decoded out of it.
  if (isOwnText && !(code.kind === 'ref' && OPENERS.test(code.name))) return undefined;
  const unasked = isUnasked(event.context);
  const text = textOf(code);
  const isConstant = code.kind === 'str' || code.kind === 'bytes';
  if (isConstant && event.name === 'eval' && isSum(text)) return undefined;
  const failed = archive.reading.opaque.some((o) => o.event === event);
  if (isConstant && !failed) {
    const isHidden =
      (taint.bits & LABEL.decoded) !== 0 ||
      isEscaped(event) ||
      (text.length > 120 && !standsIn(sourcesOf(event), text));
    if (!isHidden) return undefined;
    // Words that reach out, or a whole program where a version or a name would be a line.
    const isProgram = unasked && (taint.bits & LABEL.decoded) !== 0 && text.length > 400;
    const reaches = isProgram || REACHES.test(text.slice(0, 200_000));
    return findingOf(ID, event, {
      score: reaches ? (unasked ? 10 : 7) : unasked ? 6 : text.length > 20 ? 5 : 2,
      class: reaches ? 'malware' : 'suspicious',
      message: `${event.name} runs decoded text.`,
      sources: taint,
      decoded: text,
    });
  }
  if (unasked && code.kind === 'ref' && code.name === 'os.environ[]')
    return findingOf(ID, event, {
      // `eval(os.getenv('DEBUG', 'False'))` reads settings, and a loader is told where a file lies; who sets variables runs what they like anyway.
      score: event.name === 'eval' ? 3 : LOADS_FILE.test(event.name) ? 2 : 6,
      class: 'suspicious',
      message: `${event.name} runs ${LOADS_FILE.test(event.name) ? 'the file that an environment variable names' : 'what stands in an environment variable'}.`,
      sources: taint,
    });
  const weight = opaqueWeight(archive, code, taint, text, { failed, unasked });
  if (weight === 0) return undefined;
  if (!unasked && isToldFor(code))
    return findingOf(ID, event, {
      score: 5,
      class: 'suspicious',
      message: `${event.name} runs code out of a message that names of this machine had a part in (${excerpt(text, 60)}).`,
      sources: taint,
    });
  return findingOf(ID, event, {
    score: unasked || weight >= 10 ? weight : Math.round(weight * contextFactor(event.context) * 10) / 10,
    // Fixtures of tools that disguise code lie there: what nothing loads and nobody could read is for a person to judge.
    class: weight >= 8 && !archive.idleTests.has(event.site.unit.path) ? 'malware' : 'suspicious',
    message: `${event.name} runs code that ${!failed && weight === 3 ? 'names of this machine had a part in' : 'could not be opened'} (${excerpt(text, 60)}).`,
    sources: taint,
    ...(isConstant ? { decoded: text } : {}),
  });
}

/** Is handed the place of a module, not its text. */
const LOADS_FILE = /FileLoader$|^runpy\.run_path$|^imp\.load_|spec_from_file_location$|^execfile$/;

const OPENERS =
  /^(?:bytes\.fromhex|bytearray\.fromhex|marshal\.loads?|zlib\.decompress|base64\.\w+|lzma\.decompress|bz2\.decompress|gzip\.decompress|cryptography\.\S*|Crypto\.\S*|binascii\.\w+|codecs\.decode|pickle\.loads)\(\)/;

/** Functions of unknown libraries whose names say that they open something. */
const OPENS = /de(?:c(?:rypt|od|ompress|ipher)|obf)|un(?:pack|lock|seal|mask|scrambl|wrap)|xor|loads|cipher/i;

/** Readers of settings and messages give back text as it was written. */
const READERS = /\b(?:json|[ou]json|simplejson|rapidjson|yaml|tomli?|tomllib)\.(?:safe_)?loads?\(\)/g;

/** Code in a message that this machine or its user was named for: whoever sent it knew who runs it. */
function isToldFor(code: Value): boolean {
  const { bits } = taintOf(code);
  if ((bits & LABEL.host) === 0 || (bits & (LABEL.file | LABEL.ownFile)) !== 0) return false;
  return (code.kind === 'union' ? code.options : [code]).some(
    (option) =>
      option.kind === 'ref' &&
      /^(?:json|[ou]json|simplejson|rapidjson)\.loads\(\)/.test(option.name) &&
      !isOpenedBy(option.name),
  );
}

function isOpenedBy(name: string): boolean {
  return OPENS.test(name.replaceAll(READERS, ''));
}

const MEDIA = /^(?:PIL|cv2|wave|imageio|skimage|stepic|stegano|judyb|exif|exifread|piexif|mutagen|soundfile|pydub)\b/;

function opaqueWeight(
  archive: Evidence,
  code: Value,
  taint: Taint,
  text: string,
  { failed, unasked }: { readonly failed: boolean; readonly unasked: boolean },
): number {
  const { bits } = taint;
  if (failed)
    return (bits & LABEL.decoded) !== 0 ? 10 : text.length > 200 && /[^\x20-\x7e\s]/.test(text.slice(0, 2_000)) ? 3 : 0;
  if ((bits & LABEL.network) !== 0) return 0;
  const isOpener = code.kind === 'ref' && OPENERS.test(code.name);
  if (isFromData(archive, taint)) return 10;
  // A picture or a sound is looked at, not run; a key made of this machine's names opens nowhere else.
  if (code.kind === 'ref' && MEDIA.test(code.name)) return 10;
  if (!unasked && code.kind === 'template' && isOpenForm(code)) return (bits & LABEL.decoded) === 0 ? 0 : 6;
  if ((bits & LABEL.host) !== 0) {
    // A file in the home of a user has the user's name in its path: nothing was opened with it.
    const isOpened = isOpener || (bits & LABEL.decoded) !== 0 || (code.kind === 'ref' && isOpenedBy(code.name));
    const isForm =
      code.kind === 'ref' && /(?:Template\(\)\.(?:safe_)?substitute|\.render|\.format_map)\(\)/.test(code.name);
    return isOpened || (unasked && !isForm) ? 10 : 3;
  }
  if (isOpener && (bits & LABEL.input) === 0 && isKnownInput(code)) return 10;
  // On call, what a decoder is given and nobody knows comes from the caller in some way: a model, a setting, a message.
  const isOwn =
    (bits & (LABEL.parameter | LABEL.file | LABEL.input)) === 0 && (unasked || !isOpener || !hasOpenInput(code));
  if ((bits & LABEL.decoded) !== 0) return isOwn ? 10 : 6;
  if (isOpener) return isOwn ? 10 : 4;
  return 0;
}

/** A decoder's call on nothing but constants of the source. */
function isKnownInput(code: Value): boolean {
  if (code.kind !== 'ref' || code.call === undefined) return false;
  const inputs = [
    ...code.call.args,
    ...(code.call.receiver?.kind === 'ref' ? (code.call.receiver.call?.args ?? []) : []),
  ];
  return (
    inputs.length > 0 &&
    inputs.every(
      (a) => a.kind === 'bytes' || a.kind === 'str' || a.kind === 'int' || a.kind === 'none' || isKnownInput(a),
    )
  );
}

/** A line of code that can be read, with names put into it of which nothing is known: `import ‹›; worker = ‹›`. */
function isOpenForm({ parts }: TemplateValue): boolean {
  const own = parts.reduce<number>((sum, part) => sum + (typeof part === 'string' ? part.length : 0), 0);
  return own >= 10 && parts.every((part) => typeof part === 'string' || hasOpenInput(part));
}

/** Whether a decoder's call works on something of which no bytes are known. */
function hasOpenInput(code: Value): boolean {
  if (code.kind === 'union') return code.options.some(hasOpenInput);
  if (code.kind !== 'ref') return false;
  const { call } = code;
  if (call === undefined || code.name.startsWith('?')) return true;
  return [...call.args, ...(call.receiver === undefined ? [] : [call.receiver])].some(hasOpenInput);
}

/** Text that became code: what it does once it is opened, or that it would not open. */
export const hiddenCode: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      const opened = openedFinding(archive, event);
      if (opened !== undefined) findings.push(opened);
      if (event.sink === 'exec') {
        const opaque = argumentFinding(archive, event);
        if (opaque !== undefined) findings.push(opaque);
      }
    }
    return findings;
  },
};
