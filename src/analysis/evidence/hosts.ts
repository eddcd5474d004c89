// Owns kinds of hosts: what an address says about whom it belongs to. Imports nothing. Start at hostKind.

/** Kinds of destinations; `plain` is any other name. */
export type HostKind =
  | 'callback'
  | 'webhook'
  | 'messenger'
  | 'paste'
  | 'tunnel'
  | 'file-host'
  | 'raw-address'
  | 'free-hosting'
  | 'cheap-name'
  | 'shortener'
  | 'code-host'
  | 'address-service'
  | 'local'
  | 'index'
  | 'unknown'
  | 'plain';

const KINDS: readonly (readonly [HostKind, RegExp])[] = [
  [
    'callback',
    /(?:^|\.)(?:oast\.\w+|oastify\.com|burpcollaborator\.net|interact\.sh|interactsh\.\w+|canarytokens\.(?:com|org)|canary\.tools|dnslog\.(?:cn|\w+)|ceye\.io|requestrepo\.com|dnsbin\.\w+|bxss\.\w+|xss\.ht|sslip\.io|nip\.io|pingb\.in|eyes\.sh|dig\.pm|log\.vulnweb\.\w+|r87\.me|callback\.red|exfil\.\w+)$|burpcoll|(?:^|\.)collaborator\.|interactsh|\.oast\./i,
  ],
  [
    'webhook',
    /(?:^|\.)(?:webhook\.site|pipedream\.net|m\.pipedream\.net|requestbin\.\w+|requestcatcher\.com|beeceptor\.com|hookbin\.com|hookb\.in|mockbin\.\w+|mockapi\.io|mocky\.io|webhook\.cool|webhookinbox\.com|hooks\.zapier\.com|hook\.[\w.]*(?:make|integromat)\.com|typedwebhook\.tools|svix\.com|postb\.in|ptsv\d*\.com|reqres\.in|free\.beeceptor\.com|smee\.io|hook\.\w+\.make\.com|formspree\.io|getform\.io|script\.google\.com|putsreq\.com|httpdump\.\w+)$/i,
  ],
  [
    'messenger',
    /(?:^|\.)(?:(?<!cdn\.)discord(?:app)?\.com|api\.telegram\.org|hooks\.slack\.com|slack\.com|t\.me|api\.pushover\.net|ntfy\.sh|maker\.ifttt\.com|oapi\.dingtalk\.com|qyapi\.weixin\.qq\.com|matrix\.org|open\.feishu\.cn)$/i,
  ],
  [
    'paste',
    /(?:^|\.)(?:pastebin\.\w+|paste\.ee|hastebin\.\w+|rentry\.(?:co|org)|ghostbin\.\w+|pastie\.\w+|controlc\.com|paste\.\w+|dpaste\.\w+|textbin\.\w+|0bin\.net|privatebin\.\w+|justpaste\.it|pastecode\.\w+|bpa\.st|termbin\.com|jsonkeeper\.com|pastes\.io|snippet\.host|write\.as|telegra\.ph|jsonbin\.io|npoint\.io|nekobin\.com|katb\.in|pst\.klgrth\.io|paste\.rs|sourceb\.in|textshare\.me)$/i,
  ],
  [
    'tunnel',
    /(?:^|\.)(?:ngrok\.(?:io|app|dev)|ngrok-free\.(?:app|dev)|trycloudflare\.com|loca\.lt|localhost\.run|lhr\.life|serveo\.net|playit\.gg|ply\.gg|joinmc\.link|portmap\.io|tunnelmole\.\w+|localtunnel\.me|bore\.pub|pagekite\.me|telebit\.\w+|duckdns\.org|ddns\.net|no-ip\.\w+|hopto\.org|zapto\.org|dynu\.\w+|at\.ply\.gg|ts\.net|packetriot\.net|pinggy\.\w+|cfargotunnel\.com|devtunnels\.ms|tcp\.\w+\.ngrok\.io)$/i,
  ],
  [
    'file-host',
    /(?:^|\.)(?:cdn\.discordapp\.com|media\.discordapp\.net|dropbox\.com|dropboxusercontent\.com|dropboxapi\.com|dl\.dropboxusercontent\.com|anonfiles?\.com|catbox\.moe|files\.catbox\.moe|litter\.catbox\.moe|gofile\.io|store\d*\.gofile\.io|file\.io|transfer\.sh|mega\.(?:nz|io|co\.nz)|mediafire\.com|wetransfer\.com|drive\.google\.com|docs\.google\.com|onedrive\.live\.com|1drv\.ms|box\.com|sendspace\.com|uploadfiles\.io|filebin\.net|tmpfiles\.org|temp\.sh|bashupload\.com|pixeldrain\.com|workupload\.com|zippyshare\.com|filetransfer\.io|uguu\.se|pomf\.\w+|oshi\.at|0x0\.st|ufile\.io|krakenfiles\.com|filedropper\.com|anonymfile\.com|bayfiles\.com|letsupload\.\w+|qu\.ax|imgur\.com|ibb\.co|postimg\.cc|dl\.sendvid\.\w+|fex\.net|easyupload\.io|buzzheavier\.com)$/i,
  ],
  [
    'shortener',
    /(?:^|\.)(?:bit\.ly|tinyurl\.com|t\.co|is\.gd|cutt\.ly|rb\.gy|shorturl\.at|goo\.gl|ow\.ly|grabify\.link|iplogger\.(?:org|com|co|info)|iplogger\.\w+|2no\.co|yip\.su|short\.io|v\.gd|rebrand\.ly|linktr\.ee|adf\.ly|tiny\.cc|blank\.link|ipgrab\.\w+)$/i,
  ],
  [
    'code-host',
    /(?:^|\.)(?:raw\.githubusercontent\.com|githubusercontent\.com|github\.com|api\.github\.com|gist\.github\.com|gist\.githubusercontent\.com|github\.io|gitlab\.com|gitee\.com|bitbucket\.org|codeberg\.org|raw\.github\.com|jsdelivr\.net|statically\.io|sourceforge\.net|huggingface\.co)$/i,
  ],
  [
    'free-hosting',
    /(?:^|\.)(?:onrender\.com|vercel\.app|herokuapp\.com|netlify\.app|pythonanywhere\.com|repl\.co|replit\.(?:app|dev)|repl\.it|glitch\.me|fly\.dev|workers\.dev|pages\.dev|web\.app|firebaseapp\.com|firebaseio\.com|appspot\.com|azurewebsites\.net|000webhostapp\.com|infinityfreeapp\.com|rf\.gd|epizy\.com|byethost\d*\.com|x10\.mx|x10host\.com|surge\.sh|railway\.app|up\.railway\.app|deno\.dev|cyclic\.app|koyeb\.app|weebly\.com|wixsite\.com|blogspot\.com|wordpress\.com|deta\.\w+|deta\.app|cloudfunctions\.net|execute-api\.[\w-]+\.amazonaws\.com|lambda-url\.[\w-]+\.on\.aws|supabase\.co|pockethost\.io|run\.app|ngrok\.\w+|cloudflareaccess\.com|mocklab\.io|streamlit\.app|r2\.dev|s3[\w.-]*\.amazonaws\.com|backendless\.app|appwrite\.\w+|altervista\.org|free\.fr|neocities\.org|wasmer\.app|zeabur\.app|hf\.space|codesandbox\.io|csb\.app|stackblitz\.io|gitpod\.io)$/i,
  ],
  [
    'cheap-name',
    /\.(?:xyz|top|icu|cyou|su|lol|pw|click|cfd|sbs|monster|quest|buzz|rest|cam|bond|fun|space|site|online|website|store|shop|club|vip|rip|gay|cc|ws|to|tk|ml|ga|cf|gq)$/i,
  ],
  [
    'index',
    /(?:^|\.)(?:pypi\.org|pypi\.python\.org|files\.pythonhosted\.org|test\.pypi\.org|python\.org|bootstrap\.pypa\.io|conda\.anaconda\.org|npmjs\.org|registry\.npmjs\.org|crates\.io|apache\.org|debian\.org|ubuntu\.com|microsoft\.com|nodejs\.org|gnu\.org|mozilla\.org|googleapis\.com|storage\.googleapis\.com|google\.com|apple\.com|nvidia\.com|intel\.com|anaconda\.com|docker\.com|docker\.io|electronjs\.org|golang\.org|rust-lang\.org|rustup\.rs|astral\.sh|python-poetry\.org|deno\.land|bun\.sh|nodesource\.com|cmake\.org|openssl\.org|sqlite\.org|zlib\.net)$/i,
  ],
];

