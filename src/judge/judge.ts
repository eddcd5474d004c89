// Owns the one judge that every gate calls: facts from the store, policy and feed from memory, decide from policy/.
// May import ports and policy. Start at createJudge. One file costs two indexed reads,
// and nothing the second time; a project costs one sliced query.

import { decide } from '../policy/decide.ts';
import type { StoredFile } from '../policy/facts.ts';
import type { Clock } from '../ports/clock.ts';
import type { DecisionStore } from '../ports/decision-store.ts';
import type { Judge } from '../ports/judge.ts';
import { createDecisionCache, type DecisionBasis } from './decision-cache.ts';
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
  const decisions = createDecisionCache();

  /** What a decision about this file depends on now; no wait comes after the policy was read. */
  async function findBasis(file: StoredFile): Promise<DecisionBasis> {
    const factsRevision = await store.files.findFactsRevision(file.upstream, file.project);
    return { policy: await policy.current(), feedRevision: feeds.revision(), factsRevision };
  }

  return {
    judgeFile: async (file) => {
      const basis = await findBasis(file);
      const known = decisions.find(file.key, basis, clock.now());
      if (known !== undefined) return known;
      const facts = await loadFile(file, basis.policy.ruleset.inForce, store);
      // asked again after the wait for the store: an edit made meanwhile is in force
      const snapshot = await policy.current();
      const now = clock.now();
      const decision = decide(withFeed(facts, feeds.find(file.project)), snapshot, now);
      const made = { policy: snapshot, feedRevision: feeds.revision(), factsRevision: basis.factsRevision };
      // of a file that the store does not hold the caller's word counts, which has no revision
      if (facts.isStored) decisions.keep(file.key, made, now, decision);
      return decision;
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
