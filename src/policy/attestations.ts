// Owns what changed in who vouched for a release (PEP 740). Pure. Start at findAttestationChanges. May import pypi and facts.
// Patience must not pay: what an attacker's own first release brought is measured against the releases of a month ago for
// as long, so that the second one is judged like the first.
import { isSameOwner, type Publisher } from '../pypi/provenance.ts';
import type { ReleaseChange, StoredFile } from './facts.ts';

/** How one release was attested. */
export interface Attestation {
  /** when its file came into the world, UTC ms */
  readonly at: number;
  readonly isAttested: boolean;
  /** who attested it; undefined: not known (never read, or it could not be read) */
  readonly publishers?: readonly Publisher[];
}

const ATTESTED_RELEASES = 2;
/** A habit that is older than this is the project's own. */
const SETTLED_MS = 30 * 86_400_000;
const LOST_SCORE = 3;
const OTHER_OWNER_SCORE = 3;
const OTHER_WORKFLOW_SCORE = 1;

/** The attestation of a file: what its index says, and what was read of it. */
export function attestationOf(file: StoredFile, at: number, publishers?: readonly Publisher[]): Attestation {
  const isNamed = typeof file.file.provenance === 'string';
  // a document that is about other bytes attests nothing
  const isAttested = isNamed && publishers?.length !== 0;
  return { at, isAttested, ...(publishers === undefined || publishers.length === 0 ? {} : { publishers }) };
}

/**
 * @param own of the candidate
 * @param earlier accepted releases before it, newest first
 */
export function findAttestationChanges(own: Attestation, earlier: readonly Attestation[]): readonly ReleaseChange[] {
  const settled = earlier.filter(({ at }) => own.at - at >= SETTLED_MS);
  if (!own.isAttested) {
    const streak = Math.max(streakOf(earlier), streakOf(settled));
    if (streak < ATTESTED_RELEASES) return [];
    const message = `the last ${streak} releases were attested by their publisher, this one is not`;
    return [{ kind: 'lost-provenance', score: LOST_SCORE, message }];
  }
  const known = publishersOf(settled);
  return findOtherPublisher(own.publishers ?? [], known.length > 0 ? known : publishersOf(earlier));
}

function streakOf(releases: readonly Attestation[]): number {
  const first = releases.findIndex(({ isAttested }) => !isAttested);
  return first === -1 ? releases.length : first;
}

function publishersOf(releases: readonly Attestation[]): readonly Publisher[] {
  return releases.flatMap(({ publishers }) => publishers ?? []);
}

function findOtherPublisher(own: readonly Publisher[], known: readonly Publisher[]): readonly ReleaseChange[] {
  const [first] = own;
  const [before] = known;
  if (first === undefined || before === undefined) return [];
  const sameOwner = own.filter((publisher) => known.some((other) => isSameOwner(publisher, other)));
  if (sameOwner.length === 0) {
    const message = `published by ${name(first)}; earlier releases by ${name(before)}`;
    return [{ kind: 'changed-publisher', score: OTHER_OWNER_SCORE, message }];
  }
  const isKnown = sameOwner.some((publisher) => known.some((other) => name(other) === name(publisher)));
  if (isKnown) return [];
  const message = `published by another workflow or environment than before: ${name(first)}, not ${name(before)}`;
  return [{ kind: 'changed-publisher', score: OTHER_WORKFLOW_SCORE, message }];
}

function name({ kind, repository, workflow, environment }: Publisher): string {
  const more = [workflow, environment === undefined ? undefined : `environment ${environment}`];
  const parts = more.filter((part) => part !== undefined);
  return `${kind} ${repository}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}
