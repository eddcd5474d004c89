// `cordon lock rewrite`: lock files from pypi.org's URLs to Cordon's, or back.
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { publicUrlOf } from '../config.ts';
import { CordonError } from '../errors.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, readConfig } from './command.ts';
import { rewriteLock } from './lock-urls.ts';
import { show } from './terminal.ts';

interface LockOptions extends CommonOptions {
  readonly toPypi?: boolean;
  readonly publicUrl?: string;
  readonly check?: boolean;
}

export function addLockCommand(program: Command, context: CommandContext): void {
  const lock = program.command('lock').description('lock files');
  addCommonOptions(
    lock.command('rewrite').argument('<files...>', 'uv.lock, pylock.toml, requirements.txt, poetry.lock, …'),
  )
    .description('rewrite the URLs of lock files so that installers fetch through Cordon')
    .option('--to-pypi', 'the other way: to the URLs of pypi.org, for sharing')
    .option('--public-url <url>', "Cordon's URL as clients see it (publicUrl)")
    .option('--check', 'change nothing; exit 1 when a file would change')
    .action((files: readonly string[], options: LockOptions) =>
      context.run(async () => {
        const publicUrl = publicUrlOf(readConfig(options, [['publicUrl', options.publicUrl]]));
        const results = [];
        for (const file of files) {
          let text: string;
          try {
            text = await readFile(file, 'utf8');
          } catch (error) {
            throw new CordonError('NOT_FOUND', `cannot read ${show(file)}`, { cause: error });
          }
          const rewritten = rewriteLock(text, options.toPypi === true ? 'to-pypi' : 'to-cordon', publicUrl);
          if (options.check !== true && rewritten.changed > 0) await writeFile(file, rewritten.text);
          results.push({ file, changed: rewritten.changed, files: rewritten.files });
        }
        for (const result of results) {
          if (options.json === true) context.terminal.printJson(result);
          else
            context.terminal.print(
              `${show(result.file)}: ${String(result.changed)} URLs${options.check === true ? ' would change' : ' changed'}`,
            );
        }
        return options.check === true && results.some((result) => result.changed > 0) ? 1 : 0;
      }),
    );
}
