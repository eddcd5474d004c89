// Owns how findings combine into one number. Imports finding alone. Start at combineScore.
import type { Finding } from './finding.ts';

/** share of every further technique beside the strongest */
const FURTHER = 0.4;
const MAX_SCORE = 100;

/**
 * Score of a report, 0 to 100 with one decimal: of each member the strongest finding and 0.4 of the strongest of every
 * other technique; of the archive the highest member, plus what findings about the whole archive add.
 */
export function combineScore(findings: readonly Finding[]): number {
  const byMember = new Map<string, Map<string, number>>();
  for (const { path, detector, score } of findings) {
    let techniques = byMember.get(path);
    if (techniques === undefined) {
      techniques = new Map();
      byMember.set(path, techniques);
    }
    techniques.set(detector, Math.max(techniques.get(detector) ?? 0, score));
  }
  const whole = sumOf(byMember.get(''));
  byMember.delete('');
  let highest = 0;
  for (const techniques of byMember.values()) {
    const scores = [...techniques.values()].sort((a, b) => b - a);
    const [strongest = 0, ...others] = scores;
    highest = Math.max(highest, strongest + FURTHER * others.reduce((a, b) => a + b, 0));
  }
  const total = Math.max(highest + FURTHER * whole, whole);
  return Math.min(MAX_SCORE, Math.round(total * 10) / 10);
}

function sumOf(techniques: ReadonlyMap<string, number> | undefined): number {
  let sum = 0;
  for (const score of techniques?.values() ?? []) sum += score;
  return sum;
}

/** One finding for each technique and line, the strongest; strongest first, at most `limit`. */
export function strongestFirst(findings: readonly Finding[], limit: number): Finding[] {
  const best = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.detector}\0${finding.path}\0${finding.line}`;
    const known = best.get(key);
    if (known === undefined || finding.score > known.score) best.set(key, finding);
  }
  return [...best.values()]
    .sort((a, b) => {
      if (a.score !== b.score) return b.score - a.score;
      return a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line;
    })
    .slice(0, limit);
}
