// Owns the measuring of detection: scans corpora through the scanner, computes figures, compares with an earlier run.
// May import scan (files, GuardDog), policy's reading of a report, ports. Start at runEvaluation.
import { readFile, writeFile } from 'node:fs/promises';
import { CordonError } from '../errors.ts';
import type { Thresholds } from '../policy/report-verdict.ts';
import type { Scanner } from '../ports/scanner.ts';
import { hasGuarddog, scoreByGuarddog } from '../scan/guarddog.ts';
import { scanLocalFile } from '../scan/scan-files.ts';
import { type Comparison, compareOutcomes } from './compare.ts';
import { readBenign, readMalicious, type Sample } from './corpus.ts';
import { type Evaluation, type Judged, measure } from './measure.ts';
import { type Outcome, toOutcome, withoutSample } from './outcome.ts';
import { showEvaluation } from './show.ts';

export interface EvaluateOptions {
  readonly malicious?: string;
  readonly benign?: string;
  /** table of the benign corpus: filename, kind, why */
  readonly benignList?: string;
  /** command to compare with; undefined: none */
  readonly guarddog?: string;
  /** where the outcomes go */
  readonly json?: string;
  /** outcomes of an earlier run */
  readonly diff?: string;
  /** nothing of a sample is printed or written: no name, no place, no line of code */
  readonly isScoresOnly: boolean;
  readonly thresholds: Thresholds;
  readonly concurrency: number;
}

export interface EvaluateIo {
  readonly scanner: Scanner;
  print(line: string): void;
  progress(line: string): void;
}

/** What `--json` writes and `--diff` reads. */
export interface EvaluationFile {
  readonly schema: 1;
  readonly ruleset: string;
  readonly thresholds: Thresholds;
  readonly evaluation: Evaluation;
  readonly outcomes: readonly Outcome[];
}

/** Evaluates corpora and prints what came of it. @returns exit code: 0, or 2 when samples have no verdict */
export async function runEvaluation(options: EvaluateOptions, io: EvaluateIo): Promise<0 | 2> {
  const samples: readonly Sample[] = [
    ...(options.malicious === undefined ? [] : await readMalicious(options.malicious)),
    ...(options.benign === undefined ? [] : await readBenign(options.benign, options.benignList)),
  ];
  if (samples.length === 0) {
    throw new CordonError(
      'CONFIG_INVALID',
      'there is nothing to evaluate: give --malicious or --benign a folder of archives',
    );
  }
  const { isScoresOnly } = options;
  // read first: a file that is not there should not cost an hour of scanning
  const written = options.diff === undefined ? undefined : await readEarlier(options.diff);
  const earlier = written !== undefined && isScoresOnly ? withoutSamples(written) : written;
  const startedAt = performance.now();
  const judged = await judgeSamples(samples, options, io);
  const compared = options.guarddog === undefined ? judged : await askGuarddog(judged, options.guarddog, written, io);
  io.progress('');
  const evaluation = measure(compared);
  const outcomes = compared.map(({ outcome }) => (isScoresOnly ? withoutSample(outcome) : outcome));
  const comparison: Comparison | undefined =
    earlier === undefined ? undefined : compareOutcomes(earlier.outcomes, outcomes);
  for (const line of showEvaluation(evaluation, compared, { comparison, isScoresOnly })) {
    io.print(line);
  }
  io.print(`${String(samples.length)} files in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  if (options.json !== undefined) {
    const { thresholds } = options;
    const file: EvaluationFile = { schema: 1, ruleset: io.scanner.ruleset, thresholds, evaluation, outcomes };
    await writeFile(options.json, `${JSON.stringify(file, undefined, 1)}\n`);
  }
  return outcomes.some(({ verdict }) => verdict === 'failed') ? 2 : 0;
}

async function readEarlier(path: string): Promise<EvaluationFile> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new CordonError('CONFIG_INVALID', `${path} cannot be read: give a file that --json wrote`, { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || !('schema' in parsed) || parsed.schema !== 1) {
    throw new CordonError(
      'CONFIG_INVALID',
      `${path} is not an evaluation of this version: give a file that --json wrote`,
    );
  }
  return parsed as EvaluationFile; // written by this very module, for this very purpose
}

/** An earlier run in the names of one that shows scores alone; it may have been one itself. */
function withoutSamples(file: EvaluationFile): EvaluationFile {
  const isNamed = file.outcomes.some(({ name }) => !/^[0-9a-f]{64}$/u.test(name));
  return isNamed ? { ...file, outcomes: file.outcomes.map(withoutSample) } : file;
}

/** Runs a task for each item, several at once; results in the order of the items. */
async function mapConcurrently<T, R>(
  items: readonly T[],
  concurrency: number,
  task: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await task(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return results;
}

function judgeSamples(
  samples: readonly Sample[],
  options: EvaluateOptions,
  io: EvaluateIo,
): Promise<readonly Judged[]> {
  let done = 0;
  return mapConcurrently(samples, options.concurrency, async (sample) => {
    const result = await scanLocalFile(sample.path, options.thresholds, io.scanner);
    done += 1;
    io.progress(`${String(done)} of ${String(samples.length)} scanned`);
    return { sample, outcome: toOutcome(sample, result, options.thresholds) };
  });
}

/** Adds GuardDog's scores; those of an earlier run are taken over, because neither the files nor its rules change. */
async function askGuarddog(
  judged: readonly Judged[],
  command: string,
  earlier: EvaluationFile | undefined,
  io: EvaluateIo,
): Promise<readonly Judged[]> {
  if (!(await hasGuarddog(command))) {
    throw new CordonError('CONFIG_INVALID', `${command} cannot be run: install GuardDog, or leave --against away`);
  }
  const known = new Map(earlier?.outcomes.map(({ kind, name, guarddog }) => [`${kind}:${name}`, guarddog]));
  let done = 0;
  return mapConcurrently(judged, 2, async ({ sample, outcome }) => {
    const score = known.get(`${sample.kind}:${sample.name}`) ?? (await scoreByGuarddog(command, sample.path));
    done += 1;
    io.progress(`${String(done)} of ${String(judged.length)} given to GuardDog`);
    return { sample, outcome: { ...outcome, ...(score === undefined ? {} : { guarddog: score }) } };
  });
}
