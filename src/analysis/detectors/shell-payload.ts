// Owns command lines that are attacks by themselves. Start at shellPayload.
import { type Act, actsIn, weigh } from '../evidence/acts.ts';
import {
  ATTACK_LINES,
  type AttackLine,
  FETCHED,
  FETCHED_AND_RUN,
  MINES_FOR,
  PIPED,
  SESSION_END,
  SHELL_RUNS,
  STARTED,
} from '../evidence/attack-lines.ts';
import { type Command, lastSegment } from '../evidence/command.ts';
import { keepsData, sendsAlong } from '../evidence/downloads.ts';
import type { Evidence } from '../evidence/evidence.ts';
import {
  type HostKind,
  hostKind,
  hostsIn,
  isAccountHost,
  isNobodys,
  isSetuptools,
  isSupplier,
  isThrowaway,
} from '../evidence/hosts.ts';
import { takeoverIn } from '../evidence/takeover.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { endingPattern, SHELL_SCRIPTS, WINDOWS_SCRIPTS } from '../vocabulary/endings.ts';
import { FETCHERS, JAVASCRIPT, programPattern, SCRIPTING } from '../vocabulary/programs.ts';
import { type Detector, findingOf, isBareStatement } from './detector.ts';

const ID = 'shell-payload';

/** An attack, or what is no more than a request or a download. */
interface Hit extends AttackLine {
  /** a file of data that is fetched and kept: on call for a person to know, and no harm */
  readonly isDataOnCall?: boolean;
}

/** What is fetched by these runs at once. */
const RUNS_AT_ONCE: ReadonlySet<string> = new Set([PIPED, FETCHED_AND_RUN, SHELL_RUNS, STARTED]);

const SCRIPT = endingPattern(SHELL_SCRIPTS, WINDOWS_SCRIPTS);

/** Text of the archive's own scripts that the command starts. */
function scriptsOf(archive: Evidence, { words }: Command): string {
  let text = '';
  for (const word of words.slice(0, 8)) {
    if (!SCRIPT.test(word)) continue;
    text += archive.sources.findText(word, ROOT)?.slice(0, 20_000) ?? '';
  }
  return text;
}

/** Text of a script that the program wrote and now starts. */
function droppedScript(archive: Evidence, { text: line }: Command): string {
  let text = '';
  for (const { path, content } of archive.reading.written) {
    const name = lastSegment(path);
    if ((SCRIPT.test(name) || /\.js$/i.test(name)) && name.length >= 4 && line.includes(name))
      text += `${textOf(content).slice(0, 20_000)}\n`;
  }
  return text;
}

function takeoverHit({ context, site: { unit } }: CallEvent, text: string): Hit | undefined {
  const found = takeoverIn(text);
  // Beside the packages lie the scripts by which an author publishes them.
  const isAuthors = context === 'install' || (!unit.isPackage && !unit.module.includes('.'));
  return found?.isOfAuthor === true && isAuthors ? undefined : found;
}

/** Who writes a script to disk in order to fetch something does not want to be seen fetching. */
function droppedHit(text: string): Hit | undefined {
  const acts = text === '' ? new Set<Act>() : actsIn(text);
  if (!acts.has('network') && !weigh(acts).isHarmful) return undefined;
  const isVendor = hostsIn(text, 10).every((h) => ['index', 'local'].includes(hostKind(h)));
  return isVendor && !weigh(acts).isHarmful
    ? undefined
    : { points: 10, what: 'a script that it wrote, which reaches the network' };
}

/** `os.system('curl https://…')` in a build: the answer goes nowhere, so the request itself is the message. */
function signalOf(event: CallEvent, { text }: Command): Hit | undefined {
  if (event.context !== 'install' || !/^\s*(?:curl|wget|iwr|Invoke-WebRequest)(?:\.exe)?\s/i.test(text))
    return undefined;
  if (
    /\s-(?:\w*[oOJ]|-output|-remote-name|-output-document)\b|>\s*(?!\/dev\/null)\S|\|/.test(
      text.replaceAll(/>\s*\/dev\/null|-[oO]\s*\/dev\/null/g, ''),
    )
  )
    return undefined;
  if (/^\s*wget\b/i.test(text) && !/--spider|--post|-O-/.test(text)) return undefined;
  if (!isBareStatement(event)) return undefined;
  const hosts = hostsIn(text, 5);
  return hosts.every((h) => isSupplier(hostKind(h)))
    ? undefined
    : { points: 10, what: 'a request whose answer nobody reads' };
}

