import type { Clock } from '../../src/ports/clock.ts';

/** A clock that stands still until it is told to move. */
export interface FakeClock extends Clock {
  set(now: number): void;
  advance(ms: number): void;
}

export function fakeClock(start: number = Date.UTC(2026, 0, 15, 12)): FakeClock {
  let current = start;
  return {
    now: () => current,
    set: (now) => {
      current = now;
    },
    advance: (ms) => {
      current += ms;
    },
  };
}
