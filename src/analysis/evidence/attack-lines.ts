// Owns command lines that are attacks by themselves, whatever program starts them. Imports nothing. Start at ATTACK_LINES.

/** What a command line is, for a finding. */
export interface AttackLine {
  /** 0 to 10, where nobody asked for it */
  readonly points: number;
  /** ends the sentence `Starts …` */
  readonly what: string;
  /** the whole message where that does not say it */
  readonly says?: string;
  /** what a person may well want when they call the function */
  readonly isOrdinaryOnCall?: boolean;
  /** what setup.py does when its author says so, in ways that are not followed */
  readonly isOfAuthor?: boolean;
}

/** A line that a pattern tells. The pattern is linear, for text of at most 20,000 characters. */
export interface AttackPattern extends AttackLine {
  readonly test: RegExp;
}

/** Names of lines that are weighed by more than their points. */
export const MINES_FOR = 'a coin miner for an account that stands in the code';
export const SESSION_END = 'the end of the session';
export const PIPED = 'a download piped into a shell';
export const FETCHED = 'PowerShell that downloads';
export const FETCHED_AND_RUN = 'PowerShell that runs what it downloads';
export const SHELL_RUNS = 'a shell that runs a download';
export const STARTED = 'a download that is started';

/** In no order: of those that fit a text the one that weighs most there counts. */
export const ATTACK_LINES: readonly AttackPattern[] = [
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
  // `-o pool:port -u wallet`, whatever the program is called
  {
    test: /(?=[^\n]*(?:^|\s)(?:-o|--url|--pool)[\s=]+\S+:\d{2,5}\b)(?=[^\n]*(?:^|\s)(?:-u|--user|--wallet)[\s=]+[48][1-9A-HJ-NP-Za-km-z]{94}\b)/,
    points: 10,
    what: MINES_FOR,
  },
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
    what: SESSION_END,
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
    test: /\b(?:sc(?:\.exe)?\s+(?:stop|delete|config)|net1?\s+stop|Stop-Service(?:\s+-\w+)*)\s+["']?(?:WinDefend|WdNisSvc|Sense|MpsSvc|wscsvc|SecurityHealthService)\b/i,
    points: 8,
    what: 'a protection switched off',
    says: 'Switches a protection off.',
    isOrdinaryOnCall: true,
  },
  {
    test: /^runas\s+(?!\/)\S/,
    points: 6,
    what: 'a program with the rights of an administrator',
    isOrdinaryOnCall: true,
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
