import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_MS, type IndexBench, MINUTE_MS, name, openIndexBench } from '../support/index-bench.ts';

const one = { filename: 'six-1.0.tar.gz', bytes: Buffer.from('one') };
const two = { filename: 'six-2.0.tar.gz', bytes: Buffer.from('two') };
let bench: IndexBench;

const fail = (): void => {
  bench.fake.setFault('/simple/six/', { kind: 'status', status: 500 });
  bench.clock.advance(MINUTE_MS);
};

beforeEach(async () => {
  bench = await openIndexBench();
  bench.fake.addProject('six', {}, [one, two]);
  await bench.facts('six');
});

afterEach(async () => {
  await bench.close();
});

test('14: while the upstream fails, the last page it confirmed is served and marked stale', async () => {
  fail();

  const facts = await bench.facts('six');

  expect([facts.isStale, facts.files.length]).toEqual([true, 2]);
});

test('14: a stale page has an end', async () => {
  fail();
  bench.clock.advance(DAY_MS);

  await expect(bench.facts('six')).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
});

test('14: after a quarantine was seen, the page from before is never served again', async () => {
  bench.fake.changeProject('six', { status: 'quarantined', files: [] });
  bench.clock.advance(MINUTE_MS);
  await bench.facts('six');
  fail();

  for (const index of [bench.index, bench.restart()]) {
    const facts = await bench.facts('six', index);
    expect([facts.isStale, facts.files.length]).toEqual([true, 0]);
    expect(facts.project.upstreamQuarantinedAt).toBeDefined();
  }
});

test('14: after a yank or the removal of a file was seen, the page from before is never served again', async () => {
  bench.fake.changeProject('six', { files: [{ ...one, yanked: 'bad' }] });
  bench.clock.advance(MINUTE_MS);
  await bench.facts('six');
  fail();

  for (const index of [bench.index, bench.restart()]) {
    const facts = await bench.facts('six', index);
    expect(facts.page.files.map((file) => [file.filename, file.yanked])).toEqual([['six-1.0.tar.gz', 'bad']]);
    expect(facts.removed.map((row) => row.file.filename)).toEqual(['six-2.0.tar.gz']);
  }
});

test('14: after the project was seen gone, a failing upstream is a failure: neither the old page nor a 404', async () => {
  bench.fake.removeProject('six');
  bench.clock.advance(MINUTE_MS);
  expect(await bench.index.findProject(name('six'))).toBeUndefined();
  fail();

  for (const index of [bench.index, bench.restart()]) {
    await expect(index.findProject(name('six'))).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  }
});

test('14: a file of a project that is gone is still known by its path, as removed', async () => {
  const row = (await bench.facts('six')).files[0];
  bench.fake.removeProject('six');
  bench.clock.advance(MINUTE_MS);
  await bench.index.findProject(name('six'));

  const found = await bench.index.findFile(row?.path ?? '');

  expect(found?.removedAt).toBe(bench.clock.now());
  expect(await bench.eventKinds()).toContain('project-removed');
});
