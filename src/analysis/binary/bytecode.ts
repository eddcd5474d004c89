// Owns what compiled Python says without its source. May import ../python/decoders/marshal.ts, ../script/secrets.ts.
// Start at readBytecode.
import { readMarshal, readPyc, textOfCodes } from '../python/decoders/marshal.ts';
import { findSecrets } from '../script/secrets.ts';

export interface BytecodeFacts {
  /** of CPython, `unknown` for bare marshal data */
  readonly version: string;
  /** modules of the standard library and beyond that it names and that can do harm: `os`, `subprocess`, `socket` … */
  readonly modules: readonly string[];
  /** functions that it names and that can do harm: `system`, `exec`, `b64decode` … */
  readonly functions: readonly string[];
  readonly hosts: readonly string[];
  /** kinds of secrets that its strings name */
  readonly secrets: readonly string[];
  /** str constants of 8 characters or more, at most 1,000, each at most 2,000 characters; hostile text */
  readonly strings: readonly string[];
  /** bytes constants of 64 bytes or more: encoded code, keys, programs; at most 100 */
  readonly blobs: readonly Uint8Array[];
  /** names of functions and classes, outermost first; at most 1,000 */
  readonly definitions: readonly string[];
  /** path of the source when it was compiled; hostile text */
  readonly sourcePath: string;
  readonly isTruncated: boolean;
}

const MODULES =
  /^(?:os|sys|subprocess|socket|ssl|requests|urllib|urllib2|urllib3|http|httpx|aiohttp|ctypes|marshal|pickle|base64|zlib|lzma|bz2|winreg|_winreg|win32api|win32crypt|win32clipboard|pyperclip|pynput|keyboard|cryptography|Crypto|shutil|tempfile|pty|paramiko|ftplib|smtplib|telebot|telegram|discord|dhooks|browser_cookie3|sqlite3|psutil|pyautogui|mss|PIL|cv2|getpass|platform|importlib|builtins|__builtin__)$/;
const FUNCTIONS =
  /^(?:exec|eval|compile|__import__|system|popen|Popen|call|check_output|check_call|run|spawn\w{0,4}|execv\w{0,2}|startfile|urlopen|urlretrieve|b64decode|b32decode|b85decode|a85decode|unhexlify|fromhex|decompress|loads|decrypt|Fernet|AES|VirtualAlloc|CreateThread|RtlMoveMemory|WriteProcessMemory|windll|CDLL|connect|sendall|recv|dup2|gethostname|gethostbyname|getuser|getlogin|getnode|environ|getenv|CryptUnprotectData|ImageGrab|grab|GetAsyncKeyState|Listener|SetValueEx|chmod)$/;
const HOST = /\b(?:https?|ftp|wss?):\/\/(?:[^\s/@'"<>]{0,100}@)?([\w-]{1,63}(?:\.[\w-]{1,63}){0,10})/gi;

/** Reads a `.pyc`, or the marshal data of a code object. undefined when it is neither. Never throws. */
export function readBytecode(bytes: Uint8Array): BytecodeFacts | undefined {
  const file = readPyc(bytes);
  const read = file ?? readMarshal(bytes);
  if (read === undefined || read.codes.length === 0) return undefined;
  const { names, strings, blobs } = textOfCodes(read.codes);
  const hosts = new Set<string>();
  const secrets = new Set<string>();
  for (const text of strings) {
    for (const match of text.slice(0, 20_000).matchAll(HOST))
      if (hosts.size < 200) hosts.add((match[1] ?? '').toLowerCase());
    for (const what of findSecrets(text.slice(0, 20_000))) secrets.add(what);
  }
  return {
    version: file?.version ?? 'unknown',
    modules: names.filter((name) => MODULES.test(name)),
    functions: names.filter((name) => FUNCTIONS.test(name)),
    hosts: [...hosts],
    secrets: [...secrets],
    strings: strings
      .filter((text) => text.length >= 8)
      .slice(0, 1000)
      .map((text) => text.slice(0, 2000)),
    blobs: blobs.filter((blob) => blob.length >= 64).slice(0, 100),
    definitions: read.codes.map(({ name }) => name).slice(0, 1000),
    sourcePath: (read.codes[0]?.filename ?? '').slice(0, 300),
    isTruncated: !read.isComplete,
  };
}
