import { expect, test } from 'vitest';
import { createCostCache } from '../../src/index/facts-cache.ts';

test('what was used least recently leaves first, until the costs fit', () => {
  const cache = createCostCache<string>(10);
  cache.set('a', 'A', 4);
  cache.set('b', 'B', 4);
  cache.get('a');

  cache.set('c', 'C', 4);

  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C']);
});

test('values are shared, not copied', () => {
  const cache = createCostCache<{ n: number }>(10);
  const value = { n: 1 };
  cache.set('a', value, 1);

  expect(cache.get('a')).toBe(value);
});

test('what costs more than the cache holds is not kept, and drives nothing out', () => {
  const cache = createCostCache<string>(10);
  cache.set('a', 'A', 5);

  cache.set('huge', 'H', 11);

  expect([cache.get('a'), cache.get('huge')]).toEqual(['A', undefined]);
});

test('a replaced value costs its new cost alone', () => {
  const cache = createCostCache<string>(10);
  for (let turn = 0; turn < 20; turn += 1) cache.set('a', `A${String(turn)}`, 6);
  cache.set('b', 'B', 4);
  cache.delete('b');

  expect([cache.get('a'), cache.get('b')]).toEqual(['A19', undefined]);
});
