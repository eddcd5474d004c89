import type { Connection } from './connection.ts';

/** Answers remembered between two writes; beyond that all are forgotten. */
const MAX_ANSWERS = 20_000;

/**
 * A question whose answers are remembered until anything at all is written: nobody else writes to this database, and a busy
 * server asks the same thousands of times between two writes. Values are shared: they must never be changed.
 */
export function cacheReads<T>({ writes }: Pick<Connection, 'writes'>, read: (key: string) => T): (key: string) => T {
  const answers = new Map<string, { readonly value: T }>();
  let readAt = -1;
  return (key) => {
    if (readAt !== writes() || answers.size >= MAX_ANSWERS) answers.clear();
    readAt = writes();
    const known = answers.get(key);
    if (known !== undefined) return known.value;
    const value = read(key);
    answers.set(key, { value });
    return value;
  };
}
