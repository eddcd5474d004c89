// Owns the shape of the settings. Imports zod alone. Start at configSchema; the defaults stand in config/default.yaml.
import { z } from 'zod';

const count = z.int().min(0);
const positive = z.int().min(1);
const namePattern = z
  .string()
  .regex(/^[A-Za-z0-9*](?:[A-Za-z0-9._*-]*)$/, 'must be a project name or a pattern with *');
const webUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

/** How something outside is reached that is no upstream; null: as the public upstream. */
const route = {
  proxyUrl: z.union([webUrl, z.literal('none')]).nullable(),
  caFile: z.string().min(1).nullable(),
};

/** One upstream index. The optional keys have their meaning of absence here: a list of the user's replaces the whole default list. */
export const upstreamSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes'),
  url: webUrl,
  projects: z.array(namePattern).min(1).default(['*']),
  fileOrigins: z.array(webUrl).default([]),
  jsonApi: webUrl.nullable().default(null),
  username: z.string().nullable().default(null),
  passwordEnv: z.string().nullable().default(null),
  caFile: z.string().nullable().default(null),
  proxyUrl: webUrl.nullable().default(null),
  allowPrivateAddresses: z.boolean().default(false),
});

/** All settings. No key has a default here: config/default.yaml is read first and must hold every one. */
export const configSchema = z.strictObject({
  listen: z.strictObject({ host: z.string().min(1), port: z.int().min(0).max(65535) }),
  publicUrl: webUrl.nullable(),
  pathPrefix: z
    .string()
    .regex(/^(?:\/[A-Za-z0-9._~-]+)*$/, 'must be empty or like /cordon, without a slash at the end'),
  trustedProxies: z.array(z.string()),
  allowedHosts: z.array(z.string()),
  dataFolder: z.string().min(1),
  policyFile: z.string().min(1),
  popularProjectsFile: z.string().min(1),
  mode: z.enum(['enforce', 'monitor']),
  upstreams: z.array(upstreamSchema).min(1),
  privateNames: z.array(namePattern),
  fetch: z.strictObject({
    connectTimeoutMs: positive,
    headersTimeoutMs: positive,
    progressTimeoutMs: positive,
    retries: count,
    maxPageMiB: positive,
    maxFileMiB: positive,
    concurrentFiles: positive,
    concurrentMiB: positive,
    maxQueue: positive,
    maxMinutes: positive,
  }),
  pages: z.strictObject({
    freshSeconds: count,
    staleHours: count,
    patienceMs: count,
    absentSeconds: count,
    projectListMinutes: positive,
    waitMs: count,
    youngHours: count,
    waitBudgetMs: count,
    maxCachedFiles: positive,
    cacheMiB: positive,
  }),
  limits: z.strictObject({ maxRequests: positive, maxRequestsPerClient: positive }),
  hold: z.strictObject({
    waitMs: positive.max(14_000, 'must be below 15000: pip and Poetry give up after 15 s of silence'),
    hops: z.int().min(0).max(9, 'must be at most 9: uv takes the 11th redirect as the file'),
    lastWaitMs: positive,
    maxHolds: positive,
    maxHoldsPerClient: positive,
  }),
  scan: z.strictObject({
    children: count,
    deadlineSeconds: positive,
    memoryMiB: z.int().min(128),
    retries: count,
    maxQueue: positive,
  }),
  scanAhead: z.strictObject({
    enabled: z.boolean(),
    maxJobs: positive,
    maxJobsPerClient: positive,
    maxBytesInFlightMiB: positive,
    maxFileMiB: positive,
    maxUnusedPerClient: positive,
  }),
  diskBudgetGiB: z.number().min(0),
  thresholds: z.strictObject({ refuse: z.number().min(0).max(100), quarantine: z.number().min(0).max(100) }),
  cooldown: z.array(
    z.strictObject({ project: namePattern, newProjectHours: z.number().min(0), newReleaseHours: z.number().min(0) }),
  ),
  freezeAt: z.iso.datetime({ offset: true, error: 'must be a moment like 2026-11-01T00:00:00Z' }).nullable(),
  rulesetGraceHours: z.number().min(0),
  feeds: z.strictObject({
    osv: z.strictObject({ enabled: z.boolean(), url: webUrl, intervalMinutes: positive, ...route }),
  }),
  retention: z.strictObject({ accessDays: count, eventsDays: count }),
  notify: z.strictObject({ webhookUrl: webUrl.nullable(), ...route }),
  support: z.strictObject({ email: z.email().nullable(), url: webUrl.nullable() }),
  log: z.strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']),
    format: z.enum(['auto', 'json', 'pretty']),
  }),
  admin: z.strictObject({
    tokens: z.array(
      z.strictObject({
        name: z.string().min(1),
        sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
      }),
    ),
  }),
  metrics: z.strictObject({ enabled: z.boolean(), requireToken: z.boolean() }),
});

/** The settings as validated; `Config` in config.ts adds what is read from the environment. */
export type RawConfig = z.infer<typeof configSchema>;

/** Every key as a path, e.g. `['listen', 'port']`; lists are one key. */
export function listConfigPaths(schema: z.ZodType = configSchema, prefix: readonly string[] = []): string[][] {
  if (!(schema instanceof z.ZodObject)) return [[...prefix]];
  return Object.entries(schema.shape).flatMap(([key, value]) => listConfigPaths(value as z.ZodType, [...prefix, key]));
}
