// Owns the words of a refusal, per channel. Imports policy and pypi; pure. Start at describeRefusal.
// pip, Poetry and pipenv print the reason phrase, uv the problem body, PDM nothing but the URL (hence the slug).

import { asciiOneLine } from '../policy/hostile-text.ts';
import type { RefusalVerdict } from '../policy/verdict.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { JobPhase } from '../ports/intake.ts';
import type { RefusalSlug } from '../pypi/file-path.ts';

/** Longest reason phrase that every hop and client takes. */
const MAX_REASON = 200;

const SLUGS: Readonly<Record<RefusalVerdict['reason'], RefusalSlug>> = {
  malware: 'malware',
  feed: 'known-malware',
  'deny-entry': 'denied-by-policy',
  'digest-mismatch': 'digest-mismatch',
  'metadata-mismatch': 'metadata-mismatch',
  'upstream-quarantined': 'quarantined-upstream',
  'ambiguous-archive': 'ambiguous-archive',
  suspicious: 'suspicious',
  unscannable: 'unscannable',
  'sibling-refused': 'other-file-refused',
  'changed-upstream': 'changed-upstream',
  cooldown: 'held',
  freeze: 'held',
};

/** The word of the speaking URL. */
export function toSlug(verdict: RefusalVerdict): RefusalSlug {
  return SLUGS[verdict.reason];
}

/** Says whether a verdict holds a file by time alone: such a file is hidden, not yanked. */
export function isHeldByTime(verdict: RefusalVerdict): boolean {
  return verdict.reason === 'cooldown' || verdict.reason === 'freeze';
}

/** `six 1.0`, or the filename where it names no version. */
export function nameRelease(file: StoredFile): string {
  return asciiOneLine(file.version === undefined ? file.file.filename : `${file.project} ${file.version}`, 80);
}

function describeVerb(verdict: RefusalVerdict): string {
  if (isHeldByTime(verdict)) return 'Held';
  return verdict.kind === 'quarantine' ? 'Quarantined' : 'Blocked';
}

function describeUntil(verdict: RefusalVerdict): string {
  if (verdict.kind !== 'quarantine' || verdict.until === undefined) return '';
  return ` until ${new Date(verdict.until).toISOString().slice(0, 16)}Z`;
}

/** One line for the yank reason of a project page. */
export function describeYank(file: StoredFile, verdict: RefusalVerdict): string {
  return asciiOneLine(`${describeVerb(verdict)} by Cordon: ${nameRelease(file)}: ${verdict.detail}`, MAX_REASON);
}

/** A refusal in the words of each channel. */
export interface RefusalText {
  /** printable ASCII, one line, at most 200 characters, the address included */
  readonly reason: string;
  readonly title: string;
  readonly detail: string;
}

/** Puts the address last and shortens the rest to fit. */
function withAddress(text: string, address: string): string {
  const tail = ` See ${address}`;
  const head = asciiOneLine(text, Math.max(20, MAX_REASON - tail.length));
  return asciiOneLine(/[.!?]$/.test(head) ? head + tail : `${head}.${tail}`, MAX_REASON);
}

/** @param address of the explanation page, absolute */
export function describeRefusal(file: StoredFile, verdict: RefusalVerdict, address: string): RefusalText {
  const title = `${describeVerb(verdict)} by Cordon`;
  const text = `${nameRelease(file)}: ${verdict.detail}`;
  const until = describeUntil(verdict);
  const named = asciiOneLine(file.file.filename, 150);
  return {
    reason: withAddress(`${title}${until}: ${text}`, address),
    title: title + until,
    detail: `${asciiOneLine(text, 600)} (file ${named}). What was found and what to do: ${address}`,
  };
}

function describePhase(phase: JobPhase | undefined): string {
  switch (phase?.kind) {
    case 'queued':
      return 'still waiting to be fetched';
    case 'fetching': {
      const received = formatMegabytes(phase.receivedBytes);
      return phase.totalBytes === undefined
        ? `still fetching, ${received} MB so far`
        : `still fetching, ${received} of ${formatMegabytes(phase.totalBytes)} MB`;
    }
    case 'scan-queued':
    case 'scanning':
    case undefined:
      return 'still scanning';
  }
}

function formatMegabytes(bytes: number): string {
  const text = String(Math.round(bytes / 1_000_000));
  return text.replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
}

/** The words for a file whose verdict did not come in time. */
export function describeUnfinished(file: StoredFile, phase: JobPhase | undefined): RefusalText {
  const state = describePhase(phase);
  const reason = asciiOneLine(
    `Cordon is ${state}: ${nameRelease(file)}. Run the same command again in a minute`,
    MAX_REASON,
  );
  return {
    reason,
    title: 'Cordon has no verdict yet',
    detail: `${nameRelease(file)}: ${state}. The work goes on; run the same command again in a minute.`,
  };
}
