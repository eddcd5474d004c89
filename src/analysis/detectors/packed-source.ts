// Owns modules that are a packed blob or unreadable on purpose. Start at packedSource.
import type { Source } from '../evidence/sources.ts';
import type { Expr, Stmt } from '../python/ast.ts';
import { walk } from '../python/walk.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt } from './detector.ts';

const ID = 'packed-source';
const MIN_BLOB = 1_500;
const MIN_PROTECTED = 1_000;
/** names that only differ in look-alike letters */
const CONFUSABLE =
  /^(?:[Il1]{8,}|[oO0]{8,}|[oOD]{10,}|[S2]{8,}|[xXwW]{10,}|[MNmn]{12,}|[JIL]{10,}|_0x[0-9a-f]{4,}|[_]{8,}[a-z]?|[Il]{4,}[Il1]{4,}\w*)$/;
/** how each of them begins: few words do, so that few are asked for the rest */
const LOOK_ALIKE = /\b(?:_0x|[Il1oO0DS2xXwWMNmnJL_]{4})\w*/g;
const MAX_SCAN = 400_000;
/** Such names mean something where they are made code, or looked up. */
const RUNS_NAMES = /\b(?:exec|eval|__import__|compile|getattr)\b/;
const NO_NAMES: ReadonlySet<string> = new Set();

/** Bytes or text that one module-level call is handed, when it is most of the module. */
function blobOf(source: Source): { line: number; size: number } | undefined {
  const { text } = source.unit;
  for (const statement of source.module.body) {
    const call = callOf(statement);
    if (call === undefined || call.kind !== 'Call') continue;
    for (const arg of [...call.args, ...call.keywords.map((k) => k.value)]) {
      const size = literalSize(arg);
      if (size > MIN_BLOB && arg.end - arg.start > text.length * 0.6) return { line: statement.line, size };
    }
  }
  return undefined;
}

/** A call in a build script, wherever it stands, that is told who runs it and is handed what nobody can read. */
function protectedCallOf(source: Source): { line: number; size: number } | undefined {
  if (source.placed.role !== 'build' || !/__(?:name|file)__/.test(source.unit.text)) return undefined;
  let found: { line: number; size: number } | undefined;
  walk(source.module, (node) => {
    if (found !== undefined) return false;
    if (node.kind !== 'Call' || !node.args.some(isOwnName)) return undefined;
    const size = Math.max(0, ...node.args.map((arg) => (isBytes(arg) ? literalSize(arg) : 0)));
    if (size > MIN_PROTECTED) found = { line: node.line, size };
    return undefined;
  });
  return found;
}

function isOwnName(node: Expr): boolean {
  return node.kind === 'Name' && (node.id === '__name__' || node.id === '__file__');
}

function isBytes(node: Expr): boolean {
  return node.kind === 'Constant' && node.type === 'bytes';
}

function callOf(statement: Stmt): Expr | undefined {
  if (statement.kind === 'Expr') return statement.value;
  return statement.kind === 'Assign' ? statement.value : undefined;
}

/** Ciphers and compressed code; descriptors and tables are full of readable names. */
function isDense(bytes: Uint8Array): boolean {
  let readable = 0;
  const length = Math.min(bytes.length, 4_000);
  for (let i = 0; i < length; i++) if ((bytes[i] ?? 0) >= 32 && (bytes[i] ?? 0) < 127) readable++;
  return readable < length * 0.6;
}

/** How pictures begin, as bytes and in base64 (PNG, JPEG, GIF, ICO): an icon that a module brings along is looked at. */
const PICTURE_BYTES = /^(?:\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|\0\0\x01\0)/;
const PICTURE_TEXT = /^(?:iVBORw0KGgo|\/9j\/|R0lGOD|AAABAA)/;

function isPicture(node: Expr): boolean {
  if (node.kind !== 'Constant') return false;
  if (node.type === 'bytes') return PICTURE_BYTES.test(Buffer.from(node.value.subarray(0, 8)).toString('latin1'));
  return node.type === 'str' && PICTURE_TEXT.test(node.value);
}

function literalSize(node: Expr): number {
  if (node.kind !== 'Constant' || isPicture(node)) return 0;
  return node.type === 'bytes'
    ? isDense(node.value)
      ? node.value.length
      : 0
    : node.type === 'str' && !/\s/.test(node.value.slice(0, 400))
      ? node.value.length
      : 0;
}

function confusableNames(text: string): Set<string> {
  const names = new Set<string>();
  for (const match of text.slice(0, MAX_SCAN).matchAll(LOOK_ALIKE)) {
    const [name] = match;
    if (!CONFUSABLE.test(name) || /^_+$|^1+$|^0+$/.test(name)) continue;
    names.add(name);
    if (names.size > 20) break;
  }
  return names;
}

/** A blob handed to a loader, or names made to be confused. */
export const packedSource: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const source of archive.modules) {
      const { placed, unit } = source;
      const context = placed.role === 'build' ? 'install' : placed.role === 'start-up' ? 'start-up' : 'import';
      const blob = blobOf(source) ?? protectedCallOf(source);
      if (blob !== undefined)
        findings.push(
          findingAt(
            ID,
            { path: placed.path, line: blob.line, snippet: unit.text.slice(0, 200) },
            {
              // A build script has no product to protect.
              score: context === 'import' ? 6 : 10,
              class: context === 'import' ? 'suspicious' : 'malware',
              context,
              message: `Hands ${blob.size} bytes that nobody can read to a loader.`,
            },
          ),
        );
      const names = RUNS_NAMES.test(unit.text) ? confusableNames(unit.text) : NO_NAMES;
      if (names.size >= 6)
        findings.push(
          findingAt(
            ID,
            { path: placed.path, line: 1, snippet: [...names].slice(0, 6).join(' ') },
            {
              score: context === 'import' ? 7 : 10,
              class: context === 'import' ? 'suspicious' : 'malware',
              context,
              message: 'Uses names that are made to be confused with one another.',
            },
          ),
        );
    }
    return findings;
  },
};
