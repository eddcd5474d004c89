// Owns processes that nobody asked for: at start-up, install or import. Start at unaskedProcess.
import type { Command } from '../evidence/command.ts';
import { keepsData } from '../evidence/downloads.ts';
import { isCommandGroup } from '../evidence/entry-points.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { hostKind, hostOf, hostsIn, isNamedHouse, isNobodys, isSetuptools } from '../evidence/hosts.ts';
import { normalised } from '../evidence/metadata.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import type { Finding } from '../report/finding.ts';
import { BUILD_TOOLS, MATERIAL, SHELL_WORDS } from '../vocabulary/build-tools.ts';
import { WINDOWS_PROGRAMS, WINDOWS_SCRIPTS } from '../vocabulary/endings.ts';
import {
  DISCOVERY,
  FETCHERS,
  NAME_LOOK_UPS,
  NETCATS,
  OPENERS,
  PROOFS,
  PROXY_BINARIES,
  programPattern,
  REMOTE_ACCESS,
  SCRIPT_HOSTS,
  SESSION_ENDS,
  SHELLS,
  SYSTEM_FETCHERS,
  WINDOWS_SETTINGS,
  WINDOWS_SHELLS,
} from '../vocabulary/programs.ts';
import { type Detector, findingOf, momentOf } from './detector.ts';

const ID = 'unasked-process';

function isOrdinary(archive: Evidence, command: Command): boolean {
  const { program, words, text } = command;
  if (program === '' || program.includes('‹')) return false;
  if (/^(?:%python%|python[\d.]*|py)$/.test(program)) return isOwnScript(archive, words);
  if (/^pip[\d.]*$/.test(program)) return false;
  if (/^(?:curl|wget)$/.test(program)) return false;
  return (
    command.programs.every((one) => BUILD_TOOLS.test(one) || SHELL_WORDS.test(one)) &&
    !/https?:\/\//.test(text.replaceAll(/https?:\/\/(?:www\.)?(?:github|gitlab)\.com\S*/g, ''))
  );
}

