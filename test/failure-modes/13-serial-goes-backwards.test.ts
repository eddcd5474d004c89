import { afterEach, beforeEach, expect, test } from 'vitest';
import { createUpstream } from '../../src/upstream/upstream.ts';
import { type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { DAY_MS, type IndexBench, MINUTE_MS, openIndexBench } from '../support/index-bench.ts';
import { makeUpstreamConfig } from '../support/upstream-config.ts';

const one = { filename: 'six-1.0.tar.gz', bytes: Buffer.from('one') };
const two = { filename: 'six-2.0.tar.gz', bytes: Buffer.from('two') };
let bench: IndexBench;
let other: FakePypi | undefined;

const filenames = async (): Promise<readonly string[]> =>
  (await bench.facts('six')).files.map((row) => row.file.filename);

beforeEach(async () => {
  bench = await openIndexBench();
  bench.fake.addProject('six', { serial: 100 }, [one, two]);
});

afterEach(async () => {
  await bench.close();
  await other?.close();
  other = undefined;
});

test('13: a page with a lower serial does not replace the newer one', async () => {
  await filenames();
  bench.fake.changeProject('six', { serial: 99, files: [one] });
  bench.clock.advance(MINUTE_MS);

  expect(await filenames()).toEqual(['six-1.0.tar.gz', 'six-2.0.tar.gz']);
});

test('13: nor does one that has lost its serial, and the upstream is not asked at every request meanwhile', async () => {
  await filenames();
  bench.fake.changeProject('six', { serial: null, files: [one] });
  bench.clock.advance(MINUTE_MS);
  await filenames();

  expect(await filenames()).toEqual(['six-1.0.tar.gz', 'six-2.0.tar.gz']);
  expect(bench.fake.count('/simple/six/')).toBe(2);
});

test('13: the newer page is kept within a bound, not for ever', async () => {
  await filenames();
  bench.fake.changeProject('six', { serial: 99, files: [one] });
  bench.clock.advance(DAY_MS + 1);

  expect(await filenames()).toEqual(['six-1.0.tar.gz']);
});

test('13: a quarantine is believed without a serial', async () => {
  await filenames();
  bench.fake.changeProject('six', { serial: null, status: 'quarantined', files: [] });
  bench.clock.advance(MINUTE_MS);

  expect((await bench.facts('six')).project.upstreamQuarantinedAt).toBe(bench.clock.now());
});

test('13: an upstream that points elsewhere starts afresh: no old serial, no old ETag, no old page', async () => {
  await filenames();
  other = await startFakePypi();
  other.addProject('six', { serial: 3 }, [one]);
  const moved = createUpstream(makeUpstreamConfig(other));
  const route = { source: moved, url: other.url, projects: ['*'], keptOrigin: other.fileOrigin };

  const index = bench.restart({ routes: [route] });
  const facts = await bench.facts('six', index);

  expect(facts.files.map((row) => row.file.filename)).toEqual(['six-1.0.tar.gz']);
  expect(facts.page.lastSerial).toBe(3);
  expect(other.requests[0]?.headers['if-none-match']).toBeUndefined();
  expect(await bench.eventKinds()).toContain('upstream-moved');
  await moved.close();
});

test('13: the old page of a place that was left is not served when the new one fails', async () => {
  await filenames();
  other = await startFakePypi();
  other.setFault(/./, { kind: 'status', status: 500 });
  const moved = createUpstream(makeUpstreamConfig(other));
  const index = bench.restart({ routes: [{ source: moved, url: other.url, projects: ['*'] }] });

  await expect(bench.facts('six', index)).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  await moved.close();
});
