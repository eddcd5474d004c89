import { createHash } from 'node:crypto';
import type { Cache, GateDeps, GateSettings } from '../../src/gate/deps.ts';
import { createGateDeps } from '../../src/gate/state.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import type { StoredFile } from '../../src/ports/decision-store.ts';
import type { Metrics } from '../../src/ports/metrics.ts';
import type { DistributionFile, ProjectPage, Sha256 } from '../../src/pypi/model.ts';
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { type FakeBlobStore, fakeBlobStore } from '../fakes/fake-blob-store.ts';
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts';
import { type FakeIndexSource, fakeIndexSource } from '../fakes/fake-index-source.ts';
import { type FakeIntake, fakeIntake } from '../fakes/fake-intake.ts';
import { type FakeJudge, fakeJudge } from '../fakes/fake-judge.ts';
import { type FakeProjectIndex, fakeProjectIndex } from '../fakes/fake-project-index.ts';
import { type FakeTimers, fakeTimers } from '../fakes/fake-timers.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { makeProject, makeStoredFile, PYPI, SIX } from './stored-facts.ts';

export const SETTINGS: GateSettings = {
  holdMs: 10_000,
  hops: 8,
  lastHoldMs: 12_000,
  pageWaitMs: 1_000,
  youngMs: 14 * 86_400_000,
  jsonFreshMs: 600_000,
  privateUpstreams: [],
  thresholds: { refuse: 10, quarantine: 5 },
};

export const CLIENT = { address: '10.0.0.7', userAgent: 'curl/8.0' };
/** as pip writes it */
export const PIP_AGENT =
  'pip/26.3 {"ci":null,"cpu":"x86_64","distro":{"libc":{"lib":"glibc","version":"2.36"},"name":"Debian"},"implementation":{"name":"CPython","version":"3.11.7"},"installer":{"name":"pip","version":"26.3"},"python":"3.11.7","system":{"name":"Linux","release":"6.1"}}';

export const silentMetrics: Metrics = {
  countRequest: () => undefined,
  countHold: () => undefined,
  countScan: () => undefined,
  countFetch: () => undefined,
  countCache: () => undefined,
  countUpstreamError: () => undefined,
  countVerdict: () => undefined,
};

export interface FileSpec {
  readonly verdict?: Verdict;
  readonly validUntil?: number;
  /** stored under their digest; without bytes the blob is absent */
  readonly bytes?: string;
  readonly announced?: Partial<DistributionFile>;
  readonly stored?: Partial<StoredFile>;
  /** true: as where the filename does not speak for the project of its page */
  readonly isUnversioned?: boolean;
}

export interface GateWorld {
  readonly deps: GateDeps;
  readonly clock: FakeClock;
  readonly timers: FakeTimers;
  readonly judge: FakeJudge;
  readonly intake: FakeIntake;
  readonly index: FakeProjectIndex;
  readonly blobs: FakeBlobStore;
  readonly source: FakeIndexSource;
  /** Announces these files as the page of `six`, and saves them; gives them by filename. */
  announce(
    specs: Readonly<Record<string, FileSpec>>,
    page?: Partial<ProjectPage> & { readonly removed?: readonly StoredFile[] },
  ): Promise<Readonly<Record<string, StoredFile>>>;
}

function toSha256(text: string): Sha256 {
  return createHash('sha256').update(text).digest('hex') as Sha256;
}

/** A cache without bounds that obeys the clock. */
export function mapCache<T>(clock: FakeClock): Cache<T> {
  const entries = new Map<string, { readonly value: T; readonly validUntil: number | undefined }>();
  return {
    get(key) {
      const entry = entries.get(key);
      return entry === undefined || (entry.validUntil ?? Number.POSITIVE_INFINITY) <= clock.now()
        ? undefined
        : entry.value;
    },
    set: (key, value, _size, validUntil) => void entries.set(key, { value, validUntil }),
  };
}

function makeFile(filename: string, spec: FileSpec): StoredFile {
  const sha256 = spec.bytes === undefined ? undefined : toSha256(spec.bytes);
  const base = makeStoredFile(filename, {
    path: `packages/aa/bb/${createHash('sha256').update(filename).digest('hex').slice(0, 60)}/${filename}`,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...spec.stored,
  });
  const { version, ...unversioned } = base;
  const named = spec.isUnversioned === true || version === undefined ? unversioned : { ...unversioned, version };
  return { ...named, file: { ...base.file, ...spec.announced } };
}

/** Everything that the gate needs, in memory, under a clock that stands still. */
export function makeGateWorld(settings: Partial<GateSettings> = {}): GateWorld {
  const clock = fakeClock();
  const timers = fakeTimers();
  const judge = fakeJudge();
  const intake = fakeIntake();
  const index = fakeProjectIndex();
  const blobs = fakeBlobStore();
  const source = fakeIndexSource('pypi');
  const store = openMemoryStore({ clock });
  const ports = {
    index,
    judge,
    intake,
    store,
    blobs,
    findSource: (upstream: string) => (upstream === PYPI ? source : undefined),
    clock,
    timers,
    log: silentLog,
    metrics: silentMetrics,
  };
  const deps = createGateDeps(
    ports,
    { ...SETTINGS, ...settings },
    { maxHolds: 100, maxHoldsPerClient: 50, pageWaitBudgetMs: 5_000 },
    { models: mapCache(clock), metadata: mapCache(clock), sizes: mapCache(clock), agreements: mapCache(clock) },
  );

  return {
    deps,
    clock,
    timers,
    judge,
    intake,
    index,
    blobs,
    source,
    async announce(specs, { removed = [], ...page } = {}) {
      const entries = Object.entries(specs).map(
        ([filename, spec]) => [filename, makeFile(filename, spec), spec] as const,
      );
      for (const [filename, file, spec] of entries) {
        if (spec.verdict !== undefined) judge.set(filename, spec.verdict, spec.validUntil);
        if (spec.bytes !== undefined && file.sha256 !== undefined) blobs.put(file.sha256, Buffer.from(spec.bytes));
      }
      const files = entries.map(([, file]) => file);
      const project = page.name ?? files[0]?.project ?? SIX;
      const facts = index.announce(files, { page, removed });
      await store.pages.savePage(
        { upstream: PYPI, project, page: facts.page, confirmedAt: clock.now(), revision: facts.revision },
        files,
        makeProject({ project }),
        [],
      );
      return Object.fromEntries(entries.map(([filename, file]) => [filename, file]));
    },
  };
}
