// Owns the archive as a Python program: which member an import means, its text and its syntax tree. May import archive, python.
// Start at openSources.
import { BudgetError } from '../archive/archive.ts';
import type { Module } from '../python/ast.ts';
import { decodeValue } from '../python/flow/decoding.ts';
import type { ParsedUnit, Program } from '../python/flow/machine.ts';
import type { Unit } from '../python/flow/value.ts';
import { parsePython } from '../python/parser.ts';
import { decodeSource } from '../python/source.ts';
import type { Layout, PlacedMember } from './layout.ts';

/** A Python member, read and parsed at most once. */
export interface Source {
  readonly placed: PlacedMember;
  readonly unit: Unit;
  readonly module: Module;
  /** a part of the text is missing from the tree */
  readonly isExhausted: boolean;
  readonly errorCount: number;
}

/** Python in the archive. */
export interface Sources extends Program {
  /** undefined: not Python, unreadable, or set aside by the prefilter */
  sourceOf(placed: PlacedMember): Source | undefined;
  /** decoded text of a member; undefined: too large or unreadable */
  textOf(placed: PlacedMember): string | undefined;
  /** members whose content could not be had, and why */
  readonly unreadable: ReadonlyMap<string, string>;
  readonly parsedBytes: () => number;
}

const MAX_TEXT_BYTES = 12 * 2 ** 20;
const MAX_DATA_BYTES = 4 * 2 ** 20;
/** A hostile program may ask for names without end. */
const MAX_REMEMBERED = 50_000;
const MAX_CODE_TEXT = 8 * 2 ** 20;

