// Owns the making of a project page from facts and verdicts. Imports policy, ports' types and pypi; pure. Start at buildPageModel.
// The form is chosen after all verdicts are known: see the state table of docs/architecture.md.
import type { Decision, RefusalVerdict } from '../policy/verdict.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { ProjectFacts } from '../ports/project-index.ts';
import { makeRefusedPath } from '../pypi/file-path.ts';
import { parseFilename } from '../pypi/filename.ts';
import type { DistributionFile, ProjectPage, Sha256, UpstreamStatus } from '../pypi/model.ts';
import { compareParsedVersions, normaliseVersion, parseVersion, type Version } from '../pypi/version.ts';
import { describeYank, isHeldByTime, toSlug } from './refusal-text.ts';
import { mapSliced, type Sliced } from './slices.ts';

/** A project page as we show it, before it is written in a format. */
export interface PageModel {
  /** names this content; another verdict or another upstream page gives another key */
  readonly key: string;
  /** UTC ms: time alone may change the page then */
  readonly validUntil?: number;
  readonly page: ProjectPage;
  /** our decoded paths, one per file of `page` */
  readonly paths: readonly string[];
  /** the files of the newest release that an installer would pick */
  readonly newest: readonly StoredFile[];
  /** keys of those that nobody has scanned yet */
  readonly unknown: ReadonlySet<string>;
  /** when that release was uploaded or first seen (UTC ms) */
  readonly newestAt?: number;
}

export interface PageInput {
  readonly key: string;
  readonly facts: ProjectFacts;
  /** one per file of the facts */
  readonly decisions: readonly Decision[];
  /** key of a scanned wheel → sha256 of its own METADATA */
  readonly digests: ReadonlyMap<string, string>;
  /** origin whose wheels have their core metadata beside them although the page says nothing of it */
  readonly siblingOrigin: string | undefined;
}

/** A file and what is to be shown of it. */
interface Row {
  readonly stored: StoredFile;
  readonly decision: Decision;
  readonly state: 'listed' | 'refused' | 'held';
}

/**
 * Says whether a filename speaks for another project than the page it stands on, or is of a wheel and breaks the rules for
 * wheels. Most installers pass such files over; one that does not must not get what belongs to no release that we know: a
 * verdict for this project, or for the other files of a release, must not carry them.
 */
export function speaksForAnother(stored: StoredFile): boolean {
  const { filename } = stored.file;
  // The version was read from the filename with the project's name in hand.
  if (stored.version !== undefined) return false;
  if (parseFilename(filename, stored.project) !== undefined) return false;
  return /\.whl$/i.test(filename) || parseFilename(filename) !== undefined;
}

function toRow(stored: StoredFile, decision: Decision): Row {
  const { verdict } = decision;
  if (verdict.kind === 'allow' || verdict.kind === 'needs-scan') return { stored, decision, state: 'listed' };
  return { stored, decision, state: isHeldByTime(verdict) ? 'held' : 'refused' };
}

/** What an index does not announce: the wheel's own, the upstream's whose digest was noted, or one that is there to be asked for. */
function withCoreMetadata(
  { key, file, metadataSha256 }: StoredFile,
  { digests, siblingOrigin }: PageInput,
): DistributionFile {
  if (file.coreMetadata !== undefined && file.coreMetadata !== false) return file;
  const own = digests.get(key) ?? metadataSha256;
  if (own !== undefined) return { ...file, coreMetadata: { sha256: own } };
  const isBeside =
    siblingOrigin !== undefined && file.url.startsWith(`${siblingOrigin}/`) && /\.whl$/i.test(file.filename);
  return isBeside ? { ...file, coreMetadata: true } : file;
}

/** Where an index announces no sha256, ours is pinned at the first fetch and published. */
function withPinnedDigest(file: DistributionFile, sha256: Sha256 | undefined): DistributionFile {
  if (sha256 === undefined || file.hashes['sha256'] !== undefined) return file;
  return { ...file, hashes: { ...file.hashes, sha256 } };
}

function showFile(
  row: Row,
  input: PageInput,
  isUsable: boolean,
): { readonly file: DistributionFile; readonly path: string } {
  const { stored, decision } = row;
  const shown = withPinnedDigest(withCoreMetadata(stored, input), stored.sha256);
  if (row.state === 'listed') return { file: shown, path: stored.path };
  const verdict = decision.verdict as RefusalVerdict;
  const path = makeRefusedPath(stored.key, toSlug(verdict), shown.filename);
  // Un-yanked where nothing is left: it is the one form in which every installer asks for the file and prints the reason.
  return { file: isUsable ? { ...shown, yanked: describeYank(stored, verdict) } : shown, path };
}

