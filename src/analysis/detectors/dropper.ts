// Owns files that are fetched or unpacked from text, and then started. Start at dropper.
import { lastSegment } from '../evidence/command.ts';
import { isToolAtWork, startOf, startsIn } from '../evidence/drop-starts.ts';
import { type Drop, dropsOf } from '../evidence/drops.ts';
import { isMentioned } from '../evidence/elsewhere.ts';
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
import { isQuiet } from '../evidence/quiet.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { CLEAN, LABEL, type Taint } from '../python/flow/taint.ts';
import { taintOf, type Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import {
  endingPattern,
  LIBRARIES,
  SHELL_SCRIPTS,
  UNIX_PROGRAMS,
  WINDOWS_PROGRAMS,
  WINDOWS_SCRIPTS,
} from '../vocabulary/endings.ts';
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

/** A Windows program is no tool of a build, wherever it came from; an installer (`msi`) or a library of a vendor's may be one. */
const OPAQUE = endingPattern(WINDOWS_PROGRAMS, WINDOWS_SCRIPTS, 'pyw');

function isOpaqueName(drop: Drop): boolean {
  return OPAQUE.test(drop.path);
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

/** Bytes of Python from which an archive is a large project, with tools of its own. */
const LARGE_BYTES = 200_000;

/** What is fetched, and what it is called, follows from words of the caller: an installer of plug-ins. */
function isChosenByCaller(drop: Drop): boolean {
  return (
    lastSegment(drop.path).includes('‹?') &&
    drop.taint.origins.some((o) => o.label === LABEL.network && /:\/\/[^‹]*\/[^‹]*‹\?/.test(o.text))
  );
}

/** Where somebody calls the function first: tools of vendors are fetched so as well. */
function pointsOnCall(archive: Evidence, drop: Drop, start: CallEvent): number {
  const isSmall = archive.pythonBytes < SMALL_BYTES;
  const kind = originKind(drop);
  const isThrown = kind !== undefined && isThrowaway(kind);
  if (!isThrown && isChosenByCaller(drop)) return 4;
  // A tool that its vendor builds for every system: Windows is one of them.
  const isVendors = kind === 'code-host' || kind === 'index' || (kind === 'plain' && !isSmall);
  const isTool = drop.isOfEverySystem === true && isVendors;
  if (isOpaqueName(drop) && !isTool)
    return isThrown || (isSmall && (kind === 'plain' || isFromStrangersBranch(archive, drop))) ? 10 : 9;
  if (kind !== undefined && isNobodys(kind)) return 10;
  if (isThrown) return 8;
  // Beside what the function is for, its failures unsaid, from a house that the project does not speak of.
  if (isSmall && kind === 'plain' && isQuiet(start) && !isFromMentioned(archive, drop)) return 10;
  // A few lines that fetch a program and start it have no other purpose; large tools fetch what they need.
  return isSmall && kind !== 'index' ? 5 : 4;
}

/** Programs that are published lie among the releases of a repository; what lies among its sources can be another each day. */
const OF_BRANCH =
  /:\/\/(?:(?:raw|gist)\.github(?:usercontent)?\.com\/|(?:www\.)?(?:github|gitlab|gitee|bitbucket|codeberg)\.(?:com|org)\/(?=[^?#]*\/(?:raw|blob)\/))([\w.-]{1,100})\//i;

/** Whether a file was fetched from the sources of somebody of whom the project does not speak. */
function isFromStrangersBranch({ archive }: Evidence, { taint }: Drop): boolean {
  const metadata = Buffer.from(archive.coreMetadata ?? [])
    .toString('utf8')
    .toLowerCase();
  return taint.origins.some(({ label, text }) => {
    const owner = label === LABEL.network ? OF_BRANCH.exec(text)?.[1] : undefined;
    return owner !== undefined && !metadata.includes(`/${owner.toLowerCase()}/`);
  });
}

/** A few lines that fetch from a house, or from sources, of which the project does not speak. */
function isFromStranger(archive: Evidence, drop: Drop): boolean {
  if (archive.pythonBytes >= SMALL_BYTES) return false;
  return (originKind(drop) === 'plain' && !isFromMentioned(archive, drop)) || isFromStrangersBranch(archive, drop);
}

function isFromMentioned(archive: Evidence, { taint }: Drop): boolean {
  return taint.origins.some(
    (o) => o.label === LABEL.network && isMentioned(archive, { host: hostOf(o.text.replace(/\)$/, '')) ?? '' }),
  );
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

/** Where the content was opened on the way, the network may have given no more than its key. */
function comesOf({ taint, isOpened, isLocked }: Drop): string {
  if (!isRemote(taint)) return isLocked === true ? 'unpacked with a password' : 'unpacked from text';
  return isOpened === true || (taint.bits & LABEL.decoded) !== 0 ? 'made with what it downloaded' : 'downloaded';
}

function isRemote({ bits }: Taint): boolean {
  return (bits & LABEL.network) !== 0;
}

function pointsOfStart(archive: Evidence, drop: Drop, start: CallEvent): number {
  if (isUnasked(start.context)) {
    const isTool = isToolAtWork(archive, start) && isQuietOrigin(drop) && !isOpaqueName(drop);
    return isTool || isOwnLibrary(archive, start, drop) ? 4 : 10;
  }
  if (isRemote(drop.taint)) return pointsOnCall(archive, drop, start);
  return drop.isBinary ? 9 : 3;
}

function startFinding(archive: Evidence, drop: Drop, start: CallEvent): Finding {
  const score = pointsOfStart(archive, drop, start);
  const { unit, node } = drop.event.site;
  return findingOf(ID, start, {
    score,
    class: score >= 7 ? 'malware' : 'suspicious',
    message: `Starts a file that it ${comesOf(drop)} before (${lastSegment(drop.path.replace(/[\\/]$/, ''))}).`,
    sources: drop.taint,
    links: [
      { role: 'transformation', path: unit.path, line: node.line, text: `written to ${drop.path.slice(0, 120)}` },
    ],
  });
}

/** A file that nothing is seen to start: that it is there, by itself, is enough where it is a program or the project's own code. */
function writeFinding(archive: Evidence, drop: Drop): Finding | undefined {
  const { event, path, taint } = drop;
  if (!isUnasked(event.context)) return undefined;
  if ((EXECUTABLE.test(path) && !isPageScript(drop)) || drop.isBinary)
    return findingOf(ID, event, {
      score:
        isOpaqueName(drop) && (isThrownOrigin(drop) || isFromStranger(archive, drop))
          ? 10
          : event.context === 'import'
            ? 6
            : 7,
      class: 'malware',
      message: `Writes an executable file (${lastSegment(path)}) ${momentOf(event)}.`,
      sources: taint,
    });
  if (!isRemote(taint) || !isOwnCode(archive, drop) || isTable(event)) return undefined;
  // The build of a large project may fetch one more tool of it from where its sources are kept: for a person to judge.
  const isOfBuild =
    event.context === 'install' &&
    archive.pythonBytes >= LARGE_BYTES &&
    (archive.traffic.get(event)?.kind ?? originKind(drop)) === 'code-host';
  return findingOf(ID, event, {
    score: isOfBuild ? 7 : 10,
    class: isOfBuild ? 'suspicious' : 'malware',
    message: 'Replaces or adds to its own code by what it downloaded.',
    sources: taint,
  });
}

/** A written or downloaded file that a later command starts. */
export const dropper: Detector = {
  id: ID,
  detect(archive) {
    const starts = startsIn(archive);
    const findings: Finding[] = memoryFinding(archive, starts);
    for (const drop of dropsOf(archive)) {
      const start = startOf(archive, starts, drop);
      const found = start === undefined ? writeFinding(archive, drop) : startFinding(archive, drop, start);
      if (found !== undefined) findings.push(found);
    }
    return findings;
  },
};
