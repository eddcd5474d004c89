// Owns what is written when an upstream said something new about a project. May import ports and pypi. Start at createPageJournal.
import { isCordonError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { DecisionStore, EventDraft, StoredFile, StoredPage } from '../ports/decision-store.ts';
import type { PageAnswer } from '../ports/index-source.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Notifier } from '../ports/notifier.ts';
import { makeFilePath, type PathUpstream } from '../pypi/file-path.ts';
import type { ProjectName } from '../pypi/model.ts';
import { ageOf, emptyEntry, isOlderPage, makeFacts, markDirty, type PageEntry } from './page-entry.ts';
import { computePageRevision } from './page-revision.ts';
import { type Reconciled, reconcile } from './reconcile.ts';
import type { UpstreamRoute } from './routing.ts';

/** A file whose bytes did not match is tried again after this long: a bad cache on the way must not damn it for ever. */
const MISMATCH_RETRY_MS = 3_600_000;

/** How long what an upstream said is good, ms. */
export interface PageBounds {
  /** a page is not asked for again */
  readonly freshMs: number;
  /** counted from the last confirmation, while the upstream fails; also how long an older serial is not believed */
  readonly staleMs: number;
  /** a project that is not there is not asked for again */
  readonly absentMs: number;
  /** with a stale page at hand, how long a request waits for the fresh one */
  readonly patienceMs: number;
  /** files of all pages in memory */
  readonly maxCachedFiles: number;
}

export interface PageKeeperDeps {
  readonly store: Pick<DecisionStore, 'pages' | 'files' | 'policy'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly notifier: Notifier;
  readonly bounds: PageBounds;
}

/** A page that just came. */
type PageCame = PageAnswer & { readonly kind: 'page' };

export interface PageJournal {
  /** Takes a page over into the entry and the store, unless it is older than the one held. */
  accept(entry: PageEntry, answer: PageCame, now: number): Promise<void>;
  /** The upstream says 404. */
  noteAbsence(project: ProjectName, entry: PageEntry, now: number): Promise<void>;
  /** Drops recorded mismatches of digests that are old enough to try again. */
  liftExpired(entry: PageEntry, now: number): Promise<void>;
}

export function createPageJournal(route: UpstreamRoute, deps: PageKeeperDeps): PageJournal {
  const { store, log, bounds } = deps;
  const { source } = route;
  const upstream: PathUpstream = {
    id: source.id,
    ...(route.keptOrigin === undefined ? {} : { keptOrigin: route.keptOrigin }),
  };

  /** Drops recorded mismatches of digests that are old enough to try again. */
  async function liftExpired(entry: PageEntry, now: number): Promise<void> {
    const { facts } = entry;
    if (facts === undefined) return;
    for (const row of facts.files) {
      if (!isExpiredMismatch(row, now)) continue;
      await store.files.updateFile(row.key, { mismatch: null }, [describeRetry(row)]);
      markDirty(entry, row.key);
    }
  }

  /** Writes the page and its rows in one transaction; returns the rows as written. */
  async function write(
    stored: Omit<StoredPage, 'page'>,
    next: Reconciled,
    rows: readonly StoredFile[] = next.files,
  ): Promise<readonly StoredFile[]> {
    try {
      await store.pages.savePage({ ...stored, page: next.page }, rows, next.project, next.events);
      return rows;
    } catch (error) {
      if (!isCordonError(error, 'CONFLICT') || rows !== next.files) throw error;
      // rows from before this upstream moved hold these paths: new ones are named by their origin instead
      const moved = (row: StoredFile): StoredFile =>
        row.firstSeenAt === stored.confirmedAt ? { ...row, path: makeFilePath({ id: source.id }, row.file) } : row;
      return write(stored, next, next.files.map(moved));
    }
  }

  async function tellMutations(events: readonly EventDraft[], now: number): Promise<void> {
    for (const event of events) {
      if (event.kind !== 'release-mutated') continue;
      const { project, filename, reason } = event;
      log.warn({ project, filename, reason }, 'a release changed after it was out');
      const title = 'A release changed after it was out';
      await deps.notifier.notify({ kind: 'release-mutated', at: now, title, fields: { project, filename, reason } });
    }
  }

  async function save(entry: PageEntry, next: Reconciled, answer: PageCame, now: number): Promise<void> {
    const { name } = next.page;
    const revision = await computePageRevision(next.page);
    const isSame = revision === entry.pageRevision && answer.etag === entry.etag && next.events.length === 0;
    let rows = next.files;
    if (isSame) await store.pages.confirmPage(source.id, name, now);
    else {
      const validators = {
        ...(answer.etag === undefined ? {} : { etag: answer.etag }),
        ...(answer.lastModified === undefined ? {} : { lastModified: answer.lastModified }),
      };
      rows = await write({ upstream: source.id, project: name, confirmedAt: now, revision, ...validators }, next);
      for (const row of next.lifted) await store.files.updateFile(row.key, { mismatch: null }, [describeRetry(row)]);
    }
    entry.facts = makeFacts(next.page, revision, next.project, rows, next.removed);
    entry.pageRevision = revision;
    entry.etag = answer.etag;
    entry.lastModified = answer.lastModified;
    await tellMutations(next.events, now);
  }

  async function accept(entry: PageEntry, answer: PageCame, now: number): Promise<void> {
    const { name } = answer.page;
    const held = entry.facts?.page;
    if (held !== undefined && isOlderPage(held, answer.page)) {
      const isBounded = ageOf(entry.confirmedAt, now) <= bounds.staleMs;
      log.warn(
        { upstream: source.id, project: name, held: held.lastSerial, came: answer.page.lastSerial, isBounded },
        'the serial of a page went backwards',
      );
      // the newer page may have shown a removal or a quarantine: it is kept, but not for ever
      if (isBounded) return;
    }
    const isWhole = entry.facts !== undefined && entry.dirty === undefined;
    const remembered = isWhole
      ? { files: [...(entry.facts?.files ?? []), ...(entry.facts?.removed ?? [])], project: entry.facts?.project }
      : {
          files: await store.files.findByProject(source.id, name),
          project: await store.files.findProject(source.id, name),
        };
    await save(entry, await reconcile(answer.page, upstream, remembered, now), answer, now);
    entry.confirmedAt = now;
  }

  async function noteAbsence(project: ProjectName, entry: PageEntry, now: number): Promise<void> {
    if (entry.facts !== undefined) {
      const event: EventDraft = { kind: 'project-removed', actor: `upstream:${source.id}`, project };
      const page = { upstream: source.id, project, confirmedAt: now, revision: 'absent' };
      await store.pages.savePage(page, [], entry.facts.project, [event]);
    }
    // a name that was never there is remembered in memory alone: guessed names must not fill the disk
    Object.assign(entry, { ...emptyEntry(), confirmedAt: now });
  }

  return { accept, noteAbsence, liftExpired };
}

/** Says whether a recorded mismatch of digests is old enough to be tried again. */
export function isExpiredMismatch(row: StoredFile, now: number): boolean {
  return row.mismatch?.kind === 'digest' && now - row.mismatch.at >= MISMATCH_RETRY_MS;
}

/** The event of a mismatch that no longer counts. */
export function describeRetry(row: StoredFile): EventDraft {
  return {
    kind: 'mismatch-lifted',
    actor: 'cordon',
    project: row.project,
    filename: row.file.filename,
    ...(row.mismatch === undefined ? {} : { before: row.mismatch }),
  };
}
