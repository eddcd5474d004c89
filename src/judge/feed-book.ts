import type { FeedRecord } from '../policy/facts.ts';
import type { DecisionStore } from '../ports/decision-store.ts';
import type { ProjectName } from '../pypi/model.ts';

/** Records of malicious packages, in memory, by project; replaced whole and at once. */
export interface FeedBook {
  readonly find: (project: ProjectName) => readonly FeedRecord[];
  /** grows with every replacement; part of the rendering cache's key */
  readonly revision: () => number;
  readonly replace: (feed: string, records: readonly FeedRecord[]) => void;
  /** number of records of a feed */
  readonly count: (feed: string) => number;
}

type ByProject = ReadonlyMap<ProjectName, readonly FeedRecord[]>;

/** An empty book. */
export function createFeedBook(): FeedBook {
  const feeds = new Map<string, { readonly byProject: ByProject; readonly count: number }>();
  let revision = 0;
  return {
    find: (project) => [...feeds.values()].flatMap(({ byProject }) => byProject.get(project) ?? []),
    revision: () => revision,
    replace: (feed, records) => {
      feeds.set(feed, { byProject: indexByProject(records), count: records.length });
      revision += 1;
    },
    count: (feed) => feeds.get(feed)?.count ?? 0,
  };
}

/** Fills the book with what the store remembers of these feeds. Throws STORE_DOWN. */
export async function loadFeeds(
  book: FeedBook,
  feeds: readonly string[],
  store: Pick<DecisionStore, 'feeds'>,
): Promise<void> {
  for (const feed of feeds) {
    const stored = await store.feeds.loadFeed(feed);
    if (stored !== undefined) book.replace(feed, stored.records);
  }
}

export function indexByProject(records: readonly FeedRecord[]): ByProject {
  const byProject = new Map<ProjectName, FeedRecord[]>();
  for (const record of records) {
    const list = byProject.get(record.project);
    if (list === undefined) byProject.set(record.project, [record]);
    else list.push(record);
  }
  return byProject;
}
