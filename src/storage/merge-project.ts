import type { StoredProject } from '../ports/decision-store.ts';

/** A project row, joined with what was known: both clocks keep their earliest time, the upstream's status is the newest. */
export function mergeProject(previous: StoredProject | undefined, next: StoredProject): StoredProject {
  const firstUploadAt = earliest(previous?.firstUploadAt, next.firstUploadAt);
  return {
    upstream: next.upstream,
    project: next.project,
    firstSeenAt: Math.min(previous?.firstSeenAt ?? next.firstSeenAt, next.firstSeenAt),
    ...(firstUploadAt === undefined ? {} : { firstUploadAt }),
    ...(next.upstreamQuarantinedAt === undefined ? {} : { upstreamQuarantinedAt: next.upstreamQuarantinedAt }),
  };
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}
