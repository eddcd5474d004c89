// Owns which Python members of a large distribution are worth parsing. May import layout. Start at createPrefilter.
import type { PlacedMember } from './layout.ts';

/** Below this much Python, everything is parsed. */
export const PARSE_ALL_BYTES = 400_000;
/** Entry points and start-up code of any size are parsed; a member above this is not read at all unless it is one. */
const MAX_MODULE_BYTES = 4 * 2 ** 20;

/**
 * Words without which no technique works that a module could hold by itself: running code or a command, the network,
 * decoders, native calls, secret places. One linear pass; no word is enough for a finding.
 */
const WORDS =
  /\b(?:exec|eval|compile|execfile|__import__|import_module|getattr\(\s*__builtins__|marshal|b64decode|b85decode|a85decode|b32decode|b16decode|unhexlify|fromhex|decompress|subprocess|popen|Popen|startfile|os\.system|os\.exec|os\.spawn|pty|urlopen|urlretrieve|requests|httpx|aiohttp|urllib3|http\.client|httplib|socket|ftplib|smtplib|telebot|discord|webhook|paramiko|websocket|winreg|ctypes|windll|LoadLibrary|pyperclip|ImageGrab|pynput|keyboard|CryptUnprotectData|Fernet|AES|gethostbyname|getaddrinfo|nslookup|powershell|curl|wget|crontab|LaunchAgents|meta_path|__builtins__|__builtin__|builtins|fromCharCode|mnemonic|private_key|privatekey|seed_phrase|runpy|code\.Interactive)\b/;

/** Says of a member whether it is parsed. */
export function createPrefilter(members: readonly PlacedMember[]): (placed: PlacedMember) => boolean {
  let total = 0;
  for (const { member, role, local } of members)
    if (role !== 'test' && local.endsWith('.py')) total += member.sizeBytes;
  const isSmall = total <= PARSE_ALL_BYTES;
  const decided = new Map<PlacedMember, boolean>();
  return (placed) => {
    if (placed.role === 'build' || placed.role === 'start-up' || placed.role === 'script') return true;
    const known = decided.get(placed);
    if (known !== undefined) return known;
    const wanted = placed.member.sizeBytes <= MAX_MODULE_BYTES && (isSmall || hasWord(placed));
    decided.set(placed, wanted);
    return wanted;
  };
}

function hasWord(placed: PlacedMember): boolean {
  const bytes = placed.member.read();
  return WORDS.test(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'));
}
