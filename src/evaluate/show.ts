import { asciiOneLine } from '../policy/hostile-text.ts';
import type { Change, Comparison } from './compare.ts';
import type { BenignSample, MaliciousSample } from './corpus.ts';
import type { Evaluation, FalseAlarms, Judged, Recall, Times } from './measure.ts';
import { isCaught, type Outcome } from './outcome.ts';
import { showRate } from './rate.ts';

const MISSED_FAMILIES = 200;
const CHANGES = 60;

export interface ShowOptions {
  /** against an earlier run, if there is one */
  readonly comparison: Comparison | undefined;
  /** figures alone: no sample is named and nothing of it is shown */
  readonly isScoresOnly: boolean;
}

/** An evaluation as lines for a person: figures, each false alarm with its cause, each missed family, what changed. */
export function* showEvaluation(
  evaluation: Evaluation,
  judged: readonly Judged[],
  { comparison, isScoresOnly }: ShowOptions,
): Generator<string> {
  if (evaluation.malicious !== undefined) {
    const { all, byYear, byPart, byLabel, times } = evaluation.malicious;
    yield* showRecall('malware', all);
    const labels = Object.entries(byLabel);
    const groups = [...Object.entries(byYear), ...Object.entries(byPart), ...(labels.length > 1 ? labels : [])];
    for (const [group, recall] of groups) {
      yield `  ${group}: files ${showRate(recall.files)}, families ${showRate(recall.families)}, refused ${showRate(recall.refusedFiles)}`;
    }
    yield showTimes('malware', times);
    if (isScoresOnly) {
      const malicious = judged.filter((one): one is Judged<MaliciousSample> => one.sample.kind === 'malicious');
      yield* showByTechnique('missed', malicious, (outcome) => !isCaught(outcome));
      yield* showByTechnique('caught, not refused', malicious, (outcome) => outcome.verdict === 'quarantine');
    } else yield* showMissed(judged.filter((one): one is Judged<MaliciousSample> => one.sample.kind === 'malicious'));
  }
  if (evaluation.benign !== undefined) {
    yield '';
    yield 'false alarms';
    const { byFormat, byGroup, byWhy, times } = evaluation.benign;
    for (const [group, alarms] of [byFormat, byGroup, byWhy].flatMap((groups) => Object.entries(groups))) {
      yield showAlarms(group, alarms);
    }
    for (const [format, spent] of Object.entries(times)) {
      yield showTimes(format, spent);
    }
    if (!isScoresOnly)
      yield* showFalseAlarms(judged.filter((one): one is Judged<BenignSample> => one.sample.kind === 'benign'));
  }
  yield* showFailed(judged, isScoresOnly);
  if (comparison !== undefined) {
    yield* showComparison(comparison, isScoresOnly);
  }
}

function* showRecall(title: string, recall: Recall): Generator<string> {
  yield title;
  yield `  files caught        ${showRate(recall.files)}`;
  yield `  files refused       ${showRate(recall.refusedFiles)}`;
  yield `  caught by content   ${showRate(recall.filesByContent)}`;
  yield `  families caught     ${showRate(recall.families)}`;
  yield `  families refused    ${showRate(recall.refusedFamilies)}`;
  yield `  families as a whole ${showRate(recall.wholeFamilies)}, mean ${(recall.familyMean * 100).toFixed(1)} %`;
  if (recall.guarddogFiles !== undefined && recall.guarddogFamilies !== undefined) {
    yield `  GuardDog >= 5       files ${showRate(recall.guarddogFiles)}, families ${showRate(recall.guarddogFamilies)}`;
  }
}

function showTimes(title: string, times: Times): string {
  const ms = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0));
  const speed = times.pythonMegabytesPerSecond.toFixed(1);
  return `  ${title}: p50 ${ms(times.p50Ms)} ms, p99 ${ms(times.p99Ms)} ms, most ${ms(times.maxMs)} ms, ${speed} MB of Python a second`;
}

function showAlarms(group: string, alarms: FalseAlarms): string {
  const guarddog = alarms.guarddog === undefined ? '' : `, GuardDog >= 5 ${showRate(alarms.guarddog)}`;
  return `  ${group}: flagged ${showRate(alarms.flagged)}, refused ${showRate(alarms.refused)}${guarddog}`;
}

