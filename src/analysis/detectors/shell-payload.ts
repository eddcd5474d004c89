// Owns command lines that are attacks by themselves. Start at shellPayload.
import { type Act, actsIn, weigh } from '../evidence/acts.ts';
import { type Command, lastSegment } from '../evidence/command.ts';
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
import { keepsData, STARTED, sendsAlong, takeoverIn } from '../evidence/takeover.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { endingPattern, SHELL_SCRIPTS, WINDOWS_SCRIPTS } from '../vocabulary/endings.ts';
import { FETCHERS, JAVASCRIPT, programPattern, SCRIPTING } from '../vocabulary/programs.ts';
import { type Detector, findingOf, isBareStatement } from './detector.ts';

const ID = 'shell-payload';

interface Pattern {
  readonly test: RegExp;
  readonly points: number;
  readonly what: string;
  /** the whole message where `Starts …` does not say it */
  readonly says?: string;
  /** what a person may well want when they call the function */
  readonly isOrdinaryOnCall?: boolean;
  /** a file of data that is fetched and kept: on call for a person to know, and no harm */
  readonly isDataOnCall?: boolean;
}

const SESSION = 'the end of the session';
const PIPED = 'a download piped into a shell';
const FETCHED = 'PowerShell that downloads';
const FETCHED_AND_RUN = 'PowerShell that runs what it downloads';
const SHELL_RUNS = 'a shell that runs a download';
/** What is fetched by these runs at once. */
const RUNS_AT_ONCE: ReadonlySet<string> = new Set([PIPED, FETCHED_AND_RUN, SHELL_RUNS, STARTED]);

