import { CordonError } from '../../errors.ts';
import type { PolicyEntry } from '../../policy/entry.ts';
import type { DecisionStore, EventDraft, FeedRecord } from '../../ports/decision-store.ts';
import { newExplanationId } from '../explanation-id.ts';
import type { Append } from './memory-store.ts';

/** Runtime entries, settings and the policy revision. */
export function memoryPolicy(append: Append): DecisionStore['policy'] {
  const entries = new Map<string, PolicyEntry>();
  const settings = new Map<string, string>();
  const listeners = new Set<() => void>();
  let revision = 0;
  const note = (event: EventDraft): void => {
    revision += 1;
    append([event]);
    for (const listener of listeners) listener();
  };

  return {
    listEntries: () => Promise.resolve([...entries.values()]),
    addEntry: (entry, event, findSame) => {
      const same = findSame?.([...entries.values()]);
      if (same !== undefined) return Promise.resolve(same);
      if (entries.has(entry.id)) {
        return Promise.reject(new CordonError('CONFLICT', `There is an entry ${entry.id} already.`));
      }
      entries.set(entry.id, entry);
      note(event);
      return Promise.resolve(undefined);
    },
    removeEntry: (id, event) => {
      if (!entries.delete(id)) return Promise.resolve(false);
      note(event);
      return Promise.resolve(true);
    },
    revision: () => Promise.resolve(revision),
    bumpRevision: (event) => {
      note(event);
      return Promise.resolve(revision);
    },
    findSetting: (name) => Promise.resolve(settings.get(name)),
    setSetting: (name, value, event) => {
      if (value === undefined) settings.delete(name);
      else settings.set(name, value);
      note(event);
      return Promise.resolve();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Records of malicious packages, per feed. */
export function memoryFeeds(append: Append): DecisionStore['feeds'] {
  const feeds = new Map<string, { records: readonly FeedRecord[]; etag?: string; syncedAt: number }>();
  return {
    replaceFeed: (feed, records, state, event) => {
      feeds.set(feed, { records: [...records], ...state });
      append([event]);
      return Promise.resolve();
    },
    loadFeed: (feed) => Promise.resolve(feeds.get(feed)),
  };
}

/** When each ruleset came into force. */
export function memoryRuleset(): DecisionStore['ruleset'] {
  const firstNotedAt = new Map<string, number>();
  return {
    noteRuleset: (ruleset, now) => {
      const first = firstNotedAt.get(ruleset) ?? now;
      firstNotedAt.set(ruleset, first);
      return Promise.resolve(first);
    },
  };
}

/** Ids of explanation pages. */
export function memoryExplanations(): DecisionStore['explanations'] {
  const idByKey = new Map<string, string>();
  const keyById = new Map<string, string>();
  return {
    getId: (fileKey) => {
      const id = idByKey.get(fileKey) ?? newExplanationId();
      idByKey.set(fileKey, id);
      keyById.set(id, fileKey);
      return Promise.resolve(id);
    },
    findFileKey: (id) => Promise.resolve(keyById.get(id)),
  };
}
