// Owns `<file>.metadata` (PEP 658, 714). Imports judge, intake and stores by their ports. Start at serveMetadata.
// It is not held: pip asks for them one by one (but see serveAfterScan). It is refused with its file, or a lock would record what may not be installed.
import { isRefusal, type Verdict } from '../policy/verdict.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { Absent, MetadataAnswer } from './answers.ts';
import type { GateDeps } from './deps.ts';
import { answerWaiting, type HoldRequest, hold } from './hold.ts';
import { agreesWithMetadata } from './metadata-agreement.ts';
import { NOT_HELD, refuse } from './refuse.ts';
import { findRequestedFile } from './requested-file.ts';
import { findStoredSize } from './stored-size.ts';
import { findUpstream, hashBytes, mayHaveAnnounced } from './upstream-metadata.ts';

export interface MetadataRequest extends HoldRequest {
  /** decoded path of the file below our root, without `.metadata` */
  readonly path: string;
}

const NONE: Absent = { kind: 'absent', detail: 'this file has no core metadata of its own' };

/** GET and HEAD of /packages/…/{filename}.metadata. A file not yet scanned is fetched and scanned meanwhile, within the budget. */
export async function serveMetadata(request: MetadataRequest, deps: GateDeps): Promise<MetadataAnswer> {
  const found = await findRequestedFile(request.path, deps);
  if (found === undefined) return { kind: 'absent', detail: 'no project lists this file' };
  const { file, verdict } = await judgeNow(found, deps);
  if (isRefusal(verdict)) return refuse(file, verdict, NOT_HELD, deps);
  const isStored = (await findStoredSize(file, deps)) !== undefined;
  if (verdict.kind === 'needs-scan' || !isStored) deps.intake.speculate(file, request.client.address);
  const bytes = (await findOwn(file, deps)) ?? (await findUpstream(file, deps));
  if (bytes !== undefined) return { kind: 'metadata', file, bytes, sha256: hashBytes(bytes) };
  return mayHaveAnnounced(file, deps) && verdict.kind === 'needs-scan' ? serveAfterScan(file, request, deps) : NONE;
}

async function judgeNow(found: StoredFile, deps: GateDeps): Promise<{ file: StoredFile; verdict: Verdict }> {
  const hasAgreed = await agreesWithMetadata(found, deps);
  const file = hasAgreed ? found : ((await deps.store.files.findByKey(found.key)) ?? found);
  return { file, verdict: (await deps.judge.judgeFile(file)).verdict };
}

/** Our page announces what lies beside the wheels of a file host. Where one is missing there, only the wheel itself can tell. */
async function serveAfterScan(file: StoredFile, request: HoldRequest, deps: GateDeps): Promise<MetadataAnswer> {
  const timing = await hold(file, request, deps);
  const now = await judgeNow((await deps.store.files.findByKey(file.key)) ?? file, deps);
  if (now.verdict.kind === 'needs-scan') return answerWaiting(now.file, request, timing, deps);
  if (now.verdict.kind !== 'allow') return refuse(now.file, now.verdict, timing, deps);
  const bytes = await findOwn(now.file, deps);
  return bytes === undefined ? NONE : { kind: 'metadata', file: now.file, bytes, sha256: hashBytes(bytes) };
}

/** The copy inside the scanned wheel; it survives eviction of the blob. */
async function findOwn(file: StoredFile, deps: GateDeps): Promise<Uint8Array | undefined> {
  if (file.sha256 === undefined || !/\.whl$/i.test(file.file.filename)) return undefined;
  return deps.store.reports.findCoreMetadata(file.sha256, file.file.filename);
}