/** Linear patterns; each is tried on at most 20,000 characters. */
const PATTERNS: readonly Pattern[] = [
  {
    test: /Get-Clipboard\b[^\n]{0,400}Set-Clipboard\b|\bSet-Clipboard\b[^\n]{0,400}Get-Clipboard\b/i,
    points: 10,
    what: 'a loop that replaces what was copied',
    isOrdinaryOnCall: true,
  },
  {
    test: /powershell[^\n]{0,200}?\s-e(?:nc|ncodedcommand|c)?\s+["']?[A-Za-z0-9+/=]{24,}/i,
    points: 10,
    what: 'PowerShell with an encoded command',
  },
  {
    test: /(?:iex|invoke-expression)\b[^\n]{0,200}(?:downloadstring|iwr|irm|invoke-webrequest|invoke-restmethod|net\.webclient)|(?:downloadstring|iwr |irm |invoke-webrequest|invoke-restmethod)[^\n]{0,200}\|\s*(?:iex|invoke-expression)/i,
    points: 10,
    what: FETCHED_AND_RUN,
  },
  {
    test: /powershell[^\n]{0,300}(?:downloadfile|invoke-webrequest|iwr |start-bitstransfer|net\.webclient)/i,
    points: 9,
    what: FETCHED,
  },
  {
    test: /(?:curl|wget)\b[^|\n;&]{0,300}\|\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b|(?:curl|wget)\b[^|\n;&]{0,300}\|\s*(?:sudo\s+)?python[\d.]*\b/i,
    points: 9,
    what: PIPED,
  },
  { test: /(?:ba|z)?sh\s+-c\s+["']?\$\((?:curl|wget)/i, points: 9, what: SHELL_RUNS },
  {
    test: /base64\s+(?:-d|-D|--decode)[^\n]{0,80}\|\s*(?:ba|z|da)?sh\b|base64\s+(?:-d|--decode)[^\n]{0,80}\|\s*python/i,
    points: 10,
    what: 'decoded text piped into a shell',
  },
  { test: /\/dev\/(?:tcp|udp)\/[\w.-]+\/\d+/i, points: 10, what: 'a shell over /dev/tcp' },
  {
    test: /\b(?:nc|ncat|netcat)\b[^\n]{0,80}\s-\w*[ec]\w*\s+(?:\/bin\/)?(?:ba|z)?sh|mkfifo\s+\S+[^\n]{0,120}\b(?:nc|ncat|netcat|telnet)\b/i,
    points: 10,
    what: 'a shell handed to netcat',
  },
  {
    test: /\bmshta(?:\.exe)?\s+["']?(?:https?:|javascript:|vbscript:)/i,
    points: 10,
    what: 'mshta with a remote script',
  },
  {
    test: /\bcertutil(?:\.exe)?\b[^\n]{0,60}-urlcache|\bbitsadmin\b[^\n]{0,80}\/transfer/i,
    points: 10,
    what: 'a download by a system tool',
  },
  {
    test: /\bregsvr32\b[^\n]{0,60}\/i:https?:|\brundll32\b[^\n]{0,100}javascript:/i,
    points: 10,
    what: 'a remote script by a system tool',
  },
  {
    test: /\bAdd-MpPreference\b[^\n]{0,80}Exclusion|Set-MpPreference\b[^\n]{0,80}Disable/i,
    points: 10,
    what: 'an exception in the virus scanner',
    says: 'Makes an exception in the virus scanner.',
  },
  {
    test: /\b(?:curl|wget)\b[^\n]{0,300}(?:&&|;|\|\|)[^\n]{0,120}(?:chmod\s+(?:\+x|[0-7]*[1357][0-7]*)|\.\/|bash |sh |python)/i,
    points: 9,
    what: STARTED,
  },
  { test: /powershell[^\n]{0,200}-(?:w|win|windowstyle)\s+hid/i, points: 6, what: 'a hidden PowerShell window' },
  { test: /\b(?:xmrig|minerd|stratum\+tcp|cpuminer|--donate-level)\b/i, points: 9, what: 'a coin miner' },
  {
    test: /\bschtasks\b[^\n]{0,200}\/create|reg(?:\.exe)?\s+add\s+["']?(?:HKCU|HKLM|HKEY)[^\n]{0,120}\\Run\b|crontab(?:\s*$|\s+(?:-u\s+\S+\s+)?(?:-(?:\s|$|["')])|-[ir]\b|[^-\s|;&"')]\S))|>>\s*~?\/?\S*(?:\.bashrc|\.zshrc|\.profile)\b/i,
    points: 8,
    what: 'something that starts again by itself',
    says: 'Sets something up that starts again by itself.',
  },
  {
    test: /(?:^|[;&|(]\s*|sudo\s+)(?:shutdown(?:\.exe)?\s+(?:[/-][a-zA-Z]|now|\+?\d)|poweroff|halt|reboot|init\s+[06])(?:\s|$|[;&|])/i,
    points: 7,
    what: SESSION,
    says: 'Shuts the machine down or restarts it.',
    isOrdinaryOnCall: true,
  },
  {
    test: /\bdd\b[^\n]{0,80}\bof=\/dev\/(?:sd|nvme|hd|vd|disk|mmcblk)|\bmkfs(?:\.\w+)?\s[^\n]{0,60}\/dev\/|:\(\)\s*\{\s*:\s*\|\s*:|\b(?:rd|rmdir)\s+\/s\s+\/q\s+c:\\/i,
    points: 10,
    what: 'destruction of a disk',
    says: 'Destroys a disk.',
  },
  {
    test: /\bmsiexec(?:\.exe)?\b[^\n]{0,80}https?:|\brundll32(?:\.exe)?\b(?!\s+url\.dll,\s*(?:FileProtocolHandler|OpenURL)\s)[^\n]{0,100}https?:/i,
    points: 10,
    what: 'an installer from the network',
  },
  {
    test: /(?:\/tmp|\/var\/tmp|\/dev\/shm|%temp%)\b[^\n]{0,160}\bchmod\s+\S+[^\n]{0,120}(?:&&|;)\s*(?:\.\/|\/tmp\/)/i,
    points: 10,
    what: 'a program in the temporary folder',
  },
  {
    test: /(?:^|[;&|]\s*|\\)(?:fodhelper|computerdefaults|eventvwr|sdclt)(?:\.exe)?(?:\s|$)/i,
    points: 8,
    what: 'a program that raises rights without asking',
  },
  {
    test: /\bgit\s+config\s+(?:\S+\s+)*--global\s+(?:core\.hooksPath|init\.templateDir|core\.fsmonitor|core\.sshCommand)/i,
    points: 10,
    what: 'hooks for every repository of the user',
    says: 'Sets hooks for every repository of the user.',
  },
  {
    test: /-m\s+(?:http\.server|SimpleHTTPServer)\b/i,
    points: 8,
    what: 'a server of local files',
    isOrdinaryOnCall: true,
  },
  {
    test: /(?:^|[;&|]\s*)(?:npx|bunx|pnpx)\s+(?:-\S+\s+)*[@\w]/i,
    points: 6,
    what: 'a program of another index',
    isOrdinaryOnCall: true,
  },
  {
    test: /\bgo\s+(?:run|install)\s+(?:-\S+\s+)*[\w-]+(?:\.[\w-]+)+\/\S*@|(?:^|[;&|]\s*)(?:pipx\s+run|uvx|uv\s+tool\s+run|deno\s+run\s+(?:-\S+\s+)*https?:)\s*\S/i,
    points: 6,
    what: 'a program of another index',
    isOrdinaryOnCall: true,
  },
  {
    test: /\b(?:npm|pnpm|yarn|bun|gem)\s+(?:global\s+)?(?:i|install|add)\s+(?:-\S+\s+)*(?:git\+)?https?:\/\/(?!(?:[\w-]+\.)*(?:github|gitlab|npmjs|yarnpkg)\.\w)/i,
    points: 9,
    what: 'an installer of another language, handed an address',
    isOrdinaryOnCall: true,
  },
  {
    test: /\buseradd\s+-?\w|\badduser\s+-?\w|\bchpasswd\b|\busermod\s+[^\n;&|]{0,40}-\w*G\w*\s+(?:sudo|wheel|admin|root|docker)\b|\bnet1?\s+user\s+\S+\s+\S+\s+\/add|\bnet1?\s+localgroup\s+administrators\s|\bdscl\s+\.\s+-create\s+\/Users/i,
    points: 9,
    what: 'an account of its own on the machine',
    says: 'Makes an account on the machine.',
    isOrdinaryOnCall: true,
  },
  {
    test: /fDenyTSConnections|\bEnableLUA\b|DisableAntiSpyware|DisableRealtimeMonitoring|\bsetenforce\s+0|\b(?:ufw|firewalld|iptables)\s+(?:disable|-F\b|stop)/i,
    points: 8,
    what: 'a protection switched off',
    says: 'Switches a protection off.',
    isOrdinaryOnCall: true,
  },
  {
    test: /vssadmin\s+delete\s+shadows|wbadmin\s+delete|bcdedit\s+\/set|cipher\s+\/w:|rm\s+-(?:rf|fr|r)\s+(?:-\w+\s+|--no-preserve-root\s+)*(?:\/|~\/?|\$HOME\/?)(?:\s|$|\*)|format\s+c:|del\s+\/[fsq]\s+\/[fsq][^\n]{0,30}c:\\/i,
    points: 9,
    what: 'destruction of data',
    says: 'Destroys data.',
  },
  {
    test: /(?:taskkill|Stop-Process)\b[^\n]{0,60}(?:discord|chrome|msmpeng|taskmgr|wireshark|processhacker)/i,
    points: 5,
    what: 'other programs stopped',
    says: 'Stops other programs.',
  },
  {
    test: /netsh\s+(?:advfirewall|firewall)\s+set[^\n]{0,80}(?:off|disable)|netsh\s+wlan\s+show\s+profile/i,
    points: 7,
    what: 'network settings read or weakened',
    says: 'Reads or weakens network settings.',
  },
];

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

function takeoverPattern({ context, site: { unit } }: CallEvent, text: string): Pattern | undefined {
  const found = takeoverIn(text);
  // Beside the packages lie the scripts by which an author publishes them.
  const isAuthors = context === 'install' || (!unit.isPackage && !unit.module.includes('.'));
  return found === undefined || (found.isOfAuthor === true && isAuthors) ? undefined : { test: /$/, ...found };
}

/** Who writes a script to disk in order to fetch something does not want to be seen fetching. */
function droppedPattern(text: string): Pattern | undefined {
  const acts = text === '' ? new Set<Act>() : actsIn(text);
  if (!acts.has('network') && !weigh(acts).isHarmful) return undefined;
  const isVendor = hostsIn(text, 10).every((h) => ['index', 'local'].includes(hostKind(h)));
  return isVendor && !weigh(acts).isHarmful
    ? undefined
    : { test: /$/, points: 10, what: 'a script that it wrote, which reaches the network' };
}

/** `os.system('curl https://…')` in a build: the answer goes nowhere, so the request itself is the message. */
function signalOf(event: CallEvent, { text }: Command): Pattern | undefined {
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
    : { test: /$/, points: 10, what: 'a request whose answer nobody reads' };
}

const INLINE = programPattern(JAVASCRIPT, SCRIPTING);

/** The program of another interpreter on the command line: `node -e …`, `perl -e …`. */
function inlinePattern({ program, words }: Command): Pattern | undefined {
  if (!INLINE.test(program)) return undefined;
  const at = words.findIndex((w) => /^-(?:e|r|p|-eval|-print)$/.test(w) || w === 'eval');
  const acts = at < 0 ? new Set<Act>() : actsIn(words[at + 1] ?? '');
  const { score, isHarmful, why } = weigh(acts);
  return isHarmful ? { test: /$/, points: score, what: `a program in ${program}, which ${why}` } : undefined;
}

/** What `make target` runs: the recipe of that target alone, for developers have others in the same file. */
function recipePattern(archive: Evidence, { program, words }: Command): Pattern | undefined {
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
    PATTERNS.find((p) => p.points >= 9 && p.isOrdinaryOnCall !== true && p.test.test(recipe)) ??
    (tellsOfMachine(recipe)
      ? { test: /$/, points: 10, what: 'a recipe that tells a host about the machine' }
      : undefined)
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
function patternIn(text: string, event: CallEvent): Pattern | undefined {
  const unasked = isUnasked(event.context);
  let found: Pattern | undefined;
  let most = -1;
  for (const pattern of PATTERNS) {
    if ((!unasked && pattern.isOrdinaryOnCall === true) || !pattern.test.test(text)) continue;
    const score = scoreOf(pattern, event, text);
    if (score > most) {
      found = pattern;
      most = score;
    }
  }
  return found;
}

function scoreOf(pattern: Pattern, { context }: CallEvent, text: string): number {
  return isUnasked(context) ? certain(pattern, context, text) : asked(pattern, text);
}

const ROOT = { path: '', module: '', text: '', isPackage: false };

const DOWNLOAD = new RegExp(`(?:^|[\\s;&|"'])(?:${FETCHERS})(?:\\.exe)?\\s`, 'i');

/** A plain download, or a page opened: weighed by the kind of its host. */
function downloadOf(text: string): Pattern | undefined {
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
    test: /$/,
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
function lookUpOf(text: string): Pattern | undefined {
  const name =
    /(?:^|[\s;&|"'(])(?:dig|nslookup|host|ping)(?:\.exe)?\s+(?:[-@+]\S+\s+)*(?:-[cn]\s*\d+\s+)?([\w‹›().-]+\.[a-z]{2,})/i.exec(
      text,
    )?.[1];
  if (name === undefined || hostKind(name.toLowerCase()) === 'local') return undefined;
  return { test: /$/, points: 6, what: `a look-up of ${name.slice(0, 80)}` };
}

/** Scripts of a lab that were packed as modules reboot machines; only an install that does is sure to mean harm. */
function isScript({ context }: CallEvent, { what }: Pattern): boolean {
  return what === SESSION && context === 'import';
}

/** Nobody installs or imports for such a command, unless it is a vendor's own installer that is fetched. */
function certain({ points, what }: Pattern, context: CallEvent['context'], text: string): number {
  if (what === SESSION) return context === 'import' ? 7 : 10;
  if (points < 8) return points;
  const hosts = hostsIn(text, 10);
  const isVendor = hosts.length > 0 && hosts.every((h) => isSupplier(hostKind(h)));
  return isVendor ? Math.min(points, 9) : 10;
}

/** Points on call: who starts the function may want the program, if it comes from a house with a name, or from where the caller says. */
function asked({ points, what, isDataOnCall }: Pattern, text: string): number {
  if (isDataOnCall === true) return 3;
  if (RUNS_AT_ONCE.has(what) && hostsIn(text, 10).some((host) => isNobodys(hostKind(host)))) return 10;
  const hosts = what === PIPED || what === FETCHED || what === FETCHED_AND_RUN ? hostsIn(text, 10) : undefined;
  if (hosts === undefined) return Math.max(2, points - 4);
  if (hosts.length === 0) return points - (what !== FETCHED_AND_RUN && text.includes('‹') ? 6 : 4);
  const kinds = hosts.map((host) => (isAccountHost(host) ? 'account' : hostKind(host)));
  const isSafe = !/http:\/\//.test(text);
  if (isSafe && kinds.every((kind) => kind === 'index')) return points - 6;
  return points - (isSafe && what === PIPED && kinds.every((kind) => kind === 'plain') ? 5 : 4);
}

function isHarm(hit: Pattern, event: CallEvent): boolean {
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
        patternIn(text, event) ??
        takeoverPattern(event, text) ??
        droppedPattern(dropped) ??
        inlinePattern(command) ??
        recipePattern(archive, command) ??
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
