import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import type { Policy, PolicyEntry } from '../../src/policy/entry.ts';
import type { FileFacts } from '../../src/policy/facts.ts';
import { MISMATCH_HOLD_MS, RULES } from '../../src/policy/rules.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import type { UpstreamId } from '../../src/pypi/model.ts';
import { makeProject, makeStoredFile, PYPI, SIX, sha256Of } from '../support/stored-facts.ts';
import {
  allow,
  ambiguous,
  clean,
  comparison,
  DAY,
  deny,
  FILENAME,
  HOUR,
  INSTALLED,
  MAL,
  makeFacts,
  makeFile,
  makePolicy,
  malicious,
  maliciousSibling,
  NOW,
  ONE_FILE,
  SHA256,
  suspicious,
  unscannable,
  unscanned,
  waiver,
} from './policy-facts.ts';

const judge = (facts: FileFacts, entries: readonly PolicyEntry[] = [], change: Partial<Policy> = {}): Verdict =>
  decide(facts, makePolicy({ entries, ...change }), NOW).verdict;
const say = ({ kind, reason }: Verdict): string => `${kind} ${reason}`;

// what can be wrong with a file, strongest first: each beats all that follow
const denied = { deny: deny({ project: SIX }) };
const listed = makeFacts({ feedMatches: [MAL] });
const upstreamQuarantined = makeFacts({ project: makeProject({ firstUploadAt: 0, upstreamQuarantinedAt: NOW - DAY }) });
const digestMismatch = makeFacts({
  file: makeFile({ mismatch: { kind: 'digest', detail: 'got other bytes', at: NOW } }),
});
const metadataMismatch = makeFacts({
  file: makeFile({ mismatch: { kind: 'metadata', detail: 'Requires-Dist differs', at: 1 } }),
});
const changed = makeFacts({ file: makeFile({ changed: 'the announced size changed' }) });
const young = makeProject({ firstSeenAt: NOW - HOUR, firstUploadAt: NOW - 2 * HOUR });

