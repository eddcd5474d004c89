// Owns the path of a file request, top to bottom. Imports intake, judge, index and stores by their ports. Start at serveFile.
import type { RefusalVerdict } from '../policy/verdict.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { Sha256 } from '../pypi/model.ts';
import type { AllowVerdict, FileAnswer, Served, Timing } from './answers.ts';
import type { GateDeps } from './deps.ts';
import { answerWaiting, type HoldRequest, hold } from './hold.ts';
import { agreesWithMetadata } from './metadata-agreement.ts';
import { NOT_HELD, refuse } from './refuse.ts';
import { findPredictablePath, findRequestedFile } from './requested-file.ts';
import { cutWhenRevoked } from './revocation.ts';
import { findStoredSize, openStored } from './stored-size.ts';

export interface FileRequest extends HoldRequest {
  /** decoded path below our root, `packages/…` */
  readonly path: string;
}

/** What may be done with a file at this moment. */
type FileState =
  | {
      readonly kind: 'ready';
      readonly file: StoredFile;
      readonly verdict: AllowVerdict;
      readonly sha256: Sha256;
      readonly sizeBytes: number;
    }
  | { readonly kind: 'refused'; readonly file: StoredFile; readonly verdict: RefusalVerdict }
  /** no verdict yet, or allowed and its bytes are gone */
  | { readonly kind: 'wait'; readonly file: StoredFile };

/** GET, HEAD and Range of /packages/…/{filename}: not one byte leaves before the verdict, and it is judged again after a hold. */
export async function serveFile(request: FileRequest, deps: GateDeps): Promise<FileAnswer> {
  const file = await findRequestedFile(request.path, deps);
  if (file === undefined) return answerUnknown(request.path, deps);
  let state = await readState(file, deps);
  let timing = NOT_HELD;
  if (state.kind === 'wait') {
    timing = await hold(state.file, request, deps);
    state = await readState(await reread(file, deps), deps); // again: the policy may have changed while we held
  }
  switch (state.kind) {
    case 'wait':
      return answerWaiting(state.file, request, timing, deps);
    case 'refused':
      return refuse(state.file, state.verdict, timing, deps);
    case 'ready':
      return serve(state, timing, deps);
  }
}

async function readState(found: StoredFile, deps: GateDeps): Promise<FileState> {
  const file = (await agreesWithMetadata(found, deps)) ? found : await reread(found, deps);
  const { verdict } = await deps.judge.judgeFile(file);
  if (verdict.kind === 'needs-scan') return { kind: 'wait', file };
  if (verdict.kind !== 'allow') return { kind: 'refused', file, verdict };
  const sizeBytes = await findStoredSize(file, deps);
  if (file.sha256 === undefined || sizeBytes === undefined) return { kind: 'wait', file };
  return { kind: 'ready', file, verdict, sha256: file.sha256, sizeBytes };
}

/** The file's row as it is now: its digest may have been pinned, or a mismatch recorded. */
async function reread(file: StoredFile, deps: GateDeps): Promise<StoredFile> {
  return (await deps.store.files.findByKey(file.key)) ?? file;
}

function serve(state: Extract<FileState, { kind: 'ready' }>, timing: Timing, deps: GateDeps): Served {
  const { file, verdict, sha256, sizeBytes } = state;
  return {
    kind: 'file',
    file,
    verdict,
    sha256,
    sizeBytes,
    open: async (range) => cutWhenRevoked(await openStored(sha256, range, deps), file, deps),
    watch: (transfer) => void cutWhenRevoked(transfer, file, deps),
    timing,
  };
}

async function answerUnknown(path: string, deps: GateDeps): Promise<FileAnswer> {
  const known = await findPredictablePath(path, deps);
  return known === undefined
    ? { kind: 'absent', detail: 'no project lists this file' }
    : { kind: 'moved', path: known };
}
