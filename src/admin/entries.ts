// Owns allow and deny entries as a resource: list, add, remove. May import ports, policy and pypi. Start at addEntry.
// Both homes (policy file, runtime) are one list to read; only runtime entries are written here.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { CordonError } from '../errors.ts';
import type { EntryScope, PolicyEntry } from '../policy/entry.ts';
import { listStronger } from '../policy/entry-width.ts';
import { asciiOneLine } from '../policy/hostile-text.ts';
import { listPossibleProjects } from '../pypi/filename.ts';
import type { ProjectName, Sha256, UpstreamId } from '../pypi/model.ts';
import { parseProjectName, parseSha256, parseUpstreamId } from '../pypi/names.ts';
import { parseSpecifier } from '../pypi/specifier.ts';
import type { AdminDeps } from './admin-deps.ts';
import { findSubject } from './subject.ts';

const MAX_REASON = 500;

/** What a client sends; all keys but effect and reason are optional. */
const draftSchema = z.strictObject({
  effect: z.enum(['allow', 'deny']),
  final: z.boolean().default(false),
  project: z.string().optional(),
  version: z.string().optional(),
  filename: z.string().max(300).optional(),
  sha256: z.string().optional(),
  upstream: z.string().optional(),
  reason: z.string().trim().min(1, 'say why').max(MAX_REASON),
  /** UTC ms */
  expiresAt: z.int().optional(),
});
type Draft = z.infer<typeof draftSchema>;

/** What became of a draft. */
export interface AddedEntry extends PolicyEntry {
  /** true: an entry that says the same, for at least as long, stands there already; it is this one, and nothing was written */
  readonly wasThere: boolean;
  /** entries in force that decide instead of this one wherever both apply */
  readonly stronger: readonly PolicyEntry[];
}

/** An entry in the list. */
export interface ListedEntry extends PolicyEntry {
  readonly isExpired: boolean;
}

function bad(message: string): CordonError {
  return new CordonError('BAD_REQUEST', message);
}

