// Owns the names of what thieves look for: files, variables, commands. Start at findSecrets.
import { DISCOVERY, programPattern } from '../vocabulary/programs.ts';

// Words of command lines and scripts, each with a name for a person. Of a path that is opened models.ts says what lies there, which
// takes no word outside of a path; acts.ts asks whatever has printable runs in it, where short words would be there by chance.
const SECRETS: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    'SSH keys',
    /\.ssh[\\/](?:id_\w{1,20}|\*|config|known_hosts)|\.ssh[\\/]?(?:["'\s]|$)|\bid_(?:rsa|ed25519|ecdsa|dsa)\b/i,
  ],
  ['AWS credentials', /\.aws[\\/](?:credentials|config)|AWS_(?:SECRET_ACCESS_KEY|SESSION_TOKEN|ACCESS_KEY_ID)\b/i],
  [
    'cloud credentials',
    /\.config[\\/]gcloud|application_default_credentials|\.azure[\\/]|GOOGLE_APPLICATION_CREDENTIALS|AZURE_CLIENT_SECRET|\bgcloud auth print-/i,
  ],
  ['cloud metadata', /\b169\.254\.169\.254\b|metadata\.google\.internal|\b169\.254\.170\.2\b/],
  ['Kubernetes credentials', /\.kube[\\/]config|serviceaccount[\\/]token|\bKUBECONFIG\b|kubectl get secrets/i],
  ['Docker credentials', /\.docker[\\/]config\.json|docker\.sock\b/i],
  [
    'package index credentials',
    /\.pypirc\b|\.npmrc\b|\b(?:NPM|PYPI|TWINE)_(?:TOKEN|PASSWORD|API_TOKEN)\b|\.cargo[\\/]credentials/i,
  ],
  [
    'Git credentials',
    /\.git-credentials\b|\.gitconfig\b|\bgit credential|\.config[\\/]gh[\\/]hosts|\b(?:GITHUB|GITLAB|GH|BITBUCKET)_(?:TOKEN|PAT)\b/i,
  ],
  [
    'CI secrets',
    /\bACTIONS_(?:RUNTIME|ID_TOKEN_REQUEST)_TOKEN\b|\bCI_JOB_TOKEN\b|\bVAULT_TOKEN\b|\/proc\/(?:self|\d{1,7})\/(?:environ|mem)\b/,
  ],
  [
    'netrc or password files',
    /(?:^|[\\/~\s'"])\.netrc\b|\/etc\/(?:shadow|passwd|sudoers)\b|\bpasswords?\.txt\b|\.my\.cnf\b|\.pgpass\b/i,
  ],
  ['shell history', /\.(?:bash|zsh|python|mysql|psql)_history\b|ConsoleHost_history/i],
  ['environment files', /(?:^|[\s'"\\/=])\.env(?:\.\w{1,20})?(?:["'\s;|)]|$)/],
  [
    'browser stores',
    /\bLogin Data\b|\bLocal State\b|\bWeb Data\b|\bcookies\.sqlite\b|\bkey[34]\.db\b|\blogins\.json\b|User Data[\\/]|\bos_crypt\b|(?:Chrome|Edge|Brave|Opera|Firefox)[\\/](?:User Data|Profiles)|Network[\\/]Cookies/i,
  ],
  [
    'wallets',
    /\bwallet\.dat\b|\.electrum\b|\bExodus[\\/]|\bAtomic[\\/]Local Storage|\bmetamask\b|nkbihfbeogaeaoehlefnkodbefgpgknn|\.config[\\/]solana|\bkeystore[\\/]UTC--|\bmnemonic\b|\bseed phrase\b|\.bitcoin\b|\.ethereum\b/i,
  ],
  ['messenger tokens', /discord\w{0,10}[\\/]Local Storage|leveldb\b|\bTelegram Desktop[\\/]tdata|\btdata\b/i],
  [
    'keychain',
    /\bsecurity (?:find-(?:generic|internet)-password|dump-keychain)|login\.keychain|\bsecret-tool lookup|\bvaultcmd\b|cmdkey \/list/i,
  ],
  [
    'Windows secrets',
    /\breg(?:\.exe)? save hklm\\(?:sam|security|system)|\blsass\b|\bmimikatz\b|\bCryptUnprotectData\b|\bProtectedData\]?::Unprotect|netsh wlan (?:show|export) profile/i,
  ],
];

/** The secrets that a text names, in words; each once. Linear. */
export function findSecrets(text: string): string[] {
  return SECRETS.filter(([, pattern]) => pattern.test(text)).map(([what]) => what);
}

/** Does this command print the whole environment? */
export function isEnvironmentDump(words: readonly string[]): boolean {
  const [program, ...rest] = words;
  if (program === 'printenv' || program === 'export' || program === 'set') return rest.length === 0 || rest[0] === '-p';
  return program === 'env' && rest.length === 0;
}

const HOST_INFO = programPattern(DISCOVERY, 'uname|hostnamectl|w|who|arp|netstat|lsb_release|sw_vers|getmac');

/** Does this program tell who and where the machine is? */
export function isHostInfo(program: string): boolean {
  return HOST_INFO.test(program);
}
