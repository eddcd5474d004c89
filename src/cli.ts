#!/usr/bin/env node
// Owns the `cordon` command: puts the commands together and turns failures into exit codes. May import commands, and main for its rooms.
// Start at the list of commands. Exit codes: 0 done or yes, 1 a negative answer, 2 an error or a wrong call.
import { Command, CommanderError } from 'commander';
import { type AdminClient, adminBySocket, adminByUrl, adminInProcess } from './commands/admin-client.ts';
import { addAllowCommand, addDenyCommand } from './commands/allow.ts';
import { type AdminOptions, type CommandContext, readConfig } from './commands/command.ts';
import { addConfigCommand } from './commands/config.ts';
import { addEvaluateCommand } from './commands/evaluate.ts';
import { addExplainCommand } from './commands/explain.ts';
import { addListCommand, addRemoveCommand } from './commands/list.ts';
import { addLockCommand } from './commands/lock.ts';
import { addFeedCommand, addGcCommand, addVerifyCommand } from './commands/maintain.ts';
import { addScanCommand } from './commands/scan.ts';
import { addServeCommand } from './commands/serve.ts';
import { addFreezeCommand, addModeCommand } from './commands/settings.ts';
import { addStatusCommand } from './commands/status.ts';
import { openTerminal, show } from './commands/terminal.ts';
import { addWhoCommand } from './commands/who.ts';
import { isNoColor, readCliEnvironment } from './config.ts';
import { CordonError } from './errors.ts';
import { controlSocketPath, isControlAlive } from './http/control-server.ts';
import { readVersion } from './version.ts';

const terminal = openTerminal(process.stdout, process.stderr, isNoColor());

/** What a person reads when a command fails. Only a bug shows where in the code it happened. */
function describeFailure(error: unknown): string {
  if (!(error instanceof CordonError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error && causes.length < 4; cause = cause.cause)
    causes.push(cause.message);
  return [error.message, ...causes.map((message) => `  because: ${show(message)}`)].join('\n');
}

/** --url or CORDON_URL, else the running server of the data folder, else the store itself. */
async function openAdmin(options: AdminOptions): Promise<AdminClient> {
  const environment = readCliEnvironment();
  const url = options.url ?? environment.url;
  if (url !== undefined && url !== '') return adminByUrl(url, environment.token);
  const config = readConfig(options);
  const socketPath = controlSocketPath(config.dataFolder);
  if (await isControlAlive(socketPath)) return adminBySocket(socketPath);
  const { openRooms } = await import('./main.ts');
  return adminInProcess(await openRooms(config));
}

const context: CommandContext = {
  terminal,
  openAdmin,
  run: async (action) => {
    try {
      process.exitCode = await action();
    } catch (error) {
      terminal.printError(`cordon: ${describeFailure(error)}`);
      process.exitCode = error instanceof CordonError && error.code === 'NOT_FOUND' ? 1 : 2;
    }
  },
};

const program = new Command('cordon')
  .description('A firewall for PyPI: scans every distribution file before it is served.')
  .version(readVersion())
  .configureHelp({ sortSubcommands: false })
  .addHelpText('after', '\nExit codes: 0 done or yes, 1 a negative answer, 2 an error or a wrong call.')
  .exitOverride();

for (const add of [
  addServeCommand,
  addScanCommand,
  addAllowCommand,
  addDenyCommand,
  addRemoveCommand,
  addListCommand,
  addExplainCommand,
  addWhoCommand,
  addStatusCommand,
  addModeCommand,
  addFreezeCommand,
  addVerifyCommand,
  addGcCommand,
  addLockCommand,
  addConfigCommand,
  addFeedCommand,
  addEvaluateCommand,
]) {
  add(program, context);
}

try {
  await program.parseAsync();
} catch (error) {
  // commander has printed what was wrong with the call, or the help that was asked for.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
