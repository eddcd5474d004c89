// Owns files that are fetched or unpacked from text, and then started. Start at dropper.
import { type Command, lastSegment } from '../evidence/command.ts';
import { type Fetched, fetchedIn } from '../evidence/downloads.ts';
import { type Evidence, SMALL_BYTES } from '../evidence/evidence.ts';
import {
  type HostKind,
  hostKind,
  hostOf,
  isNamedHouse,
  isNobodys,
  isSetuptools,
  isThrowaway,
} from '../evidence/hosts.ts';
import { placeOfAnswer } from '../evidence/left-files.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { CLEAN, LABEL, type Taint, taintFrom, unite } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { NONE, taintOf, type Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import {
  endingPattern,
  LIBRARIES,
  SHELL_SCRIPTS,
  UNIX_PROGRAMS,
  WINDOWS_PROGRAMS,
  WINDOWS_SCRIPTS,
} from '../vocabulary/endings.ts';
import { INTERPRETERS, OPENERS, PROXY_BINARIES, programPattern } from '../vocabulary/programs.ts';
import { type Detector, findingOf, momentOf } from './detector.ts';

const ID = 'dropper';
const EXECUTABLE = endingPattern(
  WINDOWS_PROGRAMS,
  WINDOWS_SCRIPTS,
  SHELL_SCRIPTS,
  UNIX_PROGRAMS,
  LIBRARIES,
  'msi|com|js|jar|apk|pyw|pyz',
);

interface Drop {
  readonly event: CallEvent;
  readonly path: string;
  readonly taint: Taint;
  readonly isBinary: boolean;
  /** what is written was deciphered first */
  readonly isOpened?: boolean;
}

/** A file without a name: `os.memfd_create`, or the system call by its number (x86-64, arm64, x86). */
function isMemoryFile(value: Value, depth = 0): boolean {
  if (depth > 4) return false;
  if (value.kind === 'template') return value.parts.some((p) => typeof p !== 'string' && isMemoryFile(p, depth + 1));
  if (value.kind === 'sequence') return value.elements.some((e) => isMemoryFile(e, depth + 1));
  if (value.kind !== 'ref' || value.call === undefined) return false;
  const { name, args } = value.call;
  const [number] = args;
  if (/memfd_create$/.test(name)) return true;
  if (/\.syscall$/.test(name)) return number?.kind === 'int' && /^(?:319|279|356)$/.test(String(number.value));
  return /^(?:str|int|open|os\.dup)$/.test(name) && number !== undefined && isMemoryFile(number, depth + 1);
}

