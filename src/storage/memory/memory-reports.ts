import { createHash } from 'node:crypto';
import { toReportFacts } from '../../policy/report-verdict.ts';
import type { DecisionStore } from '../../ports/decision-store.ts';
import { findFacts, type MemoryState, moveFactsRevision, reportId } from './memory-state.ts';
import type { Append } from './memory-store.ts';

/** Reports of two rulesets are kept per file, so that going back to the last release of Cordon costs no rescan. */
const KEPT_PER_FILE = 2;

/** Scan reports and the archives' own core metadata. */
export function memoryReports(state: MemoryState, append: Append): DecisionStore['reports'] {
  const { reports, metadata, files, lastServed } = state;
  const servedAt = ({ sha256, filename }: { sha256: string; filename: string }): number =>
    lastServed.get(reportId(sha256, filename)) ?? 0;

  return {
    findFacts: (asked, ruleset) =>
      Promise.resolve(asked.flatMap(({ sha256, filename }) => findFacts(state, sha256, filename, ruleset) ?? [])),
    findReport: (sha256, filename) => Promise.resolve(reports.get(reportId(sha256, filename))?.[0]?.report),
    saveReport: (report, scannedAt, coreMetadata, events) => {
      const id = reportId(report.sha256, report.filename);
      const others = (reports.get(id) ?? []).filter((kept) => kept.facts.ruleset !== report.ruleset);
      const kept = { facts: toReportFacts(report, scannedAt), report };
      reports.set(id, [kept, ...others].slice(0, KEPT_PER_FILE));
      if (coreMetadata !== undefined) metadata.set(id, coreMetadata);
      for (const file of files.values()) {
        if (file.sha256 === report.sha256) moveFactsRevision(state, file.upstream, file.project);
      }
      append(events);
      return Promise.resolve();
    },
    findCoreMetadata: (sha256, filename) => Promise.resolve(metadata.get(reportId(sha256, filename))),
    findCoreMetadataDigests: (asked) =>
      Promise.resolve(
        asked.map(({ sha256, filename }) => {
          const bytes = metadata.get(reportId(sha256, filename));
          return bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex');
        }),
      ),
    findOutdated: (ruleset, limit) =>
      Promise.resolve(
        [...reports.values()]
          .filter((kept) => kept.every(({ facts }) => facts.ruleset !== ruleset))
          .flatMap((kept) => kept.slice(0, 1))
          .map(({ facts }) => ({ sha256: facts.sha256, filename: facts.filename }))
          .sort((a, b) => servedAt(b) - servedAt(a))
          .slice(0, limit),
      ),
  };
}
