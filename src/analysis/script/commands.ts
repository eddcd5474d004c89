// Owns what one command line does, by its words, on any system. May import facts.ts, secrets.ts, encoded.ts.
// Start at factsOfCommand.
import { LIBRARIES, SHELL_SCRIPTS, UNIX_PROGRAMS, WINDOWS_PROGRAMS, WINDOWS_SCRIPTS } from '../vocabulary/endings.ts';
import {
  HTTP_CLIENTS,
  JAVASCRIPT,
  NAME_LOOK_UPS,
  NETCATS,
  PYTHON,
  programPattern,
  SCRIPTING,
  SHELLS,
  WINDOWS_SHELLS,
} from '../vocabulary/programs.ts';
import { decodePowerShellArgument } from './encoded.ts';
import type { FactSheet } from './facts.ts';
import { findSecrets, isEnvironmentDump, isHostInfo } from './secrets.ts';

export interface CommandPlace {
  readonly line: number;
  readonly snippet: string;
  readonly isBackground: boolean;
}

const WRAPPERS =
  /^(?:sudo|doas|env|nohup|exec|command|builtin|nice|ionice|setsid|stdbuf|unbuffer|busybox|xargs|timeout|time|start|call|cmd|@)$/i;
const ASSIGNMENT = /^\w{1,80}=/;

/** Index of the word that names the program, wrappers and their options skipped. */
function programIndex(words: readonly string[]): number {
  let at = 0;
  while (at < words.length - 1) {
    const name = nameOf(words[at]!);
    const isWrapper = WRAPPERS.test(name) || ASSIGNMENT.test(words[at]!);
    const isOption =
      at > 0 && (/^-/.test(words[at]!) || /^\/(?:[a-z]|min|wait|high|low)$/i.test(words[at]!) || words[at] === '');
    const isDuration = at > 0 && nameOf(words[at - 1]!) === 'timeout' && /^\d/.test(words[at]!);
    if (!isWrapper && !isOption && !isDuration) break;
    at++;
  }
  return at;
}

function nameOf(word: string): string {
  return word
    .slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\')) + 1)
    .replace(/\.(?:exe|com|cmd|bat)$/i, '')
    .replace(/^@/, '');
}

/** Name of the program that a command line starts, wrappers (`sudo`, `nohup`, `start /b` …), path and `.exe` left out. */
export function programOf(words: readonly string[]): string {
  const name = nameOf(words[programIndex(words)] ?? '');
  return /[A-Z]/.test(name) && !name.includes('-') ? name.toLowerCase() : name;
}

interface Command {
  readonly sheet: FactSheet;
  readonly place: CommandPlace;
  readonly program: string;
  readonly rest: readonly string[];
  /** the words behind the program, with blanks between */
  readonly line: string;
}

