import { beforeEach, describe, expect, test } from 'vitest';
import { createFeedBook, type FeedBook } from '../../src/judge/feed-book.ts';
import { createJudge } from '../../src/judge/judge.ts';
import { createPolicySnapshot, type PolicySnapshot } from '../../src/judge/policy-snapshot.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import type { DecisionStore, StoredFile } from '../../src/ports/decision-store.ts';
import type { Judge } from '../../src/ports/judge.ts';
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { allow, DAY, deny, MAL, makePolicy, NOW } from '../policy/policy-facts.ts';
import {
  makeFinding,
  makeProject,
  makeReport,
  makeStoredFile,
  makeStoredPage,
  SIX,
  sha256Of,
} from '../support/stored-facts.ts';

const wheel = makeStoredFile('six-1.0-py3-none-any.whl', { uploadTime: '2026-01-01T00:00:00Z' });
const sdist = makeStoredFile('six-1.0.tar.gz', { uploadTime: '2026-01-01T00:00:00Z' });
const next = makeStoredFile('six-1.1.tar.gz', { uploadTime: '2026-02-01T00:00:00Z' });
const FILES = [wheel, sdist, next];
const PROJECT = makeProject({ firstUploadAt: Date.UTC(2020, 0, 1) });
const EDIT = { kind: 'entry-added', actor: 'ada' };
const MALWARE = makeFinding({ class: 'malware', score: 12 });

const say = ({ kind, reason }: Verdict): string => `${kind} ${reason}`;

