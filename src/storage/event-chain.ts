// Owns the hash chain of the audit log: canonical JSON, the hash of an event, the walk that proves it whole.
// May import node:crypto and the port's types. Start at hashEvent. The same chain in every backend.
import { createHash } from 'node:crypto';
import type { EventDraft, StoredEvent } from '../ports/decision-store.ts';

/** Hash "before" the first event ever. */
export const GENESIS_HASH = '0'.repeat(64);

/** Where the chain continues from after pruning: the last event that was removed. seq 0: nothing was. */
export interface ChainCheckpoint {
  readonly seq: number;
  readonly hash: string;
}

export const GENESIS: ChainCheckpoint = { seq: 0, hash: GENESIS_HASH };

/** JSON of an object or array with keys sorted at each level and undefined members left out: the same value always gives the same text. */
export function canonicalJson(value: object): string {
  return JSON.stringify(sortKeys(value));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const record = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.keys(record)
      .sort()
      .map((key) => [key, sortKeys(record[key])]),
  );
}

/** The part of an event that its hash covers: everything but the hash, as canonical JSON. */
export function eventBody(event: Omit<StoredEvent, 'hash'>): string {
  const { seq, at, kind, actor, reason, project, filename, sha256, before, after } = event;
  return canonicalJson({ seq, at, kind, actor, reason, project, filename, sha256, before, after });
}

/** Hex sha256 over the previous hash and this event's canonical JSON. */
export function hashEvent(previousHash: string, body: string): string {
  return createHash('sha256').update(previousHash).update('\n').update(body).digest('hex');
}

/** Turns drafts into stored events that continue the chain after `last`. */
export function chainEvents(last: ChainCheckpoint, drafts: readonly EventDraft[], at: number): readonly StoredEvent[] {
  let { seq, hash } = last;
  return drafts.map((draft) => {
    seq += 1;
    // through JSON, so that what is returned equals what a database gives back
    const body = eventBody({ ...draft, seq, at });
    hash = hashEvent(hash, body);
    return { ...(JSON.parse(body) as Omit<StoredEvent, 'hash'>), hash };
  });
}

/** Says whether `event` is the true successor of `last`. */
export function continuesChain(last: ChainCheckpoint, event: StoredEvent): boolean {
  return event.seq === last.seq + 1 && event.hash === hashEvent(last.hash, eventBody(event));
}
