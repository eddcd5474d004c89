import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PolicyEntry } from '../../src/policy/entry.ts';
import type { DecisionStore, EventDraft } from '../../src/ports/decision-store.ts';
import type { ProjectName, UpstreamId } from '../../src/pypi/model.ts';
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts';
import {
  makeAccess,
  makeEntry,
  makeFinding,
  makeProject,
  makeReport,
  makeStoredFile,
  makeStoredPage,
  PYPI,
  SIX,
  sha256Of,
} from '../support/stored-facts.ts';

/** How a backend opens an empty store for one test; `close` also removes what it left behind. */
export type OpenStore = (clock: FakeClock) => Promise<{ store: DecisionStore; close: () => Promise<void> }>;

const NOTED: EventDraft = { kind: 'noted', actor: 'test' };
const TORCH = 'torch' as ProjectName;
const MIRROR = 'mirror' as UpstreamId;

/** The promises of ports/decision-store.ts, the same for every backend. */
export function describeDecisionStore(name: string, open: OpenStore): void {
  describe(`decision store (${name})`, () => {
    let clock: FakeClock;
    let store: DecisionStore;
    let close: () => Promise<void>;

    beforeEach(async () => {
      clock = fakeClock();
      ({ store, close } = await open(clock));
    });
    afterEach(async () => close());

    const kinds = async (): Promise<readonly string[]> =>
      (await store.events.list({ limit: 1_000 })).map(({ kind }) => kind);

    describe('pages and files', () => {
      const sdist = makeStoredFile('six-1.0.tar.gz');
      const wheel = makeStoredFile('six-1.0-py3-none-any.whl');

      test('gives back a saved page as it was', async () => {
        const page = makeStoredPage([sdist, wheel], 5_000, {
          etag: '"a"',
          lastModified: 'Thu, 01 Jan 2026 00:00:00 GMT',
        });

        await store.pages.savePage(page, [sdist, wheel], makeProject(), [NOTED]);

        expect(await store.pages.findPage(PYPI, SIX)).toEqual(page);
        expect(await store.pages.findPage(MIRROR, SIX)).toBeUndefined();
        expect(await kinds()).toEqual(['noted']);
      });

      test('gives back a page of 3,000 files in order', async () => {
        const files = Array.from({ length: 3_000 }, (_, index) => makeStoredFile(`six-${index}.0.tar.gz`));
        const page = makeStoredPage(files, 5_000);

        await store.pages.savePage(page, files, makeProject(), []);

        expect(await store.pages.findPage(PYPI, SIX)).toEqual(page);
        expect(await store.files.findByProject(PYPI, SIX)).toHaveLength(3_000);
      });

      test('remembers that a project is absent', async () => {
        const absent = { upstream: PYPI, project: SIX, confirmedAt: 5_000, revision: 'absent' };

        await store.pages.savePage(absent, [], undefined, []);

        const found = await store.pages.findPage(PYPI, SIX);
        expect(found).toEqual(absent);
        expect(found?.page).toBeUndefined();
        expect(await store.files.findProject(PYPI, SIX)).toBeUndefined();
      });

      test('a confirmation moves the time and nothing else', async () => {
        const page = makeStoredPage([sdist], 5_000, { etag: '"a"' });
        await store.pages.savePage(page, [sdist], makeProject(), []);

        await store.pages.confirmPage(PYPI, SIX, 9_000);

        expect(await store.pages.findPage(PYPI, SIX)).toEqual({ ...page, confirmedAt: 9_000 });
      });

      test('a new file is first seen when its page was confirmed, and keeps that time', async () => {
        await store.pages.savePage(makeStoredPage([sdist], 5_000), [sdist], makeProject(), []);
        await store.pages.savePage(makeStoredPage([sdist, wheel], 9_000), [sdist, wheel], makeProject(), []);

        expect((await store.files.findByKey(sdist.key))?.firstSeenAt).toBe(5_000);
        expect((await store.files.findByKey(wheel.key))?.firstSeenAt).toBe(9_000);
      });

      test('a file is found by key, path, project and digest', async () => {
        await store.pages.savePage(makeStoredPage([sdist], 5_000), [sdist], makeProject(), []);

        const expected = { ...sdist, firstSeenAt: 5_000 };
        expect(await store.files.findByKey(sdist.key)).toEqual(expected);
        expect(await store.files.findByPath(sdist.path)).toEqual(expected);
        expect(await store.files.findByProject(PYPI, SIX)).toEqual([expected]);
        expect(await store.files.findBySha256(sha256Of('six-1.0.tar.gz'))).toEqual([expected]);
        expect(await store.files.findByPath('packages/unknown')).toBeUndefined();
        expect(await store.files.findByKey('unknown')).toBeUndefined();
      });

      test('a file that vanished from the page is marked, not forgotten, and comes back when it is listed again', async () => {
        await store.pages.savePage(makeStoredPage([sdist, wheel], 5_000), [sdist, wheel], makeProject(), []);

        await store.pages.savePage(makeStoredPage([wheel], 9_000), [wheel], makeProject(), []);
        const gone = await store.files.findByKey(sdist.key);
        await store.pages.savePage(makeStoredPage([sdist, wheel], 12_000), [sdist, wheel], makeProject(), []);
        const back = await store.files.findByKey(sdist.key);

        expect(gone?.removedAt).toBe(9_000);
        expect(back?.removedAt).toBeUndefined();
        expect(back?.firstSeenAt).toBe(5_000);
      });

      test('the first removal keeps its time', async () => {
        await store.pages.savePage(makeStoredPage([sdist], 5_000), [sdist], makeProject(), []);
        await store.pages.savePage(makeStoredPage([], 9_000), [], makeProject(), []);
        await store.pages.savePage(makeStoredPage([], 12_000), [], makeProject(), []);

        expect((await store.files.findByKey(sdist.key))?.removedAt).toBe(9_000);
      });

      test('files of two upstreams do not touch each other', async () => {
        const mirrored = makeStoredFile('six-1.0.tar.gz', { upstream: MIRROR });
        await store.pages.savePage(makeStoredPage([sdist], 5_000), [sdist], makeProject(), []);
        await store.pages.savePage(makeStoredPage([mirrored], 6_000), [mirrored], undefined, []);
        await store.pages.savePage(makeStoredPage([], 7_000, { upstream: MIRROR }), [], undefined, []);

        expect((await store.files.findByKey(sdist.key))?.removedAt).toBeUndefined();
        expect((await store.files.findByKey(mirrored.key))?.removedAt).toBe(7_000);
        expect(await store.files.findBySha256(sha256Of('six-1.0.tar.gz'))).toHaveLength(2);
      });

      test('two files cannot claim one path', async () => {
        const thief = makeStoredFile('six-2.0.tar.gz', { path: sdist.path });
        await store.pages.savePage(makeStoredPage([sdist], 5_000), [sdist], makeProject(), []);

        const saved = store.pages.savePage(makeStoredPage([thief], 6_000), [thief], makeProject(), [NOTED]);

        await expect(saved).rejects.toMatchObject({ code: 'CONFLICT' });
        expect((await store.files.findByKey(sdist.key))?.removedAt).toBeUndefined();
        expect(await kinds()).toEqual([]);
      });

      test('a changed digest is noted also when nobody said so, and stays noted', async () => {
        const replaced = makeStoredFile('six-1.0.tar.gz', { sha256: sha256Of('other bytes') });
        await store.pages.savePage(makeStoredPage([sdist], 5_000), [sdist], makeProject(), []);

        await store.pages.savePage(makeStoredPage([replaced], 9_000), [replaced], makeProject(), []);
        await store.pages.savePage(makeStoredPage([replaced], 9_500), [replaced], makeProject(), []);

        const file = await store.files.findByKey(sdist.key);
        expect(file?.sha256).toBe(sha256Of('other bytes'));
        expect(file?.changed).toContain('sha256 changed');
      });

      test('a pinned digest survives a page that announces none', async () => {
        const unannounced = without(sdist, 'sha256');
        await store.pages.savePage(makeStoredPage([unannounced], 5_000), [unannounced], makeProject(), []);
        await store.files.updateFile(sdist.key, { sha256: sha256Of('pinned') }, [NOTED]);

        await store.pages.savePage(makeStoredPage([unannounced], 9_000), [unannounced], makeProject(), []);

        expect((await store.files.findByKey(sdist.key))?.sha256).toBe(sha256Of('pinned'));
        expect(await kinds()).toEqual(['noted']);
      });

      test('a mismatch is recorded, survives the next page, and can be cleared', async () => {
        const mismatch = { kind: 'digest', detail: 'got other bytes', at: 6_000 } as const;
        await store.pages.savePage(makeStoredPage([sdist], 5_000), [sdist], makeProject(), []);

        await store.files.updateFile(sdist.key, { mismatch }, []);
        await store.pages.savePage(makeStoredPage([sdist], 9_000), [sdist], makeProject(), []);
        const recorded = await store.files.findByKey(sdist.key);
        await store.files.updateFile(sdist.key, { mismatch: null, changed: 'size grew' }, []);
        const cleared = await store.files.findByKey(sdist.key);

        expect(recorded?.mismatch).toEqual(mismatch);
        expect(cleared?.mismatch).toBeUndefined();
        expect(cleared?.changed).toBe('size grew');
      });

      test('updating an unknown file fails and writes no event', async () => {
        await expect(store.files.updateFile('unknown', { changed: 'x' }, [NOTED])).rejects.toMatchObject({
          code: 'NOT_FOUND',
        });
        expect(await kinds()).toEqual([]);
      });

      test('a project keeps its earliest times and its newest upstream status', async () => {
        const quarantined = makeProject({ firstSeenAt: 3_000, firstUploadAt: 700, upstreamQuarantinedAt: 9_000 });
        await store.pages.savePage(makeStoredPage([], 1_000), [], makeProject({ firstUploadAt: 500 }), []);

        await store.pages.savePage(makeStoredPage([], 3_000), [], quarantined, []);
        const during = await store.files.findProject(PYPI, SIX);
        await store.pages.savePage(makeStoredPage([], 4_000), [], makeProject({ firstSeenAt: 4_000 }), []);
        const after = await store.files.findProject(PYPI, SIX);

        expect(during).toEqual(makeProject({ firstUploadAt: 500, upstreamQuarantinedAt: 9_000 }));
        expect(after).toEqual(makeProject({ firstUploadAt: 500 }));
      });

      test('projects are found by many names at once, at every upstream', async () => {
        await store.pages.savePage(makeStoredPage([], 1_000), [], makeProject(), []);
        const mirrored = makeProject({ upstream: MIRROR });
        await store.pages.savePage(makeStoredPage([], 1_000, { upstream: MIRROR }), [], mirrored, []);

        const found = await store.files.findProjects([SIX, TORCH]);

        expect(found.map(({ upstream }) => upstream).sort()).toEqual([MIRROR, PYPI]);
        expect(await store.files.findProjects([])).toEqual([]);
      });
    });

    describe('releases', () => {
      const sdist = makeStoredFile('six-1.0.tar.gz');
      const wheel = makeStoredFile('six-1.0.0-py3-none-any.whl');
      const later = makeStoredFile('six-1.1.tar.gz');
      const nameless = makeStoredFile('six.zip');
      const all = [wheel, sdist, later, nameless];

      beforeEach(async () => store.pages.savePage(makeStoredPage(all, 5_000), all, makeProject(), []));

      test('are found by PEP 440 version, the file itself first, with project and newest reports', async () => {
        await store.reports.saveReport(makeReport(wheel, { ruleset: 'old', score: 1 }), 6_000, undefined, []);
        await store.reports.saveReport(makeReport(wheel, { ruleset: 'new', score: 2 }), 7_000, undefined, []);

        const { project, files } = await store.files.findRelease(sdist, 'old');

        expect(project).toEqual(makeProject());
        expect(files.map(({ file }) => file.file.filename)).toEqual(['six-1.0.tar.gz', 'six-1.0.0-py3-none-any.whl']);
        expect(files.map(({ report }) => report?.score)).toEqual([undefined, 1]);
        expect(files[1]?.report).toEqual(
          (
            await store.reports.findFacts(
              [{ sha256: sha256Of(wheel.file.filename), filename: wheel.file.filename }],
              'old',
            )
          )[0],
        );
      });

      test('a file of unknown version is alone, and an unknown file has no release', async () => {
        const stranger = makeStoredFile('torch-1.0.tar.gz', { project: TORCH });

        expect((await store.files.findRelease(nameless, 'r')).files.map(({ file }) => file.key)).toEqual([
          nameless.key,
        ]);
        expect(await store.files.findRelease(stranger, 'r')).toEqual({ files: [] });
      });

      test('notes of all files of a project come at once, with the newest report of each', async () => {
        const mismatch = { kind: 'metadata', detail: 'differs', at: 5 } as const;
        await store.reports.saveReport(makeReport(wheel, { ruleset: 'old', score: 1 }), 6_000, undefined, []);
        await store.reports.saveReport(makeReport(wheel, { ruleset: 'new', score: 2 }), 7_000, undefined, []);
        await store.files.updateFile(sdist.key, { mismatch, changed: 'size grew' }, []);

        const notes = await store.files.findNotes(PYPI, SIX, 'old');

        expect([...notes.keys()].sort()).toEqual(all.map(({ key }) => key).sort());
        expect(notes.get(sdist.key)).toEqual({ sha256: sdist.sha256, mismatch, changed: 'size grew' });
        expect(notes.get(wheel.key)?.report?.score).toBe(1);
        expect(notes.get(later.key)).toEqual({ sha256: later.sha256 });
        expect(await store.files.findNotes(PYPI, TORCH, 'old')).toEqual(new Map());
      });

      test('whatever a decision reads moves the revision of its project, a confirmation does not', async () => {
        const revision = (): Promise<number> => store.files.findFactsRevision(PYPI, SIX);
        const seen = [await revision()];

        await store.pages.confirmPage(PYPI, SIX, 9_000);
        expect(await revision()).toBe(seen[0]);
        await store.reports.saveReport(makeReport(wheel), 6_000, undefined, []);
        seen.push(await revision());
        await store.files.updateFile(sdist.key, { changed: 'size grew' }, []);
        seen.push(await revision());
        await store.pages.savePage(makeStoredPage([sdist], 9_500), [sdist], makeProject(), []);
        seen.push(await revision());

        expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
        expect(await store.files.findFactsRevision(PYPI, TORCH)).toBe(0);
      });

      test('accepted files come latest first', async () => {
        await store.files.updateFile(sdist.key, { acceptedAt: 6_000 }, []);
        await store.files.updateFile(later.key, { acceptedAt: 9_000 }, []);
        await store.files.updateFile(wheel.key, { acceptedAt: 7_000 }, []);

        const accepted = await store.files.findAccepted(PYPI, SIX, 2);

        expect(accepted.map(({ key }) => key)).toEqual([later.key, wheel.key]);
        expect(await store.files.findAccepted(PYPI, TORCH, 2)).toEqual([]);
      });

      test('a URL that two projects list keeps what was known of it', async () => {
        await store.files.updateFile(wheel.key, { changed: 'noted' }, []);
        const shared = { ...wheel, project: TORCH, sha256: sha256Of('other bytes') };

        await store.pages.savePage(
          makeStoredPage([shared], 9_000, { project: TORCH }),
          [shared],
          makeProject({ project: TORCH }),
          [],
        );

        expect(await store.files.findByKey(wheel.key)).toMatchObject({
          changed: 'noted',
          firstSeenAt: 5_000,
        });
      });

      test('a file that was asked for by its path a moment ago is seen changed, and removed', async () => {
        const ask = () => store.files.findByPath(wheel.path);
        const before = await ask();
        await store.files.updateFile(wheel.key, { changed: 'noted' }, []);
        const noted = await ask();
        await store.pages.savePage(makeStoredPage([sdist], 9_000), [sdist], makeProject(), []);

        expect(before?.changed).toBeUndefined();
        expect(noted?.changed).toBe('noted');
        expect((await ask())?.removedAt).toBe(9_000);
      });

      test('a noted digest of core metadata survives the next page', async () => {
        await store.files.updateFile(wheel.key, { metadataSha256: sha256Of('m') }, [NOTED]);
        await store.pages.savePage(makeStoredPage(all, 9_000), all, makeProject(), []);

        expect(await store.files.findByKey(wheel.key)).toMatchObject({ metadataSha256: sha256Of('m') });
        expect((await store.files.findByKey(sdist.key))?.metadataSha256).toBeUndefined();
      });

      test('an acceptance keeps its first time, and a comparison survives the next page', async () => {
        const comparison = { sha256: sha256Of('a'), ruleset: 'r', comparedAt: 7, baselines: [], changes: [] };

        await store.files.updateFile(sdist.key, { acceptedAt: 6_000, comparison }, []);
        await store.files.updateFile(sdist.key, { acceptedAt: 8_000 }, []);
        await store.pages.savePage(makeStoredPage(all, 9_000), all, makeProject(), []);
        const kept = await store.files.findByKey(sdist.key);
        await store.files.updateFile(sdist.key, { comparison: null }, []);

        expect(kept).toMatchObject({ acceptedAt: 6_000, comparison });
        await store.files.updateFile(sdist.key, { acceptedAt: null }, []);
        expect((await store.files.findByKey(sdist.key))?.acceptedAt).toBeUndefined();
        expect(await store.files.findAccepted(PYPI, SIX, 9)).toEqual([]);
        expect((await store.files.findByKey(sdist.key))?.comparison).toBeUndefined();
      });
    });

    describe('prints', () => {
      const owner = (project: ProjectName, word: string) => ({
        upstream: PYPI,
        project,
        filename: `${project}-${word}.tar.gz`,
        sha256: sha256Of(word),
      });
      const code = (...words: readonly string[]) => words.map((print) => ({ kind: 'code', print }) as const);

      test('tell which other projects of an index have them, those with most first', async () => {
        await store.prints.savePrints(owner(SIX, '1.0'), [...code('a', 'b', 'c'), { kind: 'text', print: 'd' }]);
        await store.prints.savePrints(owner(TORCH, '1.0'), code('c'));
        await store.prints.savePrints(owner('seven' as ProjectName, '1.0'), code('d'));

        const owners = await store.prints.findOwners(code('a', 'b', 'c', 'd', 'x'), PYPI, 'seven' as ProjectName, 5);

        expect(owners).toEqual([
          { ...owner(SIX, '1.0'), shared: 3 },
          { ...owner(TORCH, '1.0'), shared: 1 },
        ]);
        expect(await store.prints.findOwners(code('a'), PYPI, SIX, 5)).toEqual([]);
        expect(await store.prints.findOwners(code('a'), 'other' as UpstreamId, TORCH, 5)).toEqual([]);
        expect(await store.prints.findOwners(code('a', 'c'), PYPI, 'seven' as ProjectName, 1)).toHaveLength(1);
      });

      test('name the file that had them last', async () => {
        await store.prints.savePrints(owner(SIX, '1.0'), code('a', 'b'));
        await store.prints.savePrints(owner(SIX, '2.0'), code('a', 'b'));

        expect(await store.prints.findOwners(code('a', 'b'), PYPI, TORCH, 5)).toEqual([
          { ...owner(SIX, '2.0'), shared: 2 },
        ]);
      });

      test('are bounded: of a project the newest stay', async () => {
        const words = Array.from({ length: 100 }, (_, index) => `p${index}`);
        for (const word of words) await store.prints.savePrints(owner(SIX, word), code(word));

        expect(await store.prints.findOwners(code('p0', 'p60'), PYPI, TORCH, 5)).toEqual([]);
        expect(await store.prints.findOwners(code('p98', 'p99'), PYPI, TORCH, 5)).toMatchObject([{ shared: 2 }]);
      });
    });

    describe('reports', () => {
      const file = makeStoredFile('six-1.0.tar.gz');
      const asked = { sha256: sha256Of('six-1.0.tar.gz'), filename: 'six-1.0.tar.gz' };

      test('gives back a saved report and the facts that decide reads', async () => {
        const finding = makeFinding({ class: 'malware', score: 12 });
        const report = makeReport(file, { findings: [makeFinding(), finding] });

        await store.reports.saveReport(report, 7_000, undefined, [NOTED]);

        expect(await store.reports.findReport(asked.sha256, asked.filename)).toEqual(report);
        expect(await store.reports.findFacts([asked], 'rules-1')).toEqual([
          {
            ...asked,
            ruleset: 'rules-1',
            scannedAt: 7_000,
            score: 18,
            malwareScore: 12,
            headline: {
              detector: finding.detector,
              message: finding.message,
              path: finding.path,
              line: finding.line,
            },
          },
        ]);
        expect(await kinds()).toEqual(['noted']);
      });

      test('gives back why a file could not be scanned', async () => {
        const report = makeReport(file, {
          unscannable: { cause: 'format', message: 'not a gzip stream' },
          findings: [makeFinding({ class: 'anomaly', severity: 'critical', score: 0, message: 'two readers differ' })],
        });

        await store.reports.saveReport(report, 7_000, undefined, []);

        const [facts] = await store.reports.findFacts([asked], 'rules-1');
        expect(facts?.unscannable).toBe('not a gzip stream');
        expect(facts?.ambiguous).toBe('two readers differ');
      });

      test('one digest under two filenames has two reports', async () => {
        const asWheel = { ...asked, filename: 'six-1.0-py3-none-any.whl' };
        await store.reports.saveReport(makeReport(file, { score: 1 }), 7_000, undefined, []);
        await store.reports.saveReport(makeReport(file, { ...asWheel, score: 2 }), 7_000, undefined, []);

        const facts = await store.reports.findFacts([asked, asWheel], 'rules-1');

        expect(facts.map(({ score }) => score)).toEqual([1, 2]);
      });

      test('facts prefer the ruleset in force, and fall back to the newest', async () => {
        await store.reports.saveReport(makeReport(file, { ruleset: 'old', score: 1 }), 7_000, undefined, []);
        await store.reports.saveReport(makeReport(file, { ruleset: 'new', score: 2 }), 8_000, undefined, []);

        const scoreUnder = async (ruleset: string): Promise<number | undefined> =>
          (await store.reports.findFacts([asked], ruleset))[0]?.score;
        expect(await scoreUnder('old')).toBe(1);
        expect(await scoreUnder('new')).toBe(2);
        expect(await scoreUnder('newer')).toBe(2);
      });

      test('a second report under one ruleset replaces the first', async () => {
        await store.reports.saveReport(makeReport(file, { score: 1 }), 7_000, undefined, []);
        await store.reports.saveReport(makeReport(file, { score: 3 }), 8_000, undefined, []);

        expect((await store.reports.findFacts([asked], 'rules-1')).map(({ score }) => score)).toEqual([3]);
        expect((await store.reports.findReport(asked.sha256, asked.filename))?.score).toBe(3);
      });

      test('files without a report are left out of 5,000', async () => {
        await store.reports.saveReport(makeReport(file), 7_000, undefined, []);
        const many = Array.from({ length: 5_000 }, (_, index) => ({
          sha256: sha256Of(`file ${index}`),
          filename: `six-${index}.tar.gz`,
        }));

        const facts = await store.reports.findFacts([...many, asked], 'rules-1');

        expect(facts.map(({ filename }) => filename)).toEqual(['six-1.0.tar.gz']);
        expect(await store.reports.findFacts([], 'rules-1')).toEqual([]);
        expect(await store.reports.findReport(sha256Of('file 1'), 'six-1.tar.gz')).toBeUndefined();
      });

      test('keeps the core metadata of the archive with its digest', async () => {
        const bytes = new TextEncoder().encode('Metadata-Version: 2.1\nName: six\n');
        await store.reports.saveReport(makeReport(file), 7_000, bytes, []);
        const unknown = { sha256: sha256Of('unknown'), filename: asked.filename };

        const found = await store.reports.findCoreMetadata(asked.sha256, asked.filename);
        const digests = await store.reports.findCoreMetadataDigests([unknown, asked]);

        expect(found === undefined ? undefined : Buffer.from(found).toString()).toContain('Name: six');
        expect(digests).toEqual([undefined, sha256Of('Metadata-Version: 2.1\nName: six\n')]);
        expect(await store.reports.findCoreMetadataDigests([])).toEqual([]);
        expect(await store.reports.findCoreMetadata(unknown.sha256, unknown.filename)).toBeUndefined();
      });

      test('one archive under two names has two core metadata', async () => {
        const other = { ...asked, filename: 'seven-1.0.tar.gz' };
        await store.reports.saveReport(makeReport(file), 7_000, new TextEncoder().encode('Name: six\n'), []);
        const report = { ...makeReport(file), filename: other.filename };
        await store.reports.saveReport(report, 7_000, new TextEncoder().encode('Name: seven\n'), []);

        const digests = await store.reports.findCoreMetadataDigests([asked, other]);

        expect(digests).toEqual([sha256Of('Name: six\n'), sha256Of('Name: seven\n')]);
      });

      test('outdated files come most recently served first', async () => {
        const names = ['six-1.0.tar.gz', 'six-2.0.tar.gz', 'six-3.0.tar.gz', 'six-4.0.tar.gz'];
        for (const name of names)
          await store.reports.saveReport(makeReport(makeStoredFile(name)), 7_000, undefined, []);
        await store.reports.saveReport(
          makeReport(makeStoredFile('six-4.0.tar.gz'), { ruleset: 'new' }),
          8_000,
          undefined,
          [],
        );
        const serve = (filename: string, at: number) => makeAccess({ filename, sha256: sha256Of(filename), at });
        await store.access.record([
          serve('six-2.0.tar.gz', 10),
          serve('six-3.0.tar.gz', 20),
          serve('six-4.0.tar.gz', 30),
        ]);

        const outdated = await store.reports.findOutdated('new', 2);
        const all = await store.reports.findOutdated('new', 10);

        expect(outdated.map(({ filename }) => filename)).toEqual(['six-3.0.tar.gz', 'six-2.0.tar.gz']);
        expect(all).toHaveLength(3);
      });
    });

    describe('policy', () => {
      test('an entry comes back as it was added, and each mutation moves the revision and writes its event', async () => {
        const entry = makeEntry({
          expiresAt: 99,
          scope: { project: SIX, version: '<2', filename: '*.whl' },
          final: true,
        });
        const before = await store.policy.revision();

        await store.policy.addEntry(entry, { ...NOTED, kind: 'entry-added', after: entry });
        const added = await store.policy.listEntries();
        const removed = await store.policy.removeEntry(entry.id, { ...NOTED, kind: 'entry-removed', before: entry });

        expect(added).toEqual([entry]);
        expect(removed).toBe(true);
        expect(await store.policy.listEntries()).toEqual([]);
        expect(await store.policy.revision()).toBe(before + 2);
        expect(await kinds()).toEqual(['entry-added', 'entry-removed']);
      });

      test('two entries cannot share an id', async () => {
        await store.policy.addEntry(makeEntry(), NOTED);

        await expect(store.policy.addEntry(makeEntry(), NOTED)).rejects.toMatchObject({ code: 'CONFLICT' });
        expect(await kinds()).toEqual(['noted']);
      });

      test('of two entries that are the same one is written, and the second is told which', async () => {
        const six = makeEntry({ id: 'first' });
        const isSix = (entries: readonly PolicyEntry[]): PolicyEntry | undefined =>
          entries.find(({ scope }) => scope.project === SIX);
        let heard = 0;
        store.policy.onChange(() => {
          heard += 1;
        });

        const answers = await Promise.all([
          store.policy.addEntry(six, NOTED, isSix),
          store.policy.addEntry({ ...six, id: 'second' }, NOTED, isSix),
        ]);

        expect(answers).toEqual([undefined, six]);
        expect(await store.policy.listEntries()).toEqual([six]);
        expect(await store.policy.revision()).toBe(1);
        expect(await kinds()).toEqual(['noted']);
        expect(heard).toBe(1);
      });

      test('removing what is not there changes nothing', async () => {
        const before = await store.policy.revision();

        expect(await store.policy.removeEntry('nope', NOTED)).toBe(false);
        expect(await store.policy.revision()).toBe(before);
        expect(await kinds()).toEqual([]);
      });

      test('settings are set, replaced and unset', async () => {
        await store.policy.setSetting('freeze', '2026-01-01', NOTED);
        await store.policy.setSetting('freeze', '2026-02-01', NOTED);
        const replaced = await store.policy.findSetting('freeze');
        await store.policy.setSetting('freeze', undefined, NOTED);

        expect(replaced).toBe('2026-02-01');
        expect(await store.policy.findSetting('freeze')).toBeUndefined();
        expect(await store.policy.revision()).toBe(3);
      });

      test('who listens hears of each mutation until they stop', async () => {
        let heard = 0;
        const stop = store.policy.onChange(() => {
          heard += 1;
        });

        await store.policy.addEntry(makeEntry(), NOTED);
        await store.policy.setSetting('mode', 'monitor', NOTED);
        await store.policy.removeEntry('nope', NOTED);
        expect(heard).toBe(2);
        stop();
        await store.policy.removeEntry('entry-1', NOTED);
        expect(heard).toBe(2);
      });

      test('the revision can be moved by an edit of the policy file', async () => {
        expect(await store.policy.bumpRevision(NOTED)).toBe(1);
        expect(await store.policy.revision()).toBe(1);
        expect(await kinds()).toEqual(['noted']);
      });
    });

    describe('feeds', () => {
      const first = { id: 'MAL-2026-1', project: SIX, versions: ['1.0'], summary: 'steals', modifiedAt: 5 };
      const second = {
        id: 'MAL-2026-2',
        project: TORCH,
        ranges: [{ introduced: '2.0', fixed: '2.1' }],
        summary: 'mines',
        modifiedAt: 6,
      };

      test('a feed is replaced whole', async () => {
        await store.feeds.replaceFeed('osv', [first], { etag: '"a"', syncedAt: 10 }, NOTED);
        await store.feeds.replaceFeed('osv', [second], { syncedAt: 20 }, NOTED);

        expect(await store.feeds.loadFeed('osv')).toEqual({ records: [second], syncedAt: 20 });
        expect(await store.feeds.loadFeed('other')).toBeUndefined();
        expect(await kinds()).toEqual(['noted', 'noted']);
      });
    });

    describe('events', () => {
      test('are numbered, dated and come back in order, by page, project and kind', async () => {
        await store.events.append([NOTED, { ...NOTED, kind: 'other', project: SIX, before: { a: 1 }, after: [2] }]);
        clock.advance(10);
        await store.events.append([NOTED]);

        const all = await store.events.list({ limit: 10 });
        expect(all.map(({ seq }) => seq)).toEqual([1, 2, 3]);
        expect(all[2]?.at).toBe(clock.now());
        expect(all[1]).toMatchObject({ kind: 'other', project: SIX, before: { a: 1 }, after: [2] });
        expect((await store.events.list({ after: 1, limit: 1 })).map(({ seq }) => seq)).toEqual([2]);
        expect((await store.events.list({ limit: 9, project: SIX })).map(({ seq }) => seq)).toEqual([2]);
        expect((await store.events.list({ limit: 9, kind: 'noted' })).map(({ seq }) => seq)).toEqual([1, 3]);
        expect((await store.events.list({ limit: 2, newestFirst: true })).map(({ seq }) => seq)).toEqual([3, 2]);
        expect((await store.events.list({ limit: 2, newestFirst: true, after: 2 })).map(({ seq }) => seq)).toEqual([1]);
      });

      test('form a chain that verifies, also after pruning', async () => {
        await store.events.append([NOTED, NOTED, NOTED]);
        clock.advance(1_000);
        await store.events.append([{ ...NOTED, kind: 'kept' }]);

        const removed = await store.events.prune(clock.now());
        await store.events.append([NOTED]);

        expect(removed).toBe(3);
        expect(await store.events.verifyChain()).toBeUndefined();
        expect(await kinds()).toEqual(['kept', 'events-pruned', 'noted']);
        expect((await store.events.list({ limit: 1 }))[0]?.seq).toBe(4);
      });

      test('pruning everything still leaves a chain to continue', async () => {
        await store.events.append([NOTED, NOTED]);
        clock.advance(1_000);

        await store.events.prune(clock.now());
        await store.events.append([NOTED]);

        expect(await store.events.verifyChain()).toBeUndefined();
        expect((await store.events.list({ limit: 9 })).map(({ seq }) => seq)).toEqual([3, 4]);
      });

      test('pruning nothing writes nothing', async () => {
        await store.events.append([NOTED]);

        expect(await store.events.prune(clock.now())).toBe(0);
        expect(await kinds()).toEqual(['noted']);
      });

      test('the hash does not depend on the order of keys', async () => {
        await store.events.append([{ ...NOTED, after: { b: 1, a: { d: 1, c: undefined } } }]);

        expect((await store.events.list({ limit: 1 }))[0]?.after).toEqual({ a: { d: 1 }, b: 1 });
        expect(await store.events.verifyChain()).toBeUndefined();
      });
    });

    describe('access', () => {
      test('says who got what, newest first', async () => {
        const refused = makeAccess({
          at: 2_000,
          outcome: 'refused',
          verdict: 'refuse',
          reason: 'malware',
          client: '10.0.0.8',
        });
        const timed = makeAccess({ at: 3_000, fetchMs: 1, queueMs: 2, scanMs: 3, holdMs: 4 });
        const undigested = without(makeAccess({ at: 4_000, filename: 'six-9.zip' }), 'sha256');
        await store.access.record([makeAccess(), refused]);
        await store.access.record([timed, undigested]);

        expect(await store.access.findByProject(SIX, 10)).toEqual([undigested, timed, refused, makeAccess()]);
        expect(await store.access.findByFile('six-1.0.tar.gz', 2)).toEqual([timed, refused]);
        expect(await store.access.findBySha256(sha256Of('six-1.0.tar.gz'), 10)).toHaveLength(3);
        expect(await store.access.findByProject(TORCH, 10)).toEqual([]);
      });

      test('says of a transfer that broke off how far it came, written already or not', async () => {
        const early = makeAccess({ at: 1_000 });
        const late = makeAccess({ at: 2_000, client: '10.0.0.8' });
        const whole = makeAccess({ at: 3_000, client: '10.0.0.9' });
        await store.access.record([early]);
        await store.access.findByProject(SIX, 1); // what waited is written
        await store.access.record([late, whole]);

        await store.access.breakOff(early, 17);
        await store.access.breakOff(late, undefined);

        const brokenOff = { outcome: 'broken-off' } as const;
        expect(await store.access.findByProject(SIX, 9)).toEqual([
          whole,
          { ...late, ...brokenOff },
          { ...early, ...brokenOff, sentBytes: 17 },
        ]);
      });

      test('forgets what is older than the retention', async () => {
        await store.access.record([makeAccess({ at: 1 }), makeAccess({ at: 2 }), makeAccess({ at: 3 })]);

        expect(await store.access.prune(3)).toBe(2);
        expect(await store.access.findByProject(SIX, 10)).toHaveLength(1);
      });
    });

    describe('the rest', () => {
      test('a ruleset keeps the time at which it first came into force', async () => {
        expect(await store.ruleset.noteRuleset('a', 100)).toBe(100);
        expect(await store.ruleset.noteRuleset('b', 200)).toBe(200);
        expect(await store.ruleset.noteRuleset('a', 300)).toBe(100);
      });

      test('an explanation keeps its id, and ids do not follow from keys', async () => {
        const id = await store.explanations.getId('key-1');

        expect(await store.explanations.getId('key-1')).toBe(id);
        expect(await store.explanations.getId('key-2')).not.toBe(id);
        expect(await store.explanations.findFileKey(id)).toBe('key-1');
        expect(await store.explanations.findFileKey('guess')).toBeUndefined();
        expect(id).toMatch(/^[a-z0-9]{12,}$/u);
      });

      test('knows when it was made', async () => {
        const made = clock.now();
        clock.advance(1_000);

        expect(await store.installedAt()).toBe(made);
      });
    });
  });
}

function without<T extends object, K extends keyof T & string>(value: T, key: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as Omit<T, K>;
}
