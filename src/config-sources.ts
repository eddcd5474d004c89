// Owns where settings come from: files, environment, flags, merged in that order. May import the schema and yaml.
// Start at mergeSources. What cannot be read of a source is among its problems: all are named at once.
import { isMap, isNode, isScalar, isSeq, LineCounter, parse, parseDocument, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import { suggest } from './config-problems.ts';
import { configSchema, listConfigPaths } from './config-schema.ts';

/** Nested keys and values as one source gives them. */
export type ConfigTree = Readonly<Record<string, unknown>>;

/** Keys, and of lists positions from 0. */
export type ConfigPath = readonly (string | number)[];

export interface ConfigSource {
  readonly tree: ConfigTree;
  /** what cannot be read of it, each with its place */
  readonly problems: readonly string[];
  /** Where a key stands, for a person: `cordon.yaml:3`, `CORDON_MODE`, `--set mode`. */
  readonly placeOf: (path: ConfigPath) => { readonly name: string; readonly line?: number };
}

/** Environment variables of ours that are no keys. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set([
  'CORDON_CONFIG',
  'CORDON_URL',
  'CORDON_TOKEN',
  // where the end-to-end tests keep their installers
  'CORDON_E2E_CACHE',
]);

const PATHS = listConfigPaths();
const KNOWN_KEYS = PATHS.map((path) => path.join('.'));

/** `['scan', 'memoryMiB']` → `CORDON_SCAN_MEMORY_MIB` */
export function variableOf(path: readonly string[]): string {
  const words = path.map((key) =>
    key.replace(/MiB$|GiB$/, (unit) => `_${unit.toUpperCase()}`).replace(/(?<=[a-z0-9])([A-Z])/g, '_$1'),
  );
  return `CORDON_${words.join('_').toUpperCase().replace(/__+/g, '_')}`;
}

const PATH_OF_VARIABLE: ReadonlyMap<string, readonly string[]> = new Map(
  PATHS.map((path) => [variableOf(path), path] as const),
);

function isTree(value: unknown): value is ConfigTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function findPair(map: YAMLMap, key: string | number): YAMLMap['items'][number] | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

/** The line (from 1) of a key; where it is absent, of what should hold it. */
function findLine(contents: unknown, path: ConfigPath, lines: LineCounter): number {
  let node = contents;
  let offset = 0;
  for (const part of path) {
    const pair = isMap(node) ? findPair(node, part) : undefined;
    const place: unknown = isSeq(node) ? node.items[Number(part)] : pair?.key;
    if (!isNode(place)) break;
    offset = place.range?.[0] ?? offset;
    node = pair === undefined ? place : pair.value;
  }
  return lines.linePos(offset).line;
}

function broken(name: string, problems: readonly string[]): ConfigSource {
  return { tree: {}, problems, placeOf: () => ({ name }) };
}

/** A settings file that cannot be read. */
export function unreadableFile(name: string, error: unknown): ConfigSource {
  const code = (error as NodeJS.ErrnoException).code ?? 'no code';
  return broken(name, [`cannot read the settings file ${name} (${code})`]);
}

/** Reads a settings file's text. */
export function parseConfigFile(text: string, name: string): ConfigSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const lineOf = ({ pos }: { readonly pos: readonly [number, number] }): number => lines.linePos(pos[0]).line;
    return broken(
      name,
      document.errors.map((error) => `${name}:${String(lineOf(error))}: ${error.message}`),
    );
  }
  let value: unknown;
  try {
    value = document.toJS() as unknown;
  } catch (error) {
    // an alias without its anchor, or a few that mean billions
    return broken(name, [`${name}: ${error instanceof Error ? error.message : String(error)}`]);
  }
  if (value !== null && value !== undefined && !isTree(value)) {
    return broken(name, [`${name}:1: expected keys and values at the top level`]);
  }
  return {
    tree: value ?? {},
    problems: [],
    placeOf: (path) => {
      const line = findLine(document.contents, path, lines);
      return { name: `${name}:${String(line)}`, line };
    },
  };
}

