// Owns what is held for being young. May import entry.ts and facts.ts; pure. Start at findCooldownEnd.
//
// Two clocks: the upload time that the index announces, and our own first sight. Where both are known the earlier one
// counts: what was seen is not younger than that, and an old project that is asked for today is not new.
// Without an upload time our own clock is all there is, and it must not take its own first look for a birth:
// - a project counts as new only when it was first seen later than one hold after the installation;
// - a file counts as new only when its project had been seen before without it.
import type { CooldownRule, Policy } from './entry.ts';
import type { StoredFile, StoredProject } from './facts.ts';
import { compilePattern, specificity } from './name-pattern.ts';
import { parseUploadTime } from './upload-time.ts';

const HOUR_MS = 3_600_000;

/** A hold by age, and why. */
export interface Cooldown {
  readonly kind: 'new-project' | 'new-release';
  /** UTC ms at which it ends */
  readonly until: number;
  readonly hours: number;
}

/** The hold whose end lies furthest ahead of `now`; undefined: the file is old enough. */
export function findCooldown(
  file: StoredFile,
  project: StoredProject,
  policy: Policy,
  now: number,
): Cooldown | undefined {
  return listCooldowns(file, project, policy)
    .filter(({ until }) => until > now)
    .sort((a, b) => b.until - a.until)[0];
}

/** Both holds of a file, past ones included: their ends are when time changes the answer. */
export function listCooldowns(file: StoredFile, project: StoredProject, policy: Policy): readonly Cooldown[] {
  const rule = findRule(project.project, policy.cooldown);
  if (rule === undefined) return [];
  const { newProjectHours, newReleaseHours } = rule;
  const projectStart = findProjectStart(project, policy.installedAt, newProjectHours);
  const fileStart = findFileStart(file, project);
  const holds: readonly (Cooldown | undefined)[] = [
    holdFrom('new-project', projectStart, newProjectHours),
    holdFrom('new-release', fileStart, newReleaseHours),
  ];
  return holds.filter((hold) => hold !== undefined);
}

function holdFrom(kind: Cooldown['kind'], start: number | undefined, hours: number): Cooldown | undefined {
  return start === undefined || hours <= 0 ? undefined : { kind, until: start + hours * HOUR_MS, hours };
}

/** When the project's life began, as far as anybody can say; undefined: nothing says that it is new. */
function findProjectStart(project: StoredProject, installedAt: number, hours: number): number | undefined {
  if (project.firstUploadAt !== undefined) return Math.min(project.firstUploadAt, project.firstSeenAt);
  return project.firstSeenAt - installedAt >= hours * HOUR_MS ? project.firstSeenAt : undefined;
}

function findFileStart(file: StoredFile, project: StoredProject): number | undefined {
  const uploadedAt = parseUploadTime(file.file.uploadTime);
  if (uploadedAt !== undefined) return Math.min(uploadedAt, file.firstSeenAt);
  return file.firstSeenAt > project.firstSeenAt ? file.firstSeenAt : undefined;
}

/** The most specific pattern wins, a later rule wins a tie. */
function findRule(project: string, rules: readonly CooldownRule[]): CooldownRule | undefined {
  let best: CooldownRule | undefined;
  for (const rule of rules) {
    if (!patternOf(rule).test(project)) continue;
    if (best === undefined || specificity(rule.project) >= specificity(best.project)) best = rule;
  }
  return best;
}

const patterns = new WeakMap<CooldownRule, RegExp>();

function patternOf(rule: CooldownRule): RegExp {
  let pattern = patterns.get(rule);
  if (pattern === undefined) {
    pattern = compilePattern(rule.project, 'iu');
    patterns.set(rule, pattern);
  }
  return pattern;
}

/** Says whether a freeze date holds the file: uploaded later, or, without an upload time, first seen later. */
export function isFrozen(file: StoredFile, freezeAt: number): boolean {
  return (parseUploadTime(file.file.uploadTime) ?? file.firstSeenAt) > freezeAt;
}
