import NodeCache from 'node-cache';

/** A cache by least recent use, bounded by the sum of what its entries cost. */
export interface CostCache<T> {
  get(key: string): T | undefined;
  /** Adds or replaces; others leave until the sum fits. What costs more than the whole cache is not kept. */
  set(key: string, value: T, cost: number): void;
  delete(key: string): void;
}

/** @param maxCost in the caller's unit, e.g. files of project pages */
export function createCostCache<T>(maxCost: number): CostCache<T> {
  // values are shared, not copied: a page of 10,000 files is cloned by nobody
  const values = new NodeCache({ useClones: false, checkperiod: 0, stdTTL: 0 });
  /** least recently used first */
  const costs = new Map<string, number>();
  let total = 0;

  const drop = (key: string): void => {
    total -= costs.get(key) ?? 0;
    costs.delete(key);
    values.del(key);
  };
  return {
    get(key) {
      const cost = costs.get(key);
      if (cost === undefined) return undefined;
      costs.delete(key);
      costs.set(key, cost);
      return values.get<T>(key);
    },
    set(key, value, cost) {
      drop(key);
      if (cost > maxCost) return;
      costs.set(key, cost);
      total += cost;
      values.set(key, value);
      for (const oldest of costs.keys()) {
        if (total <= maxCost) break;
        drop(oldest);
      }
    },
    delete: drop,
  };
}
