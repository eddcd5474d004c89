// Owns data and machines that are destroyed by Python itself; command lines are shell-payload's. Start at destruction.
import { walkedFrom } from '../evidence/walks.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import type { Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf } from './detector.ts';

const ID = 'destruction';
/** A user's own folders, or the whole of a machine; caches and build folders lie below them. */
const PRECIOUS =
  /^(?:~|%(?:USERPROFILE|HOME|HOMEPATH)%|\/home(?:\/[^/]+)?|\/root|\/Users(?:\/[^/]+)?|[A-Za-z]:[\\/]Users(?:[\\/][^\\/]+)?)(?:[\\/]+(?:Desktop|Documents|Downloads|Pictures|Music|Videos|OneDrive|Dropbox|Projects|\.ssh|\*{1,2}))*[\\/]*$|^(?:[A-Za-z]:)?[\\/]+\*?$|^\/(?:etc|usr|var|bin|lib|boot|opt|srv|mnt)\/?$|^[A-Za-z]:[\\/]+(?:Windows|Users)[\\/]*(?:System32)?$/i;
/** The folder somebody works in, when code that was not asked takes it as its own. */
const WORKPLACE = /^\.[\\/]*(?:\.git)?$/;
const SOURCES = /^(?:\.[\\/])?\*\*[\\/]\*\.(?:\w{1,5}|\*)\n/;
const DISK = /^(?:\/dev\/(?:sd|nvme|hd|vd|disk|mmcblk)|\\\\[.?]\\PhysicalDrive)/i;
const CRASH = /NtRaiseHardError|RtlSetProcessIsCritical|NtSetInformationProcess|ZwRaiseHardError/;
/** Ends the work of whoever sits at the machine, or takes keyboard and mouse from them. */
const LOCKOUT =
  /(?:ExitWindowsEx|InitiateSystemShutdown\w{0,3}|SetSuspendState|LockWorkStation|BlockInput|SwapMouseButton)$/;
/** Where Python itself and what was installed lies. */
const INTERPRETER =
  /^‹(?:sys\.(?:exec_|base_|base_exec_)?prefix|sys\.executable|site\.get(?:site|usersite)packages\(\)(?:\[\])?|sysconfig\.get_path\(\)|distutils\.sysconfig\.get_python_lib\(\)|setuptools\.sysconfig\.get_python_lib\(\))›[\\/]*$/;

function targetOf(event: CallEvent): Value | undefined {
  if (event.sink === 'delete' && event.name.startsWith('pathlib')) return event.receiver ?? event.args[0];
  return event.args[0];
}

interface Harm {
  readonly what: string;
  /** points where somebody calls the function; from 10 on malware all the same */
  readonly asked: number;
}

/** What comes out of a cipher; the owner gets nothing back without its key. */
const ENCRYPTED = /encrypt\(\)|\.seal\(\)|encrypt_and_digest/;

function isEncrypted({ sink, args }: CallEvent): boolean {
  const [, content] = args;
  return sink === 'write' && content !== undefined && ENCRYPTED.test(textOf(content).slice(0, 2_000));
}

function harmOf(event: CallEvent): Harm | undefined {
  if (event.sink === 'native') {
    if (CRASH.test(event.name)) return { what: 'Brings the machine down.', asked: 5 };
    return LOCKOUT.test(event.name) ? { what: 'Takes the machine from whoever sits at it.', asked: 0 } : undefined;
  }
  if (event.sink !== 'delete' && event.sink !== 'write') return undefined;
  const target = targetOf(event);
  if (target === undefined) return undefined;
  const path = textOf(target).slice(0, 400);
  if (event.sink === 'write' && DISK.test(path)) return { what: `Overwrites the disk ${path}.`, asked: 7 };
  const root = walkedFrom(target);
  if (root !== undefined && PRECIOUS.test(root) && !/[\\/]\.[\w-]+|\.cache/.test(path.replace(root, '')))
    return isEncrypted(event)
      ? { what: `Encrypts files all over ${root}.`, asked: 10 }
      : {
          what: `${event.sink === 'delete' ? 'Deletes' : 'Overwrites'} files all over ${root}.`,
          asked: event.sink === 'delete' ? 4 : 5,
        };
  // Sources of the folder somebody works in, all of them: what a build changes is named.
  if (event.context === 'import' && event.sink === 'write' && root !== undefined && SOURCES.test(`${root}\n${path}`))
    return { what: 'Overwrites the sources of the folder that it is started in.', asked: 0 };
  if (event.sink === 'delete' && /rmtree|rmdir/.test(event.name)) {
    if (PRECIOUS.test(path)) return { what: `Deletes ${path} and all that is in it.`, asked: 6 };
    if (INTERPRETER.test(path)) return { what: 'Deletes the interpreter, or all that is installed.', asked: 4 };
    if (WORKPLACE.test(path) && isUnasked(event.context))
      return { what: 'Deletes the folder that it is started in.', asked: 0 };
  }
  return undefined;
}

/** The day, the dice, or the place and the language of a machine: nobody asks for a folder to be deleted by these. */
const CHANCE =
  /\b(?:datetime|date\.today|time\.(?:time|localtime|tzname)|random\.\w+|randint|secrets\.\w+|tzname|timezone|getdefaultlocale|getlocale|country(?:_?code)?|geoip)\b/i;

function isByChance({ guards }: CallEvent): boolean {
  return guards.some(({ kind, text }) => kind === 'if' && CHANCE.test(text));
}

/** A user's folders, a working folder, a disk or the running system, wiped by code that nobody asked. */
export const destruction: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      if (event.context === 'test' || event.context === 'none') continue;
      const harm = harmOf(event);
      if (harm === undefined) continue;
      const unasked = isUnasked(event.context);
      const score = unasked || (harm.asked >= 4 && isByChance(event)) ? 10 : harm.asked;
      if (score === 0) continue;
      findings.push(findingOf(ID, event, { score, class: score >= 10 ? 'malware' : 'suspicious', message: harm.what }));
    }
    return findings;
  },
};
