import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/analysis/report/finding.ts';
import type { ReleaseSummary } from '../../src/analysis/report/scan-report.ts';
import { attestationOf } from '../../src/policy/attestations.ts';
import { compareReleases, type ReleaseHistory } from '../../src/policy/compare-releases.ts';
import type { ReleaseChange, StoredFile } from '../../src/policy/facts.ts';
import { type ReleaseView, timeOf } from '../../src/policy/summaries.ts';
import { makeFinding, makeReport, makeStoredFile } from '../support/stored-facts.ts';
import { DAY, NOW } from './policy-facts.ts';

interface ViewChange {
  readonly version?: string;
  readonly filename?: string;
  readonly at?: number;
  readonly provenance?: string;
  readonly summary?: Partial<ReleaseSummary>;
  readonly findings?: readonly Finding[];
  readonly ruleset?: string;
  readonly stored?: Partial<StoredFile>;
}

function view(change: ViewChange = {}): ReleaseView {
  const version = change.version ?? '1.0';
  const base = makeStoredFile(change.filename ?? `six-${version}-py3-none-any.whl`, {
    version,
    firstSeenAt: change.at ?? NOW,
    uploadTime: new Date(change.at ?? NOW).toISOString(),
  });
  const file = {
    ...base,
    file: { ...base.file, ...(change.provenance === undefined ? {} : { provenance: change.provenance }) },
    ...change.stored,
  };
  const report = makeReport(file, { findings: change.findings ?? [], ruleset: change.ruleset ?? 'rules-1' });
  return { file, report: { ...report, summary: { ...report.summary, ...change.summary } } };
}

const compare = (candidate: ReleaseView, history: Partial<ReleaseHistory> = {}): readonly ReleaseChange[] =>
  compareReleases(candidate, {
    attested: { own: attestationOf(candidate.file, timeOf(candidate.file)), earlier: [] },
    ...history,
  });
const kinds = (candidate: ReleaseView, history: Partial<ReleaseHistory> = {}): readonly string[] =>
  compare(candidate, history).map(({ kind }) => kind);
const sum = (candidate: ReleaseView, history: Partial<ReleaseHistory>): number =>
  compare(candidate, history).reduce((total, { score }) => total + score, 0);
const scoreOf = (candidate: ReleaseView, baseline: ReleaseView): number => sum(candidate, { baseline });

