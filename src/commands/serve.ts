// `cordon serve`: runs the proxy until it is told to stop.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { publicUrlOf } from '../config.ts';
import { layBanner } from './banner.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, readConfig } from './command.ts';

interface ServeOptions extends CommonOptions {
  readonly host?: string;
  readonly port?: string;
  readonly publicUrl?: string;
  readonly mode?: string;
  readonly logLevel?: string;
}

/** Settles at the first SIGINT or SIGTERM; a second one ends the process at once. */
function untilToldToStop(): Promise<string> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (isStopping) process.exit(130);
        isStopping = true;
        resolve(signal);
      });
    }
  });
}

export function addServeCommand(program: Command, context: CommandContext): void {
  addCommonOptions(program.command('serve'))
    .description('run the proxy')
    .option('--host <address>', 'address to listen on (listen.host)')
    .option('--port <number>', 'port to listen on (listen.port)')
    .option('--public-url <url>', 'URL under which clients reach it (publicUrl)')
    .option('--mode <mode>', 'enforce or monitor (mode)')
    .option('--log-level <level>', 'debug, info, warn or error (log.level)')
    .action((options: ServeOptions) =>
      context.run(async () => {
        const flags = [
          ['listen.host', options.host],
          ['listen.port', options.port],
          ['publicUrl', options.publicUrl],
          ['mode', options.mode],
          ['log.level', options.logLevel],
        ] as const;
        const config = readConfig(options, flags, { secrets: true });
        const told = untilToldToStop();
        const { startServer } = await import('../main.ts');
        const server = await startServer(config);
        const facts = {
          publicUrl: publicUrlOf({ ...config, listen: { ...config.listen, port: server.port } }),
          dataFolder: config.dataFolder,
          policyFile: config.policyFile,
          hasPolicyFile: existsSync(config.policyFile),
          configFile: config.configFile,
          mode: server.mode,
          configuredMode: config.mode,
          version: server.version,
        };
        if (options.json === true) context.terminal.printJson(facts);
        else for (const line of layBanner(facts)) context.terminal.print(line);
        await told;
        await server.close();
        return 0;
      }),
    );
}
