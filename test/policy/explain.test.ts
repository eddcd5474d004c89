import { describe, expect, test } from 'vitest';
import { describeScore, explainVerdict } from '../../src/policy/explain.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import { makeFinding, makeStoredFile, sha256Of } from '../support/stored-facts.ts';
import { makeFile } from './policy-facts.ts';

const VERDICTS: readonly Verdict[] = [
  { kind: 'allow', reason: 'clean', detail: 'd' },
  { kind: 'allow', reason: 'allow-entry', detail: 'd' },
  { kind: 'allow', reason: 'waiver', detail: 'd' },
  { kind: 'needs-scan', reason: 'unscanned', detail: 'd' },
  ...(['suspicious', 'unscannable', 'sibling-refused', 'changed-upstream', 'cooldown', 'freeze'] as const).map(
    (reason): Verdict => ({ kind: 'quarantine', reason, detail: 'd' }),
  ),
  ...(
    [
      'malware',
      'feed',
      'deny-entry',
      'digest-mismatch',
      'metadata-mismatch',
      'upstream-quarantined',
      'ambiguous-archive',
    ] as const
  ).map((reason): Verdict => ({ kind: 'refuse', reason, detail: 'd' })),
];

describe('a verdict in words', () => {
  test.each(VERDICTS)('$kind $reason says what happens, why, and what to do', (verdict) => {
    const { title, sentences, remedies } = explainVerdict(verdict, makeFile());

    expect(title).toMatch(/^[A-Z].{4,60}$/u);
    expect(sentences.at(-1)).toBe('The reason: d.');
    for (const sentence of [...sentences, ...remedies]) expect(sentence).toMatch(/[.`]$/u);
    if (verdict.kind === 'quarantine' || verdict.kind === 'refuse') expect(remedies.length).toBeGreaterThan(0);
  });

  test('what monitor mode lets through is said', () => {
    const wouldHave: Verdict = { kind: 'refuse', reason: 'malware', detail: 'sends the environment away' };

    const { sentences } = explainVerdict({ kind: 'allow', reason: 'monitor', detail: '', wouldHave }, makeFile());

    expect(sentences.at(-1)).toBe('In enforce mode it would be refused (malware): sends the environment away.');
  });

  test('the command that waives a file names its bytes, and no filename escapes from it', () => {
    const verdict: Verdict = { kind: 'refuse', reason: 'malware', detail: 'd' };
    const hostile = makeStoredFile(`six-1.0'; rm -rf ~; '.tar.gz`, { version: '1.0' });

    const { remedies } = explainVerdict(verdict, hostile);

    expect(remedies.at(-1)).toContain(
      `cordon allow six --file 'six-1.0'\\''; rm -rf ~; '\\''.tar.gz' --sha256 ${sha256Of(hostile.file.filename)} --reason`,
    );
  });
});

describe('a score', () => {
  const thresholds = { refuse: 10, quarantine: 5 };
  const malware = [makeFinding({ class: 'malware' })];

  test.each([
    [12.36, malware, '12.4, refused from 10'],
    [7, malware, '7, held from 5'],
    [6, [], '6, held from 5'],
    [12, [], '12, held from 5 (refused from 10 only with a finding of malware)'],
    [1.5, [], '1.5, held from 5'],
  ])('%d is said against the thresholds in force', (score, findings, text) => {
    expect(describeScore({ score, findings }, thresholds)).toBe(text);
  });

  test('thresholds that the administrator moved are the ones that are named', () => {
    expect(describeScore({ score: 12, findings: malware }, { refuse: 20, quarantine: 8 })).toBe('12, held from 8');
  });
});