function readDraft(body: unknown): Draft {
  const parsed = draftSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw bad(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}

/** Like `parse(text)`, but absent stays absent and what cannot be read is the client's mistake. */
function readOptional<T>(
  text: string | undefined,
  parse: (text: string) => T | undefined,
  what: string,
): T | undefined {
  if (text === undefined) return undefined;
  const value = parse(text);
  if (value === undefined) throw bad(`"${asciiOneLine(text, 80)}" is not ${what}`);
  return value;
}

function describeIds(ids: readonly string[]): string {
  return ids.length === 1 ? `is ${ids.join()}` : `are ${ids.join(', ')}`;
}

function readScope(draft: Draft, deps: AdminDeps): EntryScope {
  const project: ProjectName | undefined = readOptional(draft.project, parseProjectName, 'a project name');
  const sha256: Sha256 | undefined = readOptional(draft.sha256, parseSha256, 'a sha256 of 64 hex digits');
  const upstream: UpstreamId | undefined = readOptional(draft.upstream, parseUpstreamId, 'the id of an upstream');
  if (draft.version !== undefined) {
    if (project === undefined) throw bad('a version needs a project');
    readOptional(draft.version, parseSpecifier, 'a version specifier (PEP 440), e.g. >=1.0,<2');
  }
  if (upstream !== undefined && !deps.facts.upstreams.some(({ id }) => id === upstream)) {
    throw bad(`there is no upstream ${upstream}; there ${describeIds(deps.facts.upstreams.map(({ id }) => id))}`);
  }
  const filename = draft.filename;
  const filenameProject = filename === undefined || project !== undefined ? project : onlyProjectOf(filename);
  if (filename !== undefined && filenameProject === undefined && sha256 === undefined) {
    throw bad('a filename pattern needs a project or a sha256');
  }
  const scope: EntryScope = {
    ...(filenameProject === undefined ? {} : { project: filenameProject }),
    ...(draft.version === undefined ? {} : { version: draft.version }),
    ...(filename === undefined ? {} : { filename }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(upstream === undefined ? {} : { upstream }),
  };
  if (Object.keys(scope).length === 0) throw bad('name a project, a file, a sha256 or an upstream');
  return scope;
}

function onlyProjectOf(filename: string): ProjectName | undefined {
  const names = listPossibleProjects(filename);
  return names.length === 1 ? names[0] : undefined;
}

/**
 * A waiver names one file and its digest. That the digest is really that file's is checked where the file is known, so that a
 * typing error does not look like a waiver.
 */
async function checkWaiver(scope: EntryScope, deps: AdminDeps): Promise<EntryScope> {
  const { filename, sha256 } = scope;
  if (filename === undefined || filename.includes('*')) return scope;
  const found = await findSubject({ kind: 'file', filename }, deps);
  const known = found
    .flatMap(({ files }) => files)
    .filter((file) => scope.project === undefined || file.project === scope.project);
  const [first] = known;
  const digests = known.flatMap((file) => (file.sha256 === undefined ? [] : [file.sha256]));
  if (sha256 !== undefined && digests.length > 0 && !digests.includes(sha256)) {
    throw bad(`${filename} is known with sha256 ${digests.join(', ')}, not ${sha256}`);
  }
  if (sha256 === undefined && digests.length > 0) {
    throw bad(`a waiver is pinned to the bytes: add --sha256 ${digests.join(' or ')}`);
  }
  return first === undefined || scope.project !== undefined ? scope : { ...scope, project: first.project };
}

function isSameScope(one: EntryScope, other: EntryScope): boolean {
  const textOf = ({ project, version, filename, sha256, upstream }: EntryScope): string =>
    JSON.stringify([project, version?.replace(/\s/g, ''), filename, sha256, upstream]);
  return textOf(one) === textOf(other);
}

const endOf = ({ expiresAt = Number.POSITIVE_INFINITY }: Pick<Draft, 'expiresAt'>): number => expiresAt;

/** An entry that makes the draft's superfluous: its reason may be another one. */
function findSame(draft: Draft, scope: EntryScope, inForce: readonly PolicyEntry[]): PolicyEntry | undefined {
  return inForce.find(
    (entry) =>
      entry.effect === draft.effect &&
      entry.final === draft.final &&
      endOf(entry) >= endOf(draft) &&
      isSameScope(entry.scope, scope),
  );
}

/**
 * Adds a runtime entry; in force at the next request. Where the same one stands already nothing is written.
 *
 * @param body see draftSchema
 * @throws CordonError BAD_REQUEST when the scope is empty or contradicts itself
 */
export async function addEntry(body: unknown, actor: string, deps: AdminDeps): Promise<AddedEntry> {
  const draft = readDraft(body);
  if (draft.final && draft.effect === 'allow') throw bad('only a deny entry can be final');
  const now = deps.clock.now();
  if (draft.expiresAt !== undefined && draft.expiresAt <= now) throw bad('the expiry lies in the past');
  const written = readScope(draft, deps);
  const scope = draft.effect === 'allow' ? await checkWaiver(written, deps) : written;
  const inForce = (await deps.policy.current()).entries.filter((entry) => endOf(entry) > now);
  const entry: PolicyEntry = {
    id: randomBytes(5).toString('hex'),
    home: 'runtime',
    effect: draft.effect,
    final: draft.final,
    scope,
    reason: draft.reason,
    // whoever is refused reads it: the name, not how it reached us
    author: actor.replace(/^(?:cli|token):/, ''),
    createdAt: now,
    ...(draft.expiresAt === undefined ? {} : { expiresAt: draft.expiresAt }),
  };
  const event = {
    kind: 'entry-added',
    actor,
    reason: draft.reason,
    ...(scope.project === undefined ? {} : { project: scope.project }),
    ...(scope.filename === undefined ? {} : { filename: scope.filename }),
    ...(scope.sha256 === undefined ? {} : { sha256: scope.sha256 }),
    after: entry,
  };
  const ofFile = inForce.filter(({ home }) => home === 'policy-file');
  const same = await deps.store.policy.addEntry(entry, event, (runtime) =>
    findSame(draft, scope, [...ofFile, ...runtime.filter((each) => endOf(each) > now)]),
  );
  const standing = same ?? entry;
  return { ...standing, wasThere: same !== undefined, stronger: listStronger(standing, inForce) };
}

/** All entries of both homes, in the order in which they are written; `project` keeps those that may concern it. */
export async function listEntries(project: string | undefined, deps: AdminDeps): Promise<readonly ListedEntry[]> {
  const wanted = readOptional(project, parseProjectName, 'a project name');
  const { entries } = await deps.policy.current();
  const now = deps.clock.now();
  return entries
    .filter((entry) => wanted === undefined || entry.scope.project === undefined || entry.scope.project === wanted)
    .map((entry) => ({ ...entry, isExpired: entry.expiresAt !== undefined && entry.expiresAt <= now }));
}

/**
 * Removes a runtime entry; in force at the next request.
 *
 * @throws CordonError NOT_FOUND for an unknown id, CONFLICT for an entry of the policy file
 */
export async function removeEntry(
  id: string,
  reason: string | undefined,
  actor: string,
  deps: AdminDeps,
): Promise<PolicyEntry> {
  const { entries } = await deps.policy.current();
  const entry = entries.find((candidate) => candidate.id === id);
  if (entry === undefined) throw new CordonError('NOT_FOUND', `there is no entry ${asciiOneLine(id, 40)}`);
  if (entry.home === 'policy-file') {
    throw new CordonError('CONFLICT', `entry ${id} stands in ${deps.facts.policyFile}: remove it there`);
  }
  const removed = await deps.store.policy.removeEntry(id, {
    kind: 'entry-removed',
    actor,
    ...(reason === undefined ? {} : { reason: reason.slice(0, MAX_REASON) }),
    ...(entry.scope.project === undefined ? {} : { project: entry.scope.project }),
    before: entry,
  });
  if (!removed) throw new CordonError('NOT_FOUND', `there is no entry ${asciiOneLine(id, 40)}`);
  return entry;
}
