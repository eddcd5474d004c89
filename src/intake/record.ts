// Owns what is written after a fetch or a scan: report, pins, mismatches, and verdicts that changed. May import ports, policy, pypi.
// Start at recordScan.

import type { ReadAgain } from '../judge/compare-on-scan.ts';
import { isWorse, reportWorsened, type VerdictChange } from '../judge/worsened.ts';
import { describeMetadataMismatch, findMetadataDigest } from '../policy/metadata-digest.ts';
import { isRefusal, type Verdict } from '../policy/verdict.ts';
import type { EventDraft, FileChange, StoredFile } from '../ports/decision-store.ts';
import type { ScanOutcome } from '../ports/scanner.ts';
import type { Sha256 } from '../pypi/model.ts';
import type { IntakeDeps } from './deps.ts';
import type { Rejected } from './fetch-file.ts';

/** records looked through for whether a file was served */
const MAX_RECORDS = 1_000;

/** files of the other kind in one release that are compared again */
const MAX_COUNTERPARTS = 20;

type RecordDeps = Pick<IntakeDeps, 'store' | 'index' | 'judge' | 'notifier' | 'clock' | 'log' | 'compare' | 'scanner'>;

function describe(row: StoredFile): Pick<EventDraft, 'actor' | 'project' | 'filename' | 'sha256'> {
  return {
    actor: 'cordon',
    project: row.project,
    filename: row.file.filename,
    ...(row.sha256 === undefined ? {} : { sha256: row.sha256 }),
  };
}

async function change(row: StoredFile, fields: FileChange, events: readonly EventDraft[], deps: RecordDeps) {
  await deps.store.files.updateFile(row.key, fields, events);
  deps.index.forget(row.upstream, row.project, row.key);
  return (await deps.store.files.findByKey(row.key)) ?? row;
}

/** Where the index announces no sha256, the first bytes that came are the file from now on. */
export async function pinDigest(row: StoredFile, sha256: Sha256, deps: RecordDeps): Promise<StoredFile> {
  if (row.sha256 !== undefined) return row;
  return change(row, { sha256 }, [{ ...describe(row), kind: 'digest-pinned', sha256 }], deps);
}

/** The index and its file server disagree, or the bytes behind a pinned file changed: an event, a notice, and a mark for the judge. */
export async function recordRejection(row: StoredFile, rejected: Rejected, deps: RecordDeps): Promise<void> {
  const at = deps.clock.now();
  const { against, detail } = rejected;
  const isPinned = against === 'pinned';
  const kind = isPinned ? 'release-mutated' : 'digest-mismatch';
  const fields: FileChange = isPinned
    ? { changed: `the bytes behind it changed: ${detail}` }
    : { mismatch: { kind: 'digest', detail, at } };
  await change(row, fields, [{ ...describe(row), kind, reason: detail }], deps);
  const title = isPinned
    ? 'The bytes of a file changed after it was fetched'
    : 'The bytes of a file are not what its index announces';
  const { project, file } = row;
  await deps.notifier.notify({ kind, at, title, fields: { project, filename: file.filename, detail } });
}

/** The metadata that resolvers read must be the wheel's own; an sdist announces none that is binding. */
function findMetadataMismatch(row: StoredFile, own: string | undefined): string | undefined {
  const announced = findMetadataDigest(row);
  const isSame = announced === undefined || own === undefined || announced === own;
  return isSame || !/\.whl$/i.test(row.file.filename) ? undefined : describeMetadataMismatch(announced, own);
}

function isSame(before: Verdict, after: Verdict): boolean {
  return before.kind === after.kind && before.reason === after.reason;
}

const toText = (verdict: Verdict): string => `${verdict.kind}: ${verdict.reason}`;

/** Tells of a verdict that is another one now; one that got worse goes to a person, with everybody who has the file. */
async function tellVerdict(file: StoredFile, before: Verdict, after: Verdict, deps: RecordDeps): Promise<void> {
  if (isSame(before, after) || (before.kind === 'needs-scan' && !isRefusal(after))) return;
  if (isWorse(before, after)) {
    await reportWorsened([{ file, before, after }], 'rescan', deps);
    return;
  }
  const verdicts = { before: { verdict: toText(before) }, after: { verdict: toText(after) } };
  await deps.store.events.append([{ ...describe(file), kind: 'verdict-changed', reason: after.detail, ...verdicts }]);
  const { project, sha256 } = file;
  const fields = { project, filename: file.file.filename, sha256, verdict: after.kind, reason: after.reason };
  deps.log.info(fields, 'a verdict changed');
}

