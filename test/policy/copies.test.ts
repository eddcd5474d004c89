import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/analysis/report/finding.ts';
import type { ReleaseSummary } from '../../src/analysis/report/scan-report.ts';
import {
  codePrintsOf,
  compareCopy,
  findCopyChange,
  findDescriptionChange,
  isCopiedText,
  isCopy,
} from '../../src/policy/copies.ts';
import { makeFinding, makeReport, makeStoredFile, sha256Of } from '../support/stored-facts.ts';

const file = makeStoredFile('colorafix-1.0-py3-none-any.whl');
const summaryOf = (change: Partial<ReleaseSummary>): ReleaseSummary => ({ ...makeReport(file).summary, ...change });
const report = (findings: readonly Finding[]) => makeReport(file, { findings });

const original = summaryOf({
  members: {
    'colour/ansi.py': 'a',
    'colour/win32.py': 'w',
    'colour/data.json': 'd',
    'colour-1.0.dist-info/METADATA': 'm',
  },
  modules: { 'colour/ansi.py': 'p1', 'colour/win32.py': 'p2' },
});
const copy = summaryOf({
  members: {
    'colourfix/ansi.py': 'a2',
    'colourfix/win32.py': 'w2',
    'colourfix/data.json': 'd',
    'colourfix/boot.py': 'x',
    'colourfix-1.0.dist-info/METADATA': 'n',
  },
  modules: { 'colourfix/ansi.py': 'p1', 'colourfix/win32.py': 'p9' },
});
const of = { project: 'colour', filename: 'colour-1.0-py3-none-any.whl', sha256: sha256Of('colour') };

describe('a copy of another project', () => {
  test('is known by its largest modules, three of them at least and most of them', () => {
    expect([isCopy(3, 5), isCopy(2, 2), isCopy(8, 16), isCopy(10, 16)]).toEqual([true, false, false, true]);
    expect([isCopiedText(5, 8), isCopiedText(4, 4), isCopiedText(6, 12)]).toEqual([true, false, false]);
    const modules = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`m${index}.py`, `p${index}`]));
    expect(codePrintsOf(summaryOf({ modules }))).toHaveLength(16);
    expect(codePrintsOf(summaryOf({}))).toEqual([]);
  });

  test('shows the members that differ, whatever folder the others are in, and not its metadata', () => {
    expect(compareCopy(copy, original, of)).toEqual({
      ...of,
      same: 2,
      compared: 4,
      differing: ['colourfix/win32.py', 'colourfix/boot.py'],
    });
  });

  test('weighs only where something is found in what differs', () => {
    const copied = compareCopy(copy, original, of);
    const at = (path: string, change: Partial<Finding> = {}) =>
      findCopyChange(report([makeFinding({ path, ...change })]), copied);

    expect(at('colourfix/boot.py')).toMatchObject({ kind: 'copied-project', path: 'colourfix/boot.py' });
    expect(at('colourfix/boot.py#decoded-1')?.score).toBeGreaterThan(0);
    expect(at('colourfix-1.0/colourfix/boot.py')?.message).toContain('2 of 4 members are those of colour');
    expect(at('colourfix/ansi.py')).toBeUndefined();
    expect(at('')).toBeUndefined();
    expect(at('colourfix/boot.py', { score: 1 })).toBeUndefined();
    expect(at('colourfix/boot.py', { class: 'note' })).toBeUndefined();
    expect(findCopyChange(report([]), copied)).toBeUndefined();
  });

  test('a copied description weighs only beside findings', () => {
    expect(findDescriptionChange(report([makeFinding({ score: 3 })]), 'colour')?.kind).toBe('copied-description');
    expect(findDescriptionChange(report([]), 'colour')).toBeUndefined();
  });
});
