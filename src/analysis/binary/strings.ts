// Owns the readable runs of a binary that are worth a look. May import binary-facts.ts, byte-view.ts, parts.ts, ../script/secrets.ts.
// Start at StringFinder.
import { findSecrets } from '../script/secrets.ts';
import type { InterestingString } from './binary-facts.ts';
import type { ByteView } from './byte-view.ts';
import type { Region } from './parts.ts';

const MIN_RUN = 7;
const MAX_RUN = 2000;
const MAX_TEXT = 300;
const MAX_STRINGS = 300;
const MAX_HOSTS = 200;
/** Bytes looked at, all regions together. */
const MAX_BYTES = 24 << 20;
const CHUNK = 1 << 20;

/** Cheap test before the dear ones: something of each kind below. */
const WORTH =
  /:\/\/|cmd|owershell|\/bin\/|\bcurl\b|\bwget\b|schtasks|CurrentVersion|Login Data|Local State|wallet|\.ssh|\.aws|webhooks|bot\d|stratum|xmrig|b64decode|import |exec\(|\.onion|_TOKEN|_SECRET|cookies|key4|logins\.json|LaunchAgents|crontab|\/dev\/tcp|id_rsa|tdata|leveldb|keychain|mnemonic|Unprotect/gi;

const KINDS: readonly (readonly [InterestingString['kind'], RegExp])[] = [
  [
    'webhook',
    /discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/|api\.telegram\.org\/bot|hooks\.slack\.com\/services\//i,
  ],
  ['miner', /stratum\+(?:tcp|ssl):|\bxmrig\b|--donate-level/i],
  [
    'persistence',
    /\\CurrentVersion\\Run|Start Menu\\Programs\\Startup|schtasks(?:\.exe)?\s{1,4}\/create|LaunchAgents\/|\/etc\/cron|crontab\s{1,4}-/i,
  ],
  [
    'command',
    /(?:cmd(?:\.exe)?\s{1,4}\/c|powershell(?:\.exe)?\s{1,4}-|\/bin\/(?:ba|z)?sh\s{1,4}-c|\bcurl\s{1,4}(?:-|http)|\bwget\s{1,4}(?:-|http)|\/dev\/tcp\/|\bmshta\s|\bcertutil\s)/i,
  ],
  ['python-code', /\b(?:import (?:os|sys|base64|subprocess|urllib|requests|socket)\b|exec\(|b64decode\(|__import__\()/],
  ['address', /\b(?:https?|ftp|wss?|tcp):\/\/[\w.-]{4,}/i],
];

const HOST = /\b(?:https?|ftp|wss?|tcp):\/\/(?:[^\s/@'"<>]{0,100}@)?([\w-]{1,63}(?:\.[\w-]{1,63}){1,10})/gi;
/** Addresses that name formats and standards. */
const BOILERPLATE =
  /^(?:www\.w3\.org|schemas\.\w{1,40}\.(?:com|org)|ns\.adobe\.com|purl\.org|www\.apple\.com|crl\d?\.\S{1,60}|ocsp\.\S{1,60}|\w{0,10}\.?microsoft\.com|www\.openssl\.org|json-schema\.org)$/i;

function isPrintable(byte: number): boolean {
  return (byte >= 32 && byte < 127) || byte === 9;
}

export class StringFinder {
  readonly strings: InterestingString[] = [];
  readonly hosts = new Set<string>();
  isTruncated = false;
  private readonly view: ByteView;
  private readonly known = new Set<string>();
  private left = MAX_BYTES;

  constructor(view: ByteView) {
    this.view = view;
  }

  /** Looks through a part of the file, in ASCII and, as Windows writes it, in UTF-16LE. */
  search({ offset, sizeBytes }: Region, isWide: boolean): void {
    const size = Math.min(sizeBytes, this.view.sizeBytes - offset);
    for (let at = 0; at < size; at += CHUNK - MAX_RUN) {
      const length = Math.min(CHUNK, size - at);
      if (length > this.left || this.strings.length >= MAX_STRINGS) {
        this.isTruncated = true;
        return;
      }
      this.left -= length;
      const bytes = this.view.bytes(offset + at, length);
      this.searchNarrow(bytes, offset + at);
      if (isWide) this.searchWide(bytes, offset + at);
    }
  }

  /** Words are looked for in the whole chunk; only the runs around them are cut out. */
  private searchNarrow(bytes: Buffer, base: number): void {
    const text = bytes.toString('latin1');
    WORTH.lastIndex = 0;
    for (let match = WORTH.exec(text); match !== null; match = WORTH.exec(text)) {
      let start = match.index;
      let end = WORTH.lastIndex;
      const first = Math.max(0, start - MAX_RUN);
      while (start > first && isPrintable(bytes[start - 1]!)) start--;
      const last = Math.min(bytes.length, start + MAX_RUN);
      while (end < last && isPrintable(bytes[end]!)) end++;
      if (end - start >= MIN_RUN) this.consider(text.slice(start, end), base + start);
      WORTH.lastIndex = Math.max(end, match.index + 1);
    }
  }

  private searchWide(bytes: Buffer, base: number): void {
    for (let i = 0; i + 1 < bytes.length; ) {
      let end = i;
      while (end + 1 < bytes.length && bytes[end + 1] === 0 && bytes[end]! >= 32 && bytes[end]! < 127) end += 2;
      if (end - i >= MIN_RUN * 2) {
        const text = bytes.toString('utf16le', i, Math.min(end, i + MAX_RUN * 2));
        WORTH.lastIndex = 0;
        if (WORTH.test(text)) this.consider(text, base + i);
      }
      i = end > i ? end : i + 1;
    }
  }

  private consider(text: string, offset: number): void {
    for (const match of text.matchAll(HOST)) {
      const host = (match[1] ?? '').toLowerCase();
      if (this.hosts.size < MAX_HOSTS && !BOILERPLATE.test(host)) this.hosts.add(host);
    }
    const kind =
      KINDS.find(([, pattern]) => pattern.test(text))?.[0] ?? (findSecrets(text).length > 0 ? 'secret' : undefined);
    if (kind === undefined || this.known.has(text)) return;
    if (kind === 'address' && [...text.matchAll(HOST)].every((match) => BOILERPLATE.test(match[1] ?? ''))) return;
    if (this.strings.length >= MAX_STRINGS) {
      this.isTruncated = true;
      return;
    }
    this.known.add(text);
    this.strings.push({ kind, text: text.slice(0, MAX_TEXT), offset });
  }
}
