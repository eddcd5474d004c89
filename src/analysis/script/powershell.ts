// Owns what PowerShell text does. May import powershell-tokens.ts, string-folding.ts, rules.ts, encoded.ts, facts.ts, secrets.ts.
// Start at readPowerShell.
import { decodeBase64Text, isBase64 } from './encoded.ts';
import { type FactSheet, MAX_LAYERS } from './facts.ts';
import { tokenizePowerShell } from './powershell-tokens.ts';
import { applyRules, type Rule, type SourceLines, sourceLines } from './rules.ts';
import { findSecrets } from './secrets.ts';
import { type Dialect, type Folded, foldStrings, type Token } from './string-folding.ts';

/** Joins and codes in a script from which its author meant to hide. */
const MANY_FOLDS = 12;
/** Base64 that is shorter hides nothing. */
const MIN_HIDDEN = 40;

const DIALECT: Dialect = {
  joins: new Set(['+']),
  quote: "'",
  variable: (word) => (/^\$\{?[a-z_]\w*\}?$/i.test(word) ? word.toLowerCase().replaceAll(/[{}]/g, '') : undefined),
  call(callee, args) {
    const [first = '', second = '', third = ''] = args;
    if (callee === '[char]') return charOf(first);
    if (/^(?:-join)?\[char\[\]\]$|^-join$/.test(callee)) return args.map((arg) => charOf(arg) ?? arg).join('');
    if (callee === 's.replace' || callee === 'S.replace') return first.replaceAll(second, third);
    if (callee === 'S.tolower') return first.toLowerCase();
    if (callee === 'S.toupper') return first.toUpperCase();
    if (callee === 'S.trim' || callee === 'S.tostring') return first;
    if (/frombase64string$/.test(callee)) return decodeBase64Text(first);
    if (/encoding\]::\w{1,20}\.getstring$/.test(callee)) return first;
    return undefined;
  },
  operate(left, operator, args) {
    if (operator === '-f') return left.replaceAll(/\{(\d{1,3})\}/g, (all, index: string) => args[Number(index)] ?? all);
    if (/^-[ci]?replace$/.test(operator) && /^[\w .+-]{0,40}$/.test(args[0] ?? ''))
      return left.replaceAll(args[0] ?? '', args[1] ?? '');
    return operator === '-join' ? left : undefined;
  },
};

function charOf(text: string): string | undefined {
  const value = /^0x[\da-f]{1,6}$/i.test(text) || /^\d{1,7}$/.test(text) ? Number(text) : -1;
  return value >= 0 && value <= 0x10ffff ? String.fromCodePoint(value) : undefined;
}

const FETCH =
  /(?:\b(?:invoke-webrequest|iwr|invoke-restmethod|irm|start-bitstransfer|curl|wget)\b|\.?\bdownload(?:string|file|data)\b)/i;
