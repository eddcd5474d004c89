import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/analysis/report/finding.ts';
import type { ReleaseSummary, ScanReport } from '../../src/analysis/report/scan-report.ts';
import { combineScore } from '../../src/analysis/report/score.ts';
import { calmScore } from '../../src/policy/calming.ts';
import type { StoredFile } from '../../src/policy/facts.ts';
import type { ReleaseView } from '../../src/policy/summaries.ts';
import { makeFinding, makeReport, makeStoredFile, sha256Of } from '../support/stored-facts.ts';
import { DAY, NOW } from './policy-facts.ts';

const QUARANTINE = 5;
const members = { 'six/net.py': sha256Of('net.py'), 'six/util.py': sha256Of('util.py') };
const hosts = ['api.example.invalid'];
const finding = makeFinding({
  detector: 'exfiltration',
  score: 6,
  context: 'import',
  path: 'six/net.py',
  hosts,
  message: 'Sends names of this machine to api.example.invalid.',
  chain: [
    { role: 'context', path: 'six/net.py', line: 1, text: 'six/net.py runs when the module is imported' },
    { role: 'source', path: 'six/util.py', line: 1, text: 'reads' },
    { role: 'sink', path: 'six/net.py#decoded-1', line: 2, text: 'requests.post', snippet: 'post(URL, data)' },
  ],
});

function view(
  version: string,
  daysAgo: number,
  findings: readonly Finding[],
  summary: Partial<ReleaseSummary> = {},
  stored: Partial<StoredFile> = { acceptedAt: NOW },
): ReleaseView {
  const at = NOW - daysAgo * DAY;
  const uploadTime = new Date(at).toISOString();
  const base = makeStoredFile(`six-${version}-py3-none-any.whl`, { version, firstSeenAt: at, uploadTime });
  const file = { ...base, ...stored };
  const report = makeReport(file, { findings, score: combineScore(findings) });
  return { file, report: { ...report, summary: { ...report.summary, members, hosts, ...summary } } };
}

const candidate = (change: Partial<Finding> = {}, summary: Partial<ReleaseSummary> = {}): ScanReport =>
  view('1.0', 0, [{ ...finding, ...change }], summary).report;
const past = [view('0.9', 10, [finding]), view('0.8', 60, [finding])];
const [recent, old] = past as [ReleaseView, ReleaseView];

describe('old news', () => {
  test('is a finding that was there for a month, in the same code and towards the same hosts', () => {
    expect(calmScore(candidate(), past, QUARANTINE)).toBe(0);
  });

  test('in an sdist, too, whose paths and messages name the top folder of their version', () => {
    const inSdist = (version: string): Finding => ({
      ...finding,
      path: `six-${version}/six/net.py`,
      message: `six-${version}/six/net.py sends names of this machine.`,
      chain: [],
    });
    const earlier = [view('0.9', 10, [inSdist('0.9')]), view('0.8', 60, [inSdist('0.8')])];

    expect(calmScore(view('1.0', 0, [inSdist('1.0')]).report, earlier, QUARANTINE)).toBe(0);
  });

  test('leaves new findings in the score', () => {
    const fresh = makeFinding({ score: 4, path: 'six/fresh.py' });
    const { report } = view('1.0', 0, [finding, fresh], { members: { ...members, 'six/fresh.py': 'f' } });

    expect(calmScore(report, past, QUARANTINE)).toBe(4);
  });

  test.each<[string, ScanReport, readonly ReleaseView[]]>([
    ['one release alone', candidate(), [old]],
    ['releases of one month', candidate(), [recent, view('0.8', 39, [finding])]],
    ['no releases', candidate(), []],
    ['releases that were not accepted on their own merits', candidate(), [recent, view('0.8', 60, [finding], {}, {})]],
    ['code that runs at start-up', candidate({ context: 'start-up' }), past],
    ['code that runs at install', candidate({ context: 'install' }), past],
    ['malware', candidate({ class: 'malware' }), past],
    ['the container', candidate({ class: 'anomaly' }), past],
    ['a member that nobody knows', candidate({ path: 'six/else.py' }), past],
    ['a finding without a place', candidate({ path: '', chain: [] }), past],
  ])('is not what rests on %s', (_case, report, accepted) => {
    expect(calmScore(report, accepted, QUARANTINE)).toBeUndefined();
  });

  test('calms nothing beside malware, and nothing of what could not be read', () => {
    const malware = makeFinding({ class: 'malware', path: 'six/else.py' });

    expect(calmScore(view('1.0', 0, [finding, malware]).report, past, QUARANTINE)).toBeUndefined();
    const unread: ScanReport = { ...candidate(), unscannable: { cause: 'budget', message: 'x' } };
    expect(calmScore(unread, past, QUARANTINE)).toBeUndefined();
  });
});

