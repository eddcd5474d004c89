import { describe, expect, test } from 'vitest';
import { judgeContent, toReportFacts } from '../../src/policy/report-verdict.ts';
import { makeFinding, makeReport } from '../support/stored-facts.ts';
import { comparison, makeFile } from './policy-facts.ts';

const THRESHOLDS = { refuse: 10, quarantine: 5 };

describe('the content alone', () => {
  test.each<[string, Parameters<typeof judgeContent>[0], string]>([
    ['nothing found', { score: 0, malwareScore: 0 }, 'allow'],
    ['below the threshold', { score: 4.9, malwareScore: 0 }, 'allow'],
    ['at the threshold of quarantine', { score: 5, malwareScore: 0 }, 'quarantine suspicious'],
    ['any number of suspicious findings', { score: 60, malwareScore: 0 }, 'quarantine suspicious'],
    ['malware below the threshold of refusal', { score: 9.9, malwareScore: 9.9 }, 'quarantine suspicious'],
    ['malware at the threshold of refusal', { score: 10, malwareScore: 10 }, 'refuse malware'],
    ['malware whose combined score reaches it', { score: 11, malwareScore: 6 }, 'refuse malware'],
    ['malware of a report that combines to less', { score: 8, malwareScore: 10 }, 'refuse malware'],
    ['unreadable', { score: 0, malwareScore: 0, unscannable: 'x' }, 'quarantine unscannable'],
    ['unreadable, and malware in what was read', { score: 12, malwareScore: 12, unscannable: 'x' }, 'refuse malware'],
    ['two meanings', { score: 0, malwareScore: 0, ambiguous: 'x' }, 'refuse ambiguous-archive'],
    [
      'two meanings, unreadable',
      { score: 0, malwareScore: 0, ambiguous: 'x', unscannable: 'x' },
      'refuse ambiguous-archive',
    ],
  ])('%s', (_case, facts, expected) => {
    const verdict = judgeContent(facts, THRESHOLDS);

    expect('reason' in verdict ? `${verdict.kind} ${verdict.reason}` : verdict.kind).toBe(expected);
  });

  test('what is new counts fully beside what is calmed', () => {
    const calmed = comparison({ changes: [{ kind: 'new-host', score: 2, message: 'm' }], calmedScore: 1 });

    expect(judgeContent({ score: 9, malwareScore: 0 }, THRESHOLDS, calmed).kind).toBe('allow');
    expect(judgeContent({ score: 9, malwareScore: 0 }, THRESHOLDS, { ...calmed, calmedScore: 3 }).kind).toBe(
      'quarantine',
    );
    expect(judgeContent({ score: 9, malwareScore: 6 }, THRESHOLDS, calmed).kind).toBe('refuse');
  });
});

describe('the facts of a report', () => {
  test('name the strongest claim first: malware, then two meanings, then the score', () => {
    const note = makeFinding({ detector: 'note', class: 'note', score: 20 });
    const weak = makeFinding({ detector: 'weak', score: 3 });
    const strong = makeFinding({ detector: 'strong', score: 7 });
    const container = makeFinding({ detector: 'container', class: 'anomaly', severity: 'critical', score: 0 });
    const malware = makeFinding({ detector: 'malware', class: 'malware', score: 1 });
    const headline = (...findings: (typeof note)[]): string | undefined =>
      toReportFacts(makeReport(makeFile(), { findings }), 0).headline?.detector;

    expect(headline(note)).toBeUndefined();
    expect(headline(note, weak, strong)).toBe('strong');
    expect(headline(strong, container)).toBe('container');
    expect(headline(strong, container, malware)).toBe('malware');
  });

  test('an anomaly that every reader sees alike is not ambiguous', () => {
    const findings = [makeFinding({ class: 'anomaly', severity: 'medium' })];

    expect(toReportFacts(makeReport(makeFile(), { findings }), 0).ambiguous).toBeUndefined();
  });

  test('do not grow with hostile text', () => {
    const findings = [makeFinding({ message: 'x'.repeat(100_000), path: 'y'.repeat(100_000) })];

    expect(JSON.stringify(toReportFacts(makeReport(makeFile(), { findings }), 0)).length).toBeLessThan(2_000);
  });
});
