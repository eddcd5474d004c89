// Owns where settings come from: files, environment, flags, merged in that order. May import errors, the schema and policy's edit distance.
// Start at mergeSources. What a source names that no schema knows stops the start.
import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { configSchema, listConfigPaths, upstreamSchema } from './config-schema.ts';
import { CordonError } from './errors.ts';
import { editDistance } from './policy/edit-distance.ts';

/** Nested keys and values as one source gives them. */
export type ConfigTree = Readonly<Record<string, unknown>>;

export interface ConfigSource {
  /** for messages, e.g. `cordon.yaml` or `environment` */
  readonly name: string;
  readonly tree: ConfigTree;
}

/** Environment variables of ours that are no keys. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set([
  'CORDON_CONFIG',
  'CORDON_URL',
  'CORDON_TOKEN',
  // where the end-to-end tests keep their installers
  'CORDON_E2E_CACHE',
]);

/** Longer words are cut before they are compared. */
const MAX_WORD = 80;

const PATHS = listConfigPaths();

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

/** The known word that looks most like `word`, without regard to case. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const steps = editDistance(word.toLowerCase().slice(0, MAX_WORD), candidate.toLowerCase(), MAX_WORD);
    if (steps < bestDistance) {
      best = candidate;
      bestDistance = steps;
    }
  }
  return best;
}

function unknownKey(what: string, source: string, known: Iterable<string>): CordonError {
  const suggestion = nearest(what, known);
  const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`;
  return new CordonError('CONFIG_INVALID', `unknown key "${what}" in ${source}${hint}`);
}

function isTree(value: unknown): value is ConfigTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a settings file's text. Throws CONFIG_INVALID with the line of a syntax error. */
export function parseConfigFile(text: string, name: string): ConfigSource {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw new CordonError('CONFIG_INVALID', `${name}: ${error.message}`, { cause: error });
    throw error;
  }
  if (value === null || value === undefined) return { name, tree: {} };
  if (!isTree(value)) throw new CordonError('CONFIG_INVALID', `${name}: expected keys and values at the top level`);
  return { name, tree: value };
}

function withValue(tree: ConfigTree, path: readonly string[], value: unknown): ConfigTree {
  const [key, ...rest] = path;
  if (key === undefined) return tree;
  const below = tree[key];
  return { ...tree, [key]: rest.length === 0 ? value : withValue(isTree(below) ? below : {}, rest, value) };
}

/** Text from the environment or a flag: YAML (numbers, true, null, [lists]), or a comma list where the key is a list. */
function parseText(path: readonly string[], text: string, source: string): unknown {
  const isList = typeof schemaAt(path) === 'object' && schemaAt(path)?.def.type === 'array';
  if (isList && !/^\s*[[{-]/.test(text))
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw new CordonError('CONFIG_INVALID', `${source}: cannot read the value of ${path.join('.')}`, { cause: error });
  }
}

function schemaAt(path: readonly string[]): z.ZodType | undefined {
  let schema: z.ZodType | undefined = configSchema;
  for (const key of path) schema = (schema as { shape?: Record<string, z.ZodType> } | undefined)?.shape?.[key];
  return schema;
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
  let tree: ConfigTree = {};
  for (const [variable, value] of Object.entries(variables)) {
    if (!variable.startsWith('CORDON_') || value === undefined || value === '') continue;
    if (OTHER_VARIABLES.has(variable) || references.has(variable)) continue;
    const path = PATH_OF_VARIABLE.get(variable);
    if (path === undefined) throw unknownKey(variable, 'the environment', PATH_OF_VARIABLE.keys());
    tree = withValue(tree, path, parseText(path, value, variable));
  }
  return { name: 'the environment', tree };
}

/** The settings of flags: pairs of dotted key and text, e.g. `['listen.port', '9000']`. */
export function readFlags(flags: readonly (readonly [string, string])[]): ConfigSource {
  let tree: ConfigTree = {};
  const known = PATHS.map((path) => path.join('.'));
  for (const [key, text] of flags) {
    if (!known.includes(key)) throw unknownKey(key, 'the flags', known);
    const path = key.split('.');
    tree = withValue(tree, path, parseText(path, text, `--set ${key}`));
  }
  return { name: 'the flags', tree };
}

/** Throws CONFIG_INVALID at the first key that the schema does not know. */
export function checkKeys(source: ConfigSource): void {
  const known = PATHS.map((path) => path.join('.'));
  const sections = new Set(PATHS.flatMap((path) => path.map((_, index) => path.slice(0, index + 1).join('.'))));
  const visit = (tree: ConfigTree, prefix: string): void => {
    for (const [key, value] of Object.entries(tree)) {
      const path = `${prefix}${key}`;
      if (!sections.has(path)) throw unknownKey(path, source.name, [...sections]);
      if (isTree(value) && !known.includes(path)) visit(value, `${path}.`);
    }
  };
  visit(source.tree, '');
  const upstreams: unknown = source.tree['upstreams'];
  if (!Array.isArray(upstreams)) return;
  for (const upstream of upstreams as readonly unknown[]) {
    if (!isTree(upstream)) continue;
    const keys = Object.keys(upstreamSchema.shape);
    const unknown = Object.keys(upstream).find((key) => !keys.includes(key));
    if (unknown !== undefined) throw unknownKey(unknown, `an upstream of ${source.name}`, keys);
  }
}

/** Lays later sources over earlier ones: sections key by key, values and lists whole. */
export function mergeSources(sources: readonly ConfigSource[]): ConfigTree {
  const merge = (below: ConfigTree, above: ConfigTree): ConfigTree => {
    const merged: Record<string, unknown> = { ...below };
    for (const [key, value] of Object.entries(above)) {
      const old = merged[key];
      merged[key] = isTree(old) && isTree(value) ? merge(old, value) : value;
    }
    return merged;
  };
  return sources.reduce<ConfigTree>((tree, source) => merge(tree, source.tree), {});
}
