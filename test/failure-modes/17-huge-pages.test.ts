import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import type * as UpstreamModule from '../../src/upstream/upstream.ts';
import { type BuiltSource, buildSource } from '../support/built-source.ts';
import { type IndexBench, MINUTE_MS, name, openIndexBench } from '../support/index-bench.ts';
import { makeUpstreamConfig } from '../support/upstream-config.ts';

const FILES = 10_000;
const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
let built: BuiltSource;
let bench: IndexBench;

beforeAll(async () => {
  built = await buildSource(['src/upstream/upstream.ts', 'src/upstream/page-worker.ts']);
}, 60_000);

afterAll(async () => {
  await built.remove();
});

beforeEach(async () => {
  bench = await openIndexBench();
  const files = Array.from({ length: FILES }, (_, index) => ({
    filename: `big-1.${String(index)}-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl`,
    bytes: Buffer.from(String(index)),
    requiresPython: '>=3.9',
    metadataHashes: { sha256: 'ab'.repeat(32) },
  }));
  bench.fake.addProject('big', {}, files);
});

afterEach(async () => {
  await bench.close();
});

/**
 * Time that this thread has run, ms: on Linux without the time in which others had the processor, which says nothing about us.
 * The first number of schedstat is nanoseconds on the processor.
 */
function ranFor(): number {
  try {
    const [onProcessor = ''] = readFileSync(`/proc/self/task/${String(process.pid)}/schedstat`, 'utf8').split(' ');
    return Number(onProcessor) / 1e6;
  } catch {
    return performance.now();
  }
}

/** Longest time in ms for which nothing else could run. */
async function longestBlock(operation: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let isOver = false;
  let last = ranFor();
  const tick = (): void => {
    const now = ranFor();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(tick);
  };
  setImmediate(tick);
  await operation();
  isOver = true;
  await new Promise((resolve) => setImmediate(resolve));
  return longest;
}

test('17: a page of 10,000 files is read and joined with what is known in slices of the event loop', async () => {
  // only the built code has the parser thread
  const { createUpstream } = (await import(
    pathToFileURL(built.pathOf('src/upstream/upstream.ts')).href
  )) as typeof UpstreamModule;
  // the fake writes the page in this very process: it does so once, before
  await (await fetch(`${bench.fake.url}big/`, { headers: { Accept: JSON_TYPE } })).arrayBuffer();
  bench.fake.changeProject('big', { etag: false, serial: 1 });
  await (
    await fetch(`${bench.fake.url}big/`, { headers: { Accept: JSON_TYPE, 'Accept-Encoding': 'identity' } })
  ).arrayBuffer();
  const timeouts = { connectMs: 9000, headersMs: 9000, progressMs: 9000 };
  const upstream = createUpstream(makeUpstreamConfig(bench.fake, { timeouts }));
  const route = { source: upstream, url: bench.fake.url, projects: ['*'], keptOrigin: bench.fake.fileOrigin };
  const folder = await mkdtemp(join(tmpdir(), 'cordon-huge-'));
  const store = openSqliteStore({ folder, clock: bench.clock, onAccessLost: () => undefined });

  // the first run compiles what the others run
  let longest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run += 1) {
    const index = bench.restart({ routes: [route], store });
    bench.clock.advance(MINUTE_MS);
    longest = Math.min(longest, await longestBlock(() => index.findProject(name('big'))));
  }
  await upstream.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });

  expect(longest).toBeLessThan(50);
}, 60_000);

test('17: a page past the cap is not read to its end, and an endless one ends at the cap', async () => {
  bench.fake.setFault('/simple/big/', { kind: 'huge', bytes: 1_000_000_000 });

  await expect(bench.index.findProject(name('big'))).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
});

test('17: a warm page costs no reading at all', async () => {
  const first = await bench.facts('big');

  const second = await bench.facts('big');

  expect(second).toBe(first);
});
