import { beforeEach, describe, expect, test } from 'vitest';
import { applyFeed } from '../../src/judge/apply-feed.ts';
import { createFeedBook, loadFeeds } from '../../src/judge/feed-book.ts';
import { isWorse } from '../../src/judge/worsened.ts';
import type { FeedRecord } from '../../src/policy/facts.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import type { DecisionStore } from '../../src/ports/decision-store.ts';
import type { ProjectName } from '../../src/pypi/model.ts';
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { type FakeNotifier, fakeNotifier } from '../fakes/fake-notifier.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { DAY, MAL, makePolicy, NOW } from '../policy/policy-facts.ts';
import {
  makeAccess,
  makeProject,
  makeReport,
  makeStoredFile,
  makeStoredPage,
  sha256Of,
} from '../support/stored-facts.ts';

const FILES = [makeStoredFile('six-1.0.tar.gz'), makeStoredFile('six-1.1.tar.gz'), makeStoredFile('six-1.2.tar.gz')];
const STATE = { etag: '"a"', syncedAt: NOW };

describe('a new state of a feed', () => {
  const clock = fakeClock(NOW);
  let store: DecisionStore;
  let notifier: FakeNotifier;
  let feeds = createFeedBook();
  const apply = (records: readonly FeedRecord[]) =>
    applyFeed(
      'osv',
      records,
      STATE,
      { actor: 'feed:osv' },
      {
        store,
        feeds,
        clock,
        log: silentLog,
        policy: { current: () => Promise.resolve(makePolicy()) },
        notifier,
      },
    );

  beforeEach(async () => {
    store = openMemoryStore({ clock });
    notifier = fakeNotifier();
    feeds = createFeedBook();
    await store.pages.savePage(makeStoredPage(FILES, NOW - DAY), FILES, makeProject({ firstUploadAt: 0 }), []);
    for (const file of FILES.slice(0, 2)) await store.reports.saveReport(makeReport(file), NOW, undefined, []);
  });

  test('tells who has a file that is now refused', async () => {
    const served = { filename: 'six-1.0.tar.gz', sha256: sha256Of('six-1.0.tar.gz') };
    await store.access.record([
      makeAccess({ ...served, client: 'a', at: 1 }),
      makeAccess({ ...served, client: 'b', at: 2 }),
      makeAccess({ ...served, client: 'a', at: 3 }),
      makeAccess({ ...served, client: 'c', at: 4, outcome: 'refused' }),
    ]);

    const applied = await apply([{ ...MAL, versions: ['1.0', '1.2'] }]);

    expect(applied).toEqual({ records: 1, added: 1, removed: 0, worsened: 1 }); // nobody could have 1.2: it was never scanned
    const [event] = await store.events.list({ limit: 9, kind: 'verdict-worsened' });
    expect(event).toMatchObject({ filename: 'six-1.0.tar.gz', before: { kind: 'allow' }, after: { reason: 'feed' } });
    expect(event?.after).toMatchObject({
      fetchedByCount: 2,
      fetchedBy: [
        { client: 'a', firstAt: 1, lastAt: 3 },
        { client: 'b', firstAt: 2, lastAt: 2 },
      ],
    });
    expect(notifier.notices).toMatchObject([{ kind: 'verdict-worsened', fields: { fetchedBy: 2, reason: 'feed' } }]);
  });

  test('is told once, and again when a record grows', async () => {
    await apply([{ ...MAL, versions: ['1.0'] }]);
    expect((await apply([{ ...MAL, versions: ['1.0'] }])).worsened).toBe(0);
    expect((await apply([{ ...MAL, versions: ['1.0', '1.1'] }])).worsened).toBe(1);
    expect(await apply([])).toMatchObject({ removed: 1, worsened: 0 });
  });

  test('is in the book and in the store', async () => {
    await apply([MAL]);
    const restarted = createFeedBook();
    await loadFeeds(restarted, ['osv', 'never-synced'], store);

    expect(feeds.find(MAL.project)).toEqual([MAL]);
    expect(restarted.find(MAL.project)).toEqual([MAL]);
    expect(restarted.count('osv')).toBe(1);
    expect(restarted.find('torch' as ProjectName)).toEqual([]);
  });
});

test.each<[string, string, boolean]>([
  ['allow clean', 'refuse malware', true],
  ['allow clean', 'quarantine suspicious', true],
  ['allow waiver', 'refuse malware', true],
  ['quarantine suspicious', 'refuse malware', true],
  ['needs-scan outdated', 'refuse malware', true],
  ['needs-scan unscanned', 'refuse malware', false],
  ['refuse malware', 'quarantine suspicious', false],
  ['allow clean', 'quarantine cooldown', false],
  ['allow clean', 'needs-scan outdated', false],
  ['refuse malware', 'allow clean', false],
])('%s → %s: worse is %s', (before, after, expected) => {
  const read = (text: string): Verdict => {
    const [kind, reason] = text.split(' ');
    return { kind, reason, detail: '' } as Verdict;
  };

  expect(isWorse(read(before), read(after))).toBe(expected);
});
