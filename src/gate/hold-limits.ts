import { CordonError } from '../errors.ts';

/** Counts the file requests that wait for a verdict, in total and per client: uv alone parks thirty and more. */
export interface HoldLimits {
  /** Takes a place; the result gives it back (once). Throws OVERLOADED when there is none. */
  enter(client: string): () => void;
  /** places taken */
  count(): number;
}

/** @param limits places in total and for one client address */
export function createHoldLimits(limits: {
  readonly maxHolds: number;
  readonly maxHoldsPerClient: number;
}): HoldLimits {
  const perClient = new Map<string, number>();
  let total = 0;

  function leave(client: string): void {
    total--;
    const left = (perClient.get(client) ?? 1) - 1;
    if (left === 0) perClient.delete(client);
    else perClient.set(client, left);
  }

  return {
    enter(client) {
      const own = perClient.get(client) ?? 0;
      if (total >= limits.maxHolds || own >= limits.maxHoldsPerClient) {
        throw new CordonError('OVERLOADED', 'too many requests wait for a scan; try again in a moment');
      }
      total++;
      perClient.set(client, own + 1);
      let isIn = true;
      return () => {
        if (isIn) leave(client);
        isIn = false;
      };
    },
    count: () => total,
  };
}
