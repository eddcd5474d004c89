// Owns the names of programs, by what they are for. Imports nothing. Start at programPattern.
//
// Each list is a set of alternatives for a pattern: last segment of a path, lower case, without `.exe`. What a detector wants beyond
// a list is named where it is wanted, with the reason.

/** POSIX shells and those after them. */
export const SHELLS = '(?:ba|z|da|k|a|c|tc|fi)?sh';

/** `cmd` and PowerShell. */
export const WINDOWS_SHELLS = 'cmd|powershell|pwsh';

/** Python by its name, and `%python%`, which is what `sys.executable` is folded to. */
export const PYTHON = '%python%|python[\\d.]*w?|py';

/** Runtimes of JavaScript. */
export const JAVASCRIPT = 'node|nodejs|deno|bun';

/** Interpreters of other languages. */
export const SCRIPTING = 'perl|ruby|php|lua|tclsh|osascript|rscript|julia|groovy|elixir';

/** The script hosts of Windows: they run VBScript, JScript and HTML applications. */
export const SCRIPT_HOSTS = 'wscript|cscript|mshta';

/** Programs that run the code they are handed, as text or as a file. */
export const INTERPRETERS = [PYTHON, SHELLS, WINDOWS_SHELLS, JAVASCRIPT, SCRIPTING, SCRIPT_HOSTS].join('|');

/** System binaries that run code out of another file (MITRE ATT&CK T1218), as {@link SCRIPT_HOSTS} do. */
export const PROXY_BINARIES = 'rundll32|regsvr32|msiexec';

/** System binaries that were not made for it and fetch files (MITRE ATT&CK T1105). */
export const SYSTEM_FETCHERS = 'certutil|bitsadmin';

/** What a person opens a file with: the system chooses the program. */
export const OPENERS = 'start|explorer|open|xdg-open';

/** Clients of HTTP that every system has. */
export const HTTP_CLIENTS = 'curl|wget';

/** Commands of PowerShell that make a request, as they are written. */
export const WEB_CMDLETS = 'Invoke-WebRequest|Invoke-RestMethod|iwr|irm';

/** Programs that put a file from the network on the disk. */
export const FETCHERS = [HTTP_CLIENTS, 'aria2c', WEB_CMDLETS, 'Start-BitsTransfer', SYSTEM_FETCHERS].join('|');

/** Raw connections. */
export const NETCATS = 'nc|ncat|netcat';

/** Sessions and files on other machines. */
export const REMOTE_ACCESS = 'telnet|ssh|scp|sftp|ftp|tftp';

/** Programs that ask for a name or an address: the question itself reaches whoever owns the name. */
export const NAME_LOOK_UPS = 'nslookup|dig|host|ping';

/** Programs that say who and where a machine is, and what runs there (MITRE ATT&CK TA0007, discovery). */
export const DISCOVERY = 'whoami|id|hostname|ipconfig|ifconfig|systeminfo|tasklist|wmic';

/** Programs that change the settings of Windows, its users, its tasks and what runs on it. */
export const WINDOWS_SETTINGS = 'reg|netsh|net|schtasks|attrib|taskkill';

/** Programs that end the session of whoever uses the machine. */
export const SESSION_ENDS = 'shutdown|poweroff|halt|reboot|logoff';

/** What a proof of concept starts, to be seen. */
export const PROOFS = 'calc|gnome-calculator|xcalc|notepad|mspaint';

/** Commands of every system that no project gives a command of its own. */
export const SYSTEM_COMMANDS =
  'ls|cd|cat|ssh|scp|sudo|su|python[\\d.]*|pip[\\d.]*|bash|sh|ps|grep|rm|cp|mv|curl|wget|git|systemctl|apt|passwd|login';

/** Commands that people type each day: whoever stands before one of them on the path is started instead. */
export const EVERYDAY_COMMANDS = `${SYSTEM_COMMANDS}|uv|node|npm|npx|docker|kubectl|aws|gcloud|az|make|gcc|env|find|vim?|nano|open|code|terraform|gpg|psql|mysql|brew`;

/** A pattern that fits the whole name of a program: `programPattern(SHELLS, 'ssh|sudo')`. */
export function programPattern(...lists: readonly string[]): RegExp {
  return new RegExp(`^(?:${lists.join('|')})$`);
}
