// What an administrator wrote. Pure types. Start at PolicyEntry.
import type { ProjectName, Sha256, UpstreamId } from '../pypi/model.ts';

/** Every condition that is set must hold. An entry with none is invalid. */
export interface EntryScope {
  readonly project?: ProjectName;
  /** PEP 440 specifier set, e.g. `>=1.0,<2`; needs project */
  readonly version?: string;
  /** exact filename or a pattern with `*`; needs project or sha256 */
  readonly filename?: string;
  readonly sha256?: Sha256;
  readonly upstream?: UpstreamId;
}

export interface PolicyEntry {
  /** `file:<n>` for config/policy.yaml (position), else a short random id */
  readonly id: string;
  readonly home: 'policy-file' | 'runtime';
  readonly effect: 'allow' | 'deny';
  /** only with deny: no allow entry overrides it, however narrow */
  readonly final: boolean;
  readonly scope: EntryScope;
  readonly reason: string;
  readonly author: string;
  /** UTC ms */
  readonly createdAt: number;
  /** UTC ms; undefined: does not end */
  readonly expiresAt?: number;
}

export interface CooldownRule {
  /** project name or pattern with `*`; the most specific rule wins, later ones win a tie */
  readonly project: string;
  /** hold all files of a project whose first file is younger than this, hours; 0 = off */
  readonly newProjectHours: number;
  /** hold a release of an established project younger than this, hours; 0 = off */
  readonly newReleaseHours: number;
}

/** An immutable snapshot of everything `decide` needs from the administrator. */
export interface Policy {
  /** grows with every change of either home */
  readonly revision: number;
  readonly mode: 'enforce' | 'monitor';
  readonly entries: readonly PolicyEntry[];
  readonly cooldown: readonly CooldownRule[];
  /** UTC ms: files uploaded (or, without an upload time, first seen) later are held */
  readonly freezeAt?: number;
  readonly thresholds: { readonly refuse: number; readonly quarantine: number };
  /** UTC ms: projects first seen soon after it are not "new" for that alone, see cooldown.ts */
  readonly installedAt: number;
  /** the rules and engine in force, and since when (UTC ms) */
  readonly ruleset: { readonly inForce: string; readonly since: number };
  /** an allow under an older ruleset stays good this long after the ruleset changed */
  readonly rulesetGraceMs: number;
}
