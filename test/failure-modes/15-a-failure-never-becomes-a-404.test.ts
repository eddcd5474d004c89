import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Fault } from '../fakes/fake-pypi.ts';
import { type IndexBench, name, openIndexBench } from '../support/index-bench.ts';

let bench: IndexBench;

beforeEach(async () => {
  bench = await openIndexBench({
    upstreams: [
      { id: 'inner', projects: ['*'], change: { timeouts: { connectMs: 200, headersMs: 100, progressMs: 200 } } },
      { id: 'pypi', projects: ['*'] },
    ],
  });
  bench.fakes['pypi']?.addFile('six', { filename: 'six-1.0.tar.gz', bytes: Buffer.from('public') });
});

afterEach(async () => {
  await bench.close();
});

test.each<[string, Fault, string]>([
  ['500', { kind: 'status', status: 500 }, 'UPSTREAM_DOWN'],
  ['503', { kind: 'status', status: 503 }, 'UPSTREAM_DOWN'],
  ['401', { kind: 'status', status: 401 }, 'UPSTREAM_DOWN'],
  ['403', { kind: 'status', status: 403 }, 'UPSTREAM_DOWN'],
  ['429', { kind: 'status', status: 429 }, 'UPSTREAM_DOWN'],
  ['a time-out', { kind: 'silence' }, 'UPSTREAM_SLOW'],
  ['a reset', { kind: 'reset' }, 'UPSTREAM_DOWN'],
  ['a stall in the page', { kind: 'stall', afterBytes: 20 }, 'UPSTREAM_SLOW'],
  ['a redirect to somewhere else', { kind: 'redirect', location: 'http://elsewhere.invalid/' }, 'UPSTREAM_DOWN'],
  [
    'a log-in page',
    { kind: 'replace', bytes: Buffer.from('<html>Log in</html>'), contentType: 'text/html' },
    'UPSTREAM_DOWN',
  ],
])('15: %s of the first upstream ends the search: no 404, and the second is not asked', async (_what, fault, code) => {
  bench.fakes['inner']?.addProject('six', { etag: false }, [{ filename: 'six-1.0.tar.gz', bytes: Buffer.alloc(9) }]);
  bench.fakes['inner']?.setFault('/simple/six/', fault);

  await expect(bench.index.findProject(name('six'))).rejects.toMatchObject({ code });
  expect(bench.fakes['pypi']?.requests).toEqual([]);
});

test('15: a host that cannot be reached is a failure too', async () => {
  await bench.fakes['inner']?.close();

  await expect(bench.index.findProject(name('six'))).rejects.toMatchObject({ code: 'UPSTREAM_DOWN', status: 502 });
});

test('15: only a true 404 passes on', async () => {
  const facts = await bench.facts('six');

  expect(facts.upstream).toBe('pypi');
  expect(bench.fakes['inner']?.count('/simple/six/')).toBe(1);
});

test('15: a failing upstream is left alone for a few seconds, and each client still hears of the failure', async () => {
  bench.fakes['inner']?.setFault('/simple/six/', { kind: 'status', status: 500 });
  for (let client = 0; client < 10; client += 1) {
    await expect(bench.index.findProject(name('six'))).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  }

  expect(bench.fakes['inner']?.count('/simple/six/')).toBe(1);
});
