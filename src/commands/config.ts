// `cordon config check` and `cordon config token`: the settings as they would be used, and a new admin token.
import { createHash, randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { maskSecrets } from '../config.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, readConfig } from './command.ts';

export function addConfigCommand(program: Command, context: CommandContext): void {
  const config = program.command('config').description('settings');
  addCommonOptions(config.command('check'))
    .description('read the settings as the server would and print them, without secrets; exits 2 when they are wrong')
    .action((options: CommonOptions) =>
      context.run(async () => {
        const settings = maskSecrets(readConfig(options));
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
