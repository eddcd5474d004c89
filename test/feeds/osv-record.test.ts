import { describe, expect, test } from 'vitest';
import { isMalwareRecordName, parseOsvRecord } from '../../src/feeds/osv-record.ts';

const record = (affected: object, change: object = {}): unknown => ({
  id: 'MAL-2026-1',
  modified: '2026-01-02T03:04:05Z',
  summary: 'Malicious code in six (PyPI)',
  affected: [{ package: { ecosystem: 'PyPI', name: 'Six_Tools' }, ...affected }],
  ...change,
});
const ecosystem = (...events: object[]): object => ({ ranges: [{ type: 'ECOSYSTEM', events }] });

describe('a record of a malicious package', () => {
  test('names project, versions and summary', () => {
    expect(parseOsvRecord(record({ versions: ['1.0', 'v1.1', '1.1'] }))).toEqual([
      {
        id: 'MAL-2026-1',
        project: 'six-tools',
        versions: ['1.0', '1.1'],
        summary: 'Malicious code in six (PyPI)',
        modifiedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
      },
    ]);
  });

  test.each<[string, object, object]>([
    ['from 0 on: the whole project', ecosystem({ introduced: '0' }), {}],
    ['nothing: the whole project', {}, {}],
    [
      'other kinds of ranges alone: the whole project',
      { ranges: [{ type: 'GIT', events: [{ introduced: 'abc' }] }] },
      {},
    ],
    [
      'listed versions go before ranges',
      { versions: ['1.0'], ...ecosystem({ introduced: '0' }) },
      { versions: ['1.0'] },
    ],
    [
      'a range with its end',
      ecosystem({ introduced: '0' }, { fixed: '1.2' }),
      { ranges: [{ introduced: '0', fixed: '1.2' }] },
    ],
    [
      'several spans',
      ecosystem({ introduced: '1' }, { last_affected: '1.2' }, { introduced: '2' }),
      { ranges: [{ introduced: '1', lastAffected: '1.2' }, { introduced: '2' }] },
    ],
  ])('says which releases: %s', (_case, affected, expected) => {
    const [read] = parseOsvRecord(record(affected)) ?? [];

    expect({ versions: read?.versions, ranges: read?.ranges }).toEqual({
      versions: undefined,
      ranges: undefined,
      ...expected,
    });
  });

  test('that was withdrawn names nothing', () => {
    expect(parseOsvRecord(record({ versions: ['1.0'] }, { withdrawn: '2026-02-01T00:00:00Z' }))).toEqual([]);
  });

  test('of another kind or ecosystem names nothing', () => {
    expect(parseOsvRecord(record({ versions: ['1.0'] }, { id: 'PYSEC-2026-1' }))).toEqual([]);
    expect(parseOsvRecord(record({ package: { ecosystem: 'npm', name: 'six' } }))).toEqual([]);
    expect(parseOsvRecord(record({ package: { ecosystem: 'PyPI', name: '../six' } }))).toEqual([]);
  });

  test.each([[null], [[]], ['x'], [{ id: 5 }], [{ id: 'MAL-1', modified: 'x', affected: 'six' }]])(
    'that cannot be read says so: %j',
    (json) => {
      expect(parseOsvRecord(json)).toBeUndefined();
    },
  );

  test('takes its summary from the first line of its details, and clips it', () => {
    const [read] = parseOsvRecord(record({}, { summary: undefined, details: `${'long '.repeat(100)}\nsecond` })) ?? [];

    expect(read?.summary).toMatch(/^long long.*…$/u);
    expect(read?.summary.length).toBeLessThanOrEqual(200);
  });
});

test.each([
  ['MAL-2026-1.json', true],
  ['MAL-0000-source-abc123.json', true],
  ['folder/MAL-2026-1.json', true],
  ['PYSEC-2026-1.json', false],
  ['MAL-2026-1.txt', false],
])('%s is a record of malware: %s', (name, expected) => {
  expect(isMalwareRecordName(name)).toBe(expected);
});
