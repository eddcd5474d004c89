// Owns the path of a project page request. Imports index, judge, intake and stores by their ports. Start at serveProjectPage.
import type { Decision } from '../policy/verdict.ts';
import type { ProjectFacts } from '../ports/project-index.ts';
import type { ProjectName } from '../pypi/model.ts';
import type { PageAnswer, Timing } from './answers.ts';
import type { Client, GateDeps } from './deps.ts';
import { findLikelyFile, parseInstaller } from './installer.ts';
import { buildPageModel, type PageModel } from './page-model.ts';
import { NOT_HELD } from './refuse.ts';
import { finishInSlices } from './slices.ts';
import { findSiblingOrigin } from './upstream-metadata.ts';

/**
 * GET and HEAD of /simple/{project}/. Policy never changes the status of a page: uv takes a 404 for "ask the next index",
 * and no installer prints the reason of any other.
 */
export async function serveProjectPage(project: ProjectName, client: Client, deps: GateDeps): Promise<PageAnswer> {
  const facts = await deps.index.findProject(project);
  if (facts === undefined) return { kind: 'absent', detail: `no index has a project ${project}` };
  const model = await findPageModel(facts, deps);
  const timing = await scanAhead(model, client, deps);
  if (timing.holdMs === 0) return { kind: 'page', model, timing };
  const fresh = (await deps.index.findProject(project)) ?? facts;
  return { kind: 'page', model: await findPageModel(fresh, deps), timing };
}

/** The page of these facts under the policy in force, made once. */
export async function findPageModel(facts: ProjectFacts, deps: GateDeps): Promise<PageModel> {
  const siblingOrigin = await findSiblingOrigin(facts, deps);
  // The revision is read before the verdicts: what changes in between is found under the next key.
  const revision = await deps.judge.revision(facts.project);
  const key = `${facts.upstream}/${facts.page.name}@${facts.revision}+${revision}+${siblingOrigin ?? ''}`;
  const known = deps.models.get(key);
  deps.metrics.countCache('page', known === undefined ? 'miss' : facts.isStale ? 'stale' : 'hit');
  return known ?? deps.modelFlights(key, () => makePageModel(key, facts, siblingOrigin, deps));
}

/** A model shares its files with the facts; what it adds of its own is about this much a file. */
const MODEL_BYTES_PER_FILE = 400;

async function makePageModel(
  key: string,
  facts: ProjectFacts,
  siblingOrigin: string | undefined,
  deps: GateDeps,
): Promise<PageModel> {
  const decisions = await deps.judge.judgeProject(facts.project, facts.files);
  const digests = await findOwnDigests(facts, decisions, deps);
  const model = await finishInSlices(buildPageModel({ key, facts, decisions, digests, siblingOrigin }));
  deps.models.set(key, model, 1000 + MODEL_BYTES_PER_FILE * facts.files.length, model.validUntil);
  return model;
}

/** Of wheels for which the index announces no core metadata: we do, once they are scanned. By file key. */
async function findOwnDigests(
  facts: ProjectFacts,
  decisions: readonly Decision[],
  deps: GateDeps,
): Promise<ReadonlyMap<string, string>> {
  const asked = facts.files.flatMap(({ key, file: { coreMetadata, filename }, sha256 }, index) => {
    // of the thousands that a page lists few were ever scanned
    if (decisions[index]?.verdict.kind === 'needs-scan') return [];
    const isAnnounced = coreMetadata !== undefined && coreMetadata !== false;
    return sha256 === undefined || isAnnounced || !/\.whl$/i.test(filename) ? [] : [{ key, sha256, filename }];
  });
  const found = asked.length === 0 ? [] : await deps.store.reports.findCoreMetadataDigests(asked);
  return new Map(
    asked.flatMap(({ key }, index) => {
      const digest = found[index];
      return digest === undefined ? [] : [[key, digest] as const];
    }),
  );
}

/** Share of a client's budget that releases may use which were out long enough for others to have looked at them. */
const OLD_SHARE = 0.5;

/**
 * Starts the scan of the file that this installer would pick of the newest release, and waits a moment for it: if it turns
 * out bad, the resolver falls back at this very request (docs/adr/0010).
 */
async function scanAhead(model: PageModel, client: Client, deps: GateDeps): Promise<Timing> {
  const installer = model.unknown.size === 0 ? undefined : parseInstaller(client.userAgent);
  // among all of its files: with the wheel scanned, the sdist beside it is still not what this installer takes
  const likely = installer === undefined ? undefined : findLikelyFile(model.newest, installer);
  if (likely === undefined || !model.unknown.has(likely.key)) return NOT_HELD;
  deps.intake.speculate(likely, client.address);
  const startedAt = deps.clock.now();
  const isYoung = startedAt - (model.newestAt ?? 0) < deps.settings.youngMs;
  const share = isYoung ? 1 : OLD_SHARE;
  const waitMs = deps.waits.findLeft(client.address, deps.settings.pageWaitMs, share);
  // Beyond the speculative budget nothing was started, and a page is no reason to exceed it.
  if (waitMs === 0 || deps.intake.findPhase(likely) === undefined) return NOT_HELD;
  try {
    await deps.intake.join(likely, waitMs);
  } catch (error) {
    deps.log.debug({ err: error, project: model.page.name }, 'the newest release could not be scanned in time');
  }
  const holdMs = deps.clock.now() - startedAt;
  // waits side by side add up to more than was left when they began: old releases leave the rest to young ones even so
  deps.waits.spend(client.address, deps.waits.findLeft(client.address, holdMs, share));
  return { holdMs: Math.max(1, holdMs) };
}