// Whole names, for a host that is judged; isAddressService of models.ts asks a whole address by words that such services have in it.
const ADDRESS_SERVICES =
  /(?:api6?\.ipify\.org|ipinfo\.io|ifconfig\.(?:me|co|io)|icanhazip\.com|checkip\.\S+|ip-api\.com|ipapi\.co|ident\.me|myexternalip\.com|ipecho\.net|wtfismyip\.com|geolocation-db\.com|freegeoip\.\w+|ipwho\.is|ipwhois\.\w+|jsonip\.com|api\.myip\.com|freeipapi\.com|ip\.seeip\.org|extreme-ip-lookup\.com|ip\.me|ip\.sb|httpbin\.org)$/i;

/** Lower-case host of the first address in a text; undefined when there is none. */
export function hostOf(text: string): string | undefined {
  const match =
    /(?:https?|ftp|wss?|tcp|udp):\/\/(?:[^/\s@'"]{0,200}@)?(\[[0-9a-f:.]{2,50}\]|(?:‹[^‹›]{0,200}›|[^/\s:?#'"\\])+)/i.exec(
      text.slice(0, 4000),
    );
  const host = match?.[1]?.toLowerCase();
  // `https://{}/notify`: a hole that was not filled.
  return host === undefined || !/[a-z0-9‹]/.test(host) ? undefined : host.replace(/^\[|\]$/g, '');
}

/** What stands behind a scheme. The signs that every address has come first, for which V8 leaps. */
const ADDRESSES = /:\/\/(?<=(https?|ftp|wss?):\/\/)([\w.-]{3,200})/gi;

/** Every host named by addresses in a text, at most `limit`. */
export function hostsIn(text: string, limit: number): string[] {
  const hosts = new Set<string>();
  let end = 0;
  for (const match of text.matchAll(ADDRESSES)) {
    const [, scheme = '', host = ''] = match;
    // a scheme that belongs to the host before it
    if (match.index - scheme.length < end) continue;
    end = match.index + match[0].length;
    hosts.add(host.toLowerCase());
    if (hosts.size >= limit) break;
  }
  return [...hosts];
}

/** What kind of place a host (no port, no scheme) is. */
export function hostKind(host: string): HostKind {
  // One's own name, as a server on this machine is called.
  if (/^‹socket\.get(?:hostname|fqdn)\(\)›$/.test(host)) return 'local';
  if (host === '' || PLACEHOLDER.test(host)) return kindOfPartial(host);
  if (
    /^(?:localhost|0\.0\.0\.0|127\.\d+\.\d+\.\d+|::1|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+|169\.254\.\d+\.\d+|255\.255\.255\.255|2(?:2[4-9]|3\d)\.\d+\.\d+\.\d+|host\.docker\.internal|kubernetes\.default(?:\.svc(?:\.cluster\.local)?)?|metadata\.google\.internal|\[::1?\])$/.test(
      host,
    )
  )
    return 'local';
  // A name for an address of one's own: `app.127.0.0.1.nip.io`.
  if (/(?:^|[.-])(?:127|10|192[.-]168)(?:[.-]\d{1,3}){2,3}\.(?:nip|sslip)\.io$/.test(host)) return 'local';
  // Public resolvers: a socket is pointed at one in order to ask it for the address of this end.
  if (
    /^(?:8\.8\.[48]\.[48]|1\.[01]\.0\.1|1\.1\.1\.1|9\.9\.9\.9|114\.114\.114\.114|208\.67\.22[02]\.22[02])$/.test(host)
  )
    return 'address-service';
  if (
    /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) ||
    /^0x[0-9a-f]{6,8}$|^\d{8,10}$/.test(host) ||
    /^[0-9a-f:]+:[0-9a-f:]+$/.test(host)
  )
    return 'raw-address';
  if (ADDRESS_SERVICES.test(host)) return 'address-service';
  for (const [kind, pattern] of KINDS) if (pattern.test(host)) return kind;
  return 'plain';
}