function describe(outcome: Outcome): string {
  const { top } = outcome;
  const verdict = `${outcome.verdict} ${outcome.score.toFixed(1)}`;
  if (top === undefined) {
    return `${verdict} ${outcome.reason ?? ''}`;
  }
  const where = `${asciiOneLine(top.path)}:${String(top.line)}`;
  return `${verdict} ${top.detector} (${top.class}, ${top.context}, ${String(top.score)}) ${where} ${asciiOneLine(top.message)}`;
}

function* showFalseAlarms(judged: readonly Judged<BenignSample>[]): Generator<string> {
  const flagged = judged.filter(({ outcome }) => isCaught(outcome));
  for (const { sample, outcome } of flagged.toSorted((a, b) => b.outcome.score - a.outcome.score)) {
    yield `  ! ${sample.name} [${sample.why}] ${describe(outcome)}`;
  }
}

/**
 * What a hold-out lacks, by the technique of the finding that weighs most and when it acts: enough to say what is weak,
 * too little to write a rule for one sample.
 */
function* showByTechnique(
  title: string,
  judged: readonly Judged<MaliciousSample>[],
  isWanted: (outcome: Outcome) => boolean,
): Generator<string> {
  const wanted = judged.filter(({ outcome }) => isWanted(outcome));
  yield `  ${title}: ${String(wanted.length)} files`;
  const groups = new Map<string, { files: number; families: Set<string> }>();
  for (const { sample, outcome } of wanted) {
    const { top } = outcome;
    const group = top === undefined ? 'nothing found' : `${top.detector} (${top.class}, ${top.context})`;
    const counted = groups.get(group) ?? { files: 0, families: new Set() };
    counted.files++;
    counted.families.add(sample.family);
    groups.set(group, counted);
  }
  for (const [group, { files, families }] of [...groups].toSorted(([, a], [, b]) => b.files - a.files)) {
    yield `  - ${group}: files ${String(files)}, families ${String(families.size)}`;
  }
}

/** Missed files by family, the largest first; with the finding that came nearest. */
function* showMissed(judged: readonly Judged<MaliciousSample>[]): Generator<string> {
  const missed = new Map<string, Judged<MaliciousSample>[]>();
  const sizes = new Map<string, number>();
  for (const one of judged) {
    const { family } = one.sample;
    sizes.set(family, (sizes.get(family) ?? 0) + 1);
    if (!isCaught(one.outcome)) {
      missed.set(family, [...(missed.get(family) ?? []), one]);
    }
  }
  const families = [...missed].toSorted(([, a], [, b]) => b.length - a.length);
  if (families.length > 0) {
    yield `  missed: ${String(families.length)} families with at least one file`;
  }
  for (const [family, files] of families.slice(0, MISSED_FAMILIES)) {
    const nearest = files.toSorted((a, b) => b.outcome.score - a.outcome.score)[0];
    if (nearest !== undefined) {
      const share = `${String(files.length)} of ${String(sizes.get(family) ?? 0)}`;
      yield `  - ${family} (${share}), e.g. ${nearest.sample.name}: ${describe(nearest.outcome)}`;
    }
  }
}

function* showFailed(judged: readonly Judged[], isScoresOnly: boolean): Generator<string> {
  if (isScoresOnly) {
    const failed = judged.filter(({ outcome }) => outcome.verdict === 'failed');
    if (failed.length > 0) yield `  no verdict: ${String(failed.length)} files`;
    return;
  }
  for (const { sample, outcome } of judged) {
    if (outcome.verdict === 'failed') {
      yield `  no verdict: ${sample.name}: ${outcome.reason ?? ''}`;
    }
  }
}

function* showComparison(comparison: Comparison, isScoresOnly: boolean): Generator<string> {
  yield '';
  yield `against the earlier run: ${String(comparison.won.length)} won, ${String(comparison.lost.length)} lost, ${String(comparison.moved.length)} moved`;
  const groups = isScoresOnly
    ? []
    : ([
        ['won', comparison.won],
        ['lost', comparison.lost],
        ['moved', comparison.moved],
      ] as const);
  for (const [title, changes] of groups) {
    for (const change of changes.slice(0, CHANGES)) {
      yield showChange(title, change);
    }
    if (changes.length > CHANGES) {
      yield `  ${title}: ${String(changes.length - CHANGES)} more`;
    }
  }
  if (comparison.unmatched > 0) {
    yield `  ${String(comparison.unmatched)} samples are in one of the runs only`;
  }
}

function showChange(title: string, change: Change): string {
  const [before, after] = change.detectors;
  return `  ${title}: ${change.name} (${change.kind}) ${change.before} ${before} → ${change.after} ${after}`;
}
