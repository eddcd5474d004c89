#!/usr/bin/env node
// Owns the `cordon` command: puts the commands together and turns failures into exit codes. May import commands alone.
// Start at the list of commands. Exit codes: 0 done or yes, 1 a negative answer, 2 an error or a wrong call.
import { Command, CommanderError } from 'commander';
import { addAllowCommand, addDenyCommand } from './commands/allow.ts';
import type { CommandContext } from './commands/command.ts';
import { addConfigCommand } from './commands/config.ts';
import { addExplainCommand } from './commands/explain.ts';
import { addListCommand, addRemoveCommand } from './commands/list.ts';
import { addLockCommand } from './commands/lock.ts';
import { addFeedCommand, addGcCommand, addVerifyCommand } from './commands/maintain.ts';
import { addServeCommand } from './commands/serve.ts';
import { addStatusCommand } from './commands/status.ts';
import { openTerminal, show } from './commands/terminal.ts';
import { addWhoCommand } from './commands/who.ts';
import { isNoColor } from './config.ts';
import { CordonError } from './errors.ts';
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

const context: CommandContext = {
  terminal,
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
  addAllowCommand,
  addDenyCommand,
  addRemoveCommand,
  addListCommand,
  addExplainCommand,
  addWhoCommand,
  addStatusCommand,
  addVerifyCommand,
  addGcCommand,
  addLockCommand,
  addConfigCommand,
  addFeedCommand,
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