describe('the table of what wins', () => {
  test.each<[string, FileFacts, readonly PolicyEntry[], string]>([
    ['a clean file', makeFacts(), [], 'allow clean'],
    ['a clean file with an allow entry', makeFacts(), [allow({ project: SIX })], 'allow clean'],
    ['a clean file with a waiver', makeFacts(), [waiver()], 'allow clean'],
    ['a file without a report', unscanned(), [], 'needs-scan unscanned'],
    ['a file without a report, waived', unscanned(), [waiver()], 'needs-scan unscanned'],
    ['a file without a report, allowed', unscanned(), [allow({ project: SIX })], 'needs-scan unscanned'],

    ['a deny entry', makeFacts(), [deny({ project: SIX })], 'refuse deny-entry'],
    ['a deny entry, waived', makeFacts(), [deny({ project: SIX }), waiver()], 'allow waiver'],
    ['a final deny, waived', makeFacts(), [deny({ project: SIX }, { final: true }), waiver()], 'refuse deny-entry'],
    ['a deny by sha256, waived', makeFacts(), [deny({ sha256: SHA256 }), waiver()], 'refuse deny-entry'],
    ['a deny by another sha256', makeFacts(), [deny({ sha256: sha256Of('other') })], 'allow clean'],
    ['a deny needs no report', unscanned(), [deny({ project: SIX })], 'refuse deny-entry'],

    ['a listed release', listed, [], 'refuse feed'],
    ['a listed release needs no report', unscanned({ feedMatches: [MAL] }), [], 'refuse feed'],
    ['a listed release, project allowed', listed, [allow({ project: SIX })], 'refuse feed'],
    ['a listed release, waived', listed, [waiver()], 'allow waiver'],
    ['a project quarantined upstream', upstreamQuarantined, [allow({ project: SIX })], 'refuse upstream-quarantined'],
    ['a project quarantined upstream, waived', upstreamQuarantined, [waiver()], 'allow waiver'],
    ['a digest mismatch, allowed', digestMismatch, [allow({ project: SIX })], 'refuse digest-mismatch'],
    ['a metadata mismatch, allowed', metadataMismatch, [allow({ project: SIX })], 'refuse metadata-mismatch'],
    ['malware', makeFacts({ report: malicious() }), [], 'refuse malware'],
    ['malware, project allowed', makeFacts({ report: malicious() }), [allow({ project: SIX })], 'refuse malware'],
    [
      'malware, version allowed',
      makeFacts({ report: malicious() }),
      [allow({ project: SIX, version: '==1.0' })],
      'refuse malware',
    ],
    [
      'malware, filename allowed',
      makeFacts({ report: malicious() }),
      [allow({ project: SIX, filename: FILENAME })],
      'refuse malware',
    ],
    [
      'malware, sha256 alone allowed',
      makeFacts({ report: malicious() }),
      [allow({ sha256: SHA256 })],
      'refuse malware',
    ],
    ['malware, waived', makeFacts({ report: malicious() }), [waiver()], 'allow waiver'],
    [
      'malware, other bytes waived',
      makeFacts({ report: malicious() }),
      [allow({ ...ONE_FILE, sha256: sha256Of('other') })],
      'refuse malware',
    ],
    [
      'an ambiguous archive, allowed',
      makeFacts({ report: ambiguous() }),
      [allow({ project: SIX })],
      'refuse ambiguous-archive',
    ],
    ['an ambiguous archive, waived', makeFacts({ report: ambiguous() }), [waiver()], 'allow waiver'],
    ['a file changed upstream, allowed', changed, [allow({ project: SIX })], 'quarantine changed-upstream'],
    ['a file changed upstream, waived', changed, [waiver()], 'allow waiver'],
    [
      'an unscannable file, allowed',
      makeFacts({ report: unscannable() }),
      [allow({ project: SIX })],
      'quarantine unscannable',
    ],
    ['an unscannable file, waived', makeFacts({ report: unscannable() }), [waiver()], 'allow waiver'],
    [
      'malware beside it, allowed',
      makeFacts({ siblings: [maliciousSibling()] }),
      [allow({ project: SIX })],
      'quarantine sibling-refused',
    ],
    ['malware beside it, waived', makeFacts({ siblings: [maliciousSibling()] }), [waiver()], 'allow waiver'],
    [
      'malware beside it that was waived there',
      makeFacts({ siblings: [maliciousSibling()] }),
      [allow({ project: SIX, filename: 'six-1.0.tar.gz', sha256: sha256Of('six-1.0.tar.gz') })],
      'allow clean',
    ],

    ['a suspicious file', makeFacts({ report: suspicious() }), [], 'quarantine suspicious'],
    [
      'a suspicious file, project allowed',
      makeFacts({ report: suspicious() }),
      [allow({ project: SIX })],
      'allow allow-entry',
    ],
    ['a suspicious file, waived', makeFacts({ report: suspicious() }), [waiver()], 'allow waiver'],
    ['a young project', makeFacts({ project: young }), [], 'quarantine cooldown'],
    ['a young project is not scanned before its time', unscanned({ project: young }), [], 'quarantine cooldown'],
    ['a young project, allowed', makeFacts({ project: young }), [allow({ project: SIX })], 'allow allow-entry'],
    [
      'a young project, allowed but not scanned',
      unscanned({ project: young }),
      [allow({ project: SIX })],
      'needs-scan unscanned',
    ],
    ['malware of a young project', makeFacts({ project: young, report: malicious() }), [], 'refuse malware'],
    [
      'a suspicious file of a young project',
      makeFacts({ project: young, report: suspicious() }),
      [],
      'quarantine suspicious',
    ],
  ])('%s', (_case, facts, entries, expected) => {
    expect(say(judge(facts, entries))).toBe(expected);
  });

  test('each rule beats those below it', () => {
    // one file with everything wrong at once; then the strongest cause is taken away, one after the other
    const file = makeFile({ changed: 'size', mismatch: { kind: 'digest', detail: 'x', at: NOW } });
    const all: FileFacts = {
      file,
      project: makeProject({ firstSeenAt: NOW, firstUploadAt: NOW, upstreamQuarantinedAt: NOW }),
      report: { ...malicious(file), ambiguous: 'two zips', unscannable: 'budget', ruleset: 'older' },
      siblings: [maliciousSibling()],
      feedMatches: [MAL],
    };
    const policy = makePolicy({
      entries: [denied.deny],
      freezeAt: NOW - 200 * DAY,
      ruleset: { inForce: 'rules-1', since: NOW - 8 * DAY },
    });
    const seen: string[] = [];
    const note = (facts: FileFacts, change: Partial<Policy> = {}): void => {
      seen.push(say(decide(facts, { ...policy, ...change }, NOW).verdict));
    };

    note(all);
    const noDeny = { entries: [] };
    note(all, noDeny);
    let facts: FileFacts = { ...all, feedMatches: [] };
    note(facts, noDeny);
    facts = { ...facts, project: makeProject({ firstSeenAt: NOW, firstUploadAt: NOW }) };
    note(facts, noDeny);
    facts = { ...facts, file: makeFile({ changed: 'size', mismatch: { kind: 'metadata', detail: 'x', at: 1 } }) };
    note(facts, noDeny);
    facts = { ...facts, file: makeFile({ changed: 'size' }) };
    note(facts, noDeny);
    facts = {
      ...facts,
      report: { ...suspicious(file), ambiguous: 'two zips', unscannable: 'budget', ruleset: 'older' },
    };
    note(facts, noDeny);
    facts = { ...facts, report: { ...suspicious(file), unscannable: 'budget', ruleset: 'older' } };
    note(facts, noDeny);
    facts = { ...facts, file: makeFile() };
    note(facts, noDeny);
    facts = { ...facts, report: suspicious(file, 'older') };
    note(facts, noDeny);
    facts = { ...facts, siblings: [] };
    note(facts, noDeny);
    facts = { ...facts, report: clean(file, 'older') };
    note(facts, noDeny);
    note(facts, { entries: [], freezeAt: NOW });
    facts = { ...facts, project: makeProject({ firstUploadAt: 0 }) };
    note(facts, { entries: [], freezeAt: NOW });
    facts = { ...facts, report: clean(file) };
    note(facts, { entries: [], freezeAt: NOW });

    expect(seen).toEqual([
      'refuse deny-entry',
      'refuse feed',
      'refuse upstream-quarantined',
      'refuse digest-mismatch',
      'refuse metadata-mismatch',
      'refuse malware',
      'refuse ambiguous-archive',
      'quarantine changed-upstream',
      'quarantine unscannable',
      'quarantine sibling-refused',
      'quarantine suspicious',
      'quarantine freeze',
      'quarantine cooldown',
      'needs-scan outdated',
      'allow clean',
    ]);
  });

  test('stands in docs/policy.md in the same order', () => {
    const page = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| *\d+ *\| \*\*(?<name>[^*]+)\*\*/gmu)].map(({ groups }) => groups?.['name']);

    expect(rows).toEqual(RULES.map(({ name }) => name));
  });
});