const RUN =
  /(?:\b(?:iex|invoke-expression)\b|\[scriptblock\]::create|&\s{0,4}\(?\s{0,4}['"](?:iex|invoke-expression)['"]|\.\s{0,2}\(?\s{0,4}['"]iex['"])/i;

const RULES: readonly Rule[] = [
  { kind: 'dynamic-code', pattern: RUN },
  {
    kind: 'dynamic-code',
    pattern:
      /\[(?:system\.)?reflection\.assembly\]::load(?:file|from)?\b|\bAdd-Type\b.{0,80}(?:DllImport|-TypeDefinition|-MemberDefinition)/i,
  },
  {
    kind: 'hidden-window',
    pattern:
      /-w(?:in(?:dowstyle)?)?\s{1,4}['"]?(?:hidden|h|1)\b|CreateNoWindow\s{0,4}=|ShowWindow(?:Async)?\s{0,4}\([^)]{0,60},\s{0,4}0\s{0,4}\)|WindowStyle\s{0,4}=\s{0,4}['"]?hidden/i,
  },
  {
    kind: 'write-executable',
    pattern:
      /(?:-outfile|downloadfile|set-content|out-file|writeallbytes|writealltext|-destination|-destinationpath)\b.{0,300}\.(?:exe|dll|scr|bat|cmd|vbs|ps1|js|hta|msi|pyw?)\b/i,
  },
  {
    kind: 'spawn',
    pattern:
      /\b(?:start-process|saps|invoke-item|ii|invoke-wmimethod|invoke-cimmethod)\b.{0,200}|\[(?:system\.)?diagnostics\.process\]::start.{0,200}|(?:^|[;|{]\s{0,4})&\s{0,4}['"$].{0,200}/i,
  },
  {
    kind: 'persistence',
    pattern:
      /\\(?:currentversion\\)?run(?:once)?\b['"\\ ]|register-scheduledtask|new-scheduledtask|schtasks.{0,100}\/create|new-service\b|__eventfilter|commandlineeventconsumer|start menu\\programs\\startup|\[environment\]::getfolderpath\(.{0,4}startup|\$profile\b.{0,40}(?:add-content|>>)|add-content.{0,20}\$profile/i,
  },
  { kind: 'reverse-shell', pattern: /sockets\.tcpclient/i, detail: 'a TCP client' },
  {
    kind: 'host-info',
    pattern:
      /\$env:(?:computername|username|userdomain)|\bget-(?:computerinfo|netipaddress|nettcpconnection|process)\b|win32_(?:computersystem|operatingsystem|bios|networkadapter\w{0,20})|\[environment\]::(?:machinename|username)|\bwhoami\b/i,
  },
  {
    kind: 'secret-read',
    pattern:
      /\[?(?:system\.)?security\.cryptography\.protecteddata\]?::unprotect|\bget-childitem\s{1,4}env:|\bgci\s{1,4}env:|\bdir\s{1,4}env:/i,
  },
  {
    kind: 'exfiltration',
    pattern:
      /-method\s{1,4}['"]?(?:post|put|patch)\b|\bupload(?:string|file|data|values)\b|send-mailmessage|-infile\b/i,
  },
  {
    kind: 'evasion',
    pattern:
      /(?:add|set)-mppreference|amsiutils|amsiinitfailed|amsiscanbuffer|set-executionpolicy\s{1,4}['"]?(?:bypass|unrestricted)|clear-eventlog|wevtutil\s{1,4}cl|remove-item.{0,60}\$myinvocation|disableantispyware|stop-service\s{1,4}['"]?windefend/i,
  },
  {
    kind: 'destruction',
    pattern:
      /remove-item.{0,60}-recurse.{0,40}(?:\$home|\$env:userprofile|c:\\(?:['"\s]|$))|vssadmin\s{1,4}delete|format-volume/i,
  },
  { kind: 'clipboard', pattern: /\b(?:get|set)-clipboard\b|windows\.forms\.clipboard/i },
  { kind: 'keystrokes', pattern: /getasynckeystate|setwindowshookex/i },
  { kind: 'screenshot', pattern: /copyfromscreen/i },
  { kind: 'miner', pattern: /stratum\+tcp|xmrig/i },
];

const ADDRESS = /https?:\/\/[^\s'"|;,)]{1,300}/i;

/** Follows what is fetched into a variable and run later. */
function readFetches(sheet: FactSheet, folded: Folded, snippetAt: (line: number) => string): void {
  const fetched = new Set<string>();
  let hasTcp = false;
  for (const { line, text } of folded.lines) {
    const isFetch = FETCH.test(text);
    if (isFetch) {
      sheet.add('download', line, snippetAt(line), ADDRESS.exec(text)?.[0] ?? text);
      const target = /^\s{0,8}(?:\[\w{1,40}\])?(\$\w{1,60})\s{0,4}=/.exec(text)?.[1];
      if (target !== undefined) fetched.add(target.toLowerCase());
    }
    const isRun = RUN.test(text);
    const runsFetched =
      isRun &&
      (text
        .toLowerCase()
        .match(/\$\w{1,60}/g)
        ?.slice(0, 200)
        .some((name) => fetched.has(name)) ??
        false);
    if ((isFetch && isRun) || runsFetched) sheet.add('pipe-to-shell', line, snippetAt(line), 'what is fetched is run');
    if (/sockets\.tcpclient/i.test(text)) hasTcp = true;
    if (
      hasTcp &&
      /\b(?:iex|invoke-expression|cmd(?:\.exe)?|powershell)\b/i.test(text) &&
      /getstream|\.read\(|out-string|\$stream|\$data|\$cmd/i.test(folded.text)
    ) {
      sheet.add('reverse-shell', line, snippetAt(line), 'what comes over a TCP connection is run');
    }
  }
}

/** Strings that hide code: base64 as written, and code put together from pieces. */
function readHidden(
  sheet: FactSheet,
  tokens: readonly Token[],
  folded: Folded,
  layer: number,
  source: SourceLines,
): void {
  for (const { type, text, line } of tokens) {
    if (type !== 'string' || text.length < MIN_HIDDEN || !isBase64(text)) continue;
    const decoded = decodeBase64Text(text);
    if (decoded === undefined) continue;
    sheet.add('encoded-command', line, source.at(line), 'base64 text', decoded);
    nest(sheet, decoded, line, layer);
  }
  for (const { text, line, pieces } of folded.strings) {
    if (pieces > 1 && text.length > 8 && (FETCH.test(text) || RUN.test(text))) nest(sheet, text, line, layer);
  }
}

function nest(sheet: FactSheet, text: string, line: number, layer: number): void {
  sheet.embed({ language: 'powershell', text, line, how: 'powershell' });
  readPowerShellLayer(sheet, text, line, layer + 1);
}

function readPowerShellLayer(sheet: FactSheet, text: string, first: number, layer: number): void {
  if (layer > MAX_LAYERS) {
    sheet.isTruncated = true;
    return;
  }
  const claimed = sheet.claim(text);
  const { tokens, ticks, isTruncated } = tokenizePowerShell(claimed, first);
  if (isTruncated) sheet.isTruncated = true;
  const folded = foldStrings(tokens, DIALECT);
  sheet.addHosts(folded.text);
  const source = sourceLines(claimed, first);
  applyRules(sheet, folded, source, RULES);
  readFetches(sheet, folded, (line) => source.at(line));
  readHidden(sheet, tokens, folded, layer, source);
  for (const { line, text: code } of folded.lines) {
    for (const what of findSecrets(code.slice(0, 20_000))) sheet.add('secret-read', line, source.at(line), what);
    const argument = /\s[-/]e(?:c|n|nc|nco\w{0,20})?\s{1,4}['"]?([A-Za-z0-9+/=]{24,400000})/i.exec(
      code.slice(0, 420_000),
    )?.[1];
    const decoded = argument === undefined ? undefined : decodeBase64Text(argument);
    if (decoded === undefined) continue;
    sheet.add('encoded-command', line, source.at(line), '-EncodedCommand', decoded);
    nest(sheet, decoded, line, layer);
  }
  if (folded.folds + ticks >= MANY_FOLDS) {
    sheet.add(
      'obfuscation',
      first,
      source.at(first),
      `${folded.folds + ticks} joins, character codes and backticks that only hide`,
    );
  }
}

/** Reads PowerShell text into the sheet, code inside code too. */
export function readPowerShell(sheet: FactSheet, text: string, line: number): void {
  readPowerShellLayer(sheet, text, line, 0);
}
