import { decide } from '../policy/decide.ts';
import type { FeedRecord } from '../policy/facts.ts';
import type { DecisionStore, EventDraft } from '../ports/decision-store.ts';
import type { ProjectName } from '../pypi/model.ts';
import { type FeedBook, indexByProject } from './feed-book.ts';
import { inSlices, loadProject, withFeed } from './load-facts.ts';
import type { PolicySnapshot } from './policy-snapshot.ts';
import { reportWorsened, type VerdictChange, type WorsenedDeps } from './worsened.ts';

export interface ApplyFeedDeps extends WorsenedDeps {
  readonly store: Pick<DecisionStore, 'files' | 'feeds' | 'access' | 'events'>;
  readonly policy: Pick<PolicySnapshot, 'current'>;
  readonly feeds: FeedBook;
}

/** What a new state of a feed meant. */
export interface AppliedFeed {
  readonly records: number;
  readonly added: number;
  readonly removed: number;
  /** files that could be had before and cannot be any more */
  readonly worsened: number;
}

/**
 * Puts a new state of a feed in force: stored, then at once in memory, so that the next request of a cached file is judged
 * by it; then everybody who has a file that is now refused is found.
 *
 * @param who for the event: `feed:osv` itself, or who imported or cleared it
 */
export async function applyFeed(
  feed: string,
  records: readonly FeedRecord[],
  state: { readonly etag?: string; readonly syncedAt: number },
  who: Pick<EventDraft, 'actor' | 'reason'>,
  deps: ApplyFeedDeps,
): Promise<AppliedFeed> {
  const before = (await deps.store.feeds.loadFeed(feed))?.records ?? [];
  const { added, removed } = compareFeeds(before, records);
  await deps.store.feeds.replaceFeed(feed, records, state, describeSync(who, records.length, added, removed));
  deps.feeds.replace(feed, records);
  const worsened = await findWorsened(before, added, deps);
  return {
    records: records.length,
    added: added.length,
    removed: removed.length,
    worsened: await reportWorsened(worsened, 'feed', deps),
  };
}

function describeSync(
  who: Pick<EventDraft, 'actor' | 'reason'>,
  count: number,
  added: readonly FeedRecord[],
  removed: readonly FeedRecord[],
): EventDraft {
  const ids = (list: readonly FeedRecord[]): readonly string[] => list.slice(0, 100).map(({ id }) => id);
  return {
    kind: 'feed-synced',
    ...who,
    after: {
      records: count,
      added: added.length,
      removed: removed.length,
      addedIds: ids(added),
      removedIds: ids(removed),
    },
  };
}

/** A record that changed counts as added: it may name another version now. */
function compareFeeds(
  before: readonly FeedRecord[],
  after: readonly FeedRecord[],
): { readonly added: readonly FeedRecord[]; readonly removed: readonly FeedRecord[] } {
  const identify = (record: FeedRecord): string => `${record.id}\n${record.project}`;
  const known = new Map(before.map((record) => [identify(record), JSON.stringify(record)]));
  const current = new Set(after.map(identify));
  return {
    added: after.filter((record) => known.get(identify(record)) !== JSON.stringify(record)),
    removed: before.filter((record) => !current.has(identify(record))),
  };
}

/** Decides the known files of the named projects twice: by the old records and by the new ones. */
async function findWorsened(
  before: readonly FeedRecord[],
  added: readonly FeedRecord[],
  deps: ApplyFeedDeps,
): Promise<readonly VerdictChange[]> {
  const names = [...new Set(added.map(({ project }) => project))];
  const oldRecords = indexByProject(before);
  const changes: VerdictChange[] = [];
  for (const project of await deps.store.files.findProjects(names)) {
    const policy = await deps.policy.current();
    const files = await deps.store.files.findByProject(project.upstream, project.project);
    const facts = await loadProject(project, files, policy.ruleset.inForce, deps.store);
    const oldOf = (name: ProjectName): readonly FeedRecord[] => oldRecords.get(name) ?? [];
    const now = deps.clock.now();
    const both = await inSlices(facts, (one) => ({
      file: one.file,
      before: decide(withFeed(one, oldOf(project.project)), policy, now).verdict,
      after: decide(withFeed(one, deps.feeds.find(project.project)), policy, now).verdict,
    }));
    changes.push(...both);
  }
  return changes;
}
