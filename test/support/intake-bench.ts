import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IntakeDeps, IntakeLimits } from '../../src/intake/deps.ts';
import { createIntake, type IntakeService } from '../../src/intake/intake.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import type { DecisionStore, StoredFile } from '../../src/ports/decision-store.ts';
import type { Judge } from '../../src/ports/judge.ts';
import type { Scanner } from '../../src/ports/scanner.ts';
import { type FsBlobStore, openFsBlobStore } from '../../src/storage/fs/fs-blob-store.ts';
import { type FakeScanner, fakeScanner } from '../fakes/fake-scanner.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { silentMetrics } from '../fakes/silent-metrics.ts';
import { type IndexBench, type IndexBenchOptions, openIndexBench } from './index-bench.ts';

const MIB = 1024 * 1024;
/** longer than any test waits for a job that ends */
export const PATIENT_MS = 15_000;

export const ROOMY: IntakeLimits = {
  fetches: 8,
  fetchBytes: 1024 * MIB,
  queue: 100,
  maxFileBytes: 64 * MIB,
  fetchMs: 60_000,
  speculative: {
    isEnabled: true,
    jobs: 8,
    jobsPerClient: 4,
    bytes: 64 * MIB,
    maxFileBytes: 8 * MIB,
    unusedPerClient: 20,
  },
};

/** The plainest judge: no report, needs a scan; a score of 70, malware; a mismatch, refused; else clean. */
export function plainJudge(store: DecisionStore, scanner: Pick<Scanner, 'ruleset'>): Pick<Judge, 'judgeFile'> {
  const decide = async (file: StoredFile): Promise<Verdict> => {
    if (file.mismatch !== undefined) return { kind: 'refuse', reason: 'digest-mismatch', detail: file.mismatch.detail };
    const release = await store.files.findRelease(file, scanner.ruleset);
    const own = release.files.find((each) => each.file.key === file.key)?.report;
    if (own === undefined) return { kind: 'needs-scan', reason: 'unscanned', detail: 'not scanned yet' };
    if (own.score >= 70) return { kind: 'refuse', reason: 'malware', detail: 'it is malware' };
    const isSpoilt = release.files.some(({ report }) => (report?.score ?? 0) >= 70);
    if (isSpoilt) return { kind: 'quarantine', reason: 'sibling-refused', detail: 'another file is malware' };
    return { kind: 'allow', reason: 'clean', detail: 'nothing was found' };
  };
  return { judgeFile: async (file) => ({ verdict: await decide(file) }) };
}

export interface IntakeBench extends IndexBench {
  readonly intake: IntakeService;
  readonly scanner: FakeScanner;
  readonly blobs: FsBlobStore;
  /** The row of a file that the index lists. */
  row(project: string, filename: string): Promise<StoredFile>;
  /** The row as it is stored now. */
  reread(row: StoredFile): Promise<StoredFile>;
  /** names left in the staging folder */
  staged(): Promise<readonly string[]>;
  /** Another intake on the same store, blobs and scanner: nothing in memory. */
  another(change?: Partial<IntakeDeps>): IntakeService;
}

/** A real intake over a real index, real HTTP and a real blob store; scanner and clock are fakes. */
export async function openIntakeBench(
  options: IndexBenchOptions & { readonly limits?: Partial<IntakeLimits> } = {},
): Promise<IntakeBench> {
  const bench = await openIndexBench(options);
  const root = await mkdtemp(join(tmpdir(), 'cordon-intake-'));
  const blobs = await openFsBlobStore({ root, clock: bench.clock });
  const scanner = fakeScanner();
  const deps: IntakeDeps = {
    findSource: (upstream) => bench.sources.get(upstream),
    index: bench.index,
    store: bench.store,
    blobs,
    scanner,
    judge: plainJudge(bench.store, scanner),
    notifier: bench.notifier,
    clock: bench.clock,
    log: silentLog,
    metrics: silentMetrics,
    limits: { ...ROOMY, ...options.limits },
  };
  const made: IntakeService[] = [];
  const another = (change: Partial<IntakeDeps> = {}): IntakeService => {
    const intake = createIntake({ ...deps, ...change });
    made.push(intake);
    return intake;
  };
  return {
    ...bench,
    intake: another(),
    scanner,
    blobs,
    another,
    async row(project, filename) {
      const row = (await bench.facts(project)).files.find((each) => each.file.filename === filename);
      if (row === undefined) throw new Error(`the index does not list ${filename}`);
      return row;
    },
    async reread(row) {
      return (await bench.store.files.findByKey(row.key)) ?? row;
    },
    staged: () => readdir(join(root, 'staging')),
    async close() {
      scanner.release();
      for (const intake of made) await intake.close();
      await bench.close();
      await blobs.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
