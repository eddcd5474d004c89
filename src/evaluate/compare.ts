import { isCaught, type Outcome } from './outcome.ts';

/** What changed for one sample between two evaluations. */
export interface Change {
  readonly name: string;
  readonly kind: Outcome['kind'];
  readonly before: Outcome['verdict'];
  readonly after: Outcome['verdict'];
  /** detectors that weighed most, before and after */
  readonly detectors: readonly [before: string, after: string];
}

export interface Comparison {
  /** malware now caught and not before; benign files now left alone */
  readonly won: readonly Change[];
  /** malware no longer caught; new false alarms */
  readonly lost: readonly Change[];
  /** refused instead of quarantined, or the other way round */
  readonly moved: readonly Change[];
  /** samples that only one of the two has */
  readonly unmatched: number;
}

/** Sets two runs over the same corpus side by side, sample by sample. */
export function compareOutcomes(before: readonly Outcome[], after: readonly Outcome[]): Comparison {
  const earlier = new Map(before.map((outcome) => [keyOf(outcome), outcome]));
  const won: Change[] = [];
  const lost: Change[] = [];
  const moved: Change[] = [];
  let matched = 0;
  for (const outcome of after) {
    const old = earlier.get(keyOf(outcome));
    if (old === undefined) {
      continue;
    }
    matched += 1;
    if (old.verdict === outcome.verdict) {
      continue;
    }
    const change: Change = {
      name: outcome.name,
      kind: outcome.kind,
      before: old.verdict,
      after: outcome.verdict,
      detectors: [old.top?.detector ?? '', outcome.top?.detector ?? ''],
    };
    if (isCaught(old) === isCaught(outcome)) {
      moved.push(change);
    } else if (isCaught(outcome) === (outcome.kind === 'malicious')) {
      won.push(change);
    } else {
      lost.push(change);
    }
  }
  return { won, lost, moved, unmatched: before.length + after.length - 2 * matched };
}

function keyOf(outcome: Outcome): string {
  return `${outcome.kind}:${outcome.name}`;
}
