// Owns the one judge that every gate calls: facts from the store, policy and feed from memory, decide from policy/.
// May import ports and policy. Start at createJudge. One file costs two indexed reads, a project one sliced query.
import { decide } from '../policy/decide.ts';
import type { Clock } from '../ports/clock.ts';
import type { DecisionStore } from '../ports/decision-store.ts';
import type { Judge } from '../ports/judge.ts';
import type { FeedBook } from './feed-book.ts';
import { inSlices, loadFile, loadProject, withFeed } from './load-facts.ts';
import type { PolicySnapshot } from './policy-snapshot.ts';

export interface JudgeDeps {
  readonly store: Pick<DecisionStore, 'files'>;
  readonly policy: Pick<PolicySnapshot, 'current'>;
  readonly feeds: Pick<FeedBook, 'find' | 'revision'>;
  readonly clock: Clock;
}

export function createJudge({ store, policy, feeds, clock }: JudgeDeps): Judge {
  return {
    judgeFile: async (file) => {
      const { ruleset } = await policy.current();
      const facts = await loadFile(file, ruleset.inForce, store);
      // asked again after the wait for the store: an edit made meanwhile is in force
      return decide(withFeed(facts, feeds.find(file.project)), await policy.current(), clock.now());
    },
    judgeProject: async (project, files) => {
      const { ruleset } = await policy.current();
      const facts = await loadProject(project, files, ruleset.inForce, store);
      const snapshot = await policy.current();
      const records = feeds.find(project.project);
      const now = clock.now();
      return inSlices(facts, (one) => decide(withFeed(one, records), snapshot, now));
    },
    revision: async ({ upstream, project }) => {
      const { revision, ruleset } = await policy.current();
      const facts = await store.files.findFactsRevision(upstream, project);
      return [revision, feeds.revision(), facts, ruleset.inForce].join('.');
    },
  };
}
