import type { AdminDeps } from '../../src/admin/admin-deps.ts';
import type { AdminRequest } from '../../src/admin/admin-request.ts';
import { createSlowRequests } from '../../src/admin/slow-requests.ts';
import { createVerifyWatch } from '../../src/admin/verify-progress.ts';
import type { Decision } from '../../src/policy/verdict.ts';
import type { DecisionStore, StoredFile } from '../../src/ports/decision-store.ts';
import type { Sha256 } from '../../src/pypi/model.ts';
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts';
import { makeProject, makeStoredFile, makeStoredPage } from '../support/stored-facts.ts';

export interface AdminHarness {
  readonly deps: AdminDeps;
  readonly store: DecisionStore;
  readonly clock: FakeClock;
  /** verdict by filename; others are allowed */
  readonly verdicts: Map<string, Decision>;
  readonly blobs: Map<string, Uint8Array>;
}

const CLEAN: Decision = { verdict: { kind: 'allow', reason: 'clean', detail: 'nothing was found' } };

/** The admin's dependencies over a memory store, and a judge that is told what to say. */
export async function openHarness(
  files: readonly StoredFile[] = [makeStoredFile('six-1.0.tar.gz')],
): Promise<AdminHarness> {
  const clock = fakeClock();
  const store = openMemoryStore({ clock });
  const verdicts = new Map<string, Decision>();
  const blobs = new Map<string, Uint8Array>();
  const judge = (file: StoredFile): Decision => verdicts.get(file.file.filename) ?? CLEAN;
  if (files.length > 0) await store.pages.savePage(makeStoredPage(files, clock.now()), files, makeProject(), []);
  const deps = {
    store,
    clock,
    judge: {
      judgeFile: async (file: StoredFile) => judge(file),
      judgeProject: async (_: unknown, all: readonly StoredFile[]) => all.map(judge),
    },
    index: { findProject: async () => undefined },
    intake: { findPhase: () => undefined, stats: () => ({ jobs: 0, bytesInFlight: 0, speculative: 0 }) },
    scanner: { ruleset: 'f'.repeat(64), stats: () => ({ queued: 0, running: 0 }) },
    blobs: {
      usedBytes: async () => 0,
      list: async function* () {
        for (const [sha256, bytes] of blobs) yield { sha256, sizeBytes: bytes.length, lastUsedAt: 0 };
      },
      open: async (sha256: Sha256) => [Buffer.from(blobs.get(sha256) ?? [])],
      remove: async (sha256: Sha256) => void blobs.delete(sha256),
    },
    policy: {
      current: async () => ({
        revision: await store.policy.revision(),
        mode: 'enforce',
        entries: await store.policy.listEntries(),
        cooldown: [],
        thresholds: { refuse: 70, quarantine: 40 },
        rulesetGraceMs: 0,
      }),
      problem: () => undefined,
    },
    slow: createSlowRequests(),
    verifyWatch: createVerifyWatch(),
    feeds: { list: async () => [], sync: async () => {}, importArchive: async () => 3 },
    collectGarbage: async () => ({ evictedFiles: 0, freedBytes: 0, excessBytes: 0 }),
    freeBytes: async () => 1024,
    facts: {
      version: '0.0.0',
      startedAt: clock.now(),
      dataFolder: '/data',
      policyFile: '/policy.yaml',
      configFile: undefined,
      diskBudgetBytes: 0,
      upstreams: [{ id: 'pypi', url: 'https://pypi.org/simple/' }],
      configured: { mode: 'enforce', freezeAt: undefined },
    },
  } as unknown as AdminDeps;
  return { deps, store, clock, verdicts, blobs };
}

export function ask(method: string, path: string, change: Partial<AdminRequest> = {}): AdminRequest {
  return { method, path: path.split('/'), query: {}, body: undefined, actor: 'cli:ada', isLocal: true, ...change };
}
