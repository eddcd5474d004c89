// Owns what happened, as resources: who got what, and the event log. Reads only. May import ports and pypi.
import { CordonError } from '../errors.ts';
import type { AccessRecord, StoredEvent } from '../ports/decision-store.ts';
import { parseProjectName } from '../pypi/names.ts';
import type { AdminDeps } from './admin-deps.ts';
import { parseSubject } from './subject.ts';

const MAX_LIMIT = 10_000;

/** Reads a whole number from a query. Throws BAD_REQUEST. */
function readCount(text: string | undefined, name: string, absent: number): number {
  if (text === undefined) return absent;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new CordonError('BAD_REQUEST', `${name} must be a whole number`);
  return value;
}

function limitOf(query: Readonly<Record<string, string>>): number {
  const limit = readCount(query['limit'], 'limit', 200);
  if (limit === 0) throw new CordonError('BAD_REQUEST', 'limit must be at least 1');
  return Math.min(limit, MAX_LIMIT);
}

/** Answers given for a project, a filename or a digest, newest first: served, broken off, refused, held. */
export async function findClients(
  query: Readonly<Record<string, string>>,
  deps: AdminDeps,
): Promise<readonly AccessRecord[]> {
  const limit = limitOf(query);
  const subject = parseSubject(query['subject'] ?? '');
  switch (subject.kind) {
    case 'project':
      return deps.store.access.findByProject(subject.project, limit);
    case 'file':
      return deps.store.access.findByFile(subject.filename, limit);
    case 'digest':
      return deps.store.access.findBySha256(subject.sha256, limit);
  }
}

/** The event log, oldest first; `after` pages on, `newest=1` turns it round. */
export async function listEvents(
  query: Readonly<Record<string, string>>,
  deps: AdminDeps,
): Promise<readonly StoredEvent[]> {
  const name = query['project'];
  const project = name === undefined ? undefined : parseProjectName(name);
  if (name !== undefined && project === undefined)
    throw new CordonError('BAD_REQUEST', 'project is not a project name');
  const kind = query['kind'];
  const after = query['after'];
  return deps.store.events.list({
    limit: limitOf(query),
    ...(after === undefined ? {} : { after: readCount(after, 'after', 0) }),
    ...(project === undefined ? {} : { project }),
    ...(kind === undefined ? {} : { kind }),
    ...(query['newest'] === '1' ? { newestFirst: true } : {}),
  });
}
