// Owns what each room takes from the settings, in its own units. Reads certificates, nothing else. Used by main.ts and main-*.ts.
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { rootCertificates } from 'node:tls';
import { type Config, publicUrlOf } from './config.ts';
import type { HttpSettings, PassThrough } from './http/deps.ts';
import type { PageBounds } from './index/page-journal.ts';
import type { IntakeLimits } from './intake/deps.ts';
import type { PolicySettings } from './judge/policy-snapshot.ts';
import type { UpstreamId } from './pypi/model.ts';
import type { Credentials, UpstreamConfig } from './upstream/config.ts';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
/** Far more than the largest page takes on a poor line; whoever asked has gone long before. */
const DOCUMENT_MS = 120_000;
const LIST_MS = 15 * 60_000;
const MAX_METADATA_BYTES = 16 * MIB;

/** pypi.org keeps its JSON API beside its simple index; so do mirrors of its shape. */
function jsonApiOf(upstream: Config['upstreams'][number]): string | undefined {
  if (upstream.jsonApi !== null) return upstream.jsonApi;
  const simple = /\/simple\/?$/;
  return simple.test(upstream.url) ? upstream.url.replace(simple, '/pypi/') : undefined;
}

export function upstreamSettings(config: Config): readonly UpstreamConfig[] {
  return config.upstreams.map((upstream) => {
    const jsonApi = jsonApiOf(upstream);
    return {
      id: upstream.id as UpstreamId,
      url: upstream.url.endsWith('/') ? upstream.url : `${upstream.url}/`,
      projects: upstream.projects,
      fileOrigins: upstream.fileOrigins.map((origin) => new URL(origin).origin),
      ...(jsonApi === undefined ? {} : { jsonApi }),
      ...(upstream.credentials === undefined ? {} : { credentials: upstream.credentials }),
      ...(upstream.caFile === null ? {} : { caFile: upstream.caFile }),
      ...(upstream.proxyUrl === null ? {} : { proxyUrl: upstream.proxyUrl }),
      allowPrivateAddresses: upstream.allowPrivateAddresses,
      timeouts: {
        connectMs: config.fetch.connectTimeoutMs,
        headersMs: config.fetch.headersTimeoutMs,
        progressMs: config.fetch.progressTimeoutMs,
      },
      documentMs: DOCUMENT_MS,
      listMs: LIST_MS,
      retries: config.fetch.retries,
      maxPageBytes: config.fetch.maxPageMiB * MIB,
      maxMetadataBytes: MAX_METADATA_BYTES,
    };
  });
}

/** An upstream whose files are not for everybody who has a link to their explanation. */
function isPrivate(upstream: Config['upstreams'][number]): boolean {
  return upstream.credentials !== undefined || !upstream.projects.includes('*');
}

export function httpSettings(config: Config, listFolder: string): HttpSettings {
  const { pages, hold, limits } = config;
  const ids = config.upstreams.map((upstream) => upstream.id as UpstreamId);
  return {
    holdMs: hold.waitMs,
    hops: hold.hops,
    lastHoldMs: hold.lastWaitMs,
    pageWaitMs: pages.waitMs,
    youngMs: pages.youngHours * HOUR_MS,
    jsonFreshMs: pages.freshSeconds * 1000,
    privateUpstreams: ids.filter((_, index) => {
      const upstream = config.upstreams[index];
      return upstream !== undefined && isPrivate(upstream);
    }),
    thresholds: config.thresholds,
    ...(config.publicUrl === null ? {} : { publicUrl: publicUrlOf(config) }),
    pathPrefix: config.pathPrefix,
    trustedProxies: config.trustedProxies,
    allowedHosts: config.allowedHosts,
    cacheBytes: pages.cacheMiB * MIB,
    maxHolds: hold.maxHolds,
    maxHoldsPerClient: hold.maxHoldsPerClient,
    pageWaitBudgetMs: pages.waitBudgetMs,
    listFolder,
    listFreshMs: pages.projectListMinutes * 60_000,
    listUpstreams: ids,
    maxRequests: limits.maxRequests,
    maxRequestsPerClient: limits.maxRequestsPerClient,
    support: {
      ...(config.support.email === null ? {} : { email: config.support.email }),
      ...(config.support.url === null ? {} : { url: config.support.url }),
    },
  };
}

