import { describe, expect, test } from 'vitest';
import { renderExplanation } from '../../src/http/explanation-page.ts';
import type { ComparisonFacts, StoredFile } from '../../src/policy/facts.ts';
import { makeFinding, makeReport, makeStoredFile, sha256Of } from '../support/stored-facts.ts';

const comparison: ComparisonFacts = {
  sha256: sha256Of('bytes'),
  ruleset: 'rules-1',
  comparedAt: 1,
  baselines: [{ filename: 'six-0.9-py3-none-any.whl', sha256: sha256Of('old') }],
  changes: [{ kind: 'new-start-up-file', score: 6, message: '<b>boot.pth</b> is new', path: 'boot.pth' }],
  copied: {
    project: 'seven',
    filename: 'seven-2.0-py3-none-any.whl',
    sha256: sha256Of('seven'),
    same: 12,
    compared: 13,
    differing: ['six/<script>.py'],
  },
};

function page(change: Partial<StoredFile>): string {
  const file = makeStoredFile('six-1.0-py3-none-any.whl', { sha256: sha256Of('bytes'), ...change });
  const verdict = { kind: 'quarantine', reason: 'suspicious', detail: 'it changed' } as const;
  const thresholds = { refuse: 12, quarantine: 4 };
  const report = makeReport(file, { score: 6, findings: [] });
  return renderExplanation({ kind: 'explanation', id: 'abcdefgh', file, verdict, thresholds, report }, undefined);
}

describe('the explanation page', () => {
  test('a finding about the archive as a whole says so instead of a place', () => {
    const file = makeStoredFile('six-1.0-py3-none-any.whl');
    const chain = [{ role: 'context' as const, path: '', line: 0, text: 'is part of it' }];
    const report = makeReport(file, { findings: [makeFinding({ path: '', line: 0, chain })] });
    const verdict = { kind: 'quarantine', reason: 'suspicious', detail: 'tiny' } as const;

    const thresholds = { refuse: 10, quarantine: 5 };
    const explanation = { kind: 'explanation', id: 'abcdefgh', file, verdict, report, thresholds } as const;
    const text = renderExplanation(explanation, undefined);

    expect(text).toContain('<p class="where">the archive &middot;');
    expect(text).toContain('is part of it <span class="where">(the archive)</span>');
  });

  test('says what is new, against which release, and what a copy changed of its original', () => {
    const text = page({ comparison });

    expect(text).toContain('What is new since earlier releases');
    expect(text).toContain('Compared with six-0.9-py3-none-any.whl.');
    expect(text).toContain('&lt;b&gt;boot.pth&lt;/b&gt; is new');
    expect(text).toContain('12 of 13 members are the same as in seven-2.0-py3-none-any.whl of seven');
    expect(text).toContain('six/&lt;script&gt;.py');
  });

  test('says the score against the thresholds in force', () => {
    expect(page({})).toContain('<dt>Score</dt><dd>6, held from 4</dd>');
  });

  test('shows no comparison of other bytes', () => {
    const text = page({ comparison: { ...comparison, sha256: sha256Of('others') } });

    expect(text).not.toContain('What is new');
    expect(text).not.toContain('seven');
  });
});
