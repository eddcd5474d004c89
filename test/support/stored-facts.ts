import { createHash } from 'node:crypto';
import type { Finding } from '../../src/analysis/report/finding.ts';
import type { ScanReport } from '../../src/analysis/report/scan-report.ts';
import type { PolicyEntry } from '../../src/policy/entry.ts';
import type { AccessRecord, StoredFile, StoredPage, StoredProject } from '../../src/ports/decision-store.ts';
import type { ProjectName, Sha256, UpstreamId } from '../../src/pypi/model.ts';

export const PYPI = 'pypi' as UpstreamId;
export const SIX = 'six' as ProjectName;

/** A digest made from a word, so that tests can name it. */
export function sha256Of(word: string): Sha256 {
  return createHash('sha256').update(word).digest('hex') as Sha256;
}

/** A file as the index would hand it to the store; everything can be overridden. */
export function makeStoredFile(
  filename: string,
  change: Partial<StoredFile> & { readonly uploadTime?: string } = {},
): StoredFile {
  const { uploadTime, ...overrides } = change;
  const upstream = overrides.upstream ?? PYPI;
  const url = `https://files.example.invalid/${upstream}/${filename}`;
  const sha256 = overrides.sha256 ?? sha256Of(filename);
  return {
    key: createHash('sha256').update(`${upstream}\n${url}`).digest('hex'),
    upstream,
    project: SIX,
    ...versionOf(filename),
    file: {
      filename,
      url,
      hashes: { sha256 },
      yanked: false,
      extra: {},
      ...(uploadTime === undefined ? {} : { uploadTime }),
    },
    path: `packages/${upstream}/${filename}`,
    sha256,
    firstSeenAt: 0,
    ...overrides,
  };
}

function versionOf(filename: string): { version?: string } {
  const version = /^[^-]+-(?<version>[^-]+?)(?:-|\.tar\.gz$|\.zip$)/u.exec(filename)?.groups?.['version'];
  return version === undefined ? {} : { version };
}

export function makeStoredPage(
  files: readonly StoredFile[],
  confirmedAt: number,
  change: Partial<StoredPage> = {},
): StoredPage {
  const upstream = change.upstream ?? files[0]?.upstream ?? PYPI;
  const project = change.project ?? files[0]?.project ?? SIX;
  return {
    upstream,
    project,
    page: {
      name: project,
      apiVersion: '1.1',
      files: files.map(({ file }) => file),
      extra: {},
      metaExtra: {},
    },
    confirmedAt,
    revision: sha256Of(files.map(({ file }) => JSON.stringify(file)).join('\n')),
    ...change,
  };
}

export function makeProject(change: Partial<StoredProject> = {}): StoredProject {
  return { upstream: PYPI, project: SIX, firstSeenAt: 1_000, ...change };
}

export function makeFinding(change: Partial<Finding> = {}): Finding {
  return {
    detector: 'start-up-code',
    severity: 'high',
    class: 'suspicious',
    score: 6,
    context: 'import',
    path: 'six/__init__.py',
    line: 3,
    message: 'runs a decoded string when the module is imported',
    snippet: 'exec(decoded)',
    chain: [],
    ...change,
  };
}

export function makeReport(file: StoredFile, change: Partial<ScanReport> = {}): ScanReport {
  const findings = change.findings ?? [];
  return {
    schema: 1,
    sha256: file.sha256 ?? '',
    filename: file.file.filename,
    sizeBytes: 1_000,
    ruleset: 'rules-1',
    score: findings.reduce((sum, { score }) => sum + score, 0),
    findings,
    summary: {
      members: {},
      startUpFiles: [],
      nativeBinaries: [],
      hosts: [],
      sinks: [],
      longestLiteral: 0,
      pythonBytes: 0,
      unpackedBytes: 0,
      memberCount: 0,
    },
    elapsedMs: 5,
    ...change,
  };
}

export function makeEntry(change: Partial<PolicyEntry> = {}): PolicyEntry {
  return {
    id: 'entry-1',
    home: 'runtime',
    effect: 'deny',
    final: false,
    scope: { project: SIX },
    reason: 'not wanted here',
    author: 'ada',
    createdAt: 0,
    ...change,
  };
}

export function makeAccess(change: Partial<AccessRecord> = {}): AccessRecord {
  return {
    at: 1_000,
    outcome: 'served',
    project: SIX,
    filename: 'six-1.0.tar.gz',
    sha256: sha256Of('six-1.0.tar.gz'),
    client: '10.0.0.7',
    userAgent: 'pip/26.3',
    verdict: 'allow',
    reason: 'clean',
    ...change,
  };
}
