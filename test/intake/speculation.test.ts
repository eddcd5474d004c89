import { expect, test } from 'vitest';
import { createSpeculation } from '../../src/intake/speculation.ts';
import { fakeClock } from '../fakes/fake-clock.ts';

const limits = {
  isEnabled: true,
  jobs: 4,
  jobsPerClient: 2,
  bytes: 1000,
  maxFileBytes: 600,
  unusedPerClient: 3,
};

test('a client has its share of the places, and all together the total', () => {
  const speculation = createSpeculation({ ...limits, bytes: 1e12 }, fakeClock());

  const begun = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((key) => speculation.begin(key, key.slice(0, 1), 10));

  expect(begun).toEqual([true, true, false, true, true, false]);
});

test('bytes under way are bounded, and large files are not begun at all', () => {
  const speculation = createSpeculation(limits, fakeClock());

  expect(speculation.begin('large', 'a', 601)).toBe(false);
  expect(speculation.begin('one', 'a', 600)).toBe(true);
  expect(speculation.begin('two', 'b', 500)).toBe(false);
  speculation.end('one');
  expect(speculation.begin('two', 'b', 500)).toBe(true);
  expect(speculation.stats()).toEqual({ jobs: 1, bytes: 500 });
});

test('a file of unknown size counts as one of 8 MiB', () => {
  expect(createSpeculation(limits, fakeClock()).begin('one', 'a', undefined)).toBe(false);
  expect(createSpeculation({ ...limits, bytes: 1e9 }, fakeClock()).begin('one', 'a', undefined)).toBe(true);
});

test('a client that asks and never installs runs dry for ten minutes', () => {
  const clock = fakeClock();
  const speculation = createSpeculation(limits, clock);
  const tryOne = (key: string): boolean => {
    const isBegun = speculation.begin(key, 'crawler', 10);
    speculation.end(key);
    return isBegun;
  };

  const first = ['1', '2', '3', '4', '5'].map(tryOne);
  clock.advance(600_000);
  const later = ['6', '7'].map(tryOne);

  expect(first).toEqual([true, true, true, false, false]);
  expect(later).toEqual([true, true]);
});

test('a client that asks for what was fetched ahead never runs dry', () => {
  const speculation = createSpeculation(limits, fakeClock());

  const begun = Array.from({ length: 50 }, (_, index) => {
    const isBegun = speculation.begin(String(index), 'pip', 10);
    speculation.use(String(index));
    speculation.end(String(index));
    return isBegun;
  });

  expect(begun.every((each) => each)).toBe(true);
});

test('switched off, nothing begins', () => {
  expect(createSpeculation({ ...limits, isEnabled: false }, fakeClock()).begin('one', 'a', 1)).toBe(false);
});