const ADDRESS = /\b(?:https?|ftp):\/\/[^\s'"|;<>)]{1,300}/i;
const SUBSTITUTION = /\$\(|`|\$\{?[A-Za-z_]|%\w{1,40}%/;
const EXECUTABLE = new RegExp(
  `\\.(?:${WINDOWS_PROGRAMS}|${WINDOWS_SCRIPTS}|${SHELL_SCRIPTS}|${UNIX_PROGRAMS}|${LIBRARIES}|msi|com|jar|bin)\\b`,
  'i',
);

function add(command: Command, kind: Parameters<FactSheet['add']>[0], detail: string, decoded?: string): void {
  command.sheet.add(kind, command.place.line, command.place.snippet, detail, decoded);
}

/** curl, wget and their like: a download, or data that leaves. */
function fetch(command: Command): void {
  const { line, rest } = command;
  const address =
    ADDRESS.exec(line)?.[0] ?? rest.find((word) => /^[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?:[/:]|$)/.test(word)) ?? '';
  const sends =
    /(?:^|\s)(?:-d|--data(?:-\w{1,20})?|-F|--form|-T|--upload-file|--post-data|--post-file|--body-data|--body-file|--json)(?:[\s=@]|$)/.test(
      line,
    ) ||
    /(?:^|\s)(?:-X|--request|--method)[\s=]?(?:POST|PUT|PATCH)\b/i.test(line) ||
    /(?:^|\s)-[a-zA-Z]{0,5}[dFT]\s/.test(line);
  const query = line.indexOf('?');
  const carries = SUBSTITUTION.test(address) || (query >= 0 && SUBSTITUTION.test(line.slice(query)));
  if (sends || carries) add(command, 'exfiltration', address === '' ? line : address);
  if (sends || address === '') return;
  add(command, 'download', address);
  const target = /(?:^|\s)(?:-o|--output|-O|--output-document)[\s=]?(\S{1,300})/.exec(line)?.[1] ?? '';
  if (EXECUTABLE.test(target) || /^\/tmp\/|^\/dev\/shm\//.test(target)) add(command, 'write-executable', target);
}

function netcat(command: Command): void {
  const { line } = command;
  if (/(?:^|\s)-\w{0,6}[ec]\w{0,6}\s{1,4}\S{0,40}(?:sh|cmd|powershell)\b|--(?:sh-)?exec/.test(line))
    add(command, 'reverse-shell', line);
  else if (/\s<\s|\$\(|`/.test(command.place.snippet)) add(command, 'exfiltration', line);
}

function lookUp(command: Command): void {
  if (SUBSTITUTION.test(command.line) || /%\w/.test(command.line)) add(command, 'dns-exfiltration', command.line);
}

