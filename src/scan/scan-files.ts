// Owns the scanning of local files: which, how many at once, and one answer a file. May import the scanner's port, policy's
// reading of a report and node. Start at runScan.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Finding } from '../analysis/report/finding.ts';
import type { ScanReport } from '../analysis/report/scan-report.ts';
import { isCordonError } from '../errors.ts';
import { type ContentVerdict, judgeContent, type Thresholds, toReportFacts } from '../policy/report-verdict.ts';
import type { Scanner } from '../ports/scanner.ts';
import type { Sha256 } from '../pypi/model.ts';
import { findDistributionFiles, systemCode } from './distribution-files.ts';

/** What a scan of a file came to. */
export type FileResult =
  | {
      readonly kind: 'scanned';
      readonly file: string;
      readonly report: ScanReport;
      readonly verdict: ContentVerdict;
      readonly elapsedMs: number;
    }
  /** it could not be read, or its scan did not come to an end: no verdict */
  | { readonly kind: 'failed'; readonly file: string; readonly message: string };

/** One line of `cordon scan --json`. */
export interface ScanLine {
  readonly file: string;
  readonly sha256: string;
  readonly verdict: ContentVerdict['kind'];
  /** why it is not allowed; absent when it is */
  readonly reason?: string;
  readonly score: number;
  readonly findings: readonly Pick<Finding, 'detector' | 'severity' | 'path' | 'line' | 'message' | 'snippet'>[];
  /** why it could not be read; absent when it could */
  readonly unscannable?: string;
  readonly elapsedMs: number;
}

export interface ScanFilesOptions {
  /** files and folders; `linesOf` makes them of standard input */
  readonly paths: AsyncIterable<string> | Iterable<string>;
  readonly thresholds: Thresholds;
  /** files under way at once: the scanner's children, and one more whose bytes are being digested */
  readonly concurrency: number;
}

/** What a run needs from outside. */
export interface ScanFilesIo {
  readonly scanner: Scanner;
  /** called once a file, as results come */
  onResult(result: FileResult): void;
}

/**
 * Scans files, several at once, and goes on after a failure: the core of `cordon scan`.
 * @returns exit code: 0 all are allowed, 1 some are not, 2 some could not be judged, or there were none
 */
export async function runScan(options: ScanFilesOptions, io: ScanFilesIo): Promise<0 | 1 | 2> {
  const tally = new ScanTally();
  const report = (result: FileResult): void => {
    tally.add(result);
    io.onResult(result);
  };
  const files = findDistributionFiles(options.paths, ({ path, problem }) => {
    report({ kind: 'failed', file: path, message: problem });
  });
  const underWay = new Set<Promise<void>>();
  for await (const file of files) {
    const scan = scanLocalFile(file, options.thresholds, io.scanner).then(report);
    const done = scan.finally(() => underWay.delete(done));
    underWay.add(done);
    if (underWay.size >= options.concurrency) {
      await Promise.race(underWay);
    }
  }
  await Promise.all(underWay);
  return tally.exitCode();
}

/** Paths from a stream in which each ends with a NUL, as `find -print0` writes them. */
export async function* nulEndedOf(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\0');
    rest = parts.pop() ?? '';
    yield* parts.filter((part) => part !== '');
  }
  if (rest !== '') yield rest;
}

/** Paths from a stream of lines, e.g. `--files-from -`. Empty lines are skipped. */
export async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<string, void, undefined> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line !== '') {
      yield line;
    }
  }
}

/** Digests a file and has it scanned. Failures of the file or of its scan are a result; anything else is a bug and thrown. */
export async function scanLocalFile(file: string, thresholds: Thresholds, scanner: Scanner): Promise<FileResult> {
  const startedAt = performance.now();
  try {
    const { size } = await stat(file);
    const sha256 = await digestFile(file);
    const filename = basename(file);
    const queuedAt = performance.now();
    let waitedMs = 0;
    const onStart = (): void => {
      waitedMs = performance.now() - queuedAt;
    };
    const request = { path: file, filename, sha256, sizeBytes: size, priority: 'requested', onStart } as const;
    const { report } = await scanner.scan(request);
    const verdict = judgeContent(toReportFacts(report, 0), thresholds);
    // a file that waits for a child while others are scanned costs nothing
    return { kind: 'scanned', file, report, verdict, elapsedMs: performance.now() - startedAt - waitedMs };
  } catch (error) {
    const message = isCordonError(error) ? error.message : `cannot be read: ${systemCode(error)}`;
    return { kind: 'failed', file, message };
  }
}

async function digestFile(file: string): Promise<Sha256> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Uint8Array);
  }
  return hash.digest('hex') as Sha256;
}

/** The line that `cordon scan --json` prints for a scanned file. */
export function toScanLine(result: Extract<FileResult, { kind: 'scanned' }>): ScanLine {
  const { file, report, verdict, elapsedMs } = result;
  return {
    file,
    sha256: report.sha256,
    verdict: verdict.kind,
    ...(verdict.kind === 'allow' ? {} : { reason: verdict.reason }),
    score: report.score,
    findings: report.findings.map(({ detector, severity, path, line, message, snippet }) => ({
      detector,
      severity,
      path,
      line,
      message,
      snippet,
    })),
    ...(report.unscannable === undefined ? {} : { unscannable: report.unscannable.message }),
    elapsedMs: Math.round(elapsedMs),
  };
}

/** Counts results by verdict. */
export class ScanTally {
  allowed = 0;
  quarantined = 0;
  refused = 0;
  failed = 0;

  add(result: FileResult): void {
    if (result.kind === 'failed') {
      this.failed += 1;
      return;
    }
    switch (result.verdict.kind) {
      case 'allow':
        this.allowed += 1;
        return;
      case 'quarantine':
        this.quarantined += 1;
        return;
      case 'refuse':
        this.refused += 1;
    }
  }

  get total(): number {
    return this.allowed + this.quarantined + this.refused + this.failed;
  }

  exitCode(): 0 | 1 | 2 {
    if (this.failed > 0 || this.total === 0) {
      return 2;
    }
    return this.quarantined + this.refused > 0 ? 1 : 0;
  }
}