function findStatus(rows: readonly Row[], isUsable: boolean): UpstreamStatus | undefined {
  const kept = rows.find((row) => row.state === 'refused') ?? rows.find((row) => row.state === 'held');
  if (isUsable || kept === undefined) return undefined;
  return { status: 'quarantined', reason: describeYank(kept.stored, kept.decision.verdict as RefusalVerdict) };
}

/** The upstream's list without the versions of which we hide every file. */
function filterVersions(versions: readonly string[] | undefined, rows: readonly Row[]): readonly string[] | undefined {
  if (versions === undefined || rows.every((row) => row.state !== 'held')) return versions;
  const normal = (version: string) => normaliseVersion(version) ?? version;
  const visible = new Set<string>();
  const hidden = new Set<string>();
  for (const { stored, state } of rows) {
    if (stored.version !== undefined) (state === 'held' ? hidden : visible).add(normal(stored.version));
  }
  return versions.filter((version) => visible.has(normal(version)) || !hidden.has(normal(version)));
}

/** The files of the newest version that an unpinned installer would take: final before pre-release, not yanked, listed. */
function* findNewest(rows: readonly Row[]): Sliced<readonly Row[]> {
  const parsed = new Map<string, Version | undefined>();
  let newest: { readonly version: Version; readonly rows: Row[] } | undefined;
  yield* mapSliced(rows, (row) => {
    const text = row.stored.version;
    if (text === undefined || row.state !== 'listed' || row.stored.file.yanked !== false) return;
    if (!parsed.has(text)) parsed.set(text, parseVersion(text));
    const version = parsed.get(text);
    if (version === undefined) return;
    const order = newest === undefined ? 1 : comparePreference(version, newest.version);
    if (order > 0) newest = { version, rows: [row] };
    else if (order === 0) newest?.rows.push(row);
  });
  return newest?.rows ?? [];
}

function comparePreference(a: Version, b: Version): number {
  const isFinal = (version: Version) => Number(version.pre === undefined && version.dev === undefined);
  const preference = isFinal(a) - isFinal(b);
  return preference === 0 ? compareParsedVersions(a, b) : preference;
}

function findReleaseTime(rows: readonly Row[]): number | undefined {
  const times = rows.map(({ stored }) => {
    const uploadedAt = Date.parse(stored.file.uploadTime ?? '');
    return Number.isNaN(uploadedAt) ? stored.firstSeenAt : uploadedAt;
  });
  return times.length === 0 ? undefined : Math.max(...times);
}

function findValidUntil(decisions: readonly Decision[]): number | undefined {
  let earliest: number | undefined;
  for (const { validUntil } of decisions) {
    if (validUntil !== undefined && validUntil < (earliest ?? Number.POSITIVE_INFINITY)) earliest = validUntil;
  }
  return earliest;
}

/** Makes the page that clients see: hidden, yanked and un-yanked files, their paths, status, versions and core metadata. */
export function* buildPageModel(input: PageInput): Sliced<PageModel> {
  const { facts, decisions } = input;
  const judged = yield* mapSliced(facts.files, (stored, index) => {
    const decision = decisions[index];
    return decision === undefined || speaksForAnother(stored) ? undefined : toRow(stored, decision);
  });
  const rows = judged.filter((row) => row !== undefined);
  const isUsable = rows.some((row) => row.state === 'listed');
  const visible = rows.filter((row) => row.state !== 'held');
  const shown = yield* mapSliced(visible, (row) => showFile(row, input, isUsable));
  const { name, apiVersion, lastSerial, upstreamStatus, extra, metaExtra } = facts.page;
  const isAsUpstream = rows.length === facts.files.length && rows.every((row) => row.state === 'listed');
  const status = findStatus(rows, isUsable) ?? upstreamStatus;
  const versions = filterVersions(facts.page.versions, rows);
  const newest = yield* findNewest(rows);
  const newestAt = findReleaseTime(newest);
  const validUntil = findValidUntil(decisions);
  return {
    key: input.key,
    ...(validUntil === undefined ? {} : { validUntil }),
    page: {
      name,
      apiVersion,
      extra,
      metaExtra,
      files: shown.map(({ file }) => file),
      ...(status === undefined ? {} : { upstreamStatus: status }),
      ...(versions === undefined ? {} : { versions }),
      // A serial promises the upstream's very content.
      ...(isAsUpstream && lastSerial !== undefined ? { lastSerial } : {}),
    },
    paths: shown.map(({ path }) => path),
    newest: newest.map((row) => row.stored),
    unknown: new Set(newest.filter((row) => row.decision.verdict.kind === 'needs-scan').map((row) => row.stored.key)),
    ...(newestAt === undefined ? {} : { newestAt }),
  };
}
