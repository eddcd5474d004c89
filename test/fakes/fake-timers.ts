import type { Timers } from '../../src/ports/timers.ts';

/** Timers that run when they are told to. */
export interface FakeTimers extends Timers {
  /** delays of the tasks that wait, in the order in which they were set */
  readonly waiting: () => readonly number[];
  /** Runs, in order, the tasks that wait now and whose delay is at most `ms`. */
  readonly run: (ms?: number) => void;
}

export function fakeTimers(): FakeTimers {
  let tasks: readonly { readonly ms: number; readonly task: () => void }[] = [];
  return {
    after: (ms, task) => {
      const entry = { ms, task };
      tasks = [...tasks, entry];
      return () => {
        tasks = tasks.filter((other) => other !== entry);
      };
    },
    waiting: () => tasks.map(({ ms }) => ms),
    run: (ms = Number.POSITIVE_INFINITY) => {
      const due = tasks.filter((entry) => entry.ms <= ms);
      tasks = tasks.filter((entry) => entry.ms > ms);
      for (const { task } of due) task();
    },
  };
}