describe('the judge', () => {
  let clock: FakeClock;
  let store: DecisionStore;
  let policy: PolicySnapshot;
  let feeds: FeedBook;
  let judge: Judge;

  beforeEach(async () => {
    clock = fakeClock(NOW);
    store = openMemoryStore({ clock });
    const { mode, cooldown, thresholds, installedAt, ruleset, rulesetGraceMs } = makePolicy();
    policy = createPolicySnapshot(
      { mode, cooldown, thresholds, installedAt, ruleset, rulesetGraceMs },
      { store, log: silentLog },
    );
    feeds = createFeedBook();
    judge = createJudge({ store, policy, feeds, clock });
    await store.pages.savePage(makeStoredPage(FILES, NOW - DAY), FILES, PROJECT, []);
    for (const file of FILES) await store.reports.saveReport(makeReport(file), NOW, undefined, []);
  });

  const verdictOf = async (file: StoredFile): Promise<string> => say((await judge.judgeFile(file)).verdict);
  const verdicts = async (): Promise<readonly string[]> =>
    (await judge.judgeProject(PROJECT, FILES)).map(({ verdict }) => say(verdict));

  test('says the same of a file alone and among its project', async () => {
    await store.reports.saveReport(makeReport(wheel, { findings: [MALWARE] }), NOW, undefined, []);

    expect(await verdicts()).toEqual(['refuse malware', 'quarantine sibling-refused', 'allow clean']);
    expect(await Promise.all(FILES.map(verdictOf))).toEqual(await verdicts());
  });

  test('an edit is in force for the next decision', async () => {
    const entry = deny({ project: SIX });

    await store.policy.addEntry(entry, EDIT);
    expect(await verdicts()).toEqual(['refuse deny-entry', 'refuse deny-entry', 'refuse deny-entry']);
    expect(await verdictOf(next)).toBe('refuse deny-entry');

    await store.policy.removeEntry(entry.id, EDIT);
    expect(await verdictOf(next)).toBe('allow clean');
  });

  test('a record of the feed is in force for the next decision', async () => {
    feeds.replace('osv', [{ ...MAL, versions: ['1.1'] }]);

    expect(await verdicts()).toEqual(['allow clean', 'allow clean', 'refuse feed']);
    expect(await verdictOf(next)).toBe('refuse feed');
  });

  test('what the store noted goes before the rows that the caller holds', async () => {
    await store.files.updateFile(next.key, { mismatch: { kind: 'metadata', detail: 'differs', at: NOW } }, []);
    expect(await verdictOf(next)).toBe('refuse metadata-mismatch');
    expect((await verdicts())[2]).toBe('refuse metadata-mismatch');

    const mismatched = await store.files.findByKey(next.key);
    await store.files.updateFile(next.key, { mismatch: null }, []);
    expect(mismatched?.mismatch).toBeDefined();
    const [decision] = await judge.judgeProject(PROJECT, [mismatched ?? next]);
    expect(decision?.verdict.kind).toBe('allow');
  });

  test('malware in a file that the page no longer lists still holds its siblings', async () => {
    await store.reports.saveReport(makeReport(wheel, { findings: [MALWARE] }), NOW, undefined, []);
    const left = [sdist, next];
    await store.pages.savePage(makeStoredPage(left, NOW), left, PROJECT, []);

    const decisions = await judge.judgeProject(PROJECT, left);

    expect(decisions.map(({ verdict }) => say(verdict))).toEqual(['quarantine sibling-refused', 'allow clean']);
    expect(await verdictOf(sdist)).toBe('quarantine sibling-refused');
  });

  test('a file that the store does not know needs a scan', async () => {
    const stranger = makeStoredFile('seven-1.0.tar.gz', { uploadTime: '2020-01-01T00:00:00Z' });

    expect(await verdictOf(stranger)).toBe('needs-scan unscanned');
  });

  test('carries the moment until which a decision is good', async () => {
    await store.reports.saveReport(makeReport(wheel, { findings: [MALWARE] }), NOW, undefined, []);
    const scope = { project: SIX, filename: wheel.file.filename, sha256: sha256Of(wheel.file.filename) };
    await store.policy.addEntry(allow(scope, { expiresAt: NOW + 5 }), EDIT);

    const before = await judge.judgeFile(wheel);
    clock.advance(5);
    const after = await judge.judgeFile(wheel);

    expect(before).toMatchObject({ verdict: { reason: 'waiver' }, validUntil: NOW + 5 });
    expect(after).toMatchObject({ verdict: { reason: 'malware' } });
  });

  describe('a decision that was made a moment ago', () => {
    const before = async (): Promise<void> => {
      expect(await verdictOf(next)).toBe('allow clean');
    };

    test('is not made again', async () => {
      let questions = 0;
      const counting: Pick<DecisionStore, 'files'> = {
        files: {
          ...store.files,
          findRelease: (...asked) => {
            questions++;
            return store.files.findRelease(...asked);
          },
        },
      };
      judge = createJudge({ store: counting, policy, feeds, clock });

      await verdictOf(next);
      await verdictOf(next);

      expect(questions).toBe(1);
    });

    test('ends with an edit, in both directions', async () => {
      await before();
      const entry = deny({ project: SIX });
      await store.policy.addEntry(entry, EDIT);
      expect(await verdictOf(next)).toBe('refuse deny-entry');
      await store.policy.removeEntry(entry.id, EDIT);
      expect(await verdictOf(next)).toBe('allow clean');
    });

    test('ends with another policy file, also where its digest is the one that the store remembers', async () => {
      await policy.replaceFile({ entries: [], cooldown: [] }, 'the digest');
      await before();
      await policy.replaceFile({ entries: [deny({ project: SIX })], cooldown: [] }, 'the digest');
      expect(await verdictOf(next)).toBe('refuse deny-entry');
    });

    test('ends with a mode, a freeze and a record of the feed', async () => {
      await before();
      await store.policy.setSetting('freeze', new Date(NOW - 400 * DAY).toISOString(), EDIT);
      expect(await verdictOf(next)).toBe('quarantine freeze');
      await store.policy.setSetting('freeze', 'off', EDIT);
      await before();
      feeds.replace('osv', [{ ...MAL, versions: ['1.1'] }]);
      expect(await verdictOf(next)).toBe('refuse feed');
      feeds.replace('osv', []);
      await before();
    });

    test('ends with a report of its own, or of another file of its release', async () => {
      expect(await verdictOf(sdist)).toBe('allow clean');
      await before();
      await store.reports.saveReport(makeReport(wheel, { findings: [MALWARE] }), NOW + 1, undefined, []);
      await store.reports.saveReport(makeReport(next, { findings: [MALWARE] }), NOW + 1, undefined, []);
      expect(await verdictOf(sdist)).toBe('quarantine sibling-refused');
      expect(await verdictOf(next)).toBe('refuse malware');
    });

    test('ends with what was noted of its file, and with a quarantine of its project upstream', async () => {
      await before();
      await store.files.updateFile(next.key, { mismatch: { kind: 'digest', detail: 'other', at: NOW } }, []);
      expect(await verdictOf(next)).toBe('refuse digest-mismatch');
      await store.files.updateFile(next.key, { mismatch: null }, []);
      await before();
      const taken = { ...PROJECT, upstreamQuarantinedAt: NOW };
      await store.pages.savePage(makeStoredPage([], NOW), [], taken, []);
      expect(await verdictOf(next)).toBe('refuse upstream-quarantined');
    });

    test('ends with its time, and is not good at an earlier one', async () => {
      await store.reports.saveReport(makeReport(wheel, { findings: [MALWARE] }), NOW, undefined, []);
      const scope = { project: SIX, filename: wheel.file.filename, sha256: sha256Of(wheel.file.filename) };
      await store.policy.addEntry(allow(scope, { expiresAt: NOW + 5 }), EDIT);
      expect(await verdictOf(wheel)).toBe('allow waiver');
      clock.advance(5);
      expect(await verdictOf(wheel)).toBe('refuse malware');
      clock.set(NOW);
      expect(await verdictOf(wheel)).toBe('allow waiver');
    });

    test('of a file that the store does not hold is not kept: the caller’s word counts', async () => {
      const stranger = makeStoredFile('six-9.0.tar.gz', { uploadTime: '2020-01-01T00:00:00Z' });
      expect(await verdictOf(stranger)).toBe('needs-scan unscanned');
      const mismatch = { kind: 'digest', detail: 'other', at: NOW } as const;
      expect(await verdictOf({ ...stranger, mismatch })).toBe('refuse digest-mismatch');
    });
  });

  test('the revision moves with everything but time', async () => {
    const seen = [await judge.revision(PROJECT)];
    const note = async (): Promise<void> => {
      seen.push(await judge.revision(PROJECT));
    };

    clock.advance(DAY);
    expect(await judge.revision(PROJECT)).toBe(seen[0]);
    await store.policy.addEntry(deny({ project: SIX }), EDIT);
    await note();
    feeds.replace('osv', []);
    await note();
    await store.reports.saveReport(makeReport(wheel), NOW, undefined, []);
    await note();
    await store.files.updateFile(wheel.key, { changed: 'size' }, []);
    await note();

    expect(new Set(seen).size).toBe(seen.length);
  });
});