describe('what is new in a release', () => {
  const baseline = view({
    version: '0.9',
    at: NOW - 30 * DAY,
    summary: {
      members: {
        'six/__init__.py': 'a',
        'six-0.9-nspkg.pth': 'p',
        'six-1.0-nspkg.pth': 'p',
        'six-1.0.post1-nspkg.pth': 'p',
      },
      startUpFiles: ['six-0.9-nspkg.pth'],
      hosts: ['pypi.example.invalid'],
      sinks: ['call:network', 'import:write'],
      longestLiteral: 300,
      pythonBytes: 500_000,
      unpackedBytes: 600_000,
    },
  });
  const { summary } = baseline.report;
  const next = (change: Partial<ReleaseSummary>, filename?: string): ReleaseView =>
    view({ summary: { ...summary, ...change }, ...(filename === undefined ? {} : { filename }) });

  test('nothing, where nothing is', () => {
    expect(kinds(next({}), { baseline })).toEqual([]);
    expect(kinds(next({}))).toEqual([]);
  });

  test('a file that runs at every start is enough for a quarantine', () => {
    const candidate = next({ startUpFiles: ['six-1.0-nspkg.pth', 'six_init.pth'] });

    const [change] = compare(candidate, { baseline });

    expect(change).toMatchObject({ kind: 'new-start-up-file', path: 'six_init.pth' });
    expect(change?.score).toBeGreaterThanOrEqual(5);
  });

  test('a start-up file that carries the version in its name, or only moved, is not new', () => {
    expect(kinds(next({ startUpFiles: ['six-1.0.post1-nspkg.pth'] }), { baseline })).toEqual([]);
    const moved = next({ startUpFiles: ['other.pth'], members: { ...summary.members, 'other.pth': 'p' } });
    expect(kinds(moved, { baseline })).toEqual([]);
  });

  test('a start-up file with other lines under the old name counts, but less', () => {
    const startUpFiles = ['six-1.0-nspkg.pth'];
    const candidate = next({ startUpFiles, members: { ...summary.members, 'six-1.0-nspkg.pth': 'other' } });

    const [change] = compare(candidate, { baseline });

    expect(change).toMatchObject({ kind: 'new-start-up-file', path: 'six-1.0-nspkg.pth' });
    expect(change?.score).toBeLessThan(5);
  });

  test('a new sink counts by when it runs, and not when it waits to be called', () => {
    const score = (sink: string): number => scoreOf(next({ sinks: [...summary.sinks, sink] }), baseline);

    expect(score('start-up:process')).toBeGreaterThan(score('import:process'));
    expect(score('import:process')).toBeGreaterThan(0);
    expect(score('call:process')).toBe(0);
    expect(score('import:copy')).toBe(0);
  });

  test('a new host counts only with a new way to reach it', () => {
    const hosts = [...summary.hosts, 'collect.example.invalid'];

    expect(kinds(next({ hosts }), { baseline })).toEqual([]);
    expect(kinds(next({ hosts, sinks: ['install:network'] }), { baseline })).toEqual(['new-sink', 'new-host']);
    expect(scoreOf(next({ hosts, sinks: ['install:network'] }), baseline)).toBeGreaterThanOrEqual(5);
    expect(scoreOf(next({ hosts, sinks: ['import:network'] }), baseline)).toBeLessThan(5);
  });

  test('sinks that another engine saw are no news', () => {
    const older = view({ version: '0.9', ruleset: 'older', summary });

    expect(kinds(next({ sinks: ['install:network'], hosts: ['x.invalid'] }), { baseline: older })).toEqual([]);
  });

  test('native code counts, more so in a wheel that says it has none', () => {
    const nativeBinaries = ['six/_speed.so'];

    expect(scoreOf(next({ nativeBinaries }, 'six-1.0-cp312-cp312-manylinux_2_17_x86_64.whl'), baseline)).toBeLessThan(
      5,
    );
    expect(scoreOf(next({ nativeBinaries }), baseline)).toBeGreaterThanOrEqual(5);
    const native = view({ version: '0.9', summary: { ...summary, nativeBinaries } });
    expect(kinds(next({ nativeBinaries: ['six/_other.so'] }), { baseline: native })).toEqual([]);
  });

  test('a literal or a size out of all proportion counts a little', () => {
    expect(kinds(next({ longestLiteral: 34_000 }), { baseline })).toEqual(['new-oversized-literal']);
    expect(kinds(next({ longestLiteral: 19_000 }), { baseline })).toEqual([]);
    expect(kinds(next({ unpackedBytes: 12_000_000 }), { baseline })).toEqual(['size-jump']);
    expect(kinds(next({ unpackedBytes: 1_500_000 }), { baseline })).toEqual([]);
  });

  test('waking up after years counts only beside something else', () => {
    const old = view({ version: '0.9', at: NOW - 3_000 * DAY, summary });

    expect(kinds(next({}), { baseline: old })).toEqual([]);
    expect(kinds(next({ longestLiteral: 34_000 }), { baseline: old })).toEqual([
      'new-oversized-literal',
      'dormant-project',
    ]);
  });

  test('an sdist that changes a module of its wheel, not one that merely holds more beside it', () => {
    const wheel = view({ summary: { ...summary, members: { 'six/__init__.py': 'a', 'six/_version.py': 'v' } } });
    const reach = { sinks: ['import:network'], hosts: ['c.invalid'] };
    const sdist = (members: Readonly<Record<string, string>>, path: string, context: Finding['context']): ReleaseView =>
      view({
        filename: 'six-1.0.tar.gz',
        summary: { ...summary, ...reach, members },
        findings: [makeFinding({ path: `six-1.0/${path}`, context, score: 1 })],
      });
    const tools = { 'src/six/__init__.py': 'a', 'other/exploit.py': 'x', 'setup.py': 's', 'src/six/_version.py': 'w' };
    const changed = { 'src/six/__init__.py': 'b', 'scripts/get.py': 'g', 'setup.py': 's' };

    const withTools = sdist(tools, 'other/exploit.py', 'import');
    // a line of a module differs, and a tool beside it acts
    const otherwise = sdist(changed, 'scripts/get.py', 'entry-point');
    const poisoned = sdist(changed, 'src/six/__init__.py', 'import');

    expect(kinds(withTools, { counterpart: wheel })).toEqual([]);
    expect(kinds(otherwise, { counterpart: wheel })).toEqual([]);
    expect(kinds(poisoned, { counterpart: wheel })).toEqual(['wheel-differs-from-sdist']);
  });

  test('a wheel that reaches hosts which its sdist does not name', () => {
    const sdist = view({ filename: 'six-1.0.tar.gz', summary });
    const candidate = next({ sinks: ['import:network'], hosts: ['collect.example.invalid'] });

    expect(kinds(candidate, { counterpart: sdist })).toEqual(['wheel-differs-from-sdist']);
    expect(kinds(next({ sinks: ['import:network'] }), { counterpart: sdist })).toEqual([]);
    expect(kinds(next({ sinks: ['install:network'], hosts: ['c.invalid'] }), { counterpart: sdist })).toEqual([]);
  });

  test('a wheel that starts what its sdist does not hold, or hides machine code', () => {
    const sdist = view({ filename: 'six-1.0.tar.gz', summary });
    const members = { ...summary.members, 'boot.pth': 'b', 'six/_fast.so': 'n' };

    const started = compare(next({ startUpFiles: ['boot.pth'], members }), { counterpart: sdist });
    expect(started).toMatchObject([{ kind: 'wheel-differs-from-sdist', path: 'boot.pth' }]);
    expect(sum(next({ nativeBinaries: ['six/_fast.so'], members }), { counterpart: sdist })).toBeGreaterThan(0);
    const built = next({ nativeBinaries: ['six/_fast.so'], members }, 'six-1.0-cp312-cp312-linux_x86_64.whl');
    expect(kinds(built, { counterpart: sdist })).toEqual([]);
    expect(kinds(next({ longestLiteral: 34_000 }), { counterpart: sdist })).toEqual(['wheel-differs-from-sdist']);
    expect(kinds(next({ pythonBytes: 4_000_000 }), { counterpart: sdist })).toEqual(['wheel-differs-from-sdist']);
    const carried = view({ filename: 'six-1.0.tar.gz', summary: { ...summary, members } });
    expect(kinds(next({ startUpFiles: ['boot.pth'], members }), { counterpart: carried })).toEqual([]);
  });

  test('what is brought in piece by piece adds up against the release of a month ago', () => {
    const anchor = view({ version: '0.8', at: NOW - 60 * DAY, summary });
    const step = { sinks: [...summary.sinks, 'import:network'], hosts: [...summary.hosts, 'collect.example.invalid'] };
    const last = view({ version: '0.9', at: NOW - DAY, summary: { ...summary, ...step } });
    const candidate = next({ ...step, longestLiteral: 34_000 });

    expect(sum(candidate, { baseline: last })).toBeLessThan(5);
    expect(sum(candidate, { baseline: last, anchor })).toBeGreaterThanOrEqual(5);
    expect(kinds(next(step), { baseline: last, anchor: last })).toEqual([]);
  });

  test('tells at most twenty changes, with short names', () => {
    const startUpFiles = Array.from({ length: 500 }, (_, index) => `${'x'.repeat(500)}${index}y.pth`);

    const [change] = compare(next({ startUpFiles }), { baseline });

    expect(change?.message.length).toBeLessThan(500);
    expect(change?.message).toContain('and 497 more');
  });
});
