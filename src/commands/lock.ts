// `cordon lock rewrite`: lock files from pypi.org's URLs to Cordon's, or back.
import { isUtf8 } from 'node:buffer';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import { publicUrlOf } from '../config.ts';
import { CordonError } from '../errors.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, readConfig } from './command.ts';
import { findPoetryDetours, type LockRewrite, rewriteLock } from './lock-urls.ts';
import { show } from './terminal.ts';

interface LockOptions extends CommonOptions {
  readonly toPypi?: boolean;
  readonly publicUrl?: string;
  readonly check?: boolean;
}

async function readLock(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new CordonError('NOT_FOUND', `cannot read ${show(file)}; no file was changed`, { cause: error });
  }
  if (!isUtf8(bytes)) throw new CordonError('BAD_REQUEST', `${show(file)} is not UTF-8; no file was changed`);
  return bytes.toString('utf8');
}

/** What the project beside a poetry.lock sends past Cordon; empty for other locks, and where there is no project. */
async function findDetours(file: string, publicUrl: string): Promise<readonly string[]> {
  if (basename(file) !== 'poetry.lock') return [];
  try {
    return findPoetryDetours(await readFile(join(dirname(file), 'pyproject.toml'), 'utf8'), publicUrl);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new CordonError('BAD_REQUEST', `cannot read the pyproject.toml beside ${show(file)}`, { cause: error });
  }
}

/** Poetry, PDM and requirements without URLs leave the index to their settings. */
function whereIndexIs(file: string): string {
  const isProject = /^(?:poetry|pdm)\.lock$/.test(basename(file));
  return `set that ${isProject ? 'in pyproject.toml' : 'for the installer'}, see docs/quick-start.md`;
}

interface Result {
  readonly file: string;
  readonly rewrite: LockRewrite;
  readonly detours: readonly string[];
}

function describeChange({ file, rewrite, detours }: Result, isCheck: boolean): readonly string[] {
  const { text, changed, elsewhere } = rewrite;
  const counted = `${String(changed)} ${changed === 1 ? 'URL' : 'URLs'} ${isCheck ? 'would change' : 'changed'}`;
  const hasNone = changed === 0 && !/https?:\/\//.test(text);
  return [
    `${show(file)}: ${counted}${hasNone ? ` (it names no index: ${whereIndexIs(file)})` : ''}`,
    ...elsewhere.map((url) => `  past Cordon: ${show(url)}`),
    ...detours.map((url) => `  past Cordon: ${show(url)} (a source of Poetry: see pyproject.toml)`),
  ];
}

async function rewriteFiles(
  files: readonly string[],
  direction: 'to-cordon' | 'to-pypi',
  publicUrl: string,
): Promise<readonly Result[]> {
  return Promise.all(
    files.map(async (file) => ({
      file,
      rewrite: rewriteLock(await readLock(file), direction, publicUrl),
      detours: direction === 'to-cordon' ? await findDetours(file, publicUrl) : [],
    })),
  );
}

export function addLockCommand(program: Command, context: CommandContext): void {
  const lock = program.command('lock').description('lock files');
  addCommonOptions(
    lock.command('rewrite').argument('<files...>', 'uv.lock, pylock.toml, requirements.txt, poetry.lock, …'),
  )
    .description('rewrite the URLs of lock files so that installers fetch through Cordon')
    .option('--to-pypi', 'the other way: to the URLs of pypi.org, for sharing')
    .option('--public-url <url>', "Cordon's URL as clients see it (publicUrl)")
    .option('--check', 'change nothing; exit 1 when something goes past Cordon')
    .action((files: readonly string[], options: LockOptions) =>
      context.run(async () => {
        const publicUrl = publicUrlOf(readConfig(options, [['publicUrl', options.publicUrl]]));
        const direction = options.toPypi === true ? 'to-pypi' : 'to-cordon';
        // all are read before the first is written: a wrong name changes nothing
        const results = await rewriteFiles(files, direction, publicUrl);
        const isCheck = options.check === true;
        for (const result of results) {
          const { changed, files: count, elsewhere, text } = result.rewrite;
          if (!isCheck && changed > 0) await writeFile(result.file, text);
          const past = [...elsewhere, ...result.detours];
          if (options.json === true) {
            context.terminal.printJson({ file: result.file, changed, files: count, elsewhere: past });
          } else for (const line of describeChange(result, isCheck)) context.terminal.print(line);
        }
        const isPast = ({ rewrite, detours }: Result) =>
          rewrite.changed > 0 || rewrite.elsewhere.length > 0 || detours.length > 0;
        return isCheck && results.some(isPast) ? 1 : 0;
      }),
    );
}
