// Owns the feed of known malicious packages: OSV records of PyPI, from the public archive or from a copy on disk.
// May import ports, policy and pypi. Start at createOsvFeed. What a new state means for cached files is judge/apply-feed.ts.
import { readFile, stat } from 'node:fs/promises';
import { CordonError } from '../errors.ts';
import type { FeedRecord } from '../policy/facts.ts';
import type { Clock } from '../ports/clock.ts';
import type { DecisionStore, EventDraft } from '../ports/decision-store.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { ArchiveAnswer, FetchArchiveOptions } from './fetch-archive.ts';
import { isMalwareRecordName, parseOsvRecord } from './osv-record.ts';
import { readZipMembers, type ZipLimits } from './zip-archive.ts';

/** Name of the feed in the store and in events. */
export const OSV_FEED = 'osv';

/** Whose doing a new state is, for the event. */
type Who = Pick<EventDraft, 'actor' | 'reason'>;

export interface FeedState {
  /** records in force */
  readonly records: number;
  /** UTC ms of the last time that the archive was read or found unchanged; undefined: never */
  readonly syncedAt?: number;
  /** why the last look failed; undefined: it did not */
  readonly problem?: string;
}

export interface OsvFeed {
  /** Looks for a newer archive and applies it. Throws UPSTREAM_DOWN, UPSTREAM_SLOW, STORE_DOWN; the old records stay. */
  readonly sync: () => Promise<void>;
  /** Applies an archive from disk; gives the number of its records. Throws BAD_REQUEST, NOT_FOUND, STORE_DOWN. */
  readonly importArchive: (path: string, actor: string) => Promise<number>;
  /** Takes all records out of force, until the next look or import. Throws STORE_DOWN. */
  readonly clear: (who: Who) => Promise<void>;
  readonly state: () => Promise<FeedState>;
}

export interface OsvFeedDeps {
  readonly url: string;
  readonly store: Pick<DecisionStore, 'feeds'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'countUpstreamError'>;
  readonly fetchArchive: (url: string, options: FetchArchiveOptions) => Promise<ArchiveAnswer>;
  /** Puts records in force: stored, in memory, and everybody told who has what they name. */
  readonly apply: (
    feed: string,
    records: readonly FeedRecord[],
    state: { readonly etag?: string; readonly syncedAt: number },
    who: Who,
  ) => Promise<unknown>;
}

const MAX_ARCHIVE_BYTES = 512 * 2 ** 20;
const FETCH_TIMEOUT_MS = 10 * 60_000;
const LIMITS: ZipLimits = { members: 1_000_000, memberBytes: 8 * 2 ** 20 };
/** An archive with fewer readable records than this share is not the one that was meant. */
const MIN_READABLE_SHARE = 0.9;

export function createOsvFeed(deps: OsvFeedDeps): OsvFeed {
  const { url, store, clock, log } = deps;
  let problem: string | undefined;
  let checkedAt: number | undefined;

  const applyArchive = async (bytes: Buffer, etag: string | undefined, who: Who): Promise<number> => {
    const records = await readRecords(bytes, log);
    checkedAt = clock.now();
    await deps.apply(OSV_FEED, records, { ...(etag === undefined ? {} : { etag }), syncedAt: checkedAt }, who);
    problem = undefined;
    return records.length;
  };

  return {
    sync: async () => {
      try {
        const etag = (await store.feeds.loadFeed(OSV_FEED))?.etag;
        const answer = await deps.fetchArchive(url, { etag, maxBytes: MAX_ARCHIVE_BYTES, timeoutMs: FETCH_TIMEOUT_MS });
        if (answer.kind === 'archive') {
          const records = await applyArchive(answer.bytes, answer.etag, { actor: `feed:${OSV_FEED}` });
          log.info({ feed: OSV_FEED, records }, 'the feed of malicious packages is up to date');
        } else {
          checkedAt = clock.now();
          problem = undefined;
        }
      } catch (error) {
        deps.metrics.countUpstreamError(
          `feed:${OSV_FEED}`,
          error instanceof CordonError ? error.code : 'UPSTREAM_DOWN',
        );
        const isNews = problem === undefined;
        problem = error instanceof Error ? error.message : 'unknown failure';
        const fields = { feed: OSV_FEED, url, err: error };
        // once per outage: the scan does not depend on it, and the old records stay in force
        if (isNews) log.warn(fields, 'the feed of malicious packages cannot be read; the last state stays in force');
        else log.debug(fields, 'the feed of malicious packages still cannot be read');
        throw error;
      }
    },
    importArchive: async (path, actor) => applyArchive(await readArchive(path), undefined, { actor }),
    clear: async (who) => {
      checkedAt = undefined;
      await deps.apply(OSV_FEED, [], { syncedAt: clock.now() }, who);
    },
    state: async () => {
      const stored = await store.feeds.loadFeed(OSV_FEED);
      const syncedAt = checkedAt ?? stored?.syncedAt;
      return {
        records: stored?.records.length ?? 0,
        ...(syncedAt === undefined ? {} : { syncedAt }),
        ...(problem === undefined ? {} : { problem }),
      };
    },
  };
}

async function readArchive(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > MAX_ARCHIVE_BYTES)
      throw new CordonError('BAD_REQUEST', `${path} is larger than ${MAX_ARCHIVE_BYTES} bytes.`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof CordonError) throw error;
    throw new CordonError('NOT_FOUND', `${path} cannot be read.`, { cause: error });
  }
}

/** The records of an archive. Throws BAD_REQUEST when hardly any can be read: half a feed must not replace a whole one. */
async function readRecords(bytes: Buffer, log: Log): Promise<readonly FeedRecord[]> {
  const records: FeedRecord[] = [];
  let members = 0;
  const unreadable: string[] = [];
  for await (const member of readZipMembers(bytes, isMalwareRecordName, LIMITS)) {
    members += 1;
    const read = parseOsvRecord(parseJson(member.bytes));
    if (read === undefined) unreadable.push(member.name);
    else records.push(...read);
  }
  if (members === 0) throw new CordonError('BAD_REQUEST', 'The archive holds no records MAL-….json.');
  if (unreadable.length > members * (1 - MIN_READABLE_SHARE)) {
    throw new CordonError('BAD_REQUEST', `${unreadable.length} of ${members} records of the archive cannot be read.`);
  }
  if (unreadable.length > 0)
    log.warn({ count: unreadable.length, first: unreadable[0] }, 'records of the feed cannot be read');
  return records;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
  } catch {
    return undefined; // counted as unreadable by the caller
  }
}
