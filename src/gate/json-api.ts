// Owns PyPI's JSON API, filtered by the same judge. Imports index, judge and upstreams by their ports. Start at serveProjectJson.
import { z } from 'zod';
import { type Decision, isRefusal, type RefusalVerdict } from '../policy/verdict.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { ProjectFacts } from '../ports/project-index.ts';
import { encodeFilePath, makeRefusedPath } from '../pypi/file-path.ts';
import type { ProjectName } from '../pypi/model.ts';
import { resolveLink } from '../pypi/page-rules.ts';
import { normaliseVersion } from '../pypi/version.ts';
import type { JsonAnswer, LoadedDocument } from './answers.ts';
import type { GateDeps } from './deps.ts';
import { speaksForAnother } from './page-model.ts';
import { describeYank, isHeldByTime, toSlug } from './refusal-text.ts';
import { finishInSlices, mapSliced, type Sliced } from './slices.ts';

const filesSchema = z.array(z.unknown()).catch([]);
const documentSchema = z.looseObject({
  info: z.looseObject({ version: z.string().optional().catch(undefined) }),
  releases: z.record(z.string(), filesSchema).optional().catch(undefined),
  urls: filesSchema,
});
type Document = z.infer<typeof documentSchema>;

/** A file of ours with its decision, by upstream URL. */
type Judged = ReadonlyMap<string, { readonly stored: StoredFile; readonly decision: Decision }>;

/**
 * GET of /pypi/{project}/json and /pypi/{project}/{version}/json. Files are hidden, yanked and addressed as on the project page;
 * a file that the project page does not list is left out.
 *
 * @param version as asked for; undefined: the whole project
 */
export async function serveProjectJson(
  project: ProjectName,
  version: string | undefined,
  deps: GateDeps,
): Promise<JsonAnswer> {
  const facts = await deps.index.findProject(project);
  const source = facts === undefined ? undefined : deps.findSource(facts.upstream);
  if (facts === undefined || source === undefined)
    return { kind: 'absent', detail: `no index has a project ${project}` };
  const revision = await deps.judge.revision(facts.project);
  return {
    kind: 'document',
    key: `json:${facts.upstream}/${project}/${version ?? ''}@${facts.revision}+${revision}`,
    validUntil: deps.clock.now() + deps.settings.jsonFreshMs,
    async load(baseUrl) {
      const fetched = await source.fetchProjectJson(project, version);
      const parsed = documentSchema.safeParse(fetched?.document);
      if (fetched === undefined || !parsed.success) return undefined;
      const decisions = await deps.judge.judgeProject(facts.project, facts.files);
      return finishInSlices(
        filterDocument(parsed.data, { facts, decisions, version, baseUrl, documentUrl: fetched.url }),
      );
    },
  };
}

interface FilterInput {
  readonly facts: ProjectFacts;
  readonly decisions: readonly Decision[];
  readonly version: string | undefined;
  readonly baseUrl: string;
  /** of the upstream's document, after redirects */
  readonly documentUrl: string;
}

function indexByUrl({ facts, decisions }: FilterInput): Judged {
  const judged = new Map<string, { readonly stored: StoredFile; readonly decision: Decision }>();
  for (const [index, stored] of facts.files.entries()) {
    const decision = decisions[index];
    if (decision !== undefined && !speaksForAnother(stored)) judged.set(stored.file.url, { stored, decision });
  }
  return judged;
}

/** Applies the verdicts to an upstream's document; undefined when every file of the version asked for is hidden. */
function* filterDocument(document: Document, input: FilterInput): Sliced<LoadedDocument | undefined> {
  const judged = indexByUrl(input);
  const show = (files: readonly unknown[]) =>
    files.map((file) => showFile(file, judged, input)).filter((file) => file !== undefined);
  const urls = show(document.urls);
  if (input.version !== undefined && document.urls.length > 0 && urls.length === 0) return undefined;
  // A serial promises the upstream's very content.
  const rest = Object.fromEntries(Object.entries(document).filter(([key]) => key !== 'last_serial'));
  const releases = document.releases === undefined ? undefined : yield* filterReleases(document.releases, show);
  const times = input.decisions.map(({ validUntil }) => validUntil).filter((time) => time !== undefined);
  return {
    value: { ...rest, info: showInfo(document.info, judged), ...(releases === undefined ? {} : { releases }), urls },
    ...(times.length === 0 ? {} : { validUntil: times.reduce((earliest, time) => Math.min(earliest, time)) }),
  };
}

/** A release of which every file is hidden is not there; one that never had a file stays. */
function* filterReleases(
  releases: Readonly<Record<string, readonly unknown[]>>,
  show: (files: readonly unknown[]) => readonly unknown[],
): Sliced<Record<string, readonly unknown[]>> {
  const shown = yield* mapSliced(
    Object.entries(releases),
    ([version, files]) => [version, files, show(files)] as const,
  );
  const kept = shown.filter(([, before, after]) => before.length === 0 || after.length > 0);
  return Object.fromEntries(kept.map(([version, , after]) => [version, after]));
}

function readFile(file: unknown): { readonly url: string } | undefined {
  if (typeof file !== 'object' || file === null || !('url' in file)) return undefined;
  const { url } = file;
  return typeof url === 'string' ? { ...file, url } : undefined;
}

function showFile(
  file: unknown,
  judged: Judged,
  { baseUrl, documentUrl }: FilterInput,
): Record<string, unknown> | undefined {
  const shown = readFile(file);
  const found =
    shown === undefined ? undefined : (judged.get(shown.url) ?? findResolved(shown.url, judged, documentUrl));
  if (shown === undefined || found === undefined) return undefined;
  const { stored, decision } = found;
  const { verdict } = decision;
  const address = (path: string) => `${baseUrl}/${encodeFilePath(path)}`;
  if (verdict.kind === 'allow' || verdict.kind === 'needs-scan') return { ...shown, url: address(stored.path) };
  if (isHeldByTime(verdict)) return undefined;
  const path = makeRefusedPath(stored.key, toSlug(verdict), stored.file.filename);
  return { ...shown, url: address(path), yanked: true, yanked_reason: describeYank(stored, verdict) };
}

/** The page's URLs were written anew by the parser; the document's may be in another spelling, or relative to it. */
function findResolved(url: string, judged: Judged, documentUrl: string) {
  const link = resolveLink(url, documentUrl);
  return link === undefined ? undefined : judged.get(link.url);
}

/** Marks the release that `info` describes as yanked when every file of it is refused. */
function showInfo(info: Document['info'], judged: Judged): Document['info'] {
  const version = normaliseVersion(info.version ?? '');
  const own = [...judged.values()].filter(
    ({ stored }) => version !== undefined && normaliseVersion(stored.version ?? '') === version,
  );
  const refused = own.flatMap(({ stored, decision: { verdict } }) =>
    isRefusal(verdict) ? [[stored, verdict] as [StoredFile, RefusalVerdict]] : [],
  );
  const [first] = refused;
  if (first === undefined || refused.length < own.length) return info;
  return { ...info, yanked: true, yanked_reason: describeYank(...first) };
}