const INLINE = programPattern(JAVASCRIPT, SCRIPTING);

/** The program of another interpreter on the command line: `node -e …`, `perl -e …`. */
function inlineHit({ program, words }: Command): Hit | undefined {
  if (!INLINE.test(program)) return undefined;
  const at = words.findIndex((w) => /^-(?:e|r|p|-eval|-print)$/.test(w) || w === 'eval');
  const acts = at < 0 ? new Set<Act>() : actsIn(words[at + 1] ?? '');
  const { score, isHarmful, why } = weigh(acts);
  return isHarmful ? { points: score, what: `a program in ${program}, which ${why}` } : undefined;
}

/** What `make target` runs: the recipe of that target alone, for developers have others in the same file. */
function recipeHit(archive: Evidence, { program, words }: Command): Hit | undefined {
  if (!/^g?make$/.test(program)) return undefined;
  const flag = words.findIndex((w) => /^(?:-C|--directory)$/.test(w));
  const folder = flag < 0 ? '' : `${(words[flag + 1] ?? '').replace(/^(?:‹here›[\\/]|\.\/)|\/$/g, '')}/`;
  const text = ['Makefile', 'makefile', 'GNUmakefile']
    .map((n) => archive.sources.findText(`${folder}${n}`, ROOT))
    .find((t) => t !== undefined);
  if (text === undefined) return undefined;
  const named = words.slice(1).find((w, i) => /^\w[\w.-]*$/.test(w) && (flag < 0 || i !== flag));
  const rules = [...text.slice(0, 200_000).matchAll(/^([\w.-]+)[ \t]*:(?!=)[^\n]*\n((?:\t[^\n]*\n?){0,200})/gm)];
  const rule =
    named === undefined ? rules.find((r) => r[1]?.startsWith('.') === false) : rules.find((r) => r[1] === named);
  const recipe = rule?.[2] ?? '';
  return (
    ATTACK_LINES.find((p) => p.points >= 9 && p.isOrdinaryOnCall !== true && p.test.test(recipe)) ??
    (tellsOfMachine(recipe) ? { points: 10, what: 'a recipe that tells a host about the machine' } : undefined)
  );
}