/** A program written into a file that never has a name, and started from there. */
function memoryFinding(archive: Evidence, starts: readonly CallEvent[]): Finding[] {
  const write = archive.events.find((e) => e.sink === 'write' && e.args[0] !== undefined && isMemoryFile(e.args[0]));
  if (write === undefined) return [];
  const content = write.args[1];
  const taint = content === undefined ? CLEAN : taintOf(content);
  const isForeign = (taint.bits & (LABEL.network | LABEL.decoded)) !== 0;
  return starts
    .filter((e) => e.args.some((arg) => isMemoryFile(arg)))
    .map((start) =>
      findingOf(ID, start, {
        score: isForeign || isUnasked(start.context) ? 10 : 6,
        class: isForeign || isUnasked(start.context) ? 'malware' : 'suspicious',
        message: `Starts a program that it put into memory as a file without a name${isForeign ? ', from afar or out of text' : ''}.`,
        sources: taint,
        links: [
          {
            role: 'transformation',
            path: write.site.unit.path,
            line: write.site.node.line,
            text: 'written to a file in memory',
          },
        ],
      }),
    );
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
  if ((taint.bits & LABEL.network) === 0) return undefined;
  const isOne = event.name.endsWith('.extract');
  const folder = event.args[isOne ? 1 : 0] ?? event.keywords.get('path');
  const at = folder === undefined ? '' : `${textOf(folder)}/`;
  const member = isOne && event.args[0] !== undefined ? textOf(event.args[0]) : '';
  return { event, path: at + member, taint, isBinary: false };
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

function dropsOf(archive: Evidence): Drop[] {
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
  return isForeign || isBinary ? { event, path: textOf(path), taint, isBinary, isOpened } : undefined;
}

function movedBy(event: CallEvent, drops: readonly Drop[]): Drop | undefined {
  const [from, to] = event.name.startsWith('pathlib.') ? [event.receiver, event.args[0]] : event.args;
  const moved = from === undefined ? undefined : drops.findLast((drop) => drop.path === pathText(from));
  return moved === undefined || to === undefined ? undefined : { ...moved, path: textOf(to) };
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
  return received(event, named, `${event.name}(${archive.traffic.get(event)?.address.slice(0, 120) ?? ''})`);
}

function received(event: CallEvent, path: string, from: string): Drop {
  const { unit, node } = event.site;
  return { event, path, taint: taintFrom(LABEL.network, unit.path, node.line, from), isBinary: false };
}

/** A Windows program is no tool of a build, wherever it came from; an installer (`msi`) or a library of a vendor's may be one. */
const OPAQUE = endingPattern(WINDOWS_PROGRAMS, WINDOWS_SCRIPTS, 'pyw');

function isOpaqueName(drop: Drop): boolean {
  return OPAQUE.test(drop.path);
}

/** Names that say nothing: they are bound to occur in some command. */
const COMMON_NAMES =
  /^(?:file|data|output|config|configure|result|temp|main|script|setup|install|build|make|index|README|python|__init__\.py|setup\.py|Makefile)$/i;

/** Whether a text holds a path; one from the root is that path only where nothing stands before it. */
function names(text: string, path: string): boolean {
  return path.startsWith('/') ? new RegExp(`(?:^|[\\s"'=:;&|])${escaped(path)}`).test(text) : text.includes(path);
}

function isStartOf(text: string, drop: Drop): boolean {
  const { path } = drop;
  const known = path.replaceAll(/‹[^›]*›/g, '').replaceAll(/[\\/.]+/g, '');
  if (known.length >= 4 && /[\\/]/.test(path) && names(text, path)) return true;
  const name = lastSegment(path);
  if (name.includes('‹') || COMMON_NAMES.test(name)) return false;
  return (
    (/\w\.\w/.test(name) ? name.length >= 4 : name.length >= 6) &&
    new RegExp(`(?:^|[\\s"'/\\\\=])${escaped(name)}(?:$|[\\s"';&|,])`).test(text)
  );
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The kind of host that a dropped file came from, as far as its origin says. */
function originKind(drop: Drop): HostKind | undefined {
  for (const origin of drop.taint.origins) {
    // `urlopen(https://get.vendor.example)`: the bracket is the call's.
    const host = origin.label === LABEL.network ? hostOf(origin.text.replace(/\)$/, '')) : undefined;
    if (host !== undefined) return hostKind(host);
  }
  return undefined;
}

const LARGE_BYTES = 200_000;
/** What is fetched, and what it is called, follows from words of the caller: an installer of plug-ins. */
function isChosenByCaller(drop: Drop): boolean {
  return (
    lastSegment(drop.path).includes('‹?') &&
    drop.taint.origins.some((o) => o.label === LABEL.network && /:\/\/[^‹]*\/[^‹]*‹\?/.test(o.text))
  );
}

/** Where somebody calls the function first: tools of vendors are fetched so as well. */
function dropOnCall(drop: Drop, isSmall: boolean): number {
  const kind = originKind(drop);
  const isThrown = kind !== undefined && isThrowaway(kind);
  if (!isThrown && isChosenByCaller(drop)) return 4;
  if (isOpaqueName(drop)) return isThrown || (isSmall && kind === 'plain') ? 10 : 9;
  if (kind !== undefined && isNobodys(kind)) return 10;
  if (isThrown) return 8;
  // A few lines that fetch a program and start it have no other purpose; large tools fetch what they need.
  return isSmall && kind !== 'index' ? 5 : 4;
}

/** What bootstraps of build tools do: a library from the index, put on the path. */
function isOwnLibrary(archive: Evidence, start: CallEvent, drop: Drop): boolean {
  if (drop.taint.origins.some((o) => isSetuptools(o.text.replace(/\)$/, '')))) return true;
  return start.sink === 'search-path' && (archive.traffic.get(drop.event)?.kind ?? originKind(drop)) === 'index';
}

function isThrownOrigin(drop: Drop): boolean {
  const kind = originKind(drop);
  return kind !== undefined && isThrowaway(kind);
}

