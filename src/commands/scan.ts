// `cordon scan`: scans local files as the gate would and says what came of each; needs no server and no data folder.
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { CordonError } from '../errors.ts';
import { type FileResult, linesOf, nulEndedOf, runScan, ScanTally, toScanLine } from '../scan/scan-files.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, readConfig } from './command.ts';
import { printFinding } from './explain.ts';
import { show, showDuration, type Terminal } from './terminal.ts';

interface ScanOptions extends CommonOptions {
  readonly filesFrom?: string;
  readonly jobs?: string;
  readonly null?: boolean;
}

function printResult(result: FileResult, terminal: Terminal): void {
  const { colors } = terminal;
  if (result.kind === 'failed') {
    terminal.print(`${colors.magenta('failed')}      ${show(result.file)}: ${show(result.message)}`);
    return;
  }
  const { verdict, report } = result;
  const score = report.score.toFixed(1).padStart(5);
  switch (verdict.kind) {
    case 'allow':
      terminal.print(`${colors.green('allow')}       ${score}  ${show(result.file)}`);
      return;
    case 'quarantine':
      terminal.print(`${colors.yellow('quarantine')}  ${score}  ${show(result.file)}  (${verdict.reason})`);
      break;
    case 'refuse':
      terminal.print(`${colors.red('refuse')}      ${score}  ${show(result.file)}  (${verdict.reason})`);
      break;
  }
  if (report.unscannable !== undefined) terminal.print(`    unscannable: ${show(report.unscannable.message)}`);
  for (const finding of report.findings.filter((each) => each.class !== 'note')) printFinding(finding, terminal);
}

interface Printer {
  readonly print: (result: FileResult) => void;
  /** results so far */
  readonly total: () => number;
}

/** Prints a result as it comes, and keeps one line of progress on a terminal. */
function createPrinter(options: ScanOptions, terminal: Terminal): Printer {
  const tally = new ScanTally();
  const startedAt = performance.now();
  const print = (result: FileResult): void => {
    tally.add(result);
    if (options.json !== true) printResult(result, terminal);
    else if (result.kind === 'scanned') terminal.printJson(toScanLine(result));
    else terminal.printJsonError({ file: result.file, error: { message: result.message } });
    const { allowed, quarantined, refused, failed } = tally;
    const elapsed = showDuration(performance.now() - startedAt);
    terminal.progress(
      `${String(tally.total)} files in ${elapsed}: ${String(allowed)} allowed, ${String(quarantined)} quarantined, ${String(refused)} refused, ${String(failed)} failed`,
    );
  };
  return { print, total: () => tally.total };
}

function namesOf(paths: readonly string[], options: ScanOptions): Iterable<string> | AsyncIterable<string> {
  if (options.filesFrom === undefined) return paths;
  return options.null === true ? nulEndedOf(process.stdin) : linesOf(process.stdin);
}

async function scan(paths: readonly string[], options: ScanOptions, { terminal }: CommandContext): Promise<0 | 1 | 2> {
  if (paths.length === 0 && options.filesFrom === undefined) {
    throw new CordonError('BAD_REQUEST', 'name files or folders, or --files-from -');
  }
  if (paths.length > 0 && options.filesFrom !== undefined) {
    throw new CordonError('BAD_REQUEST', 'name files or --files-from -, not both');
  }
  if (options.filesFrom !== undefined && options.filesFrom !== '-') {
    throw new CordonError('BAD_REQUEST', '--files-from reads standard input: write --files-from -');
  }
  const jobs = options.jobs === undefined ? availableParallelism() : Number(options.jobs);
  if (!Number.isSafeInteger(jobs) || jobs < 1) throw new CordonError('BAD_REQUEST', '--jobs must be a whole number');
  const config = readConfig(options, [['scan.children', String(jobs)]]);
  const { openScanner } = await import('../main-scanner.ts');
  const scanner = openScanner(config);
  const printer = createPrinter(options, terminal);
  try {
    const exitCode = await runScan(
      {
        paths: namesOf(paths, options),
        thresholds: config.thresholds,
        concurrency: jobs + 1,
      },
      { scanner, onResult: printer.print },
    );
    if (printer.total() === 0)
      throw new CordonError('BAD_REQUEST', 'there is no distribution file among what was named');
    return exitCode;
  } finally {
    terminal.progress('');
    await scanner.close();
  }
}

export function addScanCommand(program: Command, context: CommandContext): void {
  addCommonOptions(program.command('scan').argument('[paths...]', 'distribution files, or folders that hold them'))
    .description('scan files; exits 0 when all are allowed, 1 when some are not, 2 when some could not be judged')
    .option('--files-from <source>', 'read paths, one a line, from standard input: --files-from -')
    .option('-0, --null', 'the paths of --files-from end with NUL, as find -print0 writes them')
    .option('--jobs <count>', 'files at once (default: all cores)')
    .action((paths: readonly string[], options: ScanOptions) => context.run(() => scan(paths, options, context)));
}