export function pageBounds(config: Config): PageBounds {
  const { pages } = config;
  return {
    freshMs: pages.freshSeconds * 1000,
    staleMs: pages.staleHours * HOUR_MS,
    absentMs: pages.absentSeconds * 1000,
    patienceMs: pages.patienceMs,
    maxCachedFiles: pages.maxCachedFiles,
  };
}

export function intakeLimits(config: Config): IntakeLimits {
  const { fetch, scanAhead } = config;
  return {
    fetches: fetch.concurrentFiles,
    fetchBytes: fetch.concurrentMiB * MIB,
    queue: fetch.maxQueue,
    maxFileBytes: fetch.maxFileMiB * MIB,
    fetchMs: fetch.maxMinutes * 60_000,
    speculative: {
      isEnabled: scanAhead.enabled,
      jobs: scanAhead.maxJobs,
      jobsPerClient: scanAhead.maxJobsPerClient,
      bytes: scanAhead.maxBytesInFlightMiB * MIB,
      maxFileBytes: scanAhead.maxFileMiB * MIB,
      unusedPerClient: scanAhead.maxUnusedPerClient,
    },
  };
}

/**
 * The origin whose `/packages/…` paths are served as they are: that of the public catch-all, so that lock files made against
 * pypi.org map to ours by their prefix.
 */
export function keptOriginOf(config: Config, id: string): string | undefined {
  const catchAll = config.upstreams.find((upstream) => upstream.projects.includes('*'));
  if (catchAll?.id !== id) return undefined;
  return new URL(catchAll.fileOrigins[0] ?? catchAll.url).origin;
}

/** What the settings and the build decide of the policy; entries come from the two homes of entries. */
export function policySettings(config: Config, facts: Pick<PolicySettings, 'installedAt' | 'ruleset'>): PolicySettings {
  return {
    ...facts,
    mode: config.mode,
    cooldown: config.cooldown,
    thresholds: config.thresholds,
    rulesetGraceMs: config.rulesetGraceHours * HOUR_MS,
    ...(config.freezeAt === null ? {} : { freezeAt: Date.parse(config.freezeAt) }),
  };
}

/** How the feed and the webhook are reached: by a route of their own, or as an upstream is. */
export function routeTo(
  url: string,
  own: { readonly proxyUrl: string | null; readonly caFile: string | null },
  config: Pick<Config, 'upstreams'>,
): { readonly caFile?: string; readonly proxyUrl?: string; readonly credentials?: Credentials } {
  const { origin } = new URL(url);
  const neighbour = config.upstreams.find((upstream) => new URL(upstream.url).origin === origin);
  const model = neighbour ?? config.upstreams.find((upstream) => upstream.projects.includes('*'));
  const caFile = own.caFile ?? model?.caFile;
  const proxyUrl = own.proxyUrl === 'none' ? undefined : (own.proxyUrl ?? model?.proxyUrl);
  return {
    ...(caFile === undefined || caFile === null ? {} : { caFile }),
    ...(proxyUrl === undefined || proxyUrl === null ? {} : { proxyUrl }),
    // a mirror of the feed beside an index of the company wants the same login; nobody else gets it
    ...(neighbour?.credentials === undefined ? {} : { credentials: neighbour.credentials }),
  };
}

/** Provenance and RSS come from the public catch-all, untouched. Through an HTTP proxy they are not offered. */
export function passThroughOf(config: Config): { readonly passThrough?: PassThrough } {
  const catchAll = config.upstreams.find((upstream) => upstream.projects.includes('*'));
  if (catchAll === undefined || catchAll.proxyUrl !== null || catchAll.credentials !== undefined) return {};
  const agent =
    catchAll.caFile === null ? undefined : new Agent({ ca: [...rootCertificates, readFileSync(catchAll.caFile)] });
  return {
    passThrough: {
      upstream: catchAll.id as UpstreamId,
      origin: new URL(catchAll.url).origin,
      timeoutMs: config.fetch.headersTimeoutMs,
      ...(agent === undefined ? {} : { agent }),
    },
  };
}
