import { join } from 'node:path';
import { createProjectIndex } from '../../../src/index/project-index.ts';
import { createIntake } from '../../../src/intake/intake.ts';
import type { DecisionStore } from '../../../src/ports/decision-store.ts';
import type { Scanner } from '../../../src/ports/scanner.ts';
import type { ProjectName } from '../../../src/pypi/model.ts';
import { openFsBlobStore } from '../../../src/storage/fs/fs-blob-store.ts';
import { openSqliteStore } from '../../../src/storage/sqlite/sqlite-store.ts';
import type { UpstreamConfig } from '../../../src/upstream/config.ts';
import { createUpstream } from '../../../src/upstream/upstream.ts';
import { fakeNotifier } from '../../fakes/fake-notifier.ts';
import { fakeScanner } from '../../fakes/fake-scanner.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { silentMetrics } from '../../fakes/silent-metrics.ts';
import { plainJudge, ROOMY } from '../../support/intake-bench.ts';

export interface FillTask {
  /** data folder */
  readonly folder: string;
  readonly upstream: UpstreamConfig;
  readonly keptOrigin: string;
  readonly project: string;
  readonly filename: string;
}

/** What a killing child puts between the rooms. */
export interface FillSeams {
  readonly watchStore: (store: DecisionStore) => DecisionStore;
  readonly watchScanner: (scanner: Scanner) => Scanner;
}

/** Opens a data folder as a server does, takes one file in, and closes it again. */
export async function fill(task: FillTask, seams?: FillSeams): Promise<void> {
  const clock = { now: () => Date.now() };
  const opened = openSqliteStore({ folder: task.folder, clock, onAccessLost: () => undefined });
  const store = seams?.watchStore(opened) ?? opened;
  const blobs = await openFsBlobStore({ root: join(task.folder, 'blobs'), clock });
  const source = createUpstream(task.upstream);
  const shared = { store, clock, log: silentLog, metrics: silentMetrics, notifier: fakeNotifier() };
  const index = createProjectIndex({
    ...shared,
    routes: [{ source, url: task.upstream.url, projects: ['*'], keptOrigin: task.keptOrigin }],
    privateNames: [],
    bounds: { freshMs: 60_000, staleMs: 60_000, absentMs: 60_000, patienceMs: 5_000, maxCachedFiles: 1000 },
  });
  const fake = fakeScanner();
  const scanner = seams?.watchScanner(fake) ?? fake;
  const intake = createIntake({
    ...shared,
    index,
    blobs,
    scanner,
    findSource: (id) => (id === source.id ? source : undefined),
    judge: plainJudge(store, scanner),
    limits: ROOMY,
  });
  const facts = await index.findProject(task.project as ProjectName);
  const row = facts?.files.find((each) => each.file.filename === task.filename);
  if (row === undefined) throw new Error('the file is not listed');
  const outcome = await intake.join(row, 20_000);
  if (outcome.kind !== 'done') throw new Error('the file did not arrive');
  await intake.close();
  await source.close();
  await blobs.close();
  await store.close();
}