async function wasServed(row: StoredFile, deps: RecordDeps): Promise<boolean> {
  if (row.sha256 === undefined) return false;
  const records = await deps.store.access.findBySha256(row.sha256, MAX_RECORDS);
  return records.some((record) => record.outcome === 'served' && record.filename === row.file.filename);
}

/** A bad file takes the rest of its release with it: clients that got a sibling must hear of it. */
async function tellSiblings(row: StoredFile, deps: RecordDeps): Promise<void> {
  const release = await deps.store.files.findRelease(row, deps.scanner.ruleset);
  const changes: VerdictChange[] = [];
  for (const { file, report } of release.files) {
    if (file.key === row.key || report === undefined || !(await wasServed(file, deps))) continue;
    const { verdict } = await deps.judge.judgeFile(file);
    if (verdict.kind !== 'quarantine' || verdict.reason !== 'sibling-refused') continue;
    const before: Verdict = { kind: 'allow', reason: 'clean', detail: 'no file of its release was refused' };
    changes.push({ file, before, after: verdict });
  }
  await reportWorsened(changes, 'rescan', deps);
}

const isBuilt = ({ file }: StoredFile): boolean => /\.(?:whl|egg)$/iu.test(file.filename);

/**
 * A wheel that was scanned before its sdist was compared with nothing, and the other way round: they are compared now, so
 * that the order in which files are asked for hides nothing.
 */
async function compareCounterparts(row: StoredFile, deps: RecordDeps, readAgain: ReadAgain): Promise<void> {
  if (deps.compare === undefined) return;
  const release = await deps.store.files.findRelease(row, deps.scanner.ruleset);
  const waiting = release.files.filter(
    ({ file, report }) =>
      report?.ruleset === deps.scanner.ruleset &&
      isBuilt(file) !== isBuilt(row) &&
      file.comparison !== undefined &&
      !file.comparison.baselines.some(({ sha256 }) => sha256 === row.sha256),
  );
  for (const { file } of waiting.slice(0, MAX_COUNTERPARTS)) {
    const report =
      file.sha256 === undefined ? undefined : await deps.store.reports.findReport(file.sha256, file.file.filename);
    if (report === undefined) continue;
    const before = (await deps.judge.judgeFile(file)).verdict;
    const compared = await deps.compare(file, report, readAgain);
    if (compared === undefined) continue;
    const current = await change(file, compared, [], deps);
    await tellVerdict(current, before, (await deps.judge.judgeFile(current)).verdict, deps);
  }
}

/**
 * Writes a report with its event, what follows from it for the row, and every verdict that it changed.
 *
 * @returns the row as it is now
 */
export async function recordScan(
  row: StoredFile,
  outcome: ScanOutcome,
  deps: RecordDeps,
  readAgain: ReadAgain,
): Promise<StoredFile> {
  const { report } = outcome;
  const before = (await deps.judge.judgeFile(row)).verdict;
  const scanned: EventDraft = {
    ...describe(row),
    sha256: report.sha256,
    kind: 'file-scanned',
    after: {
      ruleset: report.ruleset,
      score: report.score,
      findings: report.findings.length,
      ...(report.unscannable === undefined ? {} : { unscannable: report.unscannable.message }),
    },
  };
  // the report is what lets the file through: whatever speaks against it is on the row before
  let current = row;
  // metadata may have been sent, and its digest noted, while the wheel was fetched and scanned
  const noted = (await deps.store.files.findByKey(row.key)) ?? row;
  const detail = row.mismatch === undefined ? findMetadataMismatch(noted, report.coreMetadataSha256) : undefined;
  if (detail !== undefined) {
    const mismatch = { kind: 'metadata' as const, detail, at: deps.clock.now() };
    const event = { ...describe(row), kind: 'metadata-mismatch', reason: detail };
    current = await change(current, { mismatch }, [event], deps);
  }
  const compared = await deps.compare?.(current, report, readAgain);
  if (compared !== undefined) current = await change(current, compared, [], deps);
  await deps.store.reports.saveReport(report, deps.clock.now(), outcome.coreMetadata, [scanned]);
  const after = (await deps.judge.judgeFile(current)).verdict;
  await tellVerdict(current, before, after, deps);
  if (after.kind === 'refuse' && !isSame(before, after)) await tellSiblings(current, deps);
  await compareCounterparts(current, deps, readAgain);
  return current;
}
