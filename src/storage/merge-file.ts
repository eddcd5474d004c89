// Owns what becomes of a known file when its page is read again. Pure. Start at mergeFile.
// May import the port's types. The same rules in every backend.
import type { FileChange, StoredFile } from '../ports/decision-store.ts';

/**
 * A listed file, joined with what was known of it.
 *
 * First-seen time, a pinned digest, a recorded mismatch and a noted change survive; a file that is listed again is no
 * longer removed. A digest or size that differs from the earlier announcement is noted, also when the caller did not.
 *
 * @param previous what the store holds under this key; undefined: a new file
 * @param confirmedAt when the upstream announced it (UTC ms): a new file's first-seen time
 */
export function mergeFile(previous: StoredFile | undefined, next: StoredFile, confirmedAt: number): StoredFile {
  const sha256 = next.sha256 ?? previous?.sha256;
  const metadataSha256 = previous?.metadataSha256 ?? next.metadataSha256;
  const changed = next.changed ?? (previous === undefined ? undefined : describeChange(previous, next));
  const mismatch = previous?.mismatch ?? next.mismatch;
  return {
    key: next.key,
    upstream: next.upstream,
    project: next.project,
    ...(next.version === undefined ? {} : { version: next.version }),
    file: next.file,
    path: previous?.path ?? next.path,
    firstSeenAt: previous?.firstSeenAt ?? confirmedAt,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(metadataSha256 === undefined ? {} : { metadataSha256 }),
    ...(changed === undefined ? {} : { changed }),
    ...(mismatch === undefined ? {} : { mismatch }),
    ...(previous?.acceptedAt === undefined ? {} : { acceptedAt: previous.acceptedAt }),
    ...(previous?.comparison === undefined ? {} : { comparison: previous.comparison }),
  };
}

function describeChange(previous: StoredFile, next: StoredFile): string | undefined {
  if (previous.changed !== undefined) return previous.changed;
  if (previous.sha256 !== undefined && next.sha256 !== undefined && previous.sha256 !== next.sha256) {
    return `the announced sha256 changed from ${previous.sha256} to ${next.sha256}`;
  }
  const [before, after] = [previous.file.sizeBytes, next.file.sizeBytes];
  if (before !== undefined && after !== undefined && before !== after) {
    return `the announced size changed from ${before} to ${after} bytes`;
  }
  return undefined;
}

/** A file after updateFile; null clears. The first time of acceptance stays. */
export function applyChange(file: StoredFile, change: FileChange): StoredFile {
  const { key, upstream, project, version, path, firstSeenAt, removedAt } = file;
  const sha256 = change.sha256 ?? file.sha256;
  const metadataSha256 = change.metadataSha256 ?? file.metadataSha256;
  const changed = replace(file.changed, change.changed);
  const mismatch = replace(file.mismatch, change.mismatch);
  const acceptedAt = change.acceptedAt === null ? undefined : (file.acceptedAt ?? change.acceptedAt);
  const comparison = replace(file.comparison, change.comparison);
  return {
    key,
    upstream,
    project,
    ...(version === undefined ? {} : { version }),
    file: file.file,
    path,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(metadataSha256 === undefined ? {} : { metadataSha256 }),
    firstSeenAt,
    ...(removedAt === undefined ? {} : { removedAt }),
    ...(changed === undefined ? {} : { changed }),
    ...(mismatch === undefined ? {} : { mismatch }),
    ...(acceptedAt === undefined ? {} : { acceptedAt }),
    ...(comparison === undefined ? {} : { comparison }),
  };
}

function replace<T>(before: T | undefined, next: T | null | undefined): T | undefined {
  return next === undefined ? before : (next ?? undefined);
}