describe('two entries about one file', () => {
  const pin = { project: SIX, version: '==1.0' };
  test.each<[string, PolicyEntry['scope'], PolicyEntry['scope'], string]>([
    ['a version beats its project', { project: SIX, version: '<2' }, { project: SIX }, 'allow'],
    ['a project does not beat a version of it', { project: SIX }, pin, 'refuse'],
    ['a filename beats a version', { project: SIX, filename: FILENAME }, { project: SIX, version: '>=1' }, 'allow'],
    ['a filename beats a pattern', { project: SIX, filename: FILENAME }, { project: SIX, filename: '*.whl' }, 'allow'],
    ['one version beats a range', pin, { project: SIX, version: '>=1' }, 'allow'],
    ['two ranges cannot be ordered', { project: SIX, version: '<2' }, { project: SIX, version: '>=1' }, 'refuse'],
    [
      'two patterns cannot be ordered',
      { project: SIX, filename: '*.whl' },
      { project: SIX, filename: 'six*' },
      'refuse',
    ],
    ['equally wide: deny', { project: SIX }, { project: SIX }, 'refuse'],
    ['equally wide versions: deny', pin, pin, 'refuse'],
    ['a project and an upstream cannot be ordered', { project: SIX }, { upstream: PYPI }, 'refuse'],
    ['a project of an upstream beats the upstream', { project: SIX, upstream: PYPI }, { upstream: PYPI }, 'allow'],
    ['a pattern and a version cannot be ordered', { project: SIX, filename: '*.whl' }, pin, 'refuse'],
    ['a sha256 of unknown project and a project cannot be ordered', { sha256: SHA256 }, { project: SIX }, 'refuse'],
    ['a waiver beats an upstream', ONE_FILE, { upstream: PYPI }, 'allow'],
    ['a pin does not beat a local version', pin, { project: SIX, version: '===1.0' }, 'refuse'],
  ])('%s', (_case, allowed, deniedScope, expected) => {
    expect(judge(makeFacts(), [deny(deniedScope), allow(allowed)]).kind).toBe(expected);
  });

  test('every deny needs an allow that beats it', () => {
    const entries = [
      deny({ project: SIX }),
      deny({ upstream: PYPI }, { id: 'd2' }),
      allow({ project: SIX, version: '<2' }),
    ];

    expect(judge(makeFacts(), entries)).toMatchObject({ reason: 'deny-entry', entryId: 'd2' });
  });

  test('default deny: an upstream is closed, and single projects of it are opened', () => {
    const entries = [deny({ upstream: PYPI }), allow({ project: SIX, upstream: PYPI })];
    const other = makeStoredFile('torch-1.0.tar.gz', { project: 'torch' as typeof SIX });

    expect(judge(makeFacts(), entries)).toMatchObject({ kind: 'allow', reason: 'allow-entry', entryId: 'allow' });
    expect(say(judge(makeFacts({ file: other, report: clean(other) }), entries))).toBe('refuse deny-entry');
  });

  test('an entry names the upstream it means', () => {
    const mirrored = makeFile({ upstream: 'mirror' as UpstreamId });

    expect(judge(makeFacts({ file: mirrored }), [deny({ upstream: PYPI })]).kind).toBe('allow');
  });

  test('a deny that cannot compare the version takes the file, an allow does not', () => {
    const legacy = makeStoredFile('six-2004d.tar.gz', { version: '2004d' });
    const nameless = makeStoredFile('six.tar.gz');
    for (const file of [legacy, nameless]) {
      const facts = makeFacts({ file, report: suspicious(file) });
      expect(say(judge(facts, [deny({ project: SIX, version: '<1' })]))).toBe('refuse deny-entry');
      expect(say(judge(facts, [allow({ project: SIX, version: '<1' })]))).toBe('quarantine suspicious');
    }
  });

  test('a capital letter does not dodge a deny, and does not widen an allow', () => {
    const shouted = makeStoredFile('SIX-1.0.TAR.GZ', { version: '1.0' });
    const facts = makeFacts({ file: shouted, report: suspicious(shouted) });

    expect(say(judge(facts, [deny({ project: SIX, filename: 'six-1.0.tar.gz' })]))).toBe('refuse deny-entry');
    expect(say(judge(facts, [deny({ project: SIX, filename: '*.tar.gz' })]))).toBe('refuse deny-entry');
    expect(say(judge(facts, [allow({ project: SIX, filename: 'six-1.0.tar.gz' })]))).toBe('quarantine suspicious');
  });
});

