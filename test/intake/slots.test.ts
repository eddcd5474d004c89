import { expect, test } from 'vitest';
import { createSlots, type Priority, type Ticket } from '../../src/intake/slots.ts';

const roomy = { total: 2, speculative: 1, weight: 1000, queue: 10 };
const ticket = (priority: Priority = 'requested', weight = 1): Ticket => ({ priority, weight });

/** Names of the tickets that got a place, in order. */
function watch() {
  const started: string[] = [];
  const failed: string[] = [];
  const releases = new Map<string, () => void>();
  const follow = (name: string, acquired: Promise<() => void>): void => {
    acquired.then(
      (release) => {
        started.push(name);
        releases.set(name, release);
      },
      (error: unknown) => failed.push(`${name} ${(error as { code: string }).code}`),
    );
  };
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { started, failed, follow, settle, release: (name: string) => releases.get(name)?.() };
}

test('places are given in order, as many as there are', async () => {
  const slots = createSlots(roomy);
  const seen = watch();
  for (const name of ['a', 'b', 'c']) seen.follow(name, slots.acquire(ticket()));
  await seen.settle();
  const before = [...seen.started];

  seen.release('a');
  seen.release('a');
  await seen.settle();

  expect(before).toEqual(['a', 'b']);
  expect(seen.started).toEqual(['a', 'b', 'c']);
  expect(slots.stats()).toEqual({ running: 2, waiting: 0, weight: 2 });
});

test('what nobody asked for leaves places free for what somebody does', async () => {
  const slots = createSlots({ ...roomy, total: 3, speculative: 1 });
  const seen = watch();
  seen.follow('s1', slots.acquire(ticket('speculative')));
  seen.follow('s2', slots.acquire(ticket('speculative')));
  seen.follow('r1', slots.acquire(ticket()));
  await seen.settle();

  expect(seen.started).toEqual(['s1', 'r1']);
});

test('as soon as a requested one has to wait, waiting speculative ones are dropped', async () => {
  const slots = createSlots(roomy);
  const seen = watch();
  seen.follow('r1', slots.acquire(ticket()));
  seen.follow('s1', slots.acquire(ticket('speculative')));
  seen.follow('s2', slots.acquire(ticket('speculative')));
  seen.follow('r2', slots.acquire(ticket()));
  await seen.settle();
  seen.release('s1');
  await seen.settle();

  expect(seen.started).toEqual(['r1', 's1', 'r2']);
  expect(seen.failed).toEqual(['s2 OVERLOADED']);
});

test('a promoted one takes the next place, and frees the speculative one if it runs', async () => {
  const slots = createSlots({ ...roomy, total: 2, speculative: 1 });
  const seen = watch();
  const first = ticket('speculative');
  seen.follow('s1', slots.acquire(first));
  seen.follow('s2', slots.acquire(ticket('speculative')));
  await seen.settle();

  slots.promote(first);
  await seen.settle();

  expect(seen.started).toEqual(['s1', 's2']);
});

test('the weight of what runs is bounded; a heavier one runs alone and is not overtaken', async () => {
  const slots = createSlots({ ...roomy, total: 4, weight: 100 });
  const seen = watch();
  seen.follow('light', slots.acquire(ticket('requested', 60)));
  seen.follow('heavy', slots.acquire(ticket('requested', 500)));
  seen.follow('later', slots.acquire(ticket('requested', 10)));
  await seen.settle();
  const before = [...seen.started];
  seen.release('light');
  await seen.settle();
  const during = [...seen.started];
  seen.release('heavy');
  await seen.settle();

  expect(before).toEqual(['light']);
  expect(during).toEqual(['light', 'heavy']);
  expect(seen.started).toEqual(['light', 'heavy', 'later']);
});

test('a full line turns the newest away', async () => {
  const slots = createSlots({ ...roomy, total: 1, queue: 1 });
  const seen = watch();
  for (const name of ['a', 'b', 'c']) seen.follow(name, slots.acquire(ticket()));
  await seen.settle();

  expect(seen.failed).toEqual(['c OVERLOADED']);
});
