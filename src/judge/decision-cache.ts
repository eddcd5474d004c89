// Owns decisions that were made a moment ago. Does no I/O. Start at createDecisionCache; the judge says what they depend on.
import type { Policy } from '../policy/entry.ts';
import type { Decision } from '../policy/verdict.ts';

/** Files whose decisions are remembered; beyond that all are forgotten. */
const MAX_FILES = 20_000;

/** All that a decision depends on, besides the file and the time. */
export interface DecisionBasis {
  /** the very snapshot: another one is another policy, whatever its number */
  readonly policy: Policy;
  readonly feedRevision: number;
  /** of the file's project; read before the facts were */
  readonly factsRevision: number;
}

export interface DecisionCache {
  /** @param now UTC ms */
  find(fileKey: string, basis: DecisionBasis, now: number): Decision | undefined;
  keep(fileKey: string, basis: DecisionBasis, now: number, decision: Decision): void;
}

interface Kept {
  readonly basis: DecisionBasis;
  readonly decision: Decision;
  readonly madeAt: number;
}

function isSame(a: DecisionBasis, b: DecisionBasis): boolean {
  return a.policy === b.policy && a.feedRevision === b.feedRevision && a.factsRevision === b.factsRevision;
}

export function createDecisionCache(): DecisionCache {
  const kept = new Map<string, Kept>();
  return {
    find(fileKey, basis, now) {
      const known = kept.get(fileKey);
      if (known === undefined || !isSame(known.basis, basis)) return undefined;
      // a clock that was set back may bring back a hold that had ended
      const isInTime = now >= known.madeAt && now < (known.decision.validUntil ?? Number.POSITIVE_INFINITY);
      return isInTime ? known.decision : undefined;
    },
    keep(fileKey, basis, now, decision) {
      if (kept.size >= MAX_FILES) kept.clear();
      kept.set(fileKey, { basis, decision, madeAt: now });
    },
  };
}
