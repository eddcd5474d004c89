const WINDOW_MS = 300_000;
/** More clients than this in one window share what is left: the budget is a courtesy, not an account. */
const MAX_CLIENTS = 10_000;

/** The time that project pages may make one client wait, in five minutes. */
export interface WaitBudget {
  /**
   * ms that this client may still wait, at most `wantedMs`
   *
   * @param share of the budget that may be used up by it, 0 to 1
   */
  findLeft(client: string, wantedMs: number, share: number): number;
  /** books a wait that took place */
  spend(client: string, waitedMs: number): void;
}

/** @param now the clock, UTC ms */
export function createWaitBudget(budgetMs: number, now: () => number): WaitBudget {
  const spent = new Map<string, { readonly since: number; readonly waitedMs: number }>();

  function findSpent(client: string): { readonly since: number; readonly waitedMs: number } {
    const entry = spent.get(client);
    const isOver = entry === undefined || now() - entry.since >= WINDOW_MS;
    return isOver ? { since: now(), waitedMs: 0 } : entry;
  }

  return {
    findLeft: (client, wantedMs, share) =>
      Math.max(0, Math.min(wantedMs, budgetMs * share - findSpent(client).waitedMs)),
    spend(client, waitedMs) {
      const { since, waitedMs: before } = findSpent(client);
      spent.delete(client);
      spent.set(client, { since, waitedMs: before + waitedMs });
      const oldest = spent.keys().next();
      if (spent.size > MAX_CLIENTS && oldest.done !== true) spent.delete(oldest.value);
    },
  };
}
