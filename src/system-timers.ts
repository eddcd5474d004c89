import type { Timers } from './ports/timers.ts';

/** The timers of this process. */
export const systemTimers: Timers = {
  after: (ms, task) => {
    const timer = setTimeout(task, ms).unref();
    return () => clearTimeout(timer);
  },
};
