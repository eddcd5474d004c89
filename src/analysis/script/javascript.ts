// Owns what JavaScript text does: Node, browsers, Windows Script Host.
// May import code-tokens.ts, string-folding.ts, rules.ts, shell.ts, batch.ts, encoded.ts, facts.ts, secrets.ts. Start at readJavaScript.
import { readBatch } from './batch.ts';
import { tokenizeJavaScript } from './code-tokens.ts';
import { decodeBase64Text, isBase64 } from './encoded.ts';
import { type FactSheet, MAX_LAYERS } from './facts.ts';
import { guessLanguage } from './language.ts';
import { applyRules, type Rule, type SourceLines, sourceLines } from './rules.ts';
import { findSecrets } from './secrets.ts';
import { readShell } from './shell.ts';
import { type Dialect, type Folded, foldStrings, type Token } from './string-folding.ts';

/** `_0x1a2b` names: javascript-obfuscator leaves hundreds. */
const MANY_HEX_NAMES = 20;
/** Base64 that is shorter hides nothing. */
const MIN_HIDDEN = 40;
/** `[]`, `!`, `+` and nothing else: JSFuck. */
const SYMBOL_RUN = /(?:[[\]()!+]{2}){100}/;

const DIALECT: Dialect = {
  joins: new Set(['+']),
  quote: '"',
  variable: (word) => (/^[A-Za-z_$][\w$]{0,60}$/.test(word) ? word : undefined),
  call(callee, args) {
    const [first = '', second = '', third = ''] = args;
    if (/^(?:window\.|self\.|globalthis\.)?atob$/.test(callee)) return decodeBase64Text(first);
    if (callee === 'string.fromcharcode') return args.map((arg) => charOf(arg)).join('');
    if (/^(?:unescape|decodeuri|decodeuricomponent)$/.test(callee)) return unescaped(first);
    if (callee === 'S.replace') return first.replace(second, () => third);
    if (callee === 'S.tostring' || callee === 'S.trim') return first;
    if (callee === 'S.tolowercase') return first.toLowerCase();
    return undefined;
  },
  operate: () => undefined,
};

function charOf(text: string): string {
  const value = Number(text);
  return Number.isInteger(value) && value >= 0 && value <= 0xffff ? String.fromCharCode(value) : '';
}

function unescaped(text: string): string {
  return text.replaceAll(/%u([\da-f]{4})|%([\da-f]{2})/gi, (_all, wide?: string, narrow?: string) =>
    String.fromCharCode(Number.parseInt(wide ?? narrow ?? '', 16)),
  );
}

