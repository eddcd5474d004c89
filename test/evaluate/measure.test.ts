import { describe, expect, test } from 'vitest';
import { compareOutcomes } from '../../src/evaluate/compare.ts';
import { parseTable, type Sample } from '../../src/evaluate/corpus.ts';
import { type Judged, measure } from '../../src/evaluate/measure.ts';
import type { Outcome } from '../../src/evaluate/outcome.ts';
import { quantileOf, rateOf, showRate } from '../../src/evaluate/rate.ts';
import { showEvaluation } from '../../src/evaluate/show.ts';

function outcome(
  name: string,
  kind: Outcome['kind'],
  verdict: Outcome['verdict'],
  more: Partial<Outcome> = {},
): Outcome {
  return { name, kind, verdict, score: 0, isContainerOnly: false, pythonBytes: 1_000_000, elapsedMs: 100, ...more };
}

function malicious(name: string, family: string, verdict: Outcome['verdict'], more: Partial<Outcome> = {}): Judged {
  const sample: Sample = {
    kind: 'malicious',
    path: name,
    name,
    family,
    year: name.slice(0, 4),
    part: 'tune',
    label: 'ok',
  };
  return { sample, outcome: outcome(name, 'malicious', verdict, more) };
}

function benign(name: string, why: string, verdict: Outcome['verdict'], more: Partial<Outcome> = {}): Judged {
  const format = name.endsWith('.whl') ? 'wheel' : 'sdist';
  return { sample: { kind: 'benign', path: name, name, format, why }, outcome: outcome(name, 'benign', verdict, more) };
}

describe('a rate and its interval', () => {
  test.each([
    [0, 10, 0, 0.278],
    [10, 10, 0.722, 1],
    [81, 263, 0.255, 0.366],
  ])('%i of %i lies between %f and %f', (hits, total, low, high) => {
    const rate = rateOf(hits, total);

    expect(rate.low).toBeCloseTo(low, 3);
    expect(rate.high).toBeCloseTo(high, 3);
  });

  test('says nothing about nothing', () => {
    expect(rateOf(0, 0)).toMatchObject({ share: 0, low: 0, high: 1 });
    expect(showRate(rateOf(1, 4))).toBe('25.0 % (4.6-69.9, 1 of 4)');
  });

  test('quantiles are values that occurred', () => {
    expect([0, 0.5, 0.99, 1].map((quantile) => quantileOf([5, 1, 3], quantile))).toEqual([1, 3, 5, 5]);
  });
});

describe('measure', () => {
  const judged = [
    malicious('2023-a', 'F1', 'refuse'),
    malicious('2023-b', 'F1', 'allow', { guarddog: 7 }),
    malicious('2024-c', 'F2', 'quarantine', { isContainerOnly: true, guarddog: 1 }),
    malicious('2024-d', 'F3', 'failed'),
    benign('a.whl', 'ordinary', 'allow'),
    benign('b.whl', 'pentest', 'quarantine', { guarddog: 5 }),
    benign('c.tar.gz', 'ordinary', 'refuse'),
  ];

  test('counts files and families, a failed scan as missed', () => {
    const recall = measure(judged).malicious?.all;

    expect(recall?.files).toMatchObject({ hits: 2, total: 4 });
    expect(recall?.refusedFiles).toMatchObject({ hits: 1, total: 4 });
    expect(recall?.filesByContent).toMatchObject({ hits: 1, total: 4 });
    expect(recall?.families).toMatchObject({ hits: 2, total: 3 });
    expect(recall?.wholeFamilies).toMatchObject({ hits: 1, total: 3 });
    expect(recall?.familyMean).toBeCloseTo(0.5);
    expect(recall?.guarddogFiles).toMatchObject({ hits: 1, total: 2 });
  });

  test('counts years apart, and false alarms by format and likeness', () => {
    const evaluation = measure(judged);

    expect(evaluation.malicious?.byYear['2024']?.files).toMatchObject({ hits: 1, total: 2 });
    expect(evaluation.benign?.byFormat['wheel']).toMatchObject({
      flagged: { hits: 1, total: 2 },
      refused: { hits: 0 },
    });
    expect(evaluation.benign?.byGroup['wheel look-alike']).toMatchObject({
      flagged: { hits: 1, total: 1 },
      guarddog: { hits: 1, total: 1 },
    });
    expect(evaluation.benign?.byWhy['sdist ordinary']?.refused).toMatchObject({ hits: 1, total: 1 });
  });

  test('shows each false alarm, each missed family and each file without a verdict', () => {
    const lines = [...showEvaluation(measure(judged), judged, { comparison: undefined, isScoresOnly: false })].join(
      '\n',
    );

    expect(lines).toContain('! b.whl [pentest] quarantine');
    expect(lines).toContain('! c.tar.gz [ordinary] refuse');
    expect(lines).toContain('- F1 (1 of 2), e.g. 2023-b');
    expect(lines).toContain('no verdict: 2024-d');
  });

  test('counts labels apart, and shows them where there is more than one', () => {
    const noise = malicious('2024-e', 'F4', 'allow');
    const mixed = [...judged, { ...noise, sample: { ...noise.sample, label: 'no-payload' } as Sample }];
    const show = (of: readonly Judged[]): string =>
      [...showEvaluation(measure(of), of, { comparison: undefined, isScoresOnly: false })].join('\n');

    expect(measure(mixed).malicious?.byLabel['no-payload']?.files).toMatchObject({ hits: 0, total: 1 });
    expect(show(mixed)).toContain('  no-payload: files 0.0 %');
    expect(show(judged)).not.toContain('  ok: files');
  });
});

test('two runs are compared sample by sample', () => {
  const before = [
    outcome('a', 'malicious', 'allow'),
    outcome('b', 'malicious', 'refuse'),
    outcome('c', 'malicious', 'quarantine'),
    outcome('a', 'benign', 'quarantine'),
    outcome('b', 'benign', 'allow'),
    outcome('gone', 'benign', 'allow'),
  ];
  const after = [
    outcome('a', 'malicious', 'refuse'),
    outcome('b', 'malicious', 'allow'),
    outcome('c', 'malicious', 'refuse'),
    outcome('a', 'benign', 'allow'),
    outcome('b', 'benign', 'quarantine'),
  ];

  const { won, lost, moved, unmatched } = compareOutcomes(before, after);

  expect(won.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['malicious a', 'benign a']);
  expect(lost.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['malicious b', 'benign b']);
  expect(moved.map(({ name }) => name)).toEqual(['c']);
  expect(unmatched).toBe(1);
});

test('a table is rows by column', () => {
  expect(parseTable('path\tfamily\na.zip\tF1\n\nb.zip\tF2\r\n')).toEqual([
    { path: 'a.zip', family: 'F1' },
    { path: 'b.zip', family: 'F2' },
  ]);
});