/** A script beside the code that a page of the project loads: only what is put elsewhere is there to be opened on Windows. */
function isPageScript({ path }: Drop): boolean {
  return /^(?:‹here›|‹file›|[\w-]+[\\/]|[\w.-]+$).*\.js$/i.test(path) && !/temp|startup|appdata/i.test(path);
}

/** Python beside the code that runs: it is imported, now or the next time. */
const OWN_CODE = /^‹here›.*(?:\.pyw?|\.pth|‹file›)$/;
/** A build runs in the folder of the project: what it puts there by a bare name may be installed with the rest. */
const BUILT_CODE = /^(?:\.\/)?[\w-]+(?:\/[\w-]+)*\.pyw?$/;

function isOwnCode({ traffic }: Evidence, drop: Drop): boolean {
  if (OWN_CODE.test(drop.path)) return true;
  const kind = traffic.get(drop.event)?.kind ?? originKind(drop);
  return drop.event.context === 'install' && BUILT_CODE.test(drop.path) && kind !== undefined && isThrowaway(kind);
}

/** `str(table)`, `f'{table}'` of a dict: a literal, in which received text stands between quotes. */
function isTable({ args: [, content] }: CallEvent): boolean {
  return (
    content?.kind === 'template' && content.parts.every((part) => typeof part === 'string' || part.kind === 'dict')
  );
}

function isQuietOrigin(drop: Drop): boolean {
  const kind = originKind(drop);
  return kind !== undefined && isNamedHouse(kind);
}

/** A written or downloaded file that a later command starts. */
export const dropper: Detector = {
  id: ID,
  detect(archive) {
    const drops = dropsOf(archive);
    const starts = archive.events.filter(
      (e) =>
        e.sink === 'process' ||
        e.sink === 'native' ||
        e.sink === 'search-path' ||
        (e.sink === 'exec' && e.name !== 'eval'),
    );
    const findings: Finding[] = memoryFinding(archive, starts);
    for (const drop of drops) {
      const start = startOf(archive, starts, drop);
      const unasked = isUnasked(drop.event.context);
      const isRemote = (drop.taint.bits & LABEL.network) !== 0;
      if (start !== undefined) {
        const strong = isUnasked(start.context);
        const isTool = isToolAtWork(archive, start);
        const isQuiet = isQuietOrigin(drop) && !isOpaqueName(drop);
        const score = strong
          ? (isTool && isQuiet) || isOwnLibrary(archive, start, drop)
            ? 4
            : 10
          : isRemote
            ? dropOnCall(drop, archive.pythonBytes < SMALL_BYTES)
            : drop.isBinary
              ? 9
              : 3;
        findings.push(
          findingOf(ID, start, {
            score,
            class: score >= 7 ? 'malware' : 'suspicious',
            message: `Starts a file that it ${comesOf(drop)} before (${lastSegment(drop.path)}).`,
            sources: unite(drop.taint, { bits: 0, origins: [] }),
            links: [
              {
                role: 'transformation',
                path: drop.event.site.unit.path,
                line: drop.event.site.node.line,
                text: `written to ${drop.path.slice(0, 120)}`,
              },
            ],
          }),
        );
      } else if (unasked && ((EXECUTABLE.test(drop.path) && !isPageScript(drop)) || drop.isBinary)) {
        findings.push(
          findingOf(ID, drop.event, {
            score: isOpaqueName(drop) && isThrownOrigin(drop) ? 10 : drop.event.context === 'import' ? 6 : 7,
            class: 'malware',
            message: `Writes an executable file (${lastSegment(drop.path)}) ${momentOf(drop.event)}.`,
            sources: drop.taint,
          }),
        );
      } else if (unasked && isRemote && isOwnCode(archive, drop) && !isTable(drop.event)) {
        // The build of a large project may fetch one more tool of it from where its sources are kept: for a person to judge.
        const isOfBuild =
          drop.event.context === 'install' &&
          archive.pythonBytes >= LARGE_BYTES &&
          (archive.traffic.get(drop.event)?.kind ?? originKind(drop)) === 'code-host';
        findings.push(
          findingOf(ID, drop.event, {
            score: isOfBuild ? 7 : 10,
            class: isOfBuild ? 'suspicious' : 'malware',
            message: 'Replaces or adds to its own code by what it downloaded.',
            sources: drop.taint,
          }),
        );
      }
    }
    return findings;
  },
};

