// Owns what a text says it does, whatever its language: the words that bytecode, pickles, programs and scripts share.
// Imports nothing. Start at actsIn.

/**
 * - `execute`: text becomes code; `decode`: text comes out of an encoding
 * - `process`: a program is started; `network`: something is sent or fetched; `native`: memory and libraries are handled
 * - `fetch-and-run`: one line that downloads and starts; `shell-handover`: a shell on a socket
 * - `secrets`: stores of credentials; `environment`: all variables; `identity`: who the machine is
 * - `persistence`: starts again by itself; `drop-box`: an address that belongs to nobody, with its key in it
 */
export type Act =
  | 'execute'
  | 'decode'
  | 'process'
  | 'network'
  | 'native'
  | 'fetch-and-run'
  | 'shell-handover'
  | 'secrets'
  | 'environment'
  | 'identity'
  | 'persistence'
  | 'drop-box';

// Linear: no open repetition inside another, every one bounded.
const ACTS: readonly (readonly [Act, RegExp])[] = [
  ['execute', /\b(?:exec|eval|execfile|runInThisContext|Invoke-Expression|iex|marshal|compile|Function)\b\s{0,3}\(?/],
  [
    'decode',
    /\b(?:b64decode|b32decode|b85decode|a85decode|unhexlify|fromhex|decompress|decrypt|FromBase64String|atob|rot_?13|Fernet)\b|['"]base64['"]|base64 (?:-d|-D|--decode)/,
  ],
  [
    'process',
    /\b(?:subprocess|Popen|check_output|check_call|popen|startfile|spawn[lv]?p?e?|exec[lv]p?e?|execSync|spawnSync|child_process|Start-Process|posix_spawn|CreateProcess[AW]?|ShellExecute\w{0,4}|WScript\.Shell)\b|\bos\.system\b|std::process::Command/,
  ],
  [
    'network',
    /\b(?:urlopen|urlretrieve|urllib|requests|httpx|aiohttp|http\.client|HTTPSConnection|socket|sendall|fetch|https?\.request|XMLHttpRequest|axios|curl|wget|Invoke-WebRequest|Invoke-RestMethod|iwr|irm|DownloadString|DownloadFile|gethostbyname|getaddrinfo|(?:MSXML2|Microsoft)\.(?:Server)?XMLHTTP|WinHttpRequest|WebClient|Start-BitsTransfer|URLDownloadToFile\w?)\b/i,
  ],
  [
    'native',
    /\b(?:ctypes|windll|VirtualAlloc|VirtualProtect|WriteProcessMemory|CreateRemoteThread|memfd_create|RtlMoveMemory)\b/,
  ],
  [
    'fetch-and-run',
    /\b(?:curl|wget)\b[^|\n\0;]{0,300}\|\s{0,4}(?:sudo\s{1,4})?(?:ba|z|da|k)?sh\b|\b(?:curl|wget)\b[^|\n\0;]{0,300}\|\s{0,4}(?:sudo\s{1,4})?(?:python|perl|node)[\d.]{0,5}\b|(?:ba|z)?sh\s{1,4}-c\s{1,4}["']?\$\((?:curl|wget)|(?:ba|z)?sh\s{1,4}<\((?:curl|wget)|base64\s{1,4}(?:-d|-D|--decode)[^\n\0]{0,80}\|\s{0,4}(?:(?:ba|z|da)?sh|python[\d.]{0,5})\b|(?:iex|Invoke-Expression)\b[^\n\0]{0,200}(?:DownloadString|iwr|irm|Invoke-WebRequest|Invoke-RestMethod)|(?:DownloadString|iwr |irm |Invoke-WebRequest|Invoke-RestMethod)[^\n\0]{0,200}\|\s{0,4}(?:iex|Invoke-Expression)\b|powershell[^\n\0]{0,200}?\s-e(?:nc|ncodedcommand)?\s{1,4}["']?[A-Za-z0-9+/=]{24,}|\bmshta(?:\.exe)?\s{1,4}["']?(?:https?:|javascript:|vbscript:)|\bcertutil(?:\.exe)?\b[^\n\0]{0,60}-urlcache|\b(?:curl|wget)\b[^\n\0]{0,300}(?:&&|;)\s{0,4}(?:sudo\s{1,4})?chmod\s{1,4}(?:[ugoa]{0,4}\+x|[0-7]{3,4})/i,
  ],
  [
    'shell-handover',
    /\/dev\/(?:tcp|udp)\/[\w.$-]{1,80}\/[\w$]{1,20}|\b(?:nc|ncat|netcat)\b[^\n\0]{0,80}\s-\w{0,4}[ec]\w{0,4}\s{1,4}(?:\/bin\/)?(?:ba|z)?sh\b|\bdup2\b[\s\S]{0,400}\/bin\/(?:ba)?sh\b/i,
  ],
  [
    'secrets',
    /\.ssh\b[\\/]?|\bid_(?:rsa|ed25519)\b|\.aws[\\/]|\bAWS_SECRET_ACCESS_KEY\b|\.kube[\\/]config|\.docker[\\/]config\.json|\.npmrc\b|\.pypirc\b|\.git-credentials\b|\.gitconfig\b|\.netrc\b|\/etc\/(?:passwd|shadow)\b|\b(?:GITHUB|GH|NPM|PYPI)_TOKEN\b|\bLogin Data\b|\bLocal State\b|\bcookies\.sqlite\b|\bwallet\.dat\b|\.config[\\/]gcloud|\bCryptUnprotectData\b|169\.254\.169\.254|serviceaccount[\\/]token|kubectl get secrets|\/proc\/(?:self|\d{1,7})\/environ\b|\bmetamask\b|\.(?:bash|zsh)_history\b/i,
  ],
  [
    'environment',
    /\bos\.environ\b(?!\[|\.get|\.setdefault|\.pop)|\bprocess\.env\b(?![.[])|\bprintenv\b|\/proc\/self\/environ\b|Object\.(?:entries|keys)\(process\.env/,
  ],
  ['identity', /\b(?:gethostname|getlogin|getuser|getnode|os\.hostname|userInfo|whoami|getpwuid)\b/],
  [
    'persistence',
    /CurrentVersion\\{1,2}Run\b|LaunchAgents|\/etc\/cron|\bcrontab\b|systemd\/user|systemctl --user enable|authorized_keys|\.bashrc\b|\.zshrc\b|schtasks\b[^\n\0]{0,100}\/create|Start Menu\\{1,2}Programs\\{1,2}Startup/i,
  ],
  [
    'drop-box',
    /discord(?:app)?\.com\/api\/webhooks\/\d{5,}|api\.telegram\.org\/bot\d{5,}:|hooks\.slack\.com\/services\/T\w{5,}|\b(?:oastify\.com|oast\.(?:fun|pro|live|site|me|online)|burpcollaborator\.net|webhook\.site\/[0-9a-f-]{8,}|pipedream\.net|requestbin|ngrok(?:-free)?\.(?:app|io)|trycloudflare\.com|transfer\.sh\/)/i,
  ],
];

/** What a text names; each act at most once. Linear. */
export function actsIn(text: string): ReadonlySet<Act> {
  return new Set(ACTS.filter(([, pattern]) => pattern.test(text)).map(([act]) => act));
}

/** How a combination of acts weighs. */
export interface Weight {
  readonly score: number;
  readonly isHarmful: boolean;
  /** the acts that decide, for a person */
  readonly why: string;
}

const HARMFUL: readonly (readonly [readonly Act[], number, string])[] = [
  [['fetch-and-run'], 10, 'downloads and runs'],
  [['shell-handover'], 10, 'hands a shell to the network'],
  [['execute', 'network', 'decode'], 10, 'fetches, decodes and runs code'],
  [['secrets', 'network'], 10, 'reads credentials and reaches the network'],
  [['secrets', 'drop-box'], 10, 'sends credentials away'],
  [['environment', 'network'], 10, 'sends the environment away'],
  [['execute', 'decode'], 10, 'runs what it decodes'],
  [['execute', 'network'], 9, 'runs what it fetches'],
  [['identity', 'drop-box'], 9, 'reports the machine to somebody'],
  [['persistence', 'network'], 9, 'installs itself and reaches the network'],
  [['process', 'drop-box'], 9, 'starts programs and reports to somebody'],
];

/** What a set of acts amounts to in code that hides: combinations of a source and a sink are harm. */
export function weigh(acts: ReadonlySet<Act>): Weight {
  for (const [needed, score, why] of HARMFUL)
    if (needed.every((act) => acts.has(act))) return { score, isHarmful: true, why };
  const strong = [...acts].filter((act) => act !== 'decode' && act !== 'identity' && act !== 'environment');
  if (strong.length >= 2) return { score: 7, isHarmful: false, why: strong.join(' and ') };
  if (strong.length === 1) return { score: 5, isHarmful: false, why: strong[0] ?? '' };
  return { score: 0, isHarmful: false, why: '' };
}

/** Printable runs of a program, for {@link actsIn}; at most `maxBytes` of it are read. */
export function printableIn(bytes: Buffer, maxBytes: number): string {
  return bytes.subarray(0, maxBytes).toString('latin1');
}