/** `curl -d "$(id; env)" http://…` on one line of a recipe. */
function tellsOfMachine(recipe: string): boolean {
  return recipe
    .split('\n')
    .some(
      (line) =>
        /\b(?:curl|wget|nc|ncat|nslookup|dig)\b/.test(line) &&
        /(?:\$\$?\(|`|^|\|)\s*(?:env|printenv|id|whoami|hostname|cat\s+\S*(?:\.ssh|\.aws|\/etc\/(?:passwd|shadow))\S*)\b/.test(
          line.replace(/^[\t @-]*/, ''),
        ),
    );
}

/** Of the patterns that a text matches the one that weighs most there, the first of those that weigh the same. */
function heaviestIn(text: string, event: CallEvent): Hit | undefined {
  const unasked = isUnasked(event.context);
  let found: Hit | undefined;
  let most = -1;
  for (const pattern of ATTACK_LINES) {
    if ((!unasked && pattern.isOrdinaryOnCall === true) || !pattern.test.test(text)) continue;
    const score = scoreOf(pattern, event, text);
    if (score > most) {
      found = pattern;
      most = score;
    }
  }
  return found;
}

function scoreOf(pattern: Hit, { context }: CallEvent, text: string): number {
  return isUnasked(context) ? certain(pattern, context, text) : asked(pattern, text);
}

const ROOT = { path: '', module: '', text: '', isPackage: false };

const DOWNLOAD = new RegExp(`(?:^|[\\s;&|"'])(?:${FETCHERS})(?:\\.exe)?\\s`, 'i');

/** A plain download, or a page opened: weighed by the kind of its host. */
function downloadOf(text: string): Hit | undefined {
  const hosts = hostsIn(text, 10);
  const host = hosts.find((h) => isThrowaway(hostKind(h))) ?? hosts[0];
  if (host === undefined) return lookUpOf(text);
  const kind = hostKind(host);
  const isDownload = DOWNLOAD.test(text);
  const isOpened = /^\s*(?:start|open|xdg-open|explorer)\s/i.test(text);
  if (!isDownload && !isOpened) return undefined;
  const points = isThrowaway(kind)
    ? isDownload
      ? 9
      : 6
    : kind === 'cheap-name'
      ? 7
      : kind === 'local' || kind === 'index'
        ? 0
        : isDownload
          ? 4
          : 2;
  if (points === 0) return undefined;
  return {
    points,
    what: `a download from ${host}`,
    ...(isDownload ? {} : { says: `Opens a page of ${host}.` }),
    ...(isDownload && sendsAlong(text) ? { says: `Sends something to ${host} by a program of the system.` } : {}),
    ...(isDownload && keepsData(text) && KEEPING.has(kind) ? { isDataOnCall: true } : {}),
  };
}

/** Where people leave data for others, as well as programs. */
const KEEPING: ReadonlySet<HostKind> = new Set<HostKind>(['file-host', 'free-hosting']);

/** A name looked up by a tool: what a beacon does where requests are blocked. */
function lookUpOf(text: string): Hit | undefined {
  const name =
    /(?:^|[\s;&|"'(])(?:dig|nslookup|host|ping)(?:\.exe)?\s+(?:[-@+]\S+\s+)*(?:-[cn]\s*\d+\s+)?([\w‹›().-]+\.[a-z]{2,})/i.exec(
      text,
    )?.[1];
  if (name === undefined || hostKind(name.toLowerCase()) === 'local') return undefined;
  return { points: 6, what: `a look-up of ${name.slice(0, 80)}` };
}

/** Scripts of a lab that were packed as modules reboot machines; only an install that does is sure to mean harm. */
function isScript({ context }: CallEvent, { what }: Hit): boolean {
  return what === SESSION_END && context === 'import';
}

/** Nobody installs or imports for such a command, unless it is a vendor's own installer that is fetched. */
function certain({ points, what }: Hit, context: CallEvent['context'], text: string): number {
  if (what === SESSION_END) return context === 'import' ? 7 : 10;
  if (points < 8) return points;
  const hosts = hostsIn(text, 10);
  const isVendor = hosts.length > 0 && hosts.every((h) => isSupplier(hostKind(h)));
  return isVendor ? Math.min(points, 9) : 10;
}

/** Points on call: who starts the function may want the program, if it comes from a house with a name, or from where the caller says. */
function asked({ points, what, isDataOnCall }: Hit, text: string): number {
  if (isDataOnCall === true) return 3;
  if (RUNS_AT_ONCE.has(what) && hostsIn(text, 10).some((host) => isNobodys(hostKind(host)))) return 10;
  if (what === MINES_FOR) return points;
  const hosts = what === PIPED || what === FETCHED || what === FETCHED_AND_RUN ? hostsIn(text, 10) : undefined;
  if (hosts === undefined) return Math.max(2, points - 4);
  if (hosts.length === 0) return points - (what !== FETCHED_AND_RUN && text.includes('‹') ? 6 : 4);
  const kinds = hosts.map((host) => (isAccountHost(host) ? 'account' : hostKind(host)));
  const isSafe = !/http:\/\//.test(text);
  if (isSafe && kinds.every((kind) => kind === 'index')) return points - 6;
  return points - (isSafe && what === PIPED && kinds.every((kind) => kind === 'plain') ? 5 : 4);
}

function isHarm(hit: Hit, event: CallEvent): boolean {
  if (hit.isDataOnCall === true && !isUnasked(event.context)) return false;
  return hit.points >= 8 || (isUnasked(event.context) && hit.points >= 6 && !isScript(event, hit));
}

/** Commands whose text is the attack. */
export const shellPayload: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const [event, command] of archive.commands) {
      const dropped = droppedScript(archive, command);
      const text = `${command.text.slice(0, 20_000)}\n${scriptsOf(archive, command)}\n${dropped}`;
      const hit =
        heaviestIn(text, event) ??
        takeoverHit(event, text) ??
        droppedHit(dropped) ??
        inlineHit(command) ??
        recipeHit(archive, command) ??
        signalOf(event, command) ??
        downloadOf(text);
      if (hit === undefined || (hit.isOrdinaryOnCall === true && !isUnasked(event.context))) continue;
      const isBuild = isSetuptools(text);
      const score = isBuild ? 3 : scoreOf(hit, event, text);
      findings.push(
        findingOf(ID, event, {
          score,
          class: !isBuild && isHarm(hit, event) ? 'malware' : 'suspicious',
          message: hit.says ?? `Starts ${hit.what}.`,
          sources: command.taint,
          decoded: command.text,
        }),
      );
    }
    return findings;
  },
};
