// `cordon evaluate`: scans corpora of malicious and benign files and measures what is caught and what is a false alarm.
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { CordonError } from '../errors.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, readConfig } from './command.ts';

interface EvaluateCommandOptions extends Omit<CommonOptions, 'json'> {
  readonly malicious?: string;
  readonly benign?: string;
  readonly benignList?: string;
  readonly against?: string;
  readonly guarddog: string;
  readonly json?: string;
  readonly diff?: string;
  readonly scoresOnly?: boolean;
}

export function addEvaluateCommand(program: Command, context: CommandContext): void {
  const { terminal } = context;
  addCommonOptions(program.command('evaluate'), { hasJson: false })
    .description('measure detection over corpora; exits 2 when a sample could not be judged')
    .option('--malicious <folder>', 'archives that must be caught; index.tsv names path, family, date and part')
    .option('--benign <folder>', 'archives that must not be')
    .option('--benign-list <file>', 'table of the benign archives: filename, kind, why')
    .option('--against <tool>', 'compare with another scanner: guarddog')
    .option('--guarddog <command>', 'the command of that scanner', 'guarddog')
    .option('--json <file>', 'write figures and outcomes')
    .option('--diff <file>', 'say what was won and lost since that run of --json')
    .option('--scores-only', 'figures alone: no name and nothing of a sample, printed or written (for a hold-out)')
    .action((options: EvaluateCommandOptions) =>
      context.run(async () => {
        if (options.against !== undefined && options.against !== 'guarddog') {
          throw new CordonError('BAD_REQUEST', '--against knows guarddog');
        }
        const { malicious, benign, benignList, json, diff } = options;
        const given = Object.entries({ malicious, benign, benignList, json, diff }).filter(
          (pair): pair is [string, string] => pair[1] !== undefined,
        );
        const isScoresOnly = options.scoresOnly === true;
        const read = readConfig({ ...options, json: false });
        // warnings name files
        const config = isScoresOnly ? { ...read, log: { ...read.log, level: 'error' as const } } : read;
        const { runEvaluation } = await import('../evaluate/evaluate.ts');
        const { openScanner } = await import('../main-scanner.ts');
        const scanner = openScanner(config);
        try {
          return await runEvaluation(
            {
              ...Object.fromEntries(given),
              ...(options.against === undefined ? {} : { guarddog: options.guarddog }),
              isScoresOnly,
              thresholds: config.thresholds,
              concurrency: availableParallelism() + 1,
            },
            { scanner, print: terminal.print, progress: terminal.progress },
          );
        } finally {
          await scanner.close();
        }
      }),
    );
}
