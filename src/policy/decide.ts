// Owns the one decision: facts and policy in, verdict out. Pure: no I/O, no clock of its own. Start at decide.
// May import pypi, analysis/report and its siblings. The rules themselves stand in rules.ts, in the order in which they win;
// docs/policy.md is that order as a table.

import { findEntries } from './compiled-entries.ts';
import { listCooldowns } from './cooldown.ts';
import type { Policy, PolicyEntry } from './entry.ts';
import { isWaiver } from './entry-width.ts';
import type { FileFacts } from './facts.ts';
import { type Case, findSiblingWaivers, MISMATCH_HOLD_MS, RULES } from './rules.ts';
import type { Decision, Verdict } from './verdict.ts';

/**
 * Decides one file.
 *
 * `validUntil` is exact: the verdict is the same at every moment from `now` until then, and another one at that moment.
 *
 * @param now UTC ms
 */
export function decide(facts: FileFacts, policy: Policy, now: number): Decision {
  const matching = findEntries(policy.entries, facts.file);
  const verdict = verdictAt(facts, policy, matching, now);
  for (const moment of listTurningPoints(facts, policy, matching)) {
    if (moment > now && !isSame(verdict, verdictAt(facts, policy, matching, moment))) {
      return { verdict, validUntil: moment };
    }
  }
  return { verdict };
}

function verdictAt(facts: FileFacts, policy: Policy, matching: readonly PolicyEntry[], now: number): Verdict {
  const inForce = matching.filter(({ expiresAt }) => expiresAt === undefined || now < expiresAt);
  const given: Case = {
    facts,
    policy,
    now,
    denies: inForce.filter(({ effect }) => effect === 'deny'),
    allows: inForce.filter((entry) => entry.effect === 'allow' && !isWaiver(entry)),
    waivers: inForce.filter(isWaiver),
    isMonitored: false,
  };
  const enforced = judgeByMerit(given);
  if (policy.mode === 'enforce' || enforced.kind === 'allow') return enforced;
  const monitored = judgeByMerit({ ...given, isMonitored: true });
  if (monitored.kind !== 'allow') return monitored;
  // not the detail of the rule that lets it through: it says that nothing speaks against the file
  const detail = 'monitor mode serves it, and records what speaks against it';
  return { ...monitored, reason: 'monitor', detail, wouldHave: enforced };
}

/** An entry is named only where the answer would be another one without it: `clean` means that the file itself deserved it. */
function judgeByMerit(given: Case): Verdict {
  const bare = applyRules({ ...given, allows: [], waivers: [] });
  return bare.kind === 'allow' ? bare : applyRules(given);
}

function applyRules(given: Case): Verdict {
  for (const rule of RULES) {
    if (given.isMonitored && rule.isSuspendedInMonitor) continue;
    const verdict = rule.judge(given);
    if (verdict !== undefined) return verdict;
  }
  // the last rule always answers; were it taken out, nothing may pass
  return { kind: 'needs-scan', reason: 'unscanned', detail: 'no rule answered' };
}

/** Every moment at which time alone might change the verdict, in order; past ones included. */
function listTurningPoints(facts: FileFacts, policy: Policy, matching: readonly PolicyEntry[]): readonly number[] {
  const { file, project, report } = facts;
  const siblingWaivers = facts.siblings.flatMap((sibling) => findSiblingWaivers(sibling, policy));
  const expiries = [...matching, ...siblingWaivers].flatMap(({ expiresAt }) => expiresAt ?? []);
  const holds = listCooldowns(file, project, policy).map(({ until }) => until);
  const mismatch = file.mismatch?.kind === 'digest' ? [file.mismatch.at + MISMATCH_HOLD_MS] : [];
  const isOutdated = report !== undefined && report.ruleset !== policy.ruleset.inForce;
  const graceEnd = isOutdated ? [policy.ruleset.since + policy.rulesetGraceMs] : [];
  return [...new Set([...expiries, ...holds, ...mismatch, ...graceEnd])].sort((a, b) => a - b);
}

function isSame(a: Verdict, b: Verdict): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
