import type { Decision, Verdict } from '../../src/policy/verdict.ts';
import type { StoredFile } from '../../src/ports/decision-store.ts';
import type { Judge } from '../../src/ports/judge.ts';

/** A judge that says what it is told, by filename; `clean` otherwise. */
export interface FakeJudge extends Judge {
  set(filename: string, verdict: Verdict, validUntil?: number): void;
  /** filenames in the order in which they were judged one by one */
  readonly judged: readonly string[];
  /** the verdict on a file with a recorded mismatch; undefined: as if there were none */
  onMismatch: ((mismatch: NonNullable<StoredFile['mismatch']>) => Verdict) | undefined;
  /** how often a whole project was judged */
  projectCalls(): number;
}

export const CLEAN: Verdict = { kind: 'allow', reason: 'clean', detail: 'nothing was found' };
export const UNSCANNED: Verdict = { kind: 'needs-scan', reason: 'unscanned', detail: 'not scanned yet' };
export const MALWARE: Verdict = {
  kind: 'refuse',
  reason: 'malware',
  detail: 'setup.py downloads a program and runs it',
};
export const SUSPICIOUS: Verdict = { kind: 'quarantine', reason: 'suspicious', detail: 'decodes a string and runs it' };

/** A hold by age that ends at this time (UTC ms). */
export function coolingDown(until: number): Verdict {
  return { kind: 'quarantine', reason: 'cooldown', detail: 'the project is younger than 72 hours', until };
}

export function fakeJudge(): FakeJudge {
  const decisions = new Map<string, Decision>();
  const judged: string[] = [];
  let revision = 1;
  let projectCalls = 0;
  function decide(file: StoredFile): Decision {
    const { mismatch } = file;
    if (mismatch !== undefined && judge.onMismatch !== undefined) return { verdict: judge.onMismatch(mismatch) };
    return decisions.get(file.file.filename) ?? { verdict: CLEAN };
  }

  const judge: FakeJudge = {
    onMismatch: undefined,
    set(filename, verdict, validUntil) {
      decisions.set(filename, { verdict, ...(validUntil === undefined ? {} : { validUntil }) });
      revision++;
    },
    judged,
    projectCalls: () => projectCalls,
    judgeFile(file) {
      judged.push(file.file.filename);
      return Promise.resolve(decide(file));
    },
    judgeProject(_project, files) {
      projectCalls++;
      return Promise.resolve(files.map(decide));
    },
    revision: () => Promise.resolve(String(revision)),
  };
  return judge;
}
