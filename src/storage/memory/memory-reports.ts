import { createHash } from 'node:crypto';
import type { ScanReport } from '../../analysis/report/scan-report.ts';
import { toReportFacts } from '../../policy/report-verdict.ts';
import type { DecisionStore, ReportFacts } from '../../ports/decision-store.ts';
import type { Sha256 } from '../../pypi/model.ts';
import type { Append } from './memory-store.ts';

interface KeptReport {
  readonly facts: ReportFacts;
  readonly report: ScanReport;
}

/** Reports of two rulesets are kept per file, so that going back to the last release of Cordon costs no rescan. */
const KEPT_PER_FILE = 2;

/** Scan reports, newest first per (sha256, filename), and the archives' own core metadata. */
export function memoryReports(
  append: Append,
  lastServedAt: (sha256: string, filename: string) => number,
): DecisionStore['reports'] {
  const reports = new Map<string, readonly KeptReport[]>();
  const metadata = new Map<Sha256, Uint8Array>();
  const idOf = (sha256: string, filename: string): string => `${sha256}\n${filename}`;

  return {
    findFacts: (files, ruleset) =>
      Promise.resolve(
        files.flatMap(({ sha256, filename }) => {
          const kept = reports.get(idOf(sha256, filename)) ?? [];
          const best = kept.find(({ facts }) => facts.ruleset === ruleset) ?? kept[0];
          return best === undefined ? [] : [best.facts];
        }),
      ),
    findReport: (sha256, filename) => Promise.resolve(reports.get(idOf(sha256, filename))?.[0]?.report),
    saveReport: (report, scannedAt, coreMetadata, events) => {
      const id = idOf(report.sha256, report.filename);
      const others = (reports.get(id) ?? []).filter((kept) => kept.facts.ruleset !== report.ruleset);
      const kept = { facts: toReportFacts(report, scannedAt), report };
      reports.set(id, [kept, ...others].slice(0, KEPT_PER_FILE));
      if (coreMetadata !== undefined) metadata.set(report.sha256 as Sha256, coreMetadata);
      append(events);
      return Promise.resolve();
    },
    findCoreMetadata: (sha256) => Promise.resolve(metadata.get(sha256)),
    findCoreMetadataDigests: (sha256s) => {
      const digests = new Map<Sha256, string>();
      for (const sha256 of sha256s) {
        const bytes = metadata.get(sha256);
        if (bytes !== undefined) digests.set(sha256, createHash('sha256').update(bytes).digest('hex'));
      }
      return Promise.resolve(digests);
    },
    findOutdated: (ruleset, limit) =>
      Promise.resolve(
        [...reports.values()]
          .filter((kept) => kept.every(({ facts }) => facts.ruleset !== ruleset))
          .flatMap((kept) => kept.slice(0, 1))
          .map(({ facts }) => ({ sha256: facts.sha256, filename: facts.filename }))
          .sort((a, b) => lastServedAt(b.sha256, b.filename) - lastServedAt(a.sha256, a.filename))
          .slice(0, limit),
      ),
  };
}