function withValue(tree: ConfigTree, path: readonly string[], value: unknown): ConfigTree {
  const [key, ...rest] = path;
  if (key === undefined) return tree;
  const below = tree[key];
  return { ...tree, [key]: rest.length === 0 ? value : withValue(isTree(below) ? below : {}, rest, value) };
}

/** Text from the environment or a flag: YAML (numbers, true, null, [lists]), or a comma list where the key is a list. */
function parseText(path: readonly string[], text: string): unknown {
  const isList = schemaAt(path)?.def.type === 'array';
  if (isList && !/^\s*[[{-]/.test(text))
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  return parse(text, { prettyErrors: false }) as unknown;
}

function schemaAt(path: readonly string[]): z.ZodType | undefined {
  let schema: z.ZodType | undefined = configSchema;
  for (const key of path) schema = (schema as { shape?: Record<string, z.ZodType> } | undefined)?.shape?.[key];
  return schema;
}

interface Text {
  /** how a person wrote it: `CORDON_MODE`, `--set mode` */
  readonly name: string;
  readonly path: readonly string[];
  readonly text: string;
}

/** A source that gives each value as a text of its own. */
function readTexts(texts: readonly Text[], unknown: readonly string[]): ConfigSource {
  let tree: ConfigTree = {};
  const problems = [...unknown];
  for (const { name, path, text } of texts) {
    try {
      tree = withValue(tree, path, parseText(path, text));
    } catch (error) {
      problems.push(`${name}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const placeOf: ConfigSource['placeOf'] = (path) => {
    const found = texts.findLast((each) => each.path.every((part, index) => part === path[index]));
    return { name: found?.name ?? path.join('.') };
  };
  return { tree, problems, placeOf };
}

/**
 * The settings of `CORDON_*` variables. An empty variable counts as not set.
 *
 * @param references names of variables that the settings point to (passwords), which are no keys
 */
export function readVariables(
  variables: Readonly<Record<string, string | undefined>>,
  references: ReadonlySet<string>,
): ConfigSource {
  const texts: Text[] = [];
  const unknown: string[] = [];
  for (const [name, text] of Object.entries(variables)) {
    if (!name.startsWith('CORDON_') || text === undefined || text === '') continue;
    if (OTHER_VARIABLES.has(name) || references.has(name)) continue;
    const path = PATH_OF_VARIABLE.get(name);
    if (path === undefined) unknown.push(`${name}: unknown variable${suggest(name, PATH_OF_VARIABLE.keys())}`);
    else texts.push({ name, path, text });
  }
  return readTexts(texts, unknown);
}

/** The settings of flags: pairs of dotted key and text, e.g. `['listen.port', '9000']`. */
export function readFlags(flags: readonly (readonly [string, string])[]): ConfigSource {
  const texts: Text[] = [];
  const unknown: string[] = [];
  for (const [key, text] of flags) {
    const name = `--set ${key}`;
    if (KNOWN_KEYS.includes(key)) texts.push({ name, path: key.split('.'), text });
    else unknown.push(`${name}: unknown key${suggest(key, KNOWN_KEYS)}`);
  }
  return readTexts(texts, unknown);
}

/**
 * Lays later sources over earlier ones: sections key by key, values and lists whole. A section without anything in it (all its
 * lines are comments) changes nothing.
 */
export function mergeSources(sources: readonly Pick<ConfigSource, 'tree'>[]): ConfigTree {
  const merge = (below: ConfigTree, above: ConfigTree): ConfigTree => {
    const merged: Record<string, unknown> = { ...below };
    for (const [key, value] of Object.entries(above)) {
      const old = merged[key];
      if (isTree(old) && value === null) continue;
      merged[key] = isTree(old) && isTree(value) ? merge(old, value) : value;
    }
    return merged;
  };
  return sources.reduce<ConfigTree>((tree, source) => merge(tree, source.tree), {});
}
