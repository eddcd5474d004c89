// Owns the putting together of what decides: the policy's two homes, the feed, the judge. Used by main-rooms.ts alone.
import type { FeedActions } from './admin/admin-deps.ts';
import type { Config } from './config.ts';
import { fetchArchive } from './feeds/fetch-archive.ts';
import { createOsvFeed, OSV_FEED } from './feeds/osv-feed.ts';
import { openPolicyFile } from './feeds/policy-file-watcher.ts';
import { openPopularNames } from './feeds/popular-names.ts';
import { applyFeed } from './judge/apply-feed.ts';
import { createComparer } from './judge/compare-on-scan.ts';
import { createFeedBook, loadFeeds } from './judge/feed-book.ts';
import { createJudge } from './judge/judge.ts';
import { createPolicySnapshot } from './judge/policy-snapshot.ts';
import { createPublisherReader, type PublisherDeps } from './judge/publishers.ts';
import { policySettings, routeTo } from './main-settings.ts';
import type { Tools } from './main-tools.ts';
import type { DecisionStore } from './ports/decision-store.ts';
import { systemTimers } from './system-timers.ts';
import { createTransport, type Transport } from './upstream/transport.ts';

/** The feed's address is the administrator's own, and nothing but its origin is ever asked: it may be inside the network. */
export function openFeedTransport(config: Config): Transport {
  const { osv } = config.feeds;
  const { credentials, ...route } = routeTo(osv.url, osv, config);
  const { connectTimeoutMs: connectMs, headersTimeoutMs: headersMs, progressTimeoutMs: progressMs } = config.fetch;
  return createTransport(
    {
      id: 'the feed',
      fileOrigins: [],
      allowPrivateAddresses: true,
      timeouts: { connectMs, headersMs, progressMs },
      ...route,
    },
    new URL(osv.url).origin,
    credentials,
    undefined,
  );
}

type FindSource = PublisherDeps['findSource'];

/** Opens policy, feed and judge over a store. Throws CONFIG_INVALID for a policy file that is broken at the start. */
export async function openPolicy(
  config: Config,
  ruleset: string,
  store: DecisionStore,
  findSource: FindSource,
  { closing, ...tools }: Tools,
) {
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
  // also when nothing is fetched: an import on a machine without a way outside is in force after a restart, too
  await loadFeeds(book, [OSV_FEED], store);
  const outside = openFeedTransport(config);
  closing.add(() => outside.close());
  const osv = createOsvFeed({
    url,
    store,
    fetchArchive: (address, options) => fetchArchive(address, options, (...request) => outside.get(...request)),
    apply: (feed, records, state, who) =>
      applyFeed(feed, records, state, who, { store, policy, feeds: book, ...tools }),
    ...tools,
  });
  const feeds: FeedActions = {
    list: async () => [{ feed: OSV_FEED, isEnabled, ...(await osv.state()) }],
    sync: osv.sync,
    importArchive: osv.importArchive,
    clear: osv.clear,
  };
  const deps = { store, policy, feeds: book, clock };
  const popular = openPopularNames(config.popularProjectsFile, { clock, log });
  const publishers = createPublisherReader({ findSource, log });
  const compare = createComparer({ ...deps, popular, findPublishers: publishers.find });
  return { policy, policyFile, feeds, judge: createJudge(deps), compare, onBegin: publishers.begin };
}
