// Owns the words for what is wrong with the settings, and the place of each: which source, which line. Imports the schema, zod,
// the sources' types and policy's edit distance. Start at describeIssues.
import type { z } from 'zod';
import { configSchema, listConfigPaths } from './config-schema.ts';
import type { ConfigPath, ConfigSource } from './config-sources.ts';
import { editDistance } from './policy/edit-distance.ts';

/** One thing that is wrong with a value, wherever it came from. */
export interface ConfigIssue {
  readonly path: ConfigPath;
  readonly message: string;
}

/** Longer words are cut before they are compared. */
const MAX_WORD = 80;

const PATHS = listConfigPaths();
const SECTIONS = new Set(PATHS.flatMap((path) => path.map((_, index) => path.slice(0, index + 1).join('.'))));

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

/** `; did you mean "listen.port"?` */
export function suggest(word: string, known: Iterable<string>): string {
  const suggestion = nearest(word, known);
  return suggestion === undefined ? '' : `; did you mean "${suggestion}"?`;
}

/** `upstreams[2].caFile`, counted from 1 as a person counts. */
function nameOf(path: ConfigPath): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${String(part + 1)}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

function valueAt(tree: unknown, path: ConfigPath): unknown {
  let value = tree;
  for (const part of path) value = (value as Record<string | number, unknown> | null | undefined)?.[part];
  return value;
}

/** The keys that the schema knows of an element of a list. */
function listKeys(path: ConfigPath): readonly string[] {
  let schema: unknown = configSchema;
  for (const part of path) {
    const { shape, element } = schema as { shape?: Record<string, unknown>; element?: unknown };
    schema = typeof part === 'number' ? element : shape?.[part];
    if (schema === undefined) return [];
  }
  return Object.keys((schema as { shape?: object }).shape ?? {});
}

/** The source whose value is in force at this path: of a list the one that gave the whole list. */
function findSource(path: ConfigPath, sources: readonly ConfigSource[]): ConfigSource | undefined {
  const known = PATHS.find((each) => each.every((part, index) => part === path[index]));
  const decisive = known ?? path;
  return sources.findLast(({ tree }) => valueAt(tree, decisive) !== undefined);
}

function toIssues(issue: z.core.$ZodIssue, tree: unknown): readonly ConfigIssue[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const place = [...path, key];
      const isInList = path.some((part) => typeof part === 'number');
      const hint = isInList ? suggest(key, listKeys(path)) : suggest(nameOf(place), SECTIONS);
      return { path: place, message: `unknown key "${nameOf(place)}"${hint}` };
    });
  }
  const message = valueAt(tree, path) === undefined ? 'is missing' : issue.message;
  return [{ path, message: `${nameOf(path)}: ${message}` }];
}

/** What a schema said of the merged settings, as issues. */
export function describeIssues(error: z.ZodError, tree: unknown): readonly ConfigIssue[] {
  return error.issues.flatMap((issue) => toIssues(issue, tree));
}

/** An issue of a known key in words. */
export function issueOf(path: ConfigPath, message: string): ConfigIssue {
  return { path, message: `${nameOf(path)}: ${message}` };
}

/** One line a problem, in the order of the sources and of their lines: where it is, and what is wrong. */
export function listProblems(issues: readonly ConfigIssue[], sources: readonly ConfigSource[]): readonly string[] {
  const placed = issues.map(({ path, message }) => {
    const source = findSource(path, sources);
    const place = source?.placeOf(path);
    // `--set listen.port: …` has named the key
    const isNamed = place !== undefined && message.startsWith(`${place.name.replace(/^--set /, '')}: `);
    const text = place === undefined || isNamed ? message : `${place.name}: ${message}`;
    return { source, line: place?.line ?? 0, text: isNamed ? `--set ${text}` : text };
  });
  return sources.flatMap((source) => {
    const found = placed.filter((each) => each.source === source).sort((a, b) => a.line - b.line);
    return [...source.problems, ...found.map(({ text }) => text)];
  });
}
