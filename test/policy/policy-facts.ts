import type { Policy, PolicyEntry } from '../../src/policy/entry.ts';
import type {
  ComparisonFacts,
  FeedRecord,
  FileFacts,
  JudgedFile,
  ReportFacts,
  StoredFile,
} from '../../src/policy/facts.ts';
import { toReportFacts } from '../../src/policy/report-verdict.ts';
import {
  makeEntry,
  makeFinding,
  makeProject,
  makeReport,
  makeStoredFile,
  SIX,
  sha256Of,
} from '../support/stored-facts.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** noon of a day, long after everything in these tests was uploaded */
export const NOW = Date.UTC(2026, 5, 15, 12);
export const INSTALLED = Date.UTC(2026, 0, 1);

export function makePolicy(change: Partial<Policy> = {}): Policy {
  return {
    revision: 1,
    mode: 'enforce',
    entries: [],
    cooldown: [{ project: '*', newProjectHours: 72, newReleaseHours: 0 }],
    thresholds: { refuse: 10, quarantine: 5 },
    installedAt: INSTALLED,
    ruleset: { inForce: 'rules-1', since: INSTALLED },
    rulesetGraceMs: 7 * DAY,
    ...change,
  };
}

export const FILENAME = 'six-1.0-py3-none-any.whl';
export const SHA256 = sha256Of(FILENAME);
/** everything about the file at hand that an entry can name */
export const ONE_FILE = { project: SIX, filename: FILENAME, sha256: SHA256 };

export const allow = (scope: PolicyEntry['scope'], change: Partial<PolicyEntry> = {}): PolicyEntry =>
  makeEntry({ id: 'allow', effect: 'allow', scope, reason: 'we need it', ...change });
export const deny = (scope: PolicyEntry['scope'], change: Partial<PolicyEntry> = {}): PolicyEntry =>
  makeEntry({ id: 'deny', effect: 'deny', scope, ...change });
export const waiver = (change: Partial<PolicyEntry> = {}): PolicyEntry => allow(ONE_FILE, { id: 'waiver', ...change });

export function makeFile(change: Parameters<typeof makeStoredFile>[1] = {}): StoredFile {
  return makeStoredFile(FILENAME, {
    uploadTime: '2026-03-01T00:00:00.000000Z',
    firstSeenAt: Date.UTC(2026, 2, 2),
    ...change,
  });
}

export function clean(file: StoredFile = makeFile(), ruleset = 'rules-1'): ReportFacts {
  return toReportFacts(makeReport(file, { ruleset }), NOW - DAY);
}

export function suspicious(file: StoredFile = makeFile(), ruleset = 'rules-1'): ReportFacts {
  return toReportFacts(makeReport(file, { ruleset, findings: [makeFinding({ score: 6 })] }), NOW - DAY);
}

export function malicious(file: StoredFile = makeFile(), ruleset = 'rules-1'): ReportFacts {
  const finding = makeFinding({
    class: 'malware',
    score: 12,
    severity: 'critical',
    message: 'sends the environment away',
  });
  return toReportFacts(makeReport(file, { ruleset, findings: [finding] }), NOW - DAY);
}

export function unscannable(file: StoredFile = makeFile()): ReportFacts {
  const report = makeReport(file, { unscannable: { cause: 'format', message: 'not a zip archive' } });
  return toReportFacts(report, NOW - DAY);
}

export function ambiguous(file: StoredFile = makeFile()): ReportFacts {
  const finding = makeFinding({ class: 'anomaly', severity: 'critical', score: 0, message: 'two zips in one file' });
  return toReportFacts(makeReport(file, { findings: [finding] }), NOW - DAY);
}

/** An old, scanned and clean file of an old project; `report: undefined` means not scanned. */
export function makeFacts(change: Partial<FileFacts> = {}): FileFacts {
  const file = change.file ?? makeFile();
  return {
    file,
    project: makeProject({ firstSeenAt: INSTALLED, firstUploadAt: Date.UTC(2015, 0, 1) }),
    report: clean(file),
    siblings: [],
    feedMatches: [],
    ...change,
  };
}

export function unscanned(change: Partial<FileFacts> = {}): FileFacts {
  const { file, project, siblings, feedMatches } = makeFacts(change);
  return { file, project, siblings, feedMatches };
}

export function maliciousSibling(): JudgedFile {
  const file = makeStoredFile('six-1.0.tar.gz');
  return { file, report: malicious(file) };
}

export const MAL: FeedRecord = { id: 'MAL-2026-1', project: SIX, summary: 'steals tokens', modifiedAt: NOW - DAY };

export function comparison(change: Partial<ComparisonFacts> = {}): ComparisonFacts {
  return {
    sha256: SHA256,
    ruleset: 'rules-1',
    comparedAt: NOW - DAY,
    baselines: [{ filename: 'six-0.9-py3-none-any.whl', sha256: sha256Of('0.9'), version: '0.9' }],
    changes: [{ kind: 'new-start-up-file', score: 6, message: 'a file that runs at every start', path: 'six.pth' }],
    ...change,
  };
}