/** Places in a host's name that are filled in later: a hole, `{}`, `%s`, `%NAME%`, `$name`. */
const PLACEHOLDER = /[‹›{}%$<>]/;

function kindOfPartial(host: string): HostKind {
  const fixed = host.slice(Math.max(...['›', '}', '%', '>', '$'].map((end) => host.lastIndexOf(end))) + 1);
  if (fixed.length < 4 || !fixed.includes('.') || PLACEHOLDER.test(fixed)) return 'unknown';
  const kind = hostKind(fixed.replace(/^\./, ''));
  return kind === 'plain' && !fixed.startsWith('.') ? 'unknown' : kind;
}

/** Whether no vendor of programs has a host of this kind: what it gives is whoever's put it there, and can be another thing tomorrow. */
export function isNobodys(kind: HostKind): boolean {
  return NOBODYS.has(kind);
}

const NOBODYS: ReadonlySet<HostKind> = new Set([
  'raw-address',
  'paste',
  'webhook',
  'callback',
  'messenger',
  'file-host',
]);

/** Whether tools are fetched from there as a matter of course: indexes and vendors, code hosts, this machine itself. */
export function isSupplier(kind: HostKind): boolean {
  return kind === 'index' || kind === 'code-host' || kind === 'local';
}

/** Whether the host has a name of its own that somebody answers for: what installers of large tools fetch from. */
export function isNamedHouse(kind: HostKind): boolean {
  return kind === 'plain' || kind === 'code-host' || kind === 'index';
}

