import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProjectList, type ListFormat, type ProjectList } from '../../src/index/project-list.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { silentMetrics } from '../fakes/silent-metrics.ts';
import { HOUR_MS, type IndexBench, openIndexBench } from '../support/index-bench.ts';

let bench: IndexBench;
let folder: string;

function makeList(privateNames: readonly string[] = []): ProjectList {
  return createProjectList({
    folder,
    routes: bench.routes,
    privateNames,
    clock: bench.clock,
    log: silentLog,
    metrics: silentMetrics,
    maxAgeMs: HOUR_MS,
  });
}

async function readNames(list: ProjectList): Promise<readonly string[]> {
  const text = await readView(list, 'json');
  return (JSON.parse(text) as { projects: { name: string }[] }).projects.map((project) => project.name);
}

async function readView(list: ProjectList, format: ListFormat): Promise<string> {
  return gunzipSync(await buffer((await list.open(format)).openGzip())).toString();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-list-'));
  bench = await openIndexBench({
    upstreams: [
      { id: 'inner', projects: ['acme-*'] },
      { id: 'pypi', projects: ['*'] },
    ],
  });
  bench.fakes['inner']?.setRootList(['acme-sdk', 'acme-tool', 'not-mine']);
  bench.fakes['pypi']?.setRootList(['Django', 'acme-sdk', 'zope.interface', '<script>']);
});

afterEach(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

test('both views list every project once, each from where it may come', async () => {
  const list = makeList();

  expect(await readNames(list)).toEqual(['acme-sdk', 'acme-tool', 'Django', 'zope.interface']);
  expect(await readView(list, 'html')).toContain('<a href="zope-interface/">zope.interface</a>');
  expect(bench.fakes['pypi']?.count('/simple/')).toBe(1);
});

test('private names of a public index are not listed', async () => {
  bench.fakes['inner']?.setRootList(null);

  expect(await readNames(makeList(['acme-*']))).toEqual(['Django', 'zope.interface']);
});

test('an old list is given at once, the new one the next time, and the disk holds no third', async () => {
  const list = makeList();
  await readNames(list);
  for (const round of [1, 2, 3]) {
    bench.fakes['pypi']?.setRootList([`round-${String(round)}`]);
    bench.clock.advance(HOUR_MS + 1);
    await list.open('json');
    await expect.poll(() => readNames(list)).toContain(`round-${String(round)}`);
  }

  expect((await readdir(folder)).filter((each) => each.endsWith('.json.gz')).length).toBeLessThanOrEqual(2);
});

test('a restart reads the list from disk and clears what a killed process left', async () => {
  const first = await readNames(makeList());
  await writeFile(join(folder, '0123456789abcdef.json.gz'), 'half');

  const second = makeList();

  expect(await readNames(second)).toEqual(first);
  expect(bench.fakes['pypi']?.count('/simple/')).toBe(1);
  expect(await readdir(folder)).not.toContain('0123456789abcdef.json.gz');
});

test('a list that breaks off is not taken, the one before stays', async () => {
  const list = makeList();
  const before = await readNames(list);
  bench.fakes['pypi']?.setFault('/simple/', { kind: 'truncate', afterBytes: 90, withLength: false });
  bench.clock.advance(HOUR_MS + 1);

  await list.open('json');
  await expect.poll(() => bench.fakes['pypi']?.count('/simple/')).toBe(2);

  expect(await readNames(list)).toEqual(before);
});

test('the very first failure is told, and leaves nothing on disk', async () => {
  bench.fakes['pypi']?.setFault('/simple/', { kind: 'status', status: 500 });

  await expect(makeList().open('html')).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  expect(await readdir(folder)).toEqual([]);
});

test('without any list upstream there is none', async () => {
  for (const fake of Object.values(bench.fakes)) fake.setRootList(null);

  await expect(makeList().open('json')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
