import type { ScanReport } from '../../src/analysis/report/scan-report.ts';
import { CordonError } from '../../src/errors.ts';
import type { Scanner, ScanOutcome, ScanRequest } from '../../src/ports/scanner.ts';
import { makeReport, makeStoredFile } from '../support/stored-facts.ts';

/** A scanner that says what it is told, when it is told. */
export interface FakeScanner extends Scanner {
  ruleset: string;
  /** every scan that began, oldest first */
  readonly scans: readonly ScanRequest[];
  readonly promoted: readonly { readonly filename: string; readonly priority: string }[];
  /** What the report of a filename says besides its identity; `coreMetadata` travels beside it. */
  reportAs(filename: string, change: Partial<ScanReport>, coreMetadata?: Uint8Array): void;
  /** The next scan throws this. */
  failNext(error: Error): void;
  /** From now on scans wait until `release`. */
  hold(): void;
  release(): void;
}

export function fakeScanner(): FakeScanner {
  const scans: ScanRequest[] = [];
  const promoted: { filename: string; priority: string }[] = [];
  const reports = new Map<string, { change: Partial<ScanReport>; coreMetadata: Uint8Array | undefined }>();
  const failures: Error[] = [];
  let gate: Promise<void> = Promise.resolve();
  let open: () => void = () => undefined;
  let queued = 0;

  const scanner: FakeScanner = {
    ruleset: 'rules-1',
    scans,
    promoted,
    reportAs: (filename, change, coreMetadata) => void reports.set(filename, { change, coreMetadata }),
    failNext: (error) => void failures.push(error),
    hold() {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    release: () => {
      open();
    },
    async scan(request, signal): Promise<ScanOutcome> {
      scans.push(request);
      queued += 1;
      const stopped = new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new CordonError('OVERLOADED', 'the scan was given up'));
        });
      });
      stopped.catch(() => undefined);
      try {
        await Promise.race([gate, stopped]);
      } finally {
        queued -= 1;
      }
      request.onStart?.();
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      const { sha256, filename, sizeBytes } = request;
      const told = reports.get(filename);
      const change = { sha256, filename, sizeBytes, ruleset: scanner.ruleset, ...told?.change };
      const report = makeReport(makeStoredFile(filename, { sha256 }), change);
      return told?.coreMetadata === undefined ? { report } : { report, coreMetadata: told.coreMetadata };
    },
    promote: ({ filename }, priority) => void promoted.push({ filename, priority }),
    stats: () => ({ queued, running: 0 }),
    close: () => Promise.resolve(),
  };
  return scanner;
}
