// Owns the JSON view of a project page (PEP 691, 700, 714, 740, 792). Imports the model, rules and zod. Start at parsePageJson.
import { z } from 'zod';
import { isPlainFilename } from './filename.ts';
import type { DistributionFile, Hashes, ProjectName, ProjectPage, UpstreamStatus } from './model.ts';
import { parseProjectName } from './names.ts';
import {
  JSON_API_VERSION,
  minApiVersion,
  parseApiVersion,
  parseHashes,
  parseProvenance,
  resolveLink,
} from './page-rules.ts';

const text = z.string();
const hashTable = z.record(text, z.unknown());
const metadataFlag = z.union([z.boolean(), hashTable]).optional().catch(undefined);
/** Filename and URL must be there; any other field that has the wrong shape counts as absent. */
const fileSchema = z.looseObject({
  filename: text,
  url: text,
  hashes: hashTable.catch({}),
  'requires-python': text.nullish().catch(undefined),
  'core-metadata': metadataFlag,
  'dist-info-metadata': metadataFlag,
  'data-dist-info-metadata': metadataFlag,
  yanked: z.union([z.boolean(), text]).catch(false),
  size: z.int().nonnegative().optional().catch(undefined),
  'upload-time': text.optional().catch(undefined),
  provenance: text.nullish().catch(undefined),
  'gpg-sig': z.boolean().optional().catch(undefined),
});
const statusSchema = z
  .looseObject({ status: text, reason: text.optional().catch(undefined) })
  .optional()
  .catch(undefined);
const pageSchema = z.looseObject({
  meta: z
    .looseObject({
      'api-version': text.optional().catch(undefined),
      '_last-serial': z.int().optional().catch(undefined),
      'project-status': statusSchema,
    })
    .catch({}),
  name: text.optional().catch(undefined),
  'project-status': statusSchema,
  versions: z.array(text).optional().catch(undefined),
  files: z.array(z.unknown()),
});

/** With `zstd`, which announces a twin of the wheel at another path that we neither scan nor serve. */
const KNOWN_FILE_KEYS = new Set([...Object.keys(fileSchema.shape), 'zstd']);
const KNOWN_PAGE_KEYS = new Set(Object.keys(pageSchema.shape));
const KNOWN_META_KEYS = new Set(['api-version', '_last-serial', 'project-status']);

/** What is nested deeper cannot be written down again (JSON.stringify calls itself), and means nothing to anybody. */
const MAX_DEPTH = 32;

function isShallow(value: unknown, depth: number = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((below) => isShallow(below, depth - 1));
}

function pickUnknown(record: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): Record<string, unknown> {
  const isKept = ([key, value]: readonly [string, unknown]): boolean =>
    !known.has(key) && key !== '__proto__' && isShallow(value);
  return Object.fromEntries(Object.entries(record).filter(isKept));
}

function toCoreMetadata(flag: boolean | Record<string, unknown> | undefined): boolean | Hashes | undefined {
  if (flag === undefined || typeof flag === 'boolean') return flag;
  const hashes = parseHashes(Object.entries(flag));
  return hashes === undefined || Object.keys(hashes).length === 0 ? true : hashes;
}

function parseFile(entry: unknown, baseUrl: string): DistributionFile | undefined {
  const parsed = fileSchema.safeParse(entry);
  if (!parsed.success) return undefined;
  const raw = parsed.data;
  const link = resolveLink(raw.url, baseUrl);
  const hashes = parseHashes(Object.entries(raw.hashes));
  if (link === undefined || hashes === undefined || !isPlainFilename(raw.filename)) return undefined;
  const coreMetadata = toCoreMetadata(
    raw['core-metadata'] ?? raw['dist-info-metadata'] ?? raw['data-dist-info-metadata'],
  );
  const provenance = raw.provenance === null ? null : parseProvenance(raw.provenance);
  return {
    filename: raw.filename,
    url: link.url,
    hashes,
    ...(raw['requires-python'] === undefined ? {} : { requiresPython: raw['requires-python'] }),
    ...(coreMetadata === undefined ? {} : { coreMetadata }),
    yanked: raw.yanked === '' ? false : raw.yanked,
    ...(raw.size === undefined ? {} : { sizeBytes: raw.size }),
    ...(raw['upload-time'] === undefined ? {} : { uploadTime: raw['upload-time'] }),
    ...(provenance === undefined ? {} : { provenance }),
    ...(raw['gpg-sig'] === undefined ? {} : { gpgSig: raw['gpg-sig'] }),
    extra: pickUnknown(raw, KNOWN_FILE_KEYS),
  };
}

