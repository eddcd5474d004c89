// Owns core metadata as an upstream sends it: announced by its index, or only lying beside the file (docs/adr/0009).
// Imports the upstreams and stores by their ports. Start at findUpstream; findSiblingOrigin decides what a page may announce.
import { createHash } from 'node:crypto';
import { CordonError } from '../errors.ts';
import { findMetadataDigest } from '../policy/metadata-digest.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { ProjectFacts } from '../ports/project-index.ts';
import { parseCoreMetadata } from '../pypi/core-metadata.ts';
import type { ProjectPage } from '../pypi/model.ts';
import { parseProjectName } from '../pypi/names.ts';
import type { GateDeps } from './deps.ts';
import { originOf } from './metadata-origins.ts';

/** A page waits this long to learn whether a file host has core metadata; then it announces none. */
const PROBE_MS = 4_000;

export function hashBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function isWheel(file: StoredFile): boolean {
  return /\.whl$/i.test(file.file.filename);
}

/** Says whether one of our pages may have announced core metadata that its index does not: resolvers rely on it then. */
export function mayHaveAnnounced(file: StoredFile, deps: Pick<GateDeps, 'origins'>): boolean {
  if (file.file.coreMetadata !== undefined || !isWheel(file)) return false;
  return file.metadataSha256 !== undefined || deps.origins.wasServed(file);
}

/** The upstream's copy, checked against the digest that is known of it; undefined: it has none. */
export async function findUpstream(file: StoredFile, deps: GateDeps): Promise<Uint8Array | undefined> {
  const { coreMetadata } = file.file;
  const isSilent = coreMetadata === undefined && isWheel(file);
  if (coreMetadata === false || (coreMetadata === undefined && !isSilent)) return undefined;
  if (isSilent && file.metadataSha256 === undefined && deps.origins.find(file) === 'absent') return undefined;
  const known = findMetadataDigest(file);
  const held = deps.metadata.get(file.key);
  // another digest is another document: what an index corrected does not outlive its page
  const cached = held === undefined || known === undefined || hashBytes(held) === known ? held : undefined;
  deps.metrics.countCache('metadata', cached === undefined ? 'miss' : 'hit');
  return cached ?? deps.metadataFlights(file.key, () => fetchUpstream(file, isSilent, deps));
}

async function fetchUpstream(file: StoredFile, isSilent: boolean, deps: GateDeps): Promise<Uint8Array | undefined> {
  const sent = await deps.findSource(file.upstream)?.fetchMetadata(file.file.url);
  // nobody promised anything: a log-in page or a soft 404 is no metadata
  const bytes = sent !== undefined && isSilent && !speaksFor(file, sent) ? undefined : sent;
  if (isSilent) deps.origins.note(file, bytes !== undefined);
  if (bytes === undefined) return undefined;
  const known = findMetadataDigest((await deps.store.files.findByKey(file.key)) ?? file);
  const digest = hashBytes(bytes);
  if (known !== undefined && known !== digest) return failDigest(file, known, digest, deps);
  if (known === undefined) await pin(file, digest, deps);
  deps.metadata.set(file.key, bytes, bytes.byteLength);
  return bytes;
}

function speaksFor(file: StoredFile, bytes: Uint8Array): boolean {
  const { metadataVersion, name = '', version } = parseCoreMetadata(bytes);
  return metadataVersion !== undefined && version !== undefined && parseProjectName(name) === file.project;
}

/** What a resolver is about to read is noted before it is sent: the wheel is held against it when it is scanned. */
async function pin(file: StoredFile, digest: string, deps: GateDeps): Promise<void> {
  await deps.store.files.updateFile(file.key, { metadataSha256: digest }, [
    {
      kind: 'metadata-pinned',
      actor: 'cordon',
      project: file.project,
      filename: file.file.filename,
      after: { metadataSha256: digest },
    },
  ]);
  deps.index.forget(file.upstream, file.project, file.key);
}

/** A wrong byte is an event and a failure, never an answer. */
async function failDigest(file: StoredFile, known: string, digest: string, deps: GateDeps): Promise<never> {
  await deps.store.events.append([
    {
      kind: 'metadata-digest-mismatch',
      actor: 'cordon',
      project: file.project,
      filename: file.file.filename,
      before: { announced: known },
      after: { received: digest },
    },
  ]);
  deps.metrics.countUpstreamError(file.upstream, 'UPSTREAM_MISMATCH');
  deps.log.warn({ project: file.project, filename: file.file.filename }, 'core metadata is not what was announced');
  throw new CordonError('UPSTREAM_MISMATCH', 'the index sent core metadata that does not match its own digest');
}

/** By page: the wheel that stands for its host. A page is an immutable value, and is asked about for each request. */
const samples = new WeakMap<ProjectPage, StoredFile | null>();

/** The newest wheel of a page that says nothing of core metadata anywhere; undefined for a page that does. */
function findSample({ page, files }: ProjectFacts): StoredFile | undefined {
  const known = samples.get(page);
  if (known !== undefined) return known ?? undefined;
  let newest: StoredFile | undefined;
  for (const row of files) {
    if (row.file.coreMetadata !== undefined) {
      newest = undefined;
      break;
    }
    if (isWheel(row) && (newest?.file.uploadTime ?? '') <= (row.file.uploadTime ?? '')) newest = row;
  }
  samples.set(page, newest ?? null);
  return newest;
}

/**
 * Finds the file host, for a page that says nothing of core metadata, whose wheels have it beside them all the same. The
 * first page of a host waits a moment for one `.metadata`; what is learned of the host holds for all its pages.
 *
 * @returns origin of the URLs of such wheels; undefined: announce nothing that the index does not
 */
export async function findSiblingOrigin(facts: ProjectFacts, deps: GateDeps): Promise<string | undefined> {
  const sample = findSample(facts);
  if (sample === undefined) return undefined;
  if (deps.origins.find(sample) === undefined) {
    // the pages that come while one of them asks share its answer
    await deps.originFlights(`${sample.upstream} ${originOf(sample)}`, () => probe(sample, deps));
  }
  return deps.origins.find(sample) === 'served' ? originOf(sample) : undefined;
}

async function probe(sample: StoredFile, deps: GateDeps): Promise<undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PROBE_MS, undefined);
  });
  const asked = findUpstream(sample, deps).catch((error: unknown) => {
    deps.log.debug({ err: error, project: sample.project }, 'a file host could not be asked for core metadata');
    return undefined;
  });
  await Promise.race([asked, patience]);
  clearTimeout(timer);
}