const RULES: readonly Rule[] = [
  {
    kind: 'dynamic-code',
    pattern:
      /(?:^|[^\w.$])(?:eval|execScript)\s{0,4}\(|\[\s{0,4}"eval"\s{0,4}\]|\bnew Function\s{0,4}\(|(?:^|[^\w.$])Function\s{0,4}\(\s{0,4}["\w]|\bvm\.runIn\w{1,20}\(|\bset(?:Timeout|Interval)\s{0,4}\(\s{0,4}"/,
  },
  {
    kind: 'spawn',
    pattern:
      /\brequire\s{0,4}\(\s{0,4}"(?:node:)?child_process"\s{0,4}\)|\bfrom "(?:node:)?child_process"|\bchild_process\b.{0,100}|\.execSync\s{0,4}\(|\bprocess\.binding\(\s{0,4}"spawn_sync"|new ActiveXObject\s{0,4}\(\s{0,4}"(?:WScript\.Shell|Shell\.Application)"/i,
  },
  { kind: 'hidden-window', pattern: /windowsHide\s{0,4}:\s{0,4}(?:true|!0)|detached\s{0,4}:\s{0,4}(?:true|!0)/ },
  {
    kind: 'download',
    pattern:
      /(?:\b(?:https?|axios|got|needle|request)|"(?:node:)?https?"\s{0,4}\))\s{0,4}\.\s{0,4}get\s{0,4}\(\s{0,4}"[^"]{4,300}"|\bfetch\s{0,4}\(\s{0,4}"https?:[^"]{1,300}"|\.open\s{0,4}\(\s{0,4}"GET"\s{0,4},\s{0,4}"[^"]{1,300}"|\bdownloadFile\s{0,4}\(/i,
  },
  {
    kind: 'exfiltration',
    pattern:
      /method\s{0,4}:\s{0,4}"(?:POST|PUT)"|\b(?:https?|axios|got|needle|request)\s{0,4}\.\s{0,4}(?:post|put|request)\s{0,4}\(|\.open\s{0,4}\(\s{0,4}"POST"|navigator\.sendBeacon\s{0,4}\(|new WebSocket\s{0,4}\(/i,
  },
  { kind: 'dns-exfiltration', pattern: /\bdns\s{0,4}\.\s{0,4}(?:lookup|resolve\w{0,8})\s{0,4}\(/ },
  {
    kind: 'write-executable',
    pattern:
      /\bwriteFile(?:Sync)?\s{0,4}\(.{0,300}\.(?:exe|dll|bat|cmd|ps1|vbs|sh|node|scr)\b|\bchmod(?:Sync)?\s{0,4}\(|savetofile/i,
  },
  {
    kind: 'reverse-shell',
    pattern:
      /\bnet\s{0,4}\.\s{0,4}(?:connect|createConnection|Socket)\b.{0,800}(?:spawn|exec|\/bin\/(?:ba)?sh|cmd\.exe)|(?:spawn|exec)\s{0,4}\(\s{0,4}"(?:\/bin\/)?(?:ba|z)?sh".{0,600}\.pipe\(/,
  },
  {
    kind: 'secret-read',
    pattern:
      /\bJSON\.stringify\s{0,4}\(\s{0,4}process\.env\b|\bprocess\.env\s{0,4}[,)}]|Object\.(?:keys|entries|assign)\s{0,4}\(.{0,20}process\.env\b/,
    detail: 'the whole environment',
  },
  {
    kind: 'secret-read',
    pattern: /\bdocument\.cookie\b|chrome\.cookies\b|localStorage\.getItem\(\s{0,4}"token"/,
    detail: 'cookies or tokens of pages',
  },
  { kind: 'host-info', pattern: /\bos\s{0,4}\.\s{0,4}(?:hostname|userInfo|networkInterfaces|homedir)\s{0,4}\(/ },
  {
    kind: 'clipboard',
    pattern:
      /\bclipboard\s{0,4}\.\s{0,4}(?:readText|writeText|read)\b|execCommand\s{0,4}\(\s{0,4}"(?:copy|paste)"|"(?:copy|paste)"\s{0,4},\s{0,4}(?:function|async|\()/,
  },
  {
    kind: 'keystrokes',
    pattern:
      /addEventListener\s{0,4}\(\s{0,4}"key(?:down|press|up)".{0,600}(?:fetch|XMLHttpRequest|sendBeacon|WebSocket)/,
  },
  {
    kind: 'persistence',
    pattern:
      /\\\\?CurrentVersion\\\\?Run\b|[~/\\]\.(?:bashrc|zshrc|profile)\b|LaunchAgents|crontab|Start Menu\\\\?Programs\\\\?Startup/i,
  },
  { kind: 'miner', pattern: /\bCoinHive\b|cryptonight|stratum\+tcp|\bxmrig\b/i },
];

/** Patterns of wallet addresses in code that watches the clipboard: what is copied is replaced. */
const WALLET_PATTERN = /(?:\^|\\b)?\(?(?:bc1|\[13\]|0x)\)?\[[a-zA-Z\d-]{3,20}\]\{\d/;

/** Commands in constant strings that are handed to a process. */
function readCommands(sheet: FactSheet, folded: Folded): void {
  for (const { text, line } of folded.lines) {
    for (const match of text.matchAll(
      /\b(?:exec|execSync|spawn|spawnSync|execFile|Run|Exec)\s{0,4}\(\s{0,4}"([^"]{2,4000})"/g,
    )) {
      const command = match[1]!;
      const isWindows =
        guessLanguage(command)?.language === 'batch' ||
        /\b(?:cmd|powershell|reg|schtasks)(?:\.exe)?\b|%\w+%/i.test(command);
      sheet.embed({ language: isWindows ? 'batch' : 'shell', text: command, line, how: 'a child process' });
      if (isWindows) readBatch(sheet, command, line, 1);
      else readShell(sheet, command, line);
    }
  }
}

function readObfuscation(sheet: FactSheet, text: string, folded: Folded, first: number, snippet: string): void {
  const hexNames = text.match(/\b_0x[\da-f]{3,8}\b/g)?.length ?? 0;
  if (hexNames >= MANY_HEX_NAMES) sheet.add('obfuscation', first, snippet, `${hexNames} names like _0x1a2b`);
  if (SYMBOL_RUN.test(text)) sheet.add('obfuscation', first, snippet, 'code of brackets and signs alone');
  const rotation = folded.text.search(
    /\.push\(\s{0,4}[\w$]{1,40}\.shift\(\)\s{0,4}\)|\["push"\]\([\w$]{1,40}\["shift"\]\(\)\)/,
  );
  const before = rotation < 0 ? '' : folded.text.slice(Math.max(0, rotation - 1500), rotation);
  if ((before.match(/parseInt\(/g)?.length ?? 0) >= 3) {
    sheet.add('obfuscation', first, snippet, 'a table of strings that is rotated first');
  }
  const packed = /eval\(function\(p,a,c,k,e,[dr]\)/.exec(text);
  if (packed !== null) sheet.add('obfuscation', first, packed[0], 'a packer');
}

function readHidden(
  sheet: FactSheet,
  tokens: readonly Token[],
  folded: Folded,
  layer: number,
  source: SourceLines,
): void {
  const read = (code: string, line: number, isEncoded: boolean): void => {
    const language = guessLanguage(code)?.language;
    if (language === undefined) return;
    if (isEncoded) sheet.add('encoded-command', line, source.at(line), 'base64 text', code);
    sheet.embed({ language, text: code, line, how: 'a string' });
    if (language === 'javascript') readJavaScriptLayer(sheet, code, line, layer + 1);
  };
  for (const { type, text, line } of tokens) {
    const decoded =
      type === 'string' && text.length >= MIN_HIDDEN && isBase64(text) ? decodeBase64Text(text) : undefined;
    if (decoded !== undefined) read(decoded, line, true);
  }
  for (const { text, line, pieces } of folded.strings)
    if (pieces > 1 && text.length > MIN_HIDDEN) read(text, line, false);
}

/** A shell whose input and output are joined to a connection, statements apart. */
function readShells(sheet: FactSheet, folded: Folded, source: SourceLines): void {
  const spawned = folded.lines.find(({ text }) =>
    /\b(?:spawn|exec)\s{0,4}\(\s{0,4}"(?:\/bin\/)?(?:(?:ba|z)?sh|cmd(?:\.exe)?|powershell)"/.test(
      text.slice(0, 20_000),
    ),
  );
  if (spawned === undefined || !/\.pipe\s{0,4}\(/.test(folded.text) || !/\bnet\b|\bSocket\b|\btls\b/.test(folded.text))
    return;
  sheet.add('reverse-shell', spawned.line, source.at(spawned.line), 'a shell piped to a connection');
}

/** Text that comes in pieces over a connection, and is run as a command once it is whole. */
const RECEIVED_COMMAND =
  /\.on\s{0,4}\(\s{0,4}"(?:data|end)"[\s\S]{0,400}?\b(?:exec|execSync)\s{0,4}\(\s{0,4}[A-Za-z_$][\w$]{0,40}\s{0,4}[,)]/;

function readReceived(sheet: FactSheet, folded: Folded, first: number): void {
  const run = RECEIVED_COMMAND.exec(folded.text.slice(0, 200_000));
  if (run !== null) sheet.add('dynamic-code', first, run[0].slice(0, 200), 'a command that was received');
}

function readJavaScriptLayer(sheet: FactSheet, text: string, first: number, layer: number): void {
  if (layer > MAX_LAYERS) {
    sheet.isTruncated = true;
    return;
  }
  const claimed = sheet.claim(text);
  const { tokens, isTruncated } = tokenizeJavaScript(claimed, first);
  if (isTruncated) sheet.isTruncated = true;
  const folded = foldStrings(tokens, DIALECT);
  sheet.addHosts(folded.text);
  const source = sourceLines(claimed, first);
  applyRules(sheet, folded, source, RULES);
  for (const { text: code, line } of folded.lines) {
    for (const what of findSecrets(code.slice(0, 20_000))) sheet.add('secret-read', line, source.at(line), what);
  }
  readCommands(sheet, folded);
  readHidden(sheet, tokens, folded, layer, source);
  readShells(sheet, folded, source);
  readReceived(sheet, folded, first);
  readObfuscation(sheet, claimed, folded, first, source.at(first));
  const wallet = WALLET_PATTERN.exec(claimed);
  if (wallet !== null && /clipboard|"copy"|"paste"/.test(folded.text))
    sheet.add('clipboard', first, wallet[0], 'patterns of wallet addresses');
}

/** Reads JavaScript text into the sheet, code inside code too. */
export function readJavaScript(sheet: FactSheet, text: string, line: number): void {
  readJavaScriptLayer(sheet, text, line, 0);
}
