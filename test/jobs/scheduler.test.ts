import { beforeEach, describe, expect, test } from 'vitest';
import { type Job, startJobs } from '../../src/jobs/scheduler.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { type FakeTimers, fakeTimers } from '../fakes/fake-timers.ts';
import { silentLog } from '../fakes/silent-log.ts';

const job = (run: Job['run'], change: Partial<Job> = {}): Job => ({
  name: 'job',
  firstAfterMs: 10,
  pauseMs: 100,
  busyPauseMs: 1,
  run,
  ...change,
});
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('background jobs', () => {
  let timers: FakeTimers;
  let errors: string[];
  const start = (...jobs: Job[]) =>
    startJobs(jobs, { timers, clock: fakeClock(), log: { ...silentLog, error: (_fields, msg) => errors.push(msg) } });

  beforeEach(() => {
    timers = fakeTimers();
    errors = [];
  });

  test('run by their rhythm: soon again while there is more, after the pause when there is not', async () => {
    const more = [true, true, false];
    const jobs = start(job(() => Promise.resolve(more.shift() ?? false)));
    const pauses: (readonly number[])[] = [timers.waiting()];

    for (let run = 0; run < 3; run++) {
      timers.run();
      await settle();
      pauses.push(timers.waiting());
    }

    expect(pauses).toEqual([[10], [1], [1], [100]]);
    await jobs.close();
  });

  test('a run under way is not started twice', async () => {
    let runs = 0;
    let finish = (): void => undefined;
    const jobs = start(
      job(() => {
        runs += 1;
        return new Promise((resolve) => {
          finish = () => resolve(false);
        });
      }),
    );

    timers.run();
    timers.run();
    await settle();
    expect([runs, timers.waiting()]).toEqual([1, []]);
    finish();
    await settle();
    expect(timers.waiting()).toEqual([100]);
    await jobs.close();
  });

  test('a failure is logged and stops neither the job nor the others', async () => {
    let runs = 0;
    const jobs = start(
      job(() => Promise.reject(new Error('bug')), { name: 'broken' }),
      job(
        () => {
          runs += 1;
          return Promise.resolve(false);
        },
        { name: 'other' },
      ),
    );

    for (let round = 0; round < 2; round++) {
      timers.run();
      await settle();
    }

    expect(errors).toHaveLength(2);
    expect(runs).toBe(2);
    expect(timers.waiting()).toEqual([100, 100]);
    await jobs.close();
  });

  test('closing tells a run under way, waits for it, and starts none', async () => {
    let isTold = false;
    let isDone = false;
    const jobs = start(
      job(async (signal) => {
        await settle();
        isTold = signal.aborted;
        isDone = true;
        return true;
      }),
    );
    timers.run();

    await jobs.close();

    expect([isTold, isDone, timers.waiting()]).toEqual([true, true, []]);
  });
});
