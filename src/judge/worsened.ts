// Owns what is told when a verdict got worse: the event that names everybody who has the file, and the notice.
// May import ports and policy. Start at reportWorsened.
import type { StoredFile } from '../policy/facts.ts';
import { asciiOneLine } from '../policy/hostile-text.ts';
import type { Verdict } from '../policy/verdict.ts';
import type { Clock } from '../ports/clock.ts';
import type { AccessRecord, DecisionStore } from '../ports/decision-store.ts';
import type { Log } from '../ports/log.ts';
import type { Notifier } from '../ports/notifier.ts';

/** Two verdicts of one file, before and after something changed. */
export interface VerdictChange {
  readonly file: StoredFile;
  readonly before: Verdict;
  readonly after: Verdict;
}

export interface WorsenedDeps {
  readonly store: Pick<DecisionStore, 'access' | 'events'>;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Log;
}

/** Somebody who was served the file. */
interface Recipient {
  readonly client: string;
  readonly userAgent: string;
  /** UTC ms of the first and the last time */
  readonly firstAt: number;
  readonly lastAt: number;
}

const MAX_RECORDS = 10_000;
const MAX_RECIPIENTS = 500;

/**
 * Says whether a file that could be had cannot be had any more, or is refused where it was quarantined. A first scan is no
 * change for the worse: nobody had the file. A hold by time is none either: it ends by itself.
 */
export function isWorse(before: Verdict, after: Verdict): boolean {
  if (after.kind === 'allow' || after.kind === 'needs-scan') return false;
  if (after.reason === 'cooldown' || after.reason === 'freeze') return false;
  if (before.kind === 'needs-scan') return before.reason === 'outdated';
  if (before.kind === 'quarantine') return after.kind === 'refuse';
  return before.kind === 'allow';
}

/**
 * Writes an event `verdict-worsened` for each change for the worse, with everybody who was served the file, and notifies.
 *
 * @param cause `rules`, `feed` or `rescan`: what changed
 * @returns how many got worse
 */
export async function reportWorsened(
  changes: readonly VerdictChange[],
  cause: 'rules' | 'feed' | 'rescan',
  deps: WorsenedDeps,
): Promise<number> {
  const worse = changes.filter(({ before, after }) => isWorse(before, after));
  for (const change of worse) await reportOne(change, cause, deps);
  return worse.length;
}

async function reportOne({ file, before, after }: VerdictChange, cause: string, deps: WorsenedDeps): Promise<void> {
  const recipients = await findRecipients(file, deps.store);
  const shown = recipients.slice(0, MAX_RECIPIENTS);
  const named = {
    project: file.project,
    filename: file.file.filename,
    ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
  };
  await deps.store.events.append([
    {
      kind: 'verdict-worsened',
      actor: 'cordon',
      reason: `${cause}: ${after.detail}`,
      ...named,
      before: { kind: before.kind, reason: before.reason, detail: before.detail },
      after: {
        kind: after.kind,
        reason: after.reason,
        detail: after.detail,
        fetchedBy: shown,
        fetchedByCount: recipients.length,
      },
    },
  ]);
  const fields = { ...named, verdict: after.kind, reason: after.reason, cause, fetchedBy: recipients.length };
  deps.log.info(fields, 'a verdict got worse');
  await deps.notifier.notify({
    kind: 'verdict-worsened',
    at: deps.clock.now(),
    title: asciiOneLine(
      `${file.file.filename} is now ${after.kind === 'refuse' ? 'refused' : 'quarantined'}: ${after.detail}`,
    ),
    fields: { ...fields, detail: after.detail, recipients: shown },
  });
}

/** Everybody who was served the file, by client and program, the latest first. */
async function findRecipients(file: StoredFile, store: WorsenedDeps['store']): Promise<readonly Recipient[]> {
  const records =
    file.sha256 === undefined
      ? await store.access.findByFile(file.file.filename, MAX_RECORDS)
      : await store.access.findBySha256(file.sha256, MAX_RECORDS);
  const recipients = new Map<string, Recipient>();
  for (const record of records) {
    if (record.outcome !== 'served') continue;
    const id = `${record.client}\n${record.userAgent}`;
    recipients.set(id, extend(recipients.get(id), record));
  }
  return [...recipients.values()].sort((a, b) => b.lastAt - a.lastAt);
}

function extend(known: Recipient | undefined, { client, userAgent, at }: AccessRecord): Recipient {
  return {
    client,
    userAgent,
    firstAt: Math.min(known?.firstAt ?? at, at),
    lastAt: Math.max(known?.lastAt ?? at, at),
  };
}
