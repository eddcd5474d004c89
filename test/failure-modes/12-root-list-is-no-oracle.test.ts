import { afterEach, beforeEach, expect, test } from 'vitest';
import { type IndexBench, openIndexBench } from '../support/index-bench.ts';

let bench: IndexBench;

beforeEach(async () => {
  bench = await openIndexBench();
  bench.fake.addFile('new', { filename: 'new-1.0.tar.gz', bytes: Buffer.from('new') });
});

afterEach(async () => {
  await bench.close();
});

test('12: a project that the root list does not know is there when its own page is', async () => {
  bench.fake.setRootList(['something-else']);

  expect((await bench.facts('new')).files).toHaveLength(1);
});

test('12: an index without a root list works, and is never asked for one', async () => {
  bench.fake.setRootList(null);

  expect((await bench.facts('new')).files).toHaveLength(1);
  expect(bench.fake.count('/simple/')).toBe(0);
});
