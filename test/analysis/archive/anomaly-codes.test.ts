import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { AnomalyLog } from '../../../src/analysis/archive/anomalies.ts';
import { ANOMALIES, type AnomalyCode, type AnomalyKind } from '../../../src/analysis/archive/anomaly-codes.ts';
import { anomalyFindings, findUnscannable } from '../../../src/analysis/archive/anomaly-findings.ts';
import { isAmbiguity } from '../../../src/policy/report-verdict.ts';

const codes = Object.keys(ANOMALIES) as AnomalyCode[];
const docs = readFileSync(fileURLToPath(new URL('../../../docs/archives.md', import.meta.url)), 'utf8');

describe('the table of anomalies', () => {
  test.each(codes)('docs/archives.md says what %s is and what follows from it', (code) => {
    const { text, effect, score }: AnomalyKind = ANOMALIES[code];
    const consequence = effect === 'suspicious' ? `suspicious, ${String(score ?? 3)}` : effect;

    expect(docs).toContain(`| \`${code}\` | ${text} | ${consequence} |`);
  });

  test('policy refuses exactly the ambiguous ones by themselves', () => {
    const refused = codes.filter((code) => {
      const { text, effect } = ANOMALIES[code];
      return anomalyFindings([{ code, path: '', message: text, effect }]).some(isAmbiguity);
    });

    expect(refused).toEqual(codes.filter((code) => ANOMALIES[code].effect === 'ambiguous'));
  });

  test('no suspicious one but changed code reaches quarantine by itself', () => {
    const strong = codes.filter((code) => {
      const { effect, score }: AnomalyKind = ANOMALIES[code];
      return effect === 'suspicious' && (score ?? 0) >= 5;
    });

    expect(strong).toEqual(['record-differs-code']);
  });
});

describe('AnomalyLog', () => {
  test('a flood of notes does not push out the anomaly that decides', () => {
    const log = new AnomalyLog();
    for (const code of codes.filter((one) => ANOMALIES[one].effect !== 'ambiguous')) {
      for (let count = 0; count < 100; count += 1) {
        log.add(code, `member-${String(count)}`);
      }
    }

    log.add('zip-gap', 'evil.py');

    expect(log.list().map(({ code }) => code)).toContain('zip-gap');
    expect(log.list().length).toBeLessThan(500);
  });

  test('the first part that could not be read is the reason why the file is unscannable', () => {
    const log = new AnomalyLog();
    log.add('zip-comment', '');
    log.add('zip-encrypted', 'a.py');

    expect(findUnscannable(log.list())).toEqual({
      cause: 'encrypted',
      message: 'a.py: it is encrypted or patched data',
    });
  });
});
