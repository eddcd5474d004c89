import type { DecisionStore, FeedRecord } from '../../ports/decision-store.ts';
import { newExplanationId } from '../explanation-id.ts';
import type { Connection } from './connection.ts';
import { packSlices, unpackSlices } from './packed.ts';
import type { Append } from './sqlite-events.ts';

const SLICE = 2_000;

/** Records of malicious packages: read and replaced only as a whole, so they are stored in packed slices. */
export function sqliteFeeds({ database, ask, change }: Connection, append: Append): DecisionStore['feeds'] {
  const findFeed = database.prepare<[string], { etag: string | null; synced_at: number }>(
    'SELECT etag, synced_at FROM feeds WHERE feed = ?',
  );
  const findParts = database
    .prepare<[string], Buffer>('SELECT body FROM feed_parts WHERE feed = ? ORDER BY part')
    .pluck();
  const saveFeed = database.prepare<[string, string | null, number]>(
    'INSERT OR REPLACE INTO feeds (feed, etag, synced_at) VALUES (?, ?, ?)',
  );
  const removeParts = database.prepare<[string]>('DELETE FROM feed_parts WHERE feed = ?');
  const insertPart = database.prepare<[string, number, Buffer]>(
    'INSERT INTO feed_parts (feed, part, body) VALUES (?, ?, ?)',
  );

  return {
    replaceFeed: async (feed, records, state, event) => {
      const parts = await packSlices(records, SLICE);
      await change(() => {
        saveFeed.run(feed, state.etag ?? null, state.syncedAt);
        removeParts.run(feed);
        for (const [part, body] of parts.entries()) insertPart.run(feed, part, body);
        append([event]);
      });
    },
    loadFeed: async (feed) => {
      const found = await ask(() => ({ row: findFeed.get(feed), parts: findParts.all(feed) }));
      if (found.row === undefined) return undefined;
      const { etag, synced_at: syncedAt } = found.row;
      const records = (await unpackSlices(found.parts)) as readonly FeedRecord[];
      return { records, ...(etag === null ? {} : { etag }), syncedAt };
    },
  };
}

/** When each ruleset came into force. */
export function sqliteRuleset({ database, change }: Connection): DecisionStore['ruleset'] {
  const note = database.prepare<[string, number]>('INSERT OR IGNORE INTO rulesets (ruleset, first_at) VALUES (?, ?)');
  const findFirst = database.prepare<[string], number>('SELECT first_at FROM rulesets WHERE ruleset = ?').pluck();
  return {
    noteRuleset: (ruleset, now) =>
      change(() => {
        note.run(ruleset, now);
        return findFirst.get(ruleset) ?? now;
      }),
  };
}

/** Ids of explanation pages. */
export function sqliteExplanations({ database, ask, change }: Connection): DecisionStore['explanations'] {
  const findId = database.prepare<[string], string>('SELECT id FROM explanations WHERE file_key = ?').pluck();
  const findKey = database.prepare<[string], string>('SELECT file_key FROM explanations WHERE id = ?').pluck();
  const insert = database.prepare<[string, string]>('INSERT INTO explanations (id, file_key) VALUES (?, ?)');
  return {
    getId: async (fileKey) => {
      const known = await ask(() => findId.get(fileKey));
      if (known !== undefined) return known;
      return change(() => {
        const id = newExplanationId();
        insert.run(id, fileKey);
        return id;
      });
    },
    findFileKey: (id) => ask(() => findKey.get(id)),
  };
}