/** `isWanted`: whether a member is worth parsing (the prefilter's answer). */
export function openSources(layout: Layout, isWanted: (placed: PlacedMember) => boolean): Sources {
  const parsed = new Map<PlacedMember, Source | undefined>();
  const unreadable = new Map<string, string>();
  let parsedBytes = 0;

  const textOf = (placed: PlacedMember): string | undefined => {
    if (placed.member.sizeBytes > MAX_TEXT_BYTES) {
      unreadable.set(placed.path, `${placed.member.sizeBytes} bytes of source are more than is read`);
      return undefined;
    }
    try {
      return decodeSource(placed.member.read()).text;
    } catch (error) {
      if (!(error instanceof BudgetError)) throw error;
      unreadable.set(placed.path, error.message);
      return undefined;
    }
  };

  const sourceOf = (placed: PlacedMember): Source | undefined => {
    if (parsed.has(placed)) return parsed.get(placed);
    parsed.set(placed, undefined);
    if (!/\.py[w]?$/.test(placed.local) || !isWanted(placed)) return undefined;
    const text = textOf(placed);
    if (text === undefined) return undefined;
    parsedBytes += placed.member.sizeBytes;
    const { module, errors, exhausted } = parsePython(text);
    const source: Source = {
      placed,
      unit: unitOf(placed, layout, text),
      module,
      isExhausted: exhausted,
      errorCount: errors.length,
    };
    parsed.set(placed, source);
    return source;
  };

  const at = (local: string): ParsedUnit | undefined => {
    const placed = layout.byPath.get(local);
    return placed === undefined ? undefined : sourceOf(placed);
  };

  const below = (folder: string, name: string): ParsedUnit | undefined => {
    const path = folder + name.replaceAll('.', '/');
    return at(`${path}.py`) ?? at(`${path}/__init__.py`);
  };

  const inRoots = remembered((name: string): ParsedUnit | undefined => {
    for (const root of layout.roots) {
      const found = below(root, name);
      if (found !== undefined) return found;
    }
    return undefined;
  });

  const inFolder = remembered((folder: string) => remembered((name: string) => below(folder, name)));
  const byArchivePath = new Map(layout.members.toReversed().map((m) => [m.path, m]));
  const folders = remembered((path: string) => folderOf(path, layout, byArchivePath));

  const findModule = (name: string, importer: Unit): ParsedUnit | undefined => {
    if (name === '' || name.length > 300) return undefined;
    const found = inRoots(name);
    if (found !== undefined) return found;
    // Scripts and Python 2 look beside the importer first.
    const folder = folders(importer.path);
    if (folder === '' || STANDARD.test(name)) return undefined;
    return inFolder(folder)(name);
  };

  const locate = (path: string, from: Unit): PlacedMember | undefined => {
    const clean = path
      .replace(/^‹here›[\\/]+/, '')
      .replaceAll('\\', '/')
      .replace(/^(?:\.\/)+/, '');
    if (clean === '' || clean.length > 400) return undefined;
    if (clean === '‹file›') return byArchivePath.get(from.path.replace(/#.*$/, ''));
    return layout.byPath.get(normal(folders(from.path) + clean)) ?? layout.byPath.get(normal(clean));
  };

  return {
    sourceOf,
    textOf,
    unreadable,
    parsedBytes: () => parsedBytes,
    findModule,
    findScript: (path, from) => {
      const placed = locate(path, from);
      if (placed === undefined) return undefined;
      return sourceOf(placed) ?? otherScript(placed, layout, textOf);
    },
    findText: (path, from) => {
      const placed = locate(path, from);
      return placed === undefined || placed.member.sizeBytes > 4 * 2 ** 20 ? undefined : textOf(placed);
    },
    findBytes: (path, from) => {
      const placed = locate(path, from);
      if (placed === undefined || placed.member.sizeBytes > MAX_DATA_BYTES) return undefined;
      try {
        const bytes = placed.member.read();
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
      } catch (error) {
        if (!(error instanceof BudgetError)) throw error;
        return undefined;
      }
    },
    parseText: (text) => parseLoose(text),
    decode: decodeValue,
  };
}

/** The same answers, each found once: an import statement may be read a thousand times. */
function remembered<Answer>(find: (key: string) => Answer): (key: string) => Answer {
  const known = new Map<string, Answer>();
  return (key) => {
    const answer = known.get(key);
    if (answer !== undefined || known.has(key)) return answer as Answer;
    const found = find(key);
    if (known.size < MAX_REMEMBERED) known.set(key, found);
    return found;
  };
}

const STANDARD =
  /^(?:os|sys|re|io|json|time|socket|subprocess|base64|string|random|types|logging|platform|code|token|select|signal|queue|copy|email|http|html|xml|test|calendar|statistics|secrets|typing|collections|abc)(?:\.|$)/;

function otherScript(
  placed: PlacedMember,
  layout: Layout,
  textOf: (p: PlacedMember) => string | undefined,
): ParsedUnit | undefined {
  const text = placed.member.sizeBytes < 2 ** 20 ? textOf(placed) : undefined;
  const module = text === undefined ? undefined : parseLoose(text);
  return module === undefined || text === undefined ? undefined : { unit: unitOf(placed, layout, text), module };
}

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** The folder of a unit, below the layout's root, ending in `/` unless empty. */
function folderOf(unitPath: string, layout: Layout, byArchivePath: ReadonlyMap<string, PlacedMember>): string {
  const path = unitPath.replace(/#.*$/, '');
  const placed = layout.byPath.get(path) ?? byArchivePath.get(path);
  const local = placed?.local ?? path;
  return local.slice(0, local.lastIndexOf('/') + 1);
}

function unitOf(placed: PlacedMember, layout: Layout, text: string): Unit {
  const { local } = placed;
  const isPackage = local.endsWith('__init__.py');
  if (placed.role === 'build' || placed.role === 'start-up')
    return { path: placed.path, module: '', text, isPackage: false };
  const root = layout.roots.find((r) => r !== '' && local.startsWith(r)) ?? '';
  const stem = local.slice(root.length).replace(isPackage ? /\/?__init__\.py$/ : /\.pyw?$/, '');
  return { path: placed.path, module: stem.replaceAll('/', '.'), text, isPackage };
}

/** Text as code: undefined unless it is Python that does something. */
export function parseLoose(text: string): Module | undefined {
  if (text === '' || text.length > MAX_CODE_TEXT) return undefined;
  const { module, errors } = parsePython(text);
  if (module.body.length === 0) return undefined;
  if (errors.length === 0) return module;
  // A broken line does not make the rest harmless.
  const known = module.body.filter((s) =>
    /^(?:Import|ImportFrom|FunctionDef|ClassDef|Assign|For|Try|With|If|While)$/.test(s.kind),
  ).length;
  return known >= 2 && known > errors.length ? module : undefined;
}