describe('a patient attacker', () => {
  test('who changes one module of the chain gains nothing', () => {
    const report = candidate({}, { members: { ...members, 'six/util.py': 'new' } });

    expect(calmScore(report, past, QUARANTINE)).toBeUndefined();
  });

  test('who keeps the code and changes the host in another module gains nothing', () => {
    const report = candidate({ hosts: ['collect.example.invalid'] });

    expect(calmScore(report, past, QUARANTINE)).toBeUndefined();
  });

  test('who named the host in a comment of earlier releases gains nothing', () => {
    const seeded = { hosts: [...hosts, 'collect.example.invalid'] };
    const earlier = [view('0.9', 10, [finding], seeded), view('0.8', 60, [finding], seeded)];
    const report = candidate({ hosts: ['collect.example.invalid'] }, seeded);

    expect(calmScore(report, earlier, QUARANTINE)).toBeUndefined();
  });

  test('who leaves the destination open gains nothing', () => {
    const open: Finding = {
      ...finding,
      hosts: [],
      message: 'Starts ‹config.COMMAND› at import.',
      chain: [{ role: 'sink', path: 'six/net.py', line: 2, text: 'subprocess.run' }],
    };
    const earlier = [view('0.9', 10, [open]), view('0.8', 60, [open])];

    expect(calmScore(view('1.0', 0, [open]).report, earlier, QUARANTINE)).toBeUndefined();
  });

  test('who moves old code from a function to the import gains nothing', () => {
    const onCall = { ...finding, context: 'call' as const };
    const earlier = [view('0.9', 10, [onCall]), view('0.8', 60, [onCall])];

    expect(calmScore(candidate(), earlier, QUARANTINE)).toBeUndefined();
  });

  test('who decodes something else with the same code gains nothing', () => {
    const decoding = (decoded: string): Finding => ({ ...finding, decoded });
    const earlier = [view('0.9', 10, [decoding('a')]), view('0.8', 60, [decoding('a')])];

    expect(calmScore(view('1.0', 0, [decoding('b')]).report, earlier, QUARANTINE)).toBeUndefined();
  });

  test('who brings a chain in by halves gains nothing: neither half was of quarantine grade', () => {
    const half = { ...finding, score: 4 };
    const earlier = [view('0.9', 10, [half]), view('0.8', 60, [half])];
    const second = makeFinding({ detector: 'dropper', score: 4, path: 'six/net.py', context: 'import' });
    const { report } = view('1.0', 0, [half, second]);

    expect(report.score).toBeGreaterThanOrEqual(QUARANTINE);
    expect(calmScore(report, earlier, QUARANTINE)).toBeUndefined();
  });

  test('who publishes just after an update of the rules gains nothing by reports of the old ones', () => {
    const byOldRules = past.map(({ file, report }) => ({
      file,
      report: { ...report, ruleset: 'rules-0', findings: [] },
    }));

    expect(calmScore(candidate(), byOldRules, QUARANTINE)).toBeUndefined();
  });

  test("whose earlier release is called malware by today's rules gains nothing", () => {
    const malware = makeFinding({ class: 'malware', path: 'six/else.py' });

    expect(calmScore(candidate(), [recent, view('0.8', 60, [finding, malware])], QUARANTINE)).toBeUndefined();
  });
});
