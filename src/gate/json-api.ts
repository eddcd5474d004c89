// Owns PyPI's JSON API, filtered by the same judge. Imports index, judge and upstreams by their ports. Start at serveProjectJson.
import { z } from 'zod';
import { type Decision, isRefusal, type RefusalVerdict } from '../policy/verdict.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { IndexSource } from '../ports/index-source.ts';
import type { ProjectFacts } from '../ports/project-index.ts';
import { encodeFilePath, makeRefusedPath } from '../pypi/file-path.ts';
import type { ProjectName } from '../pypi/model.ts';
import { resolveLink } from '../pypi/page-rules.ts';
import { normaliseVersion } from '../pypi/version.ts';
import type { JsonAnswer, LoadedDocument } from './answers.ts';
import type { GateDeps } from './deps.ts';
import { speaksForAnother } from './page-model.ts';
import { findPageModel } from './project-page.ts';
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
      const asked = await fetchDocument(project, version, source);
      if (asked === undefined) return undefined;
      const decisions = await deps.judge.judgeProject(facts.project, facts.files);
      const judged = indexByUrl(facts, decisions);
      const input = { decisions, judged, version, baseUrl };
      const isGone = version === undefined && isUnserved(asked.document.info, judged);
      const { newest } = isGone ? await findPageModel(facts, deps) : { newest: [] };
      const served = spell(newest[0]?.version, asked.document);
      const instead =
        served === undefined
          ? undefined
          : ((await fetchDocument(project, served, source)) ?? describeByFiles(served, asked));
      return finishInSlices(filterDocument(asked, instead, input));
    },
  };
}

/** A document of the upstream. */
interface Fetched {
  readonly document: Document;
  /** after redirects */
  readonly url: string;
}

async function fetchDocument(
  project: ProjectName,
  version: string | undefined,
  source: IndexSource,
): Promise<Fetched | undefined> {
  const fetched = await source.fetchProjectJson(project, version);
  const parsed = documentSchema.safeParse(fetched?.document);
  return fetched === undefined || !parsed.success ? undefined : { document: parsed.data, url: fetched.url };
}

interface FilterInput {
  readonly decisions: readonly Decision[];
  readonly judged: Judged;
  readonly version: string | undefined;
  readonly baseUrl: string;
}

function isServed({ verdict }: Decision): boolean {
  return verdict.kind === 'allow' || verdict.kind === 'needs-scan';
}

/** Clients take `info` for the newest release that there is: where no file of it is served, another one is to be described. */
function isUnserved(info: Document['info'], judged: Judged): boolean {
  const own = findRelease(info, judged);
  return own.length > 0 && !own.some(({ decision }) => isServed(decision));
}

/** What holds for every release. */
const PROJECT_KEYS: ReadonlySet<string> = new Set(['name', 'package_url', 'project_url', 'downloads']);

/** `''` for a text, `[]` for a list: the keys that clients look for stay there. */
function toEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  return typeof value === 'string' ? '' : null;
}

/**
 * A release of an index that has no documents of single releases (mirrors often have not): version and files, from the list of
 * releases. Nothing is taken from the description of the release that is not served.
 */
function describeByFiles(version: string, { document, url }: Fetched): Fetched | undefined {
  const urls = document.releases?.[version];
  if (urls === undefined) return undefined;
  const [first] = urls as readonly { readonly requires_python?: unknown }[];
  const info: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(document.info)) info[key] = PROJECT_KEYS.has(key) ? value : toEmpty(value);
  Object.assign(info, { requires_python: first?.requires_python ?? null, yanked: false });
  return { document: { info: { ...info, version }, urls, vulnerabilities: undefined }, url };
}

/** A version as the document writes it. */
function spell(version: string | undefined, { releases = {} }: Document): string | undefined {
  const normal = normaliseVersion(version ?? '');
  if (version === undefined || normal === undefined) return version;
  return Object.keys(releases).find((spelling) => normaliseVersion(spelling) === normal) ?? version;
}

/** The files of the release that `info` describes. */
function findRelease(info: Document['info'], judged: Judged) {
  const version = normaliseVersion(info.version ?? '');
  if (version === undefined) return [];
  return [...judged.values()].filter(({ stored }) => normaliseVersion(stored.version ?? '') === version);
}

function indexByUrl(facts: ProjectFacts, decisions: readonly Decision[]): Judged {
  const judged = new Map<string, { readonly stored: StoredFile; readonly decision: Decision }>();
  for (const [index, stored] of facts.files.entries()) {
    const decision = decisions[index];
    if (decision !== undefined && !speaksForAnother(stored)) judged.set(stored.file.url, { stored, decision });
  }
  return judged;
}

/**
 * Applies the verdicts to an upstream's document; undefined when every file of the version asked for is hidden.
 *
 * @param instead the document of the release that is to be described; all but the list of releases is taken from there
 */
function* filterDocument(
  asked: Fetched,
  instead: Fetched | undefined,
  input: FilterInput,
): Sliced<LoadedDocument | undefined> {
  const showOf =
    ({ url }: Fetched) =>
    (files: readonly unknown[]) =>
      files.map((file) => showFile(file, url, input)).filter((file) => file !== undefined);
  const { document } = asked;
  const described = instead ?? asked;
  const urls = showOf(described)(described.document.urls);
  if (input.version !== undefined && document.urls.length > 0 && urls.length === 0) return undefined;
  const releases =
    document.releases === undefined ? undefined : yield* filterReleases(document.releases, showOf(asked));
  const all = { ...document, ...described.document, ...(releases === undefined ? {} : { releases }), urls };
  // A serial promises the upstream's very content.
  const rest = Object.fromEntries(Object.entries(all).filter(([key]) => key !== 'last_serial'));
  const times = input.decisions.map(({ validUntil }) => validUntil).filter((time) => time !== undefined);
  return {
    value: { ...rest, info: showInfo(described.document.info, input.judged) },
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
  documentUrl: string,
  { baseUrl, judged }: FilterInput,
): Record<string, unknown> | undefined {
  const shown = readFile(file);
  const found =
    shown === undefined ? undefined : (judged.get(shown.url) ?? findResolved(shown.url, judged, documentUrl));
  if (shown === undefined || found === undefined) return undefined;
  const { stored, decision } = found;
  const { verdict } = decision;
  const address = (path: string) => `${baseUrl}/${encodeFilePath(path)}`;
  if (isServed(decision)) return { ...shown, url: address(stored.path) };
  if (!isRefusal(verdict) || isHeldByTime(verdict)) return undefined;
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
  const own = findRelease(info, judged);
  const refused = own.flatMap(({ stored, decision: { verdict } }) =>
    isRefusal(verdict) ? [[stored, verdict] as [StoredFile, RefusalVerdict]] : [],
  );
  const [first] = refused;
  if (first === undefined || refused.length < own.length) return info;
  return { ...info, yanked: true, yanked_reason: describeYank(...first) };
}
