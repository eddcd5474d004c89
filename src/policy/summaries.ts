// Owns what two summaries are asked alike: new sinks, names for messages, kinds of files. Pure. Used by the comparisons.
import type { ReleaseSummary, ScanReport } from '../analysis/report/scan-report.ts';
import type { StoredFile } from './facts.ts';
import { parseUploadTime } from './upload-time.ts';

/** A file of a release with its report. */
export interface ReleaseView {
  readonly file: StoredFile;
  readonly report: ScanReport;
}

/** By when the new code runs; code that waits to be called is no news. */
const SINK_SCORES: Readonly<Record<string, number>> = { 'start-up': 3, install: 3, import: 2 };
/** What takes a file over or sends something away; the rest every program does. */
const STRONG_SINKS = new Set([
  'exec',
  'process',
  'network',
  'dns',
  'native',
  'registry',
  'clipboard-write',
  'listener',
  'persist',
  'install-package',
]);
const MAX_NAMED = 3;

/** `context:sink` pairs of strong sinks that run unasked and that only `after` reaches. */
export function findNewSinks(after: ReleaseSummary, before: ReleaseSummary): readonly string[] {
  const known = new Set(before.sinks);
  return after.sinks.filter(
    (pair) => SINK_SCORES[contextOf(pair)] !== undefined && STRONG_SINKS.has(sinkOf(pair)) && !known.has(pair),
  );
}

/** Points of the strongest of these pairs; 0 without one. */
export function scoreOfSinks(pairs: readonly string[]): number {
  return Math.max(0, ...pairs.map((pair) => SINK_SCORES[contextOf(pair)] ?? 0));
}

/** `import` of `import:network` */
export function contextOf(pair: string): string {
  return pair.slice(0, pair.lastIndexOf(':'));
}

/** `network` of `import:network` */
export function sinkOf(pair: string): string {
  return pair.slice(pair.lastIndexOf(':') + 1);
}

/** A wheel for any platform: it says that it holds no machine code. */
export function isPureWheel({ file }: StoredFile): boolean {
  return /-none-any\.whl$/iu.test(file.filename);
}

/** When a file came into the world, as far as is known (UTC ms). */
export function timeOf(file: StoredFile): number {
  return parseUploadTime(file.file.uploadTime) ?? file.firstSeenAt;
}

/** The first three names, and how many more there are; hostile text. */
export function nameSome(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).map((one) => one.slice(0, 100));
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
