// Owns the comparison of the core metadata that resolvers read with the copy inside the scanned wheel.
// A resolver that reads other dependencies than pip installs is an attack or a broken file; either is refused.
import { describeMetadataMismatch, findMetadataDigest } from '../policy/metadata-digest.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { GateDeps } from './deps.ts';

/**
 * Says whether the metadata that was announced, or sent first, is the wheel's own; true where there is nothing to compare yet.
 * A difference is recorded with its event, so that the judge refuses the file from then on.
 */
export async function agreesWithMetadata(
  file: StoredFile,
  deps: Pick<GateDeps, 'store' | 'index' | 'agreements' | 'clock'>,
): Promise<boolean> {
  const announced = findMetadataDigest(file);
  if (announced === undefined || file.sha256 === undefined || !/\.whl$/i.test(file.file.filename)) return true;
  // A recorded difference is the judge's: an entry for this very file may allow it.
  if (file.mismatch !== undefined) return true;
  const pair = `${file.key} ${file.sha256} ${announced}`;
  if (deps.agreements.get(pair) === true) return true;
  const asked = { sha256: file.sha256, filename: file.file.filename };
  const [own] = await deps.store.reports.findCoreMetadataDigests([asked]);
  if (own === undefined) return true;
  if (own === announced) {
    deps.agreements.set(pair, true, 500);
    return true;
  }
  await recordMismatch(file, announced, own, deps);
  return false;
}

async function recordMismatch(
  file: StoredFile,
  announced: string,
  own: string,
  deps: Pick<GateDeps, 'store' | 'index' | 'clock'>,
): Promise<void> {
  const detail = describeMetadataMismatch(announced, own);
  const mismatch = { kind: 'metadata' as const, detail, at: deps.clock.now() };
  await deps.store.files.updateFile(file.key, { mismatch }, [
    {
      kind: 'metadata-mismatch',
      actor: 'cordon',
      reason: detail,
      project: file.project,
      filename: file.file.filename,
      ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
      before: { announced },
      after: { own },
    },
  ]);
  deps.index.forget(file.upstream, file.project);
}
