import type { ScanReport, Unscannable } from '../analysis/report/scan-report.ts';

/** The report of a file of which nothing could be found out but why. */
export function unscannableReport(
  request: { readonly sha256: string; readonly filename: string; readonly sizeBytes: number },
  ruleset: string,
  unscannable: Unscannable,
): ScanReport {
  return {
    schema: 1,
    sha256: request.sha256,
    filename: request.filename,
    sizeBytes: request.sizeBytes,
    ruleset,
    unscannable,
    score: 0,
    findings: [],
    summary: {
      members: {},
      startUpFiles: [],
      nativeBinaries: [],
      hosts: [],
      sinks: [],
      longestLiteral: 0,
      pythonBytes: 0,
      unpackedBytes: 0,
      memberCount: 0,
    },
    elapsedMs: 0,
  };
}
