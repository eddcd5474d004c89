// Owns bytecode among the members: what it names, and how it comes to run. May import layout, decoders. Start at bytecodeOf.
import { readMarshal, readPyc, textOfCodes } from '../python/decoders/marshal.ts';
import type { CodeObject } from '../python/decoders/marshal-code.ts';
import type { ExecutionContext } from '../report/finding.ts';
import { type Act, actsIn } from './acts.ts';
import { bundledIn, bundledSources, bytesOf, isAside } from './bundled.ts';
import type { Evidence } from './evidence.ts';
import type { PlacedMember } from './layout.ts';

/** One member that is bytecode and that no source of the same archive explains. */
export interface Bytecode {
  readonly placed: PlacedMember;
  /**
   * - `orphan`: Python imports it, there is no source
   * - `disguised`: bytecode under another name
   * - `unlike-source`: cached bytecode that does what its source does not name
   */
  readonly how: 'orphan' | 'disguised' | 'unlike-source';
  readonly context: ExecutionContext;
  /** what the module's body names, and what its functions name beside */
  readonly bodyActs: ReadonlySet<Act>;
  readonly acts: ReadonlySet<Act>;
  /** it names nothing, so that nothing can be imported, called or looked up: what an empty module becomes */
  readonly isEmpty: boolean;
  /** names and texts, as one text: what a person reads */
  readonly text: string;
}

const MAX_BYTES = 8 * 2 ** 20;
const MAX_FILES = 2000;

/** Bytecode that a reader of the source would miss. */
export function bytecodeOf(archive: Evidence): Bytecode[] {
  const found: Bytecode[] = [];
  const unmarshalled = unmarshalledMembers(archive);
  let read = 0;
  for (const placed of archive.layout.members) {
    const isNamed = /\.py[co]$/i.test(placed.local);
    const context = unmarshalled.get(placed);
    if (!isNamed && context === undefined && !startsAsPyc(placed.member.head)) continue;
    if (isAside(placed) || read++ > MAX_FILES) continue;
    const source = isNamed ? sourceOf(archive, placed) : undefined;
    const codes = codesOf(placed);
    if (codes === undefined) continue;
    if (source !== undefined) {
      const unlike = unlikeSource(archive, placed, source, codes);
      if (unlike !== undefined) found.push(unlike);
      continue;
    }
    // Cached bytecode without its source is never imported by name.
    if (isNamed && placed.local.includes('__pycache__/') && context === undefined) continue;
    found.push({
      placed,
      how: isNamed ? 'orphan' : 'disguised',
      context: context ?? (isNamed ? 'import' : 'none'),
      ...factsOf(codes),
    });
  }
  return found;
}

function startsAsPyc(head: Uint8Array): boolean {
  return (
    head.length > 20 &&
    head[2] === 13 &&
    head[3] === 10 &&
    [8, 12, 16].some((at) => ((head[at] ?? 0) & 0x7f) === 0x63) &&
    ((head[1] ?? 0) === 0x0c || (head[1] ?? 0) === 0x0d || (head[1] ?? 0) === 0x0e || (head[1] ?? 0) === 0xf3)
  );
}

/** Members that the program hands to marshal, and when. */
function unmarshalledMembers(archive: Evidence): Map<PlacedMember, ExecutionContext> {
  const found = new Map<PlacedMember, ExecutionContext>();
  for (const event of archive.events) {
    if (event.sink !== 'deserialise' || !event.name.startsWith('marshal.')) continue;
    const members = [
      ...bundledIn(archive.layout, event),
      ...event.args.flatMap((a) => bundledSources(archive.layout, a)),
    ];
    for (const placed of members) {
      const known = found.get(placed);
      if (known === undefined || known === 'call') found.set(placed, event.context);
    }
  }
  return found;
}

/** `a/__pycache__/b.cpython-312.pyc` and `a/b.pyc` come from `a/b.py`. */
function sourceOf(archive: Evidence, placed: PlacedMember): PlacedMember | undefined {
  const { local } = placed;
  const { byPath } = archive.layout;
  const name = local.slice(local.lastIndexOf('/') + 1);
  const folder = local.slice(0, local.length - name.length).replace(/__pycache__\/$/, '');
  const stem = name.slice(0, name.indexOf('.') < 0 ? name.length : name.indexOf('.'));
  return (
    byPath.get(`${folder}${stem}.py`) ??
    byPath.get(`${folder}${stem}.pyw`) ??
    byPath.get(`${folder}${stem}.pyx`) ??
    byPath.get(`${folder}${name.replace(/\.py[co]$/i, '')}.py`)
  );
}

function codesOf(placed: PlacedMember): readonly CodeObject[] | undefined {
  const bytes = bytesOf(placed, MAX_BYTES);
  if (bytes === undefined) return undefined;
  const codes = (readPyc(bytes) ?? readMarshal(bytes) ?? readMarshal(bytes.subarray(16)))?.codes;
  return codes === undefined || codes.length === 0 ? undefined : codes;
}

function factsOf(codes: readonly CodeObject[]): Pick<Bytecode, 'acts' | 'bodyActs' | 'isEmpty' | 'text'> {
  const { names, strings } = textOfCodes(codes);
  const body = codes.find((c) => c.name === '<module>') ?? codes[0];
  const text = [...names, ...strings].join('\n').slice(0, 2_000_000);
  const bodyText = body === undefined ? '' : [...body.names, ...body.strings].join('\n').slice(0, 2_000_000);
  return {
    acts: withNames(actsIn(text), names),
    bodyActs: withNames(actsIn(bodyText), body?.names ?? []),
    isEmpty: codes.every((code) => code.names.length === 0 && code.isPlausible),
    text,
  };
}

/** In bytecode an attribute stands alone: `environ`, `system`, `loads`. */
function withNames(acts: ReadonlySet<Act>, names: readonly string[]): ReadonlySet<Act> {
  const more = new Set(acts);
  const has = (...wanted: string[]): boolean => wanted.some((w) => names.includes(w));
  if (has('environ') && !has('get', 'getenv')) more.add('environment');
  if (has('system') && has('os')) more.add('process');
  if (has('CDLL', 'WinDLL', 'windll')) more.add('native');
  return more;
}

const ACTING =
  /^(?:exec|eval|urlopen|urlretrieve|socket|Popen|system|popen|check_output|environ|b64decode|decompress|marshal|ctypes|requests|httpx|urllib|subprocess|base64)$/;

/** Cached bytecode may be older than its source; it does not import and start what the source never names. */
function unlikeSource(
  archive: Evidence,
  placed: PlacedMember,
  source: PlacedMember,
  codes: readonly CodeObject[],
): Bytecode | undefined {
  const text = archive.sources.textOf(source);
  if (text === undefined) return undefined;
  const { names } = textOfCodes(codes);
  const strange = names.filter((n) => ACTING.test(n) && !text.includes(n));
  if (strange.length < 2) return undefined;
  return { placed, how: 'unlike-source', context: 'import', ...factsOf(codes) };
}
