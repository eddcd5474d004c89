import { createProjectIndex, type ProjectIndexDeps } from '../../src/index/project-index.ts';
import type { UpstreamRoute } from '../../src/index/routing.ts';
import type { DecisionStore } from '../../src/ports/decision-store.ts';
import type { ProjectFacts, ProjectIndex } from '../../src/ports/project-index.ts';
import type { ProjectName, UpstreamId } from '../../src/pypi/model.ts';
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { UpstreamConfig } from '../../src/upstream/config.ts';
import { createUpstream, type Upstream } from '../../src/upstream/upstream.ts';
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts';
import { type FakeNotifier, fakeNotifier } from '../fakes/fake-notifier.ts';
import { type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { silentMetrics } from '../fakes/silent-metrics.ts';
import { makeUpstreamConfig } from './upstream-config.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const name = (text: string): ProjectName => text as ProjectName;

export interface IndexBenchOptions {
  /** upstreams in order; default: one, `pypi`, for every name */
  readonly upstreams?: readonly {
    readonly id: string;
    readonly projects: readonly string[];
    readonly change?: Partial<UpstreamConfig>;
  }[];
  readonly privateNames?: readonly string[];
  readonly bounds?: Partial<ProjectIndexDeps['bounds']>;
}

export interface IndexBench {
  /** the fake of the only (or first) upstream */
  readonly fake: FakePypi;
  readonly fakes: Readonly<Record<string, FakePypi>>;
  readonly routes: readonly UpstreamRoute[];
  readonly sources: ReadonlyMap<UpstreamId, Upstream>;
  readonly store: DecisionStore;
  readonly clock: FakeClock;
  readonly notifier: FakeNotifier;
  readonly index: ProjectIndex;
  /** The index as after a restart: nothing in memory, the same store. */
  restart(change?: Partial<ProjectIndexDeps>): ProjectIndex;
  /** Facts of a project that must be there. */
  facts(project: string, index?: ProjectIndex): Promise<ProjectFacts>;
  /** kinds of the events so far */
  eventKinds(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A real index over real HTTP to fake upstreams, with a store in memory and a clock that stands still. */
export async function openIndexBench(options: IndexBenchOptions = {}): Promise<IndexBench> {
  const upstreams = options.upstreams ?? [{ id: 'pypi', projects: ['*'] }];
  const clock = fakeClock();
  const store = openMemoryStore({ clock });
  const notifier = fakeNotifier();
  const fakes: Record<string, FakePypi> = {};
  const routes: UpstreamRoute[] = [];
  const sources = new Map<UpstreamId, Upstream>();
  for (const { id, projects, change } of upstreams) {
    const fake = await startFakePypi({ separateFileOrigin: true });
    fakes[id] = fake;
    const upstream = createUpstream(makeUpstreamConfig(fake, { id: id as UpstreamId, projects, ...change }));
    sources.set(upstream.id, upstream);
    routes.push({
      source: upstream,
      url: fake.url,
      projects,
      ...(id === 'pypi' ? { keptOrigin: fake.fileOrigin } : {}),
    });
  }
  const deps: ProjectIndexDeps = {
    routes,
    privateNames: options.privateNames ?? [],
    store,
    clock,
    log: silentLog,
    metrics: silentMetrics,
    notifier,
    bounds: {
      freshMs: MINUTE_MS,
      staleMs: DAY_MS,
      absentMs: MINUTE_MS,
      patienceMs: 5_000,
      maxCachedFiles: 100_000,
      ...options.bounds,
    },
  };
  const index = createProjectIndex(deps);
  return {
    fake: fakes[upstreams[0]?.id ?? ''] as FakePypi,
    fakes,
    routes,
    sources,
    store,
    clock,
    notifier,
    index,
    restart: (change = {}) => createProjectIndex({ ...deps, ...change }),
    async facts(project, from = index) {
      const facts = await from.findProject(name(project));
      if (facts === undefined) throw new Error(`the index has no ${project}`);
      return facts;
    },
    async eventKinds() {
      return (await store.events.list({ limit: 1000 })).map((event) => event.kind);
    },
    async close() {
      for (const source of sources.values()) await source.close();
      for (const fake of Object.values(fakes)) await fake.close();
    },
  };
}
