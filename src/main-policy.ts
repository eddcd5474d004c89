// Owns the putting together of what decides: the policy's two homes, the feed, the judge. Used by main-rooms.ts alone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeedActions } from './admin/admin-deps.ts';
import type { Config } from './config.ts';
import { fetchArchive } from './feeds/fetch-archive.ts';
import { createOsvFeed, OSV_FEED } from './feeds/osv-feed.ts';
import { openPolicyFile } from './feeds/policy-file-watcher.ts';
import { applyFeed } from './judge/apply-feed.ts';
import { createComparer } from './judge/compare-on-scan.ts';
import { createFeedBook, loadFeeds } from './judge/feed-book.ts';
import { createJudge } from './judge/judge.ts';
import { createPolicySnapshot } from './judge/policy-snapshot.ts';
import { policySettings } from './main-settings.ts';
import type { Tools } from './main-tools.ts';
import { parsePopularNames } from './policy/name-confusion.ts';
import type { DecisionStore } from './ports/decision-store.ts';
import { systemTimers } from './system-timers.ts';

/** Opens policy, feed and judge over a store. Throws CONFIG_INVALID for a policy file that is broken at the start. */
export async function openPolicy(config: Config, ruleset: string, store: DecisionStore, { closing, ...tools }: Tools) {
  const { clock, log } = tools;
  const since = await store.ruleset.noteRuleset(ruleset, clock.now());
  const facts = { installedAt: await store.installedAt(), ruleset: { inForce: ruleset, since } };
  const policy = createPolicySnapshot(policySettings(config, facts), { store, log });
  closing.add(policy.close);
  const policyFile = await openPolicyFile({
    path: config.policyFile,
    apply: policy.replaceFile,
    timers: systemTimers,
    ...tools,
  });
  closing.add(policyFile.close);
  const book = createFeedBook();
  const { enabled: isEnabled, url } = config.feeds.osv;
  if (isEnabled) await loadFeeds(book, [OSV_FEED], store);
  const osv = createOsvFeed({
    url,
    store,
    fetchArchive,
    apply: (feed, records, state) => applyFeed(feed, records, state, { store, policy, feeds: book, ...tools }),
    ...tools,
  });
  const feeds: FeedActions = {
    list: async () => [{ feed: OSV_FEED, isEnabled, ...(await osv.state()) }],
    sync: osv.sync,
    importArchive: osv.importArchive,
  };
  const deps = { store, policy, feeds: book, clock };
  const popular = parsePopularNames(
    readFileSync(join(config.installFolder, 'config', 'rules', 'popular-projects.txt'), 'utf8'),
  );
  return { policy, policyFile, feeds, judge: createJudge(deps), compare: createComparer({ ...deps, popular }) };
}
