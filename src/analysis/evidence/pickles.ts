// Owns pickles among the members: what loading one would call, and whether the program loads it. Start at picklesOf.
import { readPickle } from '../python/decoders/pickle.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import { bundledIn, bytesOf } from './bundled.ts';
import type { Evidence } from './evidence.ts';
import type { PlacedMember } from './layout.ts';

export interface HarmfulPickle {
  readonly placed: PlacedMember;
  /** path as evidence names it; of a pickle in a zip `model.pt!/data.pkl` */
  readonly path: string;
  /** e.g. `os.system` */
  readonly callee: string;
  /** the texts it is called with */
  readonly text: string;
  /** where the program loads it; undefined: nowhere that was seen */
  readonly load: CallEvent | undefined;
}

const MAX_BYTES = 16 * 2 ** 20;
const MAX_FILES = 400;
const NAMES = /\.(?:pkl|pickle|pck|p|joblib|pt|pth|ckpt|sav|model|dill|dat|bin|cache|npy|sklearn)$/i;

/** Callables that no honest object needs to come back to life: they run code, commands or the network. */
const CALLEES =
  /^(?:(?:builtins|__builtin__|__builtins__)\.(?:exec|eval|compile|execfile|__import__|open|breakpoint)|(?:os|posix|nt)\.(?:system|popen|exec\w*|spawn\w*|posix_spawn\w*|startfile|remove|unlink)|(?:subprocess|commands|pty|runpy|code|codeop|pip|webbrowser|ctypes|_ctypes|bdb|pdb|timeit|cProfile|socket|requests|httpx|urllib|urllib2|http|ftplib|smtplib|asyncio|shutil|importlib|marshal|platform\.popen|nt|multiprocessing\.util)\.\S+|(?:torch|numpy)\.\S*(?:runstring|load_inline|_execfile)|types\.(?:CodeType|FunctionType)|setuptools\.\S+|distutils\.\S+)$/;
/** What scientific pickles call of those modules. */
const ORDINARY =
  /^(?:importlib\.import_module|code\.\w+\.__setstate__|asyncio\.\w+\.__setstate__|socket\.AddressFamily|http\.HTTPStatus|http\.cookiejar\.\S+|http\.cookies\.\S+|requests\.(?:cookies|structures|models|sessions|adapters)\.\S+|urllib\.parse\.\S+|multiprocessing\.\S+)$/;

/** Pickles whose loading runs something. */
export function picklesOf(archive: Evidence): HarmfulPickle[] {
  const loads = archive.events.filter((e) => e.sink === 'deserialise' && !e.name.startsWith('marshal.'));
  const loaded = new Map<PlacedMember, CallEvent>();
  for (const event of loads)
    for (const placed of bundledIn(archive.layout, event)) if (!loaded.has(placed)) loaded.set(placed, event);
  const found: HarmfulPickle[] = [];
  let read = 0;
  for (const placed of archive.layout.members) {
    const load = loaded.get(placed);
    if (load === undefined && !NAMES.test(placed.local) && !startsAsPickle(placed.member.head)) continue;
    const bytes = read++ < MAX_FILES ? bytesOf(placed, MAX_BYTES) : undefined;
    if (bytes === undefined) continue;
    const call = harmfulCallIn(bytes);
    if (call !== undefined) found.push({ placed, path: placed.path, ...call, load });
  }
  for (const nested of archive.archive.nested) {
    const outer = archive.layout.members.find((m) => m.path === nested.path);
    if (outer === undefined) continue;
    for (const member of nested.archive?.members ?? []) {
      if (!/\.(?:pkl|pickle)$/i.test(member.path) || member.sizeBytes > MAX_BYTES || read++ > MAX_FILES) continue;
      const bytes = bytesOf({ ...outer, member }, MAX_BYTES);
      const call = bytes === undefined ? undefined : harmfulCallIn(bytes);
      if (call !== undefined)
        found.push({ placed: outer, path: `${outer.path}!/${member.path}`, ...call, load: loaded.get(outer) });
    }
  }
  return found;
}

function startsAsPickle(head: Uint8Array): boolean {
  return head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 9) <= 5;
}

/** The first call of a pickle (or of those behind it) that runs something. */
export function harmfulCallIn(bytes: Buffer): { readonly callee: string; readonly text: string } | undefined {
  let at = 0;
  for (let i = 0; i < 8 && at < bytes.length; i++) {
    const pickle = readPickle(bytes.subarray(at));
    if (pickle === undefined) return undefined;
    const call = pickle.calls.find((c) => CALLEES.test(c.callee) && !ORDINARY.test(c.callee));
    if (call !== undefined) return { callee: call.callee, text: call.texts.join('\n').slice(0, 20_000) };
    if (!pickle.isComplete || pickle.end <= 0) return undefined;
    at += pickle.end;
  }
  return undefined;
}
