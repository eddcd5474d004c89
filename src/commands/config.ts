// `cordon config check` and `cordon config token`: the settings as they would be used, and a new admin token.
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { maskSecrets } from '../config.ts';
import { CordonError } from '../errors.ts';
import { parsePolicyFile } from '../policy/parse-policy-file.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, readConfig } from './command.ts';

/** What is wrong with a policy file; undefined: nothing, or there is none. */
async function findPolicyProblem(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CordonError('CONFIG_INVALID', `cannot read the policy file ${path}`, { cause: error });
  }
  const parsed = parsePolicyFile(text, 0);
  if (parsed.kind === 'ok') return undefined;
  return parsed.problems.map(({ line, message }) => `${path}:${String(line)}: ${message}`).join('\n');
}

export function addConfigCommand(program: Command, context: CommandContext): void {
  const config = program.command('config').description('settings');
  addCommonOptions(config.command('check'))
    .description(
      'read the settings and the policy file as the server would; prints the settings, without secrets; exits 2 when something is wrong',
    )
    .action((options: CommonOptions) =>
      context.run(async () => {
        const config = readConfig(options, [], { secrets: true });
        const problem = await findPolicyProblem(config.policyFile);
        if (problem !== undefined) throw new CordonError('CONFIG_INVALID', problem);
        const settings = maskSecrets(config);
        if (options.json === true) context.terminal.printJson(settings);
        else context.terminal.print(stringify(settings).trimEnd());
        return 0;
      }),
    );
  config
    .command('token')
    .argument('<name>', 'who will use it, for the event log')
    .option('--json', 'answer with JSON')
    .description('make an admin token; its digest goes into the settings, the token to whoever uses it')
    .action((name: string, options: { readonly json?: boolean }) =>
      context.run(async () => {
        const token = `cordon-${randomBytes(24).toString('base64url')}`;
        const sha256 = createHash('sha256').update(token).digest('hex');
        if (options.json === true) {
          context.terminal.printJson({ name, token, sha256 });
          return 0;
        }
        context.terminal.print(`token (shown once):  ${token}`);
        context.terminal.print('settings:');
        context.terminal.print(stringify({ admin: { tokens: [{ name, sha256 }] } }).trimEnd());
        return 0;
      }),
    );
}
