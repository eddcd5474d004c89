import type { ScanReport } from '../../analysis/report/scan-report.ts';
import type { ReportFacts, StoredFile, StoredProject } from '../../policy/facts.ts';
import type { StoredPage } from '../../ports/decision-store.ts';
import type { ProjectName, UpstreamId } from '../../pypi/model.ts';

export interface KeptReport {
  readonly facts: ReportFacts;
  readonly report: ScanReport;
}

/** What more than one room reads; the keys are made by the functions below. */
export interface MemoryState {
  readonly pages: Map<string, StoredPage>;
  readonly projects: Map<string, StoredProject>;
  readonly files: Map<string, StoredFile>;
  /** newest first */
  readonly reports: Map<string, readonly KeptReport[]>;
  readonly metadata: Map<string, Uint8Array>;
  readonly factsRevisions: Map<string, number>;
  /** UTC ms of the last time a file was served */
  readonly lastServed: Map<string, number>;
}

export function newMemoryState(): MemoryState {
  return {
    pages: new Map(),
    projects: new Map(),
    files: new Map(),
    reports: new Map(),
    metadata: new Map(),
    factsRevisions: new Map(),
    lastServed: new Map(),
  };
}

export function projectId(upstream: UpstreamId, project: ProjectName): string {
  return `${upstream}\n${project}`;
}

export function reportId(sha256: string, filename: string): string {
  return `${sha256}\n${filename}`;
}

/** Facts of the newest report of a file, preferring one ruleset. */
export function findFacts(
  { reports }: MemoryState,
  sha256: string,
  filename: string,
  ruleset: string,
): ReportFacts | undefined {
  const kept = reports.get(reportId(sha256, filename)) ?? [];
  return (kept.find(({ facts }) => facts.ruleset === ruleset) ?? kept[0])?.facts;
}

export function moveFactsRevision({ factsRevisions }: MemoryState, upstream: UpstreamId, project: ProjectName): void {
  const id = projectId(upstream, project);
  factsRevisions.set(id, (factsRevisions.get(id) ?? 0) + 1);
}
