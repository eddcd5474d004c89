// Owns the lists of a syntax tree. Imports nothing. Start at trimmed.

const NOTHING: readonly never[] = [];

/**
 * The same elements without the room for sixteen more that V8 leaves behind what is pushed: a tree lives as long as the
 * scan of its archive, and most of its lists hold one or two. Nobody may write into what this gives.
 */
export function trimmed<T>(list: T[]): readonly T[] {
  return list.length === 0 ? NOTHING : list.slice();
}
