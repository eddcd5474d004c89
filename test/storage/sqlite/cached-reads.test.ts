import { expect, test } from 'vitest';
import { cacheReads } from '../../../src/storage/sqlite/cached-reads.ts';

test('an answer is read once until anything is written', () => {
  let writes = 0;
  const asked: string[] = [];
  const read = cacheReads({ writes: () => writes }, (key) => {
    asked.push(key);
    return asked.length;
  });

  expect([read('a'), read('a'), read('b')]).toEqual([1, 1, 2]);
  writes += 1;
  expect([read('a'), read('b'), read('b')]).toEqual([3, 4, 4]);
});

test('that there is none is an answer too', () => {
  let count = 0;
  const read = cacheReads({ writes: () => 0 }, () => {
    count++;
    return undefined;
  });

  read('a');
  read('a');

  expect(count).toBe(1);
});
