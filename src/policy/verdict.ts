// The words of a decision. Start at Verdict; decide.ts makes it.

/** Why a file may be served. */
export type AllowReason = 'clean' | 'allow-entry' | 'waiver' | 'monitor';
/** Quarantine: a person may release it. `cooldown` and `freeze` are holds by time and hide the file. */
export type QuarantineReason =
  | 'suspicious'
  | 'unscannable'
  | 'sibling-refused'
  | 'cooldown'
  | 'freeze'
  | 'changed-upstream';
/** Refuse: only an entry for this very file (or an upstream correction) changes it; some causes nothing changes. */
export type RefuseReason =
  | 'malware'
  | 'feed'
  | 'deny-entry'
  | 'digest-mismatch'
  | 'metadata-mismatch'
  | 'upstream-quarantined'
  | 'ambiguous-archive';

export interface Explained {
  /** one plain ASCII sentence, no package-controlled text unsanitised, e.g. `MAL-2026-1 lists this release` */
  readonly detail: string;
  /** entry that decided, if one did */
  readonly entryId?: string;
  /** feed record ids */
  readonly feedIds?: readonly string[];
  /** what enforce mode would have said; only with reason `monitor` */
  readonly wouldHave?: Verdict;
}

export type Verdict =
  | ({ readonly kind: 'allow'; readonly reason: AllowReason } & Explained)
  | ({ readonly kind: 'needs-scan'; readonly reason: 'unscanned' | 'outdated' } & Explained)
  | ({ readonly kind: 'quarantine'; readonly reason: QuarantineReason; readonly until?: number } & Explained)
  | ({ readonly kind: 'refuse'; readonly reason: RefuseReason } & Explained);

/** Every verdict that keeps bytes back for good or for a time; not `needs-scan`. */
export type RefusalVerdict = Extract<Verdict, { kind: 'quarantine' | 'refuse' }>;

export function isRefusal(verdict: Verdict): verdict is RefusalVerdict {
  return verdict.kind === 'refuse' || verdict.kind === 'quarantine';
}

/** A verdict and how long time alone leaves it unchanged. */
export interface Decision {
  readonly verdict: Verdict;
  /** UTC ms; undefined: time alone never changes it */
  readonly validUntil?: number;
}
