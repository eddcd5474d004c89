import { expect, test } from 'vitest';
import { createByteCache } from '../../src/http/byte-cache.ts';
import { fakeClock } from '../fakes/fake-clock.ts';

test('what was used longest ago goes first when the bytes are spent', () => {
  const cache = createByteCache<string>(5_000, fakeClock());
  cache.set('a', 'A', 1_500);
  cache.set('b', 'B', 1_500);
  expect(cache.get('a')).toBe('A');

  cache.set('c', 'C', 1_500);

  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C']);
  expect(cache.usedBytes()).toBeLessThanOrEqual(5_000);
});

test('what is larger than the whole is not kept, and pushes nothing out', () => {
  const cache = createByteCache<string>(5_000, fakeClock());
  cache.set('a', 'A', 10);

  cache.set('huge', 'H', 10_000);

  expect([cache.get('a'), cache.get('huge')]).toEqual(['A', undefined]);
});

test('an entry is not given beyond its time, to the millisecond', () => {
  const clock = fakeClock();
  const cache = createByteCache<string>(5_000, clock);
  cache.set('a', 'A', 10, clock.now() + 100);

  clock.advance(99);
  expect(cache.get('a')).toBe('A');
  clock.advance(1);
  expect(cache.get('a')).toBeUndefined();
  expect(cache.usedBytes()).toBe(0);
});

test('setting a key again replaces it and its bytes', () => {
  const cache = createByteCache<string>(5_000, fakeClock());
  cache.set('a', 'A', 100);
  const once = cache.usedBytes();

  cache.set('a', 'B', 100);

  expect(cache.get('a')).toBe('B');
  expect(cache.usedBytes()).toBe(once);
});