describe('monitor mode', () => {
  const monitor = { mode: 'monitor' } as const;

  test('does not say of malware that nothing speaks against it', () => {
    const { verdict } = decide(makeFacts({ report: malicious() }), makePolicy(monitor), NOW);

    expect(verdict.detail).toBe('monitor mode serves it, and records what speaks against it');
  });

  test.each<[string, FileFacts, readonly PolicyEntry[], string, string | undefined]>([
    ['malware is served and recorded', makeFacts({ report: malicious() }), [], 'allow monitor', 'refuse malware'],
    [
      'a suspicious file is served and recorded',
      makeFacts({ report: suspicious() }),
      [],
      'allow monitor',
      'quarantine suspicious',
    ],
    [
      'an unscannable file is served and recorded',
      makeFacts({ report: unscannable() }),
      [],
      'allow monitor',
      'quarantine unscannable',
    ],
    [
      'a young project is served and recorded',
      makeFacts({ project: young }),
      [],
      'allow monitor',
      'quarantine cooldown',
    ],
    ['a young project is scanned first', unscanned({ project: young }), [], 'needs-scan unscanned', undefined],
    ['nothing is served unscanned', unscanned(), [], 'needs-scan unscanned', undefined],
    ['entries decide', makeFacts(), [deny({ project: SIX })], 'refuse deny-entry', undefined],
    ['the feed decides', listed, [], 'refuse feed', undefined],
    ['a digest mismatch decides', digestMismatch, [], 'refuse digest-mismatch', undefined],
    ['a metadata mismatch decides', metadataMismatch, [], 'refuse metadata-mismatch', undefined],
    ['a change upstream decides', changed, [], 'quarantine changed-upstream', undefined],
    ['the quarantine of the index decides', upstreamQuarantined, [], 'refuse upstream-quarantined', undefined],
    ['a waiver is still a waiver', makeFacts({ report: malicious() }), [waiver()], 'allow waiver', undefined],
    ['a clean file is clean', makeFacts(), [], 'allow clean', undefined],
  ])('%s', (_case, facts, entries, expected, wouldHave) => {
    const verdict = judge(facts, entries, monitor);

    expect(say(verdict)).toBe(expected);
    expect(verdict.wouldHave === undefined ? undefined : say(verdict.wouldHave)).toBe(wouldHave);
  });

  test('a freeze date is an order, not a scan verdict: it decides', () => {
    expect(say(judge(makeFacts(), [], { ...monitor, freezeAt: Date.UTC(2026, 1, 1) }))).toBe('quarantine freeze');
  });

  test('a freeze date under a malware finding decides as well', () => {
    const facts = makeFacts({ report: malicious() });

    expect(say(judge(facts, [], { ...monitor, freezeAt: Date.UTC(2026, 1, 1) }))).toBe('quarantine freeze');
  });
});

