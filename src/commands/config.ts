// `cordon config check` and `cordon config token`: the settings as they would be used, and a new admin token.
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { configFailure, inspectConfig, maskSecrets } from '../config.ts';
import { CordonError } from '../errors.ts';
import { parsePolicyFile } from '../policy/parse-policy-file.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, configInput } from './command.ts';

/** What is wrong with a policy file; nothing where there is none. */
async function findPolicyProblems(path: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'no code';
    return code === 'ENOENT' ? [] : [`cannot read the policy file ${path} (${code})`];
  }
  const parsed = parsePolicyFile(text, 0);
  if (parsed.kind === 'ok') return [];
  return parsed.problems.map(({ line, message }) => `${path}:${String(line)}: ${message}`);
}

export function addConfigCommand(program: Command, context: CommandContext): void {
  const config = program.command('config').description('settings');
  addCommonOptions(config.command('check'))
    .description(
      'read the settings, the files that they name and the policy file as the server would; prints the settings, without secrets; exits 2 when something is wrong, and names all of it',
    )
    .action((options: CommonOptions) =>
      context.run(async () => {
        const { config, problems, policyFile } = inspectConfig(configInput(options, [], { secrets: true }));
        const { findStartProblems } = await import('../main-check.ts');
        const all = [
          ...problems,
          ...(config === undefined ? [] : await findStartProblems(config)),
          ...(policyFile === undefined ? [] : await findPolicyProblems(policyFile)),
        ];
        if (config === undefined || all.length > 0) throw configFailure(all);
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
        if (name.trim() === '') throw new CordonError('BAD_REQUEST', 'the name is empty: say who will use the token');
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