/** Where the content was opened on the way, the network may have given no more than its key. */
function comesOf({ taint, isOpened }: Drop): string {
  if ((taint.bits & LABEL.network) === 0) return 'unpacked from text';
  return isOpened === true || (taint.bits & LABEL.decoded) !== 0 ? 'made with what it downloaded' : 'downloaded';
}

/** What a build does with what it fetched. */
function isToolAtWork({ commands }: Evidence, event: CallEvent): boolean {
  return (
    event.sink === 'process' &&
    /^(?:make|cmake|ninja|sh|bash|configure|tar|unzip|patch|chmod|xattr|codesign)$/.test(
      commands.get(event)?.program ?? '',
    )
  );
}

/** The call that starts a dropped file; one that only prepares it, where there is no other. */
function startOf(archive: Evidence, starts: readonly CallEvent[], drop: Drop): CallEvent | undefined {
  const isOf = (event: CallEvent): boolean => event !== drop.event && isStart(archive, event, drop);
  return starts.find((event) => !isToolAtWork(archive, event) && isOf(event)) ?? starts.find(isOf);
}

function isFolderDrop(drop: Drop): boolean {
  return /clone|process|Popen|subprocess|system/.test(drop.event.name) && drop.path.length >= 4;
}

/** Programs that run the file they are handed, or make it ready to be run. */
const RUNNERS = programPattern(
  INTERPRETERS,
  PROXY_BINARIES,
  OPENERS,
  'javaw?|wine|mono|dotnet|sudo|nohup|conhost',
  'chmod|xattr|attrib|dpkg|installer|schtasks|reg',
);

/** What is unpacked, and what a second way to fetch the same file writes, is not started by that. */
const NO_START = /\bExpand-Archive\b[^;&|\n]*|\.DownloadFile\([^()]*\)|\s-OutFile\s+(?:"[^"]*"|'[^']*'|[^\s;&|]+)/gi;

function isStart(archive: Evidence, event: CallEvent, drop: Drop): boolean {
  const text = startText(archive, event).replaceAll(NO_START, '');
  const command = archive.commands.get(event);
  if (command !== undefined && isFolderDrop(drop) && isStrangeScript(archive, event, command, drop)) return true;
  if (text === '' || !isStartOf(text, drop)) return false;
  // What happens on a call comes after what happens by itself: the same name alone is another program then.
  if (isUnasked(event.context) && !isUnasked(drop.event.context) && !names(text, drop.path)) return false;
  if (command === undefined) return true;
  if (isFolderDrop(drop)) return RUNNERS.test(command.program) || names(command.words[0] ?? '', drop.path);
  const name = lastSegment(drop.path);
  if (
    RUNNERS.test(command.program) ||
    (command.words[0] ?? '').includes(name) ||
    command.text.trimStart().startsWith('‹')
  )
    return true;
  return new RegExp(`(?:&&|;|\\|)\\s*\\S*${escaped(name)}`).test(text);
}

/** After a clone, a script of a plain name that is none of this archive: the program changed into the folder in between. */
function isStrangeScript(archive: Evidence, event: CallEvent, { program, words }: Command, drop: Drop): boolean {
  if (event.order < drop.event.order || event.root !== drop.event.root || !RUNNERS.test(program)) return false;
  const script = words.slice(1).find((w) => !w.startsWith('-')) ?? '';
  return (
    /^(?:\.\/)?[\w-]+\.(?:pyw?|sh|js|bat|ps1)$/.test(script) &&
    !['', 'src/'].some((folder) => archive.layout.byPath.has(folder + script.replace(/^\.\//, '')))
  );
}

function startText(archive: Evidence, event: CallEvent): string {
  if (event.sink === 'process') return archive.commands.get(event)?.text ?? '';
  // `sys.path.insert(0, folder)`
  const given = event.sink === 'search-path' ? event.args.at(-1) : event.args[0];
  const text = given === undefined ? '' : textOf(given).slice(0, 2000);
  // Code that names a file in one of its lines does not start that file by being run.
  return event.sink === 'exec' && text.includes('\n') ? '' : text;
}
