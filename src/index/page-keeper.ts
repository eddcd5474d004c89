// Owns the pages of one upstream: fresh, revalidated, or stale within a bound. May import ports and pypi. Start at createPageKeeper.
import { CordonError, isCordonError } from '../errors.ts';
import type { ProjectFacts } from '../ports/project-index.ts';
import type { ProjectName } from '../pypi/model.ts';
import { createCostCache } from './facts-cache.ts';
import { ageOf, emptyEntry, markDirty, type PageEntry, replaceRows, restoreFacts } from './page-entry.ts';
import { createPageJournal, type PageBounds, type PageKeeperDeps } from './page-journal.ts';
import type { UpstreamRoute } from './routing.ts';
import { createSingleFlight } from './single-flight.ts';
import { createUpstreamSince } from './upstream-since.ts';

/** A page that could not be had is not asked for again for this long. */
const FAILURE_MS = 5_000;
/** After a failure or a slow answer of any page, nobody who has an older one waits for the upstream for this long. */
const TROUBLE_MS = 30_000;
/** What an absent project costs in the cache, in files. */
const ENTRY_COST = 4;

export interface PageKeeper {
  readonly route: UpstreamRoute;
  /** undefined: the upstream says 404. Throws UPSTREAM_DOWN or UPSTREAM_SLOW when it fails and no page within the bound is held. */
  find(project: ProjectName): Promise<ProjectFacts | undefined>;
  /** As find, but asks again when the last confirmation is older than this. */
  findNewerThan(project: ProjectName, maxAgeMs: number): Promise<ProjectFacts | undefined>;
  /** What the upstream last said, however long ago; asks it only when it never did. */
  recall(project: ProjectName): Promise<ProjectFacts | undefined>;
  forget(project: ProjectName, fileKey: string | undefined): void;
}

function isFresh(entry: PageEntry, now: number, bounds: PageBounds, maxAgeMs: number): boolean {
  if (entry.confirmedAt === 0) return false;
  const bound = Math.min(maxAgeMs, entry.facts === undefined ? bounds.absentMs : bounds.freshMs);
  return ageOf(Math.max(entry.confirmedAt, entry.askedAt), now) < bound;
}

