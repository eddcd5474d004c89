import type { Clock } from '../../ports/clock.ts';
import type { DecisionStore, StoredEvent } from '../../ports/decision-store.ts';
import { type ChainCheckpoint, chainEvents, continuesChain, GENESIS } from '../event-chain.ts';
import type { Append } from './memory-store.ts';

/** The audit log, hash-chained. */
export function memoryEvents(clock: Clock): { readonly append: Append; readonly events: DecisionStore['events'] } {
  let log: StoredEvent[] = [];
  let checkpoint: ChainCheckpoint = GENESIS;

  const append: Append = (drafts) => {
    log.push(...chainEvents(log.at(-1) ?? checkpoint, drafts, clock.now()));
  };

  return {
    append,
    events: {
      append: async (drafts) => append(drafts),
      list: ({ after, limit, project, kind, newestFirst }) => {
        const matches = log.filter(
          (event) =>
            (after === undefined || (newestFirst === true ? event.seq < after : event.seq > after)) &&
            (project === undefined || event.project === project) &&
            (kind === undefined || event.kind === kind),
        );
        return Promise.resolve((newestFirst === true ? matches.reverse() : matches).slice(0, limit));
      },
      verifyChain: () => {
        let last = checkpoint;
        for (const event of log) {
          if (!continuesChain(last, event)) return Promise.resolve(event.seq);
          last = event;
        }
        return Promise.resolve(undefined);
      },
      prune: (before) => {
        // only a prefix may go: the chain continues from its last member, also when the clock once stepped back
        const firstKept = log.findIndex((event) => event.at >= before);
        const count = firstKept === -1 ? log.length : firstKept;
        const last = log[count - 1];
        if (last === undefined) return Promise.resolve(0);
        checkpoint = { seq: last.seq, hash: last.hash };
        log = log.slice(count);
        append([{ kind: 'events-pruned', actor: 'cordon', before: { lastSeq: last.seq, lastHash: last.hash, count } }]);
        return Promise.resolve(count);
      },
    },
  };
}
