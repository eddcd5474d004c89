import { beforeEach, describe, expect, test } from 'vitest';
import type { ReleaseSummary, ScanReport } from '../../src/analysis/report/scan-report.ts';
import { createComparer, type ReadAgain } from '../../src/judge/compare-on-scan.ts';
import { createFeedBook } from '../../src/judge/feed-book.ts';
import type { Policy } from '../../src/policy/entry.ts';
import { parsePopularNames } from '../../src/policy/name-confusion.ts';
import type { DecisionStore, StoredFile } from '../../src/ports/decision-store.ts';
import type { ProjectName } from '../../src/pypi/model.ts';
import type { Publisher } from '../../src/pypi/provenance.ts';
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { allow, DAY, deny, MAL, makePolicy, NOW } from '../policy/policy-facts.ts';
import { makeFinding, makeProject, makeReport, makeStoredFile, makeStoredPage, SIX } from '../support/stored-facts.ts';

const fileOf = (filename: string, daysAgo: number): StoredFile =>
  makeStoredFile(filename, { uploadTime: new Date(NOW - daysAgo * DAY).toISOString() });
const wheel = (version: string, daysAgo: number): StoredFile => fileOf(`six-${version}-py3-none-any.whl`, daysAgo);

describe('the comparison after a scan', () => {
  const clock = fakeClock(NOW);
  const files = [
    wheel('0.8', 90),
    wheel('0.9', 60),
    wheel('1.0', 1),
    fileOf('six-1.0.tar.gz', 1),
    fileOf('six-0.9.tar.gz', 60),
  ];
  const [v8, v9, v10, sdist, oldSdist] = files as [StoredFile, StoredFile, StoredFile, StoredFile, StoredFile];
  let store: DecisionStore;
  let feeds: ReturnType<typeof createFeedBook>;
  let policy: Policy;
  const publishers = new Map<string, readonly Publisher[]>();
  let readAgain: ReadAgain;

  const reportOf = (
    file: StoredFile,
    summary: Partial<ReleaseSummary> = {},
    change: Partial<ScanReport> = {},
  ): ScanReport => {
    const report = makeReport(file, change);
    return { ...report, summary: { ...report.summary, ...summary } };
  };
  const scan = async (file: StoredFile, summary: Partial<ReleaseSummary> = {}, change: Partial<ScanReport> = {}) => {
    const report = reportOf(file, summary, change);
    await store.reports.saveReport(report, NOW, undefined, []);
    const compare = createComparer({
      store,
      feeds,
      clock,
      popular: () => parsePopularNames('sixty\nrequests\n'),
      policy: { current: () => Promise.resolve(policy) },
      findPublishers: ({ key }) => Promise.resolve(publishers.get(key)),
    });
    const row = (await store.files.findByKey(file.key)) ?? file;
    const result = await compare(row, report, readAgain);
    await store.files.updateFile(file.key, result, []);
    return result;
  };
  const baselineNames = async (file: StoredFile): Promise<readonly string[] | undefined> =>
    (await scan(file)).comparison?.baselines.map(({ filename }) => filename);

  beforeEach(async () => {
    store = openMemoryStore({ clock });
    feeds = createFeedBook();
    policy = makePolicy();
    publishers.clear();
    readAgain = () => Promise.resolve(undefined);
    await store.pages.savePage(makeStoredPage(files, NOW), files, makeProject({ firstUploadAt: NOW - 900 * DAY }), []);
  });

  test('accepts a clean file on its own merits, and names no baseline where there is none', async () => {
    expect(await scan(v8)).toEqual({
      acceptedAt: NOW,
      comparison: { sha256: v8.sha256, ruleset: 'rules-1', comparedAt: NOW, baselines: [], changes: [] },
    });
  });

  test('is with the highest earlier version of the same kind', async () => {
    await scan(v8);
    await scan(v9);
    await scan(oldSdist);

    expect(await baselineNames(v10)).toEqual([v9.file.filename]);
    expect(await baselineNames(sdist)).toEqual([oldSdist.file.filename, v10.file.filename]);
  });

  test('raises what is new, and does not accept it', async () => {
    await scan(v9);

    const { comparison, acceptedAt } = await scan(v10, { startUpFiles: ['six.pth'] });

    expect(comparison?.changes.map(({ kind }) => kind)).toEqual(['new-start-up-file']);
    expect(acceptedAt).toBeUndefined();
  });

  test('a release that turned out bad vouches for nothing', async () => {
    await scan(v8);
    await scan(v9);

    feeds.replace('osv', [{ ...MAL, versions: ['0.9'] }]);
    expect(await baselineNames(v10)).toEqual([v8.file.filename]);
    feeds.replace('osv', []);
    policy = makePolicy({ entries: [deny({ project: SIX, version: '==0.9' })] });
    expect(await baselineNames(v10)).toEqual([v8.file.filename]);
    policy = makePolicy();
    await store.files.updateFile(v9.key, { changed: 'size' }, []);
    expect(await baselineNames(v10)).toEqual([v8.file.filename]);
    const left = files.filter(({ key }) => key !== v8.key);
    await store.pages.savePage(makeStoredPage(left, NOW), left, undefined, []);
    expect(await baselineNames(v10)).toEqual([]);
  });

  test('nothing is accepted in monitor mode', async () => {
    policy = makePolicy({ mode: 'monitor' });

    expect((await scan(v9)).acceptedAt).toBeUndefined();
    policy = makePolicy();
    expect(await baselineNames(v10)).toEqual([]);
  });

  describe('with findings that only new rules see', () => {
    const members = { 'six/net.py': 'same' };
    const finding = makeFinding({ context: 'call', path: 'six/net.py', score: 6 });
    const summary = { members };
    /** By the rules of then there was nothing to see; by those in force there is. */
    beforeEach(async () => {
      await scan(v8, summary, { ruleset: 'rules-0' });
      await scan(v9, summary, { ruleset: 'rules-0' });
      readAgain = (file) => Promise.resolve(reportOf(file, summary, { findings: [finding] }));
    });

    test('calms code that was accepted for a month', async () => {
      const calmed = await scan(v10, summary, { findings: [finding] });

      expect(calmed.comparison?.calmedScore).toBe(0);
      expect(calmed.acceptedAt).toBe(NOW);
    });

    test('does not calm other code, or what cannot be read again by the same rules', async () => {
      const changed = await scan(v10, { members: { 'six/net.py': 'other' } }, { findings: [finding] });
      expect(changed.comparison?.calmedScore).toBeUndefined();

      readAgain = () => Promise.resolve(undefined);
      expect((await scan(v10, summary, { findings: [finding] })).comparison?.calmedScore).toBeUndefined();
    });

    test('does not calm on the strength of a waived release, or of one with a malicious sibling', async () => {
      const pin = {
        project: SIX,
        filename: v8.file.filename,
        ...(v8.sha256 === undefined ? {} : { sha256: v8.sha256 }),
      };
      policy = makePolicy({ entries: [allow(pin)] });
      expect((await scan(v10, summary, { findings: [finding] })).comparison?.calmedScore).toBeUndefined();

      policy = makePolicy();
      await store.reports.saveReport(
        reportOf(oldSdist, {}, { findings: [makeFinding({ class: 'malware', score: 10 })] }),
        NOW,
        undefined,
        [],
      );
      expect((await scan(v10, summary, { findings: [finding] })).comparison?.calmedScore).toBeUndefined();
    });

    test('sets the release against what its baseline does by the rules in force', async () => {
      readAgain = (file) => Promise.resolve(reportOf(file, { ...summary, sinks: ['import:exec'] }));

      const { comparison } = await scan(v10, { ...summary, sinks: ['import:exec', 'install:network'] });

      expect(comparison?.changes.map(({ message }) => message)).toEqual(['does what 0.9 did not: network at install']);
    });
  });

  test('keeps an acceptance that new rules doubt, and takes back one that new facts disprove', async () => {
    await scan(v9, {}, { ruleset: 'rules-0' });
    await scan(v9, {}, { findings: [makeFinding({ score: 6 })] });
    expect((await store.files.findByKey(v9.key))?.acceptedAt).toBe(NOW);

    await scan(v10, { sinks: ['import:network'], hosts: ['c.invalid'], startUpFiles: ['boot.pth'] });
    expect((await store.files.findByKey(v10.key))?.acceptedAt).toBeUndefined();
    const reach = { sinks: ['import:network'], hosts: ['c.invalid'] };
    await store.files.updateFile(v9.key, { comparison: null, acceptedAt: null }, []);
    await scan(v10, reach, { findings: [makeFinding({ score: 2, class: 'suspicious' })] });
    expect((await store.files.findByKey(v10.key))?.acceptedAt).toBe(NOW);
    await scan(sdist);
    await scan(v10, reach, { findings: [makeFinding({ score: 2, class: 'suspicious' })] });
    expect((await store.files.findByKey(v10.key))?.acceptedAt).toBeUndefined();
  });

  test('small steps of one month add up', async () => {
    const quick = wheel('0.9.1', 2);
    const all = [...files, quick];
    await store.pages.savePage(makeStoredPage(all, NOW), all, undefined, []);
    await scan(v8);
    const step = { sinks: ['import:network'], hosts: ['c.invalid'] };
    await scan(quick, step);

    const { comparison, acceptedAt } = await scan(v10, { ...step, longestLiteral: 34_000 });

    expect(comparison?.baselines.map(({ version }) => version)).toEqual(['0.9.1', '0.8']);
    expect(acceptedAt).toBeUndefined();
  });

  test('names another publisher, and keeps who it was', async () => {
    const attested = (file: StoredFile, repository: string): StoredFile => {
      publishers.set(file.key, [{ kind: 'GitHub', repository }]);
      return { ...file, file: { ...file.file, provenance: `https://index.example.invalid/${file.key}` } };
    };
    const all = [attested(v8, 'six-dev/six'), attested(v9, 'six-dev/six'), attested(v10, 'someone/six')];
    await store.pages.savePage(makeStoredPage(all, NOW), all, undefined, []);
    await scan(v8);
    await scan(v9);

    const { comparison } = await scan(v10);

    expect(comparison?.changes.map(({ kind }) => kind)).toEqual(['changed-publisher']);
    expect(comparison?.publishers).toEqual([{ kind: 'GitHub', repository: 'someone/six' }]);
  });

  test('a look-alike name of a young project adds to findings, and to nothing else', async () => {
    const file = makeStoredFile('reqeusts-1.0.tar.gz', {
      project: 'reqeusts' as ProjectName,
      uploadTime: new Date(NOW).toISOString(),
    });
    await store.pages.savePage(
      makeStoredPage([file], NOW),
      [file],
      makeProject({ project: file.project, firstSeenAt: NOW, firstUploadAt: NOW }),
      [],
    );
    const kindsFor = async (score: number): Promise<readonly string[] | undefined> =>
      (await scan(file, {}, { findings: [makeFinding({ score })] })).comparison?.changes.map(({ kind }) => kind);

    expect(await kindsFor(0)).toEqual([]);
    expect(await kindsFor(3)).toEqual(['name-confusion']);
  });

  describe('of a young project', () => {
    const youngOf = (filename: string, project: string): StoredFile =>
      makeStoredFile(filename, { project: project as ProjectName, uploadTime: new Date(NOW).toISOString() });
    const add = async (file: StoredFile): Promise<void> => {
      const project = makeProject({ project: file.project, firstSeenAt: NOW, firstUploadAt: NOW });
      await store.pages.savePage(makeStoredPage([file], NOW), [file], project, []);
    };
    const modules = Object.fromEntries(['a', 'b', 'c', 'd'].map((word) => [`six/${word}.py`, `print-${word}`]));
    const description = ['l1', 'l2', 'l3', 'l4', 'l5', 'l6'];
    const summary = {
      modules,
      members: { 'six/a.py': 'ha', 'six/b.py': 'hb', 'six/c.py': 'hc', 'six/d.py': 'hd' },
      description,
    };
    const copy = {
      modules: { 'sixer/a.py': 'print-a', 'sixer/b.py': 'print-b', 'sixer/c.py': 'print-c', 'sixer/d.py': 'other' },
      members: { 'sixer/a.py': '1', 'sixer/b.py': '2', 'sixer/c.py': '3', 'sixer/d.py': '4' },
      description,
    };
    const odd = makeFinding({ path: 'sixer/d.py', score: 2 });

    test('most code of another project weighs with what was found in the rest, and shows the rest', async () => {
      await scan(v8, summary);
      const file = youngOf('sixer-1.0-py3-none-any.whl', 'sixer');
      await add(file);

      const { comparison } = await scan(file, copy, { findings: [odd] });

      expect(comparison?.changes).toMatchObject([{ kind: 'copied-project', path: 'sixer/d.py' }]);
      expect(comparison?.copied).toEqual({
        project: 'six',
        filename: v8.file.filename,
        sha256: v8.sha256,
        same: 3,
        compared: 4,
        differing: ['sixer/d.py'],
      });
      const clean = await scan(file, copy);
      expect(clean.comparison?.changes).toEqual([]);
      expect(clean.comparison?.copied?.same).toBe(3);
    });

    test('a copied description weighs with findings', async () => {
      await scan(v8, summary);
      const file = youngOf('sixer-1.0-py3-none-any.whl', 'sixer');
      await add(file);

      const kindsOf = async (score: number): Promise<readonly string[] | undefined> =>
        (await scan(file, { description }, { findings: [makeFinding({ score })] })).comparison?.changes.map(
          ({ kind }) => kind,
        );

      expect(await kindsOf(1)).toEqual([]);
      expect(await kindsOf(2)).toEqual(['copied-description']);
    });

    test('the original is the older project, and only what was accepted is known', async () => {
      const first = youngOf('sixer-1.0-py3-none-any.whl', 'sixer');
      await add(first);
      await scan(first, summary, { findings: [makeFinding({ score: 7 })] });
      const second = youngOf('sevens-1.0-py3-none-any.whl', 'sevens');
      await add(second);

      expect((await scan(second, copy, { findings: [odd] })).comparison?.copied).toBeUndefined();
      expect((await scan(v8, summary)).comparison?.copied).toBeUndefined();
    });

    test('a first release with a version above all others weighs with findings', async () => {
      const file = youngOf('inhouse-99.0.0-py3-none-any.whl', 'inhouse');
      await add(file);

      const { comparison } = await scan(file, {}, { findings: [makeFinding({ score: 3 })] });

      expect(comparison?.changes.map(({ kind }) => kind)).toEqual(['odd-first-release']);
    });
  });
});
