// Owns what is known of a `pathlib.Path` without a disk: parts of its name, and that a root is a folder. Imports values and
// text. Start at namedPart, PATH_TESTS, isCertain.
import type { Expr, Node } from '../ast.ts';
import type { Machine } from './machine.ts';
import type { SpecialCall } from './special.ts';
import { textOf } from './text.ts';
import { bool, type RefValue, type Site, str, type Value } from './value.ts';

const MAX_DEPTH = 8;

/** The last segment of a path where all of it is text: `Path(folder, 'a.zip')`; undefined: a part of it is open. */
function lastSegmentOf(value: Value | undefined, depth = 0): string | undefined {
  if (value === undefined || depth > MAX_DEPTH) return undefined;
  if (value.kind === 'ref')
    return value.call?.name === 'pathlib.Path' ? lastSegmentOf(value.call.args.at(-1), depth + 1) : undefined;
  const tail = value.kind === 'template' ? value.parts.at(-1) : value.kind === 'str' ? `/${value.value}` : undefined;
  return typeof tail === 'string' ? /[\\/]([^\\/*?]+)$/.exec(tail)?.[1] : undefined;
}

/** `path.name`, `path.stem` and `path.suffix` of a path whose last segment is known. */
export function namedPart(path: RefValue, attribute: string): Value | undefined {
  if (attribute !== 'name' && attribute !== 'stem' && attribute !== 'suffix') return undefined;
  const name = lastSegmentOf(path);
  if (name === undefined || name === '.' || name === '..') return undefined;
  const suffix = /[^.](\.[^.]+)$/.exec(name)?.[1] ?? '';
  if (attribute === 'name') return str(name);
  return str(attribute === 'suffix' ? suffix : name.slice(0, name.length - suffix.length));
}

/** Calls whose answer is the same on every machine. */
const certain = new WeakSet<Node>();

/** Whether a condition is such a call, or its negation: what it leaves out runs nowhere. */
export function isCertain(test: Expr): boolean {
  return test.kind === 'UnaryOp' && test.op === 'Not' ? isCertain(test.operand) : certain.has(test);
}

/** Whether a test holds of a path that every machine has: `/` is a folder, and nothing else. */
function rootTest(path: Value | undefined, test: string, { node }: Site): Value | undefined {
  if (path === undefined || !/^\/+$/.test(textOf(path))) return undefined;
  certain.add(node);
  return bool(/^(?:is_?dir|l?exists|is_?mount)$/.test(test));
}

/** Tests of paths, by the names of their functions and methods. */
export const PATH_TESTS: readonly (readonly [string, (machine: Machine, call: SpecialCall) => Value | undefined])[] = [
  ...['is_dir', 'is_file', 'is_symlink', 'is_mount', 'exists'].map(
    (test) =>
      [
        `pathlib.Path().${test}`,
        (_machine: Machine, { callee, site }: SpecialCall) =>
          rootTest({ ...callee, name: 'pathlib.Path()' }, test, site),
      ] as const,
  ),
  ...['isdir', 'isfile', 'islink', 'ismount', 'exists', 'lexists'].map(
    (test) =>
      [
        `os.path.${test}`,
        (_machine: Machine, { args: [path], site }: SpecialCall) => rootTest(path, test, site),
      ] as const,
  ),
];
