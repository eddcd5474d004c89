import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ScanReport } from '../../src/analysis/report/scan-report.ts';
import { type EvaluateOptions, type EvaluationFile, runEvaluation } from '../../src/evaluate/evaluate.ts';
import type { Scanner } from '../../src/ports/scanner.ts';
import { unscannableReport } from '../../src/scan/unscannable-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'cordon-evaluate-'));
const at = (name: string): string => join(folder, name);

/** Reports the score that stands in the filename, as malware: `evil-12.zip`. */
const scanner: Scanner = {
  ruleset: 'rules-1',
  scan: (request) => {
    const score = Number(/-(\d+)\./u.exec(request.filename)?.[1] ?? 0);
    const { summary } = unscannableReport(request, 'rules-1', { cause: 'format', message: '' });
    const { sha256, filename, sizeBytes } = request;
    const finding = {
      detector: 'remote-code',
      severity: 'critical',
      class: 'malware',
      score,
      context: 'install',
      path: 'setup.py',
      line: 3,
      message: 'runs what it downloads',
      snippet: '',
      chain: [],
    } as const;
    const findings = score === 0 ? [] : [finding];
    const report: ScanReport = {
      schema: 1,
      sha256,
      filename,
      sizeBytes,
      ruleset: 'rules-1',
      score,
      findings,
      summary,
      elapsedMs: 5,
    };
    return Promise.resolve({ report });
  },
  promote: () => undefined,
  stats: () => ({ queued: 0, running: 0 }),
  close: () => Promise.resolve(),
};

async function evaluate(options: Partial<EvaluateOptions>): Promise<{ readonly code: number; readonly text: string }> {
  const lines: string[] = [];
  const code = await runEvaluation(
    { thresholds: { refuse: 10, quarantine: 5 }, concurrency: 2, isScoresOnly: false, ...options },
    { scanner, print: (line) => lines.push(line), progress: () => undefined },
  );
  return { code, text: lines.join('\n') };
}

beforeAll(() => {
  for (const name of ['bad/f1', 'bad/f2', 'good']) mkdirSync(at(name), { recursive: true });
  for (const name of [
    'bad/f1/evil-12.zip',
    'bad/f1/weak-6.zip',
    'bad/f2/sly-0.tar.gz',
    'good/a-0.whl',
    'good/b-7.tar.gz',
  ]) {
    writeFileSync(at(name), name);
  }
  const rows = ['f1/evil-12.zip\tF1\t2023-01-01\tok\ttune', 'f1/weak-6.zip\tF1\t2024-01-01\tok\ttune'];
  const more = ['f2/sly-0.tar.gz\tF2\t2024-01-01\tok\ttune', 'gone/x.zip\tF3\t2024-01-01\tok\ttune'];
  writeFileSync(at('bad/index.tsv'), ['path\tfamily\tadded\tlabel\tpart', ...rows, ...more].join('\n'));
  writeFileSync(at('list.tsv'), 'filename\tkind\twhy\na-0.whl\twheel\tordinary\nb-7.tar.gz\tsdist\tpentest\n');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('runEvaluation', () => {
  test('prints recall by file and family, the missed family, and each false alarm with its cause', async () => {
    const { code, text } = await evaluate({ malicious: at('bad'), benign: at('good'), benignList: at('list.tsv') });

    expect(code).toBe(0);
    expect(text).toMatch(/files caught +66\.7 % \(.*2 of 3\)/u);
    expect(text).toMatch(/families caught +50\.0 % \(.*1 of 2\)/u);
    expect(text).toMatch(/files refused +33\.3 %/u);
    expect(text).toContain('- F2 (1 of 1), e.g. f2/sly-0.tar.gz');
    expect(text).toContain('! b-7.tar.gz [pentest] quarantine 7.0 remote-code (malware, install, 7) setup.py:3');
  });

  test('writes outcomes, and says what changed since they were written', async () => {
    const json = at('outcomes.json');
    await evaluate({ malicious: at('bad'), json });
    const written = JSON.parse(readFileSync(json, 'utf8')) as EvaluationFile;
    const before = written.outcomes.map((one) => (one.name === 'f1/weak-6.zip' ? { ...one, verdict: 'allow' } : one));
    writeFileSync(json, JSON.stringify({ ...written, outcomes: before }));

    const { text } = await evaluate({ malicious: at('bad'), diff: json });

    expect(written.ruleset).toBe('rules-1');
    expect(text).toContain('against the earlier run: 1 won, 0 lost, 0 moved');
    expect(text).toContain('won: f1/weak-6.zip (malicious) allow remote-code → quarantine remote-code');
  });

  test('of a hold-out it prints and writes figures alone, and still compares two runs', async () => {
    const [named, json] = [at('named.json'), at('scores.json')];
    const corpora = { malicious: at('bad'), benign: at('good'), benignList: at('list.tsv') };
    await evaluate({ ...corpora, json: named });
    const { text } = await evaluate({ ...corpora, json, diff: named, isScoresOnly: true });
    const again = await evaluate({ ...corpora, diff: json, isScoresOnly: true });

    expect(text).toMatch(/files caught +66\.7 %/u);
    expect(text).toMatch(/ {2}missed: 1 files\n {2}- (?:nothing found|remote-code \(\w+, \w+\)): files 1, families 1/u);
    for (const shown of [text, again.text]) expect(shown).toContain('against the earlier run: 0 won, 0 lost, 0 moved');
    expect(again.text).not.toContain('in one of the runs only');
    for (const shown of [text, again.text, readFileSync(json, 'utf8')]) {
      expect(shown).not.toMatch(/evil-12|weak-6|sly-0|b-7|F1|F2|setup\.py|what it downloads/u);
    }
  });

  test.each<readonly [string, Partial<EvaluateOptions>]>([
    ['nothing to evaluate', {}],
    ['a folder that is not there', { benign: at('missing') }],
    ['an earlier run that is none', { benign: at('good'), diff: at('list.tsv') }],
    ['a command that cannot be run', { benign: at('good'), guarddog: at('no-guarddog') }],
  ])('%s is a wrong call', async (_what, options) => {
    await expect(evaluate(options)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