function powershell(command: Command): void {
  const { line, rest } = command;
  if (/(?:^|\s)-w(?:in(?:dowstyle)?)?\s{1,4}["']?(?:h(?:id(?:den)?)?\b|1\b)/i.test(line))
    add(command, 'hidden-window', 'powershell -WindowStyle Hidden');
  const at = rest.findIndex((word) => /^[-/]e(?:c|n|nc|nco\w{0,20})?$/i.test(word));
  const decoded = at < 0 ? undefined : decodePowerShellArgument(rest[at + 1] ?? '');
  if (at >= 0) add(command, 'encoded-command', 'powershell -EncodedCommand', decoded);
  const code = decoded ?? commandText(rest);
  if (code !== undefined)
    command.sheet.leave({ language: 'powershell', text: code, line: command.place.line, how: 'powershell' });
}

function commandText(rest: readonly string[]): string | undefined {
  const at = rest.findIndex((word) => /^[-/]c(?:ommand)?$/i.test(word));
  if (at >= 0) return rest.slice(at + 1).join(' ');
  const first = rest.findIndex(
    (word, i) => !/^[-/]/.test(word) && !/^[-/](?:ep|executionpolicy|w|windowstyle|ex)/i.test(rest[i - 1] ?? ''),
  );
  return first < 0 ? undefined : rest.slice(first).join(' ');
}

function registry(command: Command): void {
  if (
    /^add\b/i.test(command.line) &&
    /\\(?:Run|RunOnce|Winlogon|Policies\\Explorer\\Run|Image File Execution Options)\b/i.test(command.line)
  ) {
    add(command, 'persistence', command.line);
  }
}

function systemd(command: Command): void {
  if (/\b(?:enable|daemon-reload|start|link)\b/.test(command.line))
    add(command, 'persistence', `systemctl ${command.line}`);
}

function chmod(command: Command): void {
  if (/(?:^|\s)(?:[ugoa]{0,4}\+\w{0,3}x|[0-7]{0,2}[1357][0-7]{0,2})\s/.test(command.line))
    add(command, 'write-executable', command.rest[command.rest.length - 1] ?? '');
}

function install(command: Command): void {
  if (/\b(?:install|add|i)\b/.test(command.line)) add(command, 'package-install', `${command.program} ${command.line}`);
}

const RULES: readonly (readonly [RegExp, (command: Command) => void])[] = [
  [programPattern(HTTP_CLIENTS, 'aria2c|https?|httpie'), fetch],
  [programPattern(NETCATS), netcat],
  [programPattern(NAME_LOOK_UPS, 'drill|resolvectl'), lookUp],
  [/^(?:powershell|pwsh)$/, powershell],
  [/^reg$/, registry],
  [/^(?:systemctl|launchctl|update-rc\.d|chkconfig)$/, systemd],
  [/^chmod$/, chmod],
  [/^(?:pip[\d.]*|pipx|uv|npm|npx|yarn|pnpm|apt|apt-get|yum|dnf|apk|brew|gem|cargo|go|choco|winget)$/, install],
  [/^socat$/, (c) => /exec:|system:/i.test(c.line) && add(c, 'reverse-shell', c.line)],
  [/^(?:scp|rsync|sftp|ftp|rclone)$/, (c) => /\S@?\S:/.test(c.line) && add(c, 'exfiltration', c.line)],
  [/^crontab$/, (c) => !/(?:^|\s)-[lr]\b/.test(c.line) && add(c, 'persistence', `crontab ${c.line}`)],
  [/^at$/, (c) => c.rest.length > 0 && add(c, 'persistence', `at ${c.line}`)],
  [/^schtasks$/, (c) => /\/create\b/i.test(c.line) && add(c, 'persistence', c.line)],
  [/^sc$/, (c) => /^create\b/i.test(c.line) && add(c, 'persistence', c.line)],
  [/^mshta$/, (c) => add(c, 'dynamic-code', `mshta ${c.line}`)],
  [/^(?:regsvr32|rundll32)$/, (c) => /https?:|javascript:|scrobj/i.test(c.line) && add(c, 'dynamic-code', c.line)],
  [
    /^certutil$/,
    (c) => {
      if (/-urlcache|-verifyctl/i.test(c.line)) add(c, 'download', ADDRESS.exec(c.line)?.[0] ?? c.line);
      if (/-decode/i.test(c.line)) add(c, 'write-executable', c.rest[c.rest.length - 1] ?? '');
    },
  ],
  [
    /^bitsadmin$/,
    (c) => /\/transfer|\/addfile/i.test(c.line) && add(c, 'download', ADDRESS.exec(c.line)?.[0] ?? c.line),
  ],
  [/^(?:xmrig|minerd|cpuminer|ethminer|nbminer|t-rex|lolminer)$/, (c) => add(c, 'miner', c.program)],
  [
    /^(?:vssadmin|wbadmin|bcdedit)$/,
    (c) => /delete|\/set/i.test(c.line) && add(c, 'destruction', `${c.program} ${c.line}`),
  ],
  [
    /^(?:rm|del|erase|rd|rmdir|format|shred|mkfs(?:\.\w+)?|dd)$/,
    (c) => {
      if (
        /(?:^|\s)(?:\/|~|\$HOME|\/\*|[a-z]:\\?|\/home|--no-preserve-root|\$\{HOME\})(?:\s|$|\*)|of=\/dev\/(?:sd|nvme|hd)|%userprofile%/i.test(
          c.line,
        )
      ) {
        add(c, 'destruction', `${c.program} ${c.line}`);
      }
      if (/%~f?0|(?:^|\s)\$0(?:\s|$)|_history\b|\/var\/log/.test(c.line)) add(c, 'evasion', `${c.program} ${c.line}`);
    },
  ],
  [/^history$/, (c) => /-c\b/.test(c.line) && add(c, 'evasion', 'history -c')],
  [/^(?:attrib|chattr)$/, (c) => /\+(?:h|s|i)\b/i.test(c.line) && add(c, 'evasion', `${c.program} ${c.line}`)],
  [
    /^(?:taskkill|pkill|killall)$/,
    (c) =>
      /chrome|firefox|discord|defender|msmpeng|taskmgr|wireshark|brave|telegram|exodus/i.test(c.line) &&
      add(c, 'evasion', `${c.program} ${c.line}`),
  ],
  [/^netsh$/, (c) => /firewall.{0,60}(?:off|disable)/i.test(c.line) && add(c, 'evasion', c.line)],
  [
    /^(?:setenforce|ufw|iptables|spctl|csrutil|xattr)$/,
    (c) => /\b0\b|disable|-F\b|com\.apple\.quarantine/.test(c.line) && add(c, 'evasion', `${c.program} ${c.line}`),
  ],
  [/^(?:xclip|xsel|pbpaste|pbcopy|clip|wl-paste)$/, (c) => add(c, 'clipboard', c.program)],
  [/^(?:scrot|screencapture|import|gnome-screenshot|grim)$/, (c) => add(c, 'screenshot', c.program)],
  [
    /^(?:bash|sh|zsh|dash)$/,
    (c) =>
      /-i\b/.test(c.line) && /\/dev\/(?:tcp|udp)\//.test(c.place.snippet) && add(c, 'reverse-shell', c.place.snippet),
  ],
  [
    /^mkfifo$/,
    (c) => /\b(?:nc|ncat|netcat|telnet|openssl)\b/.test(c.place.snippet) && add(c, 'reverse-shell', c.place.snippet),
  ],
  [
    /^(?:osascript|wscript|cscript|msiexec|installutil|msbuild|cmstp|explorer|xdg-open|open)$/,
    (c) => add(c, 'spawn', `${c.program} ${c.line}`),
  ],
];

const RUNS_FILES = programPattern(PYTHON, SHELLS, WINDOWS_SHELLS, JAVASCRIPT, SCRIPTING);

const NETWORK_CODE =
  /socket[\s\S]{0,400}(?:dup2|subprocess|pty\.spawn|exec|\/bin\/(?:ba)?sh)|fsockopen|TCPSocket|IO::Socket|Net\.Sockets\.TCPClient/i;

/**
 * Adds what a command line does to the sheet: `words` as the shell would hand them over. Also of use for the arguments
 * of `subprocess.run`.
 */
export function factsOfCommand(sheet: FactSheet, words: readonly string[], place: CommandPlace): void {
  const at = programIndex(words);
  const program = programOf(words);
  const rest = words.slice(at + 1, at + 1000);
  const line = rest.join(' ').slice(0, 20_000);
  const command: Command = { sheet, place, program, rest, line };
  for (const [pattern, rule] of RULES) if (pattern.test(program)) rule(command);
  for (const what of findSecrets(line)) add(command, 'secret-read', what);
  if (isEnvironmentDump(words.slice(at, at + 4))) add(command, 'secret-read', 'the whole environment');
  if (isHostInfo(program)) add(command, 'host-info', program);
  if (/^(?:python|perl|ruby|php|node|lua)/.test(program) && NETWORK_CODE.test(line))
    add(command, 'reverse-shell', `${program} with a socket and a shell`);
  const isDetached = words
    .slice(0, at)
    .some((word) => /^(?:nohup|setsid)$/.test(nameOf(word)) || /^\/(?:b|min)$/i.test(word));
  if (isDetached) add(command, 'hidden-window', words.slice(0, at + 1).join(' '));
  const isOwnFile =
    /^(?:\.{1,2}[\\/]|\/tmp\/|\/dev\/shm\/|\/var\/tmp\/|%(?:temp|appdata|localappdata)%|\$(?:HOME|TMPDIR|env:\w+)|~\/)/i.test(
      words[at] ?? '',
    );
  if (isOwnFile || RUNS_FILES.test(program)) add(command, 'spawn', [program, ...rest].join(' '));
  if (/stratum\+(?:tcp|ssl)|--donate-level|--coin[= ]/.test(line)) add(command, 'miner', line);
}
