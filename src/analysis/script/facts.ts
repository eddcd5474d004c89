// Owns what a script is found to do: plain facts with line and text, no judgement. Imports language.ts (types).
// Start at ScriptFacts; read-script.ts makes them, FactSheet collects them.
import type { ScriptLanguage } from './language.ts';

/**
 * - `download`: something is fetched (`detail`: the address)
 * - `pipe-to-shell`: what is fetched or decoded is run by an interpreter at once
 * - `encoded-command`: code in base64 or the like (`decoded`: what it says)
 * - `hidden-window`: started so that nobody sees it, or detached
 * - `write-executable`: a program is written or made executable (`detail`: its path)
 * - `spawn`: a program or interpreter is started (`detail`: its command line)
 * - `persistence`: something will start again by itself
 * - `reverse-shell`: a shell is handed to the network
 * - `secret-read`: credentials, keys, wallets, browser stores, the whole environment (`detail`: which)
 * - `host-info`: who and where the machine is
 * - `exfiltration`: data leaves by a request (`detail`: whither); `dns-exfiltration`: by a name that is looked up
 * - `dynamic-code`: text is run as code
 * - `obfuscation`: written so that it cannot be read (`detail`: how)
 * - `evasion`: protection is weakened, traces are removed
 * - `destruction`: data is deleted or locked
 * - `miner`, `clipboard`, `keystrokes`, `screenshot`
 * - `package-install`: a package manager installs something (`detail`: what)
 */
export type ScriptFactKind =
  | 'download'
  | 'pipe-to-shell'
  | 'encoded-command'
  | 'hidden-window'
  | 'write-executable'
  | 'spawn'
  | 'persistence'
  | 'reverse-shell'
  | 'secret-read'
  | 'host-info'
  | 'exfiltration'
  | 'dns-exfiltration'
  | 'dynamic-code'
  | 'obfuscation'
  | 'evasion'
  | 'destruction'
  | 'miner'
  | 'clipboard'
  | 'keystrokes'
  | 'screenshot'
  | 'package-install';

export interface ScriptFact {
  readonly kind: ScriptFactKind;
  /** 1-based line of the text; of the outer text for what was decoded from it */
  readonly line: number;
  /** the line as it stands, at most 400 characters; hostile text */
  readonly snippet: string;
  /** what exactly, in the script's own words; at most 300 characters; hostile text */
  readonly detail: string;
  /** what an encoded part says, at most 2,000 characters; hostile text */
  readonly decoded?: string;
}

/** Code of another (or the same) language that the script carries: `python -c`, a here-document, an encoded command. */
export interface EmbeddedCode {
  readonly language: ScriptLanguage | 'unknown';
  readonly text: string;
  readonly line: number;
  /** how it is started, e.g. `python3 -c` */
  readonly how: string;
}

export interface ScriptFacts {
  readonly language: ScriptLanguage;
  /** in the order they were found; each kind, line and detail once; at most 500 */
  readonly facts: readonly ScriptFact[];
  /** lower-case hosts of literal addresses, at most 200 */
  readonly hosts: readonly string[];
  /** at most 50, each at most 200,000 characters; those in a script language were read already, Python was not */
  readonly embedded: readonly EmbeddedCode[];
  /** a limit was met: not everything was read. Never treat as clean. */
  readonly isTruncated: boolean;
}

const MAX_FACTS = 500;
const MAX_HOSTS = 200;
const MAX_EMBEDDED = 50;
const MAX_EMBEDDED_TEXT = 200_000;
const MAX_SNIPPET = 400;
const MAX_DETAIL = 300;
const MAX_DECODED = 2000;
/** Text looked at, all layers together. */
export const MAX_SCRIPT_TEXT = 2_000_000;
/** Layers of encoded or embedded code. */
export const MAX_LAYERS = 6;

const ADDRESS =
  /\b(?:https?|ftp|wss?|tcp|ldap):\/\/(?:[^\s/@'"<>]{0,100}@)?([\w-]{1,63}(?:\.[\w-]{1,63}){0,10}|\[[0-9a-f:]{2,45}\])/gi;

/** Collects facts; knows the limits. */
export class FactSheet {
  readonly language: ScriptLanguage;
  isTruncated = false;
  private readonly facts: ScriptFact[] = [];
  private readonly hosts = new Set<string>();
  private readonly embedded: EmbeddedCode[] = [];
  private readonly unread: EmbeddedCode[] = [];
  private readonly known = new Set<string>();
  private left = MAX_SCRIPT_TEXT;

  constructor(language: ScriptLanguage) {
    this.language = language;
  }

  /** Takes a text from the budget; gives as much of it as may be read. */
  claim(text: string): string {
    const allowed = text.slice(0, this.left);
    if (allowed.length < text.length) this.isTruncated = true;
    this.left -= allowed.length;
    this.addHosts(allowed);
    return allowed;
  }

  addHosts(text: string): void {
    for (const match of text.matchAll(ADDRESS)) {
      if (this.hosts.size >= MAX_HOSTS) return;
      this.hosts.add((match[1] ?? '').toLowerCase());
    }
  }

  add(kind: ScriptFactKind, line: number, snippet: string, detail: string, decoded?: string): void {
    const key = `${kind} ${line} ${detail.slice(0, 80)}`;
    if (this.known.has(key)) return;
    if (this.facts.length >= MAX_FACTS) {
      this.isTruncated = true;
      return;
    }
    this.known.add(key);
    const fact = { kind, line, snippet: snippet.trim().slice(0, MAX_SNIPPET), detail: detail.slice(0, MAX_DETAIL) };
    this.facts.push(decoded === undefined ? fact : { ...fact, decoded: decoded.slice(0, MAX_DECODED) });
  }

  embed(code: EmbeddedCode): void {
    if (this.embedded.length >= MAX_EMBEDDED) {
      this.isTruncated = true;
      return;
    }
    this.embedded.push({ ...code, text: code.text.slice(0, MAX_EMBEDDED_TEXT) });
  }

  /** PowerShell that a command line carries: commands.ts finds it, powershell.ts reads it. Each once. */
  takeUnread(): readonly EmbeddedCode[] {
    return this.unread.splice(0);
  }

  /** Notes code that another reader has to read. */
  leave(code: EmbeddedCode): void {
    this.embed(code);
    if (this.unread.length < MAX_EMBEDDED) this.unread.push(code);
  }

  result(): ScriptFacts {
    const { language, facts, embedded, isTruncated } = this;
    return { language, facts, embedded, isTruncated, hosts: [...this.hosts] };
  }
}
