// Owns `<file>.metadata` (PEP 658, 714). Imports judge, intake and stores by their ports. Start at serveMetadata.
// It is never held: pip asks for them one by one. It is refused with its file, or a lock would record what may not be installed.
import { createHash } from 'node:crypto';
import { CordonError } from '../errors.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { MetadataAnswer } from './answers.ts';
import type { Client, GateDeps } from './deps.ts';
import { agreesWithMetadata, findAnnouncedDigest } from './metadata-agreement.ts';
import { NOT_HELD, refuse } from './refuse.ts';
import { findRequestedFile } from './requested-file.ts';
import { findStoredSize } from './stored-size.ts';

export interface MetadataRequest {
  /** decoded path of the file below our root, without `.metadata` */
  readonly path: string;
  readonly client: Client;
}

/** GET and HEAD of /packages/…/{filename}.metadata. A file not yet scanned is fetched and scanned meanwhile, within the budget. */
export async function serveMetadata(request: MetadataRequest, deps: GateDeps): Promise<MetadataAnswer> {
  const found = await findRequestedFile(request.path, deps);
  if (found === undefined) return { kind: 'absent', detail: 'no project lists this file' };
  const hasAgreed = await agreesWithMetadata(found, deps);
  const file = hasAgreed ? found : ((await deps.store.files.findByKey(found.key)) ?? found);
  const { verdict } = await deps.judge.judgeFile(file);
  if (verdict.kind === 'refuse' || verdict.kind === 'quarantine') return refuse(file, verdict, NOT_HELD, deps);
  const isStored = file.sha256 !== undefined && (await findStoredSize(file.sha256, deps)) !== undefined;
  if (verdict.kind === 'needs-scan' || !isStored) deps.intake.speculate(file, request.client.address);
  const bytes = (await findOwn(file, deps)) ?? (await findUpstream(file, deps));
  if (bytes === undefined) return { kind: 'absent', detail: 'this file has no core metadata of its own' };
  return { kind: 'metadata', file, bytes, sha256: hashBytes(bytes) };
}

function hashBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The copy inside the scanned wheel; it survives eviction of the blob. */
async function findOwn(file: StoredFile, deps: GateDeps): Promise<Uint8Array | undefined> {
  if (file.sha256 === undefined || !/\.whl$/i.test(file.file.filename)) return undefined;
  return deps.store.reports.findCoreMetadata(file.sha256);
}

async function findUpstream(file: StoredFile, deps: GateDeps): Promise<Uint8Array | undefined> {
  const isAnnounced = file.file.coreMetadata !== undefined && file.file.coreMetadata !== false;
  if (!isAnnounced) return undefined;
  const cached = deps.metadata.get(file.key);
  deps.metrics.countCache('metadata', cached === undefined ? 'miss' : 'hit');
  return cached ?? deps.metadataFlights(file.key, () => fetchUpstream(file, deps));
}

async function fetchUpstream(file: StoredFile, deps: GateDeps): Promise<Uint8Array | undefined> {
  const bytes = await deps.findSource(file.upstream)?.fetchMetadata(file.file.url);
  if (bytes === undefined) return undefined;
  const announced = findAnnouncedDigest(file);
  const digest = hashBytes(bytes);
  if (announced !== undefined && announced !== digest) return failDigest(file, announced, digest, deps);
  deps.metadata.set(file.key, bytes, bytes.byteLength);
  return bytes;
}

/** A wrong byte is an event and a failure, never an answer. */
async function failDigest(file: StoredFile, announced: string, digest: string, deps: GateDeps): Promise<never> {
  await deps.store.events.append([
    {
      kind: 'metadata-digest-mismatch',
      actor: 'cordon',
      project: file.project,
      filename: file.file.filename,
      before: { announced },
      after: { received: digest },
    },
  ]);
  deps.metrics.countUpstreamError(file.upstream, 'UPSTREAM_MISMATCH');
  deps.log.warn(
    { project: file.project, filename: file.file.filename },
    'core metadata is not what its index announces',
  );
  throw new CordonError('UPSTREAM_MISMATCH', 'the index sent core metadata that does not match its own digest');
}
