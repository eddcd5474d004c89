// Owns a decision store that lives in memory: for tests, `cordon scan`, and as the plainest statement of the port.
// May import ports, policy's pure parts and storage/*.ts. Start at openMemoryStore; one room per file.
import type { Clock } from '../../ports/clock.ts';
import type { DecisionStore, EventDraft } from '../../ports/decision-store.ts';
import { memoryAccess } from './memory-access.ts';
import { memoryEvents } from './memory-events.ts';
import { memoryFiles, memoryPages } from './memory-pages.ts';
import { memoryExplanations, memoryFeeds, memoryPolicy, memoryRuleset } from './memory-policy.ts';
import { memoryPrints } from './memory-prints.ts';
import { memoryReports } from './memory-reports.ts';
import { newMemoryState } from './memory-state.ts';

/** Appends events; every room calls it within the (synchronous) step that changes its own state. */
export type Append = (events: readonly EventDraft[]) => void;

/** A complete decision store without a disk. Each method acts in one synchronous step, so nothing is ever half done. */
export function openMemoryStore(deps: { readonly clock: Clock }): DecisionStore {
  const installedAt = deps.clock.now();
  const state = newMemoryState();
  const { append, events } = memoryEvents(deps.clock);
  return {
    pages: memoryPages(state, append),
    files: memoryFiles(state, append),
    reports: memoryReports(state, append),
    policy: memoryPolicy(append),
    feeds: memoryFeeds(append),
    events,
    access: memoryAccess(state),
    ruleset: memoryRuleset(),
    prints: memoryPrints(),
    explanations: memoryExplanations(),
    installedAt: () => Promise.resolve(installedAt),
    close: () => Promise.resolve(),
  };
}
