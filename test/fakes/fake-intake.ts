import type { StoredFile } from '../../src/ports/decision-store.ts';
import type { Intake, JobOutcome, JobPhase } from '../../src/ports/intake.ts';

export const JOB_TIMES = { queueMs: 1, fetchMs: 20, scanQueueMs: 2, scanMs: 30 };

/** An intake that records who joined, and answers what it is told. */
export interface FakeIntake extends Intake {
  /** What a join gives; the default is "still scanning" at once. */
  onJoin: (file: StoredFile, waitMs: number) => JobOutcome | Promise<JobOutcome>;
  readonly joins: { readonly filename: string; readonly waitMs: number }[];
  readonly speculated: { readonly filename: string; readonly client: string }[];
  /** phases by filename; a speculated file is `queued` unless told otherwise */
  readonly phases: Map<string, JobPhase>;
  /** false: the budget is spent, speculate does nothing */
  hasBudget: boolean;
}

export function fakeIntake(): FakeIntake {
  const intake: FakeIntake = {
    onJoin: () => ({ kind: 'waiting', phase: { kind: 'scanning' } }),
    joins: [],
    speculated: [],
    phases: new Map(),
    hasBudget: true,
    async join(file, waitMs) {
      intake.joins.push({ filename: file.file.filename, waitMs });
      return intake.onJoin(file, waitMs);
    },
    speculate(file, client) {
      intake.speculated.push({ filename: file.file.filename, client });
      if (intake.hasBudget && !intake.phases.has(file.file.filename)) {
        intake.phases.set(file.file.filename, { kind: 'queued' });
      }
    },
    findPhase: (file) => intake.phases.get(file.file.filename),
    rescan: () => Promise.resolve(),
    stats: () => ({ jobs: intake.phases.size, bytesInFlight: 0, speculative: 0 }),
    close: () => Promise.resolve(),
  };
  return intake;
}
