import { expect, test } from 'vitest';
import { prune } from '../../src/jobs/prune.ts';
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { makeAccess, SIX } from '../support/stored-facts.ts';

const DAY = 86_400_000;

test('records go when they are older than their retention, and 0 keeps them for ever', async () => {
  const clock = fakeClock();
  const store = openMemoryStore({ clock });
  await store.access.record([makeAccess({ at: clock.now() })]);
  await store.events.append([{ kind: 'noted', actor: 'test' }]);
  clock.advance(10 * DAY + 1);
  const deps = { store, clock, log: silentLog };

  expect(await prune({ accessDays: 0, eventsDays: 0 }, deps)).toEqual({ access: 0, events: 0 });
  expect(await prune({ accessDays: 11, eventsDays: 11 }, deps)).toEqual({ access: 0, events: 0 });
  expect(await prune({ accessDays: 10, eventsDays: 10 }, deps)).toEqual({ access: 1, events: 1 });
  expect(await store.access.findByProject(SIX, 9)).toEqual([]);
  expect(await store.events.verifyChain()).toBeUndefined();
});