/** `python file` where the file is one of the archive: that file was read as well. */
function isOwnScript(archive: Evidence, words: readonly string[]): boolean {
  const rest = words.slice(1).filter((w) => !/^-[A-Zuv]$/.test(w));
  const [first, second] = rest;
  if (first === '-m')
    return /^(?:pip|ensurepip)$/.test(second ?? '')
      ? false
      : /^(?:build|setuptools|cython|pytest|numpy\.f2py|grpc_tools\.protoc|compileall|venv|virtualenv|wheel|unittest|pybind11|sphinx|nuitka|PyInstaller)/.test(
          second ?? '',
        );
  if (first === '-c') return true;
  if (first === undefined) return true;
  const clean = first.replace(/^‹here›[\\/]+/, '').replace(/^\.\//, '');
  return archive.layout.byPath.has(clean) || /^(?:setup|manage)\.py$/.test(clean);
}

/** Programs that speak for an attack when a build or an import starts them. */
const TELLING = programPattern(
  DISCOVERY,
  SHELLS,
  WINDOWS_SHELLS,
  SCRIPT_HOSTS,
  PROXY_BINARIES,
  FETCHERS,
  NETCATS,
  REMOTE_ACCESS,
  NAME_LOOK_UPS,
  WINDOWS_SETTINGS,
  OPENERS,
  SESSION_ENDS,
  PROOFS,
  'env|printenv|pythonw|osascript|crontab|at|systemctl|launchctl|chmod|sudo|su|useradd|pkill|killall',
);
const TELLING_TEXT = new RegExp(
  `https?://|\\.(?:${WINDOWS_PROGRAMS}|${WINDOWS_SCRIPTS}|msi|com|js|pyw|sh)\\b|%APPDATA%|%LOCALAPPDATA%|chmod\\s+\\+?[0-7x]|/dev/(?:tcp|shm)|base64|(?:^|\\s)start\\s`,
  'i',
);

function isScriptOfArchive(archive: Evidence, command: Command): boolean {
  const word =
    command.words.find((w) => /\.(?:sh|py|bat|cmd|pl)$|(?:^|\/)(?:configure|bootstrap|autogen)$/.test(w)) ?? '';
  const clean = word
    .replace(/^‹here›[\\/]+/, '')
    .replaceAll('\\', '/')
    .replace(/^(?:\.{1,2}\/)+/, '');
  if (clean === '') return false;
  for (const path of archive.layout.byPath.keys()) if (path === clean || path.endsWith(`/${clean}`)) return true;
  return false;
}

/** `python -c "import x"` where x is neither Python's own nor of this archive: a dependency that works in the background. */
function startsForeignModule(archive: Evidence, { words, program }: Command): boolean {
  if (!/^(?:%python%|python[\d.]*|pythonw|py)$/.test(program)) return false;
  const at = words.findIndex((w) => /^-\w*c$/.test(w));
  const code = at < 0 ? '' : (words[at + 1] ?? '');
  return modulesIn(code).some(
    (n) =>
      !STANDARD.test(n) &&
      archive.sources.findModule(n, { path: 'setup.py', module: '', text: '', isPackage: false }) === undefined,
  );
}

/** First names of what lines import: `import a.b, c` and `from d import e` are a, c and d. */
function modulesIn(code: string): string[] {
  return code.split(/[;\n]/).flatMap((line) => {
    const from = /^\s*from\s+(\w+)/.exec(line)?.[1];
    if (from !== undefined) return [from];
    const list = /^\s*import\s+(.+)/.exec(line)?.[1] ?? '';
    return list.split(',').flatMap((one) => /^\s*([A-Za-z_]\w*)/.exec(one)?.[1] ?? []);
  });
}

const STANDARD =
  /^(?:os|sys|re|io|json|time|warnings|platform|subprocess|sysconfig|distutils|setuptools|numpy|site|struct|ctypes|pybind11|torch|Cython|cython|pip|pkg_resources|importlib|pathlib|shutil|tempfile|urllib|base64|zlib|socket|tkinter|sqlite3|ssl|locale|math|random|string|hashlib|__future__|print_function|logging|multiprocessing|threading|typing|types|inspect|traceback|codecs|unittest|django|wx|gi|matplotlib|scipy|pandas|tensorflow|paddle|jax|mpi4py)$/;

/** Bytes of Python below which an archive is a few modules. */
const FEW_MODULES_BYTES = 60_000;
const materialOf = new WeakMap<Evidence, boolean>();

/** A few modules of Python and nothing else that a build could work on: no program is needed to install them. */
function hasNothingToBuild(archive: Evidence): boolean {
  let hasNothing = materialOf.get(archive);
  if (hasNothing === undefined) {
    hasNothing =
      archive.pythonBytes < FEW_MODULES_BYTES &&
      !archive.layout.members.some(
        (m) => MATERIAL.test(m.local) && !/^(?:MANIFEST\.in|requirements\.in)$/.test(m.local),
      );
    materialOf.set(archive, hasNothing);
  }
  return hasNothing;
}

/**
 * Look around on a machine, show that code runs on it, fetch and run by a detour, change its settings or stop what runs there: no
 * installation of a few modules needs any of it.
 */
const NO_PART_OF_AN_INSTALL = programPattern(
  DISCOVERY,
  'who|w|last|groups|env|printenv|dir|ps|ip|netstat|arp|route|history',
  NAME_LOOK_UPS,
  NETCATS,
  REMOTE_ACCESS,
  PROOFS,
  SCRIPT_HOSTS,
  PROXY_BINARIES,
  SYSTEM_FETCHERS,
  WINDOWS_SETTINGS,
  SESSION_ENDS,
  // Neither a POSIX shell nor cmd, curl or wget: small projects get and copy files with them.
  'powershell|pwsh|pythonw|osascript|useradd|usermod|passwd',
);

/** Files that say who uses the machine or what they hold, in the words of tools that a build may use as well. */
const TELLING_FILE =
  /(?:^|[\s'"=])(?:\/etc\/(?:passwd|shadow|group|sudoers)|(?:~|\$HOME|\/root|\/home\/[\w.-]+)\/\.(?:ssh|aws|netrc|pypirc|kube|bash_history))\b/;

/** `touch /tmp/was-here`, `echo done > ~/proof.txt`: a mark outside of the folder of the build, which shows that code ran. */
const MARK =
  /^(?:touch\s+|echo\b[^\n]*>\s*)["']?(?:\/tmp\/|\/var\/tmp\/|\/root\/|\/home\/|~\/|\$HOME\/|[a-z]:\\|%(?:temp|userprofile|public)%)/i;

function leavesMark(archive: Evidence, { context }: CallEvent, { text }: Command): boolean {
  return context === 'install' && MARK.test(text.trim()) && hasNothingToBuild(archive);
}

/** What an installation that has nothing to build never does: by the program, by the file it is shown, by its hidden window. */
function isHarmful(archive: Evidence, event: CallEvent, command: Command): boolean {
  if (event.context !== 'install' || !hasNothingToBuild(archive) || isSetuptools(command.text)) return false;
  if (command.programs.some((one) => NO_PART_OF_AN_INSTALL.test(one))) return !isPrinting(command);
  return TELLING_FILE.test(command.text) || (command.isHidden && isForeign(archive, command));
}

/** `powershell $profile`, `powershell -Command "echo test"`: prints a setting or a text, which is how a shell is looked for. */
function isPrinting({ words, programs, program }: Command): boolean {
  const [last = ''] = words.slice(-1);
  const isAlone = words.slice(1, -1).every((word) => /^-(?:c|command|nop|noprofile)$/i.test(word));
  return (
    /^(?:powershell|pwsh)$/.test(program) &&
    programs.length === 1 &&
    isAlone &&
    /^(?:(?:echo|write-output) [\w. ]+|\$[\w:]+)$/i.test(last)
  );
}

/** A program by a name that is known, and that neither a build nor this distribution brings. */
function isForeign(archive: Evidence, command: Command): boolean {
  const { program } = command;
  return (
    program !== '' &&
    !program.includes('‹') &&
    !isOrdinary(archive, command) &&
    !isOwnCommand(archive, command) &&
    !isOfRequirement(archive, command) &&
    !isScriptOfArchive(archive, command)
  );
}

/** The command of a project that this one requires, named as it: that project is judged by its own files. */
function isOfRequirement({ metadata }: Evidence, { program, programs }: Command): boolean {
  return programs.length === 1 && metadata.requirements.has(normalised(program));
}

/** `chmod a+rx scripts/tool` for members of the archive, which are read themselves. */
function isOwnMode({ layout }: Evidence, { program, programs, words }: Command): boolean {
  const paths = words.slice(2).map((word) => word.replace(/^(?:‹here›[\\/]+|\.\/)/, ''));
  return (
    program === 'chmod' && programs.length === 1 && paths.length > 0 && paths.every((path) => layout.byPath.has(path))
  );
}

/** `curl https://… -o driver.zip` from a host with a name: no other act than a request in Python, and weighed as the one that it is elsewhere. */
function isDownload({ program, programs, text, isHidden }: Command): boolean {
  const kind = hostKind(hostOf(text) ?? '');
  return /^(?:curl|wget)$/.test(program) && programs.length === 1 && !isHidden && isNamedHouse(kind) && keepsData(text);
}

/** A command of this distribution, by its name alone: what it does was read. */
function isOwnCommand({ entryPoints }: Evidence, { program, isShell, text }: Command): boolean {
  if (isShell && /[;&|<>`$]/.test(text)) return false;
  return entryPoints.some(
    ({ group, key, name }) => isCommandGroup(group) && name !== '' && key.toLowerCase() === program,
  );
}

/**
 * `pulumi plugin install resource NAME VERSION`, which builds of generated clients start: it fetches the program that the client
 * speaks to, by the client's own name, and runs nothing of it. Another name could take the place of somebody else's plug-in.
 */
function isOwnPlugin({ metadata }: Evidence, { words, isShell }: Command): boolean {
  const [program, noun, verb, kind, name = '', version = '', ...options] = words;
  const [option, server = ''] = options;
  return (
    !isShell &&
    [program, noun, verb, kind].join(' ') === 'pulumi plugin install resource' &&
    /^[a-z][\w-]{2,}$/.test(name) &&
    /^(?:v?\d[\w.+-]*|‹[^›]*›)$/.test(version) &&
    `-${metadata.name}-`.includes(`-${name.replaceAll('_', '-')}-`) &&
    (options.length === 0 ||
      (options.length === 2 && option === '--server' && /^(?:https|github):\/\//.test(server) && isNamedHost(server)))
  );
}

function isNamedHost(address: string): boolean {
  return isNamedHouse(hostKind(hostOf(address.replace(/^github:/, 'https:')) ?? ''));
}

function points(archive: Evidence, event: CallEvent, command: Command, isForeignCode: boolean): number {
  const isImport = event.context === 'import';
  if (event.context === 'start-up') return 9;
  // An import that starts Python for a module of somebody else's wants nobody to see it load.
  if (isForeignCode) return isImport ? 9 : 6;
  const text = command.text.slice(0, 4000);
  // Asking a program for its version is what finding a tool looks like.
  if (command.words.length === 2 && /^-{1,2}(?:v|V|version|help|h)$/.test(command.words[1] ?? '')) return 1;
  // Going through PATH by hand is how a program of the user's is looked for: nothing was brought along.
  if (command.taint.origins.some((o) => o.text === 'environment variable PATH')) return 2;
  const isTelling =
    (command.programs.some((one) => TELLING.test(one)) ||
      // `github://api.github.com/…` names no program that ends in .com
      // and `ffmpeg.exe` is how Windows calls a program that is looked for on its path.
      TELLING_TEXT.test(
        text.replaceAll(/\b(?!https?:)[a-z][\w+.-]{1,20}:\/\/\S+/g, '').replace(/^[\w-]+\.exe(?=\s|$)/i, ''),
      )) &&
    !isScriptOfArchive(archive, command);
  const isIdle = event.context === 'install' && hasNothingToBuild(archive);
  if (command.program === '' || command.program.includes('‹')) return command.isHidden ? (isIdle ? 5 : 4) : 2;
  if (isOwnMode(archive, command)) return 2;
  if (event.context === 'install' && isDownload(command)) return 2;
  if (isSetuptools(text) || isOwnPlugin(archive, command)) return isImport ? 2 : 3;
  if (!isTelling && (isOwnCommand(archive, command) || isOfRequirement(archive, command))) return isImport ? 2 : 3;
  if (hostsIn(text, 10).some((host) => isNobodys(hostKind(host)))) return 7 + (command.isHidden ? 2 : 0);
  const base = isTelling || isIdle ? (isImport ? 4 : 5) : isImport ? 2 : 3;
  return base + (command.isHidden ? 2 : 0);
}

/** A process at start-up, install or import that is no build tool at work. */
export const unaskedProcess: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const [event, command] of archive.commands) {
      if (!isUnasked(event.context)) continue;
      const harms = isHarmful(archive, event, command);
      const isOfBuild = isOrdinary(archive, command) && !leavesMark(archive, event, command);
      const isForeignCode = startsForeignModule(archive, command);
      if (!harms && event.context !== 'start-up' && !isForeignCode && isOfBuild) continue;
      if (isPipInstall(command)) continue;
      const score = harms ? 10 : points(archive, event, command, isForeignCode);
      findings.push(
        findingOf(ID, event, {
          score,
          class: harms || (isForeignCode && event.context === 'import') ? 'malware' : 'suspicious',
          message: `Starts ${namesOf(command)} ${momentOf(event)}.`,
          sources: command.taint,
          decoded: command.text,
        }),
      );
    }
    return findings;
  },
};

function namesOf({ programs }: Command): string {
  const known = programs.filter((one) => one !== '' && !/^‹[^›]*›$/.test(one));
  const names = [...new Set(known.map((one) => (one === '%python%' ? 'Python' : one)))].slice(0, 3).join(', ');
  return names === '' ? 'a process' : names.slice(0, 60);
}

function isPipInstall(command: Command): boolean {
  return /\bpip[\d.]*\b[^\n]*\binstall\b/.test(command.text);
}