/** Keeps the pages of one upstream; single flight per project. */
export function createPageKeeper(route: UpstreamRoute, deps: PageKeeperDeps): PageKeeper {
  const { store, clock, log, metrics, bounds } = deps;
  const { source } = route;
  const journal = createPageJournal(route, deps);
  const cache = createCostCache<PageEntry>(bounds.maxCachedFiles);
  /** entries that are being filled: also those that the cache has no room for hear of changed rows */
  const busy = new Map<string, PageEntry>();
  const loading = createSingleFlight<PageEntry>();
  const settling = createSingleFlight<undefined>();
  const refreshing = createSingleFlight<undefined>();
  const findSince = createUpstreamSince(route, deps);
  /** when the upstream last failed or was slow, UTC ms; undefined: its last answer was a good one */
  let troubledAt: number | undefined;

  const keep = (project: ProjectName, entry: PageEntry): void => {
    const files = entry.facts === undefined ? 0 : entry.facts.files.length + entry.facts.removed.length;
    cache.set(project, entry, ENTRY_COST + files);
  };

  async function loadStored(project: ProjectName): Promise<PageEntry> {
    const entry = emptyEntry();
    const since = await findSince();
    const stored = await store.pages.findPage(source.id, project);
    // a page of the place that this upstream pointed to before says nothing about the new one
    if (stored === undefined || stored.confirmedAt <= since) return entry;
    if (stored.page !== undefined) {
      const rows = await store.files.findByProject(source.id, project);
      entry.facts = restoreFacts(stored, stored.page, rows, await store.files.findProject(source.id, project));
      if (entry.facts === undefined) return entry;
    }
    entry.confirmedAt = stored.confirmedAt;
    entry.etag = stored.etag;
    entry.lastModified = stored.lastModified;
    entry.pageRevision = stored.revision;
    return entry;
  }

  function load(project: ProjectName): Promise<PageEntry> {
    const held = cache.get(project) ?? busy.get(project);
    if (held !== undefined) return Promise.resolve(held);
    return loading(project, async () => {
      const entry = await loadStored(project);
      keep(project, entry);
      return entry;
    });
  }

  /** Reads rows again that others have changed since. */
  async function settle(project: ProjectName, entry: PageEntry): Promise<undefined> {
    while (entry.dirty !== undefined) {
      const { dirty, facts, pageRevision } = entry;
      entry.dirty = undefined;
      if (facts === undefined || pageRevision === undefined) return;
      const rows =
        dirty === 'all'
          ? await store.files.findByProject(source.id, project)
          : (await Promise.all([...dirty].map((key) => store.files.findByKey(key)))).filter((row) => row !== undefined);
      // a page that came meanwhile brought its own rows
      if (entry.facts === facts) entry.facts = replaceRows(facts, pageRevision, rows);
    }
  }

  async function refresh(project: ProjectName, entry: PageEntry): Promise<undefined> {
    busy.set(project, entry);
    try {
      const answer = await source.fetchPage(project, {
        ...(entry.etag === undefined ? {} : { etag: entry.etag }),
        ...(entry.lastModified === undefined ? {} : { lastModified: entry.lastModified }),
      });
      const now = clock.now();
      troubledAt = undefined;
      entry.failure = undefined;
      entry.askedAt = now;
      switch (answer.kind) {
        case 'page':
          await journal.accept(entry, answer, now);
          break;
        case 'absent':
          await journal.noteAbsence(project, entry, now);
          break;
        case 'not-modified':
          if (entry.facts === undefined) throw notModifiedWithoutPage(source.id);
          await store.pages.confirmPage(source.id, project, now);
          entry.confirmedAt = now;
          break;
      }
      await journal.liftExpired(entry, now);
    } catch (error) {
      if (!isCordonError(error)) throw error;
      entry.failure = { error, at: clock.now() };
      troubledAt = clock.now();
      const fields = { upstream: source.id, project, err: error };
      // a full disk is no fault of the upstream, and nobody but a person can mend it
      if (error.code === 'STORE_DOWN') log.error(fields, 'a project page could not be kept');
      else {
        metrics.countUpstreamError(source.id, error.code);
        log.warn(fields, 'a project page could not be refreshed');
      }
      throw error;
    } finally {
      keep(project, entry);
      busy.delete(project);
    }
  }

  async function answer(project: ProjectName, entry: PageEntry, isStale: boolean): Promise<ProjectFacts | undefined> {
    if (entry.dirty !== undefined) await settling(project, () => settle(project, entry));
    return entry.facts !== undefined && isStale ? { ...entry.facts, isStale } : entry.facts;
  }

  /** Waits for the fresh page as long as a stale one may not do, or patience lasts. True: the stale one must do. */
  async function renew(project: ProjectName, entry: PageEntry): Promise<boolean> {
    const now = clock.now();
    const mayBeStale = entry.facts !== undefined && now - entry.confirmedAt <= bounds.staleMs;
    if (entry.failure !== undefined && ageOf(entry.failure.at, now) < FAILURE_MS) {
      if (mayBeStale) return true;
      throw entry.failure.error;
    }
    const renewal = refreshing(project, () => refresh(project, entry));
    if (!mayBeStale) {
      await renewal;
      return false;
    }
    const isTroubled = troubledAt !== undefined && ageOf(troubledAt, now) < TROUBLE_MS;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<true>((resolve) => {
      timer = setTimeout(
        () => {
          troubledAt = clock.now();
          resolve(true);
        },
        isTroubled ? 0 : bounds.patienceMs,
      );
    });
    const outcome = renewal.then(
      () => false,
      (error: unknown) => {
        if (isCordonError(error, 'UPSTREAM_DOWN', 'UPSTREAM_SLOW')) return true;
        throw error;
      },
    );
    // when patience ends first, the refresh goes on without us, and so does its failure
    outcome.catch(() => undefined);
    return Promise.race([outcome, patience]).finally(() => {
      clearTimeout(timer);
    });
  }

  async function findNewerThan(project: ProjectName, maxAgeMs: number): Promise<ProjectFacts | undefined> {
    const entry = await load(project);
    if (isFresh(entry, clock.now(), bounds, maxAgeMs)) {
      metrics.countCache('page', 'hit');
      return answer(project, entry, false);
    }
    const isStale = await renew(project, entry);
    metrics.countCache('page', isStale ? 'stale' : 'miss');
    return answer(project, entry, isStale);
  }

  return {
    route,
    findNewerThan,
    find: (project) => findNewerThan(project, Number.POSITIVE_INFINITY),
    async recall(project) {
      const entry = await load(project);
      return entry.confirmedAt === 0 ? findNewerThan(project, Number.POSITIVE_INFINITY) : answer(project, entry, false);
    },
    forget(project, fileKey) {
      for (const entry of [cache.get(project), busy.get(project)]) {
        if (entry !== undefined) markDirty(entry, fileKey);
      }
    },
  };
}

function notModifiedWithoutPage(upstream: string): CordonError {
  return new CordonError('UPSTREAM_DOWN', `${upstream} says that a page did not change, but we hold none.`);
}
