import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoredFile, StoredProject } from '../ports/decision-store.ts';
import type { ProjectPage } from '../pypi/model.ts';

/** Files between two turns of the event loop: a few milliseconds of work. */
export const SLICE_FILES = 200;

/**
 * Hex digest of what a page says: changes with the model, not with its serial, ETag or spelling.
 * Yields to the event loop in between, for pages of 10,000 files.
 */
export async function computePageRevision(page: ProjectPage): Promise<string> {
  const { files, name, apiVersion, upstreamStatus, versions, extra } = page;
  const hash = createHash('sha256').update(JSON.stringify({ name, apiVersion, upstreamStatus, versions, extra }));
  for (let at = 0; at < files.length; at += SLICE_FILES) {
    hash.update(JSON.stringify(files.slice(at, at + SLICE_FILES)));
    await nextTurn();
  }
  return hash.digest('hex');
}

/** Digest of a page and of what we remember beside it: pinned digests, also of metadata, mismatches, changes, the upstream's quarantine. */
export function computeFactsRevision(
  pageRevision: string,
  project: StoredProject,
  files: readonly StoredFile[],
  removed: readonly StoredFile[],
): string {
  const hash = createHash('sha256').update(`${pageRevision}\n${String(project.upstreamQuarantinedAt ?? '')}\n`);
  for (const row of files) {
    const isPinned = row.sha256 !== undefined && row.file.hashes['sha256'] === undefined;
    const { changed, mismatch, metadataSha256 } = row;
    if (isPinned || changed !== undefined || mismatch !== undefined || metadataSha256 !== undefined) {
      hash.update(JSON.stringify([row.key, isPinned ? row.sha256 : null, changed, mismatch, metadataSha256]));
    }
  }
  for (const row of removed) hash.update(row.key);
  return hash.digest('hex');
}