/** Places that anybody can open without a name: what a payload talks to, what a vendor does not. */
export function isThrowaway(kind: HostKind): boolean {
  switch (kind) {
    case 'callback':
    case 'webhook':
    case 'paste':
    case 'tunnel':
    case 'file-host':
    case 'raw-address':
    case 'free-hosting':
    case 'shortener':
      return true;
    case 'messenger':
    case 'code-host':
    case 'address-service':
    case 'local':
    case 'index':
    case 'unknown':
    case 'cheap-name':
    case 'plain':
      return false;
  }
}

/** Whoever has an account there gets what is sent there: the name of the host says nothing about who that is. */
const ACCOUNTS =
  /(?:^|\.)(?:storage\.googleapis\.com|firebasestorage\.googleapis\.com|(?:sheets|docs|drive|script|forms|pubsub|logging|firestore|bigquery|www)\.googleapis\.com|(?:docs|drive|script|forms|sites|colab|groups)\.google\.com|googleusercontent\.com|amazonaws\.com|(?:blob|queue|table|file|dfs|servicebus|documents|vault|azurewebsites|azure-api|cloudapp)\.(?:core\.windows|windows|azure)\.(?:net|com)|digitaloceanspaces\.com|r2\.cloudflarestorage\.com|backblazeb2\.com|wasabisys\.com|aliyuncs\.com|myqcloud\.com|linodeobjects\.com|vultrobjects\.com|github\.com|githubusercontent\.com|github\.io|gitlab\.com|gitlab\.io|gitee\.com|bitbucket\.org|codeberg\.org|huggingface\.co|sourceforge\.net|npmjs\.org|pypi\.org|python\.org|docker\.io|anaconda\.org)$/i;

/** Whether what is sent to a host lands in somebody's account: a bucket, a form, a repository, a queue. */
export function isAccountHost(host: string): boolean {
  return ACCOUNTS.test(host);
}

