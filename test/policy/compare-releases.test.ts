import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/analysis/report/finding.ts';
import type { ReleaseSummary } from '../../src/analysis/report/scan-report.ts';
import { calmScore } from '../../src/policy/calming.ts';
import { compareReleases, type ReleaseHistory, type ReleaseView } from '../../src/policy/compare-releases.ts';
import type { StoredFile } from '../../src/policy/facts.ts';
import { makeFinding, makeReport, makeStoredFile, sha256Of } from '../support/stored-facts.ts';
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

const kinds = (candidate: ReleaseView, history: Partial<ReleaseHistory> = {}): readonly string[] =>
  compareReleases(candidate, { attested: [], ...history }).map(({ kind }) => kind);
const scoreOf = (candidate: ReleaseView, baseline: ReleaseView): number =>
  compareReleases(candidate, { baseline, attested: [] }).reduce((sum, { score }) => sum + score, 0);

describe('what is new in a release', () => {
  const baseline = view({
    version: '0.9',
    at: NOW - 30 * DAY,
    summary: {
      members: { 'six/__init__.py': 'a', 'six-nspkg.pth': 'p' },
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

    const [change] = compareReleases(candidate, { baseline, attested: [] });

    expect(change).toMatchObject({ kind: 'new-start-up-file', path: 'six_init.pth' });
    expect(change?.score).toBeGreaterThanOrEqual(5);
  });

  test('a start-up file that carries the version in its name, or only moved, is not new', () => {
    expect(kinds(next({ startUpFiles: ['six-1.0.post1-nspkg.pth'] }), { baseline })).toEqual([]);
    const moved = next({ startUpFiles: ['other.pth'], members: { ...summary.members, 'other.pth': 'p' } });
    const known = view({ ...{ summary: { ...summary, startUpFiles: ['six-nspkg.pth'] } }, version: '0.9' });
    expect(kinds(moved, { baseline: known })).toEqual([]);
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

  test('lost provenance counts after two attested releases', () => {
    const attested = view({ provenance: 'https://pypi.example.invalid/p' });

    expect(kinds(next({}), { attested: [true, true, false] })).toEqual(['lost-provenance']);
    expect(kinds(next({}), { attested: [true, false, true] })).toEqual([]);
    expect(kinds(next({}), { attested: [false, true, true, true] })).toEqual([]);
    expect(kinds(attested, { attested: [true, true, true] })).toEqual([]);
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
    const sdist = (members: Readonly<Record<string, string>>): ReleaseView =>
      next({ ...reach, members }, 'six-1.0.tar.gz');

    const withTools = sdist({
      'src/six/__init__.py': 'a',
      'other/exploit.py': 'x',
      'setup.py': 's',
      'src/six/_version.py': 'w',
    });
    const poisoned = sdist({ 'src/six/__init__.py': 'b', 'setup.py': 's' });

    expect(kinds(withTools, { counterpart: wheel })).toEqual([]);
    expect(kinds(poisoned, { counterpart: wheel })).toEqual(['wheel-differs-from-sdist']);
  });

  test('a wheel that reaches hosts which its sdist does not name', () => {
    const sdist = view({ filename: 'six-1.0.tar.gz', summary });
    const candidate = next({ sinks: ['import:network'], hosts: ['collect.example.invalid'] });

    expect(kinds(candidate, { counterpart: sdist })).toEqual(['wheel-differs-from-sdist']);
    expect(kinds(next({ sinks: ['import:network'] }), { counterpart: sdist })).toEqual([]);
    expect(kinds(next({ sinks: ['install:network'], hosts: ['c.invalid'] }), { counterpart: sdist })).toEqual([]);
  });

  test('tells at most twenty changes, with short names', () => {
    const startUpFiles = Array.from({ length: 500 }, (_, index) => `${'x'.repeat(500)}${index}y.pth`);

    const [change] = compareReleases(next({ startUpFiles }), { baseline, attested: [] });

    expect(change?.message.length).toBeLessThan(500);
    expect(change?.message).toContain('and 497 more');
  });
});

describe('old news', () => {
  const members = { 'six/net.py': sha256Of('net.py'), 'six/util.py': sha256Of('util.py') };
  const hosts = ['api.example.invalid'];
  const finding = makeFinding({
    score: 6,
    context: 'call',
    path: 'six/net.py',
    hosts,
    chain: [
      { role: 'source', path: 'six/util.py', line: 1, text: 'reads' },
      { role: 'sink', path: 'six/net.py#decoded-1', line: 2, text: 'sends' },
    ],
  });
  const earlier = (version: string, daysAgo: number, change: ViewChange = {}): ReleaseView =>
    view({ version, at: NOW - daysAgo * DAY, summary: { members, hosts }, stored: { acceptedAt: NOW }, ...change });
  const candidate = (change: Partial<Finding> = {}, summary: Partial<ReleaseSummary> = {}): ReleaseView['report'] =>
    view({ findings: [{ ...finding, ...change }], summary: { members, hosts, ...summary } }).report;
  const past = [earlier('0.9', 10), earlier('0.8', 60)];

  test('is a chain whose code and hosts were there for a month', () => {
    expect(calmScore(candidate(), past)).toBe(0);
  });

  test('in an sdist, too, whose findings name the top folder', () => {
    const sdist = candidate({ path: 'six-1.0/six/net.py', chain: [] });

    expect(calmScore(sdist, past)).toBe(0);
  });

  test.each<[string, ReleaseView['report'], readonly ReleaseView[]]>([
    ['one release alone', candidate(), past.slice(0, 1)],
    ['releases of one month', candidate(), [earlier('0.9', 10), earlier('0.8', 39)]],
    ['no releases', candidate(), []],
    [
      'releases that were not accepted on their own merits',
      candidate(),
      [past[0]!, earlier('0.8', 60, { stored: {} })],
    ],
    ['other code', candidate({}, { members: { ...members, 'six/util.py': 'new' } }), past],
    ['another host', candidate({ hosts: [...hosts, 'new.example.invalid'] }), past],
    ['code that runs at start-up', candidate({ context: 'start-up' }), past],
    ['code that runs at install', candidate({ context: 'install' }), past],
    ['malware', candidate({ class: 'malware' }), past],
    ['the container', candidate({ class: 'anomaly' }), past],
    ['a member that nobody knows', candidate({ path: 'six/else.py' }), past],
    ['a finding without a place', candidate({ path: '', chain: [] }), past],
  ])('is not what rests on %s', (_case, report, accepted) => {
    expect(calmScore(report, accepted)).toBeUndefined();
  });

  test('calms nothing beside malware, and nothing of what could not be read', () => {
    const { findings } = candidate();
    const mixed = view({
      findings: [...findings, makeFinding({ class: 'malware', path: 'six/else.py' })],
      summary: { members, hosts },
    });

    expect(calmScore(mixed.report, past)).toBeUndefined();
    expect(calmScore({ ...candidate(), unscannable: { cause: 'budget', message: 'x' } }, past)).toBeUndefined();
  });

  test('leaves the new findings in the score', () => {
    const { findings } = candidate();
    const fresh = makeFinding({ score: 4, path: 'six/fresh.py' });
    const report = view({
      findings: [...findings, fresh],
      summary: { members: { ...members, 'six/fresh.py': 'f' }, hosts },
    }).report;

    expect(calmScore(report, past)).toBe(4);
  });
});