describe('what changed since earlier releases', () => {
  const withChange = makeFile({ comparison: comparison() });

  test('raises a verdict', () => {
    const verdict = judge(makeFacts({ file: withChange }));

    expect(say(verdict)).toBe('quarantine suspicious');
    expect(verdict.detail).toContain('a file that runs at every start');
  });

  test('says nothing of other bytes than those compared', () => {
    const replaced = makeFile({ comparison: comparison({ sha256: sha256Of('earlier bytes') }) });

    expect(say(judge(makeFacts({ file: replaced })))).toBe('allow clean');
  });

  test('turns suspicious malware findings into a refusal', () => {
    const report = { ...suspicious(), malwareScore: 6 };

    expect(say(judge(makeFacts({ report })))).toBe('quarantine suspicious');
    expect(say(judge(makeFacts({ file: withChange, report })))).toBe('refuse malware');
  });

  test('calms a suspicious file, and no malware', () => {
    const file = makeFile({ comparison: comparison({ changes: [], calmedScore: 0 }) });

    expect(say(judge(makeFacts({ file, report: suspicious() })))).toBe('allow clean');
    expect(say(judge(makeFacts({ file, report: malicious() })))).toBe('refuse malware');
    expect(say(judge(makeFacts({ file, report: unscannable() })))).toBe('quarantine unscannable');
  });
});

