import { beforeEach, describe, expect, test } from 'vitest';
import { CordonError } from '../../src/errors.ts';
import { rescanJob } from '../../src/jobs/rescan.ts';
import type { DecisionStore, StoredFile } from '../../src/ports/decision-store.ts';
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { fakeBlobStore } from '../fakes/fake-blob-store.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { silentLog } from '../fakes/silent-log.ts';
import {
  makeAccess,
  makeProject,
  makeReport,
  makeStoredFile,
  makeStoredPage,
  sha256Of,
} from '../support/stored-facts.ts';

const RULES = 'new-rules';

describe('scanning again after the rules changed', () => {
  let store: DecisionStore;
  let blobs: ReturnType<typeof fakeBlobStore>;
  let rescanned: string[];
  let onRescan: (file: StoredFile) => Promise<void>;

  const job = () =>
    rescanJob({
      store,
      blobs,
      log: silentLog,
      ruleset: RULES,
      intake: {
        rescan: async (file) => {
          rescanned.push(file.file.filename);
          await onRescan(file);
        },
      },
    });
  const addFiles = async (count: number): Promise<void> => {
    const files = Array.from({ length: count }, (_, index) => makeStoredFile(`six-${index}.0.tar.gz`));
    await store.pages.savePage(makeStoredPage(files, 1), files, makeProject(), []);
    for (const file of files) {
      await store.reports.saveReport(makeReport(file, { ruleset: 'old' }), 1, undefined, []);
      blobs.put(sha256Of(file.file.filename), new Uint8Array(1));
    }
  };

  beforeEach(() => {
    store = openMemoryStore({ clock: fakeClock() });
    blobs = fakeBlobStore();
    rescanned = [];
    onRescan = (file) => store.reports.saveReport(makeReport(file, { ruleset: RULES }), 2, undefined, []);
  });

  test('begins with what was served last, and ends when nothing is left', async () => {
    await addFiles(3);
    const filename = 'six-2.0.tar.gz';
    await store.access.record([makeAccess({ filename, sha256: sha256Of(filename) })]);
    const rescan = job();

    expect(await rescan.run(new AbortController().signal)).toBe(true);
    expect(await rescan.run(new AbortController().signal)).toBe(false);

    expect(rescanned[0]).toBe(filename);
    expect(rescanned.toSorted()).toEqual(['six-0.0.tar.gz', 'six-1.0.tar.gz', 'six-2.0.tar.gz']);
  });

  test('does a bounded number per run and says that there is more', async () => {
    await addFiles(60);
    const rescan = job();

    const counts: number[] = [];
    while (await rescan.run(new AbortController().signal)) counts.push(rescanned.length);

    expect(counts).toEqual([50, 60]);
  });

  test('asks no more once nothing is outdated: the rules of a process do not change', async () => {
    let asked = 0;
    const { reports } = store;
    store = {
      ...store,
      reports: {
        ...reports,
        findOutdated: (...args) => {
          asked += 1;
          return reports.findOutdated(...args);
        },
      },
    };
    await addFiles(1);
    const rescan = job();
    while (await rescan.run(new AbortController().signal));
    const before = asked;

    expect(await rescan.run(new AbortController().signal)).toBe(false);
    expect([before, asked]).toEqual([2, 2]);
  });

  test('files whose bytes are gone or that fail do not stand in the way of the others', async () => {
    await addFiles(60);
    for (let index = 0; index < 50; index++) await blobs.remove(sha256Of(`six-${index}.0.tar.gz`));
    const { onRescan: good } = { onRescan };
    onRescan = (file) => (file.version === '55.0' ? Promise.reject(new CordonError('NOT_FOUND', 'gone')) : good(file));
    const rescan = job();

    while (await rescan.run(new AbortController().signal));

    expect(new Set(rescanned)).toEqual(new Set(Array.from({ length: 10 }, (_, index) => `six-${index + 50}.0.tar.gz`)));
    expect(rescanned).toHaveLength(10);
  });

  test('a scanner without room ends the run, and the file is tried again', async () => {
    await addFiles(2);
    onRescan = () => Promise.reject(new CordonError('OVERLOADED', 'full'));
    const rescan = job();

    await expect(rescan.run(new AbortController().signal)).rejects.toMatchObject({ code: 'OVERLOADED' });
    await expect(rescan.run(new AbortController().signal)).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(rescanned[0]).toBe(rescanned[1]);
  });

  test('stops when it is told', async () => {
    await addFiles(3);

    expect(await job().run(AbortSignal.abort())).toBe(false);
    expect(rescanned).toEqual([]);
  });
});