/** Where vendors exchange one credential for another: what is sent there goes into nobody's account. */
const SIGN_IN =
  /^(?:(?:(?:[\w-]+\.)?signin|sts|sso|oidc|cognito-idp|cognito-identity)\.(?:(?:[\w-]+|‹[^›]*›)\.)?(?:aws\.amazon\.com|amazonaws\.com(?:\.cn)?|amazonaws\.cn|amazonaws-us-gov\.com)|login\.(?:microsoftonline\.(?:com|us)|chinacloudapi\.cn|windows\.net|live\.com|salesforce\.com)|accounts\.(?:google|spotify)\.com|(?:oauth2|sts)\.googleapis\.com|(?:auth|id)\.atlassian\.com|auth\.docker\.io|appleid\.apple\.com|id\.twitch\.tv)$/i;

/** Whether a host of a vendor takes credentials for its trade, and nothing that anybody else could read back. */
export function isSignInHost(host: string): boolean {
  return SIGN_IN.test(host);
}

/** Services that take nothing without the key of an account, whatever the address says. */
const KEYED = /^(?:api\.jsonbin\.io|(?:api|content)\.dropboxapi\.com|(?:api|upload)\.box\.com)$/i;

/** Whether the key that a request bears, and that alone, says in whose account its data ends up. */
export function isKeyedHost(host: string): boolean {
  return KEYED.test(host);
}

/** Houses that answer with what a language model says, to whoever has a key of theirs. */
const MODELS =
  /^(?:api\.(?:openai|anthropic|deepseek|mistral|groq|x|cohere|together|perplexity|fireworks|cerebras|moonshot|minimax|siliconflow)\.(?:com|ai|cn|xyz)|openrouter\.ai|generativelanguage\.googleapis\.com|dashscope(?:-intl)?\.aliyuncs\.com|open\.bigmodel\.cn|integrate\.api\.nvidia\.com|[\w-]+\.openai\.azure\.com|bedrock-runtime\.[\w-]+\.amazonaws\.com)$/i;
/** What servers of models on one's own machine are asked. */
const OWN_MODEL = /\/(?:v1\/(?:chat\/)?completions|api\/(?:generate|chat))$/;

/** Whether an address is where a language model answers: a house of that trade, or one on this machine. */
export function isModelAddress(address: string): boolean {
  const host = hostOf(address) ?? '';
  return MODELS.test(host) || (hostKind(host) === 'local' && OWN_MODEL.test(address));
}

/** Where nothing but setuptools comes from, which `ez_setup.py` and `bootstrap.py` fetch when it is not there. */
const SETUPTOOLS =
  /^https?:\/\/(?:bootstrap\.pypa\.io\/|(?:pypi\.python\.org|pypi\.org|files\.pythonhosted\.org)\/packages\/(?:[\w.-]+|‹[^›]*›)\/s\/setuptools\/)/i;

/** Where its bootstraps lay until about 2013: names that somebody else may own by now. */
const SETUPTOOLS_ONCE =
  /^https?:\/\/(?:peak\.telecommunity\.com\/dist\/ez_setup|(?:nightly\.ziade\.org|python-distribute\.org|svn\.zope\.org|downloads\.buildout\.org)\/(?:[^?#]*\/)?(?:distribute_setup|bootstrap)[\w-]*)\.py$/i;

/** Whether an address is one that `bootstrap.py` of an old project asks when its developer starts it. */
export function wasSetuptools(address: string): boolean {
  return SETUPTOOLS_ONCE.test(address);
}

/** Whether addresses stand in a text, and all are those of the tool that builds with. */
export function isSetuptools(text: string): boolean {
  const addresses = text.match(/\w+:\/\/[^\s'"]{1,400}/g) ?? [];
  return addresses.length > 0 && addresses.every((address) => SETUPTOOLS.test(address));
}

/** A webhook address with its own id and secret, or a bot's address with its token. */
export function isPrivateWebhook(url: string): boolean {
  return (
    /discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d{5,}\//i.test(url) ||
    /api\.telegram\.org\/(?:bot)?\d{6,}:/i.test(url) ||
    /hooks\.slack\.com\/services\/\w/i.test(url) ||
    /docs\.google\.com\/forms\/\S{10,}\/formResponse|script\.google\.com\/macros\/s\/\w/i.test(url)
  );
}