describe('validUntil', () => {
  const until = (facts: FileFacts, entries: readonly PolicyEntry[] = [], change: Partial<Policy> = {}) =>
    decide(facts, makePolicy({ entries, ...change }), NOW).validUntil;

  test('is absent where time alone changes nothing', () => {
    expect(until(makeFacts())).toBeUndefined();
    expect(until(makeFacts({ report: malicious() }))).toBeUndefined();
  });

  test('is the expiry of the waiver that decided', () => {
    expect(until(makeFacts({ report: malicious() }), [waiver({ expiresAt: NOW + HOUR })])).toBe(NOW + HOUR);
  });

  test('is not the expiry of an entry that makes no difference', () => {
    expect(until(makeFacts(), [waiver({ expiresAt: NOW + HOUR })])).toBeUndefined();
  });

  test('is the last of two waivers', () => {
    const entries = [waiver({ expiresAt: NOW + HOUR }), waiver({ id: 'second', expiresAt: NOW + DAY })];

    expect(until(makeFacts({ report: malicious() }), entries)).toBe(NOW + HOUR); // another entry is named from then on
    expect(until(makeFacts({ report: malicious() }), [...entries].reverse())).toBe(NOW + DAY);
  });

  test('an entry is expired at its expiry, not after it', () => {
    const facts = makeFacts({ report: malicious() });
    const policy = makePolicy({ entries: [waiver({ expiresAt: NOW })] });

    expect(say(decide(facts, policy, NOW - 1).verdict)).toBe('allow waiver');
    expect(say(decide(facts, policy, NOW).verdict)).toBe('refuse malware');
  });

  test('is the expiry of a deny', () => {
    expect(until(makeFacts(), [deny({ project: SIX }, { expiresAt: NOW + HOUR })])).toBe(NOW + HOUR);
  });

  test('is the end of the cooldown', () => {
    expect(until(makeFacts({ project: young }))).toBe(NOW + 70 * HOUR);
    expect(judge(makeFacts({ project: young }))).toMatchObject({ until: NOW + 70 * HOUR });
  });

  test('is the end of the grace for an allow by old rules, and a refusal by them stays', () => {
    const change = { ruleset: { inForce: 'rules-2', since: NOW - DAY } };

    expect(say(judge(makeFacts(), [], change))).toBe('allow clean');
    expect(until(makeFacts(), [], change)).toBe(NOW + 6 * DAY);
    expect(say(judge(makeFacts({ report: suspicious() }), [], change))).toBe('quarantine suspicious');
    expect(until(makeFacts({ report: suspicious() }), [], change)).toBeUndefined();
  });

  test('an allow by old rules needs a scan when the grace is over', () => {
    const change = { ruleset: { inForce: 'rules-2', since: NOW - 8 * DAY } };

    expect(say(judge(makeFacts(), [], change))).toBe('needs-scan outdated');
    expect(say(judge(makeFacts({ report: suspicious() }), [allow({ project: SIX })], change))).toBe(
      'needs-scan outdated',
    );
    expect(say(judge(makeFacts({ report: malicious() }), [waiver()], change))).toBe('allow waiver');
  });

  test('is the moment at which bytes that did not match are fetched again', () => {
    expect(until(digestMismatch)).toBe(NOW + MISMATCH_HOLD_MS);
    expect(until(metadataMismatch)).toBeUndefined();
  });

  test("is the expiry of a sibling's waiver", () => {
    const there = allow(
      { project: SIX, filename: 'six-1.0.tar.gz', sha256: sha256Of('six-1.0.tar.gz') },
      { expiresAt: NOW + HOUR },
    );

    expect(until(makeFacts({ siblings: [maliciousSibling()] }), [there])).toBe(NOW + HOUR);
  });
});

test('hostile text of a package never reaches a detail untamed', () => {
  const report = {
    ...malicious(),
    headline: { detector: 'd', message: 'a\r\nSet-Cookie: \u202e\u001b[31m é', path: 'x\ny', line: 1 },
  };

  const { detail } = judge(makeFacts({ report }));

  expect(detail).toMatch(/^[\x20-\x7e]{1,200}$/u);
});

test('a finding about the archive as a whole names its detector alone', () => {
  const report = {
    ...malicious(),
    headline: { detector: 'thin-metadata', message: 'A tiny archive.', path: '', line: 0 },
  };

  expect(judge(makeFacts({ report })).detail).toContain('A tiny archive. (thin-metadata)');
});

test('a young project on the day of installation is judged by its upload time, and without one it is not new', () => {
  const seenToday = { firstSeenAt: INSTALLED };
  const policy = makePolicy();
  const held = (project: Partial<ReturnType<typeof makeProject>>, now: number): string =>
    say(decide(makeFacts({ project: makeProject(project) }), policy, now).verdict);

  expect(held({ ...seenToday, firstUploadAt: INSTALLED - HOUR }, INSTALLED + HOUR)).toBe('quarantine cooldown');
  expect(held(seenToday, INSTALLED + HOUR)).toBe('allow clean');
  expect(held({ firstSeenAt: INSTALLED + 71 * HOUR }, INSTALLED + 72 * HOUR)).toBe('allow clean');
  expect(held({ firstSeenAt: INSTALLED + 90 * DAY }, INSTALLED + 90 * DAY + HOUR)).toBe('quarantine cooldown');
});