function toStatus(raw: z.infer<typeof statusSchema>): UpstreamStatus | undefined {
  if (raw === undefined) return undefined;
  return { status: raw.status, ...(raw.reason === undefined ? {} : { reason: raw.reason }) };
}

/**
 * Reads a project page in JSON. Entries without a usable filename, URL or digest are left out; unknown keys are kept.
 *
 * @param body the document as parsed by JSON.parse
 * @param project that was asked for; a page that names another is not its page
 * @param baseUrl the URL of the answer, after redirects
 * @returns undefined when it is no page of this project, or of another major version of the API; never throws
 * @see https://packaging.python.org/en/latest/specifications/simple-repository-api/#json-serialization
 */
export function parsePageJson(body: unknown, project: ProjectName, baseUrl: string): ProjectPage | undefined {
  const parsed = pageSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { meta, ...page } = parsed.data;
  const apiVersion = parseApiVersion(meta['api-version'] ?? '1.0');
  if (apiVersion === undefined || (page.name !== undefined && parseProjectName(page.name) !== project))
    return undefined;
  const upstreamStatus = toStatus(page['project-status'] ?? meta['project-status']);
  const lastSerial = meta['_last-serial'];
  return {
    name: project,
    apiVersion,
    ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
    ...(page.versions === undefined ? {} : { versions: page.versions }),
    files: page.files.map((entry) => parseFile(entry, baseUrl)).filter((file) => file !== undefined),
    ...(lastSerial === undefined ? {} : { lastSerial }),
    extra: pickUnknown(page, KNOWN_PAGE_KEYS),
    metaExtra: pickUnknown(meta, KNOWN_META_KEYS),
  };
}

function toJsonFile(file: DistributionFile, url: string): Record<string, unknown> {
  const { coreMetadata } = file;
  return {
    ...file.extra,
    ...(coreMetadata === undefined ? {} : { 'core-metadata': coreMetadata, 'data-dist-info-metadata': coreMetadata }),
    filename: file.filename,
    ...(file.gpgSig === undefined ? {} : { 'gpg-sig': file.gpgSig }),
    hashes: file.hashes,
    ...(file.provenance === undefined ? {} : { provenance: file.provenance }),
    ...(file.requiresPython === undefined ? {} : { 'requires-python': file.requiresPython }),
    ...(file.sizeBytes === undefined ? {} : { size: file.sizeBytes }),
    ...(file.uploadTime === undefined ? {} : { 'upload-time': file.uploadTime }),
    url,
    yanked: file.yanked,
  };
}

/**
 * Writes a project page as JSON, a piece a file, so that the caller can pause in between. The label is the lower of theirs and ours.
 *
 * @param urlOf our URL of a file, relative to the page, or absolute
 */
export function* renderPageJson(
  page: ProjectPage,
  urlOf: (file: DistributionFile, index: number) => string,
): Generator<string> {
  const meta = {
    ...page.metaExtra,
    ...(page.lastSerial === undefined ? {} : { '_last-serial': page.lastSerial }),
    'api-version': minApiVersion(page.apiVersion, JSON_API_VERSION),
  };
  yield '{"files":[';
  for (const [index, file] of page.files.entries()) {
    yield (index === 0 ? '' : ',') + JSON.stringify(toJsonFile(file, urlOf(file, index)));
  }
  const rest = {
    meta,
    name: page.name,
    ...(page.upstreamStatus === undefined ? {} : { 'project-status': page.upstreamStatus }),
    ...(page.versions === undefined ? {} : { versions: page.versions }),
    ...page.extra,
  };
  yield `],${JSON.stringify(rest).slice(1)}`;
}
