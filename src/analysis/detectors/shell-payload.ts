// Owns command lines that are attacks by themselves. Start at shellPayload.
import type { Evidence } from '../evidence/evidence.ts';
import { hostKind, hostsIn, isThrowaway } from '../evidence/hosts.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, isUnasked } from './detector.ts';

const ID = 'shell-payload';

interface Pattern {
  readonly test: RegExp;
  readonly points: number;
  readonly what: string;
}

/** Linear patterns; each is tried on at most 20,000 characters. */
const PATTERNS: readonly Pattern[] = [
  {
    test: /powershell[^\n]{0,200}?\s-e(?:nc|ncodedcommand|c)?\s+["']?[A-Za-z0-9+/=]{24,}/i,
    points: 10,
    what: 'PowerShell with an encoded command',
  },
  {
    test: /(?:iex|invoke-expression)\b[^\n]{0,200}(?:downloadstring|iwr|irm|invoke-webrequest|invoke-restmethod|net\.webclient)|(?:downloadstring|iwr |irm |invoke-webrequest|invoke-restmethod)[^\n]{0,200}\|\s*(?:iex|invoke-expression)/i,
    points: 10,
    what: 'PowerShell that runs what it downloads',
  },
  {
    test: /powershell[^\n]{0,300}(?:downloadfile|invoke-webrequest|iwr |start-bitstransfer|net\.webclient)/i,
    points: 9,
    what: 'PowerShell that downloads',
  },
  {
    test: /(?:curl|wget)\b[^|\n;&]{0,300}\|\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b|(?:curl|wget)\b[^|\n;&]{0,300}\|\s*(?:sudo\s+)?python[\d.]*\b/i,
    points: 9,
    what: 'a download piped into a shell',
  },
  { test: /(?:ba|z)?sh\s+-c\s+["']?\$\((?:curl|wget)/i, points: 9, what: 'a shell that runs a download' },
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
  },
  {
    test: /\b(?:curl|wget)\b[^\n]{0,300}(?:&&|;|\|\|)[^\n]{0,120}(?:chmod\s+(?:\+x|[0-7]*[1357][0-7]*)|\.\/|bash |sh |python)/i,
    points: 9,
    what: 'a download that is started',
  },
  { test: /powershell[^\n]{0,200}-(?:w|win|windowstyle)\s+hid/i, points: 6, what: 'a hidden PowerShell window' },
  { test: /\b(?:xmrig|minerd|stratum\+tcp|cpuminer|--donate-level)\b/i, points: 9, what: 'a coin miner' },
  {
    test: /\bschtasks\b[^\n]{0,200}\/create|reg(?:\.exe)?\s+add\s+["']?(?:HKCU|HKLM|HKEY)[^\n]{0,120}\\Run\b|crontab\s+-\b|>>\s*~?\/?\S*(?:\.bashrc|\.zshrc|\.profile)\b/i,
    points: 8,
    what: 'something that starts again by itself',
  },
  {
    test: /vssadmin\s+delete\s+shadows|wbadmin\s+delete|bcdedit\s+\/set|cipher\s+\/w:|rm\s+-rf?\s+(?:--no-preserve-root\s+)?(?:\/|~|\$HOME)(?:\s|$|\*)|format\s+c:|del\s+\/[fsq]\s+\/[fsq][^\n]{0,30}c:\\/i,
    points: 9,
    what: 'destruction of data',
  },
  {
    test: /(?:taskkill|Stop-Process)\b[^\n]{0,60}(?:discord|chrome|msmpeng|taskmgr|wireshark|processhacker)/i,
    points: 5,
    what: 'other programs stopped',
  },
  {
    test: /netsh\s+(?:advfirewall|firewall)\s+set[^\n]{0,80}(?:off|disable)|netsh\s+wlan\s+show\s+profile/i,
    points: 7,
    what: 'network settings read or weakened',
  },
];

/** Text of the archive's own scripts that the command starts. */
function scriptsOf(archive: Evidence, words: readonly string[]): string {
  let text = '';
  for (const word of words.slice(0, 8)) {
    if (!/\.(?:sh|bash|bat|cmd|ps1|command)$/i.test(word)) continue;
    text += archive.sources.findText(word, ROOT)?.slice(0, 20_000) ?? '';
  }
  return text;
}

const ROOT = { path: '', module: '', text: '', isPackage: false };

/** A plain download, or a page opened: weighed by the kind of its host. */
function downloadOf(text: string): Pattern | undefined {
  const hosts = hostsIn(text, 10);
  const host = hosts.find((h) => isThrowaway(hostKind(h))) ?? hosts[0];
  if (host === undefined) return lookUpOf(text);
  const kind = hostKind(host);
  const isDownload = /(?:^|[\s;&|"'])(?:curl|wget|aria2c|Invoke-WebRequest|iwr|bitsadmin)(?:\.exe)?\s/i.test(text);
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
  return points === 0 ? undefined : { test: /$/, points, what: `a download from ${host}` };
}

/** A name looked up by a tool: what a beacon does where requests are blocked. */
function lookUpOf(text: string): Pattern | undefined {
  const name =
    /(?:^|[\s;&|"'(])(?:dig|nslookup|host|ping)(?:\.exe)?\s+(?:[-@+]\S+\s+)*(?:-[cn]\s*\d+\s+)?([\w‹›().-]+\.[a-z]{2,})/i.exec(
      text,
    )?.[1];
  if (name === undefined || hostKind(name.toLowerCase()) === 'local') return undefined;
  return { test: /$/, points: 6, what: `a look-up of ${name.slice(0, 80)}` };
}

/** Commands whose text is the attack. */
export const shellPayload: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const [event, command] of archive.commands) {
      const text = `${command.text.slice(0, 20_000)}\n${scriptsOf(archive, command.words)}`;
      const hit = PATTERNS.find((p) => p.test.test(text)) ?? downloadOf(text);
      if (hit === undefined) continue;
      const unasked = isUnasked(event.context);
      const score = unasked ? hit.points : Math.max(2, hit.points - 4);
      findings.push(
        findingOf(ID, event, {
          score,
          class: hit.points >= 8 || (unasked && hit.points >= 6) ? 'malware' : 'suspicious',
          message: `Starts ${hit.what}.`,
          sources: command.taint,
          decoded: command.text,
        }),
      );
    }
    return findings;
  },
};
