import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createProjectListCache, type ProjectListDeps } from '../../src/http/project-list-cache.ts';
import type { ListedProject } from '../../src/pypi/project-list.ts';
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { silentMetrics } from '../support/gate-world.ts';

async function* names(...list: readonly string[]): AsyncGenerator<readonly ListedProject[]> {
  yield list.map((name) => ({ displayName: name, name: name.toLowerCase() }) as ListedProject);
}

function makeDeps(clock: FakeClock, folder = mkdtempSync(join(tmpdir(), 'cordon-list-'))) {
  const lists: (() => AsyncIterable<readonly ListedProject[]>)[] = [];
  let opened = 0;
  const deps: ProjectListDeps = {
    folder,
    freshMs: 1_000,
    clock,
    log: silentLog,
    metrics: silentMetrics,
    open: () => {
      opened++;
      return lists.shift()?.() ?? names();
    },
  };
  return { deps, lists, opened: () => opened };
}

async function read(cache: ReturnType<typeof createProjectListCache>): Promise<string> {
  return text(await (await cache.find('html', 'identity')).open());
}

test('the list is written once for all who ask at the same time', async () => {
  const { deps, lists, opened } = makeDeps(fakeClock());
  lists.push(() => names('Six'));
  const cache = createProjectListCache(deps);

  const found = await Promise.all([cache.find('json', 'gzip'), cache.find('html', 'identity')]);

  expect(opened()).toBe(1);
  expect(new Set(found.map(({ etag }) => etag)).size).toBe(2);
});

test('an old list is served while the next one is written', async () => {
  const clock = fakeClock();
  const { deps, lists } = makeDeps(clock);
  lists.push(
    () => names('Six'),
    () => names('Seven'),
  );
  const cache = createProjectListCache(deps);
  await read(cache);

  clock.advance(1_001);
  expect(await read(cache)).toContain('Six');
  await expect.poll(() => read(cache)).toContain('Seven');
  expect(readdirSync(deps.folder)).toHaveLength(1);
});

test.each([
  ['forwards', 1_001],
  ['back', -86_400_000],
])('a list is renewed after the clock went %s', async (_way, ms) => {
  const clock = fakeClock();
  const { deps, lists } = makeDeps(clock);
  lists.push(
    () => names('Six'),
    () => names('Seven'),
  );
  const cache = createProjectListCache(deps);
  await read(cache);

  clock.advance(ms);

  await expect.poll(() => read(cache)).toContain('Seven');
});

test('a list that somebody took away is written anew', async () => {
  const { deps, lists } = makeDeps(fakeClock());
  lists.push(
    () => names('Six'),
    () => names('Seven'),
  );
  const cache = createProjectListCache(deps);
  await read(cache);

  rmSync(deps.folder, { recursive: true });

  expect(await read(cache)).toContain('Seven');
});

test('a folder that could not be had is asked for again', async () => {
  const { deps, lists } = makeDeps(fakeClock());
  lists.push(() => names('Six'));
  rmSync(deps.folder, { recursive: true });
  writeFileSync(deps.folder, 'in the way');
  const cache = createProjectListCache(deps);
  await expect(read(cache)).rejects.toThrow();

  rmSync(deps.folder);

  expect(await read(cache)).toContain('Six');
});

test('a renewal that fails keeps the old list, and is not tried again at once', async () => {
  const clock = fakeClock();
  const { deps, lists, opened } = makeDeps(clock);
  async function* broken(): AsyncGenerator<readonly ListedProject[]> {
    yield [];
    throw new Error('ended early');
  }
  lists.push(() => names('Six'), broken);
  const cache = createProjectListCache(deps);
  await read(cache);

  clock.advance(1_001);
  await read(cache);
  await expect.poll(() => readdirSync(deps.folder)).toHaveLength(1);
  await read(cache);

  expect(await read(cache)).toContain('Six');
  expect(opened()).toBe(2);
});

test('a list on disk outlives the process; half-written ones are cleared away', async () => {
  const clock = fakeClock();
  const first = makeDeps(clock);
  first.lists.push(() => names('Six'));
  await read(createProjectListCache(first.deps));

  const second = makeDeps(clock, first.deps.folder);
  expect(await read(createProjectListCache(second.deps))).toContain('Six');
  expect(second.opened()).toBe(0);
});
